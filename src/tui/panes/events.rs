//! The last events, as they happened.

use super::code::outcome_role;
use crate::probe::Note;
use crate::text::{cut, padded};
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::units::show_count;
use crate::view::log::LogWords;
use crate::view::{LogEntry, What};
use ratatui::text::Line;

/// Below this width the file's name is left out.
const NARROW: usize = 56;

pub(super) fn title(shown: &TrackView) -> String {
    let dot = shown.look().glyphs.dot;
    let mut title = String::from("events");
    let sockets = &shown.track.sockets;
    if let (true, Some(socket)) = (sockets.only, sockets.selected) {
        title = format!("{title} {dot} only {socket}");
    }
    if shown.track.scroll.events > 0 {
        let later = show_count(shown.track.scroll.events as u64);
        title = format!("{title} {dot} {later} later");
    }
    if shown.view.events_lost > 0 {
        let lost = show_count(shown.view.events_lost);
        title = format!("{title} {dot} {lost} not kept");
    }
    title
}

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let kept = shown.view.events.iter().filter(|it| shown.track.shows(it));
    let entries: Vec<_> = kept.collect();
    let below = shown.track.scroll.events.min(entries.len().saturating_sub(1));
    let end = entries.len() - below.min(entries.len());
    let first = end.saturating_sub(height);
    let visible = &entries[first..end];
    if visible.is_empty() {
        return vec![shown.say(Role::Dim, "nothing so far").into()];
    }
    visible.iter().map(|entry| row(shown, entry, width)).collect()
}

/// An entry: when, who, what, how it went, which line.
pub(super) fn row<'a>(
    shown: &TrackView<'a>,
    entry: &LogEntry,
    width: usize,
) -> Line<'a> {
    let words = LogWords::new(&entry.what);
    let (secs, ms) = (entry.at.as_secs(), entry.at.subsec_millis());
    let socket = words.socket.map_or(String::new(), |id| id.to_string());
    let narrow = width < NARROW;
    let site = match words.site {
        Some(site) if narrow => format!(":{}", site.line),
        Some(site) => site.to_string(),
        None => String::new(),
    };
    let call = words.call;
    let (id, name) = if narrow { (4, 7) } else { (5, 8) };
    let id = id.max(socket.len() + 1);
    let before = 9 + id + if call.is_empty() { 0 } else { name };
    let room = width.saturating_sub(before + site.len() + 1);
    let mut spans = vec![
        shown.say(Role::Dim, format!("{secs:>4}.{ms:03} ")),
        shown.say(Role::Text, padded(&socket, id)),
    ];
    if !call.is_empty() {
        spans.push(shown.say(Role::Text, padded(call, name)));
    }
    let detail = cut(&words.detail, room, shown.look().glyphs.more);
    spans.push(shown.say(role(entry), format!("{detail:<room$} ")));
    spans.push(shown.say(Role::Dim, site));
    Line::from(spans)
}

const fn role(entry: &LogEntry) -> Role {
    match &entry.what {
        What::Made(made) => outcome_role(made.outcome),
        What::Asleep { .. } => Role::Asleep,
        What::FoundNothing(_) => Role::Spinning,
        What::Note(Note::Ready { .. }) => Role::Ready,
        What::Note(Note::Paused(_)) | What::NotShown { .. } => Role::Bad,
        _ => Role::Text,
    }
}
