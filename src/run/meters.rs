//! What is measured during a run, besides what the probe counts.

use crate::load::LiveLoad;
use crate::system::backlog;
use crate::system::ledger::ThreadLedger;
use crate::units::Nanos;
use crate::view::Measured;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The time between two readings of CPU time, at least.
const CPU_INTERVAL: Duration = Duration::from_millis(500);

/// The time between two readings of the backlog, at least.
const BACKLOG_INTERVAL: Duration = Duration::from_millis(250);

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
    /// When the backlog was last read, and how many clients were in it.
    backlog: Option<(Instant, Option<u64>)>,
}

impl MeterReader {
    /// The present figures of a run whose server listens at `address`.
    pub(super) fn read(
        &mut self,
        meters: &Meters,
        address: Option<SocketAddr>,
    ) -> Measured {
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
        if self.backlog.is_none_or(|(at, _)| is_old(at, BACKLOG_INTERVAL)) {
            self.backlog = Some((now, address.and_then(backlog::waiting)));
        }
        Measured {
            at: Nanos::ZERO,
            cpu: self.cpu,
            waiting: self.backlog.and_then(|it| it.1),
            clients_done: meters.clients_done.load(Relaxed),
            load: meters.load.latest(),
        }
    }
}
