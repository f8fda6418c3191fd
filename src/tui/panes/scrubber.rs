//! A recorded run as a bar: its shape, where it stands, and where something
//! came up.
//!
//! ```text
//! ▁▂▂▁▁▃▅█▅▃▂◆▂▂║▂▂▃▄▄▃▂▂▂▂◆▃▃▂▁▁▁▁░░░░░░×
//!  ║ 1x   3.214 s of 12.900 s  event 12,345 of 1,234,567  stands
//! ```
//! In one row, words are at both ends of the bar.

use crate::tui::frame::put;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::units::show_count;
use crate::view::Direction;
use crate::view::Playback;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Eighths of a row.
const EIGHTHS: u64 = 8;

/// The times of a longer recording are shown in minutes and seconds.
const MINUTE: Duration = Duration::from_secs(60);

/// The words from the left on, and which of them stay where not all find
/// room: speed, time, lost, event, of how many, that it ends early, state.
const KEPT: [usize; 7] = [0, 2, 5, 3, 4, 6, 1];

/// The number of rows that it takes of a screen of this height.
pub(in crate::tui) const fn rows(height: u16, presents: bool) -> u16 {
    match height {
        ..20 => 1,
        20..32 if !presents => 2,
        _ => 3,
    }
}

/// Draws it into an area of one to three rows; words that find no room are
/// left out.
pub(in crate::tui) fn draw(
    look: &Look,
    playback: &Playback,
    area: Rect,
    buffer: &mut Buffer,
) {
    if area.height > 1 {
        let words = Rect { y: area.bottom() - 1, height: 1, ..area };
        put(buffer, words, line(look, playback, area.width));
    } else {
        let [left, _, right] = split(look, playback, area);
        put(buffer, left, speed(look, playback));
        put(buffer, right, time(look, playback));
    }
    let bar = bar(look, playback, area);
    Bar { look, playback, area: bar }.draw(buffer);
    if playback.ends.is_some() {
        let beyond = Rect { x: bar.right(), width: 1, ..bar };
        let cut = look.say(Role::Bad, look.glyphs.cut);
        let cut = vec![Line::from(cut); beyond.height.into()];
        put(buffer, beyond, cut);
    }
}

/// Which part of the run's length this place of the bar is, from 0 to 1.
pub(in crate::tui) fn part_at(
    look: &Look,
    playback: &Playback,
    area: Rect,
    at: Position,
) -> Option<f32> {
    let bar = bar(look, playback, area);
    let last = bar.width.saturating_sub(1).max(1);
    bar.contains(at).then(|| f32::from(at.x - bar.x) / f32::from(last))
}

/// Where the bar is; at its end is a place for where the file was cut.
fn bar(look: &Look, playback: &Playback, area: Rect) -> Rect {
    let bar = if area.height > 1 {
        Rect { height: area.height - 1, ..area }
    } else {
        split(look, playback, area)[1]
    };
    let cut = u16::from(playback.ends.is_some());
    Rect { width: bar.width.saturating_sub(cut), ..bar }
}

/// Words, the bar, words.
fn split(look: &Look, playback: &Playback, area: Rect) -> [Rect; 3] {
    let width = |span: &Span| u16::try_from(span.width()).unwrap_or(u16::MAX);
    let left = width(&speed(look, playback)) + 1;
    let right = width(&time(look, playback)) + 1;
    let parts = [
        Constraint::Length(left),
        Constraint::Fill(1),
        Constraint::Length(right),
    ];
    Layout::horizontal(parts).areas(area)
}

struct Bar<'a> {
    look: &'a Look,
    playback: &'a Playback,
    area: Rect,
}

