//! The log: a line an entry, and a line of counters a second.

use crate::model::format::{bytes, clean, count, short, time};
use crate::model::{
    Entry, Found, Kind, Made, More, Outcome, Phase, Rates, Readiness, Site,
    SocketId, What,
};
use std::time::Duration;

/// How many of the sockets that a wait names are shown.
const READY_SHOWN: usize = 3;

/// The entry as a line without its end: time since the start in seconds,
/// socket, call, outcome, line of source.
#[must_use]
pub fn line(entry: &Entry) -> String {
    let words = Words::of(&entry.what);
    let socket = words.socket.map_or("—".into(), |id| id.to_string());
    let at = seconds(entry.at);
    let said = match words.call {
        "" => format!("{at}  {socket:<6}{}", words.detail),
        call => format!("{at}  {socket:<6}{call:<8}{}", words.detail),
    };
    let line = match words.site {
        Some(site) => format!("{said:<60}  {site}"),
        None => said,
    };
    clean(&line)
}

/// What a server did a second, its state, and how many events have not been
/// shown so far, as a line without its end.
#[must_use]
pub fn counter_line(at: Duration, rates: &Rates, lost: u64) -> String {
    let lost = match lost {
        0 => String::new(),
        lost => format!("  {} events not shown", count(lost)),
    };
    format!(
        "{}  /s    {:>5} iterations  {:>5} calls  {:>5} would block  \
         {:>8} in  {:>8} out  {} open  {} thread{}{lost}",
        seconds(at),
        short(rates.iterations),
        short(rates.calls),
        short(rates.would_blocks),
        bytes(rates.bytes_in),
        bytes(rates.bytes_out),
        count(rates.open),
        count(rates.threads),
        if rates.threads == 1 { "" } else { "s" },
    )
}

fn seconds(time: Duration) -> String {
    format!("{:>4}.{:03}", time.as_secs(), time.subsec_millis())
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
                let end = end.words() + &never_echoed(*unsent);
                of_socket(*socket, "closed", end)
            }
            What::Ready { socket, ready } => {
                of_socket(*socket, "ready", letters(*ready))
            }
            What::Watched { socket, interest } => {
                of_socket(*socket, "watched", watched(*interest))
            }
            What::Paused(limit) => {
                let words = format!("accepting pauses: {}", limit.words());
                of_socket(SocketId(0), "", words)
            }
            What::Phase(phase) => of_none(phase_words(*phase).into()),
            What::NotShown { entries } => {
                of_none(format!("… {} entries not shown", count(*entries)))
            }
        }
    }

    fn of_call(made: &Made) -> Self {
        let socket = match (made.kind, made.outcome) {
            (Kind::Wait, _) => None,
            (_, Outcome::Accepted(id)) => Some(id),
            _ => Some(made.socket),
        };
        let slept = made.slept.map(|slept| format!(" (slept {})", time(slept)));
        Self {
            socket,
            call: made.kind.name(),
            detail: outcome(made) + &slept.unwrap_or_default(),
            site: Some(made.site),
        }
    }
}

fn outcome(made: &Made) -> String {
    let times = match made.times {
        1 => String::new(),
        n => format!("{} times: ", count(n)),
    };
    let went = match (made.outcome, &made.more) {
        (Outcome::Bytes(_), _) => moved(made),
        (Outcome::EndOfFile, _) => "end of file".into(),
        (Outcome::WouldBlock, _) => "would block".into(),
        (Outcome::Accepted(_), More::Peer(peer)) => format!("from {peer}"),
        (Outcome::Accepted(id), _) => format!("up to {id}"),
        (Outcome::Ready(0), _) => "nothing ready".into(),
        (Outcome::Ready(n), more) => ready(n, more),
        (Outcome::Done, More::Interest(interest)) => watched(*interest),
        (Outcome::Done, _) => "done".into(),
        (Outcome::Paused, _) => "paused, at a limit".into(),
        (Outcome::Closed, _) => "the listener is closed".into(),
        (Outcome::Failed(kind), _) => format!("failed: {kind}"),
    };
    times + &went
}

/// After a write it matters what is left to write.
fn moved(made: &Made) -> String {
    let moved = bytes(made.bytes);
    match (made.kind, made.pending) {
        (Kind::Write, 1..) => {
            format!("{moved}, {} still pending", bytes(made.pending.into()))
        }
        _ => moved,
    }
}

fn ready(count: u32, more: &More) -> String {
    let More::Ready(sockets) = more else { return format!("{count} ready") };
    let shown = sockets.iter().take(READY_SHOWN);
    let named: Vec<_> =
        shown.map(|(id, ready)| format!("{id} {}", letters(*ready))).collect();
    let rest = if count as usize > named.len() { ", …" } else { "" };
    format!("{count} ready: {}{rest}", named.join(", "))
}

fn letters(ready: Readiness) -> String {
    let letters = [(ready.readable, "R"), (ready.writable, "W")];
    let set = letters.into_iter().filter(|(is_set, _)| *is_set);
    set.map(|(_, letter)| letter).collect::<Vec<_>>().join(" ")
}

fn watched(interest: Readiness) -> String {
    match letters(interest) {
        letters if letters.is_empty() => "for nothing".into(),
        letters => format!("for {letters}"),
    }
}

/// A single pass is not told: the same pass may have found something in
/// its other calls.
fn found_nothing(found: &Found) -> String {
    let calls = match found.calls {
        1 => "1 call".into(),
        calls => format!("{} calls", count(calls)),
    };
    let passes = match found.passes {
        0 | 1 => String::new(),
        passes => format!("{} passes, ", count(passes)),
    };
    format!("{passes}{calls} found nothing (would block)")
}

fn never_echoed(unsent: u32) -> String {
    match unsent {
        0 => String::new(),
        unsent => format!(", {} never echoed", bytes(unsent.into())),
    }
}

const fn phase_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "serving",
        Phase::Finishing => "stopping: new clients are refused",
        Phase::Over => "the grace period is over",
    }
}
