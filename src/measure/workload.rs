//! What the clients of a measurement do.

use crate::units::show_brief;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the clients do, the same for every subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// Clients that talk.
    pub clients: u32,
    /// Clients that are connected beside those and say nothing.
    pub idle: u32,
    /// The length of a message.
    pub size_bytes: u32,
    /// How many messages of a client are under way at once.
    pub pipeline: u32,
    /// When messages are sent.
    pub pacing: Pacing,
    /// For so long the clients talk before anything is measured.
    pub warm_up_ns: u64,
    /// For so long is measured.
    pub time_ns: u64,
}

/// When messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// Closed loop: a client sends its next message when an echo is back.
    /// Echo times are service times, and a server that stalls is asked less.
    Closed,
    /// Open loop: messages are due at a steady rate, whatever the server
    /// does. Echo times are response times, from when a message was due.
    Open {
        /// Messages a second of all clients together.
        rate_per_s: f64,
    },
}

impl Pacing {
    /// What kind of loop it is, for people.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Closed => "closed loop".into(),
            Self::Open { rate_per_s } => {
                format!("open loop at {}/s", show_brief(rate_per_s))
            }
        }
    }

    /// What an echo time is in this kind of loop.
    #[must_use]
    pub const fn time(self) -> &'static str {
        match self {
            Self::Closed => "service time",
            Self::Open { .. } => "response time",
        }
    }
}
