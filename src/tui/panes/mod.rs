//! The panes, one file each: what is shown in, lines of text out.

pub(super) mod code;
pub(super) mod detail;
mod events;
pub(super) mod findings;
mod hand;
pub(super) mod header;
pub(super) mod help;
pub(super) mod lane;
pub(super) mod notice;
pub(super) mod scrubber;
pub(super) mod sockets;
mod source;
pub(super) mod step;
mod table;
mod tasks;
pub(super) mod turns;

use super::frame::{TrackView, put};
use super::screen::Pane;
use code::CodePlace;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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

/// Draws what stands below a pane's title, as far as it finds room.
pub(super) fn draw(
    shown: &TrackView,
    pane: Pane,
    area: Rect,
    buffer: &mut Buffer,
) {
    let (width, height) = (area.width.into(), area.height.into());
    let lines = match pane {
        Pane::Sockets => return sockets::draw(shown, area, buffer),
        Pane::Tasks => return tasks::draw(shown, area, buffer),
        Pane::Hand => return hand::draw(shown, area, buffer),
        Pane::Code => code::lines(shown, CodePlace::Pane, width, height),
        Pane::Turns => turns::lines(shown, width, height),
        Pane::Events => events::lines(shown, width, height),
        Pane::Findings => findings::lines(shown, width, height),
    };
    put(buffer, area, lines);
}
