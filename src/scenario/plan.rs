//! A scenario that makes sense: the form in which it is run.

use std::time::Duration;

use super::expect::{ExpectedFigure, ServerFigure};
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::system::signals::Signal;
use crate::units::Time;
use schemars::JsonSchema;
use serde::Deserialize;

/// A scenario, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name: a built-in one's, or the file's without `.toml`.
    pub name: String,
    /// Its file, as it was read.
    pub text: String,
    /// The CRC-32 of that text.
    pub crc32: u32,
    /// One sentence that says what is to be seen.
    pub title: String,
    /// What to look at while it runs.
    pub watch: Vec<String>,
    /// Clients that are still busy then are cut off.
    pub time_limit: Duration,
    /// The modes that it makes sense in; never empty.
    pub modes: Vec<Mode>,
    /// What may become of errors in handlers; never empty.
    pub errors: Vec<Errors>,
    /// The server's options, as far as the scenario gives them.
    pub server: ServerOptions,
    /// The clients; never empty, and no two groups share a name.
    pub groups: Vec<Group>,
    /// Signals to the server.
    pub signals: Vec<TimedSignal>,
    /// What must come out.
    pub expectations: Vec<Expectation>,
}

impl Plan {
    /// The time limit of a scenario that sets none.
    pub const TIME_LIMIT: Duration = Duration::from_secs(30);
    /// The most clients that a scenario may have.
    pub const CLIENTS: usize = 100_000;

    /// How many clients there are in all groups together.
    pub fn clients(&self) -> u64 {
        self.groups.iter().map(|it| it.count as u64).sum()
    }

    /// Every way to run it: each mode with each fate of errors it allows.
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

/// A signal to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct TimedSignal {
    /// Which.
    pub signal: Signal,
    /// When, from the start of the run.
    pub at: Time,
}

/// What must come out in some modes, with some fates of errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What it means, as a sentence.
    pub says: String,
    /// The modes that it is about; never empty.
    pub modes: Vec<Mode>,
    /// What becomes of errors there; never empty.
    pub errors: Vec<Errors>,
    /// The figure that it is about.
    pub figure: ExpectedFigure,
    /// What the figure must be.
    pub bounds: FigureBounds,
}

impl Expectation {
    /// Whether it is about such a run.
    pub fn is_about(&self, mode: Mode, errors: Errors) -> bool {
        self.modes.contains(&mode) && self.errors.contains(&errors)
    }
}

/// The bounds of a figure, each included; at least one is there, and both
/// are the same where the figure must be exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureBounds {
    /// The least it may be.
    pub at_least: Option<u64>,
    /// The most it may be.
    pub at_most: Option<u64>,
}

impl FigureBounds {
    /// Whether a value is within.
    pub fn hold(self, value: u64) -> bool {
        self.at_least.is_none_or(|least| least <= value)
            && self.at_most.is_none_or(|most| value <= most)
    }
}
