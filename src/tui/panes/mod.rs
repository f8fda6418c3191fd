//! The panes, one file each: what is shown in, lines of text out.

pub(super) mod code;
pub(super) mod detail;
pub(super) mod events;
pub(super) mod findings;
pub(super) mod footer;
pub(super) mod hand;
pub(super) mod header;
pub(super) mod help;
pub(super) mod lane;
pub(super) mod notice;
pub(super) mod paint;
pub(super) mod scrubber;
pub(super) mod sockets;
pub(super) mod source;
pub(super) mod step;
pub(super) mod tasks;
pub(super) mod turns;

use super::frame::TrackView;
use super::screen::Pane;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// A pane's title.
pub(super) fn title(shown: &TrackView, pane: Pane) -> String {
    match pane {
        Pane::Code => code::title(shown),
        Pane::Sockets => sockets::title(shown),
        Pane::Tasks => tasks::title(shown),
        Pane::Turns => "loop".into(),
        Pane::Events => events::title(shown),
        Pane::Findings => "findings".into(),
        Pane::Hand => "clients by hand".into(),
    }
}

/// What stands below a pane's title, as far as it finds room.
pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    pane: Pane,
    area: Rect,
) -> Vec<Line<'a>> {
    let (width, height) = (area.width.into(), area.height.into());
    match pane {
        Pane::Code => code::lines(shown, width, height),
        Pane::Sockets => sockets::lines(shown, width, height),
        Pane::Tasks => tasks::lines(shown, width, height),
        Pane::Turns => turns::lines(shown, width, height),
        Pane::Events => events::lines(shown, width, height),
        Pane::Findings => findings::lines(shown, width, height),
        Pane::Hand => hand::lines(shown, width, height),
    }
}
