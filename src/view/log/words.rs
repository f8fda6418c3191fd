//! The log's words: one function from an entry to its sentence, for the log,
//! the screen and a replay's search alike.

use super::{Found, LogEntry, LogLine, Made, More, Readiness, What};
use crate::probe::{
    End, Kind, LISTENER, Note, Outcome, PhaseMark, Site, SocketId, TaskId,
};
use crate::text::clean;
use crate::units::{plural, show_count, show_short, show_size, show_time};
use crate::view::{Rates, phase_status, phase_words};
use std::fmt::Write as _;
use std::time::Duration;

/// How many of the sockets that a wait names are shown.
const READY_SHOWN: usize = 2;

/// The column of the call site in a line of the log.
const SITE_COLUMN: usize = 60;

/// The width of a terminal, which a line of counters keeps within.
const TERMINAL_WIDTH: usize = 80;

/// The usual length of a line in bytes.
const LINE_CAPACITY: usize = 96;

/// In place of a socket's number, where an entry is about none.
const NO_SOCKET: &str = "—";

/// An entry in words, by the columns of the log.
#[derive(Debug, PartialEq, Eq)]
pub struct LogWords {
    /// The socket, if it is about one.
    pub socket: Option<SocketId>,
    /// The call or what else it is, in a word; may be empty.
    pub call: &'static str,
    /// How it went; control characters are escaped.
    pub detail: String,
    /// The line of source that made it.
    pub site: Option<Site>,
}

impl LogWords {
    /// What happened, in words.
    pub fn new(what: &What) -> Self {
        let mut site = None;
        let (socket, call, detail) = match what {
            What::Made(made) => {
                site = Some(made.site);
                (made.about(), made.kind.name(), made.words())
            }
            What::Asleep { kind, socket, site: line } => {
                site = Some(*line);
                let socket = Some(*socket).filter(|_| *kind != Kind::Wait);
                (socket, "", format!("asleep in {} …", kind.name()))
            }
            What::FoundNothing(found) => (None, "", found.words()),
            What::Note(note) => {
                // What a task does is not a socket's doing.
                let mut socket = note.socket();
                if let Note::Task { now, .. } = note {
                    (socket, site) = (None, now.site());
                }
                let (call, detail) = note_words(note);
                (socket, call, detail)
            }
            What::NotShown { entries } => {
                let entries = show_count(*entries);
                (None, "", format!("… {entries} entries not shown"))
            }
        };
        Self { socket, call, detail: clean(&detail), site }
    }
}

fn note_words(note: &Note) -> (&'static str, String) {
    match *note {
        Note::Opened { socket: LISTENER, .. } => ("", "listening".into()),
        Note::Opened { peer, .. } => {
            let peer = peer.map(|peer| format!("from {peer}"));
            ("opened", peer.unwrap_or_default())
        }
        Note::Closed { end, unsent, .. } => ("closed", end_words(end, unsent)),
        Note::Handled { end, .. } => ("handled", end.words()),
        Note::Failed { end, .. } => ("failed", end.words()),
        Note::Ready { readable, writable, .. } => {
            ("ready", Readiness { readable, writable }.watched())
        }
        Note::Interest { readable, writable, .. } => {
            ("watched", Readiness { readable, writable }.watched())
        }
        Note::Paused(limit) => {
            ("", format!("accepting pauses: {}", limit.words()))
        }
        Note::Phase(phase) => ("", phase_words(phase)),
        Note::Task { task, now } => ("task", format!("{task} {}", now.words())),
        Note::Step(step) => ("", step.name().into()),
        Note::Timers(timers) => ("", plural(timers.into(), "timer")),
        Note::LongRun { task, time } => ("", long_run(task, time.duration())),
        Note::NeverRetrieved { task, site, end, .. } => {
            ("task", never_retrieved(task, site, end))
        }
    }
}

impl Made {
    /// The socket it is about: of an accept the new one, of a wait none.
    pub fn about(&self) -> Option<SocketId> {
        match (self.kind, self.outcome) {
            (Kind::Wait, _) => None,
            (_, Outcome::Accepted(id)) => Some(id),
            _ => Some(self.socket),
        }
    }

    /// How the calls went, and how long the thread slept.
    fn words(&self) -> String {
        let times = match self.times {
            1 => String::new(),
            n => format!("{} times: ", show_count(n)),
        };
        let slept = self.slept.map(|it| format!(" (slept {})", show_time(it)));
        times + &self.outcome_words() + &slept.unwrap_or_default()
    }

    fn outcome_words(&self) -> String {
        match (self.outcome, &self.more) {
            (Outcome::Bytes(_), _) => self.moved(),
            (Outcome::Accepted(_), More::Peer(peer)) => format!("from {peer}"),
            (Outcome::Accepted(id), _) => format!("up to {id}"),
            (Outcome::Ready(n @ 1..), More::Ready(named)) => ready(n, named),
            (Outcome::Done, More::Interest(interest)) => interest.watched(),
            (Outcome::Paused, _) => "paused, at a limit".into(),
            (Outcome::Closed, _) if self.kind == Kind::Accept => {
                "the listener is closed".into()
            }
            (Outcome::Closed, _) => {
                "shut down, as the grace period is over".into()
            }
            (outcome, _) => outcome_words(outcome),
        }
    }

