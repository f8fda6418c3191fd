//! Playback of recordings on a common clock: of one, or of several side by
//! side.
//!
//! The clock counts from the start of each run. Every recording shows the
//! clock's time, or its end if that is earlier. A step or a search looks for an
//! event in one or in all of them; the recording that has it goes to it, and
//! the others follow to the same time.

use super::stage::{
    Change, Effect, Picture, Stage, Target, TrackPhase, TrackScene,
};
use crate::probe::{Event, Outcome, Phase, PhaseMark};
use crate::recording::Recording;
use crate::recording::replay::{
    Place, Player, Progress, Search, Sought, Target as Goal, ends, of_socket,
};
use crate::view::{
    Direction, LogBook, Observation, Playback, Scene, Seek, SocketId,
};
use itertools::Itertools as _;
use std::io;
use std::time::{Duration, Instant};

/// The time for work on all recordings together, before keys are read again.
const WORK: Duration = Duration::from_millis(15);

/// A seek or search that takes longer than this is shown as in progress.
const PATIENCE: Duration = Duration::from_millis(150);

/// Among how many records the first accepted connection is looked for.
const OPENING: usize = 10_000;

/// Lowest and highest speed, in seconds of the run per second of real time.
const SPEEDS: (f32, f32) = (1.0 / 65_536.0, 1_024.0);

/// The most real time that playback advances at once: after a longer gap, as
/// when this process was suspended, it must not jump.
const LONGEST_TICK: Duration = Duration::from_millis(250);

/// The recordings on the screen, played back together.
pub struct Players {
    tracks: Vec<RecordedTrack>,
    /// The time that all are to show, since the start of each run.
    at: Duration,
    search: Option<EventSearch>,
    /// When the current seek or search began; `None` once all have arrived.
    set_out: Option<Instant>,
    /// When playback was last advanced; `None` right after it has started or
    /// stopped.
    looked: Option<Instant>,
    /// The playback of all together: time, speed, direction, messages.
    common: Playback,
}

/// A recording, and what is shown of it.
struct RecordedTrack {
    player: Player,
    scene: Scene,
    /// The place that the scene shows, and the socket whose history it has.
    shown: (Place, Option<SocketId>),
}

/// A search for an event in one recording, or in several at once.
struct EventSearch {
    /// Describes the search for the user; empty if it is a step.
    what: String,
    direction: Direction,
    /// What to look for, by index of the recording; moved to `searches` once
    /// all recordings show the time at which the search begins.
    begins: Vec<(usize, Sought)>,
    searches: Vec<(usize, Search)>,
}

impl RecordedTrack {
    const fn playback(&self) -> &Playback {
        self.scene.playback.as_ref().expect("it is recorded")
    }
}

