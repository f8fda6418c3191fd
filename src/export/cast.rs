//! The replay's screen in the format asciicast, version 2: of one recording, or
//! of several side by side.
//!
//! ```text
//! {"version":2,"width":120,"height":40,...}
//! [0.000000,"o","\u001b[?1049h..."]
//! [0.066667,"o","\u001b[12;40H..."]
//! ```
//! Times are those of the run. A frame is what has changed on the screen since
//! the one before; there are at most 15 in a second, and ever fewer while
//! nothing is recorded.

use super::{ExportFailure, ExportSubject, Out};
use crate::recording::{self, Cursor, Recording};
use crate::run::comparison::compare;
use crate::run::report::RunReport;
use crate::text::{clean, foreign};
use crate::tui::{
    self, Depth, Glyphs, Look, Picture, Theme, TrackPhase, TrackScene,
    draw_into,
};
use crate::view::{Direction, Follower, Playback, Scene};
use itertools::Itertools as _;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::crossterm::style::force_color_output;
use ratatui::layout::{Rect, Size};
use serde_json::json;
use std::time::{Duration, SystemTime};

/// The same for every cast, whatever terminal it is made in.
const LOOK: Look =
    Look { theme: Theme::Dark, depth: Depth::True, glyphs: &Glyphs::UNICODE };

/// The default size of the screen, in columns and rows.
pub const CAST_SIZE: Size = Size { width: 120, height: 40 };

/// The largest size; the smallest is [`NEEDED`](crate::tui::NEEDED).
pub const CAST_LARGEST: Size = Size { width: 500, height: 200 };

/// The length in seconds to which players shorten a longer pause.
const LONGEST_PAUSE: f32 = 2.0;

/// How long the last frame stays before the original screen is restored.
const STAYS: Duration = Duration::from_secs(2);

/// Switches to an empty alternate screen and hides the cursor.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[0m\x1b[2J";

/// Shows the cursor and restores the original screen.
const GIVE_BACK: &str = "\x1b[0m\x1b[?25h\x1b[?1049l";

/// Writes the part of the runs that is wanted as a cast of the replay's screen;
/// its times count from the beginning of that part. Several runs are compared:
/// `at_end` has the report of each at its end, and is empty for one alone.
///
/// # Errors
/// See [`ExportFailure`]; after [`ExportFailure::Read`] the cast goes as far
/// as the recordings could be read, and ends like any other.
pub fn cast(
    runs: &[ExportSubject],
    at_end: &[RunReport],
    size: Size,
    out: Out,
) -> Result<(), ExportFailure> {
    let Some(first) = runs.first() else { return Ok(()) };
    let header = first.recording.header();
    let modes = runs.iter().map(|it| &it.recording.header().facts.mode);
    let modes = modes.format(", ");
    let title = match &header.facts.scenario {
        Some(scenario) => format!("sockscope {modes}: {}", scenario.name),
        None => format!("sockscope {modes}"),
    };
    let mut opening = json!({
        "version": 2,
        "width": size.width,
        "height": size.height,
        "idle_time_limit": LONGEST_PAUSE,
        "title": clean(&title),
        "env": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    });
    if let Some(seconds) = seconds(&header.started_at) {
        opening["timestamp"] = seconds.into();
    }
    writeln!(out, "{}", foreign::json(&opening.to_string()))?;
    // A cast is for other terminals, so `NO_COLOR` here is ignored.
    force_color_output(true);
    Film::new(runs, at_end, size, out).play(first.until)
}

/// A time in RFC 3339 as seconds since the Unix epoch.
fn seconds(started_at: &str) -> Option<u64> {
    let at = humantime::parse_rfc3339(started_at).ok()?;
    at.duration_since(SystemTime::UNIX_EPOCH).ok().map(|it| it.as_secs())
}

/// Replays recorded runs on a screen and writes what changes there.
struct Film<'a> {
    /// The moment of the runs at which the cast begins.
    start: Duration,
    /// How long the longest recording is.
    length: Duration,
    tracks: Vec<CastTrack<'a>>,
    plays: Option<Direction>,
    at_end: &'a [RunReport],
    state: tui::Screen,
    shown: Buffer,
    next: Buffer,
    out: Out<'a>,
}

impl<'a> Film<'a> {
    fn new(
        runs: &'a [ExportSubject],
        at_end: &'a [RunReport],
        size: Size,
        out: Out<'a>,
    ) -> Self {
        let lengths = runs.iter().map(|it| it.recording.duration());
        let length = lengths.max().unwrap_or_default();
        let from = runs.iter().map(|it| it.from).min();
        let empty = Buffer::empty(Rect::from(size));
        Self {
            start: from.unwrap_or_default().min(length),
            length,
            tracks: runs.iter().map(|it| CastTrack::new(it, length)).collect(),
            plays: Some(Direction::Forwards),
            at_end,
            state: tui::Screen::new(LOOK, size, runs.len()),
            shown: empty.clone(),
            next: empty,
            out,
        }
    }

