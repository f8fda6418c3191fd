//! The portable selector, level-triggered.

use super::super::{Client, Interest, Ready, Selector};
use super::ReadyClient;
use crate::probe::{NoProbe, SocketId};
use std::io;
use std::time::Instant;

/// Waits for many clients' sockets.
pub struct ClientPoller {
    selector: Selector<NoProbe>,
    ready: Ready,
    named: Vec<SocketId>,
    /// Whether the last wait reached its time.
    late: bool,
}

impl ClientPoller {
    /// Creates a poller that watches nothing.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn new() -> io::Result<Self> {
        let selector = Selector::with_probe(NoProbe)?;
        let ready = Ready::new();
        Ok(Self { selector, ready, named: Vec::new(), late: false })
    }

    /// Watches a client that begins to connect, until it is dropped.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn add(&mut self, client: &mut Client) -> io::Result<()> {
        let interest = Interest { readable: false, writable: true };
        client.watch_for(interest, &mut self.selector)
    }

    /// Notes that the client is connected, and whether it has output that there
    /// was no room for.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn follow(
        &mut self,
        client: &mut Client,
        unsent: bool,
    ) -> io::Result<()> {
        let interest = Interest { readable: true, writable: unsent };
        client.watch_for(interest, &mut self.selector)
    }

    /// Collects the pending events, without waiting.
    ///
    /// # Errors
    /// What the system reports.
    pub fn look(&mut self) -> io::Result<()> {
        self.wait_until(Instant::now())
    }

    /// Waits for events, until this time at the latest.
    ///
    /// # Errors
    /// What the system reports.
    pub fn wait_until(&mut self, time: Instant) -> io::Result<()> {
        self.selector.wait_until(&mut self.ready, Some(time))?;
        self.named.clear();
        self.named.extend(self.ready.iter());
        self.late = Instant::now() >= time;
        Ok(())
    }

    /// The number of events of the last wait, its time included.
    pub fn count(&self) -> usize {
        self.named.len() + usize::from(self.late)
    }

    /// The client of the event at this index; `None` if it is the time. An end
    /// is found by reading: this selector reports it again and again.
    pub fn news(&self, at: usize) -> Option<ReadyClient> {
        let id = *self.named.get(at)?;
        Some(ReadyClient { id, ended: false })
    }
}
