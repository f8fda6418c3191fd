//! The log: a line an entry, and a line of counters a second.

use super::WIDTH;
use super::document::NOTHING;
use crate::text::clean;
use crate::text::plural;

use crate::units::{show_count, show_short, show_size, show_time};
use crate::view::{
    Entry, Found, Kind, Made, More, Outcome, PhaseMark, Rates, Readiness, Site,
    SocketId, Told, What, long_run, never_retrieved, phase_status, phase_words,
};
use std::fmt::Write as _;
use std::time::Duration;

/// How many of the sockets that a wait names are shown.
const READY_SHOWN: usize = 2;

/// Where the line of source stands in a line of the log.
const SITE_AT: usize = 60;

/// How many bytes a line of the log has, unless it is a long one.
const LINE_ROOM: usize = 96;

/// What the log tells as a line, or two, without its end: [`line()`],
/// [`phase_line`] or [`counter_line`].
#[must_use]
pub fn told_line(told: &Told) -> String {
    match told {
        Told::Entry(entry) => line(entry),
        Told::Phase { mark, deadline } => phase_line(mark, *deadline),
        Told::Rates { at, rates, lost } => counter_line(*at, rates, *lost),
    }
}

/// The entry as a line without its end: time since the start in seconds,
/// socket, call, outcome, line of source.
#[must_use]
pub fn line(entry: &Entry) -> String {
    let words = Words::of(&entry.what);
    let mut line = String::with_capacity(LINE_ROOM);
    push_seconds(&mut line, entry.at);
    // Writing to a string cannot fail.
    let _ = match words.socket {
        Some(SocketId(id)) => write!(line, "  #{id:<5}"),
        None => write!(line, "  {NOTHING:<6}"),
    };
    if !words.call.is_empty() {
        let _ = write!(line, "{:<8}", words.call);
    }
    line.push_str(&words.detail);
    if let Some(site) = words.site {
        let space = SITE_AT.saturating_sub(line.chars().count());
        line.extend(std::iter::repeat_n(' ', space + 2));
        let _ = write!(line, "{site}");
    }
    clean(&line)
}

/// The beginning of a phase as a line without its end; the grace period is
/// over at `deadline`, if the server was asked to stop.
#[must_use]
pub fn phase_line(mark: &PhaseMark, deadline: Option<Duration>) -> String {
    let PhaseMark { phase, at, left } = *mark;
    let left_in = deadline.map(|deadline| deadline.saturating_sub(at));
    let status = phase_status(phase, left, left_in);
    let words = match status.as_str() {
        name if name == phase.name() => phase_words(phase),
        status => format!("{status}; {}", phase.words()),
    };
    let mut line = String::with_capacity(LINE_ROOM);
    push_seconds(&mut line, at);
    let _ = write!(line, "  {NOTHING:<6}{words}");
    line
}

/// What a server did a second, its state, and how many events have not been
/// shown so far, without a line end after it: one line, or two where one
/// would be wider than a terminal of 80 columns. Bytes that did not move and
/// calls that would not have blocked are left out.
#[must_use]
pub fn counter_line(at: Duration, rates: &Rates, lost: u64) -> String {
    let moved = |bytes: u64, way: &str| {
        (bytes > 0).then(|| format!("{} {way}", show_size(bytes)))
    };
    let parts = [
        Some(some(rates.iterations, "iteration")),
        Some(calls(rates)),
        moved(rates.bytes_in, "in"),
        moved(rates.bytes_out, "out"),
        Some(format!("{} open", show_count(rates.open))),
        Some(some(rates.threads, "thread")),
        (lost > 0).then(|| format!("{} not shown", plural(lost, "event"))),
    ];
    let mut line = String::with_capacity(LINE_ROOM);
    push_seconds(&mut line, at);
    line.push_str("  /s");
    joined(line, parts.into_iter().flatten())
}

fn calls(rates: &Rates) -> String {
    let calls = some(rates.calls, "call");
    match rates.would_blocks {
        0 => calls,
        n => format!("{calls} ({} would block)", show_short(n)),
    }
}

/// `1 call`, `41.2k calls`.
fn some(n: u64, word: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {word}{s}", show_short(n))
}

