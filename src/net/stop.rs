//! How a server is asked to stop, whatever it is asleep in.
//!
//! A signal alone ends no `accept`, `read` or wait (its handler is installed
//! with `SA_RESTART`, or runs in a thread of its own), so each kind of sleep
//! has its own way of being woken: the listening socket is shut down under a
//! blocked `accept`, a connection under a blocked `read`; a selector is
//! notified; an event loop is notified, too, and answers between two tasks; a
//! busy loop looks at the phase by itself. Where a socket that is shut down
//! wakes no thread, a connection to ourselves wakes `accept`, and a thread that
//! sleeps with a client checks from time to time.

use crate::probe::{
    ErrorNumber, NoProbe, Note, Operation, Phase, Probe, SocketId,
};
use crate::system::lock;
use crossbeam_utils::atomic::AtomicCell;
use socket2::Socket;
use std::collections::{BTreeMap, HashMap};
use std::net::Shutdown;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

type Waker = Box<dyn Fn() + Send + Sync>;

/// The way to ask one server to stop; shared by the server and its owner.
///
/// Its phase only moves forward, and each is entered once: the thread that
/// enters one reports it to a probe before the phase can be seen, so that notes
/// come in order, and what a probe counts at the beginning of a phase has not
/// ended yet.
#[derive(Default)]
pub struct Stop {
    phase: AtomicCell<Phase>,
    turn: Mutex<()>,
    deadline: OnceLock<Instant>,
    wakers: Mutex<Vec<Waker>>,
    sleepers: Mutex<HashMap<SocketId, Weak<Socket>>>,
    left_waiting: OnceLock<Option<u64>>,
    outages: Mutex<BTreeMap<Operation, ErrorNumber>>,
}

impl Stop {
    /// Creates the stop of a server that has not been asked to stop.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The phase that the server is in, from running to ended.
    pub fn phase(&self) -> Phase {
        self.phase.load()
    }

    /// When the grace period is over, for all connections alike; `None`
    /// unless the server was asked to stop.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline.get().copied()
    }

    /// How many clients waited to be accepted when the listener closed, and were
    /// reset by that. `None` before, and if the system does not report it.
    pub fn left_waiting(&self) -> Option<u64> {
        self.left_waiting.get().copied().flatten()
    }

    /// Sets [`left_waiting`](Self::left_waiting) if that has not been done, and
    /// returns the number only to the caller that has set it.
    pub(super) fn set_left_waiting(
        &self,
        count: impl FnOnce() -> Option<u64>,
    ) -> Option<u64> {
        let mut counted = None;
        self.left_waiting.get_or_init(|| {
            counted = count();
            counted
        });
        counted
    }

    /// Asks the server to refuse new clients, and to finish the ones it has
    /// by the one deadline that this sets. Only the first request counts.
    pub fn request(&self, grace: Duration) {
        self.request_until(|| Instant::now() + grace, &NoProbe);
    }

    /// As [`request`](Self::request), with a deadline of the program's clock,
    /// which is read after the phase is reported, so that the grace period is
    /// never shorter than the reported phases say.
    pub fn request_until<P: Probe>(
        &self,
        deadline: impl FnOnce() -> Instant,
        probe: &P,
    ) {
        self.enter_after(Phase::Refusing, || {
            probe.note(&Note::Phase(Phase::Refusing));
            let _ = self.deadline.set(deadline());
        });
    }

    /// Why the server cannot serve any client at present, or could not at its
    /// end: a call that every client needs keeps failing. `None` if it serves.
    pub fn outage(&self) -> Option<Outage> {
        let outages = lock(&self.outages);
        let (operation, error) = outages.first_key_value()?;
        Some(Outage { operation: *operation, error: *error })
    }

    /// Begins an outage, or ends it.
    pub(super) fn set_outage(
        &self,
        operation: Operation,
        error: Option<ErrorNumber>,
    ) {
        let mut outages = lock(&self.outages);
        if let Some(error) = error {
            outages.insert(operation, error);
        } else {
            outages.remove(&operation);
        }
    }

    /// Ends the grace period: every connection is closed.
    pub fn cut(&self) {
        self.enter(Phase::Cancelling, &NoProbe);
    }

    /// Enters the phase if it is still to come, and reports it first.
    pub fn enter<P: Probe>(&self, phase: Phase, probe: &P) {
        self.enter_after(phase, || probe.note(&Note::Phase(phase)));
    }

    /// Enters one phase at a time, so that they are reported in order.
    /// `Finishing` is entered only from `Refusing`, not after a cut.
    fn enter_after(&self, phase: Phase, report: impl FnOnce()) {
        let is_next = || match phase {
            Phase::Finishing => self.phase() == Phase::Refusing,
            _ => self.phase() < phase,
        };
        // A loop calls this in each turn: check without the lock first.
        if !is_next() {
            return;
        }
        let turn = lock(&self.turn);
        if !is_next() {
            return;
        }
        report();
        self.phase.store(phase);
        drop(turn);
        // No thread sleeps until the other phases.
        if matches!(phase, Phase::Refusing | Phase::Cancelling) {
            lock(&self.wakers).iter().for_each(|wake| wake());
        }
        if phase == Phase::Cancelling {
            let sleepers = lock(&self.sleepers);
            for socket in sleepers.values().filter_map(Weak::upgrade) {
                end_reads(&socket);
            }
        }
    }

    /// Has `wake` called when the server is asked to stop and when the grace
    /// period ends, and at once if either has happened. `wake` outlives the
    /// server, so it should own nothing of it.
    pub(crate) fn on_change(&self, wake: impl Fn() + Send + Sync + 'static) {
        let mut wakers = lock(&self.wakers);
        if self.phase() != Phase::Running {
            wake();
        }
        wakers.push(Box::new(wake));
    }

    /// Has the end of the grace period wake a thread asleep on this connection.
    pub(super) fn add_sleeper(&self, id: SocketId, socket: &Arc<Socket>) {
        let mut sleepers = lock(&self.sleepers);
        sleepers.insert(id, Arc::downgrade(socket));
        if self.phase() >= Phase::Cancelling {
            end_reads(socket);
        }
    }

    /// Forgets a connection that is closed.
    pub(super) fn remove_sleeper(&self, id: SocketId) {
        lock(&self.sleepers).remove(&id);
    }
}