impl Players {
    /// Opens recordings before their first client is accepted, each with its
    /// file's name. Starts threads that read them ahead, so that seeking is
    /// fast.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn new(recordings: &[(&Recording, String)]) -> io::Result<Self> {
        let lengths = recordings.iter().map(|(it, _)| it.duration());
        let length = lengths.max().unwrap_or_default();
        let tracks = recordings.iter().map(|(recording, name)| {
            let mut player = Player::new(recording);
            let mut scene = Scene::new(recording.header().facts.clone());
            player.show(&mut scene, None);
            player.read_ahead()?;
            scene.playback = Some(recording.playback(name, length));
            let shown = (player.place(), None);
            Ok(RecordedTrack { player, scene, shown })
        });
        let tracks: Vec<_> = tracks.collect::<io::Result<_>>()?;
        let common =
            Playback::of_all(tracks.iter().map(RecordedTrack::playback));
        let at = Duration::ZERO;
        let (search, set_out, looked) = (None, None, None);
        let mut all = Self { tracks, at, search, set_out, looked, common };
        let openings = recordings.iter().enumerate();
        let openings = openings.filter_map(|(track, (recording, _))| {
            Some((opening(recording)?, track))
        });
        if let Some((place, track)) = openings.max() {
            all.jump_to(track, place);
        }
        Ok(all)
    }

    /// Whether the recording at this index is at its end.
    pub fn has_ended(&self, place: usize) -> bool {
        let track = self.tracks.get(place);
        track.is_none_or(|it| self.at >= it.player.recording().duration())
    }

    /// Carries out a command, or starts to. A step or search looks for its
    /// event in the recording `target`, or in all of them if it is `None`.
    pub fn seek(&mut self, target: Target, seek: Seek) {
        self.common.said = None;
        let length = self.common.length;
        match seek {
            Seek::PlayOrPause => {
                let plays = self.common.plays.is_some();
                // At the end, playback restarts from the beginning.
                if !plays && self.at >= length {
                    self.jump(Duration::ZERO);
                }
                self.play((!plays).then_some(Direction::Forwards));
            }
            Seek::Reverse => {
                let plays = self.common.plays.unwrap_or_default();
                self.play(Some(plays.turned()));
            }
            Seek::Slower | Seek::Faster => {
                let factor = if seek == Seek::Slower { 0.5 } else { 2.0 };
                let speed = self.common.speed * factor;
                self.common.speed = speed.clamp(SPEEDS.0, SPEEDS.1);
            }
            Seek::Start | Seek::ToEvent(0) => self.jump(Duration::ZERO),
            Seek::End => self.jump(length),
            Seek::To(at) => self.jump(at),
            Seek::ToPart(part) => {
                self.jump(length.mul_f32(part.clamp(0.0, 1.0)));
            }
            Seek::By(part) => {
                let length = length.max(Duration::from_nanos(1));
                let here = self.at.div_duration_f32(length);
                self.seek(target, Seek::ToPart(here + part));
            }
            Seek::ToEvent(event) => match target {
                Some(track) => self.jump_to_event(track, event),
                None => self.say("open a recording first: each counts its own"),
            },
            Seek::Finding(direction) => self.go_to_finding(target, direction),
            Seek::Step(stride, direction) => {
                self.look(target, String::new(), direction, |track| {
                    let header = track.player.recording().header();
                    ends(stride, header.settings.loop_call)
                });
            }
            Seek::OfSocket(socket, direction) => {
                let what = format!("looking for an event of {socket}");
                self.look(target, what, direction, |_| of_socket(socket));
            }
            Seek::GiveUp => self.search = None,
        }
    }

    fn say(&mut self, words: impl Into<String>) {
        self.common.said = Some(words.into());
    }

    /// Plays in this direction, or stops; cancels a search.
    fn play(&mut self, plays: Option<Direction>) {
        (self.search, self.looked) = (None, None);
        self.common.plays = plays;
    }

    /// Stops playback and seeks to this time in all recordings.
    fn jump(&mut self, at: Duration) {
        self.play(None);
        self.go_to(at);
        self.set_out.get_or_insert_with(Instant::now);
    }

    fn go_to(&mut self, at: Duration) {
        self.at = at.min(self.common.length);
        for track in &mut self.tracks {
            track.player.set_out(match self.at {
                Duration::ZERO => Goal::Event(0),
                at => Goal::Time(at),
            });
        }
    }

    /// Seeks to a place in one recording, and to its time in the others.
    fn jump_to(&mut self, track: usize, place: Place) {
        self.jump(place.at);
        // Several events can have the same time: go to the very event.
        self.tracks[track].player.set_out(Goal::Event(place.event));
    }

    fn jump_to_event(&mut self, track: usize, event: u64) {
        let recording = self.tracks[track].player.recording();
        let records = recording.from_event(event - 1).into_iter().flatten();
        let at = |it: Observation| Some(it.event()?.at().duration());
        if let Some(at) = records.flatten().find_map(at) {
            self.jump_to(track, Place { at, event });
        }
    }

    fn go_to_finding(&mut self, target: Target, direction: Direction) {
        let at = self.at;
        let playback =
            target.map_or(&self.common, |track| self.tracks[track].playback());
        let mut marks = playback.marks.iter().copied();
        let (mark, way) = match direction {
            Direction::Forwards => (marks.find(|it| *it > at), "after"),
            Direction::Backwards => (marks.rfind(|it| *it < at), "before"),
        };
        let is_read = direction == Direction::Backwards
            || playback.read >= playback.length;
        let yet = if is_read { "" } else { ", as far as it is read" };
        let none = || format!("no finding comes up {way} this place{yet}");
        match mark {
            Some(at) => self.jump(at),
            None => self.say(none()),
        }
    }

    /// Starts to search for an event.
    fn look(
        &mut self,
        target: Target,
        what: String,
        direction: Direction,
        sought: impl Fn(&RecordedTrack) -> Sought,
    ) {
        self.play(None);
        let tracks = self.tracks.iter().enumerate();
        let tracks = tracks.filter(|(at, _)| target.is_none_or(|it| it == *at));
        let begins = tracks.map(|(at, it)| (at, sought(it))).collect();
        let searches = Vec::new();
        self.search = Some(EventSearch { what, direction, begins, searches });
        self.set_out.get_or_insert_with(Instant::now);
    }

    /// Continues a search; all recordings have reached its beginning.
    fn look_on(&mut self, mut search: EventSearch) {
        for (track, sought) in search.begins.drain(..) {
            let player = &self.tracks[track].player;
            let from = Place { at: self.at, event: player.place().event };
            let recording = player.recording();
            let begun = Search::new(recording, from, search.direction, sought);
            search.searches.push((track, begun));
        }
        let budget = WORK / u32::try_from(search.searches.len()).unwrap_or(1);
        for (_, search) in &mut search.searches {
            if let Err(error) = search.go_on(budget) {
                self.say(format!("the recording {error}"));
            }
        }
        if search.searches.iter().any(|(_, it)| !it.is_over()) {
            self.search = Some(search);
            return;
        }
        let found = search.searches.iter();
        let found = found.filter_map(|(track, it)| Some((it.found?, *track)));
        let nearest = match search.direction {
            Direction::Forwards => found.min(),
            Direction::Backwards => found.max(),
        };
        match (nearest, search.direction) {
            (Some((place, track)), _) => self.jump_to(track, place),
            (None, _) if !search.what.is_empty() => {
                self.set_out = None;
                self.say(format!("{}: none", search.what));
            }
            // A step that finds no event goes to the end, or the beginning.
            (None, Direction::Forwards) => {
                let player = |track: usize| &self.tracks[track].player;
                let searched = search.searches.iter().map(|it| player(it.0));
                let ends = searched.map(|it| it.recording().duration());
                self.jump(ends.max().unwrap_or_default().max(self.at));
            }
            (None, Direction::Backwards) => self.jump(Duration::ZERO),
        }
    }

    fn play_on(&mut self, now: Instant) {
        let Some(plays) = self.common.plays else { return };
        let before = self.looked.replace(now).unwrap_or(now);
        let past = now.duration_since(before).min(LONGEST_TICK);
        let (way, length) =
            (past.mul_f32(self.common.speed), self.common.length);
        let (to, end) = match plays {
            Direction::Backwards => {
                (self.at.saturating_sub(way), Duration::ZERO)
            }
            Direction::Forwards => ((self.at + way).min(length), length),
        };
        if to == end {
            self.play(None);
        }
        self.go_to(to);
    }

    /// Updates the playback of each recording, and that of all together.
    fn note(&mut self, went: Progress) {
        let (tracks, common) = (&mut self.tracks, &mut self.common);
        let is_late = self.set_out.is_some_and(|it| it.elapsed() >= PATIENCE);
        common.busy = is_late.then(|| match &self.search {
            Some(search) => {
                let shares = search.searches.iter().map(|it| it.1.share());
                let share = shares.fold(1.0, f32::min) * 100.0;
                let step = search.what.is_empty();
                let what = if step { "on the way" } else { &search.what };
                format!("{what}: {share:.0} %")
            }
            None if went == Progress::Waiting => {
                let read = tracks.iter().map(|it| it.player.read().event);
                let read = read.sum::<u64>().saturating_mul(100);
                let share = read / common.events.max(1);
                format!("reading the recording: {share} %")
            }
            None => "on the way".into(),
        });
        let is_there = went == Progress::There && self.search.is_none();
        let is_shown = is_there || common.plays.is_some();
        if is_shown {
            common.at = self.at;
        }
        for track in tracks.iter_mut() {
            let (place, read) = (track.player.place(), track.player.read());
            let is_there = !track.player.is_on_its_way();
            let is_whole = read.is_done && read.failure.is_none();
            let failed = read.failure.map(|it| format!("the recording {it}"));
            let own = track.scene.playback.take().unwrap_or_default();
            track.scene.playback = Some(Playback {
                name: own.name,
                event: if is_there { place.event } else { own.event },
                events: own.events,
                lost: own.lost,
                marks: read.marks.iter().map(|it| it.at).collect(),
                phases: stops(read.phases),
                read: if is_whole { common.length } else { read.at },
                ends: own.ends.or(failed),
                ..common.clone()
            });
        }
        let own = || tracks.iter().map(RecordedTrack::playback);
        if is_shown {
            common.event = own().map(|it| it.event).sum();
        }
        common.marks =
            own().flat_map(|it| &it.marks).copied().sorted().collect();
        common.read = own().map(|it| it.read).min().unwrap_or_default();
        if let Ok(only) = own().exactly_one() {
            common.ends.clone_from(&only.ends);
            common.phases.clone_from(&only.phases);
        }
    }
}

