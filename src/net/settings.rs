//! What a server is told about its sockets: framing, limits, time-outs.

use super::failure::Errors;
use std::net::SocketAddr;
use std::time::Duration;

/// How the bytes that arrive are cut into what is echoed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Framing {
    /// RFC 862: what comes in goes out unchanged, as soon as it can.
    #[default]
    Bytes,
    /// Bytes are kept until `\n`; whole lines are echoed. At end of file a
    /// last line without its `\n` is echoed as it is.
    Lines,
}

/// How tasks that are not done are ended when the server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Shutdown {
    /// All of them have until the same time.
    #[default]
    Shared,
    /// Each has the whole grace period for itself, one after the other: the
    /// well-known mistake.
    Sequential,
}

impl Shutdown {
    /// Its name on the command line and in every report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Sequential => "sequential",
        }
    }
}

/// The settings of one server. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// How input is cut into echoes.
    pub framing: Framing,
    /// Whether a line that is exactly `boom` fails its connection's handler.
    pub boom: bool,
    /// What becomes of an error in a connection's handler.
    pub errors: Errors,
    /// How many bytes one read asks for, at most; see recv(2).
    pub recv_size: usize,
    /// How many completed connections may wait for `accept`; see listen(2).
    pub backlog: u32,
    /// Above this many open connections accepting pauses.
    pub max_connections: Option<usize>,
    /// The high-water mark: at most this much pending output a connection,
    /// and the longest line in `lines` framing.
    pub buffer_limit: usize,
    /// `SO_SNDBUF` of each connection; the kernel doubles it, see socket(7).
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF` of each connection; the kernel doubles it, see socket(7).
    pub receive_buffer: Option<usize>,
    /// A connection on which nothing moves for so long is closed; not less
    /// than [`SHORTEST_IDLE`](Self::SHORTEST_IDLE).
    pub idle_timeout: Option<Duration>,
    /// In `tasks`: so many calls a task may make without a pause, then it is
    /// the turn of the others; `None`: for as long as it need not wait.
    pub calls_before_yield: Option<u32>,
    /// In `tasks`: how clients are ended when the server is to stop.
    pub shutdown: Shutdown,
}

impl Settings {
    /// How many calls a task may make without a pause unless told: several
    /// echoes, so that a turn is worth its price, and no more.
    pub const CALLS_BEFORE_YIELD: u32 = 16;
    /// How much one read asks for unless told: 16 KiB.
    pub const RECV_SIZE: usize = 16 * 1024;
    /// The high-water mark unless told: 256 KiB.
    pub const BUFFER_LIMIT: usize = 256 * 1024;
    /// The backlog unless told; the system caps it (`somaxconn`).
    pub const BACKLOG: u32 = 4096;
    /// The shortest idle time-out, 1 ms, is one that every way of waiting can
    /// keep: `SO_RCVTIMEO` counts in microseconds, and zero of them is none.
    pub const SHORTEST_IDLE: Duration = Duration::from_millis(1);
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            framing: Framing::default(),
            boom: false,
            errors: Errors::default(),
            recv_size: Self::RECV_SIZE,
            backlog: Self::BACKLOG,
            max_connections: None,
            buffer_limit: Self::BUFFER_LIMIT,
            send_buffer: None,
            receive_buffer: None,
            idle_timeout: None,
            calls_before_yield: Some(Self::CALLS_BEFORE_YIELD),
            shutdown: Shutdown::default(),
        }
    }
}
