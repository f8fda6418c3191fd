//! What a scenario expects: figures, their bounds, and whether they held.

use std::time::Duration;

use super::plan::{Expectation, FigureBounds};
use crate::modes::Mode;
use crate::net::Errors;
use crate::units::{show_size_exactly, show_time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureUnit {
    /// A number of things.
    Count,
    /// A number of bytes.
    Size,
    /// Nanoseconds.
    Time,
}

impl FigureUnit {
    /// A value for people.
    pub fn show(self, value: u64) -> String {
        match self {
            Self::Count => value.to_string(),
            Self::Size => show_size_exactly(value),
            Self::Time => show_time(Duration::from_nanos(value)),
        }
    }
}

macro_rules! figures {
    (
        $(#[$doc:meta])*
        $figures:ident:
        $($figure:ident $name:literal $kind:ident $means:literal)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $figures {
            $(#[doc = $means] $figure,)*
        }

        impl $figures {
            /// Every figure.
            pub const ALL: &[Self] = &[$(Self::$figure),*];

            /// Its name in a scenario file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$figure => $name),* }
            }

            /// What it is measured in.
            pub const fn kind(self) -> FigureUnit {
                match self { $(Self::$figure => FigureUnit::$kind),* }
            }

            /// What it counts, as a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$figure => $means),* }
            }

            /// The figure of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.name() == name)
            }
        }
    };
}

figures! {
    /// A figure of the server.
    ServerFigure:
    Connections "connections" Count "Connections that were accepted."
    Accepts "accepts" Count
        "Calls of accept, those that would block included."
    Reads "reads" Count
        "Calls of read, those that would block or found end of file included."
    ReadsWithData "reads-with-data" Count "Calls of read that returned bytes."
    Writes "writes" Count "Calls of write, those that would block included."
    Waits "waits" Count "Calls of the selector's wait."
    WouldBlocks "would-blocks" Count
        "Calls that found nothing to do and would have had to wait."
    Iterations "iterations" Count
        "Iterations of the server's loop: calls at its first line."
    WakeUps "wake-ups" Count "How often the selector's wait returned."
    BytesIn "bytes-in" Size "Bytes read."
    BytesOut "bytes-out" Size "Bytes written."
    Echoes "echoes" Count
        "Messages sent back whole: lines in `lines` framing, what one read \
         brought in `bytes` framing."
    Threads "threads" Count
        "The most threads at once that ran the mode's code, the accepting \
         one included."
    PendingPeak "pending-peak" Size
        "The most pending output that one connection had."
    CpuTime "cpu-time" Time
        "CPU time of the server's threads, user and system."
    AcceptPauses "accept-pauses" Count
        "How often accepting paused, for want of descriptors or at the \
         limit of connections."
    EndedAtEndOfFile "ended-at-end-of-file" Count
        "Connections that the client ended in order."
    EndedReset "ended-reset" Count "Connections that the client reset."
    EndedIdle "ended-idle" Count
        "Connections closed because nothing moved on them."
    EndedBoom "ended-boom" Count "Connections whose handler failed on `boom`."
    EndedTooLong "ended-too-long" Count
        "Connections closed because of a line above the buffer limit."
    EndedStopped "ended-stopped" Count
        "Connections that were open when the server's grace period was over."
    HandledErrors "handled-errors" Count
        "Errors in connections' handlers that were handled there."
    UnhandledErrors "unhandled-errors" Count
        "Errors that left their connection's handler."
    NeverRetrieved "never-retrieved" Count
        "Errors of tasks that the loop reported as never retrieved."
    LongRuns "long-runs" Count
        "How often a task kept the thread for more than 0.1 s."
    ServerFailed "server-failed" Count
        "1 if the server as a whole failed, else 0."
    RunTime "run-time" Time "From the start of the server to its end."
}

figures! {
    /// A figure of a group of clients.
    ClientFigure:
    Connected "connected" Count "Clients whose connect succeeded."
    Refused "refused" Count "Clients whose connect was refused."
    Echoes "echoes" Count "Messages that came back whole."
    BytesOut "bytes-out" Size "Bytes sent."
    BytesIn "bytes-in" Size "Bytes received."
    Missing "missing" Count "Messages that did not come back whole."
    Mismatches "mismatches" Count
        "Clients that received a byte they had not sent."
    EndedClosed "ended-closed" Count
        "Clients that closed or reset by themselves."
    EndedEndOfFile "ended-end-of-file" Count
        "Clients whose connection the server ended in order."
    EndedReset "ended-reset" Count
        "Clients whose connection the server reset."
    EndedTimedOut "ended-timed-out" Count
        "Clients that were cut off at the time limit."
    EchoTimeMin "echo-time-min" Time "The shortest time to an echo."
    EchoTimeP50 "echo-time-p50" Time
        "The time within which half of the echoes came."
    EchoTimeP99 "echo-time-p99" Time
        "The time within which 99 % of the echoes came."
    EchoTimeMax "echo-time-max" Time "The longest time to an echo."
    FirstEchoAt "first-echo-at" Time
        "When the first echo came, from the start of the run."
    ConnectTimeMax "connect-time-max" Time
        "The longest time until a connection was established."
    EndedAtMin "ended-at-min" Time
        "When the first of the clients' connections was over, from the \
         start of the run."
    EndedAtMax "ended-at-max" Time
        "When the last of the clients' connections was over, from the start \
         of the run."
}

