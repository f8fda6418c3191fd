//! A server in a thread of its own.

use super::GRACE;
use super::patience::{LIMIT, wait_for};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::{
    Class, End, Kind, NoProbe, Probe, SocketCount, Tally, TaskNow,
};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A running server; dropping it stops it and waits for its end.
pub(crate) struct Server {
    pub(crate) mode: Mode,
    pub(crate) address: SocketAddr,
    pub(crate) stop: Arc<Stop>,
    pub(crate) tally: Arc<Tally>,
    result: Option<Receiver<io::Result<()>>>,
}

impl Server {
    /// A server of this mode, its calls counted.
    pub(crate) fn start(mode: Mode, settings: &ServerOptions) -> Self {
        Self::observed(mode, settings, |_| NoProbe)
    }

    /// The same with one more probe, which may look at the tally.
    pub(crate) fn observed<P: Probe>(
        mode: Mode,
        settings: &ServerOptions,
        probe: impl FnOnce(&Arc<Tally>) -> P,
    ) -> Self {
        let (server, begin) = Self::held(mode, settings, probe);
        begin.send(()).unwrap();
        server
    }

    /// The same, listening but not serving before a message says so.
    pub(crate) fn held<P: Probe>(
        mode: Mode,
        settings: &ServerOptions,
        probe: impl FnOnce(&Arc<Tally>) -> P,
    ) -> (Self, Sender<()>) {
        let tally = Arc::new(Tally::default());
        let probe = (tally.clone(), probe(&tally));
        let stop = Stop::new();
        let listener = Listener::bind(settings, &stop, probe).unwrap();
        let address = listener.local_addr().unwrap();
        let (begin, to_begin) = channel();
        let (done, result) = channel();
        thread::spawn(move || {
            let _ = to_begin.recv();
            done.send(mode.serve(listener))
        });
        let result = Some(result);
        (Self { mode, address, stop, tally, result }, begin)
    }

    /// Waits until this many clients have been accepted.
    pub(crate) fn wait_for_clients(&self, count: u64) {
        wait_for("clients are accepted", || {
            self.tally.snapshot().connections >= count
        });
    }

    /// Waits until the connection has ended, and says how.
    pub(crate) fn wait_for_end(&self, id: u32) -> End {
        wait_for("the connection ends", || self.socket(id).end.is_some());
        self.socket(id).end.unwrap()
    }

    /// Whether this client was accepted and has ended.
    pub(crate) fn is_over(&self, id: u32) -> bool {
        let counts = self.tally.snapshot().sockets;
        counts.iter().any(|it| it.id.0 == id && it.end.is_some())
    }

    /// What a socket has done so far, by its number.
    pub(crate) fn socket(&self, id: u32) -> SocketCount {
        let counts = self.tally.snapshot().sockets;
        counts.into_iter().find(|count| count.id.0 == id).unwrap()
    }

    /// Turns of the loop so far.
    pub(crate) fn iterations(&self) -> u64 {
        self.tally.snapshot().hits(self.mode.loop_call())
    }

    /// Whether the server waits for the client to read: it is asleep in a
    /// write to it, or holds as much for it as it may.
    pub(crate) fn is_stalled(&self, id: u32, limit: usize) -> bool {
        let now = self.tally.snapshot();
        let asleep = now.threads.iter().any(|thread| {
            let write = (thread.kind, thread.socket.0) == (Kind::Write, id);
            write && thread.in_call && self.mode <= Mode::Blocking
        });
        let paused = now.tasks.iter().any(|task| {
            matches!(task.now, TaskNow::Paused { kind, socket, .. }
                if (kind, socket.0) == (Kind::Write, id))
        });
        let asleep = asleep || paused;
        let held = now.sockets.iter().find(|count| count.id.0 == id);
        asleep || held.is_some_and(|held| held.pending_bytes as usize == limit)
    }

    /// How many reads have brought bytes.
    pub(crate) fn reads_with_bytes(&self) -> u64 {
        self.tally.snapshot().count(Kind::Read, Class::Bytes)
    }

    /// Whether `serve` has returned, which drops the server's probe.
    pub(crate) fn has_returned(&self) -> bool {
        Arc::strong_count(&self.tally) == 1
    }

    /// Waits until `serve` has returned; it was asked to stop before.
    pub(crate) fn wait_for_return(&mut self) {
        let result = self.result.take().unwrap();
        let served = result.recv_timeout(LIMIT).expect("serve returns");
        served.unwrap();
    }

    /// Stops it with no grace and waits for its end.
    pub(crate) fn end(&mut self) {
        self.stop.request(GRACE);
        self.stop.cut();
        self.wait_for_return();
    }
}

impl From<&Server> for SocketAddr {
    fn from(server: &Server) -> Self {
        server.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.result.is_some() && !thread::panicking() {
            self.end();
        }
        self.stop.cut();
    }
}