impl Bar<'_> {
    fn draw(&self, buffer: &mut Buffer) {
        if self.area.is_empty() {
            return;
        }
        let width = self.area.width.into();
        let here = self.column(self.playback.at);
        let marks = self.playback.marks.iter().map(|at| self.column(*at));
        let marks: Vec<_> = marks.collect();
        let most = self.playback.shape.iter().max().copied().unwrap_or(0);
        for (row, place) in self.area.rows().enumerate() {
            let above = u64::from(self.area.height) - 1 - row as u64;
            let cell = |column| {
                let marked = row == 0 && marks.contains(&column);
                match column {
                    _ if column == here => self.marker(above),
                    _ if marked => self.mark(),
                    _ => self.level(column, here, most, above),
                }
            };
            let cells: Vec<_> = (0..width).map(cell).collect();
            put(buffer, place, Line::from(cells));
        }
    }

    /// In which column a moment is.
    fn column(&self, at: Duration) -> usize {
        let width = u128::from(self.area.width);
        let length = self.playback.length.as_nanos().max(1);
        let column = (at.as_nanos() * width / length).min(width - 1);
        usize::try_from(column).unwrap_or(0)
    }

    /// Where it stands: what it does, bright.
    fn marker(&self, above: u64) -> Span<'static> {
        let glyph = match above {
            0 => state(self.look.glyphs, self.playback).0,
            _ => " ",
        };
        self.look.say(Role::Badge, glyph)
    }

    /// Something came up: not reversed, as where it stands is.
    fn mark(&self) -> Span<'static> {
        let style = self.look.style(Role::Spinning);
        let style = style
            .remove_modifier(Modifier::REVERSED)
            .add_modifier(Modifier::BOLD);
        Span::styled(self.look.glyphs.finding, style)
    }

    /// How much happened: past, to come, or not yet read.
    fn level(
        &self,
        column: usize,
        here: usize,
        most: u64,
        above: u64,
    ) -> Span<'static> {
        let glyphs = self.look.glyphs;
        let rows = u64::from(self.area.height);
        let events = self.events(column);
        let eighths = match events {
            0 => 0,
            n => (n * rows * EIGHTHS / most.max(1)).max(1),
        };
        let level = eighths.saturating_sub(above * EIGHTHS).min(EIGHTHS);
        let unread = column >= self.column_read();
        let glyph = match usize::try_from(level).unwrap_or(0) {
            0 if above > 0 => " ",
            0 if unread => glyphs.bar[1],
            0 => glyphs.rule,
            level => glyphs.levels[level],
        };
        let style = match (unread || level == 0, column < here) {
            (true, _) => self.look.style(Role::Dim),
            (false, true) => self.past(),
            (false, false) => self.look.style(Role::Text),
        };
        Span::styled(glyph, style)
    }

    fn past(&self) -> Style {
        self.look.style(Role::Focus)
    }

    /// The first column that is not read.
    fn column_read(&self) -> usize {
        if self.playback.read >= self.playback.length {
            return self.area.width.into();
        }
        self.column(self.playback.read)
    }

    /// The most events of any part that is in this column.
    fn events(&self, column: usize) -> u64 {
        let (shape, width) =
            (&self.playback.shape, usize::from(self.area.width));
        let from = column * shape.len() / width;
        let to = ((column + 1) * shape.len()).div_ceil(width);
        let parts = shape.get(from..to.min(shape.len()));
        parts.and_then(|it| it.iter().max().copied()).unwrap_or(0)
    }
}

/// What it does: a mark and a word.
fn state(glyphs: &Glyphs, playback: &Playback) -> (&'static str, &'static str) {
    let [back, stands, on] = glyphs.plays;
    match playback.plays {
        Some(Direction::Backwards) => (back, "plays backwards"),
        Some(Direction::Forwards) => (on, "plays"),
        None if playback.event >= playback.events => (stands, "at the end"),
        None if playback.event == 0 => (stands, "at the start"),
        None => (stands, "stands"),
    }
}

/// All words, as many as find room.
fn line<'a>(look: &Look, playback: &Playback, width: u16) -> Line<'a> {
    let mut room = usize::from(width).saturating_sub(1);
    let mut words = words(look, playback).map(Some);
    for at in KEPT {
        let taken = words[at].as_ref().map_or(0, Span::width);
        match room.checked_sub(taken) {
            Some(rest) => room = rest,
            None => words[at] = None,
        }
    }
    words.into_iter().flatten().collect::<Vec<_>>().into()
}

fn words<'a>(look: &Look, playback: &Playback) -> [Span<'a>; 7] {
    let events = show_count(playback.events);
    let event = show_count(playback.event);
    let word = state(look.glyphs, playback).1;
    let bad =
        |words: Option<String>| look.say(Role::Bad, words.unwrap_or_default());
    let lost = (playback.lost > 0)
        .then(|| format!("  {} lost", show_count(playback.lost)));
    let ends = playback.ends.as_ref().map(|_| "  ends early".into());
    let time = format!("  {}", time(look, playback).content);
    [
        speed(look, playback),
        look.say(Role::Dim, format!(" {word}")),
        look.say(Role::Text, time),
        look.say(Role::Text, format!("  event {event}")),
        look.say(Role::Dim, format!(" of {events}")),
        bad(lost),
        bad(ends),
    ]
}

