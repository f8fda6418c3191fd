//! A scenario that makes sense: the form in which it is run.

use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;

use super::expect::{Figure, ServerFigure};
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, Framing, Settings, Shutdown};
use crate::system::signals::Signal;
use crate::units::show_size_exactly;

/// A scenario, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name: a built-in one's, or the file's without `.toml`.
    pub name: String,
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
    /// What the server is told.
    pub server: Overrides,
    /// The clients; never empty, and no two groups share a name.
    pub groups: Vec<Group>,
    /// Signals to the server.
    pub signals: Vec<TimedSignal>,
    /// What must come out.
    pub expectations: Vec<Expectation>,
}

impl Plan {
    /// The time limit unless told.
    pub const TIME_LIMIT: Duration = Duration::from_secs(30);
    /// The most clients that a scenario may have.
    pub const CLIENTS: usize = 100_000;
    /// The largest buffer that a scenario may ask for, in bytes.
    pub const LARGEST_BUFFER: u64 = 1 << 30;

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
    #[must_use]
    pub fn expects_failure(&self, mode: Mode, errors: Errors) -> bool {
        let failed = Figure::Server(ServerFigure::ServerFailed);
        self.expectations.iter().any(|it| {
            it.is_about(mode, errors)
                && it.figure == failed
                && it.bounds.hold(1)
        })
    }
}

/// A signal to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedSignal {
    /// Which.
    pub signal: Signal,
    /// When, from the start of the run.
    pub at: Duration,
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
    pub figure: Figure,
    /// What the figure must be.
    pub bounds: Bounds,
}

impl Expectation {
    /// Whether it is about such a run.
    #[must_use]
    pub fn is_about(&self, mode: Mode, errors: Errors) -> bool {
        self.modes.contains(&mode) && self.errors.contains(&errors)
    }
}

/// The bounds of a figure, each included; at least one is there, and both
/// are the same where the figure must be exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The least it may be.
    pub at_least: Option<u64>,
    /// The most it may be.
    pub at_most: Option<u64>,
}

impl Bounds {
    /// Whether a value is within.
    #[must_use]
    pub fn hold(self, value: u64) -> bool {
        self.at_least.is_none_or(|least| least <= value)
            && self.at_most.is_none_or(|most| value <= most)
    }
}

/// What a server is told by a scenario or by a command line; `None` is "not
/// told". Sizes are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// See [`Settings::listen`]; never told by a scenario.
    pub listen: Option<SocketAddr>,
    /// See [`Settings::framing`].
    pub framing: Option<Framing>,
    /// See [`Settings::boom`].
    pub boom: Option<bool>,
    /// See [`Settings::errors`].
    pub errors: Option<Errors>,
    /// See [`Settings::recv_size`].
    pub recv_size: Option<usize>,
    /// See [`Settings::backlog`].
    pub backlog: Option<u32>,
    /// See [`Settings::max_connections`].
    pub max_connections: Option<usize>,
    /// See [`Settings::buffer_limit`].
    pub buffer_limit: Option<usize>,
    /// See [`Settings::send_buffer`].
    pub send_buffer: Option<usize>,
    /// See [`Settings::receive_buffer`].
    pub receive_buffer: Option<usize>,
    /// See [`Settings::idle_timeout`].
    pub idle_timeout: Option<Duration>,
    /// See [`Settings::calls_before_yield`].
    pub calls_before_yield: Option<Option<u32>>,
    /// See [`Settings::shutdown`].
    pub shutdown: Option<Shutdown>,
    /// How long clients may go on after a signal.
    pub grace: Option<Duration>,
    /// The soft limit on the descriptors of the server's process.
    pub descriptors: Option<u64>,
}

impl Overrides {
    /// What is told here, and otherwise what is told by `other`. Where the
    /// framing told here and the `boom` told there exclude each other, or
    /// the other way round, this side wins.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (framing, boom) = self.framing_and_boom();
        Self {
            listen: self.listen.or(other.listen),
            framing: framing.or(other.framing),
            boom: boom.or(other.boom),
            errors: self.errors.or(other.errors),
            recv_size: self.recv_size.or(other.recv_size),
            backlog: self.backlog.or(other.backlog),
            max_connections: self.max_connections.or(other.max_connections),
            buffer_limit: self.buffer_limit.or(other.buffer_limit),
            send_buffer: self.send_buffer.or(other.send_buffer),
            receive_buffer: self.receive_buffer.or(other.receive_buffer),
            idle_timeout: self.idle_timeout.or(other.idle_timeout),
            calls_before_yield: self
                .calls_before_yield
                .or(other.calls_before_yield),
            shutdown: self.shutdown.or(other.shutdown),
            grace: self.grace.or(other.grace),
            descriptors: self.descriptors.or(other.descriptors),
        }
    }

    /// Puts what is told into `settings` and leaves the rest as it is. The
    /// grace period and the descriptors are no settings of sockets.
    pub fn apply(&self, settings: &mut Settings) {
        let (framing, boom) = self.framing_and_boom();
        set(&mut settings.listen, self.listen);
        set(&mut settings.framing, framing);
        set(&mut settings.boom, boom);
        set(&mut settings.errors, self.errors);
        set(&mut settings.recv_size, self.recv_size);
        set(&mut settings.backlog, self.backlog);
        set(&mut settings.buffer_limit, self.buffer_limit);
        set(&mut settings.calls_before_yield, self.calls_before_yield);
        set(&mut settings.shutdown, self.shutdown);
        set_some(&mut settings.max_connections, self.max_connections);
        set_some(&mut settings.send_buffer, self.send_buffer);
        set_some(&mut settings.receive_buffer, self.receive_buffer);
        set_some(&mut settings.idle_timeout, self.idle_timeout);
    }

    /// `boom` needs lines, and bytes have no `boom`.
    fn framing_and_boom(&self) -> (Option<Framing>, Option<bool>) {
        match (self.framing, self.boom) {
            (None, Some(true)) => (Some(Framing::Lines), Some(true)),
            (Some(Framing::Bytes), None) => (self.framing, Some(false)),
            told => told,
        }
    }
}

