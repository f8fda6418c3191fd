//! What the clients of a measurement do, and which workloads make sense.

use crate::units::{nanoseconds, show_brief};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use thiserror::Error;

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

/// The highest rate.
pub const MAX_RATE_PER_S: f64 = 10_000_000.0;

/// What the clients of a measurement do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// Clients that talk.
    pub clients: u32,
    /// Clients that are connected beside those and send nothing.
    pub idle: u32,
    /// The length of a message in bytes. Each is a line: it ends in `\n`,
    /// and has no other, so that servers that echo lines do as well.
    pub size_bytes: u32,
    /// How many messages of a client are under way at once, at most.
    pub pipeline: u32,
    /// When messages are sent.
    pub pacing: Rhythm,
    /// How long the clients talk before anything is measured.
    pub warm_up_ns: u64,
    /// How long is measured: the window.
    pub time_ns: u64,
}

/// When messages are sent.
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

/// Why a workload makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SteadyFault {
    /// No client talks.
    #[error("wanted at least 1 client")]
    NoClients,
    /// Too many connections.
    #[error("wanted at most {MAX_STEADY_CLIENTS} clients, {0} are too many")]
    TooManyClients(u64),
    /// Messages without a byte, or too long.
    #[error("wanted messages of 1 to {MAX_SIZE} bytes, not {0}")]
    Size(u32),
    /// None under way at once, or too many.
    #[error("wanted a pipeline of 1 to {MAX_PIPELINE} messages, not {0}")]
    Pipeline(u32),
    /// Too many under way at once.
    #[error(
        "clients times pipeline are {0} messages under way at once, more \
         than {MAX_UNDER_WAY}"
    )]
    TooManyUnderWay(u64),
    /// No rate, or one that cannot be kept.
    #[error(
        "wanted a rate of {MIN_RATE_PER_S} to {MAX_RATE_PER_S} messages a \
         second, not {0}"
    )]
    Rate(f64),
    /// Nothing would be measured.
    #[error("wanted more than no time to measure")]
    NoTime,
    /// A warm-up or a window that is too long.
    #[error("wanted at most {LONGEST_WINDOW:?} each to warm up and to measure")]
    TooLong,
}

/// Whether a workload makes sense.
///
/// # Errors
/// The first reason why it does not.
pub fn check(workload: &Workload) -> Result<(), SteadyFault> {
    let Workload { clients, size_bytes, pipeline, .. } = *workload;
    let all = u64::from(clients) + u64::from(workload.idle);
    let under_way = u64::from(clients) * u64::from(pipeline);
    if clients == 0 {
        return Err(SteadyFault::NoClients);
    }
    if all > u64::from(MAX_STEADY_CLIENTS) {
        return Err(SteadyFault::TooManyClients(all));
    }
    if !(1..=MAX_SIZE).contains(&size_bytes) {
        return Err(SteadyFault::Size(size_bytes));
    }
    if !(1..=MAX_PIPELINE).contains(&pipeline) {
        return Err(SteadyFault::Pipeline(pipeline));
    }
    if under_way > MAX_UNDER_WAY {
        return Err(SteadyFault::TooManyUnderWay(under_way));
    }
    check_rhythm(workload.pacing)?;
    if workload.time_ns == 0 {
        return Err(SteadyFault::NoTime);
    }
    let longest = workload.warm_up_ns.max(workload.time_ns);
    if longest > nanoseconds(LONGEST_WINDOW) {
        return Err(SteadyFault::TooLong);
    }
    Ok(())
}

fn check_rhythm(rhythm: Rhythm) -> Result<(), SteadyFault> {
    match rhythm {
        Rhythm::Open { rate_per_s }
            if !(MIN_RATE_PER_S..=MAX_RATE_PER_S).contains(&rate_per_s) =>
        {
            Err(SteadyFault::Rate(rate_per_s))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Change = fn(&mut Workload);

    fn fault(change: Change) -> Option<SteadyFault> {
        let mut workload = Workload {
            clients: 10,
            idle: 0,
            size_bytes: 128,
            pipeline: 1,
            pacing: Rhythm::Closed,
            warm_up_ns: 0,
            time_ns: 1_000_000_000,
        };
        change(&mut workload);
        check(&workload).err()
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_said() {
        let cases: [(Change, &str); 9] = [
            (|it| it.clients = 0, "wanted at least 1 client"),
            (
                |it| it.idle = MAX_STEADY_CLIENTS,
                "wanted at most 100000 clients, 100010 are too many",
            ),
            (
                |it| it.size_bytes = 0,
                "wanted messages of 1 to 16777216 bytes, not 0",
            ),
            (
                |it| it.pipeline = 1_001,
                "wanted a pipeline of 1 to 1000 messages, not 1001",
            ),
            (
                |it| (it.clients, it.pipeline) = (50_000, 1_000),
                "clients times pipeline are 50000000 messages under way at \
                 once, more than 10000000",
            ),
            (
                |it| it.pacing = Rhythm::Open { rate_per_s: f64::NAN },
                "wanted a rate of 0.001 to 10000000 messages a second, not NaN",
            ),
            (
                |it| it.pacing = Rhythm::Open { rate_per_s: 0.0 },
                "wanted a rate of 0.001 to 10000000 messages a second, not 0",
            ),
            (|it| it.time_ns = 0, "wanted more than no time to measure"),
            (
                |it| it.warm_up_ns = u64::MAX,
                "wanted at most 3600s each to warm up and to measure",
            ),
        ];
        for (change, words) in cases {
            let said = fault(change).map(|fault| fault.to_string());
            assert_eq!(said.as_deref(), Some(words));
        }
    }

    #[test]
    fn what_makes_sense_is_not_refused() {
        assert_eq!(fault(|_| ()), None);
        assert_eq!(fault(|it| it.idle = MAX_STEADY_CLIENTS - 10), None);
        let rate: Change = |it| it.pacing = Rhythm::Open { rate_per_s: 1e7 };
        assert_eq!(fault(rate), None);
    }
}
