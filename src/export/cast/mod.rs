//! The replay's screen as a film: asciicast, version 2.
//!
//! ```text
//! {"version":2,"width":120,"height":40,...}
//! [0.000000,"o","\u001b[?1049h..."]
//! [0.066667,"o","\u001b[12;40H..."]
//! ```
//! The film's clock is the run's. A frame is what has changed on the screen
//! since the one before; there are at most 15 in a second, and while nothing
//! is recorded fewer and fewer ([`timing`]).

mod ink;
mod reading;
mod screen;
mod timing;

use super::{ExportFailure, ExportSubject, Out};
use crate::recording::Header;
use crate::text::clean;
use ratatui::layout::Size;
use reading::CastReading;
use screen::CastScreen;
use serde::Serialize;
use std::io;
use std::time::{Duration, SystemTime};
use timing::Timing;

/// How large the screen of a film is, if nothing else is asked for.
pub const CAST_SIZE: Size = Size { width: 120, height: 40 };

/// How large it may be; its least is [`NEEDED`](crate::tui::NEEDED).
pub const CAST_LARGEST: Size = Size { width: 500, height: 200 };

/// The length in seconds to which players shorten a longer pause.
const LONGEST_PAUSE: f32 = 2.0;

/// How long the last frame stays before the original screen is restored.
const STAYS: Duration = Duration::from_secs(2);

/// The screen is taken: another one, empty, without cursor.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[0m\x1b[2J";

/// It is given back as it was.
const GIVE_BACK: &str = "\x1b[0m\x1b[?25h\x1b[?1049l";

/// Writes the part of the run that is wanted as a film of the replay's
/// screen; its times count from the beginning of that part.
///
/// # Errors
/// See [`ExportFailure`]; after [`ExportFailure::Read`] the film goes as far
/// as the recording could be read, and ends as any other.
pub fn cast(
    it: &ExportSubject,
    size: Size,
    out: Out,
) -> Result<(), ExportFailure> {
    let reading = CastReading::new(it.recording);
    let screen = CastScreen::new(it, size);
    serde_json::to_writer(&mut *out, &Opening::of(it.recording.header(), size))
        .map_err(io::Error::from)?;
    writeln!(out)?;
    Film { start: it.from, reading, screen, out }.play(it)
}

/// What a film begins with.
#[derive(Serialize)]
struct Opening {
    version: u8,
    width: u16,
    height: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    idle_time_limit: f32,
    title: String,
    env: Environment,
}

/// What the film was made for.
#[derive(Serialize)]
struct Environment {
    #[serde(rename = "TERM")]
    term: &'static str,
    #[serde(rename = "COLORTERM")]
    colours: &'static str,
}

impl Opening {
    fn of(header: &Header, size: Size) -> Self {
        let mode = &header.facts.mode;
        let title = match &header.facts.scenario {
            Some(scenario) => format!("sockscope {mode}: {}", scenario.name),
            None => format!("sockscope {mode}"),
        };
        Self {
            version: 2,
            width: size.width,
            height: size.height,
            timestamp: seconds(&header.started_at),
            idle_time_limit: LONGEST_PAUSE,
            title: clean(&title),
            env: Environment { term: "xterm-256color", colours: "truecolor" },
        }
    }
}

/// Seconds since the epoch.
fn seconds(started_at: &str) -> Option<u64> {
    let at = humantime::parse_rfc3339(started_at).ok()?;
    at.duration_since(SystemTime::UNIX_EPOCH).ok().map(|it| it.as_secs())
}

/// A film while it is made.
struct Film<'a> {
    /// The moment of the run that is the film's beginning.
    start: Duration,
    reading: CastReading,
    screen: CastScreen,
    out: Out<'a>,
}

impl Film<'_> {
    fn play(mut self, it: &ExportSubject) -> Result<(), ExportFailure> {
        let length = it.recording.duration();
        self.start = it.from.min(length);
        let end = it.until.clamp(self.start, length);
        let went = self.frames(end);
        // What cannot be read on ends there, with all that was read.
        let end = match &went {
            Err(ExportFailure::Write(_)) => return went,
            Err(ExportFailure::Read(_)) => self.reading.at().max(self.start),
            Ok(()) => end,
        };
        self.screen.stand();
        self.frame(end)?;
        self.write(end.saturating_add(STAYS), GIVE_BACK)?;
        went
    }

    /// All frames but the last one.
    fn frames(&mut self, end: Duration) -> Result<(), ExportFailure> {
        self.reading.go(self.start)?;
        self.write(self.start, TAKE)?;
        self.frame(self.start)?;
        let mut timing = Timing::from(self.start);
        while let Some(at) = timing.next(self.reading.next()?, end) {
            self.reading.go(at)?;
            self.frame(at)?;
        }
        self.reading.go(end)?;
        Ok(())
    }

    fn frame(&mut self, at: Duration) -> Result<(), ExportFailure> {
        match self.screen.frame(self.reading.follower(), at) {
            Some(changes) => self.write(at, &changes),
            None => Ok(()),
        }
    }

    fn write(&mut self, at: Duration, data: &str) -> Result<(), ExportFailure> {
        let at = at.saturating_sub(self.start);
        let (secs, micros) = (at.as_secs(), at.subsec_micros());
        write!(self.out, "[{secs}.{micros:06},\"o\",")?;
        serde_json::to_writer(&mut *self.out, data).map_err(io::Error::from)?;
        writeln!(self.out, "]")?;
        Ok(())
    }
}
