//! Several recorded runs on one clock.
//!
//! Each has a [`Reel`] that goes to places; where to, and when, is decided
//! here. The clock counts from the start of each run, and all stand where it
//! stands, or at their end.

mod step;
mod told;

use super::recorded::Recorded;
use crate::commands::replay::{self, Pace, Reel};
use crate::error::Error;
use crate::run::comparison::Contender;

use crate::recording::Recording;
use crate::tui::{Change, Playback, Scene, Seek};
use crate::view::{Direction, SocketId, Stride};
use std::task::Poll;
use std::time::{Duration, Instant};
use step::{Found, Step};

/// Recorded runs that are shown beside each other, or beside live ones.
pub(super) struct Deck {
    tracks: Vec<Track>,
    pace: Pace,
    /// The moment that all are to show.
    at: Duration,
    /// Whose next step is looked for, and what was found.
    step: Option<Step>,
    /// A step that is asked for, from where all are when they are there.
    wanted: Option<(Stride, Direction)>,
    /// One that goes its own way; the others follow it.
    leader: Option<usize>,
    /// Whether somebody else's clock has moved all.
    goes_along: bool,
    common: Playback,
}

/// One recorded run.
struct Track {
    recording: Recording,
    reel: Reel,
    contender: Contender,
    /// What its whole screen says of where it stands.
    playback: Playback,
}

impl Track {
    fn own(&self) -> Option<&Playback> {
        self.reel.scene().playback
    }

    /// Whether it shows what it was asked to show.
    fn rests(&self) -> bool {
        self.reel.rests()
    }
}

