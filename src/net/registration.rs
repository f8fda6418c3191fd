//! A socket's entry in a selector, and who may change it.

use crate::probe::SocketId;
use crate::system::lock;
use crossbeam_utils::atomic::AtomicCell;
use polling::Poller;
use socket2::Socket;
use std::io;
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

/// What a socket is watched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(align(2))]
pub struct Interest {
    /// Report input, an end of file or, for a listener, a new client.
    pub readable: bool,
    /// Report room for output, or an established connection.
    pub writable: bool,
}

const _: () = assert!(AtomicCell::<Option<Interest>>::is_lock_free());

/// Something a selector can watch.
pub trait Source {
    /// What it wants to be watched for right now.
    fn request(&mut self) -> WatchRequest<'_>;
}

/// What a selector needs to watch a [`Source`].
pub struct WatchRequest<'a> {
    /// The socket's number, under which the selector reports it.
    pub id: SocketId,
    /// The kinds of readiness to report.
    pub interest: Interest,
    /// When to report it even if it is not ready; `None`: never.
    pub deadline: Option<Instant>,
    /// The socket; `None` once it is closed.
    pub(super) socket: Option<&'a Arc<Socket>>,
    /// Where the selector keeps its registration.
    pub(super) registration: &'a mut Option<Arc<Registration>>,
}

/// A socket's entry in a selector. Its last owner takes the socket out of the
/// selector before it gives up its share of the socket.
pub struct Registration {
    pub(super) poller: Arc<Poller>,
    pub(super) socket: Arc<Socket>,
    /// `None`: the socket is not in the selector. It is read after each step of
    /// each client, without a lock, and changed only while `queued` is locked.
    pub(super) interest: AtomicCell<Option<Interest>>,
    /// The deadline that the selector queued last for this socket.
    pub(super) queued: Mutex<Option<Instant>>,
}

impl Registration {
    /// The source's entry, created if needed; `None` once it is closed.
    pub(super) fn of(
        poller: &Arc<Poller>,
        source: WatchRequest<'_>,
    ) -> Option<Arc<Self>> {
        let WatchRequest { socket, registration, .. } = source;
        let socket = socket?;
        let made = registration.get_or_insert_with(|| {
            Arc::new(Self {
                poller: poller.clone(),
                socket: socket.clone(),
                interest: AtomicCell::default(),
                queued: Mutex::default(),
            })
        });
        Some(made.clone())
    }

    /// Takes the socket out of the selector.
    pub(super) fn take_out(&self) -> io::Result<()> {
        let _changing = lock(&self.queued);
        if self.interest.load().is_some() {
            self.poller.delete(&*self.socket)?;
            self.interest.store(None);
        }
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // The socket is closed next, which takes it out in any case.
        let _ = self.take_out();
    }
}

/// A socket owned elsewhere, to be watched on its owner's behalf; it does
/// not keep the socket open.
#[derive(Clone)]
pub struct Watched {
    pub(super) id: SocketId,
    pub(super) entry: Weak<Registration>,
}

impl Watched {
    /// An entry under this number that refers to no socket.
    #[cfg(test)]
    pub(crate) const fn nothing(id: SocketId) -> Self {
        Self { id, entry: Weak::new() }
    }

    /// The socket's number.
    pub const fn id(&self) -> SocketId {
        self.id
    }
}
