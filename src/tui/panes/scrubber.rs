//! The bar of a recording: the number of events over its length, the current
//! position, the times of findings and the phases of the server's stop.
//!
//! ```text
//! ▁▂▂▁▁▃▅█▅▃▂◆▂▂║▂▂▃▄▄▃▂▂▂▂◆▃▃▂▁▁▼▁░░░░░░×
//!  ║ 1x   3.214 s of 12.900 s  event 12,345 of 1,234,567  stands
//! ```

use super::header::ranked;
use crate::tui::context::ScreenContext;
use crate::tui::look::{Look, Role};
use crate::tui::paint::put;
use crate::units::show_count;
use crate::view::{Direction, Playback};
use ratatui::prelude::{
    Buffer, Constraint, Layout, Line, Modifier, Position, Rect,
};
use std::time::Duration;

/// The times of a longer recording are shown in minutes and seconds.
const MINUTE: Duration = Duration::from_secs(60);

/// Draws the bar and, in the last row, as much of the text as fits.
pub(crate) fn draw(cx: &ScreenContext, area: Rect, buffer: &mut Buffer) {
    let (look, Some(playback)) = (cx.look(), cx.playback()) else { return };
    let [bar, cut, words] = split(playback, area);
    put(buffer, words, line(look, playback, area.width.into()));
    draw_bar(look, playback, bar, buffer);
    let mark = look.line(Role::Bad, look.glyphs.cut);
    put(buffer, cut, vec![mark; cut.height.into()]);
}

/// The part of the run's length, 0 to 1, at a position; `None` beside the bar.
pub(crate) fn part(cx: &ScreenContext, bar: Rect, at: Position) -> Option<f32> {
    let [bar, ..] = split(cx.playback()?, bar);
    let last = bar.width.saturating_sub(1).max(1);
    bar.contains(at).then(|| f32::from(at.x - bar.x) / f32::from(last))
}

/// The areas of the bar, of the mark where a file was cut, and of the text.
fn split(playback: &Playback, area: Rect) -> [Rect; 3] {
    let [fill, one] = [Constraint::Fill(1), Constraint::Length(1)];
    let [rows, words] = Layout::vertical([fill, one]).areas(area);
    let cut = Constraint::Length(playback.ends.is_some().into());
    let [bar, cut] = Layout::horizontal([fill, cut]).areas(rows);
    [bar, cut, words]
}

fn draw_bar(look: &Look, playback: &Playback, area: Rect, buffer: &mut Buffer) {
    let Playback { at, length, read, shape, .. } = playback;
    let (glyphs, width) = (look.glyphs, usize::from(area.width));
    let column = |at: Duration| {
        let column = at.as_nanos() * width as u128 / length.as_nanos().max(1);
        usize::try_from(column).unwrap_or(width).min(width.saturating_sub(1))
    };
    let here = column(*at);
    let read = if read >= length { width } else { column(*read) };
    let marks: Vec<_> = playback.marks.iter().map(|at| column(*at)).collect();
    let phases = playback.phases.iter().map(|it| column(it.at.duration()));
    let phases: Vec<_> = phases.collect();
    let most = shape.iter().max().map_or(1, |most| *most.max(&1));
    // The height of a column in eighths of a row, by its events.
    let height = |column: usize| {
        let from = column * shape.len() / width;
        let to = ((column + 1) * shape.len()).div_ceil(width);
        let events = shape.get(from..to.min(shape.len()));
        let events = events.and_then(|it| it.iter().max()).unwrap_or(&0);
        (events * u64::from(area.height) * 8 / most).max(*events.min(&1))
    };
    for place in area.positions() {
        let column = usize::from(place.x - area.x);
        let above = u64::from(area.bottom() - 1 - place.y);
        let level = height(column).saturating_sub(above * 8).min(8);
        let (role, glyph) = match usize::try_from(level).unwrap_or(8) {
            _ if column == here && above > 0 => (Role::Badge, " "),
            _ if column == here => (Role::Badge, state(look, playback).0),
            _ if place.y == area.y && marks.contains(&column) => {
                (Role::Spinning, glyphs.finding)
            }
            _ if place.y == area.y && phases.contains(&column) => {
                (Role::Key, glyphs.phase)
            }
            0 if above > 0 => (Role::Dim, " "),
            0 if column >= read => (Role::Dim, glyphs.bar[1]),
            0 => (Role::Dim, glyphs.rule),
            level if column >= read => (Role::Dim, glyphs.levels[level]),
            level if column < here => (Role::Focus, glyphs.levels[level]),
            level => (Role::Text, glyphs.levels[level]),
        };
        let mut style = look.style(role);
        if role == Role::Spinning {
            // Only the current position is reversed.
            style = style.remove_modifier(Modifier::REVERSED).bold();
        }
        buffer[place].set_symbol(glyph).set_style(style);
    }
}

/// The state of the playback: a symbol and words.
fn state(look: &Look, playback: &Playback) -> (&'static str, &'static str) {
    let [back, stands, on] = look.glyphs.plays;
    match playback.plays {
        Some(Direction::Backwards) => (back, "plays backwards"),
        Some(Direction::Forwards) => (on, "plays"),
        None if playback.event >= playback.events => (stands, "at the end"),
        None if playback.event == 0 => (stands, "at the start"),
        None => (stands, "stands"),
    }
}

/// The text below the bar, as much of it as fits.
fn line(look: &Look, playback: &Playback, width: usize) -> Line<'static> {
    let Playback { event, events, lost, .. } = *playback;
    let [event, events] = [event, events].map(show_count);
    let lost = (lost > 0).then(|| format!("  {} lost", show_count(lost)));
    // The speed as a whole number or its inverse: `2x`, `1/4x`.
    let (mark, state) = state(look, playback);
    let speed = match playback.speed {
        speed if speed >= 1.0 || speed <= 0.0 => format!("{speed:.0}x"),
        speed => format!("1/{:.0}x", speed.recip()),
    };
    let ends = if playback.ends.is_some() { "  ends early" } else { "" };
    let words = vec![
        (0, look.say(Role::Key, format!(" {mark} {speed}"))),
        (6, look.say(Role::Dim, format!(" {state}"))),
        (1, look.say(Role::Text, format!("  {}", time(playback)))),
        (3, look.say(Role::Text, format!("  event {event}"))),
        (4, look.say(Role::Dim, format!(" of {events}"))),
        (2, look.say(Role::Bad, lost.unwrap_or_default())),
        (5, look.say(Role::Bad, ends)),
    ];
    ranked(words, width.saturating_sub(1)).into()
}

/// The current time, to the microsecond while it is stopped, and the length.
fn time(playback: &Playback) -> String {
    let digits = if playback.plays.is_some() { 3 } else { 6 };
    let at = seconds(playback, playback.at, digits);
    let width = seconds(playback, playback.length, 6).len();
    format!("{at:>width$} of {}", length(playback))
}

/// The length of the recording as text.
pub(crate) fn length(playback: &Playback) -> String {
    let unit = if playback.length >= MINUTE { "" } else { " s" };
    seconds(playback, playback.length, 3) + unit
}

/// A time in seconds, or in minutes and seconds, with this many decimals. It is
/// truncated, so that no time after the end is ever shown.
fn seconds(playback: &Playback, time: Duration, digits: usize) -> String {
    let below = format!("{:06}", time.subsec_micros());
    let (secs, below) = (time.as_secs(), &below[..digits]);
    if playback.length >= MINUTE {
        format!("{}:{:02}.{below}", secs / 60, secs % 60)
    } else {
        format!("{secs}.{below}")
    }
}
