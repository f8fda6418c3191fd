//! The clients driven by hand.

use crate::text::cut;
use crate::text::padded;
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::tui::words::{hand_words, preview};
use crate::units::show_size;
use crate::view::{HandClient, HandState};
use ratatui::text::Line;

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let clients = shown.scene.hand;
    if clients.is_empty() {
        let words = match shown.scene.playback {
            Some(_) => "none: this run is over, and was recorded",
            None => "none yet: c connects one, i types a line to send",
        };
        return vec![shown.say(Role::Dim, words).into()];
    }
    let chosen = shown.track.hand_client(shown.scene);
    let place = clients.iter().position(|it| Some(it.id) == chosen);
    let first = (place.unwrap_or(0) + 1).saturating_sub(height);
    let visible = clients.iter().skip(first).take(height);
    let row = |it: &HandClient| row(shown, it, Some(it.id) == chosen, width);
    visible.map(row).collect()
}

fn row<'a>(
    shown: &TrackView<'a>,
    client: &HandClient,
    chosen: bool,
    width: usize,
) -> Line<'a> {
    let id = format!("{:>2} ", client.id.0);
    let role = if chosen { Role::Selected } else { Role::Text };
    let state = match (&client.state, client.reads) {
        (HandState::Open | HandState::HalfClosed, false) => {
            format!("{}, not reading", hand_words(&client.state))
        }
        (state, _) => hand_words(state),
    };
    let moved = format!(
        "{} out, {} in  ",
        show_size(client.sent),
        show_size(client.received)
    );
    let room = width.saturating_sub(3 + 20 + moved.len());
    let heard = preview(&client.heard);
    let heard = cut(&heard, room, shown.look().glyphs.more);
    Line::from(vec![
        shown.say(role, id),
        shown.say(state_role(client), padded(&format!(" {state}"), 20)),
        shown.say(Role::Dim, moved),
        shown.say(Role::Quote, heard),
    ])
}

const fn state_role(client: &HandClient) -> Role {
    match client.state {
        HandState::Connecting => Role::Ready,
        HandState::Open if client.reads => Role::Working,
        HandState::Open | HandState::HalfClosed => Role::Asleep,
        HandState::EndedByServer => Role::Text,
        HandState::Closed => Role::Dim,
        HandState::Reset | HandState::Failed(_) => Role::Bad,
    }
}