fn set<T>(setting: &mut T, told: Option<T>) {
    if let Some(told) = told {
        *setting = told;
    }
}

fn set_some<T>(setting: &mut Option<T>, told: Option<T>) {
    if told.is_some() {
        *setting = told;
    }
}

/// Settings that exclude each other, or one that cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SettingsConflict {
    /// One read may bring more than may be pending.
    #[error(
        "a read of {} does not fit a buffer limit of {}",
        show_size_exactly(*recv_size as u64),
        show_size_exactly(*buffer_limit as u64)
    )]
    ReadAboveLimit {
        /// [`Settings::recv_size`].
        recv_size: usize,
        /// [`Settings::buffer_limit`].
        buffer_limit: usize,
    },
    /// `boom` is a line, and `bytes` framing has no lines.
    #[error("`boom` needs `lines` framing")]
    BoomWithoutLines,
    /// Less than [`Settings::SHORTEST_IDLE`].
    #[error("an idle time-out below 1 ms is shorter than the system keeps")]
    IdleTooShort,
}

/// Whether settings, from wherever they were told, fit each other.
///
/// # Errors
/// When two of them exclude each other, or one cannot be kept.
pub fn check_settings(settings: &Settings) -> Result<(), SettingsConflict> {
    let Settings { recv_size, buffer_limit, .. } = *settings;
    if recv_size > buffer_limit {
        return Err(SettingsConflict::ReadAboveLimit {
            recv_size,
            buffer_limit,
        });
    }
    if settings.boom && settings.framing != Framing::Lines {
        return Err(SettingsConflict::BoomWithoutLines);
    }
    match settings.idle_timeout {
        Some(idle) if idle < Settings::SHORTEST_IDLE => {
            Err(SettingsConflict::IdleTooShort)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Overrides = Overrides {
        listen: None,
        framing: None,
        boom: None,
        errors: None,
        recv_size: None,
        backlog: None,
        max_connections: None,
        buffer_limit: None,
        send_buffer: None,
        receive_buffer: None,
        idle_timeout: None,
        calls_before_yield: None,
        shutdown: None,
        grace: None,
        descriptors: None,
    };

    fn settings_of(overrides: Overrides) -> Settings {
        let mut settings = Settings::default();
        overrides.apply(&mut settings);
        settings
    }

    #[test]
    fn what_is_not_told_stays_as_it_is() {
        assert_eq!(settings_of(NOTHING), Settings::default());
    }

    #[test]
    fn the_command_line_wins_over_the_scenario() {
        let line = Overrides { recv_size: Some(2), ..NOTHING };
        let file =
            Overrides { recv_size: Some(4), backlog: Some(5), ..NOTHING };
        let settings = settings_of(line.or(file));
        assert_eq!((settings.recv_size, settings.backlog), (2, 5));
    }

    #[test]
    fn boom_implies_lines() {
        let settings = settings_of(Overrides { boom: Some(true), ..NOTHING });
        assert_eq!(settings.framing, Framing::Lines);
        assert_eq!(check_settings(&settings), Ok(()));
    }

    #[test]
    fn boom_and_bytes_from_two_sides_do_not_meet() {
        let boom = Overrides { boom: Some(true), ..NOTHING };
        let bytes = Overrides { framing: Some(Framing::Bytes), ..NOTHING };
        let settings = settings_of(boom.or(bytes));
        assert_eq!((settings.framing, settings.boom), (Framing::Lines, true));
        let settings = settings_of(bytes.or(boom));
        assert_eq!((settings.framing, settings.boom), (Framing::Bytes, false));
    }

    #[test]
    fn settings_that_exclude_each_other_are_found() {
        let (recv_size, buffer_limit) = (4, 2);
        let settings =
            Settings { recv_size, buffer_limit, ..Settings::default() };
        let conflict =
            SettingsConflict::ReadAboveLimit { recv_size, buffer_limit };
        assert_eq!(check_settings(&settings), Err(conflict));
        let settings = Settings { boom: true, ..Settings::default() };
        let conflict = SettingsConflict::BoomWithoutLines;
        assert_eq!(check_settings(&settings), Err(conflict));
        let idle = Duration::from_nanos(999_999);
        let settings =
            Settings { idle_timeout: Some(idle), ..Settings::default() };
        let conflict = SettingsConflict::IdleTooShort;
        assert_eq!(check_settings(&settings), Err(conflict));
    }
}