/// What it does, and how fast.
fn speed<'a>(look: &Look, playback: &Playback) -> Span<'a> {
    let (mark, _) = state(look.glyphs, playback);
    look.say(Role::Key, format!(" {mark} {}", times(playback.speed)))
}

/// A speed as whole numbers: `2x`, `1/4x`.
fn times(speed: f32) -> String {
    if speed >= 1.0 || speed <= 0.0 {
        format!("{speed:.0}x")
    } else {
        format!("1/{:.0}x", speed.recip())
    }
}

/// The moment, to the microsecond while it stands, of how long in all.
fn time<'a>(look: &Look, playback: &Playback) -> Span<'a> {
    let (at, length) = (playback.at, playback.length);
    let minutes = length >= MINUTE;
    let digits = if playback.plays.is_some() { 3 } else { 6 };
    let at = seconds(at, digits, minutes);
    let length = seconds(length, 3, minutes);
    let width = length.len() + 3;
    let unit = if minutes { "" } else { " s" };
    look.say(Role::Text, format!("{at:>width$} of {length}{unit}"))
}

/// How long it is, in words.
pub(in crate::tui) fn length(playback: &Playback) -> String {
    let minutes = playback.length >= MINUTE;
    let unit = if minutes { "" } else { " s" };
    format!("{}{unit}", seconds(playback.length, 3, minutes))
}

/// Seconds, or minutes and seconds, with this many digits below; not rounded,
/// so that nothing after the end is ever written.
fn seconds(time: Duration, digits: usize, minutes: bool) -> String {
    let below = format!("{:06}", time.subsec_micros());
    let (secs, below) = (time.as_secs(), &below[..digits.min(6)]);
    if minutes {
        format!("{}:{:02}.{below}", secs / 60, secs % 60)
    } else {
        format!("{secs}.{below}")
    }
}

/// What the marks of the bar mean.
pub(in crate::tui) fn legend<'a>(look: &Look) -> Line<'a> {
    let glyphs = look.glyphs;
    let pairs = [
        (Role::Key, glyphs.plays[1], "here"),
        (Role::Spinning, glyphs.finding, "a finding came up"),
        (Role::Dim, glyphs.bar[1], "not yet read"),
        (Role::Bad, glyphs.cut, "cut off"),
    ];
    let pair = |(role, glyph, word)| {
        let word = look.say(Role::Dim, format!(" {word}  "));
        [look.say(role, glyph), word]
    };
    let mut line = Line::from(look.say(Role::Dim, "the bar: "));
    line.spans.extend(pairs.into_iter().flat_map(pair));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Theme};

    const LOOK: Look = Look {
        theme: Theme::Dark,
        depth: Depth::None,
        glyphs: &Glyphs::UNICODE,
    };

    fn drawn(playback: &Playback, width: u16, height: u16) -> Vec<String> {
        let area = Rect { x: 0, y: 0, width, height };
        let mut buffer = Buffer::empty(area);
        draw(&LOOK, playback, area, &mut buffer);
        let cell = |at| buffer[at].symbol();
        area.rows().map(|row| row.positions().map(cell).collect()).collect()
    }

    fn playback() -> Playback {
        Playback {
            at: Duration::from_millis(2_600),
            length: Duration::from_secs(10),
            event: 12,
            events: 40,
            speed: 1.0,
            shape: vec![16, 1, 0, 8, 0, 1, 0, 4, 0, 0],
            marks: vec![Duration::from_millis(5_500)],
            read: Duration::from_secs(8),
            ends: Some("cut off".into()),
            ..Playback::default()
        }
    }

    #[test]
    fn the_shape_has_as_many_levels_as_it_has_rows() {
        let rows = drawn(&playback(), 11, 3);
        assert_eq!(rows[0], "█    ◆    ×");
        let rows = drawn(&playback(), 11, 2);
        assert_eq!(rows[0], "█▁║▄─◆─▂░░×");
    }

    #[test]
    fn every_area_will_do() {
        for width in 0..40 {
            for height in 0..5 {
                drawn(&playback(), width, height);
                drawn(&Playback::default(), width, height);
            }
        }
    }
}
