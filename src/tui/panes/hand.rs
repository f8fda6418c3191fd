//! The clients driven by hand.

use super::table::{PaneColumn, PaneRows};
use crate::text::clean;
use crate::tui::frame::{TrackView, put};
use crate::tui::theme::Role;
use crate::units::show_size;
use crate::view::{HandClientState, HandClientView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Row, Widget as _};

#[rustfmt::skip]
static COLUMNS: [PaneColumn<HandClientView>; 2] = [
    PaneColumn { heading: "", width: 3, from: 0, cell: |_, it| (Role::Text, format!("{:>2} ", it.id.0)) },
    PaneColumn { heading: "", width: 18, from: 0, cell: |_, it| (role(it), state(it)) },
];

pub(super) fn draw(shown: &TrackView, area: Rect, buffer: &mut Buffer) {
    let clients = shown.scene.hand;
    if clients.is_empty() {
        let words = match shown.scene.playback {
            Some(_) => "none: this run is over, and was recorded",
            None => "none yet: c connects one, i types a line to send",
        };
        return put(buffer, area, shown.say(Role::Dim, words));
    }
    let chosen = shown.track.hand_client(shown.scene);
    let place = clients.iter().position(|it| Some(it.id) == chosen);
    let room = usize::from(area.height);
    let first = (place.unwrap_or(0) + 1).saturating_sub(room);
    let pane = PaneRows::new(shown, COLUMNS.iter());
    let rows = clients.iter().skip(first).take(room).map(|client| {
        let mut cells = pane.cells(client);
        if Some(client.id) == chosen {
            let style = shown.look().style(Role::Selected);
            cells[0] = cells[0].clone().style(style);
        }
        let last = Line::from(vec![
            shown.say(Role::Dim, moved(client)),
            shown.say(Role::Quote, preview(&client.heard)),
        ]);
        Row::new(cells.into_iter().chain([last.into()]))
    });
    pane.table(rows.collect()).render(area, buffer);
}

fn state(client: &HandClientView) -> String {
    match (&client.state, client.reads) {
        (HandClientState::Open | HandClientState::HalfClosed, false) => {
            format!("{}, not reading", hand_words(&client.state))
        }
        (state, _) => hand_words(state),
    }
}

fn moved(client: &HandClientView) -> String {
    let (sent, received) = (client.sent, client.received);
    format!("{} out, {} in  ", show_size(sent), show_size(received))
}

const fn role(client: &HandClientView) -> Role {
    match client.state {
        HandClientState::Connecting => Role::Ready,
        HandClientState::Open if client.reads => Role::Working,
        HandClientState::Open | HandClientState::HalfClosed => Role::Asleep,
        HandClientState::EndedByServer => Role::Text,
        HandClientState::Closed => Role::Dim,
        HandClientState::Reset | HandClientState::Failed(_) => Role::Bad,
    }
}

/// How a client driven by hand is, in words.
fn hand_words(state: &HandClientState) -> String {
    match state {
        HandClientState::Connecting => "connecting".into(),
        HandClientState::Open => "open".into(),
        HandClientState::HalfClosed => "half-closed".into(),
        HandClientState::EndedByServer => "ended by server".into(),
        HandClientState::Closed => "closed".into(),
        HandClientState::Reset => "reset".into(),
        HandClientState::Failed(why) => clean(why),
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
