//! What the screen shows: one run or several, live or recorded.

use crate::load::ClientOrder;
use crate::run::comparison::Comparison;
use crate::view::{Direction, Playback, Scene, Seek, SocketId};
use std::time::Instant;

/// The place of the run whose program or recording is meant; `None`: all.
pub type Target = Option<usize>;

/// What a program, or a recording, is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Go on in another way, make a step, or show another moment.
    Seek(Seek),
    /// Go to the next event whose line in the log has this text, whatever
    /// its case.
    Search(String, Direction),
    /// Stop, with the grace period; the second time, at once.
    Quit,
    /// What SIGINT does.
    Interrupt,
    /// Connect a client.
    Connect,
    /// What the client driven by hand with this number is asked to do.
    Client(u32, ClientOrder),
}

/// What has changed since the last frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing: no frame.
    #[default]
    Nothing,
    /// Only how long things last.
    Clocks,
    /// Something happened.
    Something,
}

/// Where the runs come from: either all are live, or all are recorded.
pub trait Stage {
    /// All that a frame is made from.
    fn picture(&self) -> Picture<'_>;

    /// Does what the user asks for.
    fn carry_out(&mut self, target: Target, effect: Effect);

    /// Takes in what has happened. While the picture is `frozen`, little of
    /// it can be seen.
    fn advance(&mut self, now: Instant, frozen: bool) -> Change;

    /// Prepares the picture for a frame. Of one run the whole history of a
    /// socket is shown.
    fn show(&mut self, detail: Option<(usize, SocketId)>);

    /// Since when there has been nothing left to do; a screen that is
    /// not touched closes itself some time after that.
    fn done_since(&self) -> Option<Instant> {
        None
    }
}

/// All that a frame is made from, beside what the screen itself remembers.
#[derive(Clone, Debug, Default)]
pub struct Picture<'a> {
    /// The runs, in the order of the columns.
    pub tracks: Vec<TrackScene<'a>>,
    /// What differs between several runs.
    pub comparison: Option<&'a Comparison>,
    /// The runs take place one after the other.
    pub in_turn: bool,
    /// Where all runs stand, if they are recorded.
    pub playback: Option<&'a Playback>,
    /// In how many seconds the screen closes by itself, unless a key is
    /// pressed.
    pub ends_in_s: Option<u64>,
}

/// One run, as it is shown.
#[derive(Clone, Debug)]
pub struct TrackScene<'a> {
    /// What it is called.
    pub name: &'a str,
    /// How far it is.
    pub phase: TrackPhase,
    /// Everything else.
    pub scene: &'a Scene,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackPhase {
    /// It waits for its turn.
    Waiting,
    /// It goes on, or did at the moment of its recording that is shown.
    Running,
    /// It is over.
    Over,
    /// It failed, and why.
    Failed(String),
}

impl TrackPhase {
    /// Whether it does something at the moment that is shown.
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

    /// The runs that go on now.
    pub(super) fn running(&self) -> impl Iterator<Item = &'a Scene> {
        let tracks = self.tracks.iter().filter(|it| it.phase.goes_on());
        tracks.map(|it| it.scene)
    }

    /// The one whose control speaks for all: one that runs, if any does.
    pub(super) fn leading(&self) -> Option<&'a Scene> {
        let first = self.tracks.first().map(|it| it.scene);
        self.running().next().or(first)
    }

    /// Whether all are over.
    pub(super) fn all_over(&self) -> bool {
        use TrackPhase::{Failed, Over};
        self.tracks.iter().all(|it| matches!(it.phase, Over | Failed(_)))
    }

    /// Whether the clients of all runs that go on are done.
    pub(super) fn are_clients_done(&self) -> bool {
        self.running().all(|it| it.measured.clients_done)
    }
}
