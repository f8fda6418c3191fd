//! What the screen shows: one run or several, live or recorded.

use crate::load::ClientOrder;
use crate::run::comparison::Comparison;
use crate::view::{Playback, Scene, Seek, SocketId, Stride};
use std::time::Instant;

/// Whose program, or which recording, is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// That of every run.
    All,
    /// That of the run at this place.
    Track(usize),
}

/// What a program, or a recording, is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hold every thread at its next call.
    Pause,
    /// Let them go on.
    Resume,
    /// Let this much happen.
    Step(Stride),
    /// More time between calls.
    Slower,
    /// Less time between calls.
    Faster,
    /// Stop, with the grace period; the second time, at once.
    Quit,
    /// What SIGINT does.
    Interrupt,
    /// Connect a client.
    Connect,
    /// What the client driven by hand with this number is asked to do.
    Client(u32, ClientOrder),
    /// A recording is to stand elsewhere, or to play.
    Seek(Seek),
    /// A recording is to go to the next event whose line in the log has this
    /// text, whatever its case.
    Search(String),
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

    /// Does what the user asks for; says why, if that cannot be done.
    fn carry_out(&mut self, target: Target, effect: Effect) -> Option<String>;

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
#[derive(Clone, Debug)]
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
    /// It runs.
    Running,
    /// It is over.
    Over,
    /// It failed, and why.
    Failed(String),
    /// It is recorded, and goes on at the moment that is shown.
    Recorded,
}

impl TrackPhase {
    /// Whether it does something at the moment that is shown.
    pub(super) const fn goes_on(&self) -> bool {
        matches!(self, Self::Running | Self::Recorded)
    }
}

impl<'a> Picture<'a> {
    /// A picture of a single run.
    pub fn single(scene: &'a Scene) -> Self {
        let phase = match scene.playback {
            Some(_) => TrackPhase::Recorded,
            None => TrackPhase::Running,
        };
        Self {
            playback: scene.playback.as_ref(),
            tracks: vec![TrackScene { name: &scene.facts.mode, phase, scene }],
            comparison: None,
            in_turn: false,
            ends_in_s: None,
        }
    }

    /// The scene of the run at this place.
    pub(super) fn scene(&self, place: usize) -> Option<&'a Scene> {
        self.tracks.get(place).map(|it| it.scene)
    }

    /// The places of the runs that go on now.
    pub(super) fn running(&self) -> impl Iterator<Item = usize> {
        let tracks = self.tracks.iter().enumerate();
        let running = tracks.filter(|(_, it)| it.phase == TrackPhase::Running);
        running.map(|(place, _)| place)
    }

    /// The one whose control speaks for all: one that runs, if any does.
    pub(super) fn leading(&self) -> Option<&'a Scene> {
        self.scene(self.running().next().unwrap_or(0))
    }

    /// Whether all are over.
    pub(super) fn all_over(&self) -> bool {
        let over = |it: &TrackScene| {
            matches!(it.phase, TrackPhase::Over | TrackPhase::Failed(_))
        };
        self.tracks.iter().all(over)
    }

    /// Whether the clients of all runs that go on are done.
    pub(super) fn are_clients_done(&self) -> bool {
        let done = |at: usize| self.tracks[at].scene.measured.clients_done;
        self.running().all(done)
    }

    /// Whether a program is paused.
    pub(super) fn is_paused(&self) -> bool {
        self.running().any(|at| self.tracks[at].scene.control.paused)
    }

    /// Whether a mode with an event loop is shown: the open one, or any.
    pub(super) fn has_tasks(&self, open: Option<usize>) -> bool {
        match open {
            Some(place) => self.scene(place).is_some_and(Scene::has_tasks),
            None => self.tracks.iter().any(|it| it.scene.has_tasks()),
        }
    }
}
