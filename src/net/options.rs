//! The options of a server: framing, limits, time-outs.

use crate::units::{Size, Time, above_zero, show_size_exactly};
use clap::{Args, ValueEnum};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;
use strum::IntoStaticStr;
use thiserror::Error;

/// How the bytes that arrive are cut into what is echoed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[derive(ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// Bytes are echoed unchanged, as soon as possible (RFC 862).
    #[default]
    Bytes,
    /// Bytes are kept until `\n`, and whole lines are echoed. At the end of
    /// file a last line without its `\n` is echoed as it is.
    Lines,
}

/// How an error in a client's handler is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[derive(ValueEnum, Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Errors {
    /// The handler handles it: it is reported, and ends this client alone.
    #[default]
    Handled,
    /// It leaves the handler, and the handle of its thread or task is dropped.
    /// In `blocking` the error is lost with the handle, without a message; in
    /// `tasks` the loop reports that it was never retrieved; in `serial` it
    /// ends the server.
    Dropped,
    /// It leaves the handler, and the handle of its thread or task is kept
    /// and never joined. In `blocking` and `tasks` the error is never
    /// reported, and the client waits for ever; in `serial` it ends the
    /// server.
    Kept,
}

/// How tasks that have not finished are ended when the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
#[derive(ValueEnum, Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Shutdown {
    /// All have until the same deadline, the end of the grace period.
    #[default]
    Shared,
    /// Each has a grace period of its own, one after the other: a well-known
    /// mistake.
    Sequential,
}

/// When a task pauses to let the others have their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    expecting = "a whole number from 1, or \"never\""
)]
pub enum Yield {
    /// Only when it has to wait.
    Never,
    /// After this many calls.
    #[serde(untagged)]
    After(NonZeroU32),
}

impl Errors {
    /// Every choice, the default first.
    pub const ALL: [Self; 3] = [Self::Handled, Self::Dropped, Self::Kept];

    /// Its name on the command line, in files and in reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Shutdown {
    /// Its name on the command line, in files and in reports.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Yield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::After(calls) => calls.fmt(f),
        }
    }
}

impl FromStr for Yield {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "never" => Ok(Self::Never),
            Ok(calls) => Ok(Self::After(calls)),
            Err(_) => Err("expected a whole number from 1, or `never`"),
        }
    }
}

// This one type is what the command line parses, what stands under
// `[server]` in a scenario, and what recordings and JSON hold, with the same
// names and spelling everywhere. There is no second type in which the
// defaults are filled in: code reads an option through the method of its
// name, which is the one place that knows the default.
/// The options of one server, each `None` where it is not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Args, Serialize, Deserialize, JsonSchema)]
#[command(next_help_heading = "Server")]
#[schemars(rename = "Server", description = "The options of the server.")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub struct ServerOptions {
    /// Address to listen on [default: 127.0.0.1:0]
    ///
    /// With port 0 the system chooses one; the line `listening on ADDR` on
    /// standard error reports it. Beyond loopback there are limits by default.
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    #[serde(skip)]
    pub listen: Option<SocketAddr>,
    /// How input is cut into echoes
    ///
    /// [default: bytes]
    #[arg(long)]
    pub framing: Option<Framing>,
    /// Most bytes that one read asks for [default: 16 KiB]
    ///
    /// With 2 a line arrives in several reads, which shows why a server needs
    /// a buffer for each client.
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    #[schemars(transform = buffer_size)]
    pub recv_size: Option<Size>,
    /// A line `boom` makes its handler fail
    ///
    /// Implies the framing `lines`.
    #[arg(long, num_args = 0, default_missing_value = "true")]
    pub boom: Option<bool>,
    /// How errors in a client's handler are handled
    ///
    /// Such errors are a line `boom`, a reset, the idle time-out and a line
    /// that is too long. `nonblocking` and `selector` allow `handled` alone.
    /// [default: handled, or the first that the scenario names]
    #[arg(long, hide_short_help = true)]
    pub errors: Option<Errors>,
    /// In `tasks`: calls before a task yields [default: 16]
    ///
    /// A task makes at most this many calls before it lets the others have
    /// their turn; `never` shows how one client can starve all others.
    #[arg(long = "yield", value_name = "CALLS|never", hide_short_help = true)]
    #[serde(rename = "yield")]
    pub yield_after: Option<Yield>,
    /// In `tasks`: how unfinished tasks end at a stop
    ///
    /// [default: shared]
    #[arg(long, hide_short_help = true)]
    pub shutdown: Option<Shutdown>,
    /// Clients that may wait for accept [default: 4096]
    ///
    /// The length of the queue of completed connections, as for listen(2); the
    /// system caps it.
    #[arg(long, value_name = "N", hide_short_help = true)]
    #[schemars(range(max = i32::MAX))]
    pub backlog: Option<u32>,
    /// Most connections at once [default: no limit]
    ///
    /// Accepting pauses while this many are open. Beyond loopback the default
    /// is 1024.
    #[arg(long, value_name = "N", hide_short_help = true)]
    #[schemars(range(min = 1))]
    pub max_connections: Option<usize>,
    /// Most pending output a client [default: 256 KiB]
    ///
    /// The high-water mark: the server does not read from a client that has
    /// this much output pending. Also the longest line.
    #[arg(long, value_name = "SIZE")]
    #[schemars(transform = buffer_size)]
    pub buffer_limit: Option<Size>,
    /// Size of each connection's send buffer
    ///
    /// `SO_SNDBUF`, see socket(7) [default: the system's]
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    #[schemars(transform = buffer_size)]
    pub sndbuf: Option<Size>,
    /// Size of each connection's receive buffer
    ///
    /// `SO_RCVBUF`, see socket(7) [default: the system's]
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    #[schemars(transform = buffer_size)]
    pub rcvbuf: Option<Size>,
    /// Close a connection idle this long [default: never]
    ///
    /// Beyond loopback the default is 60 s.
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    #[schemars(transform = above_zero)]
    pub idle_timeout: Option<Time>,
    /// Grace period of a stop [default: 2 s]
    ///
    /// How long clients may go on after the first SIGINT, SIGTERM or SIGHUP,
    /// all until the same deadline.
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub grace: Option<Time>,
    /// The soft limit on the descriptors of the server's process.
    #[arg(skip)]
    #[schemars(range(min = 1))]
    pub descriptors: Option<u64>,
}

