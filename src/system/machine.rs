//! The machine and the program, which every report names as conditions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The program and the machine that it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// The version of sockscope.
    pub sockscope_version: String,
    /// The name of the operating system: `linux`, `macos`.
    pub os: String,
    /// The release of its kernel, see uname(2); missing on Windows.
    pub kernel: Option<String>,
    /// The processor's architecture: `x86_64`, `aarch64`.
    pub architecture: String,
    /// How many threads of this process can run at once.
    pub cores: Option<u64>,
    /// What selectors are built on: epoll, kqueue, IOCP.
    pub mechanism: String,
}

impl Machine {
    pub fn here() -> Self {
        Self {
            sockscope_version: env!("CARGO_PKG_VERSION").into(),
            os: std::env::consts::OS.into(),
            kernel: kernel(),
            architecture: std::env::consts::ARCH.into(),
            cores: cores().map(|cores| cores as u64),
            mechanism: mechanism().into(),
        }
    }
}

/// The kernel's release, such as `6.1.0`; see uname(2).
pub fn kernel() -> Option<String> {
    #[cfg(unix)]
    {
        let name = rustix::system::uname();
        Some(name.release().to_string_lossy().into_owned())
    }
    #[cfg(not(unix))]
    None
}

/// How many threads of this process can run at once.
pub fn cores() -> Option<usize> {
    std::thread::available_parallelism().ok().map(usize::from)
}

/// The load average of the last minute, the first figure of `/proc/loadavg`;
/// see proc(5). Only Linux reports it.
pub fn load_average() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// Whether all of 127.0.0.0/8 can be bound without configuration.
pub const LOOPBACK_IS_A_NETWORK: bool = cfg!(target_os = "linux");

/// What the `polling` crate builds its selector on here.
pub const fn mechanism() -> &'static str {
    if cfg!(polling_test_poll_backend) {
        "poll"
    } else if cfg!(any(target_os = "linux", target_os = "android")) {
        "epoll"
    } else if cfg!(windows) {
        "IOCP"
    } else if cfg!(any(target_os = "solaris", target_os = "illumos")) {
        "event ports"
    } else if cfg!(any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "netbsd",
        target_os = "dragonfly"
    )) {
        "kqueue"
    } else {
        "poll"
    }
}