/// A call of a server that keeps failing, so that no client can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} kept failing: {error}", operation.name())]
pub struct Outage {
    /// The call that keeps failing.
    pub operation: Operation,
    /// Its last error.
    pub error: ErrorNumber,
}

/// Wakes the thread that sleeps in a read or write; an error means that the
/// client is gone already.
fn end_reads(socket: &Socket) {
    let _ = socket.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Moment;
    use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

    const GRACE: Duration = Duration::from_secs(3600);

    /// What is seen when a phase is reported: which one, the phase before,
    /// and how many wake-ups there were.
    type Reports = Vec<(Phase, Phase, u8)>;

    #[derive(Clone)]
    struct Reporter {
        stop: Arc<Stop>,
        woken: Arc<AtomicU8>,
        reports: Arc<Mutex<Reports>>,
    }

    impl Probe for Reporter {
        type Mark = ();

        fn note_at(&self, note: &Note, _: &Moment) {
            let Note::Phase(phase) = *note else { panic!("{note:?}") };
            let seen = (phase, self.stop.phase(), self.woken.load(SeqCst));
            lock(&self.reports).push(seen);
        }
    }

    #[test]
    fn a_phase_is_entered_once_in_order_and_reported_before_it_is_seen() {
        let (stop, woken) = (Stop::new(), Arc::new(AtomicU8::new(0)));
        let count = woken.clone();
        stop.on_change(move || {
            count.fetch_add(1, SeqCst);
        });
        let reports = Arc::default();
        let probe = Reporter { stop: stop.clone(), woken, reports };
        let deadline = Instant::now() + GRACE;
        stop.enter(Phase::Finishing, &probe);
        assert_eq!(stop.phase(), Phase::Running, "no stop was requested");
        for _ in 0..2 {
            stop.request_until(|| deadline, &probe);
        }
        for phase in [Phase::Finishing, Phase::Cancelling, Phase::Ended] {
            stop.enter(phase, &probe);
            stop.enter(phase, &probe);
        }
        stop.enter(Phase::Cancelling, &probe);
        let expected = [
            (Phase::Refusing, Phase::Running, 0),
            (Phase::Finishing, Phase::Refusing, 1),
            (Phase::Cancelling, Phase::Finishing, 1),
            (Phase::Ended, Phase::Cancelling, 2),
        ];
        assert_eq!(*lock(&probe.reports), expected);
        assert_eq!(stop.phase(), Phase::Ended);
    }

    #[test]
    fn the_first_request_sets_the_one_deadline() {
        let stop = Stop::new();
        assert_eq!(stop.deadline(), None);
        stop.request(GRACE);
        let deadline = stop.deadline();
        stop.request(Duration::ZERO);
        assert!(deadline.is_some_and(|at| at > Instant::now()));
        assert_eq!(stop.deadline(), deadline);
        stop.cut();
        stop.enter(Phase::Finishing, &NoProbe);
        assert_eq!(stop.phase(), Phase::Cancelling, "it no longer finishes");
    }
}
