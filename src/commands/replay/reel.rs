//! A recorded run as something that can be shown and led.

use super::pace::Pace;
use crate::error::Error;
use crate::export::scene::{control, facts, measured, playback};
use crate::probe::Event;
use crate::recording::replay::{
    Player, Progress, Search, Sought, Target, ends, of_socket,
};
use crate::recording::{self, Recording};
use crate::tui::{Change, Control, Facts, Measured, Playback, Scene, Seek};
use crate::view::View;
use crate::view::log::line;
use crate::view::{Direction, Entry, LogBook, SocketId};
use std::io;
use std::time::{Duration, Instant};

/// For so long one goes towards a place before the keys are looked at.
const WORK: Duration = Duration::from_millis(15);

/// A way that takes longer than this is told of.
const PATIENCE: Duration = Duration::from_millis(150);

/// A recorded run at the place that is shown.
pub(in crate::commands) struct Reel {
    player: Player,
    pace: Pace,
    parts: Parts,
    playback: Playback,
    /// When one set out for the place one is on the way to.
    left: Option<Instant>,
    /// That place, if it is a moment.
    goal: Option<Duration>,
    search: Option<Looking>,
    text: Option<String>,
    /// What is shown is not what is there.
    is_stale: bool,
    detail: Option<SocketId>,
}

/// A search that goes on.
struct Looking {
    search: Search,
    what: String,
}

/// All that a scene refers to.
struct Parts {
    facts: Facts,
    view: View,
    control: Control,
    measured: Measured,
    history: Vec<Entry>,
    preview: Vec<u8>,
}

impl Reel {
    /// At the beginning of a recording.
    ///
    /// # Errors
    /// If there is no thread to read it ahead.
    pub(in crate::commands) fn new(
        recording: &Recording,
        name: &str,
    ) -> Result<Self, recording::Error> {
        let player = Player::new(recording)?;
        let view = player.view();
        Ok(Self {
            player,
            pace: Pace::new(),
            parts: Parts {
                facts: facts(recording.header()),
                view,
                control: Control::default(),
                measured: Measured::default(),
                history: Vec::new(),
                preview: Vec::new(),
            },
            playback: playback(recording, name),
            left: None,
            goal: None,
            search: None,
            text: None,
            is_stale: true,
            detail: None,
        })
    }

