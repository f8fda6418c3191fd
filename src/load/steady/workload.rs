//! What the clients of a measurement do, which workloads can be run, and the
//! result of one.

use crate::load::{ClientTrouble, EchoTime};
use crate::units::{nanoseconds, show_brief, show_time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many connections one run can have, at most, the idle ones included.
pub const MAX_STEADY_CLIENTS: u32 = 100_000;

/// The longest message, in bytes.
pub const MAX_SIZE: u32 = 16 << 20;

/// How many messages of one client can be under way at once, at most.
pub const MAX_PIPELINE: u32 = 1_000;

/// How many messages of all clients can be under way at once, at most.
pub const MAX_UNDER_WAY: u64 = 10_000_000;

/// The longest warm-up, and the longest window.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(3_600);

/// The lowest rate: a message in a quarter of an hour.
pub const MIN_RATE_PER_S: f64 = 0.001;

/// The highest rate: ten messages in a microsecond.
pub const MAX_RATE_PER_S: f64 = 10_000_000.0;

/// What the clients of a measurement do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// How many clients send messages.
    pub clients: u32,
    /// How many further clients are connected and send nothing.
    pub idle: u32,
    /// The length of a message in bytes. Each is one line, with a `\n` at its
    /// end only, so that servers that echo lines can be measured, too.
    pub size_bytes: u32,
    /// How many messages of a client are under way at once, at most.
    pub pipeline: u32,
    /// Whether messages are sent in a closed or an open loop.
    pub pacing: Rhythm,
    /// How long the clients send before anything is measured.
    pub warm_up_ns: u64,
    /// The length of the window, in which is measured.
    pub time_ns: u64,
}

/// Whether messages are sent in a closed or an open loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// Closed loop: a client sends its next message when an echo is back.
    /// Echo times are service times, and a server that stalls is sent less.
    Closed,
    /// Open loop: messages are due at a steady rate, and the clients take
    /// turns. Echo times are response times, from when a message was due.
    Open {
        /// Messages a second of all clients together.
        rate_per_s: f64,
    },
}

impl Workload {
    /// All connections, those of the idle clients included.
    pub const fn connections(&self) -> u32 {
        self.clients.saturating_add(self.idle)
    }
}

impl Rhythm {
    /// The kind of loop in words.
    pub fn words(self) -> String {
        match self {
            Self::Closed => "closed loop".into(),
            Self::Open { rate_per_s } => {
                format!("open loop at {}/s", show_brief(rate_per_s))
            }
        }
    }

    /// What an echo time is in this kind of loop.
    pub const fn time(self) -> &'static str {
        match self {
            Self::Closed => "service time",
            Self::Open { .. } => "response time",
        }
    }
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SteadyResult {
    /// How long the window lasted.
    pub window_ns: u64,
    /// Messages that came back whole in the window.
    pub echoes: u64,
    /// Messages that the clients began to send in the window; in an open
    /// loop those of them that were due in it, so that less than `due` says
    /// how many were held up until its end.
    pub sent: u64,
    /// Open loop: messages that were due in the window.
    pub due: u64,
    /// Messages that had not come back whole at the end of the window; in an
    /// open loop of those that were due in it, in a closed loop of those that
    /// were queued.
    pub unanswered: u64,
    /// Clients that had at least one echo in the window.
    pub clients_served: u32,
    /// Connections that failed or were closed by the server, idle ones too.
    pub connections_lost: u32,
    /// Bytes that came back and were not those that had been sent; each
    /// such connection was ended.
    pub mismatches: u64,
    /// The echo times; missing without an echo. In an open loop a message that
    /// was due in the window and has not come back counts with the time that it
    /// has waited.
    pub echo_time: Option<EchoTime>,
    /// The histogram of the echo times: the highest time of a bucket in
    /// nanoseconds and its count, without empty buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<(u64, u64)>,
    /// Open loop: half of the messages that were due were sent at most this
    /// much later.
    pub late_p50_ns: u64,
    /// Open loop: 99 % of them were sent at most this much later.
    pub late_p99_ns: u64,
    /// CPU time of the clients' thread in the window; missing where the
    /// system does not report it.
    pub cpu_ns: Option<u64>,
    /// Why the result says nothing about the server; such a result is not
    /// handed on.
    #[serde(skip)]
    pub trouble: Option<ClientTrouble>,
}

/// Checks that a workload can be run.
///
/// # Errors
/// A message with the first reason why it cannot.
pub fn check(workload: &Workload) -> Result<(), String> {
    let Workload { clients, idle, size_bytes, pipeline, .. } = *workload;
    let all = u64::from(clients) + u64::from(idle);
    let under_way = u64::from(clients) * u64::from(pipeline);
    let longest = workload.warm_up_ns.max(workload.time_ns);
    Err(if clients == 0 {
        "wanted at least 1 client".into()
    } else if all > u64::from(MAX_STEADY_CLIENTS) {
        format!(
            "wanted at most {MAX_STEADY_CLIENTS} clients, {all} are too many"
        )
    } else if !(1..=MAX_SIZE).contains(&size_bytes) {
        format!("wanted messages of 1 to {MAX_SIZE} bytes, not {size_bytes}")
    } else if !(1..=MAX_PIPELINE).contains(&pipeline) {
        format!(
            "wanted a pipeline of 1 to {MAX_PIPELINE} messages, not {pipeline}"
        )
    } else if under_way > MAX_UNDER_WAY {
        format!(
            "clients times pipeline are {under_way} messages under way at \
             once, more than {MAX_UNDER_WAY}"
        )
    } else if let Rhythm::Open { rate_per_s } = workload.pacing
        && !(MIN_RATE_PER_S..=MAX_RATE_PER_S).contains(&rate_per_s)
    {
        format!(
            "a rate of {rate_per_s} messages a second is not possible: choose \
             one from {MIN_RATE_PER_S} to {MAX_RATE_PER_S}"
        )
    } else if workload.time_ns == 0 {
        "wanted more than no time to measure".into()
    } else if longest > nanoseconds(LONGEST_WINDOW) {
        format!(
            "warm up and measure for at most {} each",
            show_time(LONGEST_WINDOW)
        )
    } else {
        return Ok(());
    })
}
