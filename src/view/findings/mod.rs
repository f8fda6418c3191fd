//! Observations in plain words, each with advice: states that last at this
//! moment ([`live`]), and what the exact counters show.
//!
//! A check is a function that looks at the evidence and puts what it finds into
//! words. A new finding needs a new check in the list of [`findings`], and its
//! advice in `advice.toml`.

pub(super) mod live;

use crate::load::ClientTrouble;
use crate::net::ServerOptions;
use crate::probe::{Concerned, Counters, End, Limit, SocketCount};
use crate::units::{plural, show_count, show_size, show_time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;
use strum::IntoStaticStr;

/// Spinning is reported only from this number of calls that would have blocked.
const SPIN_MIN: u64 = 1_000;

/// The same if the loop was seen to spend most of its time in such calls: in
/// slow motion and in single steps they are few.
const SPIN_SEEN_MIN: u64 = 10;

/// Spinning is this number of calls that would have blocked for each useful
/// one.
const SPIN_RATIO: u64 = 10;

/// How long a client or a thread must have waited to be reported.
const LONG_WAIT: Duration = Duration::from_millis(100);

/// A noteworthy fact about a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// What kind of finding it is: `spinning`, `output_at_limit`.
    pub kind: String,
    /// What was observed, in words.
    pub observation: String,
    /// An explanation, or what to do about it.
    pub advice: String,
    /// The figures of the observation by name.
    pub values: BTreeMap<String, Value>,
    /// Whether it held earlier but does not hold now.
    #[serde(skip)]
    pub is_over: bool,
}

/// The advice for each kind of finding.
static ADVICE: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("advice.toml")).unwrap_or_default()
});

impl Finding {
    fn new(kind: &str, observation: String) -> Self {
        let advice = ADVICE.get(kind).cloned().unwrap_or_default();
        let kind = kind.into();
        Self { kind, observation, advice, ..Self::default() }
    }

    /// A trouble of this many of all clients, which is not the server's.
    pub fn of_trouble(trouble: ClientTrouble, clients: u64, all: u64) -> Self {
        let kind = serde_json::to_value(trouble).unwrap_or_default();
        let observation = trouble.observation(clients, all);
        let found = Self::new("clients_in_trouble", observation);
        Self { advice: format!("{}.", trouble.way_out()), ..found }
            .with("trouble", kind)
            .with("clients", clients)
    }

    /// Adds a figure of the observation.
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }

    fn with_time(self, name: &str, time: Duration) -> Self {
        self.with(name, crate::units::nanoseconds(time))
    }

    /// Adds the connections that it concerns.
    fn of(self, concerned: Concerned) -> Self {
        let Concerned { first, connections } = concerned;
        self.with("first", first.0).with("connections", connections)
    }
}

/// What the checks look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The exact counters of what the server did.
    pub figures: &'a Counters,
    /// The options of the server.
    pub options: ServerOptions,
    /// The group of the client that waited longest for an echo, in a mode
    /// that serves one client at a time; `None` in the other modes or without
    /// clients of ours.
    pub waiting: Option<(&'a str, Duration)>,
    /// How an error that leaves a handler is treated; `None` if none leaves
    /// one.
    pub unhandled: Option<Unhandled>,
    /// Whether a busy loop was seen to spend most of its time in calls that
    /// would have blocked.
    pub has_spun: bool,
    /// Events that the log or the recording had no room for.
    pub events_lost: u64,
}

/// How an error that leaves a client's handler is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Unhandled {
    /// It ends the server, for all clients.
    EndsServer,
    /// It is dropped with the handle of its thread.
    Dropped,
    /// It is dropped with the handle of its task, and the loop reports that.
    Reported,
    /// It is kept, and so is its client, in a handle that is never joined.
    Kept,
}

