//! The read-only input of the drawing functions: `ScreenContext` for the whole
//! screen, `Track` for one run.

use super::keymap::KeyMap;
use super::look::{Look, Role};
use super::screen::{Dialog, Screen, TrackState};
use super::stage::{Picture, TrackPhase};
use crate::run::comparison::Comparison;
use crate::view::{Playback, Scene, View};
use ratatui::text::Span;
use std::borrow::Cow;
use std::time::Duration;

/// The screen's state and the picture to draw.
#[derive(Clone, Copy)]
pub(super) struct ScreenContext<'a> {
    pub(super) screen: &'a Screen,
    pub(super) picture: &'a Picture<'a>,
}

/// One run of the picture, with all that is needed to draw it.
#[derive(Clone, Copy)]
pub(super) struct Track<'a> {
    pub(super) look: &'a Look,
    pub(super) keys: &'a KeyMap,
    /// Index of the run in the picture, from 0.
    pub(super) place: usize,
    pub(super) name: &'a str,
    pub(super) phase: &'a TrackPhase,
    pub(super) is_chosen: bool,
    /// Presenter mode: large letters and few panes.
    pub(super) presents: bool,
    /// The screen's state for this run: focus, selection, scrolling.
    pub(super) state: &'a TrackState,
    /// The current facts, controls, measurements and clients: never frozen.
    pub(super) scene: &'a Scene,
    /// What the program does now, or did when the picture was frozen.
    pub(super) view: &'a View,
    pub(super) is_frozen: bool,
}

impl<'a> ScreenContext<'a> {
    pub(super) const fn look(&self) -> &'a Look {
        &self.screen.look
    }

    /// The user's own keys.
    pub(super) const fn keys(&self) -> &'a KeyMap {
        &self.screen.keys
    }

    /// The run at this index, if it is in the picture.
    pub(super) fn track(&self, place: usize) -> Option<Track<'a>> {
        let Self { screen, picture } = *self;
        let it = picture.tracks.get(place)?;
        let frozen = screen.frozen.as_ref();
        let view = frozen.and_then(|it| it.0.get(place));
        Some(Track {
            look: self.look(),
            keys: self.keys(),
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

    /// The run that fills the screen; `None` while all are side by side.
    pub(super) fn open(&self) -> Option<Track<'a>> {
        self.track(self.screen.open?)
    }

    /// The runs that a key for programs applies to: the open one, or else all
    /// that are in progress.
    pub(super) fn meant(&self) -> impl Iterator<Item = Track<'a>> {
        let open = self.screen.open;
        self.tracks().filter(move |it| match open {
            Some(place) => it.place == place,
            None => it.phase.goes_on(),
        })
    }

    /// The open recording's playback, or that of all; `None` in live runs.
    pub(super) fn playback(&self) -> Option<&'a Playback> {
        match self.open() {
            Some(run) => run.scene.playback.as_ref(),
            None => self.picture.playback,
        }
    }

    /// Whether a seek or search is in progress and no line is being typed.
    pub(super) fn is_busy(&self) -> bool {
        let is_typing = matches!(self.screen.dialog, Dialog::Prompt(..));
        !is_typing && self.playback().is_some_and(|it| it.busy.is_some())
    }

    /// The comparison of the runs now, or when the picture was frozen.
    pub(super) fn comparison(&self) -> Option<&'a Comparison> {
        match &self.screen.frozen {
            Some((_, frozen)) => frozen.as_ref(),
            None => self.picture.comparison,
        }
    }

    /// The end of the time axis that all columns share, since the start of
    /// each run: the latest time of a run in progress, or else of any run.
    pub(super) fn moment(&self) -> Duration {
        let at = |it: Track| (it.phase.goes_on(), it.view.at);
        self.tracks().map(at).max().unwrap_or_default().1
    }
}

impl Track<'_> {
    /// Whether it is a live run that is over, with or without a failure.
    pub(super) fn has_ended(&self) -> bool {
        let is_live = self.scene.playback.is_none();
        is_live
            && matches!(self.phase, TrackPhase::Over | TrackPhase::Failed(_))
    }

    /// A span in the style of a role.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Span<'t> {
        self.look.say(role, text)
    }
}
