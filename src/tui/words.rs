//! What happened, in the words of a screen.

use crate::probe::LISTENER;
use crate::text::clean;
pub(super) use crate::units::show_clock as clock;
use crate::units::{show_count, show_size, show_time};
use crate::view::HandState;
use crate::view::SocketState;
use crate::view::{
    Entry, Found, Kind, Made, More, Outcome, Readiness, Site, SocketId, What,
    long_run, never_retrieved, phase_words,
};

/// How many of the sockets that a wait names are shown.
const READY_SHOWN: usize = 3;

/// An entry by the columns of the pane.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The socket, if it is about one.
    pub(super) socket: Option<SocketId>,
    /// The call or what else it is, in a word; may be empty.
    pub(super) call: &'static str,
    /// How it went; nothing from outside is in it unescaped.
    pub(super) detail: String,
    /// The line of source, if one made it.
    pub(super) site: Option<Site>,
}

impl Told {
    /// The entry in words.
    pub(super) fn of(entry: &Entry) -> Self {
        let (socket, call, detail) = match &entry.what {
            What::Made(made) => return Self::call(made),
            What::Asleep { kind, socket, site } => {
                let socket = Some(*socket).filter(|_| *kind != Kind::Wait);
                let detail = "asleep …".into();
                let (call, site) = (kind.name(), Some(*site));
                return Self { socket, call, detail, site };
            }
            What::FoundNothing(found) => (None, "", found_nothing(found)),
            What::Listening => (Some(LISTENER), "", "listening".into()),
            What::Opened { socket, peer } => {
                let peer = peer.map(|peer| format!("from {peer}"));
                (Some(*socket), "opened", peer.unwrap_or_default())
            }
            What::Closed { socket, end, unsent } => {
                (Some(*socket), "closed", What::end_words(*end, *unsent))
            }
            What::Handled { socket, end } => {
                (Some(*socket), "handled", end.words())
            }
            What::Ready { socket, ready } => {
                (Some(*socket), "ready", letters(*ready))
            }
            What::Watched { socket, interest } => {
                (Some(*socket), "watched", watched(*interest))
            }
            What::Paused(limit) => {
                let detail = format!("accepting pauses: {}", limit.words());
                (Some(LISTENER), "", detail)
            }
            What::Phase(phase) => (None, "", phase_words(*phase)),
            What::Task { task, now } => {
                let words = format!("{task} {}", now.words());
                (None, "task", words)
            }
            What::LongRun { task, time } => {
                let words = long_run(*task, *time);
                (None, "task", words)
            }
            What::NeverRetrieved { task, site, socket, end } => {
                let words = never_retrieved(*task, *site, *end);
                (*socket, "task", words)
            }
            What::NotShown { entries } => (None, "", What::not_shown(*entries)),
        };
        Self { socket, call, detail: clean(&detail), site: None }
    }

    fn call(made: &Made) -> Self {
        let socket = made.about();
        let times = match made.times {
            1 => String::new(),
            n => format!("{} times: ", show_count(n)),
        };
        let slept = made.slept.map(|it| format!(", slept {}", show_time(it)));
        let detail = times + &went(made) + &slept.unwrap_or_default();
        let (call, site) = (made.kind.name(), Some(made.site));
        Self { socket, call, detail: clean(&detail), site }
    }
}

fn went(made: &Made) -> String {
    match (made.outcome, &made.more) {
        (Outcome::Bytes(_), _) => made.moved(),
        (Outcome::Accepted(_), More::Peer(peer)) => peer.to_string(),
        (Outcome::Ready(n), More::Ready(sockets)) => ready(n, sockets),
        (Outcome::Done, More::Interest(interest)) => watched(*interest),
        (outcome, _) => outcome_words(outcome),
    }
}

/// How a call went, in a few words: `would block`, `128 B`, `2 ready`.
pub(super) fn outcome_words(outcome: Outcome) -> String {
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

fn ready(n: u32, sockets: &[(SocketId, Readiness)]) -> String {
    let shown = sockets.iter().take(READY_SHOWN);
    let named: Vec<_> =
        shown.map(|(id, ready)| format!("{id} {}", letters(*ready))).collect();
    let rest = if n as usize > named.len() { ", …" } else { "" };
    format!("{n} ready: {}{rest}", named.join(", "))
}

fn letters(ready: Readiness) -> String {
    match (ready.readable, ready.writable) {
        (true, true) => "R W".into(),
        (true, false) => "R".into(),
        (false, true) => "W".into(),
        (false, false) => String::new(),
    }
}

fn watched(interest: Readiness) -> String {
    match letters(interest) {
        letters if letters.is_empty() => "for nothing".into(),
        letters => format!("for {letters}"),
    }
}

fn found_nothing(found: &Found) -> String {
    let calls = match found.calls {
        1 => "1 call".into(),
        calls => format!("{} calls", show_count(calls)),
    };
    match found.iterations {
        0 | 1 => format!("{calls} would block"),
        passes => {
            format!("{} iterations, {calls} would block", show_count(passes))
        }
    }
}

/// What a socket is doing, in words.
pub(super) const fn state_words(state: SocketState) -> &'static str {
    match state {
        SocketState::Listening => "listening",
        SocketState::ClosedListener => "closed to new",
        SocketState::AsleepInRead => "asleep in read",
        SocketState::AsleepInWrite => "asleep in write",
        SocketState::Polled => "polled",
        SocketState::WaitingForReadable => "waiting for readable",
        SocketState::OutputPending => "output pending",
        SocketState::HalfClosed => "half-closed",
        SocketState::Served => "being served",
        SocketState::Failed => "failed, still open",
        SocketState::Reset => "reset",
        SocketState::Closed => "closed",
    }
}

/// How a client driven by hand is, in words.
pub(super) fn hand_words(state: &HandState) -> String {
    match state {
        HandState::Connecting => "connecting".into(),
        HandState::Open => "open".into(),
        HandState::HalfClosed => "half-closed".into(),
        HandState::EndedByServer => "ended by server".into(),
        HandState::Closed => "closed".into(),
        HandState::Reset => "reset".into(),
        HandState::Failed(why) => clean(why),
    }
}

/// Text broken into lines of at most so many characters, at spaces.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The last bytes of something, as text that steers no terminal: bytes that
/// are no text are escaped, too.
pub(super) fn preview(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(&clean(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
        text
    })
}