/// The findings of the exact counters, the most instructive first.
pub fn findings(evidence: &Evidence) -> Vec<Finding> {
    let checks: [fn(&Evidence) -> Option<Finding>; 16] = [
        spinning,
        starved,
        output_at_limit,
        write_slept,
        |it| closed(it, "reset", End::Reset, "reset by the client"),
        |it| {
            let how = "closed by the idle time-out";
            closed(it, "idle_timeout", End::Idle, how)
        },
        no_thread,
        line_too_long,
        handler_failed,
        error_unhandled,
        long_run,
        |it| {
            let kind = "paused_at_connection_limit";
            let times = it.figures.connection_pauses;
            accept_paused(kind, Limit::Connections, times)
        },
        |it| {
            let kind = "paused_without_descriptors";
            let times = it.figures.descriptor_pauses;
            accept_paused(kind, Limit::Descriptors, times)
        },
        call_failed,
        never_echoed,
        events_lost,
    ];
    checks.iter().filter_map(|check| check(evidence)).collect()
}

fn spinning(evidence: &Evidence) -> Option<Finding> {
    let asked = evidence.figures.all_calls();
    let answered = evidence.figures.useful_calls();
    let in_vain = asked.saturating_sub(answered);
    let is_often = in_vain >= SPIN_MIN && in_vain / SPIN_RATIO >= answered;
    let is_long = evidence.has_spun && in_vain >= SPIN_SEEN_MIN;
    if !is_often && !is_long {
        return None;
    }
    let [a, b] = [asked, answered].map(show_count);
    let seen = format!("asked {a} times, answered {b}: spinning");
    let found = Finding::new("spinning", seen);
    Some(found.with("asked", asked).with("answered", answered))
}

fn starved(evidence: &Evidence) -> Option<Finding> {
    let (group, time) = evidence.waiting.filter(|it| it.1 >= LONG_WAIT)?;
    let waited = show_time(time);
    let seen = format!("a client of {group} waited {waited} for its echo");
    let found = Finding::new("starved", seen);
    Some(found.with("group", group).with_time("time_ns", time))
}

/// A limit that a single read can reach does not show a slow client.
fn output_at_limit(evidence: &Evidence) -> Option<Finding> {
    let limit = evidence.options.buffer_limit();
    if evidence.options.recv_size() >= limit {
        return None;
    }
    let at_limit = |row: &&SocketCount| row.pending_peak_bytes >= limit as u64;
    let mut rows = evidence.figures.sockets.iter().filter(at_limit);
    let first = rows.next()?.id;
    let connections = 1 + rows.count() as u64;
    let (who, it_was) = match connections {
        1 => (format!("client {first}"), "it was"),
        n => {
            (format!("{} clients, first {first},", show_count(n)), "they were")
        }
    };
    let size = show_size(limit as u64);
    let seen = format!(
        "output for {who} reached its limit of {size}: {it_was} not reading"
    );
    let found =
        Finding::new("output_at_limit", seen).with("limit_bytes", limit);
    Some(found.of(Concerned { connections, first }))
}

fn write_slept(evidence: &Evidence) -> Option<Finding> {
    let rows = evidence.figures.sockets.iter();
    let times = rows.filter_map(|row| Some((row.longest_write_ns?, row.id)));
    let (time, socket) = times.max_by_key(|(time, _)| *time)?;
    let time = Some(time.duration()).filter(|time| *time >= LONG_WAIT)?;
    let waited = show_time(time);
    let seen = format!(
        "a write to client {socket} had to wait {waited}: it was not reading"
    );
    let found = Finding::new("write_slept", seen);
    Some(found.with("socket", socket.0).with_time("time_ns", time))
}

fn closed(it: &Evidence, kind: &str, end: End, how: &str) -> Option<Finding> {
    let ended = *it.figures.ends.get(&end)?;
    let was = if ended.connections == 1 { "was" } else { "were" };
    let seen = format!("{} {was} {how}", who(ended));
    Some(Finding::new(kind, seen).of(ended))
}

fn no_thread(evidence: &Evidence) -> Option<Finding> {
    let ended = *evidence.figures.ends.get(&End::NoThread)?;
    let was = if ended.connections == 1 { "was" } else { "were" };
    // The only error of pthread_create(3) for want of resources, EAGAIN.
    let seen = format!(
        "{} {was} dropped for want of a thread: resource temporarily \
         unavailable",
        who(ended)
    );
    Some(Finding::new("no_thread", seen).of(ended))
}