impl Stage for Players {
    fn picture(&self) -> Picture<'_> {
        let tracks = self.tracks.iter().enumerate().map(|(place, it)| {
            let closing = it.player.recording().closing();
            let phase = match closing.and_then(|it| it.failure.clone()) {
                _ if !self.has_ended(place) => TrackPhase::Running,
                Some(why) => TrackPhase::Failed(why),
                None => TrackPhase::Over,
            };
            let scene = &it.scene;
            TrackScene { name: &scene.facts.mode, phase, scene }
        });
        let (tracks, playback) = (tracks.collect(), Some(&self.common));
        Picture { tracks, playback, ..Picture::default() }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) {
        match effect {
            Effect::Seek(seek) => self.seek(target, seek),
            Effect::Search(text, direction) => {
                self.common.said = None;
                let what = format!("looking for \"{text}\"");
                let text = single_spaced(&text).to_lowercase();
                self.look(target, what, direction, |_| {
                    let text = text.clone();
                    Box::new(move |events: &[&Event]| has_text(events, &text))
                });
            }
            _ => {}
        }
    }

    /// Continues a search, a seek or playback for a limited time.
    fn advance(&mut self, now: Instant, _: bool) -> Change {
        let before = self.common.clone();
        if !self.tracks.iter().any(|it| it.player.is_on_its_way()) {
            if let Some(search) = self.search.take() {
                self.look_on(search);
            } else {
                self.set_out = None;
                self.play_on(now);
            }
        }
        let tracks = u32::try_from(self.tracks.len()).unwrap_or(1).max(1);
        let (mut all, mut has_moved) = (Progress::There, false);
        for track in &mut self.tracks {
            let went = track.player.work(WORK / tracks);
            let went = went.unwrap_or_else(|error| {
                self.common.said = Some(format!("the recording {error}"));
                Progress::There
            });
            has_moved |= went == Progress::There
                && track.shown.0 != track.player.place();
            all = all.max(went);
        }
        self.note(all);
        if has_moved && self.search.is_none() || before != self.common {
            Change::Something
        } else {
            Change::Nothing
        }
    }

    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        if self.search.is_some() {
            return;
        }
        for (place, track) in self.tracks.iter_mut().enumerate() {
            let own = detail.filter(|(it, _)| *it == place);
            let now = (track.player.place(), own.map(|(_, socket)| socket));
            if now != track.shown && !track.player.is_on_its_way() {
                track.shown = now;
                track.player.show(&mut track.scene, now.1);
            }
        }
    }
}