/// Makes the schema of a size refuse what no buffer can have.
pub fn buffer_size(schema: &mut Schema) {
    above_zero(schema);
    let largest = ServerOptions::LARGEST_BUFFER;
    schema.insert("maximum".to_owned(), largest.into());
}

impl ServerOptions {
    /// How many calls a task may make before it yields: several echoes, so
    /// that a turn is worth its price.
    const CALLS_BEFORE_YIELD: NonZeroU32 = NonZeroU32::new(16).unwrap();
    const RECV_SIZE: Size = Size(16 * 1024);
    const BUFFER_LIMIT: Size = Size(256 * 1024);
    /// The shortest idle time-out, which every way of waiting can keep:
    /// `SO_RCVTIMEO` counts in microseconds, and zero means no time-out.
    pub const SHORTEST_IDLE: Duration = Duration::from_millis(1);
    /// The largest buffer, which setsockopt(2) accepts on every system.
    pub const LARGEST_BUFFER: u64 = 1 << 30;

    /// Where to listen; port 0 lets the system choose.
    pub fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// How input is cut into echoes.
    pub fn framing(&self) -> Framing {
        let implied = if self.boom() { Framing::Lines } else { Framing::Bytes };
        self.framing.unwrap_or(implied)
    }

    /// Whether a line that is exactly `boom` makes its handler fail.
    pub fn boom(&self) -> bool {
        self.boom.unwrap_or(false)
    }

    /// How an error in a client's handler is handled.
    pub fn errors(&self) -> Errors {
        self.errors.unwrap_or_default()
    }

    /// How many bytes one read asks for, at most; see recv(2).
    pub fn recv_size(&self) -> usize {
        self.recv_size.unwrap_or(Self::RECV_SIZE).bytes()
    }

    /// How many completed connections may wait for `accept`; see listen(2).
    pub fn backlog(&self) -> u32 {
        self.backlog.unwrap_or(4096)
    }

    /// While this many connections are open, accepting pauses; `None`: never.
    pub fn max_connections(&self) -> Option<usize> {
        self.max_connections.or_else(|| self.is_public().then_some(1024))
    }

    /// The high-water mark in bytes: the most pending output of a connection,
    /// and the longest line in `lines` framing.
    pub fn buffer_limit(&self) -> usize {
        self.buffer_limit.unwrap_or(Self::BUFFER_LIMIT).bytes()
    }

