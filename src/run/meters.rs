//! What is measured during a run, besides what the probe counts.

use crate::load::LiveLoad;
use crate::probe::Clock;
use crate::system::ledger::ThreadLedger;
use crate::system::queues::{self, KernelQueues, KernelTable};
use crate::units::Nanos;
use crate::view::Measured;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The time between two readings of CPU time, at least.
const CPU_INTERVAL: Duration = Duration::from_millis(500);

/// The time between two readings of the kernel's queues, at least.
const QUEUES_INTERVAL: Duration = Duration::from_millis(100);

/// The time between two readings of the backlog alone, which is cheap, while
/// all queues are read more rarely.
const BACKLOG_INTERVAL: Duration = Duration::from_millis(250);

/// Reading the kernel's queues takes at most one part in this many of a
/// processor's time.
const QUEUES_PART: u32 = 100;

/// Filled in by a run and read by other threads meanwhile. Clones share the
/// same values.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    /// Intermediate results of clients in this process; clients in another
    /// process report nothing before their end.
    pub load: LiveLoad,
    /// Whether all clients of the scenario have ended.
    pub clients_done: Arc<AtomicBool>,
    /// The server's own threads. CPU time of the whole process would include
    /// other threads and other servers.
    pub threads: ThreadLedger,
}

/// Reads the meters of a run, the costly ones at intervals of real time:
/// clients can connect while the run's clock stands.
#[derive(Debug, Default)]
pub(super) struct MeterReader {
    /// When CPU time was last read, and its value.
    sample: Option<(Instant, Duration)>,
    cpu: Option<f32>,
    /// What the kernel held for the server at the last reading; `None` before
    /// the first, and if the system does not provide it.
    pub(super) kernel: Option<KernelReading>,
    /// When the next readings are due, of all and of the backlog alone; `None`:
    /// at once.
    kernel_due: Option<[Instant; 2]>,
}

/// What the kernel held for the server when it was last read.
#[derive(Clone, Debug, Default)]
pub struct KernelReading {
    /// When it was read, by the run's clock: what happened later is not in it.
    pub at: Nanos,
    /// How many clients are in the listener's backlog, by a later reading if
    /// that is due earlier; `None` without one.
    backlog: Option<u64>,
    /// The same pointer as before if nothing has changed.
    pub queues: Arc<KernelQueues>,
}

impl MeterReader {
    /// The present figures of a run, without those of the kernel.
    pub(super) fn read(&mut self, meters: &Meters) -> Measured {
        let now = Instant::now();
        let is_old = |at: Instant, interval| now.duration_since(at) >= interval;
        if self.sample.is_none_or(|(at, _)| is_old(at, CPU_INTERVAL)) {
            let used = meters.threads.cpu_so_far();
            let share = self.sample.zip(used).map(|((at, before), used)| {
                let time = now.duration_since(at).as_secs_f32();
                used.saturating_sub(before).as_secs_f32() / time
            });
            // A change of less than a thousandth does not need a new frame.
            let share = share.map(|it| (it * 1000.0).round() / 1000.0);
            self.cpu = share.filter(|cpu| cpu.is_finite());
            self.sample = used.map(|used| (now, used));
        }
        Measured {
            at: Nanos::ZERO,
            cpu: self.cpu,
            waiting: self.kernel.as_ref().and_then(|it| it.backlog),
            clients_done: meters.clients_done.load(Relaxed),
            load: meters.load.latest(),
        }
    }

    /// Reads what the kernel holds for the server at this address, if that is
    /// due, while `runs` of them share the time that readings may take. If it
    /// cannot be read now, as there are no descriptors left, the last reading
    /// stays.
    pub(super) fn read_kernel(
        &mut self,
        address: SocketAddr,
        runs: u32,
        clock: &Clock,
    ) {
        if let Some([due, backlog_due]) = &mut self.kernel_due
            && let now = Instant::now()
            && now < *due
        {
            if let Some(kernel) = &mut self.kernel
                && now >= *backlog_due
            {
                let read = queues::backlog(address);
                kernel.backlog = read.or(kernel.backlog);
                *backlog_due = now + BACKLOG_INTERVAL;
            }
            return;
        }
        let at = clock.elapsed().duration();
        let table = queues::read(address);
        let cost = table.as_ref().map_or(Duration::ZERO, |it| it.cost);
        let rest = (cost * QUEUES_PART * runs).max(QUEUES_INTERVAL);
        let now = Instant::now();
        self.kernel_due = Some([now + rest, now + BACKLOG_INTERVAL]);
        if let Some(table) = table {
            self.set_kernel(at, table);
        }
    }

    /// Of a run that is over, the kernel holds nothing any more.
    pub(super) fn end_kernel(&mut self, clock: &Clock) {
        let was = self.kernel.as_ref();
        let is_new = was.is_some_and(|it| *it.queues != KernelQueues::new());
        if is_new {
            self.set_kernel(clock.elapsed().duration(), KernelTable::default());
        }
    }

    fn set_kernel(&mut self, at: Duration, table: KernelTable) {
        let KernelTable { backlog, queues, .. } = table;
        let before = self.kernel.take().map(|it| it.queues);
        let same = before.filter(|it| **it == queues);
        let queues = same.unwrap_or_else(|| queues.into());
        self.kernel = Some(KernelReading { at: at.into(), backlog, queues });
    }
}
