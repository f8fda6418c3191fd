//! Recordings on one clock, led by the user: one recording, or several side
//! by side.
//!
//! The clock counts from the start of each run. All recordings stand where it
//! stands, or at their end. A step or a search looks for an event in one or
//! in all of them; the recording that has it goes there, and the others
//! follow to the same moment.

use super::stage::{
    Change, Effect, Picture, Stage, Target, TrackPhase, TrackScene,
};
use crate::probe::Event;
use crate::recording::Recording;
use crate::recording::replay::{
    Player, Progress, Search, Sought, Target as Place, ends, of_socket,
};
use crate::view::{Direction, LogBook, Playback, Scene, Seek, SocketId};
use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};

/// How long all recordings work towards a place before keys are read again.
const WORK: Duration = Duration::from_millis(15);

/// A way that takes longer than this is announced.
const PATIENCE: Duration = Duration::from_millis(150);

/// The run is cut into this many parts to show its shape.
const PARTS: usize = 512;

/// The slowest and the fastest: seconds of the run in a second.
const SPEEDS: (f32, f32) = (1.0 / 65_536.0, 1_024.0);

/// A longer time between two looks is a pause of this program, not of the
/// recorded run's clock.
const LONGEST_TICK: Duration = Duration::from_millis(250);

/// Recordings that are shown.
pub struct Players {
    tracks: Vec<RecordedTrack>,
    /// The moment that all are to show.
    at: Duration,
    search: Option<EventSearch>,
    /// What was last searched for.
    text: Option<String>,
    /// When they set out for a place, until all are there.
    set_out: Option<Instant>,
    /// When it was last looked how much time has passed; `None` at first
    /// after playing has begun or ended.
    looked: Option<Instant>,
    /// Where all stand, and how they play.
    common: Playback,
}

/// One recording.
struct RecordedTrack {
    recording: Recording,
    player: Player,
    scene: Scene,
    /// What is shown is not where it stands.
    is_stale: bool,
    detail: Option<SocketId>,
}

/// An event that is looked for in one recording, or in several at once.
struct EventSearch {
    /// What it is about; empty if it is a step.
    what: String,
    direction: Direction,
    /// In which recordings, until all stand where the search begins.
    begins: Vec<(usize, Sought)>,
    searches: Vec<TrackSearch>,
}

/// The number of events up to and with the one that was found, if there is
/// one.
type FoundEvent = Poll<Option<u64>>;

/// A search in the recording at a place.
type TrackSearch = (usize, Search, FoundEvent);

/// The moment after `at` if it plays for as long as has passed.
fn played(at: Duration, past: Duration, playback: &Playback) -> Duration {
    let way = past.min(LONGEST_TICK).mul_f32(playback.speed);
    match playback.plays {
        Some(Direction::Backwards) => at.saturating_sub(way),
        Some(Direction::Forwards) => at.saturating_add(way),
        None => at,
    }
}

impl RecordedTrack {
    fn new(recording: &Recording, name: &str) -> Self {
        let header = recording.header();
        let player = Player::new(recording);
        let mut scene = Scene::new(header.facts.clone());
        player.show(&mut scene, None);
        scene.playback = Some(recording.playback(name));
        let recording = recording.clone();
        Self { recording, player, scene, is_stale: true, detail: None }
    }

    const fn playback(&self) -> &Playback {
        self.scene.playback.as_ref().expect("it is recorded")
    }

    const fn playback_mut(&mut self) -> &mut Playback {
        self.scene.playback.as_mut().expect("it is recorded")
    }

    fn set_out(&mut self, place: Place) {
        self.player.set_out(place);
        self.is_stale = true;
    }

    /// The moment of the last of this many events.
    fn time_of(&self, events: u64) -> Option<Duration> {
        let Some(before) = events.checked_sub(1) else {
            return Some(Duration::ZERO);
        };
        let mut cursor = self.recording.from_event(before).ok()?;
        loop {
            let record = cursor.step().ok()??;
            if let Some(event) = record.event() {
                return Some(event.at().duration());
            }
        }
    }