/// The phases of the server's stop: all but `Running`.
fn stops(mut phases: Vec<PhaseMark>) -> Vec<PhaseMark> {
    phases.retain(|it| it.phase != Phase::Running);
    phases
}

/// The place at which the server waits for its first client; at the very
/// beginning there is nothing to see. It is the last one before that client is
/// accepted at which a thread falls asleep. If none does, it is
/// the one at which the client is accepted.
fn opening(recording: &Recording) -> Option<Place> {
    let records = recording.from_event(0).ok()?.flatten().take(OPENING);
    let (mut place, mut asleep) = (Place::default(), None);
    for record in records {
        let Some(event) = record.event() else { continue };
        let at = event.at().duration();
        place = Place { at, event: place.event + 1 };
        match event {
            Event::Enter { .. } => asleep = Some(place),
            Event::Exit { outcome: Outcome::Accepted(_), .. } => {
                return Some(asleep.unwrap_or(place));
            }
            _ => {}
        }
    }
    asleep
}

/// Whether a line of the log for these events contains the text, which must be
/// in lower case and single-spaced.
fn has_text(events: &[&Event], text: &str) -> bool {
    let lines = LogBook::entries(events.iter().copied()).into_iter();
    let mut lines = lines.map(|it| single_spaced(&it.to_string()));
    lines.any(|it| it.to_lowercase().contains(text))
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().join(" ")
}
