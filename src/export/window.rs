//! Which part of a recording is wanted, and who is at the other end.

use super::ExportSubject;
use crate::probe::{Event, KEPT_SOCKETS, Note, SocketId};
use crate::recording::{self, Cursor, Recording};
use crate::view::Known;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

impl ExportSubject<'_> {
    /// The first record that may matter.
    ///
    /// # Errors
    /// If what this needs of the recording is damaged.
    pub(super) fn start(&self) -> Result<Cursor, recording::Error> {
        if self.from.is_zero() {
            return Ok(self.recording.from_start());
        }
        self.recording.from_time(self.from)
    }

    /// Whether an event is wanted: it was not over before the window and did
    /// not begin behind it.
    pub(super) fn wants(&self, event: &Event) -> bool {
        event.at() >= self.from.into() && began(event) <= self.until
    }

    /// Whether a moment is in the window.
    pub(super) fn has(&self, at: Duration) -> bool {
        self.from <= at && at <= self.until
    }
}

/// When what an event tells of began.
const fn began(event: &Event) -> Duration {
    match *event {
        Event::Exit { entered, .. } => entered.duration(),
        Event::Idle { since, .. } => since.duration(),
        Event::Enter { at, .. } | Event::Note { at, .. } => at.duration(),
    }
}

/// Who is at the other end of the open connections, and what the clients are
/// called.
pub(super) struct Peers {
    addresses: HashMap<SocketId, SocketAddr>,
    names: Arc<HashMap<SocketAddr, String>>,
}

impl Peers {
    /// Those that are known at a place of the recording. The name of a client
    /// is recorded a little after its connection, so the names known at the end
    /// are used from the beginning.
    pub(super) fn known(recording: &Recording, here: &Known) -> Self {
        let sockets = &here.counters.sockets;
        let open = sockets.iter().filter(|it| it.end.is_none());
        let addresses = open.filter_map(|it| Some((it.id, it.peer?)));
        let end = recording.from_event(recording.events());
        let names = end.map_or_else(
            |_| here.names.clone(),
            |end| end.known().names.clone(),
        );
        Self { addresses: addresses.collect(), names }
    }

    /// Must be called before the next event is written.
    pub(super) fn before(&mut self, event: &Event) {
        if let Event::Note { note: Note::Opened { socket, peer }, .. } = event
            && let Some(peer) = peer
            && self.addresses.len() < KEPT_SOCKETS
        {
            self.addresses.insert(*socket, *peer);
        }
    }

    /// After it was.
    pub(super) fn after(&mut self, event: &Event) {
        if let Event::Note { note: Note::Closed { socket, .. }, .. } = event {
            self.addresses.remove(socket);
        }
    }

    /// The other end of a connection that is open.
    pub(super) fn address(&self, socket: SocketId) -> Option<SocketAddr> {
        self.addresses.get(&socket).copied()
    }

    /// What the client at an address is called.
    pub(super) fn name(&self, address: SocketAddr) -> Option<&str> {
        self.names.get(&address).map(String::as_str)
    }
}