    /// A search from the moment `at`, at which the recording stands.
    fn search(&self, at: Duration, way: Direction, sought: Sought) -> Search {
        let event = self.player.place().event;
        // Where the last event is over for a while, that event is a step
        // back from here.
        let is_over = self.time_of(event).is_some_and(|it| it < at);
        let back = way == Direction::Backwards && is_over;
        Search::new(&self.recording, event + u64::from(back), way, sought)
    }

    /// Goes on for about this long; says whether it is there, or `None` if
    /// it waits for the recording to be read.
    fn work(&mut self, budget: Duration) -> Option<bool> {
        let went = self.player.work(budget);
        let event = self.player.place().event;
        let (read, marks) = (self.player.read(), self.player.marks());
        let playback = self.playback_mut();
        let is_there = match &went {
            Ok(Progress::Waiting) => None,
            Ok(Progress::OnTheWay) => Some(false),
            Ok(Progress::There) => Some(true),
            Err(error) => {
                playback.said = Some(format!("the recording {error}"));
                Some(true)
            }
        };
        if is_there == Some(true) {
            playback.event = event;
        }
        playback.read = match read.failure {
            None if read.is_done => playback.length,
            _ => read.at,
        };
        if let Some(failure) = read.failure {
            playback.ends.get_or_insert(format!("the recording {failure}"));
        }
        if marks.len() != playback.marks.len() {
            playback.marks = marks.iter().map(|mark| mark.at).collect();
        }
        is_there
    }

    /// Has the scene show the place where it stands, and the whole history of
    /// this socket.
    fn show(&mut self, detail: Option<SocketId>) {
        let moves = self.player.is_on_its_way();
        if moves || !self.is_stale && detail == self.detail {
            return;
        }
        (self.is_stale, self.detail) = (false, detail);
        self.player.show(&mut self.scene, detail);
    }
}

impl Players {
    /// The recordings at their beginning, each with its file's name.
    pub fn new(
        recordings: impl IntoIterator<Item = (Recording, String)>,
    ) -> Self {
        let tracks = recordings.into_iter();
        let tracks = tracks.map(|(it, name)| RecordedTrack::new(&it, &name));
        let tracks: Vec<_> = tracks.collect();
        let common = match tracks.as_slice() {
            [only] => only.playback().clone(),
            all => common(all),
        };
        Self {
            tracks,
            at: Duration::ZERO,
            search: None,
            text: None,
            set_out: None,
            looked: None,
            common,
        }
    }

