//! A recorded run as a bar: its shape, where it stands, and where something
//! came up.
//!
//! ```text
//! ▁▂▂▁▁▃▅█▅▃▂◆▂▂║▂▂▃▄▄▃▂▂▂▂◆▃▃▂▁▁▁▁░░░░░░×
//!  ║ 1x   3.214 s of 12.900 s  event 12,345 of 1,234,567  stands
//! ```
//! In one row, words are at both ends of the bar.

use crate::tui::glyphs::Glyphs;
use crate::tui::look::{Look, Role};
use crate::tui::paint::put;
use crate::units::show_count;
use crate::view::{Direction, Playback};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Eighths of a row.
const EIGHTHS: u64 = 8;

/// The times of a longer recording are shown in minutes and seconds.
const MINUTE: Duration = Duration::from_secs(60);

/// The words from the left on, and which of them stay where not all find
/// room: speed, time, lost, event, of how many, that it ends early, state.
const KEPT: [usize; 7] = [0, 2, 5, 3, 4, 6, 1];

/// Draws it into an area of one to three rows; words that find no room are
/// left out.
pub(crate) fn draw(
    look: &Look,
    playback: &Playback,
    area: Rect,
    buffer: &mut Buffer,
) {
    let [left, bar, cut, right] = split(look, playback, area);
    if area.height > 1 {
        let words = Rect { y: area.bottom() - 1, height: 1, ..area };
        put(buffer, words, line(look, playback, area.width.into()));
    } else {
        put(buffer, left, speed(look, playback));
        put(buffer, right, look.say(Role::Text, time(playback)));
    }
    draw_bar(look, playback, bar, buffer);
    let mark = look.line(Role::Bad, look.glyphs.cut);
    put(buffer, cut, vec![mark; cut.height.into()]);
}

/// Which part of the run's length this place of the bar is, from 0 to 1.
pub(crate) fn part_at(
    look: &Look,
    playback: &Playback,
    area: Rect,
    at: Position,
) -> Option<f32> {
    let bar = split(look, playback, area)[1];
    let last = bar.width.saturating_sub(1).max(1);
    bar.contains(at).then(|| f32::from(at.x - bar.x) / f32::from(last))
}

/// Words, the bar, where the file was cut if it was, words. Of several rows
/// the last one is for the words.
fn split(look: &Look, playback: &Playback, area: Rect) -> [Rect; 4] {
    let width = |it: usize| u16::try_from(it).unwrap_or(u16::MAX) + 1;
    let (left, right) = match area.height {
        ..2 => {
            let right = look.say(Role::Text, time(playback)).width();
            (width(speed(look, playback).width()), width(right))
        }
        _ => (0, 0),
    };
    let rows = area.height.saturating_sub(1).max(1).min(area.height);
    Layout::horizontal([
        Constraint::Length(left),
        Constraint::Fill(1),
        Constraint::Length(playback.ends.is_some().into()),
        Constraint::Length(right),
    ])
    .areas(Rect { height: rows, ..area })
}

