//! The text of the log: one function from an entry to its sentence, for the
//! log, the screen and a replay's search alike.

use super::{LogEntry, LogLine};
use crate::probe::{
    Event, Kind, LISTENER, Note, Outcome, Phase, PhaseMark, Site, SocketId,
};
use crate::text::{NO_BREAK, clean, wrap};
use crate::units::{
    plural, show_clock, show_count, show_short, show_size, show_time,
};
use crate::view::{Rates, Readiness};
use itertools::Itertools as _;
use std::fmt;
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;

/// How many of the sockets that a wait reports are shown.
const READY_SHOWN: usize = 2;

/// The column of the call site in a line of the log.
const SITE_COLUMN: usize = 60;

/// The width of a terminal, which a line of counters does not exceed.
const WIDTH: usize = 80;

/// Shown in place of a socket's number if an entry is about none.
const NO_SOCKET: &str = "—";

/// An entry in words, by the columns of the log.
#[derive(Debug, PartialEq, Eq)]
pub struct LogWords {
    /// The socket that it is about, if any.
    pub socket: Option<SocketId>,
    /// The call or the kind of note, in a word; may be empty.
    pub call: &'static str,
    /// The outcome or the note; control characters are escaped.
    pub detail: String,
    /// The line of the call, or of the `await` at which a task is paused.
    pub site: Option<Site>,
}

impl LogWords {
    /// Puts an entry into words.
    pub fn new(entry: &LogEntry) -> Self {
        let (socket, call, detail, site) = match entry.event {
            Event::Exit { kind, socket, site, outcome, .. } => {
                let socket = match (kind, outcome) {
                    (Kind::Wait, _) => None,
                    (_, Outcome::Accepted(client)) => Some(client),
                    _ => Some(socket),
                };
                (socket, kind.name(), call_words(entry), Some(site))
            }
            Event::Enter { kind, socket, site, .. } => {
                let socket = Some(socket).filter(|_| kind != Kind::Wait);
                let detail = format!("asleep in {} …", kind.name());
                (socket, "", detail, Some(site))
            }
            Event::Idle { calls, passes, .. } => {
                // A single iteration is not counted: it may have found
                // something in its other calls.
                let iterations = match passes {
                    0 | 1 => String::new(),
                    n => format!("{}, ", plural(n, "iteration")),
                };
                let calls = plural(calls, "call");
                let detail =
                    format!("{iterations}{calls} found nothing (would block)");
                (None, "", detail, None)
            }
            Event::Note { note, .. } => {
                let (call, detail) = note_words(&note);
                match note {
                    // The state of a task is not about a socket.
                    Note::Task { now, .. } => (None, call, detail, now.site()),
                    _ => (note.socket(), call, detail, None),
                }
            }
        };
        Self { socket, call, detail: clean(&detail), site }
    }
}

fn note_words(note: &Note) -> (&'static str, String) {
    match *note {
        Note::Opened { socket: LISTENER, .. } => ("", "listening".into()),
        Note::Opened { peer, .. } => {
            ("opened", peer.map_or(String::new(), |it| format!("from {it}")))
        }
        Note::Closed { end, unsent: 0, .. } => ("closed", end.words()),
        Note::Closed { end, unsent, .. } => {
            let (end, unsent) = (end.words(), show_size(unsent.into()));
            ("closed", format!("{end}, {unsent} never echoed"))
        }
        Note::Handled { end, .. } => ("handled", end.words()),
        Note::Failed { end, .. } => ("failed", end.words()),
        Note::Ready { readable, writable, .. } => {
            ("ready", format!("for {}", Readiness { readable, writable }))
        }
        Note::Interest { readable, writable, .. } => {
            ("watched", format!("for {}", Readiness { readable, writable }))
        }
        Note::CallFailed { operation, error, .. } => {
            ("failed", format!("{}: {error}", operation.name()))
        }
        Note::Paused(limit) => {
            ("", format!("accepting pauses: {}", limit.words()))
        }
        Note::LeftWaiting { clients } => {
            let (n, were) = (plural(clients.into(), "client"), "waited to be");
            ("", format!("the listener closes: {n} {were} accepted, reset"))
        }
        Note::Stopped { time } => {
            let time = show_time(time.duration());
            ("", format!("the process was stopped for {time}"))
        }
        Note::Phase(phase) => {
            ("", format!("{}: {}", phase.name(), phase.words()))
        }
        Note::Task { task, now } => ("task", format!("{task} {}", now.words())),
        Note::Step(step) => ("", step.name().into()),
        Note::Timers { set, .. } => ("", plural(set.into(), "timer")),
        Note::LongRun { task, time } => {
            let ms = time.duration().as_millis();
            let why = "without a pause: all others had to wait";
            ("", format!("{task} ran for {ms} ms {why}"))
        }
        Note::NeverRetrieved { task, site, end, .. } => {
            let (what, end) =
                ("task exception was never retrieved", end.words());
            ("task", format!("{what}: {task}, spawned at {site}: {end}"))
        }
    }
}

