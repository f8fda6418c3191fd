//! A socket's entry in a selector, and who may change it.

use crate::probe::SocketId;
use crate::system::lock;
use polling::Poller;
use socket2::Socket;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

/// What a socket is watched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Interest {
    /// For input, an end of file, or a new client.
    pub readable: bool,
    /// For room for output.
    pub writable: bool,
}

/// Something a selector can watch.
pub trait Source {
    /// The number under which it is reported.
    fn id(&self) -> SocketId;
    /// What it wants to be watched for right now.
    fn interest(&self) -> Interest;
    /// When it wants to be reported even if it is not ready.
    fn deadline(&self) -> Option<Instant>;
    /// The socket; `None` once it is closed.
    fn socket(&self) -> Option<&Arc<Socket>>;
    /// Where the selector keeps its registration.
    fn registration(&mut self) -> &mut Option<Registration>;
}

/// A socket's entry in a selector; dropping it takes the socket out.
pub struct Registration(pub(super) Arc<RegistrationEntry>);

/// Its last owner takes the socket out of the selector before it gives up
/// its share of the socket.
pub(super) struct RegistrationEntry {
    pub(super) poller: Arc<Poller>,
    pub(super) socket: Arc<Socket>,
    /// What it is watched for, as a number: a look at it, after each step of
    /// each client, takes no lock. It changes while `queued` is locked.
    interest: AtomicU8,
    /// When it is to be reported even if it is not ready.
    pub(super) queued: Mutex<Option<Instant>>,
}

/// Zero: it is not in the selector.
fn number(interest: Option<Interest>) -> u8 {
    interest.map_or(0, |it| {
        1 | u8::from(it.readable) << 1 | u8::from(it.writable) << 2
    })
}

impl RegistrationEntry {
    /// The source's entry, made if need be; `None` once it is closed.
    pub(super) fn of<S: Source>(
        poller: &Arc<Poller>,
        source: &mut S,
    ) -> Option<Arc<Self>> {
        if let Some(made) = source.registration() {
            return Some(made.0.clone());
        }
        let entry = Arc::new(Self {
            poller: poller.clone(),
            socket: source.socket()?.clone(),
            interest: AtomicU8::new(0),
            queued: Mutex::default(),
        });
        *source.registration() = Some(Registration(entry.clone()));
        Some(entry)
    }

    /// Whether the selector watches it for this; `None`: it has no entry.
    pub(super) fn is_for(&self, interest: Option<Interest>) -> bool {
        self.interest.load(Relaxed) == number(interest)
    }

    /// From now on the selector watches it for this.
    pub(super) fn set(&self, interest: Option<Interest>) {
        self.interest.store(number(interest), Relaxed);
    }

    pub(super) fn take_out(&self) {
        let _changing = lock(&self.queued);
        if !self.is_for(None) {
            self.set(None);
            // An error means that the entry is gone already.
            let _ = self.poller.delete(&*self.socket);
        }
    }
}

impl Drop for RegistrationEntry {
    fn drop(&mut self) {
        self.take_out();
    }
}

/// A socket owned elsewhere, to be watched on its owner's behalf; it does
/// not keep the socket open.
#[derive(Clone)]
pub struct Watched {
    id: SocketId,
    pub(super) entry: Weak<RegistrationEntry>,
}

impl Watched {
    /// No socket at all, under this number.
    #[cfg(test)]
    pub(crate) const fn nothing(id: SocketId) -> Self {
        Self { id, entry: Weak::new() }
    }

    /// The socket's number.
    pub const fn id(&self) -> SocketId {
        self.id
    }
}

/// Gives sockets an entry in a selector, before they are watched.
#[derive(Clone)]
pub struct Registrar {
    pub(super) poller: Arc<Poller>,
}

impl Registrar {
    /// The source's entry, made if need be; `None` once it is closed.
    pub fn entry<S: Source>(&self, source: &mut S) -> Option<Watched> {
        let entry = RegistrationEntry::of(&self.poller, source)?;
        Some(Watched { id: source.id(), entry: Arc::downgrade(&entry) })
    }
}
