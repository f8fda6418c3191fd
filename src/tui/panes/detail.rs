//! The details of one socket: its state, its timeline, the last bytes received,
//! and its history.

use super::events;
use super::lane::Axis;
use super::sockets::{in_backlog, last, pending, state_words};
use crate::text::show_bytes;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::TextRows;
use crate::units::{show_count, show_size};
use crate::view::{SocketCount, SocketId, SocketView};
use ratatui::prelude::{Line, Rect, Span};
use unicode_truncate::UnicodeTruncateStr as _;

/// Width of the labels.
const LABEL: usize = 10;

/// The width of the bar of pending output.
const PENDING: usize = 22;

pub(crate) fn lines(
    run: &Track,
    area: Rect,
    id: SocketId,
    from_end: usize,
) -> TextRows {
    let (width, height) = (area.width.into(), usize::from(area.height));
    let Some(row) = run.view.sockets.iter().find(|row| row.count.id == id)
    else {
        return vec![run.look.line(Role::Dim, "it has no row any more")];
    };
    let history = &run.scene.history;
    let entries = show_count(history.len() as u64);
    let later = match from_end {
        0 => String::new(),
        n => format!(", {} later", show_count(n as u64)),
    };
    let heading = format!("history: {entries} entries{later}");
    let mut lines = facts(run, row, width);
    lines.extend([Line::default(), run.look.line(Role::Dim, heading)]);
    let room = height.saturating_sub(lines.len());
    let end = history.len().saturating_sub(from_end);
    let visible = &history[end.saturating_sub(room)..end];
    lines.extend(visible.iter().map(|it| events::row(run, it, width)));
    lines
}

fn facts(run: &Track, row: &SocketView, width: usize) -> TextRows {
    let line = |label: &str, spans: Vec<Span<'static>>| {
        let label = run.say(Role::Dim, format!("{label:<LABEL$}"));
        [label].into_iter().chain(spans).collect::<Line>()
    };
    let said = |label: &str, role, text: String| {
        line(label, vec![run.say(role, text)])
    };
    let peer = row.count.peer.map_or("the listener".into(), |it| {
        let name = run.scene.name_of(it).map(|name| format!(", {name}"));
        format!("{it}{}", name.unwrap_or_default())
    });
    let (role, state) = state_words(row.state);
    let waiting = in_backlog(run);
    let SocketCount {
        bytes_in, bytes_out, pending_bytes, unframed_bytes, ..
    } = row.count;
    let limit = row.pending_limit.into();
    let [bytes_in, bytes_out, held, limit] =
        [bytes_in, bytes_out, pending_bytes.into(), limit].map(show_size);
    let (of_bar, bar) = pending(run, row, PENDING);
    let gap = if bar.is_empty() { "" } else { "  " };
    let limit = format!("{gap}{held} to send, of at most {limit}");
    let axis = Axis::of(&[*run], width.saturating_sub(LABEL + 1));
    let mut lines = vec![
        said("peer", Role::Text, peer),
        said("state", role, state.into()),
        said("readiness", Role::Text, row.readiness(waiting).full),
        said("moved", Role::Text, format!("{bytes_in} in, {bytes_out} out")),
    ];
    lines.extend(row.queue.map(|queue| {
        let [to_read, to_send] = [queue.received_bytes, queue.unsent_bytes]
            .map(|bytes| show_size(bytes.into()));
        let held = format!("{to_read} to read, {to_send} to send");
        said("in kernel", Role::Text, held)
    }));
    let bar = vec![run.say(of_bar, bar), run.say(Role::Text, limit)];
    lines.push(line("buffer", bar));
    if unframed_bytes > 0 {
        let part = show_bytes(&row.partial);
        let size = show_size(unframed_bytes.into());
        let part = format!("{size} of a line without its end: {part}");
        lines.push(said("", Role::Quote, part));
    }
    lines.extend([
        said("last call", Role::Dim, last(row)),
        said("timeline", Role::Dim, axis.heading()),
        line("", axis.drawn(run.look, &row.lane)),
    ]);
    // The end of what was last received, escaped, in at most three rows.
    let text = show_bytes(&run.scene.preview);
    let mut rest = &*text;
    for label in ["received", "", ""] {
        let (piece, _) =
            rest.unicode_truncate(width.saturating_sub(LABEL).max(2));
        rest = &rest[piece.len()..];
        if !piece.is_empty() {
            lines.push(said(label, Role::Quote, piece.to_owned()));
        }
    }
    lines
}