/// How the calls went, and how long the thread slept.
fn call_words(entry: &LogEntry) -> String {
    let Event::Exit { kind, outcome, pending, .. } = entry.event else {
        return String::new();
    };
    let words = match (outcome, entry.notes.first()) {
        // After a write, show how much is left to write.
        (Outcome::Bytes(_), _) if kind == Kind::Write && pending > 0 => {
            let (moved, left) = (entry.bytes, u64::from(pending));
            format!("{}, {} still pending", show_size(moved), show_size(left))
        }
        (Outcome::Bytes(_), _) => show_size(entry.bytes),
        (Outcome::Accepted(_), Some(Note::Opened { peer: Some(peer), .. })) => {
            format!("from {peer}")
        }
        (Outcome::Accepted(client), _) => format!("up to {client}"),
        (Outcome::Ready(count @ 1..), Some(_)) => ready(count, &entry.notes),
        (Outcome::Done, Some(interest)) => note_words(interest).1,
        (Outcome::Paused, _) => "paused, at a limit".into(),
        (Outcome::Closed, _) if kind == Kind::Accept => {
            "the listener is closed".into()
        }
        (Outcome::Closed, _) => "shut down, as the grace period is over".into(),
        _ => outcome_words(outcome),
    };
    let times = match entry.times {
        1 => String::new(),
        n => format!("{} times: ", show_count(n)),
    };
    let slept = entry.slept().map(|it| format!(" (slept {})", show_time(it)));
    times + &words + &slept.unwrap_or_default()
}

/// The sockets that a wait reported and what for; of many, only the first ones
/// are named.
fn ready(count: u32, notes: &[Note]) -> String {
    let named = notes.iter().take(READY_SHOWN).filter_map(|note| match *note {
        Note::Ready { socket, readable, writable } => {
            Some((socket, Readiness { readable, writable }))
        }
        _ => None,
    });
    if notes.len().min(READY_SHOWN) < count as usize {
        let sockets = named.map(|it| it.0).format(", ");
        return format!("{count} ready: {sockets}, …");
    }
    named.map(|(socket, it)| format!("{socket} {it}")).join(", ")
}

/// How a call went, in a word or two: `would block`, `128 B`, `2 ready`.
pub fn outcome_words(outcome: Outcome) -> String {
    match outcome {
        Outcome::Bytes(n) => show_size(n.into()),
        Outcome::EndOfFile => "end of file".into(),
        Outcome::WouldBlock => "would block".into(),
        Outcome::Accepted(id) => format!("accepted {id}"),
        Outcome::Ready(0) => "nothing ready".into(),
        Outcome::Ready(n) => format!("{n} ready"),
        Outcome::Done => "done".into(),
        Outcome::Paused => "paused".into(),
        Outcome::Closed => "closed".into(),
        Outcome::Failed(kind) => clean(&format!("failed: {kind}")),
    }
}

/// `readable`, `writable`, `both` or `nothing`.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.readable, self.writable) {
            (true, true) => "both",
            (true, false) => "readable",
            (false, true) => "writable",
            (false, false) => "nothing",
        })
    }
}