fn draw_bar(look: &Look, playback: &Playback, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let glyphs = look.glyphs;
    let width = usize::from(area.width);
    let column = |at: Duration| {
        let length = playback.length.as_nanos().max(1);
        let column = at.as_nanos() * width as u128 / length;
        usize::try_from(column).unwrap_or(width).min(width - 1)
    };
    let here = column(playback.at);
    let marks: Vec<_> = playback.marks.iter().map(|at| column(*at)).collect();
    let read = if playback.read >= playback.length {
        width
    } else {
        column(playback.read)
    };
    let most = playback.shape.iter().max().copied().unwrap_or(0).max(1);
    // How much happened in a column, in eighths of a row.
    let height = |column: usize| {
        let from = column * playback.shape.len() / width;
        let to = ((column + 1) * playback.shape.len()).div_ceil(width);
        let parts = playback.shape.get(from..to.min(playback.shape.len()));
        let events = parts.and_then(|it| it.iter().max()).copied().unwrap_or(0);
        let height = events * u64::from(area.height) * EIGHTHS / most;
        height.max(u64::from(events > 0))
    };
    // It is not reversed, as where it stands is.
    let finding =
        look.style(Role::Spinning).remove_modifier(Modifier::REVERSED);
    let finding = finding.add_modifier(Modifier::BOLD);
    for (row, place) in area.rows().enumerate() {
        let above = u64::from(area.height) - 1 - row as u64;
        let cells = (0..width).map(|column| {
            let level = height(column).saturating_sub(above * EIGHTHS);
            let level = usize::try_from(level.min(EIGHTHS)).unwrap_or(0);
            let unread = column >= read;
            match level {
                _ if column == here => {
                    let state = state(glyphs, playback).0;
                    let glyph = if above == 0 { state } else { " " };
                    look.say(Role::Badge, glyph)
                }
                _ if row == 0 && marks.contains(&column) => {
                    Span::styled(glyphs.finding, finding)
                }
                0 if above > 0 => look.say(Role::Dim, " "),
                0 if unread => look.say(Role::Dim, glyphs.bar[1]),
                0 => look.say(Role::Dim, glyphs.rule),
                _ if unread => look.say(Role::Dim, glyphs.levels[level]),
                _ if column < here => {
                    look.say(Role::Focus, glyphs.levels[level])
                }
                _ => look.say(Role::Text, glyphs.levels[level]),
            }
        });
        put(buffer, place, cells.collect::<Line>());
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
fn line(look: &Look, playback: &Playback, width: usize) -> Line<'static> {
    let state = state(look.glyphs, playback).1;
    let event = show_count(playback.event);
    let lost = match playback.lost {
        0 => String::new(),
        lost => format!("  {} lost", show_count(lost)),
    };
    let ends = if playback.ends.is_some() { "  ends early" } else { "" };
    let words = [
        speed(look, playback),
        look.say(Role::Dim, format!(" {state}")),
        look.say(Role::Text, format!("  {}", time(playback))),
        look.say(Role::Text, format!("  event {event}")),
        look.say(Role::Dim, format!(" of {}", show_count(playback.events))),
        look.say(Role::Bad, lost),
        look.say(Role::Bad, ends),
    ];
    let mut room = width.saturating_sub(1);
    let mut kept = KEPT.to_vec();
    kept.retain(|at| match room.checked_sub(words[*at].width()) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    });
    kept.sort_unstable();
    kept.into_iter().map(|at| words[at].clone()).collect()
}

/// What it does, and how fast in whole numbers: `2x`, `1/4x`.
fn speed(look: &Look, playback: &Playback) -> Span<'static> {
    let mark = state(look.glyphs, playback).0;
    let times = match playback.speed {
        speed if speed >= 1.0 || speed <= 0.0 => format!("{speed:.0}x"),
        speed => format!("1/{:.0}x", speed.recip()),
    };
    look.say(Role::Key, format!(" {mark} {times}"))
}

/// The moment, to the microsecond while it stands, of how long in all.
fn time(playback: &Playback) -> String {
    let digits = if playback.plays.is_some() { 3 } else { 6 };
    let minutes = playback.length >= MINUTE;
    let (at, length) =
        (seconds(playback.at, digits, minutes), length(playback));
    let width = seconds(playback.length, 3, minutes).len() + 3;
    format!("{at:>width$} of {length}")
}

/// How long it is, in words.
pub(crate) fn length(playback: &Playback) -> String {
    let minutes = playback.length >= MINUTE;
    let unit = if minutes { "" } else { " s" };
    format!("{}{unit}", seconds(playback.length, 3, minutes))
}

/// Seconds, or minutes and seconds, with this many digits below; not rounded,
/// so that nothing after the end is ever written.
fn seconds(time: Duration, digits: usize, minutes: bool) -> String {
    let below = format!("{:06}", time.subsec_micros());
    let (secs, below) = (time.as_secs(), &below[..digits]);
    if minutes {
        format!("{}:{:02}.{below}", secs / 60, secs % 60)
    } else {
        format!("{secs}.{below}")
    }
}

/// What the marks of the bar mean.
pub(crate) fn legend(look: &Look) -> Line<'static> {
    let glyphs = look.glyphs;
    let pairs = [
        (Role::Key, glyphs.plays[1], "here"),
        (Role::Spinning, glyphs.finding, "a finding came up"),
        (Role::Dim, glyphs.bar[1], "not yet read"),
        (Role::Bad, glyphs.cut, "cut off"),
    ];
    let pairs = pairs.into_iter().flat_map(|(role, glyph, word)| {
        let word = look.say(Role::Dim, format!(" {word}  "));
        [look.say(role, glyph), word]
    });
    [look.say(Role::Dim, "the bar: ")].into_iter().chain(pairs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::look::{Depth, Theme};

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