    fn play(mut self, until: Duration) -> Result<(), ExportFailure> {
        let end = until.clamp(self.start, self.length);
        let went = self.frames(end);
        // After a read error the cast ends with the last record read.
        let end = match &went {
            Err(ExportFailure::Write(_)) => return went,
            Err(ExportFailure::Read(_)) => {
                let read = self.tracks.iter().map(|it| it.reading.follower.at);
                read.max().unwrap_or_default().max(self.start)
            }
            Ok(()) => end,
        };
        self.plays = None;
        self.frame(end)?;
        self.write(end.saturating_add(STAYS), GIVE_BACK)?;
        went
    }

    /// Writes all frames but the last one.
    fn frames(&mut self, end: Duration) -> Result<(), ExportFailure> {
        self.go(self.start)?;
        self.write(self.start, TAKE)?;
        self.frame(self.start)?;
        let mut timing = Timing { drawn: self.start, clocks: CLOCKS };
        while let Some(at) = timing.next(self.next()?, end) {
            self.go(at)?;
            self.frame(at)?;
        }
        Ok(self.go(end)?)
    }

    /// Takes all records up to a moment.
    fn go(&mut self, until: Duration) -> Result<(), recording::Error> {
        self.tracks.iter_mut().try_for_each(|it| it.reading.go(until))
    }

    /// The time of the next record in any of the recordings.
    fn next(&mut self) -> Result<Option<Duration>, recording::Error> {
        let mut each = self.tracks.iter_mut().map(|it| it.reading.next());
        each.fold_ok(None, |one, next| one.into_iter().chain(next).min())
    }

    /// Writes the frame of a moment, if it differs from the one before.
    fn frame(&mut self, at: Duration) -> Result<(), ExportFailure> {
        for track in &mut self.tracks {
            track.show(at, self.plays);
        }
        let own = self.tracks.iter().map(|it| &it.playback);
        let playback = Playback::of_all(own);
        let reports =
            self.tracks.iter().zip(self.at_end).map(|(it, at_end)| {
                let counters = &it.scene.view.figures;
                it.recording.report_at(at, at_end, counters)
            });
        let reports: Vec<_> = reports.collect();
        let comparison = (reports.len() > 1).then(|| compare(&reports));
        let picture = Picture {
            tracks: self.tracks.iter().map(|it| it.scene(at)).collect(),
            comparison: comparison.as_ref(),
            playback: Some(&playback),
            ..Picture::default()
        };
        self.next.reset();
        // Nothing is being typed: there is no cursor.
        draw_into(&self.state, &picture, &mut self.next);
        let mut changes = self.shown.diff_iter(&self.next).peekable();
        if changes.peek().is_none() {
            return Ok(());
        }
        let mut data = Vec::new();
        CrosstermBackend::new(&mut data).draw(changes)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        self.write(at, &String::from_utf8_lossy(&data))
    }

    fn write(&mut self, at: Duration, data: &str) -> Result<(), ExportFailure> {
        let at = at.saturating_sub(self.start);
        let (secs, micros) = (at.as_secs(), at.subsec_micros());
        let data = foreign::json(&json!(data).to_string());
        Ok(writeln!(self.out, "[{secs}.{micros:06},\"o\",{data}]")?)
    }
}

/// A recording, and what is shown of it.
struct CastTrack<'a> {
    recording: &'a Recording,
    reading: CastReading,
    scene: Scene,
    playback: Playback,
}

impl<'a> CastTrack<'a> {
    /// Reads the recording once: the playback also shows later findings.
    fn new(it: &ExportSubject<'a>, length: Duration) -> Self {
        let mut all = CastReading::new(it.recording);
        let failure = all.go(Duration::MAX).err();
        let mut playback = it.recording.playback(it.name, length);
        let marks = all.follower.marks.iter();
        playback.marks = marks.map(|mark| mark.at).collect();
        playback.read = playback.length;
        if let Some(why) = failure {
            playback.read = all.follower.at;
            playback.ends.get_or_insert(format!("the recording {why}"));
        }
        Self {
            recording: it.recording,
            reading: CastReading::new(it.recording),
            scene: Scene::new(it.recording.header().facts.clone()),
            playback,
        }
    }

