//! What the screen shows: one run or several, live or recorded.

use crate::load::ClientOrder;
use crate::run::comparison::Comparison;
use crate::view::{Direction, Playback, Scene, Seek, SocketId};
use std::time::Instant;

/// Index of the run that an effect is for; `None` for all runs.
pub type Target = Option<usize>;

/// A command to a program or to a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Pause, step, change the speed, or go to another time in a recording.
    Seek(Seek),
    /// Go to the next event whose log line contains this text, ignoring case.
    Search(String, Direction),
    /// Stop, with the grace period; the second time, at once.
    Quit,
    /// Do what SIGINT does.
    Interrupt,
    /// What SIGTSTP does.
    Suspend,
    /// Connect a client driven by hand.
    Connect,
    /// An order for the client driven by hand that has this number.
    Client(u32, ClientOrder),
}

/// What has changed since the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing; no frame is needed.
    #[default]
    Nothing,
    /// Only durations, which grow by themselves.
    Clocks,
    /// Anything else, such as a new event.
    Something,
}

/// The source of the runs: either all are live, or all are recorded.
pub trait Stage {
    /// The runs as they are now, to be drawn.
    fn picture(&self) -> Picture<'_>;

    /// Carries out an effect that the user asked for.
    fn carry_out(&mut self, target: Target, effect: Effect);

    /// Takes in what has happened, and returns what of it can be seen: little
    /// while the picture is `frozen`.
    fn advance(&mut self, now: Instant, frozen: bool) -> Change;

    /// Prepares the picture for a frame. `detail` is the run and the socket
    /// whose whole history is needed.
    fn show(&mut self, detail: Option<(usize, SocketId)>);
}

/// The data that a frame shows, besides the state of the screen.
#[derive(Clone, Debug, Default)]
pub struct Picture<'a> {
    /// The runs, in the order of the columns.
    pub tracks: Vec<TrackScene<'a>>,
    /// What differs between several runs.
    pub comparison: Option<&'a Comparison>,
    /// Whether the runs take place one after the other, not at once.
    pub in_turn: bool,
    /// The common playback of recorded runs; `None` if they are live.
    pub playback: Option<&'a Playback>,
}

/// One run of a picture.
#[derive(Clone, Debug)]
pub struct TrackScene<'a> {
    pub name: &'a str,
    pub phase: TrackPhase,
    pub scene: &'a Scene,
}

/// The progress of a run at the time that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackPhase {
    /// Not started yet: it waits for its turn.
    Waiting,
    /// In progress, live or at the time of the recording that is shown.
    Running,
    /// It ended without a failure.
    Over,
    /// It ended with this failure.
    Failed(String),
}

impl TrackPhase {
    /// Whether the run is in progress at the time that is shown.
    pub(super) fn goes_on(&self) -> bool {
        *self == Self::Running
    }
}

impl<'a> Picture<'a> {
    /// A picture of a single run.
    pub fn single(scene: &'a Scene) -> Self {
        let phase = TrackPhase::Running;
        Self {
            playback: scene.playback.as_ref(),
            tracks: vec![TrackScene { name: &scene.facts.mode, phase, scene }],
            ..Self::default()
        }
    }

    /// The scenes of the runs that are in progress.
    pub(super) fn running(&self) -> impl Iterator<Item = &'a Scene> {
        let tracks = self.tracks.iter().filter(|it| it.phase.goes_on());
        tracks.map(|it| it.scene)
    }

    /// The scene that stands for all: of a run in progress, else the first.
    pub(super) fn leading(&self) -> Option<&'a Scene> {
        let first = self.tracks.first().map(|it| it.scene);
        self.running().next().or(first)
    }

    /// Whether all runs have ended, with or without a failure.
    pub(super) fn all_over(&self) -> bool {
        use TrackPhase::{Failed, Over};
        self.tracks.iter().all(|it| matches!(it.phase, Over | Failed(_)))
    }

    /// Whether the clients of all runs in progress are done.
    pub(super) fn are_clients_done(&self) -> bool {
        self.running().all(|it| it.measured.clients_done)
    }
}
