//! The clients driven by hand.

use crate::load::{HandClient, HandState};
use crate::text::{cut, padded, show_bytes};
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::TextRows;
use crate::units::show_size;
use ratatui::text::Line;

/// The width of the state.
const STATE: usize = 20;

pub(super) fn lines(run: &Track, width: usize, height: usize) -> TextRows {
    let clients = &run.scene.hand;
    if clients.is_empty() {
        let words = match run.scene.playback {
            Some(_) => "none: this run is over, and was recorded",
            None => {
                "none yet: {connect} connects one, {say} types a line to send"
            }
        };
        return vec![run.look.line(Role::Dim, run.keys.words(words))];
    }
    let chosen = run.state.hand_client(run.scene).map(|it| it.number);
    let place = clients.iter().position(|it| Some(it.number) == chosen);
    let first = (place.unwrap_or(0) + 1).saturating_sub(height);
    let lines = clients.iter().skip(first).map(|it| {
        let ((role, state), marked) = (state(it), [Role::Selected; 2]);
        let is_chosen = Some(it.number) == chosen;
        let roles = if is_chosen { marked } else { [Role::Text, role] };
        let (sent, received) = (show_size(it.sent), show_size(it.received));
        let unsent = match it.unsent {
            0 => String::new(),
            left => format!("{} left, ", show_size(left as u64)),
        };
        let moved = format!("{sent} out, {unsent}{received} in  ");
        let mut line = Line::from(vec![
            run.say(roles[0], format!("{:>2}  ", it.number)),
            run.say(roles[1], padded(&state, STATE)),
            run.say(Role::Dim, moved),
        ]);
        let room = width.saturating_sub(line.width());
        let received = show_bytes(&it.last_received);
        let received = cut(&received, room, run.look.glyphs.more);
        line.push_span(run.say(Role::Quote, received));
        line
    });
    lines.collect()
}

/// The state of a client driven by hand, and its role.
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