    /// Has threads read the recordings ahead, so that any place is near.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn read_ahead(&mut self) -> io::Result<()> {
        self.tracks.iter_mut().try_for_each(|it| it.player.read_ahead())
    }

    /// The moment that is shown.
    pub const fn at(&self) -> Duration {
        self.common.at
    }

    /// Whether the recording at this place stands at its end.
    pub fn has_ended(&self, place: usize) -> bool {
        let track = self.tracks.get(place);
        track.is_none_or(|it| self.at >= it.recording.duration())
    }

    /// Does what the user asks for, or sets out to: of all recordings, or of
    /// one, which the others follow.
    pub fn seek(&mut self, target: Target, seek: Seek) {
        self.common.said = None;
        for track in &mut self.tracks {
            track.playback_mut().said = None;
        }
        let length = self.common.length;
        match seek {
            Seek::PlayOrPause => self.play_or_pause(),
            Seek::Reverse => {
                let plays = self.common.plays.unwrap_or_default();
                self.play(Some(plays.turned()));
            }
            Seek::Slower => self.change_speed(0.5),
            Seek::Faster => self.change_speed(2.0),
            Seek::Start => self.jump(Duration::ZERO),
            Seek::End => self.jump(Duration::MAX),
            Seek::To(at) => self.jump(at),
            Seek::ToPart(part) => {
                self.jump(length.mul_f32(part.clamp(0.0, 1.0)));
            }
            Seek::By(part) => {
                let way = length.mul_f32(part.abs().min(1.0));
                self.jump(match part {
                    ..0.0 => self.at.saturating_sub(way),
                    _ => self.at.saturating_add(way),
                });
            }
            Seek::ToEvent(event) => match self.places(target)[..] {
                [place] => self.jump_to_event(place, event),
                _ => self.say("open a recording first: each counts its own"),
            },
            Seek::Finding(direction) => self.go_to_finding(target, direction),
            Seek::Step(stride, direction) => {
                self.look(target, String::new(), direction, move |track| {
                    ends(stride, track.recording.header().settings.loop_call)
                });
            }
            Seek::OfSocket(socket, direction) => {
                let what = format!("looking for an event of {socket}");
                self.look(target, what, direction, move |_| of_socket(socket));
            }
            Seek::SearchOn(direction) => self.look_for_text(target, direction),
            Seek::GiveUp => self.search = None,
        }
    }

    fn say(&mut self, words: impl Into<String>) {
        self.common.said = Some(words.into());
    }

    fn places(&self, target: Target) -> Vec<usize> {
        match target {
            Target::All => (0..self.tracks.len()).collect(),
            Target::Track(place) => vec![place],
        }
    }

    fn change_speed(&mut self, factor: f32) {
        let speed = self.common.speed * factor;
        self.common.speed = speed.clamp(SPEEDS.0, SPEEDS.1);
    }

    /// Plays this way or stands from now on, and looks for nothing.
    fn play(&mut self, plays: Option<Direction>) {
        (self.search, self.looked) = (None, None);
        self.common.plays = plays;
    }

    fn play_or_pause(&mut self) {
        let plays = self.common.plays.is_some();
        // From the end it begins again.
        if !plays && self.at >= self.common.length {
            self.jump(Duration::ZERO);
        }
        self.play((!plays).then_some(Direction::Forwards));
    }

    /// All go to this moment, to stand there.
    fn jump(&mut self, at: Duration) {
        self.play(None);
        self.go_to(at);
        self.set_out.get_or_insert_with(Instant::now);
    }

    fn go_to(&mut self, at: Duration) {
        self.at = at.min(self.common.length);
        for track in &mut self.tracks {
            track.set_out(match self.at {
                Duration::ZERO => Place::Event(0),
                at => Place::Time(at),
            });
        }
    }

    /// One goes behind this many of its events, and the others to the moment
    /// of the last of them.
    fn jump_to_event(&mut self, place: usize, event: u64) {
        let Some(at) = self.tracks[place].time_of(event) else { return };
        self.jump(at);
        // Events of one moment are places of their own.
        self.tracks[place].set_out(Place::Event(event));
    }

    fn go_to_finding(&mut self, target: Target, direction: Direction) {
        let at = self.at;
        let playback = match target {
            Target::All => &self.common,
            Target::Track(place) => self.tracks[place].playback(),
        };
        let mut marks = playback.marks.iter().copied();
        let mark = match direction {
            Direction::Forwards => marks.find(|it| *it > at),
            Direction::Backwards => marks.rev().find(|it| *it < at),
        };
        let is_read = playback.read >= playback.length;
        if let Some(at) = mark {
            return self.jump(at);
        }
        let (way, yet) = match direction {
            Direction::Forwards if is_read => ("after", ""),
            Direction::Forwards => ("after", ", as far as it is read"),
            Direction::Backwards => ("before", ""),
        };
        self.say(format!("no finding comes up {way} this place{yet}"));
    }

    /// Begins to look for an event.
    fn look(
        &mut self,
        target: Target,
        what: String,
        direction: Direction,
        sought: impl Fn(&RecordedTrack) -> Sought,
    ) {
        self.play(None);
        if let Target::Track(place) = target
            && direction == Direction::Forwards
            && what.is_empty()
            && self.tracks.len() > 1
            && self.has_ended(place)
        {
            return self.say("this run is over; others may go on: esc");
        }
        let places = self.places(target).into_iter();
        let begins = places.map(|it| (it, sought(&self.tracks[it]))).collect();
        let searches = Vec::new();
        self.search = Some(EventSearch { what, direction, begins, searches });
        self.set_out.get_or_insert_with(Instant::now);
    }

    fn look_for_text(&mut self, target: Target, direction: Direction) {
        let Some(text) = &self.text else {
            return self.say("nothing was searched for yet: /");
        };
        let what = format!("looking for \"{text}\"");
        let text = single_spaced(text).to_lowercase();
        self.look(target, what, direction, move |_| {
            let text = text.clone();
            Box::new(move |events: &[&Event]| has_text(events, &text))
        });
    }

    /// Goes on with the search; all recordings stand where it begins.
    fn look_on(&mut self) {
        let Some(search) = &mut self.search else { return };
        for (place, sought) in search.begins.drain(..) {
            let track = &self.tracks[place];
            let begun = track.search(self.at, search.direction, sought);
            search.searches.push((place, begun, Poll::Pending));
        }
        let budget = WORK / u32::try_from(search.searches.len()).unwrap_or(1);
        let pending = |it: &&mut TrackSearch| it.2.is_pending();
        for (_, search, found) in search.searches.iter_mut().filter(pending) {
            match search.go_on(budget) {
                Ok(None) => {}
                Ok(Some(event)) => *found = Poll::Ready(event),
                Err(error) => {
                    self.common.said = Some(format!("the recording {error}"));
                    *found = Poll::Ready(None);
                }
            }
        }
        if search.searches.iter().any(|it| it.2.is_pending()) {
            return;
        }
        let Some(search) = self.search.take() else { return };
        let found = search.searches.iter().filter_map(|it| match it {
            (place, _, Poll::Ready(Some(event))) => {
                Some((self.tracks[*place].time_of(*event)?, *place, *event))
            }
            _ => None,
        });
        let nearest = match search.direction {
            Direction::Forwards => found.min(),
            Direction::Backwards => found.max(),
        };
        match (nearest, search.direction) {
            (Some((_, place, event)), _) => self.jump_to_event(place, event),
            (None, _) if !search.what.is_empty() => {
                self.set_out = None;
                self.say(format!("{}: none", search.what));
            }
            // A step goes as far as there is something.
            (None, Direction::Forwards) => self.jump(Duration::MAX),
            (None, Direction::Backwards) => self.jump(Duration::ZERO),
        }
    }

    fn play_on(&mut self, now: Instant) {
        let Some(plays) = self.common.plays else { return };
        let before = self.looked.replace(now).unwrap_or(now);
        let to = played(self.at, now.duration_since(before), &self.common);
        let is_over = match plays {
            Direction::Backwards => to.is_zero(),
            Direction::Forwards => to >= self.common.length,
        };
        if is_over {
            self.play(None);
        }
        self.go_to(to);
    }

    /// Notes where all stand, and what they are doing.
    fn note_places(&mut self, is_there: bool, is_waiting: bool) {
        let late = self.set_out.is_some_and(|it| it.elapsed() >= PATIENCE);
        let busy = late.then(|| match &self.search {
            Some(search) => search.in_words(),
            None if is_waiting => {
                let reads = self.tracks.iter().map(|it| it.player.read().event);
                let read: u64 = reads.sum::<u64>().saturating_mul(100);
                let share = read / self.common.events.max(1);
                format!("reading the recording: {share} %")
            }
            None => "on the way".into(),
        });
        let common = &mut self.common;
        if is_there || common.plays.is_some() {
            common.at = self.at;
            common.event =
                self.tracks.iter().map(|it| it.playback().event).sum();
        }
        common.busy = busy;
        let own = || self.tracks.iter().map(RecordedTrack::playback);
        let marks: usize = own().map(|it| it.marks.len()).sum();
        if marks != common.marks.len() {
            common.marks = own().flat_map(|it| it.marks.clone()).collect();
            common.marks.sort_unstable();
        }
        let read = |it: &Playback| {
            if it.read >= it.length { common.length } else { it.read }
        };
        common.read = own().map(read).min().unwrap_or(common.length);
        if let [only] = self.tracks.as_slice() {
            common.ends.clone_from(&only.playback().ends);
        }
        let said = own().find_map(|it| it.said.clone());
        common.said = said.or(common.said.take());
        let several = self.tracks.len() > 1;
        for track in &mut self.tracks {
            let marks = track.player.marks();
            let own = track.playback_mut();
            *own = Playback {
                name: std::mem::take(&mut own.name),
                event: own.event,
                events: own.events,
                lost: own.lost,
                ends: own.ends.take(),
                ..common.clone()
            };
            if several {
                own.marks = marks.iter().map(|it| it.at).collect();
            }
        }
    }
}