/// The parts behind a beginning, on further lines where they need them.
fn joined(mut line: String, parts: impl Iterator<Item = String>) -> String {
    let indent = " ".repeat(line.chars().count());
    let mut before = String::new();
    for part in parts {
        if line.chars().count() + 2 + part.chars().count() > WIDTH {
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

/// An entry in words, by the columns of the log.
struct Words {
    socket: Option<SocketId>,
    call: &'static str,
    detail: String,
    site: Option<Site>,
}

impl Words {
    fn of(what: &What) -> Self {
        let of_socket = |socket, call, detail| Self {
            socket: Some(socket),
            call,
            detail,
            site: None,
        };
        let of_none =
            |detail| Self { socket: None, call: "", detail, site: None };
        match what {
            What::Made(made) => Self::of_call(made),
            What::Asleep { kind, socket, site } => Self {
                socket: Some(*socket).filter(|_| *kind != Kind::Wait),
                call: "",
                detail: format!("asleep in {} …", kind.name()),
                site: Some(*site),
            },
            What::FoundNothing(found) => of_none(found_nothing(found)),
            What::Listening => of_socket(SocketId(0), "", "listening".into()),
            What::Opened { socket, peer } => {
                let peer = peer.map(|peer| format!("from {peer}"));
                of_socket(*socket, "opened", peer.unwrap_or_default())
            }
            What::Closed { socket, end, unsent } => {
                of_socket(*socket, "closed", What::end_words(*end, *unsent))
            }
            What::Handled { socket, end } => {
                of_socket(*socket, "handled", end.words())
            }
            What::Ready { socket, ready } => {
                of_socket(*socket, "ready", watched(*ready))
            }
            What::Watched { socket, interest } => {
                of_socket(*socket, "watched", watched(*interest))
            }
            What::Paused(limit) => {
                let words = format!("accepting pauses: {}", limit.words());
                of_socket(SocketId(0), "", words)
            }
            What::Phase(phase) => of_none(phase_words(*phase)),
            What::Task { task, now } => {
                let words = format!("{task} {}", now.words());
                Self {
                    socket: None,
                    call: "task",
                    detail: words,
                    site: now.site(),
                }
            }
            What::LongRun { task, time } => {
                let words = long_run(*task, *time);
                of_none(words)
            }
            What::NeverRetrieved { task, site, socket, end } => {
                let words = never_retrieved(*task, *site, *end);
                Self {
                    socket: *socket,
                    call: "task",
                    detail: words,
                    site: None,
                }
            }
            What::NotShown { entries } => of_none(What::not_shown(*entries)),
        }
    }

    fn of_call(made: &Made) -> Self {
        let slept =
            made.slept.map(|slept| format!(" (slept {})", show_time(slept)));
        Self {
            socket: made.about(),
            call: made.kind.name(),
            detail: outcome(made) + &slept.unwrap_or_default(),
            site: Some(made.site),
        }
    }
}

fn outcome(made: &Made) -> String {
    let went = match (made.outcome, &made.more) {
        (Outcome::Bytes(_), _) => made.moved(),
        (Outcome::EndOfFile, _) => "end of file".into(),
        (Outcome::WouldBlock, _) => "would block".into(),
        (Outcome::Accepted(_), More::Peer(peer)) => format!("from {peer}"),
        (Outcome::Accepted(id), _) => format!("up to {id}"),
        (Outcome::Ready(0), _) => "nothing ready".into(),
        (Outcome::Ready(n), more) => ready(n, more),
        (Outcome::Done, More::Interest(interest)) => watched(*interest),
        (Outcome::Done, _) => "done".into(),
        (Outcome::Paused, _) => "paused, at a limit".into(),
        (Outcome::Closed, _) => closed(made.kind).into(),
        (Outcome::Failed(kind), _) => format!("failed: {kind}"),
    };
    match made.times {
        1 => went,
        n => format!("{} times: {went}", show_count(n)),
    }
}

/// By the server itself, under a call that slept.
fn closed(kind: Kind) -> &'static str {
    match kind {
        Kind::Accept => "the listener is closed",
        _ => "shut down, as the grace period is over",
    }
}

fn ready(count: u32, more: &More) -> String {
    let More::Ready(sockets) = more else { return format!("{count} ready") };
    let shown = sockets.iter().take(READY_SHOWN);
    let named: Vec<_> =
        shown.map(|(id, ready)| format!("{id} {}", word(*ready))).collect();
    let all = named.join(", ");
    match count as usize {
        n if n > named.len() => format!("{count} ready: {all}, …"),
        _ => format!("ready: {all}"),
    }
}

/// For input, for room to write, or for both.
const fn word(ready: Readiness) -> &'static str {
    match (ready.readable, ready.writable) {
        (true, true) => "both",
        (true, false) => "input",
        (false, true) => "room",
        (false, false) => "nothing",
    }
}

fn watched(interest: Readiness) -> String {
    format!("for {}", word(interest))
}

/// A single iteration is not told: the same one may have found something in
/// its other calls.
fn found_nothing(found: &Found) -> String {
    let calls = plural(found.calls, "call");
    let iterations = match found.iterations {
        0 | 1 => String::new(),
        n => format!("{}, ", plural(n, "iteration")),
    };
    format!("{iterations}{calls} found nothing (would block)")
}