    /// A connection without traffic for this long is closed; `None`: never.
    pub fn idle_timeout(&self) -> Option<Duration> {
        let public = self.is_public().then_some(Duration::from_secs(60));
        self.idle_timeout.map(|it| it.0).or(public)
    }

    /// In `tasks`: how many calls a task may make without a pause; `None`:
    /// as many as it can make without waiting.
    pub fn calls_before_yield(&self) -> Option<u32> {
        match self.yield_after {
            None => Some(Self::CALLS_BEFORE_YIELD.get()),
            Some(Yield::After(calls)) => Some(calls.get()),
            Some(Yield::Never) => None,
        }
    }

    /// In `tasks`: how tasks are ended when the server stops.
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.unwrap_or_default()
    }

    /// How long clients may go on after the server was asked to stop.
    pub fn grace(&self) -> Duration {
        self.grace.map_or(Duration::from_secs(2), |it| it.0)
    }

    /// Whether it listens beyond loopback, where it has limits by default.
    pub fn is_public(&self) -> bool {
        // Canonical: [::ffff:127.0.0.1] is 127.0.0.1.
        !self.listen().ip().to_canonical().is_loopback()
    }

    /// The same options with every default filled in, to be kept with the
    /// results of a run.
    pub fn complete(self) -> Self {
        Self {
            listen: Some(self.listen()),
            framing: Some(self.framing()),
            recv_size: self.recv_size.or(Some(Self::RECV_SIZE)),
            boom: Some(self.boom()),
            errors: Some(self.errors()),
            yield_after: self
                .yield_after
                .or(Some(Yield::After(Self::CALLS_BEFORE_YIELD))),
            shutdown: Some(self.shutdown()),
            backlog: Some(self.backlog()),
            max_connections: self.max_connections(),
            buffer_limit: self.buffer_limit.or(Some(Self::BUFFER_LIMIT)),
            idle_timeout: self.idle_timeout().map(Time),
            grace: Some(Time(self.grace())),
            ..self
        }
    }

    /// What is given here, and for the rest what is given by `other`. Where a
    /// `bytes` framing given here and the `boom` given there exclude each
    /// other, or the other way round, what is given here wins.
    pub fn or(self, other: Self) -> Self {
        let no_boom = self.framing == Some(Framing::Bytes);
        let no_bytes = self.boom == Some(true);
        Self {
            listen: self.listen.or(other.listen),
            framing: self.framing.or(other.framing.filter(|_| !no_bytes)),
            recv_size: self.recv_size.or(other.recv_size),
            boom: self.boom.or(other.boom.filter(|_| !no_boom)),
            errors: self.errors.or(other.errors),
            yield_after: self.yield_after.or(other.yield_after),
            shutdown: self.shutdown.or(other.shutdown),
            backlog: self.backlog.or(other.backlog),
            max_connections: self.max_connections.or(other.max_connections),
            buffer_limit: self.buffer_limit.or(other.buffer_limit),
            sndbuf: self.sndbuf.or(other.sndbuf),
            rcvbuf: self.rcvbuf.or(other.rcvbuf),
            idle_timeout: self.idle_timeout.or(other.idle_timeout),
            grace: self.grace.or(other.grace),
            descriptors: self.descriptors.or(other.descriptors),
        }
    }

    /// Whether every option is in its range and all fit each other.
    ///
    /// # Errors
    /// The first that is not, or two that exclude each other.
    pub fn check(&self) -> Result<(), OptionFault> {
        let largest = Self::LARGEST_BUFFER;
        let bytes = |size: Option<Size>| size.map(|it| it.0);
        let connections = self.max_connections.map(|it| it as u64);
        let backlog = self.backlog.map(u64::from);
        let size: fn(u64) -> String = show_size_exactly;
        let count: fn(u64) -> String = |it| it.to_string();
        let ranges = [
            ("recv-size", bytes(self.recv_size), 1..=largest, size),
            ("buffer-limit", bytes(self.buffer_limit), 1..=largest, size),
            ("sndbuf", bytes(self.sndbuf), 1..=largest, size),
            ("rcvbuf", bytes(self.rcvbuf), 1..=largest, size),
            ("backlog", backlog, 0..=i32::MAX as u64, count),
            ("max-connections", connections, 1..=u64::MAX, count),
            ("descriptors", self.descriptors, 1..=u64::MAX, count),
        ];
        for (option, value, range, show) in ranges {
            let Some(value) = value.filter(|it| !range.contains(it)) else {
                continue;
            };
            let (problem, bound, limit) = if value < *range.start() {
                ("this cannot be zero".to_owned(), "least", *range.start())
            } else {
                (format!("{} is too much", show(value)), "most", *range.end())
            };
            let help = format!("write at {bound} {}", show(limit));
            return Err(OptionFault { option, beside: None, problem, help });
        }
        self.check_conflicts()
    }

    fn check_conflicts(&self) -> Result<(), OptionFault> {
        let (recv_size, limit) = (self.recv_size(), self.buffer_limit());
        let idle = self.idle_timeout.map_or(Self::SHORTEST_IDLE, |it| it.0);
        let (option, beside, problem, help) = if recv_size > limit {
            let given = self.recv_size.map(|_| "recv-size");
            let problem = format!(
                "a read of {} does not fit a buffer limit of {}",
                show_size_exactly(recv_size as u64),
                show_size_exactly(limit as u64)
            );
            let help = "set `recv-size` to at most `buffer-limit`";
            (given.unwrap_or("buffer-limit"), None, problem, help)
        } else if self.boom() && self.framing() == Framing::Bytes {
            let problem = "`boom` needs lines".into();
            let help = "set `framing` to `lines`, or leave it out";
            ("framing", Some("boom"), problem, help)
        } else if idle < Self::SHORTEST_IDLE {
            let problem = "the system does not keep idle time-outs below 1 ms";
            ("idle-timeout", None, problem.into(), "write at least 1 ms")
        } else {
            return Ok(());
        };
        Err(OptionFault { option, beside, problem, help: help.into() })
    }
}

