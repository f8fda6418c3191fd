//! What a socket waits for and what is ready, as a sentence: what the program
//! has asked for, and what there is.

use super::{Readiness, SocketState, SocketView};
use crate::probe::{End, Kind, Outcome};
use crate::text::show_bytes;
use crate::units::{show_count, show_size};

/// How many characters of an unfinished line are shown.
const PART: usize = 10;

/// The readiness of a socket in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessWords {
    /// A sentence: `asked for readable; ready to read 6 B`.
    pub full: String,
    /// The most important part of it: `ready: 6 B`.
    pub short: String,
}

impl ReadinessWords {
    fn new(full: impl Into<String>, short: impl Into<String>) -> Self {
        Self { full: full.into(), short: short.into() }
    }
}

impl SocketView {
    /// What the program asked for and what is ready. `in_backlog` is how many
    /// clients wait to be accepted, which only the listener's words have.
    pub fn readiness(&self, in_backlog: u64) -> ReadinessWords {
        let Self { state, count, .. } = self;
        match state {
            SocketState::Listening => self.listener(in_backlog),
            SocketState::ClosedListener => {
                ReadinessWords::new("closed: new clients are refused", "closed")
            }
            SocketState::Reset => {
                ReadinessWords::new("reset by the client", "reset")
            }
            SocketState::Closed => {
                let end = count.end.map_or_else(String::new, End::words);
                ReadinessWords::new(format!("closed: {end}"), "closed")
            }
            SocketState::Failed => {
                let full = "its handler failed; it is still open";
                ReadinessWords::new(full, "failed, still open")
            }
            _ => self.connection(),
        }
    }

    fn connection(&self) -> ReadinessWords {
        let asked = self.asked();
        let there = self.there();
        let sleeps = matches!(
            self.state,
            SocketState::AsleepInRead | SocketState::AsleepInWrite
        );
        match there {
            None => ReadinessWords::new(asked.clone(), asked),
            Some(there) if sleeps => {
                ReadinessWords::new(format!("{asked}: {}", there.full), asked)
            }
            Some(there) => ReadinessWords::new(
                format!("{asked}; {}", there.full),
                there.short,
            ),
        }
    }

    /// What the program asked for, or does about it now.
    fn asked(&self) -> String {
        let within = || match self.call {
            Some(kind) => format!("in {}", kind.name()),
            None => "being served".into(),
        };
        match (self.state, self.interest) {
            _ if self.next.is_some() => self.held_before(),
            (SocketState::AsleepInRead, _) => "asleep in read".into(),
            (SocketState::AsleepInWrite, _) => "asleep in write".into(),
            // The event loop asks for nothing while a task runs.
            (SocketState::Served, it) if it.is_none_or(Readiness::is_none) => {
                within()
            }
            (_, Some(interest)) => format!("asked for {}", interest.words()),
            (SocketState::Polled | SocketState::OutputPending, None) => {
                "asked again and again".into()
            }
            _ => within(),
        }
    }

    fn held_before(&self) -> String {
        let kind = self.next.map_or("", Kind::name);
        let an = if kind.starts_with('a') { "an" } else { "a" };
        format!("held before {an} {kind}")
    }

    /// What there is to read or to send; `None` if that is not known.
    fn there(&self) -> Option<ReadinessWords> {
        let (count, arrived) = (&self.count, self.arrived());
        let pending = count.pending_bytes;
        let same = |words: &str| ReadinessWords::new(words, words);
        let ready = self.ready.unwrap_or_default();
        Some(match self.state {
            SocketState::AsleepInWrite => same("the client does not read"),
            _ if pending > 0 && pending >= self.pending_limit => {
                same("output is at its limit")
            }
            _ if pending > 0 => {
                same(&format!("{} to send", show_size(pending.into())))
            }
            _ if arrived > 0 => {
                let size = show_size(arrived.into());
                let short = format!("ready: {size}");
                ReadinessWords::new(format!("ready to read {size}"), short)
            }
            _ if ready.readable => same("ready to read"),
            _ if ready.writable => same("ready: room to send"),
            SocketState::HalfClosed => {
                let full = "the client has ended its side";
                ReadinessWords::new(full, "half-closed")
            }
            SocketState::Served if !self.is_known_empty() => return None,
            // Some bytes have come, but nothing can be done with them yet.
            _ if count.unframed_bytes > 0 => {
                let line = self.part_of_line();
                let line = line.unwrap_or_else(|| "the line".into());
                same(&format!("{line} has no end yet"))
            }
            _ => same("nothing has arrived"),
        })
    }

    /// What was received of a line without its end, if it is known: the end of
    /// that, as `"hel…`.
    pub fn part_of_line(&self) -> Option<String> {
        let text = show_bytes(&self.partial);
        let left_out = text.chars().count().saturating_sub(PART);
        let part: String = text.chars().skip(left_out).collect();
        let before = if left_out > 0 { "…" } else { "\"" };
        (!part.is_empty()).then(|| format!("{before}{part}…"))
    }

    /// Whether it is certain that nothing has arrived: the system says so, or
    /// the last call found nothing.
    fn is_known_empty(&self) -> bool {
        let found_nothing = matches!(self.last, Some((_, Outcome::WouldBlock)));
        self.queue.is_some() || found_nothing
    }

    fn listener(&self, in_backlog: u64) -> ReadinessWords {
        let waits = match in_backlog {
            0 => "no client waits".into(),
            1 => "1 client waits".into(),
            n => format!("{} clients wait", show_count(n)),
        };
        let asked = match (self.call, self.interest, self.last) {
            _ if self.next.is_some() => self.held_before(),
            (_, Some(interest), _) => {
                format!("asked for {}", interest.words())
            }
            (_, _, Some((_, Outcome::WouldBlock))) => {
                "asked again and again".into()
            }
            (Some(_), ..) if in_backlog == 0 => "asleep in accept".into(),
            (Some(_), ..) => "in accept".into(),
            _ => "no thread is in accept".into(),
        };
        ReadinessWords::new(format!("{asked}; {waits}"), waits)
    }
}

impl Readiness {
    fn is_none(self) -> bool {
        self == Self::default()
    }

    /// The technical terms: `readable, writable`.
    pub const fn words(self) -> &'static str {
        match (self.readable, self.writable) {
            (true, true) => "readable, writable",
            (true, false) => "readable",
            (false, true) => "writable",
            (false, false) => "nothing",
        }
    }
}