/// Whose figure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedFigure {
    /// The server's.
    Server(ServerFigure),
    /// A group's.
    Clients {
        /// The group's name.
        group: String,
        /// The figure.
        figure: ClientFigure,
    },
}

impl ExpectedFigure {
    /// What it is measured in.
    pub const fn kind(&self) -> FigureUnit {
        match self {
            Self::Server(figure) => figure.kind(),
            Self::Clients { figure, .. } => figure.kind(),
        }
    }
}

/// Whether one expectation held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationCheck {
    /// What it means, as a sentence.
    pub says: String,
    /// Whether it held; missing where the system does not provide the figure,
    /// or if it is not judged.
    pub held: Option<bool>,
    /// Why it is not judged although it did not hold: what was done to the
    /// run; missing if it is judged.
    pub not_judged: Option<String>,
    /// What was found.
    pub found: String,
    /// What was wanted.
    pub wanted: String,
}

/// Compares a run with what was expected of it in `mode`, where errors are
/// handled in this way. `value_of` gives a figure of the run: a count, bytes
/// or nanoseconds, if there is one.
pub fn check(
    expectations: &[Expectation],
    (mode, errors): (Mode, Errors),
    value_of: impl Fn(&ExpectedFigure) -> Option<u64>,
) -> Vec<ExpectationCheck> {
    let meant = expectations.iter().filter(|it| it.is_about(mode, errors));
    let checks = meant.map(|Expectation { says, figure, bounds, .. }| {
        let kind = figure.kind();
        let (held_if_absent, absent) = match figure {
            ExpectedFigure::Server(_) => (None, "not known on this system"),
            ExpectedFigure::Clients { .. } => (Some(false), "none"),
        };
        let value = value_of(figure);
        ExpectationCheck {
            says: says.clone(),
            held: value.map_or(held_if_absent, |it| Some(bounds.hold(it))),
            not_judged: None,
            found: value.map_or(absent.to_owned(), |it| kind.show(it)),
            wanted: wanted(*bounds, kind),
        }
    });
    checks.collect()
}

fn wanted(bounds: FigureBounds, kind: FigureUnit) -> String {
    let show = |value| kind.show(value);
    match (bounds.at_least, bounds.at_most) {
        (Some(least), Some(most)) if least == most => show(least),
        (Some(least), Some(most)) => {
            format!("{} to {}", show(least), show(most))
        }
        (Some(least), None) => format!("at least {}", show(least)),
        (None, Some(most)) => format!("at most {}", show(most)),
        (None, None) => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(
        figure: ExpectedFigure,
        bounds: FigureBounds,
    ) -> Expectation {
        let (modes, errors) = (vec![Mode::Serial], vec![Errors::Kept]);
        Expectation { says: "S".to_owned(), modes, errors, figure, bounds }
    }

    const SERIAL_KEPT: (Mode, Errors) = (Mode::Serial, Errors::Kept);

    /// A figure within and beyond its bounds, and one that there is not.
    #[test]
    fn a_figure_is_compared_with_its_bounds() {
        let at_most = FigureBounds { at_least: None, at_most: Some(1 << 30) };
        let size = Some(1 << 20);
        let exactly = FigureBounds { at_least: size, at_most: size };
        let figure = ClientFigure::EchoTimeMax;
        let group = "talker".to_owned();
        let echo = ExpectedFigure::Clients { group, figure };
        let bytes = ExpectedFigure::Server(ServerFigure::BytesOut);
        let cpu = ExpectedFigure::Server(ServerFigure::CpuTime);
        let held = Some(true);
        let failed = Some(false);
        let (cases, wanted) = (
            [
                (&echo, at_most, Some(400_000), held, "0.40 ms"),
                (&bytes, exactly, Some(1_048_575), failed, "1048575 B"),
                (&cpu, at_most, None, None, "not known on this system"),
                (&echo, at_most, None, failed, "none"),
            ],
            ["at most 1.07 s", "1 MiB", "at most 1.07 s", "at most 1.07 s"],
        );
        for ((figure, bounds, value, held, found), wanted) in
            cases.into_iter().zip(wanted)
        {
            let expectations = [expectation(figure.clone(), bounds)];
            let checks = check(&expectations, SERIAL_KEPT, |asked| {
                assert_eq!(asked, figure);
                value
            });
            assert_eq!((checks[0].held, &*checks[0].found), (held, found));
            assert_eq!(checks[0].wanted, wanted);
        }
    }

    #[test]
    fn only_what_is_about_the_run_is_checked() {
        let figure = ExpectedFigure::Server(ServerFigure::Reads);
        let bounds = FigureBounds { at_least: Some(1), at_most: Some(9) };
        let expectations = [expectation(figure, bounds)];
        for other in
            [(Mode::Selector, Errors::Kept), (Mode::Serial, Errors::Dropped)]
        {
            assert_eq!(check(&expectations, other, |_| Some(5)), []);
        }
        let checks = check(&expectations, SERIAL_KEPT, |_| Some(5));
        assert_eq!(checks[0].wanted, "1 to 9");
    }

    #[test]
    fn no_two_figures_share_a_name() {
        for figure in ServerFigure::ALL {
            assert_eq!(ServerFigure::named(figure.name()), Some(*figure));
        }
        for figure in ClientFigure::ALL {
            assert_eq!(ClientFigure::named(figure.name()), Some(*figure));
        }
    }
}
