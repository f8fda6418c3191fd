//! All about one socket: what it is, its timeline, what it has sent last, and
//! its history.

use super::events;
use super::hand::preview;
use super::lane::Axis;
use super::sockets::{letters, pending, state_role, state_words};
use crate::text::padded;
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::units::{show_count, show_size};
use crate::view::SocketId;
use crate::view::SocketView;
use crate::view::log::outcome_words;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_truncate::UnicodeTruncateStr as _;

/// The label's column.
const LABEL: usize = 10;

/// The width of the bar of pending output.
const PENDING: usize = 22;

/// The most rows that the last bytes take.
const PREVIEW_ROWS: usize = 3;

pub(in crate::tui) fn lines<'a>(
    shown: &TrackView<'a>,
    area: Rect,
    socket: SocketId,
    from_end: usize,
) -> Vec<Line<'a>> {
    let (width, height) = (area.width.into(), area.height.into());
    let rows = &shown.view.sockets;
    let Some(row) = rows.iter().find(|row| row.id == socket) else {
        return vec![shown.say(Role::Dim, "it has no row any more").into()];
    };
    let mut lines = facts(shown, row, width);
    lines.push(Line::default());
    let room = usize::saturating_sub(height, lines.len() + 1);
    lines.push(heading(shown, from_end));
    let history = &shown.scene.history;
    let end = history.len() - from_end.min(history.len());
    let visible = &history[end.saturating_sub(room)..end];
    lines.extend(visible.iter().map(|it| events::row(shown, it, width)));
    lines
}

fn heading<'a>(shown: &TrackView<'a>, from_end: usize) -> Line<'a> {
    let entries = show_count(shown.scene.history.len() as u64);
    let later = match from_end {
        0 => String::new(),
        n => format!(", {} later", show_count(n as u64)),
    };
    shown.say(Role::Dim, format!("history: {entries} entries{later}")).into()
}

fn facts<'a>(
    shown: &TrackView<'a>,
    row: &SocketView,
    width: usize,
) -> Vec<Line<'a>> {
    let label = |label: &str| shown.say(Role::Dim, format!("{label:<LABEL$}"));
    let said = |name: &str, role, text: String| {
        Line::from(vec![label(name), shown.say(role, text)])
    };
    let peer = row.peer.map_or("the listener".into(), |it| {
        let name = shown.scene.name_of(it).map(|name| format!(", {name}"));
        format!("{it}{}", name.unwrap_or_default())
    });
    let last = row.last.map_or(String::new(), |(kind, outcome)| {
        format!("{} {}", kind.name(), outcome_words(outcome))
    });
    let moved = format!(
        "{} in, {} out",
        show_size(row.bytes_in),
        show_size(row.bytes_out)
    );
    let asks = format!(
        "wants {:<4} ready {}",
        letters(row.interest),
        letters(row.ready)
    );
    let axis = Axis::new(shown.view, width.saturating_sub(LABEL + 1));
    let mut lane = vec![label("")];
    lane.extend(axis.drawn(shown.look(), &row.lane));
    let mut lines = vec![
        said("peer", Role::Text, peer),
        said("state", state_role(row.state), state_words(row.state).into()),
        said("moved", Role::Text, moved),
        Line::from([vec![label("pending")], filled(shown, row)].concat()),
        said("last", Role::Text, last),
        said("timeline", Role::Dim, axis.heading()),
        Line::from(lane),
    ];
    if row.interest.is_some() || row.ready.is_some() {
        lines.insert(2, said("selector", Role::Text, asks));
    }
    lines.extend(last_bytes(shown, width));
    lines
}

fn filled<'a>(shown: &TrackView<'a>, row: &SocketView) -> Vec<Span<'a>> {
    let words = format!(
        "{} of at most {}",
        show_size(row.pending.into()),
        show_size(row.pending_limit.into())
    );
    let (role, bar) = pending(shown, row, PENDING);
    let gap = if bar.is_empty() { "" } else { "  " };
    let words = shown.say(Role::Text, format!("{gap}{words}"));
    vec![shown.say(role, bar), words]
}

/// The end of what it sent last, escaped.
fn last_bytes<'a>(shown: &TrackView<'a>, width: usize) -> Vec<Line<'a>> {
    let text = preview(&shown.scene.preview);
    let room = width.saturating_sub(LABEL).max(2);
    let (mut rest, mut lines) = (&*text, Vec::new());
    while !rest.is_empty() && lines.len() < PREVIEW_ROWS {
        let (piece, _) = rest.unicode_truncate(room);
        rest = &rest[piece.len()..];
        let label = if lines.is_empty() { "received" } else { "" };
        lines.push(Line::from(vec![
            shown.say(Role::Dim, padded(label, LABEL)),
            shown.say(Role::Quote, piece.to_owned()),
        ]));
    }
    lines
}
