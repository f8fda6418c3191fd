//! Findings that held during the run, reported after they are over.

use super::Live;
use crate::units::{show_count, show_time};
use std::fmt::{Formatter, Result};
use std::mem::discriminant;

/// Of each kind of observation the worst.
#[derive(Clone, Default)]
pub(super) struct Seen(Vec<Live>);

impl Seen {
    pub(super) fn take(&mut self, right_now: &[Live]) {
        for live in right_now {
            match self.0.iter_mut().find(|it| same_kind(it, live)) {
                Some(worst) if weight(worst) > weight(live) => {}
                Some(worst) => *worst = *live,
                None => self.0.push(*live),
            }
        }
    }

    /// What of it is over, as none of its kind is so right now. That output
    /// was stuck the exact counters tell by themselves.
    pub(super) fn over(&self, right_now: &[Live]) -> Vec<Live> {
        let reported = |it: &&Live| !matches!(it, Live::OutputStuck { .. });
        let over =
            self.0.iter().filter(reported).filter(|seen| {
                !right_now.iter().any(|live| same_kind(seen, live))
            });
        over.copied().collect()
    }
}

fn same_kind(one: &Live, other: &Live) -> bool {
    discriminant(one) == discriminant(other)
}

const fn weight(live: &Live) -> u128 {
    match live {
        // A sleep that makes a client wait outweighs any that does not.
        Live::OnlyThreadAsleep { time, waiting, others, .. } => {
            let delays_clients = (*waiting > 0 || *others > 0) as u128;
            time.as_nanos() + (delays_clients << 100)
        }
        Live::EndOfFileWatched { time, .. } => time.as_nanos(),
        Live::WriteInterest { wake_ups_per_s, .. } => *wake_ups_per_s as u128,
        Live::OutputStuck { sockets, .. } => *sockets as u128,
    }
}

fn who_waited(others: u64, waiting: u64) -> String {
    match (others, waiting) {
        (0, 0) => "whoever had connected would have waited".into(),
        (_, 1) => "1 client waited to be accepted".into(),
        (_, 2..) => {
            format!("{} clients waited to be accepted", show_count(waiting))
        }
        (1, 0) => "1 other client was not served".into(),
        (n, 0) => format!("{} other clients were not served", show_count(n)),
    }
}

impl Live {
    /// What was seen, in one line, when it is over.
    pub(in crate::view) fn fmt_past(&self, f: &mut Formatter<'_>) -> Result {
        match *self {
            Self::OnlyThreadAsleep {
                kind,
                socket,
                site,
                time,
                others,
                waiting,
            } => {
                let (call, time) = (kind.name(), show_time(time));
                f.write_str(&who_waited(others, waiting))?;
                write!(f, ": the only thread slept in a {call} of {socket} ")?;
                write!(f, "for up to {time} ({site})")
            }
            Self::WriteInterest { first, sockets, wake_ups_per_s } => {
                let who = super::live::who(first, sockets);
                let times = show_count(wake_ups_per_s);
                write!(
                    f,
                    "write interest was on for {who} while nothing was "
                )?;
                write!(
                    f,
                    "pending: the selector woke at once, up to {times} "
                )?;
                f.write_str("times a second")
            }
            Self::OutputStuck { first, sockets } => {
                let who = super::live::who(first, sockets);
                write!(f, "output for {who} was at its limit and not read")
            }
            Self::EndOfFileWatched { first, sockets, time } => {
                let who = super::live::who(first, sockets);
                let was = if sockets == 1 { "was" } else { "were" };
                write!(f, "{who} {was} readable at end of file, longest ")?;
                write!(f, "{}, and still watched", show_time(time))
            }
        }
    }
}
