//! Several modes side by side, each with a column of its own.
//!
//! ```text
//! ┌────────────────────────────────────────────────────────────────┐
//! │header                                                          │
//! │              1 serial            │ 2 nonblocking               │
//! │              zZ asleep in read   │ ▓▓ spinning                 │
//! │who waits     1 waits behind #1   │ nobody                      │
//! ├─ source ───────────────────────────────────────────────────────┤
//! ├─ sockets ──────────────────────────────────────────────────────┤
//! │#1            ───█───█────────    │ ▓▓█▓▓▓█▓▓                   │
//! ├─ counters ─────────────────────────────────────────────────────┤
//! ├─ findings ─────────────────────────────────────────────────────┤
//! ├─ what differs ─────────────────────────────────────────────────┤
//! ├─ verdict (once all are over) ──────────────────────────────────┤
//! ├─ bar (of recorded runs) ───────────────────────────────────────┤
//! │notice                                                          │
//! │footer                                                          │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! What all columns have in common stands in one row, its name at the left:
//! the screen is one table. Where the columns find no room beside each other
//! they are a stack: one of them, with tabs above, and the table of what
//! differs of all of them.

mod app;
mod banner;
mod figures;
mod frame;
mod layout;
mod lines;
mod sockets;
mod source;
mod update;
mod words;

pub use app::{CompareApp, CompareDialog};
pub use frame::draw_columns;
pub use layout::NARROWEST;
pub use update::{Target, update_columns};

use crate::run::comparison::Comparison;
use crate::view::Playback;
use crate::view::Scene;
use std::time::Duration;

/// All that a frame with several modes is made from.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// A scene a mode, in the order of the columns.
    pub scenes: Vec<Scene<'a>>,
    /// How far each of them is, in the same order.
    pub states: Vec<ColumnState>,
    /// What differs between them.
    pub comparison: &'a Comparison,
    /// They run one after the other.
    pub in_turn: bool,
    /// Where all of them stand, if all are recorded runs.
    pub playback: Option<&'a Playback>,
    /// In how many seconds it ends by itself, all being over, if nobody
    /// touches it.
    pub ends_in_s: Option<u64>,
}

/// How far a mode's run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnState {
    /// It waits for its turn.
    Waiting,
    /// It runs.
    Running,
    /// It is over.
    Over,
    /// It failed, and why.
    Failed(String),
    /// It is a recorded run, and goes on at the moment that is shown.
    Recorded,
}

impl ColumnState {
    /// Whether it does something at the moment that is shown.
    pub(super) const fn goes_on(&self) -> bool {
        matches!(self, Self::Running | Self::Recorded)
    }
}

impl<'a> Columns<'a> {
    /// What a column is called.
    pub(super) fn name(&self, place: usize) -> &'a str {
        self.comparison.names.get(place).map_or("", |name| name)
    }

    /// The places of those that run.
    pub(super) fn running(&self) -> impl Iterator<Item = usize> {
        let states = self.states.iter().enumerate();
        let running = states.filter(|(_, it)| **it == ColumnState::Running);
        running.map(|(at, _)| at)
    }

    /// The one whose control speaks for all: one that runs, if any does.
    pub(super) fn leading(&self) -> Option<&Scene<'a>> {
        let at = self.running().next().unwrap_or(0);
        self.scenes.get(at)
    }

    /// Whether all is over.
    pub(super) fn all_over(&self) -> bool {
        let over = |it: &ColumnState| {
            matches!(it, ColumnState::Over | ColumnState::Failed(_))
        };
        self.states.iter().all(over)
    }

    /// The last moment of the time axis that all columns share, counted from
    /// the start of each run: that of those that run.
    pub(super) fn moment(&self, app: &CompareApp) -> Duration {
        let at = |place: usize| {
            let (own, scene) = (app.apps.get(place), self.scenes.get(place));
            own.zip(scene).map(|(own, scene)| own.shown(scene).at)
        };
        let last = self.running().filter_map(at).max();
        let all = (0..self.scenes.len()).filter_map(at);
        last.or_else(|| all.max()).unwrap_or_default()
    }
}