impl Stage for Players {
    fn picture(&self) -> Picture<'_> {
        let tracks = self.tracks.iter().enumerate().map(|(place, it)| {
            let closing = it.recording.closing();
            let failure = closing.and_then(|it| it.failure.clone());
            let phase = match failure {
                _ if !self.has_ended(place) => TrackPhase::Recorded,
                Some(why) => TrackPhase::Failed(why),
                None => TrackPhase::Over,
            };
            let scene = &it.scene;
            TrackScene { name: &scene.facts.mode, phase, scene }
        });
        Picture {
            tracks: tracks.collect(),
            comparison: None,
            in_turn: false,
            playback: Some(&self.common),
            ends_in_s: None,
        }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) -> Option<String> {
        match effect {
            Effect::Seek(seek) => self.seek(target, seek),
            Effect::Search(text) => {
                self.text = Some(text);
                self.seek(target, Seek::SearchOn(Direction::Forwards));
            }
            _ => {}
        }
        None
    }

    /// Goes on as far as there is time for now.
    fn advance(&mut self, now: Instant, _: bool) -> Change {
        let before = self.common.clone();
        let rests = |it: &RecordedTrack| !it.player.is_on_its_way();
        if self.tracks.iter().all(rests) {
            if self.search.is_some() {
                self.look_on();
            } else {
                self.set_out = None;
                self.play_on(now);
            }
        }
        let budget =
            WORK / u32::try_from(self.tracks.len()).unwrap_or(1).max(1);
        let went: Vec<_> =
            self.tracks.iter_mut().map(|it| it.work(budget)).collect();
        let is_there = went.iter().all(|it| *it == Some(true));
        self.note_places(
            is_there && self.search.is_none(),
            went.contains(&None),
        );
        let arrived = |(track, went): (&RecordedTrack, &Option<bool>)| {
            track.is_stale && *went == Some(true)
        };
        let moved = self.tracks.iter().zip(&went).any(arrived);
        if moved && self.search.is_none() || before != self.common {
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
            track.show(own.map(|(_, socket)| socket));
        }
    }
}

