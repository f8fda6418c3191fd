//! Validated scenarios, in the form in which they are run.

use std::time::Duration;

use super::expect::{ExpectedFigure, ServerFigure};
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::system::signals::Signal;
use crate::units::Time;
use schemars::JsonSchema;
use serde::Deserialize;

/// A scenario that has been validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// A built-in scenario's name, or the file's without its extension.
    pub name: String,
    /// The text of the scenario's file.
    pub text: String,
    /// The CRC-32 of `text`.
    pub crc32: u32,
    /// One sentence that says what is to be seen.
    pub title: String,
    /// Sentences that say what to watch while it runs.
    pub watch: Vec<String>,
    /// Clients that are still busy after this time are cut off.
    pub time_limit: Duration,
    /// The modes in which it can be run; never empty.
    pub modes: Vec<Mode>,
    /// How errors in handlers may be handled; never empty.
    pub errors: Vec<Errors>,
    /// The server's options, as far as the scenario gives them.
    pub server: ServerOptions,
    /// The clients; never empty, and no two groups share a name.
    pub groups: Vec<Group>,
    pub signals: Vec<TimedSignal>,
    pub expectations: Vec<Expectation>,
}

impl Plan {
    /// The time limit of a scenario that sets none.
    pub const TIME_LIMIT: Duration = Duration::from_secs(30);
    /// The most clients that a scenario may have.
    pub const CLIENTS: usize = Group::MOST;

    /// How many clients there are in all groups together.
    pub fn clients(&self) -> u64 {
        self.groups.iter().map(|it| it.count as u64).sum()
    }

    /// The sentences that say what to watch, without those that are about
    /// other modes.
    pub fn watch_in(&self, mode: Mode) -> impl Iterator<Item = &str> {
        let is_of_other = move |sentence: &str| {
            Mode::ALL.iter().any(|other| {
                let start = format!("In `{}`", other.name());
                *other != mode && sentence.contains(&start)
            })
        };
        let watch = self.watch.iter().map(String::as_str);
        watch.filter(move |it| !is_of_other(it))
    }

    /// Every way to run it: each mode with each way of handling errors that the
    /// mode allows.
    pub fn ways(&self) -> impl Iterator<Item = (Mode, Errors)> + '_ {
        let with = |mode: Mode| {
            let errors = self.errors.iter().copied();
            let allowed = errors.filter(move |it| mode.allows(*it));
            allowed.map(move |errors| (mode, errors))
        };
        self.modes.iter().copied().flat_map(with)
    }

    /// Whether the server is expected to fail as a whole.
    pub fn expects_failure(&self, mode: Mode, errors: Errors) -> bool {
        let failed = ExpectedFigure::Server(ServerFigure::ServerFailed);
        self.expectations.iter().any(|it| {
            it.is_about(mode, errors)
                && it.figure == failed
                && it.bounds.hold(1)
        })
    }
}

/// A signal that is sent to the server at a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct TimedSignal {
    /// The signal to send.
    pub signal: Signal,
    /// When to send it, from the start of the run.
    pub at: Time,
}

/// Bounds of a figure in some modes, with some ways of handling errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// A sentence that says what the expectation means.
    pub says: String,
    /// The modes in which it is checked; never empty.
    pub modes: Vec<Mode>,
    /// The ways of handling errors with which it is checked; never empty.
    pub errors: Vec<Errors>,
    pub figure: ExpectedFigure,
    pub bounds: FigureBounds,
}

impl Expectation {
    /// Whether it is checked in such a run.
    pub fn is_about(&self, mode: Mode, errors: Errors) -> bool {
        self.modes.contains(&mode) && self.errors.contains(&errors)
    }
}

/// Inclusive bounds of a figure. At least one is set; both are equal where the
/// figure must have an exact value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureBounds {
    pub at_least: Option<u64>,
    pub at_most: Option<u64>,
}

impl FigureBounds {
    /// Whether a value is within the bounds.
    pub fn hold(self, value: u64) -> bool {
        self.at_least.is_none_or(|least| least <= value)
            && self.at_most.is_none_or(|most| value <= most)
    }
}
