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

/// The figures of a run: counts, bytes, nanoseconds.
pub trait RunFigures {
    /// A figure of the server; `None` where this system cannot tell.
    fn server(&self, figure: ServerFigure) -> Option<u64>;

    /// A figure of a group; `None` where there is none, such as the time of
    /// the first echo of clients that never got one.
    fn clients(&self, group: &str, figure: ClientFigure) -> Option<u64>;
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

/// Compares a run with what was expected of it in `mode`, with such a fate
/// of errors.
pub fn check(
    expectations: &[Expectation],
    (mode, errors): (Mode, Errors),
    figures: &impl RunFigures,
) -> Vec<ExpectationCheck> {
    let meant = |it: &&Expectation| it.is_about(mode, errors);
    let outcome = |it| outcome(it, figures);
    expectations.iter().filter(meant).map(outcome).collect()
}

fn outcome(
    expectation: &Expectation,
    figures: &impl RunFigures,
) -> ExpectationCheck {
    let Expectation { says, figure, bounds, .. } = expectation;
    let kind = figure.kind();
    let (value, absent) = match figure {
        ExpectedFigure::Server(figure) => {
            (figures.server(*figure), (None, "not known on this system"))
        }
        ExpectedFigure::Clients { group, figure } => {
            (figures.clients(group, *figure), (Some(false), "none"))
        }
    };
    ExpectationCheck {
        says: says.clone(),
        held: value.map_or(absent.0, |value| Some(bounds.hold(value))),
        not_judged: None,
        found: value.map_or(absent.1.to_owned(), |value| kind.show(value)),
        wanted: wanted(*bounds, kind),
    }
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

    /// A run in which the server's figures are all the same.
    struct Run {
        server: Option<u64>,
        clients: Option<u64>,
    }

    impl RunFigures for Run {
        fn server(&self, _: ServerFigure) -> Option<u64> {
            self.server
        }

        fn clients(&self, group: &str, _: ClientFigure) -> Option<u64> {
            assert_eq!(group, "talker");
            self.clients
        }
    }

    fn expectation(
        figure: ExpectedFigure,
        bounds: FigureBounds,
    ) -> Expectation {
        let (modes, errors) = (vec![Mode::Serial], vec![Errors::Kept]);
        Expectation { says: "S".to_owned(), modes, errors, figure, bounds }
    }

    fn outcome_of(
        figure: ExpectedFigure,
        bounds: FigureBounds,
        run: &Run,
    ) -> ExpectationCheck {
        let expectations = [expectation(figure, bounds)];
        check(&expectations, SERIAL_KEPT, run).remove(0)
    }

    const SERIAL_KEPT: (Mode, Errors) = (Mode::Serial, Errors::Kept);

    const AT_MOST: FigureBounds =
        FigureBounds { at_least: None, at_most: Some(1_000_000_000) };

    fn echo_time() -> ExpectedFigure {
        let figure = ClientFigure::EchoTimeMax;
        ExpectedFigure::Clients { group: "talker".to_owned(), figure }
    }

    #[test]
    fn a_figure_within_its_bounds_holds() {
        let run = Run { server: None, clients: Some(400_000) };
        let check = outcome_of(echo_time(), AT_MOST, &run);
        assert_eq!(check.held, Some(true));
        assert_eq!(check.found, "0.40 ms");
        assert_eq!(check.wanted, "at most 1.00 s");
    }

    #[test]
    fn a_figure_beyond_its_bounds_does_not_hold() {
        let run = Run { server: Some(1_048_575), clients: None };
        let exactly =
            FigureBounds { at_least: Some(1 << 20), at_most: Some(1 << 20) };
        let figure = ExpectedFigure::Server(ServerFigure::BytesOut);
        let check = outcome_of(figure, exactly, &run);
        assert_eq!(check.held, Some(false));
        assert_eq!(check.found, "1048575 B");
        assert_eq!(check.wanted, "1 MiB");
    }

    #[test]
    fn what_the_system_cannot_tell_neither_holds_nor_fails() {
        let run = Run { server: None, clients: None };
        let figure = ExpectedFigure::Server(ServerFigure::CpuTime);
        let check = outcome_of(figure, AT_MOST, &run);
        assert_eq!(check.held, None);
        assert_eq!(check.found, "not known on this system");
    }

    #[test]
    fn an_echo_that_never_came_is_not_a_fast_one() {
        let run = Run { server: None, clients: None };
        let check = outcome_of(echo_time(), AT_MOST, &run);
        assert_eq!(check.held, Some(false));
        assert_eq!(check.found, "none");
    }

    #[test]
    fn only_what_is_about_the_mode_and_the_fate_of_errors_is_checked() {
        let run = Run { server: Some(5), clients: None };
        let figure = ExpectedFigure::Server(ServerFigure::Reads);
        let bounds = FigureBounds { at_least: Some(1), at_most: Some(9) };
        let expectations = [expectation(figure, bounds)];
        for other in
            [(Mode::Selector, Errors::Kept), (Mode::Serial, Errors::Dropped)]
        {
            assert_eq!(check(&expectations, other, &run), []);
        }
        let checks = check(&expectations, SERIAL_KEPT, &run);
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