impl Deck {
    /// Them at their beginning.
    ///
    /// # Errors
    /// If one cannot be shown, or there is no thread to read it ahead.
    pub(super) fn new<'a>(
        recordings: impl Iterator<Item = &'a Recorded>,
    ) -> Result<Self, Error> {
        let track = |it: &Recorded| {
            let name = it.file.file_name().unwrap_or_default();
            let mut reel = Reel::new(&it.recording, &name.to_string_lossy())
                .map_err(|error| replay::unreadable(&it.file, error))?;
            reel.read_ahead().map_err(replay::no_thread)?;
            Ok(Track {
                recording: it.recording.clone(),
                reel,
                contender: it.contender(),
                playback: Playback::default(),
            })
        };
        let tracks: Result<Vec<_>, Error> = recordings.map(track).collect();
        let mut deck = Self {
            tracks: tracks?,
            pace: Pace::new(),
            at: Duration::ZERO,
            step: None,
            wanted: None,
            leader: None,
            goes_along: false,
            common: Playback { speed: 1.0, ..Playback::default() },
        };
        deck.measure();
        deck.tell();
        Ok(deck)
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Where all stand.
    pub(super) const fn playback(&self) -> &Playback {
        &self.common
    }

    /// Whether all stand at their end.
    pub(super) fn is_over(&self) -> bool {
        self.at >= self.common.length
    }

    /// Whether one of them stands at its end.
    pub(super) fn has_ended(&self, place: usize) -> bool {
        let track = self.tracks.get(place);
        track.is_none_or(|it| self.at >= it.recording.duration())
    }

    /// What a frame is made from.
    pub(super) fn scene(&self, place: usize) -> Option<Scene<'_>> {
        let track = self.tracks.get(place)?;
        let playback = Some(&track.playback);
        Some(Scene { playback, ..track.reel.scene() })
    }

    /// Why its run failed, if it did.
    pub(super) fn failure(&self, place: usize) -> Option<String> {
        self.tracks.get(place)?.contender.failure.clone()
    }

    /// What there is to compare at the moment that is shown.
    pub(super) fn contenders(&self) -> Vec<Contender> {
        let contender = |(place, track): (usize, &Track)| {
            if self.has_ended(place) {
                return track.contender.clone();
            }
            Contender {
                name: track.contender.name.clone(),
                mode: track.contender.mode.clone(),
                course: 0,
                machine: 0,
                options: 0,
                run_time: self.at,
                over: false,
                failure: None,
                interventions: Vec::new(),
                loop_call: track.contender.loop_call,
                figures: track.reel.scene().view.figures.clone(),
                cpu: None,
                context_switches: None,
                echo: None,
                groups: Vec::new(),
                findings: Vec::new(),
            }
        };
        self.tracks.iter().enumerate().map(contender).collect()
    }

    /// Does what is asked for: of all of them, or of one, which the others
    /// follow.
    pub(super) fn seek(&mut self, column: Option<usize>, seek: Seek) {
        self.common.said = None;
        if let Some(place) = column {
            return self.lead(place, seek);
        }
        match seek {
            Seek::PlayOrPause => self.play_or_pause(),
            Seek::Reverse => {
                let plays = self.pace.plays.unwrap_or_default();
                self.stop_looking();
                self.pace.play(Some(plays.turned()));
            }
            Seek::Slower => self.pace.change(0.5),
            Seek::Faster => self.pace.change(2.0),
            Seek::Step(stride, direction) => {
                self.pace.play(None);
                self.stop_looking();
                self.wanted = Some((stride, direction));
            }
            Seek::Start => self.jump(Duration::ZERO),
            Seek::End => self.jump(Duration::MAX),
            Seek::To(at) => self.jump(at),
            Seek::ToPart(part) => {
                self.jump(self.common.length.mul_f32(part.clamp(0.0, 1.0)));
            }
            Seek::By(part) => {
                let way = self.common.length.mul_f32(part.abs().min(1.0));
                self.jump(if part < 0.0 {
                    self.at.saturating_sub(way)
                } else {
                    self.at.saturating_add(way)
                });
            }
            Seek::Finding(direction) => self.go_to_finding(direction),
            Seek::GiveUp => self.stop_looking(),
            // Of which one is not said.
            Seek::ToEvent(_)
            | Seek::OfSocket(..)
            | Seek::Search(_)
            | Seek::SearchOn(_) => {}
        }
    }

    fn play_or_pause(&mut self) {
        let plays = self.pace.plays.is_some();
        // From the end one begins again.
        if !plays && self.is_over() {
            self.jump(Duration::ZERO);
        }
        let direction = (!plays).then_some(Direction::Forwards);
        self.stop_looking();
        self.pace.play(direction);
    }

    fn stop_looking(&mut self) {
        (self.step, self.wanted) = (None, None);
        if let Some(leader) = self.leader.take() {
            self.tracks[leader].reel.seek(Seek::GiveUp);
        }
    }

    /// All go there, to stand there.
    fn jump(&mut self, at: Duration) {
        self.pace.play(None);
        self.stop_looking();
        self.go_to(at);
    }

    fn go_to(&mut self, at: Duration) {
        self.follow(at.min(self.common.length), None);
    }

    /// By somebody else's clock it is this moment; tells whether that is
    /// another one.
    pub(super) fn go_along(&mut self, at: Duration) -> bool {
        self.goes_along = self.at != at.min(self.common.length);
        if self.goes_along {
            self.pass(at);
        }
        self.goes_along
    }

    /// Time has passed: all are at this moment now.
    fn pass(&mut self, at: Duration) {
        self.at = at.min(self.common.length);
        for track in &mut self.tracks {
            track.reel.pass(self.at);
        }
    }

    /// All but one go there.
    fn follow(&mut self, at: Duration, leader: Option<usize>) {
        self.at = at;
        for (place, track) in self.tracks.iter_mut().enumerate() {
            if leader != Some(place) {
                track.reel.seek(Seek::To(at));
            }
        }
    }

    /// One goes its own way; the others follow when it is there.
    fn lead(&mut self, place: usize, seek: Seek) {
        self.pace.play(None);
        self.stop_looking();
        let goes_on = matches!(seek, Seek::Step(_, Direction::Forwards));
        if goes_on && self.has_ended(place) {
            let said = "this run is over; others may go on: esc";
            self.common.said = Some(said.into());
            return;
        }
        if let Some(track) = self.tracks.get_mut(place) {
            track.reel.seek(seek);
            self.leader = Some(place);
        }
    }

    /// Sets out for the next step of any of them.
    fn look(&mut self, step: (Stride, Direction)) {
        let places = self.tracks.iter().map(|it| {
            let event = it.own().map_or(0, |own| own.event);
            (&it.recording, event)
        });
        self.step = Some(Step::new(places, self.at, step));
    }

    /// Looks on for the next step; all go to the nearest one.
    fn look_on(&mut self) {
        let Some(step) = &mut self.step else { return };
        let Poll::Ready(found) = step.look_on() else { return };
        let direction = step.direction;
        self.step = None;
        match (found, direction) {
            (Some(Found { at, place, event }), _) => {
                self.follow(at, Some(place));
                // Events of one moment are steps of their own.
                self.tracks[place].reel.seek(Seek::ToEvent(event));
            }
            // A step goes as far as there is something.
            (None, Direction::Forwards) => self.go_to(self.common.length),
            (None, Direction::Backwards) => self.go_to(Duration::ZERO),
        }
    }

    fn go_to_finding(&mut self, direction: Direction) {
        let at = self.at;
        let mut marks = self.common.marks.iter().copied();
        let mark = match direction {
            Direction::Forwards => marks.find(|it| *it > at),
            Direction::Backwards => marks.rev().find(|it| *it < at),
        };
        if let Some(at) = mark {
            return self.jump(at);
        }
        let way = match direction {
            Direction::Forwards => "after",
            Direction::Backwards => "before",
        };
        let read = self.common.read >= self.common.length;
        let yet = if read { "" } else { ", as far as they are read" };
        let said = format!("no finding comes up {way} this place{yet}");
        self.common.said = Some(said);
    }

    /// Goes on as far as there is time for now; tells what of it shows.
    pub(super) fn tick(&mut self, now: Instant) -> Change {
        let mut change = Change::Nothing;
        for track in &mut self.tracks {
            change = change.max(track.reel.tick(now));
        }
        self.look_on();
        if self.tracks.iter().all(Track::rests) {
            self.go_on(now);
        }
        let before = self.common.clone();
        self.tell();
        if before == self.common { change } else { Change::Something }
    }

    /// All are where they were to be: where to go from there.
    fn go_on(&mut self, now: Instant) {
        if let Some(leader) = self.leader.take() {
            let own = self.tracks[leader].own();
            let at = own.map_or(self.at, |own| own.at);
            return self.follow(at, Some(leader));
        }
        if let Some(step) = self.wanted.take() {
            return self.look(step);
        }
        let Some(to) = self.pace.next(self.at, now) else { return };
        let is_over = match self.pace.plays {
            Some(Direction::Backwards) => to.is_zero(),
            _ => to >= self.common.length,
        };
        if is_over {
            self.pace.play(None);
        }
        self.pass(to);
    }

    /// Has the scenes show where they stand; of one all that is known of the
    /// socket whose detail is open.
    pub(super) fn show(&mut self, place: usize, detail: Option<SocketId>) {
        if let Some(track) = self.tracks.get_mut(place) {
            track.reel.show(detail);
        }
    }
}
