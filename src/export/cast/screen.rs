//! The replay's screen, as it stands after each frame.

use super::super::ExportSubject;
use super::ink;
use super::reading::CastReading;
use crate::tui::{self, Depth, Glyphs, Look, Picture, Theme, draw_into};
use crate::view::{Direction, Follower, Playback, Scene};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::time::Duration;

/// Always the same, whatever terminal the film is made in.
const LOOK: Look =
    Look { theme: Theme::Dark, depth: Depth::True, glyphs: &Glyphs::UNICODE };

/// A screen on which a recorded run plays.
pub(super) struct CastScreen {
    state: tui::Screen,
    scene: Scene,
    playback: Playback,
    shown: Buffer,
    next: Buffer,
}

impl CastScreen {
    /// A screen on which nothing is shown yet. Reads the recording once, for
    /// the marks of all that comes up.
    pub(super) fn new(it: &ExportSubject, size: Size) -> Self {
        let header = it.recording.header();
        let mut all = CastReading::new(it.recording);
        let failure = all.go(Duration::MAX).err();
        let mut playback = it.recording.playback(it.name);
        playback.plays = Some(Direction::Forwards);
        let marks = all.follower().marks.iter();
        playback.marks = marks.map(|mark| mark.at).collect();
        playback.read = playback.length;
        if let Some(why) = failure {
            playback.read = all.at();
            playback.ends.get_or_insert(format!("the recording {why}"));
        }
        let empty = Buffer::empty(Rect::from(size));
        Self {
            state: tui::Screen::new(LOOK, size, 1),
            scene: Scene::new(header.facts.clone()),
            playback,
            shown: empty.clone(),
            next: empty,
        }
    }

    /// It plays no longer.
    pub(super) const fn stand(&mut self) {
        self.playback.plays = None;
    }

    /// Shows a moment; gives what turns the frame before into this one, for a
    /// terminal; `None` if they are the same.
    pub(super) fn frame(
        &mut self,
        follower: &Follower,
        at: Duration,
    ) -> Option<String> {
        follower.later(at).show(&mut self.scene, at, None);
        (self.playback.at, self.playback.event) = (at, follower.event);
        self.scene.playback = Some(self.playback.clone());
        self.next.reset();
        // Nothing is being typed: there is no cursor.
        let picture = Picture::single(&self.scene);
        draw_into(&self.state, &picture, &mut self.next);
        let changes = ink::changes(&self.shown, &self.next);
        std::mem::swap(&mut self.shown, &mut self.next);
        changes
    }
}
