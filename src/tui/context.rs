//! What everything is drawn from: the screen and the picture, and one run of
//! them.

use super::look::{Look, Role};
use super::screen::{Dialog, Screen, TrackState};
use super::stage::{Picture, TrackPhase};
use crate::run::comparison::Comparison;
use crate::view::{Playback, Scene, View};
use ratatui::text::Span;
use std::borrow::Cow;
use std::time::Duration;

/// What the screen remembers, and what it shows.
#[derive(Clone, Copy)]
pub(super) struct ScreenContext<'a> {
    pub(super) screen: &'a Screen,
    pub(super) picture: &'a Picture<'a>,
}

/// One run, as it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Track<'a> {
    pub(super) look: &'a Look,
    /// Which one, from 0.
    pub(super) place: usize,
    pub(super) name: &'a str,
    pub(super) phase: &'a TrackPhase,
    /// It is the chosen one.
    pub(super) is_chosen: bool,
    /// There are few and large panes.
    pub(super) presents: bool,
    /// What the screen remembers of it.
    pub(super) state: &'a TrackState,
    /// What surrounds the program.
    pub(super) scene: &'a Scene,
    /// The program: at present, or as it was when the picture froze.
    pub(super) view: &'a View,
    pub(super) is_frozen: bool,
}

impl<'a> ScreenContext<'a> {
    pub(super) const fn look(&self) -> &'a Look {
        &self.screen.look
    }

    /// The run at this place, if it is in the picture.
    pub(super) fn track(&self, place: usize) -> Option<Track<'a>> {
        let Self { screen, picture } = *self;
        let it = picture.tracks.get(place)?;
        let frozen = screen.frozen.as_ref();
        let view = frozen.and_then(|it| it.0.get(place));
        Some(Track {
            look: self.look(),
            place,
            name: it.name,
            phase: &it.phase,
            is_chosen: place == screen.chosen,
            presents: screen.presents,
            state: screen.tracks.get(place)?,
            scene: it.scene,
            view: view.unwrap_or(&it.scene.view),
            is_frozen: frozen.is_some(),
        })
    }

    /// All runs in the picture.
    pub(super) fn tracks(&self) -> impl Iterator<Item = Track<'a>> {
        (0..self.picture.tracks.len()).filter_map(|it| self.track(it))
    }

    /// The run that has the whole screen.
    pub(super) fn open(&self) -> Option<Track<'a>> {
        self.track(self.screen.open?)
    }

    /// The runs that a key for programs means: the open one, or all that go
    /// on now.
    pub(super) fn meant(&self) -> impl Iterator<Item = Track<'a>> {
        let open = self.screen.open;
        self.tracks().filter(move |it| match open {
            Some(place) => it.place == place,
            None => it.phase.goes_on(),
        })
    }

    /// Where the open recording stands, or all of them.
    pub(super) fn playback(&self) -> Option<&'a Playback> {
        match self.open() {
            Some(run) => run.scene.playback.as_ref(),
            None => self.picture.playback,
        }
    }

    /// Whether a search goes on that can be given up.
    pub(super) fn is_busy(&self) -> bool {
        let is_typing = matches!(self.screen.dialog, Dialog::Prompt(..));
        !is_typing && self.playback().is_some_and(|it| it.busy.is_some())
    }

    /// What differs: at present, or when the picture froze.
    pub(super) fn comparison(&self) -> Option<&'a Comparison> {
        match &self.screen.frozen {
            Some((_, frozen)) => frozen.as_ref(),
            None => self.picture.comparison,
        }
    }

    /// The last moment of the time axis that all columns share, counted from
    /// the start of each run: that of those that run, if any does.
    pub(super) fn moment(&self) -> Duration {
        let at = |it: Track| (it.phase.goes_on(), it.view.at);
        self.tracks().map(at).max().unwrap_or_default().1
    }
}

impl Track<'_> {
    /// Text in a role.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Span<'t> {
        self.look.say(role, text)
    }
}