    /// Prepares the frame of a moment; after its end, that of its end.
    fn show(&mut self, at: Duration, plays: Option<Direction>) {
        let follower = &self.reading.follower;
        let own = at.min(self.recording.duration());
        follower.later(own).show(&mut self.scene, own, None);
        (self.playback.at, self.playback.event) = (at, follower.event);
        self.playback.plays = plays;
        self.scene.playback = Some(self.playback.clone());
    }

    fn scene(&self, at: Duration) -> TrackScene<'_> {
        let failure = self.recording.closing().map(|it| it.failure.clone());
        let phase = match failure.flatten() {
            _ if at < self.recording.duration() => TrackPhase::Running,
            Some(why) => TrackPhase::Failed(why),
            None => TrackPhase::Over,
        };
        TrackScene { name: &self.scene.facts.mode, phase, scene: &self.scene }
    }
}

/// A recording that is read forwards, and the state at its current place.
struct CastReading {
    cursor: Cursor,
    follower: Follower,
}

impl CastReading {
    fn new(recording: &Recording) -> Self {
        let follower = Follower::new(recording.header().settings);
        Self { cursor: recording.from_start(), follower }
    }

    /// Takes all records up to a moment. After an error, those before the
    /// damaged block have been taken.
    fn go(&mut self, until: Duration) -> Result<(), recording::Error> {
        while self.next()?.is_some_and(|at| at <= until) {
            self.take()?;
        }
        Ok(())
    }

    /// The time of the next event or counters; `None` at the end.
    fn next(&mut self) -> Result<Option<Duration>, recording::Error> {
        while let Some(record) = self.cursor.peek()? {
            if let Some(at) = record.in_order_at() {
                return Ok(Some(at));
            }
            self.take()?;
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<(), recording::Error> {
        if let Some(record) = self.cursor.step()? {
            self.follower.take(&record);
        }
        Ok(())
    }
}

/// The shortest time between two frames: 15 a second.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 15);

/// After this time with nothing recorded, there is a frame that only advances
/// the clocks. The next follows after twice that time, and so on, which lets
/// players shorten a long pause.
const CLOCKS: Duration = Duration::from_secs(1);

/// Decides when the next frame is due.
struct Timing {
    drawn: Duration,
    /// How long after `drawn` a frame is due even if nothing is recorded.
    clocks: Duration,
}

impl Timing {
    /// The moment of the next frame, if the next record is of the time `next`;
    /// `None` if only the last frame is left.
    fn next(
        &mut self,
        next: Option<Duration>,
        end: Duration,
    ) -> Option<Duration> {
        let soonest = self.drawn.saturating_add(FRAME);
        let clocks = self.drawn.saturating_add(self.clocks);
        let (at, then) = match next.map(|next| next.max(soonest)) {
            Some(at) if at <= clocks => (at, CLOCKS),
            _ => (clocks, self.clocks.saturating_mul(2)),
        };
        if at.checked_add(FRAME).is_none_or(|it| it > end) {
            return None;
        }
        (self.drawn, self.clocks) = (at, then);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The times of frames, if something is recorded at these times.
    fn frames(recorded: &[Duration], end: Duration) -> Vec<Duration> {
        let mut timing = Timing { drawn: Duration::ZERO, clocks: CLOCKS };
        let mut frames = vec![Duration::ZERO];
        let next = |at| recorded.iter().copied().find(|it| *it > at);
        while let Some(frame) = timing.next(next(frames[frames.len() - 1]), end)
        {
            frames.push(frame);
        }
        frames.split_off(1)
    }

    #[test]
    fn there_are_fifteen_in_a_second_at_most() {
        let always: Vec<_> = (0..3_000).map(|ms| ms * MS).collect();
        let frames = frames(&always, 3_000 * MS);
        assert!((42..=45).contains(&frames.len()), "{frames:?}");
        assert!(frames.windows(2).all(|two| two[1] >= two[0] + FRAME));
        assert!(frames.iter().all(|it| *it + FRAME <= 3_000 * MS));
    }

    #[test]
    fn after_a_pause_there_is_a_frame_at_once_and_in_it_fewer_and_fewer() {
        let soon = frames(&[400 * MS, 410 * MS, 430 * MS], 900 * MS);
        assert_eq!(soon, [400 * MS, 400 * MS + FRAME]);
        let pause = frames(&[], 3_600_000 * MS);
        assert_eq!(pause[..5], [1, 3, 7, 15, 31].map(Duration::from_secs));
        let broken = frames(&[5_000 * MS], 9_000 * MS);
        assert_eq!(broken, [1, 3, 5, 6, 8].map(Duration::from_secs));
        assert!(frames(&[], Duration::MAX).len() < 70);
    }
}
