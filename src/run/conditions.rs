//! The conditions under which a run took place.

use crate::net::ServerOptions;
use crate::scenario::Plan;
use crate::system::machine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// The conditions under which a run took place. Those that are not known, or do
/// not apply, are missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Conditions {
    /// The version of sockscope.
    pub sockscope_version: String,
    /// The name of the operating system: `linux`, `macos`.
    pub os: String,
    /// The release of its kernel, see uname(2); missing on Windows.
    pub kernel: Option<String>,
    /// The processor's architecture: `x86_64`, `aarch64`.
    pub architecture: String,
    /// How many threads of the process could run at once.
    pub cores: Option<u64>,
    /// What the selector is built on: epoll, kqueue, IOCP; missing without one.
    pub mechanism: Option<String>,
    /// The I/O model; missing if the server is not ours.
    pub mode: Option<String>,
    /// The server's options, defaults filled in, without the address; missing
    /// if the server is not ours.
    pub server: Option<ServerOptions>,
    /// Where the server listened, or which server the clients called.
    pub address: Option<String>,
    /// The scenario's name; missing without one.
    pub scenario: Option<String>,
    /// The scenario's title: a sentence.
    pub scenario_title: Option<String>,
    /// The CRC-32 of the scenario's text; equal texts have equal sums.
    pub scenario_crc32: Option<u32>,
    /// When the run was to end by itself; missing without `--duration`.
    pub duration_ns: Option<u64>,
    /// Whether the clients ran in a process of their own.
    pub clients_apart: bool,
    /// The modes that ran at the same time in this process, this one included;
    /// empty if it ran alone.
    pub beside: Vec<String>,
    /// The command line without the program and the command.
    pub options: Vec<String>,
    /// When the run began; RFC 3339, UTC.
    pub started_at: String,
}

impl Conditions {
    /// The conditions of this machine and process, which runs `command`, with
    /// clients that follow `plan` if there is one.
    pub fn here(
        command: &str,
        started_at: SystemTime,
        plan: Option<&Plan>,
    ) -> Self {
        let started_at = humantime::format_rfc3339_seconds(started_at);
        Self {
            sockscope_version: env!("CARGO_PKG_VERSION").into(),
            os: std::env::consts::OS.into(),
            kernel: machine::kernel(),
            architecture: std::env::consts::ARCH.into(),
            cores: machine::cores().map(|cores| cores as u64),
            scenario: plan.map(|plan| plan.name.clone()),
            scenario_title: plan.map(|plan| plan.title.clone()),
            scenario_crc32: plan.map(|plan| plan.crc32),
            options: command_line_options(command),
            started_at: started_at.to_string(),
            ..Self::default()
        }
    }
}

/// The arguments without the name of the command, which may come after global
/// options.
fn command_line_options(command: &str) -> Vec<String> {
    let words = std::env::args_os().skip(1);
    let mut words: Vec<String> =
        words.map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(place) = words.iter().position(|word| word == command) {
        words.remove(place);
    }
    words
}
