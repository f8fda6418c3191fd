//! The panes, one file each, and what several of them share (`lane`, `moment`,
//! `source`, `step`, `table`). They turn a `Track` into lines of text.

pub(super) mod code;
pub(super) mod detail;
pub(super) mod events;
pub(super) mod glossary;
mod hand;
pub(super) mod header;
pub(super) mod help;
pub(super) mod lane;
pub(super) mod large;
pub(super) mod moment;
pub(super) mod narration;
pub(super) mod notice;
pub(super) mod scrubber;
pub(super) mod sockets;
mod source;
pub(super) mod step;
pub(super) mod table;
mod tasks;
pub(super) mod turns;

use super::context::Track;
use super::paint::put;
use super::screen::Pane;
use ratatui::prelude::{Buffer, Rect};

pub(super) fn title(run: &Track, pane: Pane) -> String {
    let mut parts = match pane {
        Pane::Code => code::title(run),
        Pane::Sockets => sockets::title(run),
        Pane::Tasks => tasks::title(run),
        Pane::Turns => vec!["loop".into()],
        Pane::Events => events::title(run),
        Pane::Findings => vec!["findings".into()],
        Pane::Hand => vec!["clients by hand".into()],
    };
    parts.retain(|it| !it.is_empty());
    parts.join(&format!(" {} ", run.look.glyphs.dot))
}

/// Draws the content of a pane below its title, as far as it fits.
pub(super) fn draw(run: &Track, pane: Pane, area: Rect, buffer: &mut Buffer) {
    let (width, height) = (area.width.into(), area.height.into());
    let lines = match pane {
        Pane::Sockets => return sockets::draw(run, area, buffer),
        Pane::Tasks => return tasks::draw(run, area, buffer),
        Pane::Code => code::lines(run, (width, height), false),
        Pane::Turns => turns::lines(run, width, height),
        Pane::Events => events::lines(run, width, height),
        Pane::Findings => events::findings(run, width, height),
        Pane::Hand => hand::lines(run, width, height),
    };
    put(buffer, area, lines);
}
