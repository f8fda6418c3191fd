//! What each connection has sent last, for the screen.

use super::SharedProbe;
use super::chunks::Chunks;
use super::event::{Call, Exit, Note, SocketId};
use std::sync::{Mutex, PoisonError};

/// How many bytes of a read are kept, at most.
const PREVIEWED: usize = 96;

/// How many sockets have a preview.
const KEPT: usize = 4_096;

/// The last bytes that each of the first connections has sent.
///
/// Nothing is kept of what came before. A read does not wait for a thread
/// that is looking at its connection: what it brought is then missing here.
pub struct Preview {
    sockets: Chunks<Mutex<Last>>,
}

struct Last {
    bytes: [u8; PREVIEWED],
    length: usize,
}

impl Default for Last {
    fn default() -> Self {
        Self { bytes: [0; PREVIEWED], length: 0 }
    }
}

impl Default for Preview {
    fn default() -> Self {
        Self { sockets: Chunks::with_limit(KEPT) }
    }
}

impl Preview {
    /// The end of what the socket's last read brought.
    pub fn of(&self, socket: SocketId) -> Vec<u8> {
        let Some(slot) = self.sockets.get(socket.0 as usize) else {
            return Vec::new();
        };
        let last = slot.lock().unwrap_or_else(PoisonError::into_inner);
        last.bytes[..last.length].to_vec()
    }
}

impl SharedProbe for Preview {
    type Mark = ();

    fn enter(&self, _: &Call) {}
    fn exit(&self, _: &Call, (): (), _: Exit) {}
    fn note(&self, _: &Note) {}

    fn received(&self, socket: SocketId, bytes: &[u8]) {
        let Some(slot) = self.sockets.make(socket.0 as usize) else { return };
        let Ok(mut last) = slot.try_lock() else { return };
        last.length = bytes.len().min(PREVIEWED);
        let (length, from) = (last.length, bytes.len() - last.length);
        last.bytes[..length].copy_from_slice(&bytes[from..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_last_read_is_kept() {
        let (preview, socket) = (Preview::default(), SocketId(3));
        assert_eq!(preview.of(socket), b"");
        preview.received(socket, b"the first line\n");
        preview.received(socket, b"hi");
        assert_eq!(preview.of(socket), b"hi");
        let long: Vec<u8> = (0..=255).collect();
        preview.received(socket, &long);
        assert_eq!(preview.of(socket), &long[256 - PREVIEWED..]);
        assert_eq!(preview.of(SocketId(4)), b"");
        preview.received(SocketId(u32::MAX), b"no room for it");
    }
}
