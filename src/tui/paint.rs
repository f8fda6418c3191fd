//! Drawing helpers that all parts of the screen share.

use super::look::{Look, Role};
use crate::text::cut;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Borders, Widget as _};

/// Rows of styled text.
pub(super) type TextRows = Vec<Line<'static>>;

/// Writes lines into an area, as many as fit. `Text` would draw the same, but
/// it styles every cell of the area twice before it writes, measures each line
/// twice and copies its spans: a large part of the time that a frame takes.
pub(super) fn put<'a>(
    buffer: &mut Buffer,
    area: Rect,
    lines: impl Into<Text<'a>>,
) {
    let text: Text = lines.into();
    let rows = area.intersection(buffer.area).rows();
    for (row, line) in rows.zip(text.lines) {
        if line.style != Style::new() {
            buffer.set_style(row, line.style);
        }
        buffer.set_line(row.x, row.y, &line, row.width);
    }
}

/// The first rows that fit; a sign at the end of the last one says that there
/// are more.
pub(super) fn fitting_rows(
    look: &Look,
    mut lines: TextRows,
    (width, rows): (usize, usize),
) -> TextRows {
    let is_cut = lines.len() > rows;
    lines.truncate(rows);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        let (all, more) = (last.width(), look.glyphs.more);
        if let Some(words) = last.spans.last_mut() {
            let room = (width + words.width()).saturating_sub(all);
            let text = format!("{}{more}", words.content);
            words.content = cut(&text, room, more).into();
        }
    }
    lines
}

/// Draws a title with its rule and returns the area below.
pub(super) fn titled(
    look: &Look,
    area: Rect,
    title: &str,
    role: Role,
    buffer: &mut Buffer,
) -> Rect {
    let title = Line::from(vec![
        look.say(Role::Dim, look.glyphs.rule),
        look.say(role, format!(" {title} ")),
    ]);
    let block = lined(look, Borders::TOP).title(title);
    let inner = block.inner(area);
    // A block styles every cell of its area, and ours draws only one row.
    block.render(Rect { height: area.height.min(1), ..area }, buffer);
    inner
}

/// A block with borders on these sides.
pub(super) fn lined<'a>(look: &Look, sides: Borders) -> Block<'a> {
    let set = border::Set {
        horizontal_top: look.glyphs.rule,
        vertical_left: look.glyphs.wall,
        ..border::PLAIN
    };
    let style = look.style(Role::Dim);
    Block::new().borders(sides).border_set(set).border_style(style)
}

/// The width of the spans in terminal columns.
pub(super) fn width(spans: &[Span]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// The leading groups of spans that fit into `room`, none of them cut.
pub(super) fn fitting<'a>(
    groups: impl IntoIterator<Item = Vec<Span<'a>>>,
    room: usize,
) -> Line<'a> {
    let mut line = Line::default();
    for group in groups {
        if line.width() + width(&group) > room {
            break;
        }
        line.spans.extend(group);
    }
    line
}

/// A line of width `room` with text at its left and right ends.
pub(super) fn at_both_ends<'a>(
    left: Vec<Span<'a>>,
    right: Vec<Span<'a>>,
    room: usize,
) -> Line<'a> {
    if right.is_empty() {
        return left.into();
    }
    let free = room.saturating_sub(width(&left) + width(&right));
    let free = Span::raw(" ".repeat(free));
    left.into_iter().chain([free]).chain(right).collect()
}

/// How many cells of a width are filled by a share from 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a screen's width"
)]
pub(super) fn filled(share: f32, width: usize) -> usize {
    ((share.clamp(0.0, 1.0) * width as f32).round() as usize).min(width)
}
