//! The clients driven by hand.

use super::{PaneColumn, PaneTable};
use crate::load::{HandClient, HandState};
use crate::text::clean;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::put;
use crate::units::show_size;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

#[rustfmt::skip]
static COLUMNS: [PaneColumn<HandClient>; 2] = [
    PaneColumn { heading: "", width: 3, from: 0, cell: |_, it| (Role::Text, format!("{:>2} ", it.number)) },
    PaneColumn { heading: "", width: 19, from: 0, cell: |_, it| state(it) },
];

pub(super) fn draw(run: &Track, area: Rect, buffer: &mut Buffer) {
    let clients = &run.scene.hand;
    if clients.is_empty() {
        let words = match run.scene.playback {
            Some(_) => "none: this run is over, and was recorded",
            None => "none yet: c connects one, i types a line to send",
        };
        return put(buffer, area, run.say(Role::Dim, words));
    }
    let chosen = run.state.hand_client(run.scene).map(|it| it.number);
    let place = clients.iter().position(|it| Some(it.number) == chosen);
    let first = (place.unwrap_or(0) + 1).saturating_sub(area.height.into());
    let table = PaneTable { run, columns: COLUMNS.iter().collect() };
    let rows = clients.iter().skip(first).map(|it| {
        let (sent, received) = (show_size(it.sent), show_size(it.received));
        let moved = format!("{sent} out, {received} in  ");
        let heard = run.say(Role::Quote, preview(&it.last_received));
        let last = Line::from(vec![run.say(Role::Dim, moved), heard]);
        let is_chosen = Some(it.number) == chosen;
        table.row(it, is_chosen.then_some(Role::Selected), last)
    });
    table.widget(rows.collect(), None).render(area, buffer);
}

/// How a client driven by hand is.
fn state(client: &HandClient) -> (Role, String) {
    let is_open =
        matches!(client.state, HandState::Open | HandState::HalfClosed);
    let stops = if is_open && !client.reading { ", not reading" } else { "" };
    let role = match client.state {
        HandState::Connecting => Role::Ready,
        HandState::Open if client.reading => Role::Working,
        HandState::Open | HandState::HalfClosed => Role::Asleep,
        HandState::EndedByServer => Role::Text,
        HandState::Closed => Role::Dim,
        HandState::Reset | HandState::Failed(_) => Role::Bad,
    };
    (role, client.state.words() + stops)
}

/// The last bytes of something, as text that steers no terminal: bytes that
/// are no text are escaped, too.
pub(super) fn preview(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(&clean(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
        text
    })
}
