//! Between the screen's clients by hand and those that the load drives.

use crate::load::{self, Hand};
use crate::tui::Effect;
use crate::view::{HandClient, HandId, HandState};
use std::io::ErrorKind;

/// Tells a client by hand what to do.
pub(super) fn direct(hand: &Hand, effect: Effect) -> Result<(), load::Refusal> {
    match effect {
        Effect::Connect => hand.connect().map(drop),
        Effect::Say { client, text, newline } => {
            let end = if newline { "\n" } else { "" };
            hand.say(client.0, (text + end).as_bytes())
        }
        Effect::StopReading(client) => hand.set_reading(client.0, false),
        Effect::StartReading(client) => hand.set_reading(client.0, true),
        Effect::HalfClose(client) => hand.half_close(client.0),
        Effect::Close(client) => hand.close(client.0),
        Effect::Reset(client) => hand.reset(client.0),
        Effect::Boom(client) => hand.say(client.0, b"boom\n"),
        _ => Ok(()),
    }
}

pub(super) fn hand_client(client: load::HandClient) -> HandClient {
    HandClient {
        id: HandId(client.number),
        address: client.local_addr,
        state: match client.state {
            load::HandState::Connecting => HandState::Connecting,
            load::HandState::Open => HandState::Open,
            load::HandState::HalfClosed => HandState::HalfClosed,
            load::HandState::Closed => HandState::Closed,
            load::HandState::EndedByServer => HandState::EndedByServer,
            load::HandState::Reset
            | load::HandState::Failed(ErrorKind::ConnectionReset) => {
                HandState::Reset
            }
            state @ load::HandState::Failed(_) => {
                HandState::Failed(state.words())
            }
        },
        reads: client.reading,
        sent: client.sent,
        received: client.received,
        heard: client.last_received,
    }
}
