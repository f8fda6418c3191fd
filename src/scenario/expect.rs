//! What a scenario expects: figures, their bounds, and whether they held.

use std::time::Duration;

use super::plan::{Expectation, FigureBounds};
use crate::modes::Mode;
use crate::net::Errors;
use crate::units::{show_size_exactly, show_time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumMessage, EnumString, IntoStaticStr};

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureUnit {
    Count,
    /// A number of bytes.
    Size,
    /// A time in nanoseconds.
    Time,
}

impl FigureUnit {
    /// A value with its unit, for people to read.
    pub fn show(self, value: u64) -> String {
        match self {
            Self::Count => value.to_string(),
            Self::Size => show_size_exactly(value),
            Self::Time => show_time(Duration::from_nanos(value)),
        }
    }
}

/// A figure of the server. Scenario files name it in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(EnumIter, EnumMessage, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ServerFigure {
    /// Connections that were accepted.
    Connections,
    /// Calls of accept, those that would block included.
    Accepts,
    /// Calls of read, those that would block or found end of file included.
    Reads,
    /// Calls of read that returned bytes.
    ReadsWithData,
    /// Calls of write, those that would block included.
    Writes,
    /// Calls of the selector's wait.
    Waits,
    /// Calls that found nothing to do and would have had to wait.
    WouldBlocks,
    /// Iterations of the server's loop: calls at its first line.
    Iterations,
    /// How often the selector's wait returned.
    WakeUps,
    /// Bytes read.
    BytesIn,
    /// Bytes written.
    BytesOut,
    /// Messages sent back whole: lines in `lines` framing, what one read
    /// brought in `bytes` framing.
    Echoes,
    /// The most threads at once that ran the mode's code, the accepting one
    /// included.
    Threads,
    /// The most pending output that one connection had.
    PendingPeak,
    /// CPU time of the server's threads, user and system.
    CpuTime,
    /// How often accepting paused, for want of descriptors or at the limit of
    /// connections.
    AcceptPauses,
    /// Connections that the client ended in order.
    EndedAtEndOfFile,
    /// Connections that the client reset.
    EndedReset,
    /// Connections closed because nothing moved on them.
    EndedIdle,
    /// Connections whose handler failed on `boom`.
    EndedBoom,
    /// Connections closed because of a line above the buffer limit.
    EndedTooLong,
    /// Connections that were open when the server's grace period was over.
    EndedStopped,
    /// Errors in connections' handlers that were handled there.
    HandledErrors,
    /// Errors that left their connection's handler.
    UnhandledErrors,
    /// Errors of tasks that the loop reported as never retrieved.
    NeverRetrieved,
    /// How often a task kept the thread for more than 0.1 s.
    LongRuns,
    /// 1 if the server as a whole failed, else 0.
    ServerFailed,
    /// The time from the start of the server to its end.
    RunTime,
}

impl ServerFigure {
    const fn unit(self) -> FigureUnit {
        match self {
            Self::BytesIn | Self::BytesOut | Self::PendingPeak => {
                FigureUnit::Size
            }
            Self::CpuTime | Self::RunTime => FigureUnit::Time,
            _ => FigureUnit::Count,
        }
    }
}

/// A figure of a group of clients. Scenario files name it in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(EnumIter, EnumMessage, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ClientFigure {
    /// Clients whose connect succeeded.
    Connected,
    /// Clients whose connect was refused.
    Refused,
    /// Messages that came back whole.
    Echoes,
    /// Bytes sent.
    BytesOut,
    /// Bytes received.
    BytesIn,
    /// Messages that did not come back whole.
    Missing,
    /// Clients that received a byte they had not sent.
    Mismatches,
    /// Clients that closed or reset by themselves.
    EndedClosed,
    /// Clients whose connection the server ended in order.
    EndedEndOfFile,
    /// Clients whose connection the server reset.
    EndedReset,
    /// Clients that were cut off at the time limit.
    EndedTimedOut,
    /// The shortest time to an echo.
    EchoTimeMin,
    /// The time within which half of the echoes came.
    EchoTimeP50,
    /// The time within which 99 % of the echoes came.
    EchoTimeP99,
    /// The longest time to an echo.
    EchoTimeMax,
    /// When the first echo came, from the start of the run.
    FirstEchoAt,
    /// The longest time until a connection was established.
    ConnectTimeMax,
    /// When the first of the clients' connections was over, from the start of
    /// the run.
    EndedAtMin,
    /// When the last of the clients' connections was over, from the start of
    /// the run.
    EndedAtMax,
}

impl ClientFigure {
    const fn unit(self) -> FigureUnit {
        match self {
            Self::BytesOut | Self::BytesIn => FigureUnit::Size,
            Self::EchoTimeMin
            | Self::EchoTimeP50
            | Self::EchoTimeP99
            | Self::EchoTimeMax
            | Self::FirstEchoAt
            | Self::ConnectTimeMax
            | Self::EndedAtMin
            | Self::EndedAtMax => FigureUnit::Time,
            _ => FigureUnit::Count,
        }
    }
}

/// A figure of the server or of a group of clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedFigure {
    Server(ServerFigure),
    Clients { group: String, figure: ClientFigure },
}

impl ExpectedFigure {
    /// The unit in which it is measured.
    pub const fn kind(&self) -> FigureUnit {
        match self {
            Self::Server(figure) => figure.unit(),
            Self::Clients { figure, .. } => figure.unit(),
        }
    }
}

/// Whether one expectation held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationCheck {
    /// A sentence that says what the expectation means.
    pub says: String,
    /// Whether it held; missing where the system does not provide the figure,
    /// or if it is not judged.
    pub held: Option<bool>,
    /// The interventions in the run because of which an expectation that did
    /// not hold is not judged; missing if it is judged.
    pub not_judged: Option<String>,
    /// The figure's value as text, such as `0.40 ms`, or why there is none.
    pub found: String,
    /// The bounds of the figure as text, such as `at most 1.07 s`.
    pub wanted: String,
}

/// Checks the expectations of a run in this mode, with this way of handling
/// errors. `value_of` returns a figure of the run as a count, in bytes or in
/// nanoseconds, or `None` if it is not known.
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

    /// A figure within its bounds, one beyond them, and one that is missing.
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
}