/// An option that is out of its range, or that another one excludes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`--{option}`: {problem}; {help}")]
pub struct OptionFault {
    /// The name of the option, without dashes.
    pub option: &'static str,
    /// The other option, if the two exclude each other.
    pub beside: Option<&'static str>,
    /// What is wrong, as the middle of a message.
    pub problem: String,
    /// What to write instead, as an instruction.
    pub help: String,
}

/// Reads `IP:PORT`, or `localhost:PORT` for the IPv4 loopback address.
///
/// # Errors
/// A message for the command line, if the text is neither.
pub fn parse_address(text: &str) -> Result<SocketAddr, &'static str> {
    let plain = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    plain.parse().map_err(|_| {
        "expected IP:PORT, such as 127.0.0.1:7007, [::1]:7007 or \
         localhost:7007"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> ServerOptions {
        serde_json::from_str(json).expect("options")
    }

    #[test]
    fn command_line_wins_over_scenario() {
        let line = options(r#"{"recv-size": "2 B"}"#);
        let file = options(r#"{"recv-size": "4 B", "backlog": 5}"#);
        let both = line.or(file);
        assert_eq!((both.recv_size(), both.backlog()), (2, 5));
    }

    #[test]
    fn boom_implies_lines_unless_the_other_source_wants_bytes() {
        let boom = options(r#"{"boom": true}"#);
        assert_eq!(boom.framing(), Framing::Lines);
        assert_eq!(boom.check(), Ok(()));
        let bytes = options(r#"{"framing": "bytes"}"#);
        let both = boom.or(bytes);
        assert_eq!((both.framing(), both.boom()), (Framing::Lines, true));
        let both = bytes.or(boom);
        assert_eq!((both.framing(), both.boom()), (Framing::Bytes, false));
    }

    #[test]
    fn a_backlog_beyond_the_range_of_the_system_is_refused() {
        let huge = options(r#"{"backlog": 4294967295}"#);
        let fault = huge.check().map_err(|it| it.to_string());
        let words = "; write at most 2147483647";
        assert!(fault.is_err_and(|it| it.ends_with(words)));
    }

    #[test]
    fn names_are_those_of_the_files() {
        let complete = ServerOptions::default().complete();
        let json = serde_json::to_value(complete).expect("JSON");
        assert_eq!(json["framing"], "bytes");
        assert_eq!(json["shutdown"], Shutdown::default().name());
        assert_eq!(json["errors"], Errors::default().name());
        assert_eq!(json["buffer-limit"], "256 KiB");
        assert_eq!(json["yield"], 16);
        let read = options(&json.to_string());
        assert_eq!(read, ServerOptions { listen: None, ..complete });
    }
}
