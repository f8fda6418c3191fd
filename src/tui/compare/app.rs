//! What the screen with several modes remembers between two frames.

use super::super::app::{App, Arrangement};
use super::super::keys::{Binding, keys_of_columns};
use super::super::layout::NEEDED;
use super::super::look::Look;
use super::super::prompt::Prompt;
use super::Columns;
use crate::run::comparison::Comparison;
use ratatui::layout::Size;

/// What the screen with several modes remembers between two frames.
#[derive(Clone, Debug)]
pub struct CompareApp {
    /// The chosen column.
    pub chosen: usize,
    /// Whether the chosen column has the whole screen.
    pub opened: bool,
    /// Which parts there are.
    pub arrangement: Arrangement,
    /// How it looks.
    pub look: Look,
    /// What stands in front of the columns, or is being typed.
    pub dialog: CompareDialog,
    /// How many sockets are scrolled out of sight.
    pub first_socket: usize,
    /// Why the last key did nothing.
    pub said: Option<String>,
    /// What differed when the picture froze.
    pub frozen: Option<Comparison>,
    /// How large the terminal is.
    pub size: Size,
    /// What the whole screen of each mode remembers.
    pub apps: Vec<App>,
    /// All of them are recorded runs, which have other keys.
    pub replays: bool,
}

/// What stands in front of the columns.
#[derive(Clone, Debug, Default)]
pub enum CompareDialog {
    /// Nothing.
    #[default]
    None,
    /// All keys, from this row on.
    Help(usize),
    /// A line that is being typed for a client of every mode.
    Prompt(Prompt),
}

impl CompareApp {
    /// A screen of this size for so many modes, as it is at first.
    #[must_use]
    pub fn new(look: Look, size: Size, modes: usize) -> Self {
        let mut app = Self {
            chosen: 0,
            opened: false,
            arrangement: Arrangement::Normal,
            look,
            dialog: CompareDialog::None,
            first_socket: 0,
            said: None,
            frozen: None,
            size,
            apps: vec![App::new(look, size); modes],
            replays: false,
        };
        app.resize(size);
        app
    }

    /// The same for so many recorded runs.
    #[must_use]
    pub fn of_recordings(look: Look, size: Size, runs: usize) -> Self {
        let mut app = Self::new(look, size, runs);
        app.replays = true;
        for own in &mut app.apps {
            own.replays = true;
        }
        app
    }

    /// The keys while no column has the whole screen.
    #[must_use]
    pub const fn keys(&self) -> &'static [Binding] {
        keys_of_columns(self.replays)
    }

    /// The terminal is this large now.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        let height = size.height - self.strip();
        for app in &mut self.apps {
            app.size = Size { height, ..size };
        }
    }

    /// The screen of the mode that has all of it.
    #[must_use]
    pub fn open_app(&self) -> Option<&App> {
        self.apps.get(self.chosen).filter(|_| self.opened)
    }

    /// What differs: at present, or when the picture froze.
    pub(super) fn comparison<'a>(
        &'a self,
        columns: &Columns<'a>,
    ) -> &'a Comparison {
        self.frozen.as_ref().unwrap_or(columns.comparison)
    }

    /// Rows above a mode's whole screen that tell of the others, if it can
    /// spare them.
    pub(super) const fn strip(&self) -> u16 {
        if self.size.height > NEEDED.height { 1 } else { 0 }
    }

    /// Whether there are few and large parts.
    pub(super) const fn presents(&self) -> bool {
        matches!(self.arrangement, Arrangement::Presenter)
    }
}
