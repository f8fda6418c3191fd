//! What one measurement of one server tells: as measured, nothing derived.

use crate::load::EchoTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One server under one load for one window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The round, from 1.
    pub round: u32,
    /// How long the window was.
    pub window_ns: u64,
    /// Messages that came back whole in the window.
    pub echoes: u64,
    /// Clients that had at least one of those.
    pub clients_served: u32,
    /// How long echoes took; missing without one.
    pub echo_time: Option<EchoTime>,
    /// What the server used; missing where it cannot be told, such as that
    /// of a server somebody else has started.
    pub server: Option<ServerUsage>,
    /// What the clients used and how they kept up.
    pub load: LoadUsage,
}

/// A histogram: how many echoes took how long, as pairs of the highest time
/// of a bucket in nanoseconds and a count, in the order of times, without
/// empty buckets.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct Buckets(pub Vec<(u64, u64)>);

/// What a server's process used in the window.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
pub struct ServerUsage {
    /// CPU time in the program.
    pub user_ns: u64,
    /// CPU time in the kernel on its behalf.
    pub system_ns: u64,
    /// Context switches because a thread went to sleep; missing where the
    /// system does not tell those of another process.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread's time was up.
    pub involuntary_switches: Option<u64>,
    /// Threads at the end of the window.
    pub threads: Option<u64>,
    /// The most memory it has had resident.
    pub peak_memory_bytes: Option<u64>,
    /// Memory resident before the first client connected.
    pub memory_before_bytes: Option<u64>,
    /// Memory resident at the end of the window, all clients connected.
    pub memory_bytes: Option<u64>,
}

/// What the clients' process used in the window, and how it kept up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema,
)]
pub struct LoadUsage {
    /// CPU time, in the program and in the kernel; missing where the system
    /// does not tell.
    pub cpu_ns: Option<u64>,
    /// Messages sent in the window.
    pub sent: u64,
    /// Open loop: messages that were due in the window.
    pub due: u64,
    /// Messages that had no echo at the end of the window; in an open loop
    /// of those that were due in it, in a closed loop of those that were
    /// sent.
    #[serde(default)]
    pub unanswered: u64,
    /// Open loop: half of the messages were sent at most this much after
    /// they were due.
    pub late_p50_ns: u64,
    /// Open loop: 99 % of the messages were.
    pub late_p99_ns: u64,
    /// Connections that failed or were closed by the server.
    pub connections_lost: u32,
    /// Bytes that came back and were not those that had been sent.
    pub mismatches: u64,
}