impl EventSearch {
    fn in_words(&self) -> String {
        let what = if self.what.is_empty() { "on the way" } else { &self.what };
        let shares = self.searches.iter().map(|it| it.1.share());
        let share = shares.fold(1.0, f32::min);
        format!("{what}: {:.0} %", share * 100.0)
    }
}

/// What does not change of several recordings: how long they are, and their
/// shape.
fn common(tracks: &[RecordedTrack]) -> Playback {
    let all = || tracks.iter().map(|it| &it.recording);
    let length = all().map(Recording::duration).max().unwrap_or_default();
    let mut shape = vec![0; PARTS];
    for it in all() {
        let parts = it.duration().as_nanos() * PARTS as u128;
        let parts = parts.div_ceil(length.as_nanos().max(1)).max(1);
        let parts = it.shape(usize::try_from(parts).unwrap_or(PARTS));
        for (sum, own) in shape.iter_mut().zip(parts) {
            *sum += own;
        }
    }
    Playback {
        name: format!("{} recordings", tracks.len()),
        length,
        events: all().map(Recording::events).sum(),
        lost: all().map(Recording::lost).sum(),
        shape,
        speed: 1.0,
        ..Playback::default()
    }
}

/// Whether the lines of the log have this text, in small letters and with
/// single spaces.
fn has_text(events: &[&Event], text: &str) -> bool {
    let mut entries = LogBook::entries(events.iter().copied()).into_iter();
    entries
        .any(|it| single_spaced(&it.to_string()).to_lowercase().contains(text))
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn time_goes_on_at_its_speed_in_its_direction() {
        let after = |plays, speed, at| {
            let playback = Playback { plays, speed, ..Playback::default() };
            played(at * MS, 10 * MS, &playback)
        };
        assert_eq!(after(None, 2.0, 90), 90 * MS);
        assert_eq!(after(Some(Direction::Forwards), 2.0, 90), 110 * MS);
        assert_eq!(after(Some(Direction::Backwards), 2.0, 90), 70 * MS);
        assert_eq!(after(Some(Direction::Backwards), 2.0, 1), Duration::ZERO);
    }
}
