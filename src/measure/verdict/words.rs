//! The findings in words: what was seen, and what to do about it.

use super::Finding;
use crate::units::{Scale, plural, show_count, show_digits, show_percent};

/// What a wait costs; measured with epoll.
macro_rules! cost_of_a_wait {
    () => {
        "A wait through the polling crate is five system calls and about \
         2.5 µs where a bare epoll_wait is one and about 0.55 µs; a read that \
         would block takes about 0.52 µs. With so few connections busy \
         polling (nonblocking) looks better than readiness is"
    };
}

/// The same for whoever knows where to look instead.
pub const COST_OF_A_WAIT: &str = cost_of_a_wait!();

impl Finding {
    /// What was seen, in one line.
    #[must_use]
    pub fn observation(&self) -> String {
        match self {
            Self::Interrupted { rounds_done, rounds } => {
                format!("interrupted after {rounds_done} of {rounds} rounds")
            }
            Self::Failed { subject, why, rounds_done } => {
                let after = rounds(*rounds_done);
                format!("{subject} failed after {after}: {why}")
            }
            Self::NotOptimized => {
                "this program was built without optimisations".into()
            }
            Self::TooFewRounds { rounds_done } => {
                let done = rounds(*rounds_done);
                format!("too few rounds to tell differences: {done}")
            }
            Self::CoresShared { bound: true } => {
                "server and clients were bound to the same cores".into()
            }
            Self::CoresShared { bound: false } => {
                "server and clients were not bound to different cores".into()
            }
            Self::MachineBusy { load_average, cores } => format!(
                "the machine was busy before: load average {}, {cores} cores",
                show_digits(*load_average)
            ),
            Self::CostOfWaiting { waiting, figure, connections } => format!(
                "with {} nonblocking was ahead of {} in {}: the price of a \
                 wait counts",
                plural(u64::from(*connections), "connection"),
                listed(waiting),
                figure.title()
            ),
            Self::NotBound { subjects } => format!(
                "{} not bound to a core, and the others were",
                match &subjects[..] {
                    [one] => format!("{one} was"),
                    all => format!("{} were", listed(all)),
                }
            ),
            of_subject => of_subject.observation_of_subject(),
        }
    }

    /// The observations about how a server and its clients did.
    fn observation_of_subject(&self) -> String {
        match self {
            Self::Silent { subject, silent, rounds } => {
                format!(
                    "{subject}: no echo at all in {silent} of {rounds} rounds"
                )
            }
            Self::Unserved { subject, unserved, clients } => format!(
                "{subject}: {} of {} clients had no echo",
                show_count(u64::from(*unserved)),
                show_count(u64::from(*clients))
            ),
            Self::Mismatches { subject, bytes } => {
                let bytes = plural(*bytes, "byte");
                format!("{subject}: {bytes} came back that had not been sent")
            }
            Self::ConnectionsLost { subject, connections } => {
                let lost = plural(*connections, "connection");
                format!("{subject}: {lost} lost")
            }
            Self::LoadAtLimit { subjects, share } => format!(
                "the clients were the limit for {}: up to {} of their core",
                listed(subjects),
                show_percent(*share)
            ),
            Self::NotKeptUp { subject, share } => format!(
                "{subject}: the server did not keep up: {} of the messages \
                 that were due had no echo when a round ended",
                show_percent(*share)
            ),
            Self::RateNotKept { subject, share } => {
                let share = show_percent(*share);
                format!("{subject}: {share} of the messages due were sent")
            }
            Self::SentLate { subject, late_p99_ns, p50_ns } => {
                let scale = Scale::of_times([*late_p99_ns, *p50_ns]);
                let late = scale.show(*late_p99_ns);
                let p50 = scale.show(*p50_ns);
                format!(
                    "{subject}: messages were sent up to {late} late (p99); \
                     the p50 echo time is {p50}"
                )
            }
            Self::WideSpread { subject, figures } => {
                let width = |(figure, width): &(super::Figure, f64)| {
                    format!("{} {}", figure.title(), show_percent(*width))
                };
                let all: Vec<_> = figures.iter().map(width).collect();
                let all = all.join(", ");
                format!("{subject}: intervals wide beside their median: {all}")
            }
            _ => String::new(),
        }
    }

    /// What to make of it or to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Interrupted { .. } => {
                "What was cut short is not in it; run it again for all rounds."
            }
            Self::Failed { .. } => {
                "Its figures, if any, are of the rounds before; it is left \
                 out of comparisons."
            }
            Self::NotOptimized => {
                "Its figures say nothing about speed: build with --release."
            }
            Self::TooFewRounds { .. } => {
                "An interval of 95\u{a0}% takes 6 rounds or more: use --rounds 10."
            }
            Self::Silent { .. } => {
                "These rounds count as 0 echoes/s; they have no echo times, \
                 so that it is left out of comparisons."
            }
            Self::Unserved { .. } => {
                "It is left out of comparisons: its figures are those of the \
                 clients that it served, and the others had nothing."
            }
            Self::Mismatches { .. } => {
                "It is no echo server, or a broken one; it is left out of \
                 comparisons."
            }
            Self::ConnectionsLost { .. } => {
                "From then on it had fewer clients than the others: see what \
                 it says on standard error, and its limits (ulimit -n)."
            }
            Self::LoadAtLimit { .. } => {
                "The server may be faster than shown; the CPU time an echo \
                 holds all the same. Use fewer clients, or --rate to compare \
                 at one and the same load."
            }
            of_load => of_load.advice_on_load(),
        }
    }

    fn advice_on_load(&self) -> &'static str {
        match self {
            Self::NotKeptUp { .. } => {
                "How long those would have taken is not known: echo times \
                 with ≥ are at least so long, and not compared. Use a lower \
                 --rate."
            }
            Self::RateNotKept { .. } => {
                "The server or the clients cannot do more: use a lower --rate."
            }
            Self::SentLate { .. } => {
                "Echo times count from when a message was due, so that this \
                 is part of them. Use a lower --rate, or bind the clients to \
                 a core of their own."
            }
            Self::CoresShared { .. } => {
                "They took CPU time from each other. Measure on two cores or \
                 more, where the system allows a process to be bound."
            }
            Self::NotBound { .. } => {
                "It had other cores than those, or more: let the program be \
                 started as a command, or bind none (--no-pin)."
            }
            Self::MachineBusy { .. } => {
                "Others took CPU time, and not the same from every server: \
                 end them, or believe only what many rounds agree on."
            }
            Self::WideSpread { .. } => {
                "A comparison by these is not meaningful unless the ratio is \
                 large: look for what disturbs the machine, or use longer \
                 and more rounds (--time, --rounds)."
            }
            Self::CostOfWaiting { .. } => {
                concat!(cost_of_a_wait!(), ": compare at 100 connections too.")
            }
            _ => "",
        }
    }
}

fn rounds(n: usize) -> String {
    plural(n as u64, "round")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
