//! The clients driven by hand.

use super::table::{PaneColumn, PaneRows};
use crate::load::{HandClient, HandState};
use crate::text::clean;
use crate::tui::frame::{TrackView, put};
use crate::tui::theme::Role;
use crate::units::show_size;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Row, Widget as _};

#[rustfmt::skip]
static COLUMNS: [PaneColumn<HandClient>; 2] = [
    PaneColumn { heading: "", width: 3, from: 0, cell: |_, it| (Role::Text, format!("{:>2} ", it.number)) },
    PaneColumn { heading: "", width: 18, from: 0, cell: |_, it| (role(it), state(it)) },
];

pub(super) fn draw(shown: &TrackView, area: Rect, buffer: &mut Buffer) {
    let clients = &shown.scene.hand;
    if clients.is_empty() {
        let words = match &shown.scene.playback {
            Some(_) => "none: this run is over, and was recorded",
            None => "none yet: c connects one, i types a line to send",
        };
        return put(buffer, area, shown.say(Role::Dim, words));
    }
    let chosen = shown.track.hand_client(shown.scene);
    let place = clients.iter().position(|it| Some(it.number) == chosen);
    let room = usize::from(area.height);
    let first = (place.unwrap_or(0) + 1).saturating_sub(room);
    let pane = PaneRows::new(shown, COLUMNS.iter());
    let rows = clients.iter().skip(first).take(room).map(|client| {
        let mut cells = pane.cells(client);
        if Some(client.number) == chosen {
            let style = shown.look().style(Role::Selected);
            cells[0] = cells[0].clone().style(style);
        }
        let last = Line::from(vec![
            shown.say(Role::Dim, moved(client)),
            shown.say(Role::Quote, preview(&client.last_received)),
        ]);
        Row::new(cells.into_iter().chain([last.into()]))
    });
    pane.table(rows.collect()).render(area, buffer);
}

fn state(client: &HandClient) -> String {
    match (client.state, client.reading) {
        (HandState::Open | HandState::HalfClosed, false) => {
            format!("{}, not reading", client.state.words())
        }
        (state, _) => state.words(),
    }
}

fn moved(client: &HandClient) -> String {
    let (sent, received) = (client.sent, client.received);
    format!("{} out, {} in  ", show_size(sent), show_size(received))
}

const fn role(client: &HandClient) -> Role {
    match client.state {
        HandState::Connecting => Role::Ready,
        HandState::Open if client.reading => Role::Working,
        HandState::Open | HandState::HalfClosed => Role::Asleep,
        HandState::EndedByServer => Role::Text,
        HandState::Closed => Role::Dim,
        HandState::Reset | HandState::Failed(_) => Role::Bad,
    }
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