    /// The bytes it moved; after a write it matters what is left to write.
    fn moved(&self) -> String {
        let moved = show_size(self.bytes);
        match (self.kind, self.pending) {
            (Kind::Write, 1..) => {
                let pending = show_size(self.pending.into());
                format!("{moved}, {pending} still pending")
            }
            _ => moved,
        }
    }
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

fn ready(count: u32, sockets: &[(SocketId, Readiness)]) -> String {
    let shown = sockets.iter().take(READY_SHOWN);
    let named: Vec<_> =
        shown.map(|(id, ready)| format!("{id} {}", ready.word())).collect();
    let all = named.join(", ");
    match count as usize {
        n if n > named.len() => format!("{count} ready: {all}, …"),
        _ => format!("ready: {all}"),
    }
}

impl Readiness {
    /// For input, for room to write, or for both.
    const fn word(self) -> &'static str {
        match (self.readable, self.writable) {
            (true, true) => "both",
            (true, false) => "input",
            (false, true) => "room",
            (false, false) => "nothing",
        }
    }

    fn watched(self) -> String {
        format!("for {}", self.word())
    }
}

impl Found {
    /// A single iteration is not counted: it may have found something in its
    /// other calls.
    fn words(&self) -> String {
        let calls = plural(self.calls, "call");
        let iterations = match self.iterations {
            0 | 1 => String::new(),
            n => format!("{}, ", plural(n, "iteration")),
        };
        format!("{iterations}{calls} found nothing (would block)")
    }
}

/// The end of a connection: how, and what it cost.
fn end_words(end: End, unsent: u32) -> String {
    let end = end.words();
    match unsent {
        0 => end,
        unsent => format!("{end}, {} never echoed", show_size(unsent.into())),
    }
}

/// What a loop says of a task that kept the thread for too long.
pub fn long_run(task: TaskId, time: Duration) -> String {
    let ms = time.as_millis();
    format!("{task} ran for {ms} ms without a pause: all others had to wait")
}

/// What a loop says of a task whose error was never looked at.
pub fn never_retrieved(task: TaskId, site: Site, end: End) -> String {
    let end = end.words();
    format!(
        "task exception was never retrieved: {task}, spawned at {site}: {end}"
    )
}

/// What the log says, as one line or two, without a line end after it.
pub fn log_line(logged: &LogLine) -> String {
    match logged {
        LogLine::Entry(entry) => line(entry),
        LogLine::Phase { mark, deadline } => phase_line(mark, *deadline),
        LogLine::Rates { at, rates, lost } => counter_line(*at, rates, *lost),
    }
}

/// The entry as a line without its end: time since the start in seconds,
/// socket, call, outcome, line of source.
pub fn line(entry: &LogEntry) -> String {
    let words = LogWords::new(&entry.what);
    let mut line = String::with_capacity(LINE_CAPACITY);
    push_seconds(&mut line, entry.at);
    // Writing to a string cannot fail.
    let _ = match words.socket {
        Some(SocketId(id)) => write!(line, "  #{id:<5}"),
        None => write!(line, "  {NO_SOCKET:<6}"),
    };
    if !words.call.is_empty() {
        let _ = write!(line, "{:<8}", words.call);
    }
    line.push_str(&words.detail);
    if let Some(site) = words.site {
        let space = SITE_COLUMN.saturating_sub(line.chars().count());
        line.extend(std::iter::repeat_n(' ', space + 2));
        let _ = write!(line, "{site}");
    }
    clean(&line)
}

/// The beginning of a phase as a line without its end; the grace period is
/// over at `deadline`, if the server was asked to stop.
pub fn phase_line(mark: &PhaseMark, deadline: Option<Duration>) -> String {
    let PhaseMark { phase, at, left } = *mark;
    let at = at.duration();
    let left_in = deadline.map(|deadline| deadline.saturating_sub(at));
    let status = phase_status(phase, left, left_in);
    let words = match status.as_str() {
        name if name == phase.name() => phase_words(phase),
        status => format!("{status}; {}", phase.words()),
    };
    let mut line = String::with_capacity(LINE_CAPACITY);
    push_seconds(&mut line, at);
    let _ = write!(line, "  {NO_SOCKET:<6}{words}");
    line
}

/// What a server did a second, its state, and how many events have not been
/// shown so far, without a line end after it: one line, or two where one
/// would be wider than a terminal of 80 columns. Bytes that did not move and
/// calls that would not have blocked are left out.
pub fn counter_line(at: Duration, rates: &Rates, lost: u64) -> String {
    let moved = |bytes: u64, way: &str| {
        (bytes > 0).then(|| format!("{} {way}", show_size(bytes)))
    };
    let some = |n: u64, thing: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{} {thing}{s}", show_short(n))
    };
    let calls = match rates.would_blocks {
        0 => some(rates.calls, "call"),
        n => {
            let calls = some(rates.calls, "call");
            format!("{calls} ({} would block)", show_short(n))
        }
    };
    let parts = [
        Some(some(rates.iterations, "iteration")),
        Some(calls),
        moved(rates.bytes_in, "in"),
        moved(rates.bytes_out, "out"),
        Some(format!("{} open", show_count(rates.open))),
        Some(some(rates.threads, "thread")),
        (lost > 0).then(|| format!("{} not shown", plural(lost, "event"))),
    ];
    let mut line = String::with_capacity(LINE_CAPACITY);
    push_seconds(&mut line, at);
    line.push_str("  /s");
    joined(line, parts.into_iter().flatten())
}

/// The parts behind a beginning, on further lines where they need them.
fn joined(mut line: String, parts: impl Iterator<Item = String>) -> String {
    let indent = " ".repeat(line.len());
    let mut before = String::new();
    for part in parts {
        if line.len() + 2 + part.len() > TERMINAL_WIDTH {
            before.push_str(&line);
            before.push('\n');
            line.clone_from(&indent);
        }
        line.push_str("  ");
        line.push_str(&part);
    }
    before + &line
}

fn push_seconds(line: &mut String, time: Duration) {
    let (seconds, ms) = (time.as_secs(), time.subsec_millis());
    let _ = write!(line, "{seconds:>4}.{ms:03}");
}
