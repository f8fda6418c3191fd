//! The replay's screen, as it stands after each frame.

use super::super::Subject;
use super::ink;
use super::reading::Reading;
use crate::recording::Error;
use crate::recording::replay::Folded;
use crate::tui::recorded_scene as scene;
use crate::tui::{self, Depth, Glyphs, Look, Picture, Theme, draw_into};
use crate::view::Direction;
use crate::view::View;
use crate::view::{Facts, Playback, Scene};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::time::Duration;

/// Always the same, whatever terminal the film is made in.
const LOOK: Look =
    Look { theme: Theme::Dark, depth: Depth::True, glyphs: &Glyphs::UNICODE };

/// A screen on which a recorded run plays.
pub(super) struct Screen {
    state: tui::Screen,
    facts: Facts,
    playback: Playback,
    shown: Buffer,
    next: Buffer,
}

impl Screen {
    /// A screen on which nothing is shown yet. Reads the recording once, for
    /// the marks of all that comes up.
    ///
    /// # Errors
    /// If the header names what this program does not know.
    pub(super) fn new(it: &Subject, size: Size) -> Result<Self, Error> {
        let mut all = Reading::new(it.recording)?;
        let failure = all.go(Duration::MAX).err();
        let mut playback = scene::playback(it.recording, it.name);
        playback.plays = Some(Direction::Forwards);
        let marks = all.folded().marks().iter();
        playback.marks = marks.map(|mark| mark.at).collect();
        playback.read = playback.length;
        if let Some(why) = failure {
            playback.read = all.at();
            playback.ends.get_or_insert(format!("the recording {why}"));
        }
        let empty = Buffer::empty(Rect::from(size));
        Ok(Self {
            state: tui::Screen::new(LOOK, size, 1),
            facts: scene::facts(it.recording.header()),
            playback,
            shown: empty.clone(),
            next: empty,
        })
    }

    /// It plays no longer.
    pub(super) const fn stand(&mut self) {
        self.playback.plays = None;
    }

    /// Shows a moment; gives what turns the frame before into this one, for a
    /// terminal; `None` if they are the same.
    pub(super) fn frame(
        &mut self,
        folded: &Folded,
        at: Duration,
    ) -> Option<String> {
        (self.playback.at, self.playback.event) = (at, folded.event());
        self.next.reset();
        self.draw(folded, &folded.view(at));
        let changes = ink::changes(&self.shown, &self.next);
        std::mem::swap(&mut self.shown, &mut self.next);
        changes
    }

    fn draw(&mut self, folded: &Folded, view: &View) {
        let state = folded.state(view.at);
        let scene = Scene {
            facts: &self.facts,
            view,
            control: &scene::control(&state),
            measured: &scene::measured(&state),
            hand: &[],
            history: &[],
            preview: &[],
            playback: Some(&self.playback),
        };
        // Nothing is being typed: there is no cursor.
        let picture = Picture::single(scene);
        draw_into(&self.state, &picture, &mut self.next);
    }
}
