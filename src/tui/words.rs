//! Words that several panes use.

use crate::text::clean;
pub(super) use crate::units::show_clock as clock;
use crate::view::{HandState, SocketState};

/// What a socket is doing, in words.
pub(super) const fn state_words(state: SocketState) -> &'static str {
    match state {
        SocketState::Listening => "listening",
        SocketState::ClosedListener => "closed to new",
        SocketState::AsleepInRead => "asleep in read",
        SocketState::AsleepInWrite => "asleep in write",
        SocketState::Polled => "polled",
        SocketState::WaitingForReadable => "waiting for readable",
        SocketState::OutputPending => "output pending",
        SocketState::HalfClosed => "half-closed",
        SocketState::Served => "being served",
        SocketState::Failed => "failed, still open",
        SocketState::Reset => "reset",
        SocketState::Closed => "closed",
    }
}

/// How a client driven by hand is, in words.
pub(super) fn hand_words(state: &HandState) -> String {
    match state {
        HandState::Connecting => "connecting".into(),
        HandState::Open => "open".into(),
        HandState::HalfClosed => "half-closed".into(),
        HandState::EndedByServer => "ended by server".into(),
        HandState::Closed => "closed".into(),
        HandState::Reset => "reset".into(),
        HandState::Failed(why) => clean(why),
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