    /// Has a thread read the recording, so that any place is near.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub(in crate::commands) fn read_ahead(&mut self) -> io::Result<()> {
        self.player.read_ahead()
    }

    /// What a frame is made from.
    pub(in crate::commands) fn scene(&self) -> Scene<'_> {
        let parts = &self.parts;
        Scene {
            facts: &parts.facts,
            view: &parts.view,
            control: &parts.control,
            measured: &parts.measured,
            hand: &[],
            history: &parts.history,
            preview: &parts.preview,
            playback: Some(&self.playback),
        }
    }

    /// Does what is asked for, or sets out to.
    pub(in crate::commands) fn seek(&mut self, seek: Seek) {
        self.playback.said = None;
        match seek {
            Seek::PlayOrPause => self.play_or_pause(),
            Seek::Reverse => {
                let plays = self.pace.plays.unwrap_or_default();
                self.pace.play(Some(plays.turned()));
            }
            Seek::Slower => self.pace.change(0.5),
            Seek::Faster => self.pace.change(2.0),
            Seek::Step(stride, direction) => {
                let sought = ends(stride, self.player.loop_call());
                self.look(String::new(), direction, sought);
            }
            Seek::Start => self.jump(Target::Event(0)),
            Seek::End => self.jump(Target::Time(Duration::MAX)),
            Seek::To(time) => self.jump(Target::Time(time)),
            Seek::ToEvent(event) => self.jump(Target::Event(event)),
            Seek::ToPart(part) => {
                let at = self.playback.length.mul_f32(part.clamp(0.0, 1.0));
                self.jump(Target::Time(at));
            }
            Seek::By(part) => {
                let way = self.playback.length.mul_f32(part.abs().min(1.0));
                let from = self.goal.unwrap_or(self.player.place().at);
                let at = if part < 0.0 {
                    from.saturating_sub(way)
                } else {
                    from.saturating_add(way).min(self.playback.length)
                };
                self.jump(Target::Time(at));
            }
            Seek::OfSocket(socket, direction) => {
                let what = format!("looking for an event of {socket}");
                self.look(what, direction, of_socket(socket));
            }
            Seek::Finding(direction) => self.go_to_finding(direction),
            Seek::Search(text) => {
                self.text = Some(text);
                self.look_for_text(Direction::Forwards);
            }
            Seek::SearchOn(direction) => self.look_for_text(direction),
            Seek::GiveUp => self.search = None,
        }
    }

    /// Time has passed, by somebody else's clock: it is this moment now.
    pub(in crate::commands) fn pass(&mut self, at: Duration) {
        self.player.set_out(Target::Time(at));
        (self.left, self.goal) = (None, None);
        self.playback.said = None;
        self.is_stale = true;
    }

    fn play_or_pause(&mut self) {
        let direction = match self.pace.plays {
            Some(_) => None,
            // From the end one begins again.
            None if self.player.place().at >= self.playback.length => {
                self.jump(Target::Event(0));
                Some(Direction::Forwards)
            }
            None => Some(Direction::Forwards),
        };
        self.pace.play(direction);
    }

    /// Sets out for a place, to stand there.
    fn jump(&mut self, target: Target) {
        self.pace.play(None);
        self.search = None;
        self.set_out(target);
    }

    fn set_out(&mut self, target: Target) {
        self.goal = match target {
            Target::Event(_) => None,
            Target::Time(time) => Some(time),
        };
        self.player.set_out(target);
        self.left.get_or_insert_with(Instant::now);
    }

    fn look(&mut self, what: String, direction: Direction, sought: Sought) {
        self.pace.play(None);
        let from = self.player.place().event;
        let recording = self.player.recording();
        let search = Search::new(recording, from, direction, sought);
        self.search = Some(Looking { search, what });
        self.left.get_or_insert_with(Instant::now);
    }

    fn look_for_text(&mut self, direction: Direction) {
        let Some(text) = &self.text else {
            self.playback.said = Some("nothing was searched for yet: /".into());
            return;
        };
        let what = format!("looking for \"{text}\"");
        let text = spaced(text).to_lowercase();
        let sought = Box::new(move |told: &[&Event]| says(told, &text));
        self.look(what, direction, sought);
    }

    fn go_to_finding(&mut self, direction: Direction) {
        let at = self.player.place().at;
        let marks = self.player.marks();
        let mark = match direction {
            Direction::Forwards => marks.iter().find(|it| it.at > at),
            Direction::Backwards => marks.iter().rev().find(|it| it.at < at),
        };
        if let Some(mark) = mark {
            return self.jump(Target::Time(mark.at));
        }
        let is_read = self.player.read().is_done;
        let (way, yet) = match direction {
            Direction::Forwards if is_read => ("after", ""),
            Direction::Forwards => ("after", ", as far as it is read"),
            Direction::Backwards => ("before", ""),
        };
        let said = format!("no finding comes up {way} this place{yet}");
        self.playback.said = Some(said);
    }

    /// Goes on as far as there is time for now; tells what of it shows.
    /// What cannot be read of the recording is told on the screen.
    pub(in crate::commands) fn tick(&mut self, now: Instant) -> Change {
        let before = self.playback.clone();
        self.look_on();
        if !self.player.is_on_its_way() && self.search.is_none() {
            (self.left, self.goal) = (None, None);
            self.play_on(now);
        }
        let went = self.player.work(WORK);
        if let Err(error) = &went {
            self.pace.play(None);
            self.left = None;
            self.playback.said = Some(format!("the recording {error}"));
        }
        self.is_stale |= self.left.is_some() || self.pace.plays.is_some();
        let is_waiting = matches!(went, Ok(Progress::Waiting));
        let is_there = !is_waiting && !matches!(went, Ok(Progress::OnTheWay));
        self.tell(is_there, is_waiting);
        if is_there && self.is_stale && self.search.is_none() {
            return Change::Something;
        }
        if before == self.playback {
            Change::Nothing
        } else {
            Change::Something
        }
    }

    fn play_on(&mut self, now: Instant) {
        let at = self.player.place().at;
        let Some(to) = self.pace.next(at, now) else { return };
        self.player.set_out(Target::Time(to));
        let is_over = match self.pace.plays {
            Some(Direction::Backwards) => to.is_zero(),
            _ => to >= self.playback.length,
        };
        if is_over {
            self.pace.play(None);
            self.left = Some(now);
        }
    }

    /// Looks on for what is searched for.
    fn look_on(&mut self) {
        let Some(mut looking) = self.search.take() else { return };
        match looking.search.go_on(WORK) {
            Ok(Some(Some(event))) => self.set_out(Target::Event(event)),
            Ok(Some(None)) => self.found_nothing(&looking),
            Ok(None) => self.search = Some(looking),
            Err(error) => {
                self.playback.said = Some(format!("the recording {error}"));
            }
        }
    }

    fn found_nothing(&mut self, looking: &Looking) {
        self.left = None;
        match (looking.what.is_empty(), looking.search.direction()) {
            // A step goes as far as there is something.
            (true, Direction::Forwards) => {
                self.set_out(Target::Event(self.playback.events));
            }
            (true, Direction::Backwards) => self.set_out(Target::Event(0)),
            (false, _) => {
                self.playback.said = Some(format!("{}: none", looking.what));
            }
        }
    }

    /// Tells where it stands.
    fn tell(&mut self, is_there: bool, is_waiting: bool) {
        let (place, read) = (self.player.place(), self.player.read());
        let playback = &mut self.playback;
        if is_there {
            (playback.at, playback.event) = (place.at, place.event);
        }
        playback.plays = self.pace.plays;
        playback.speed = self.pace.speed;
        playback.read = if read.is_done && read.failure.is_none() {
            playback.length
        } else {
            read.at
        };
        if let Some(failure) = read.failure {
            playback.ends.get_or_insert(format!("the recording {failure}"));
        }
        let marks = self.player.marks();
        if marks.len() != playback.marks.len() {
            playback.marks = marks.iter().map(|mark| mark.at).collect();
        }
        let late = self.left.is_some_and(|it| it.elapsed() >= PATIENCE);
        playback.busy = late.then(|| match &self.search {
            Some(looking) => looking.in_words(),
            None if is_waiting => {
                let read = read.event.saturating_mul(100);
                let share = read / playback.events.max(1);
                format!("reading the recording: {share} %")
            }
            None => "on the way".into(),
        });
    }

    /// Whether it is where it was asked to go.
    pub(in crate::commands) fn rests(&self) -> bool {
        !self.player.is_on_its_way() && self.search.is_none()
    }

    /// Has the scene show the place where it stands, and all that is known of
    /// the socket whose detail is open.
    pub(in crate::commands) fn show(&mut self, detail: Option<SocketId>) {
        if self.player.is_on_its_way() || self.search.is_some() {
            return;
        }
        if !self.is_stale && detail == self.detail {
            return;
        }
        (self.is_stale, self.detail) = (false, detail);
        let state = self.player.state();
        self.parts.view = self.player.view();
        self.parts.control = control(&state);
        self.parts.measured = measured(&state);
        self.parts.history =
            detail.map(|it| self.player.history(it)).unwrap_or_default();
        self.parts.preview = detail
            .map(|it| self.player.preview_of(it).to_vec())
            .unwrap_or_default();
    }
}

impl Looking {
    fn in_words(&self) -> String {
        let what = if self.what.is_empty() { "on the way" } else { &self.what };
        format!("{what}: {:.0} %", self.search.share() * 100.0)
    }
}

/// Whether the lines of the log, or of the screen, have this text, in small
/// letters and with single spaces.
fn says(told: &[&Event], text: &str) -> bool {
    let mut book = LogBook::default();
    let entries: Vec<_> =
        told.iter().flat_map(|event| book.push(event)).collect();
    entries.into_iter().chain(book.finish()).any(|entry| {
        let log = spaced(&line(&entry));
        let short = log.replace("input", "R").replace("output", "W");
        [log, short].iter().any(|it| it.to_lowercase().contains(text))
    })
}

/// With single spaces.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The failure of a thread that could not be started.
pub(in crate::commands) fn no_thread(source: io::Error) -> Error {
    Error::System { what: "read the recording ahead", source }
}