fn line_too_long(evidence: &Evidence) -> Option<Finding> {
    let ended = *evidence.figures.ends.get(&End::TooLong)?;
    let limit = evidence.options.buffer_limit();
    let (who, size) = (who(ended), show_size(limit as u64));
    let seen = format!("{who} sent a line longer than {size}");
    let found = Finding::new("line_too_long", seen).of(ended);
    Some(found.with("limit_bytes", limit))
}

/// An error that is not handled is found by [`error_unhandled`] instead.
fn handler_failed(evidence: &Evidence) -> Option<Finding> {
    let Counters { ends, errors_unhandled, .. } = evidence.figures;
    let ended = *ends.get(&End::Boom).filter(|_| errors_unhandled.is_none())?;
    let seen = format!("the handler of {} failed on the line boom", who(ended));
    Some(Finding::new("handler_failed", seen).of(ended))
}

fn error_unhandled(evidence: &Evidence) -> Option<Finding> {
    let concerned = evidence.figures.errors_unhandled?;
    let unhandled = evidence.unhandled?;
    let became = match unhandled {
        Unhandled::EndsServer => "its error was not handled",
        Unhandled::Dropped => "its error was not reported",
        Unhandled::Reported => "its exception was never retrieved",
        Unhandled::Kept => "its error was not reported while the server ran",
    };
    let seen = format!("the handler of {} failed and {became}", who(concerned));
    let fate: &str = unhandled.into();
    let found = Finding::new(&format!("error_unhandled_{fate}"), seen);
    let found = Finding { kind: "error_unhandled".into(), ..found };
    Some(found.of(concerned).with("fate", fate))
}

fn long_run(evidence: &Evidence) -> Option<Finding> {
    let times = some(evidence.figures.long_runs)?;
    let longest = evidence.figures.longest_run.duration();
    let (n, most) = (plural(times, "time"), show_time(longest));
    let seen = format!(
        "a task kept the thread for up to {most} without a pause ({n} above \
         0.1 s): all others had to wait"
    );
    let found = Finding::new("long_run", seen).with("times", times);
    Some(found.with_time("longest_ns", longest))
}

fn accept_paused(kind: &str, at: Limit, times: u64) -> Option<Finding> {
    let (n, why) = (plural(some(times)?, "time"), at.words());
    let seen = format!("accepting paused {n}: {why}");
    Some(Finding::new(kind, seen).with("times", times))
}

/// One finding for all calls that failed: what to do about them is the same.
fn call_failed(evidence: &Evidence) -> Option<Finding> {
    let calls = &evidence.figures.failed_calls;
    let words = calls.iter().map(|it| {
        let (name, times) = (it.operation.name(), plural(it.count, "time"));
        format!("{name} failed {times} ({})", it.error)
    });
    let words: Vec<_> = words.collect();
    let count = some(calls.iter().map(|it| it.count).sum())?;
    let found = Finding::new("call_failed", words.join(", "));
    Some(found.with("count", count))
}

fn never_echoed(evidence: &Evidence) -> Option<Finding> {
    let bytes = evidence.figures.unsent_bytes;
    let concerned = evidence.figures.unsent_on?;
    let (n, who) = (plural(bytes, "byte"), who(concerned));
    let seen = format!("{n} of {who} came in and were never echoed");
    Some(Finding::new("never_echoed", seen).of(concerned).with("bytes", bytes))
}

fn events_lost(evidence: &Evidence) -> Option<Finding> {
    let events = some(evidence.events_lost)?;
    let n = plural(events, "event");
    let seen = format!("{n} found no room and are not shown");
    Some(Finding::new("events_lost", seen).with("events", events))
}

/// A count, unless it is zero.
fn some(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

/// The connection concerned, or the first of them.
fn who(Concerned { first, connections }: Concerned) -> String {
    match connections {
        1 => format!("connection {first}"),
        n => format!("{}, first {first},", plural(n, "connection")),
    }
}