/// How far the server's end has come: how many connections are left, and how
/// much of the grace period: `finishing: 3 left, deadline in 1.4 s`.
pub fn phase_status(
    phase: Phase,
    left: u64,
    deadline_in: Option<Duration>,
) -> String {
    let name = phase.name();
    let time = match deadline_in.filter(|_| phase < Phase::Cancelling) {
        None => String::new(),
        // Where each client has a deadline of its own, this is no error.
        Some(Duration::ZERO) => ", past the deadline".into(),
        Some(time) => {
            // Round to the nearest tenth of a second, as `show_clock` rounds
            // down.
            let nearest = time.saturating_add(Duration::from_millis(50));
            format!(", deadline in {}", show_clock(nearest))
        }
    };
    match (phase, left) {
        (Phase::Running, _) | (Phase::Cancelling | Phase::Ended, 0) => {
            name.into()
        }
        (_, 0) => format!("{name}: none left"),
        (_, left) => format!("{name}: {} left{time}", show_count(left)),
    }
}

/// The entry as a line without a line feed: time since the start in seconds,
/// socket, call, outcome, line of source.
impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogWords { socket, call, detail, site } = LogWords::new(self);
        let socket = socket.map_or(NO_SOCKET.into(), |it| it.to_string());
        let width = if call.is_empty() { 0 } else { 8 };
        let time = seconds(self.at());
        let mut line = format!("{time}  {socket:<6}{call:<width$}{detail}");
        if let Some(site) = site {
            line = format!("{line:<SITE_COLUMN$}  {site}");
        }
        f.write_str(&clean(&line))
    }
}

/// The line without a line feed at its end; rates may take two lines.
impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = seconds(self.at());
        match self {
            Self::Entry(entry) => entry.fmt(f),
            Self::NotShown { entries, .. } => {
                let entries = show_count(*entries);
                write!(f, "{time}  {NO_SOCKET:<6}… {entries} entries not shown")
            }
            Self::Phase { mark: PhaseMark { phase, at, left }, deadline } => {
                let (name, meaning) = (phase.name(), phase.words());
                let left_in =
                    deadline.map(|it| it.saturating_sub(at.duration()));
                let status = phase_status(*phase, *left, left_in);
                let colon = if status == name { ":" } else { ";" };
                write!(f, "{time}  {NO_SOCKET:<6}{status}{colon} {meaning}")
            }
            Self::Rates { rates, lost, .. } => {
                f.write_str(&rates_line(&time, rates, *lost))
            }
            Self::Waits { words, .. } => {
                let head = format!("{time}  {NO_SOCKET:<6}");
                let indent = format!("\n{}", " ".repeat(head.width()));
                let lines = wrap(&clean(words), WIDTH - head.width());
                write!(f, "{head}{}", lines.join(&indent))
            }
        }
    }
}

/// What a server did per second, its state, and how many events have not been
/// shown so far: one line, or two where one would be wider than a terminal.
/// Zero bytes, would-block calls and lost events are left out.
fn rates_line(time: &str, rates: &Rates, lost: u64) -> String {
    let moved = |bytes: u64, way: &str| {
        (bytes > 0).then(|| format!("{} {way}", show_size(bytes)))
    };
    let some = |n: u64, thing: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{} {thing}{s}", show_short(n))
    };
    let in_vain = match rates.would_blocks {
        0 => String::new(),
        n => format!(" ({} would block)", show_short(n)),
    };
    let parts = [
        Some(some(rates.iterations, "iteration")),
        Some(some(rates.calls, "call") + &in_vain),
        moved(rates.bytes_in, "in"),
        moved(rates.bytes_out, "out"),
        Some(format!("{} open", show_count(rates.open))),
        Some(some(rates.threads, "thread")),
        (lost > 0).then(|| format!("{} not shown", plural(lost, "event"))),
    ];
    let head = format!("{time}  /s  ");
    let parts = parts.into_iter().flatten().map(|it| it.replace(' ', NO_BREAK));
    let lines = wrap(&parts.format("  ").to_string(), WIDTH - head.len());
    let indent = " ".repeat(head.len());
    head + &lines.join(&format!("\n{indent}"))
}

fn seconds(time: Duration) -> String {
    format!("{:>4}.{:03}", time.as_secs(), time.subsec_millis())
}
