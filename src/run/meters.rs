//! What can be measured while a run lasts, beside what the probe counts.

use crate::load::LiveLoad;
use crate::system::backlog;
use crate::system::ledger::ThreadLedger;
use crate::units::Nanos;
use crate::view::Measured;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// CPU time is read about this often.
const CPU_INTERVAL: Duration = Duration::from_millis(500);

/// The backlog is read about this often.
const BACKLOG_INTERVAL: Duration = Duration::from_millis(250);

/// Filled in by a run and read by others while it lasts; clones show the
/// same.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    /// What clients in a thread beside the server have done; clients in a
    /// process of their own report nothing before their end.
    pub load: LiveLoad,
    /// Whether all clients of the scenario have ended.
    pub clients_done: Arc<AtomicBool>,
    /// The server's own threads. The process has other threads, and may have
    /// other servers, so its own CPU time says nothing about one server.
    pub threads: ThreadLedger,
}

/// Reads the meters of a run, the costly ones not too often. How often is a
/// matter of real time: people connect while the program's clock stands.
#[derive(Debug)]
pub(super) struct MeterReader {
    meters: Meters,
    /// When CPU time was last read, and how much it was.
    sample: Option<(Instant, Duration)>,
    cpu: Option<f32>,
    /// When the backlog was last read, and how many clients were in it.
    backlog: Option<(Instant, Option<u64>)>,
}

impl MeterReader {
    pub(super) const fn new(meters: Meters) -> Self {
        Self { meters, sample: None, cpu: None, backlog: None }
    }

    /// What is measured now of a run whose server listens at `address`.
    pub(super) fn read(&mut self, address: Option<SocketAddr>) -> Measured {
        let before = self.sample.map(|(at, _)| at);
        if before.is_none_or(|at| at.elapsed() >= CPU_INTERVAL) {
            self.sample_cpu();
        }
        Measured {
            at: Nanos::ZERO,
            cpu: self.cpu,
            waiting: self.waiting(address),
            clients_done: self.meters.clients_done.load(Relaxed),
            load: self.meters.load.latest(),
        }
    }

    /// How many clients wait in the backlog, as of a moment ago.
    fn waiting(&mut self, address: Option<SocketAddr>) -> Option<u64> {
        if let Some((at, waiting)) = self.backlog
            && at.elapsed() < BACKLOG_INTERVAL
        {
            return waiting;
        }
        let waiting = address.and_then(backlog::waiting);
        self.backlog = Some((Instant::now(), waiting));
        waiting
    }

    fn sample_cpu(&mut self) {
        let now = Instant::now();
        let used = self.meters.threads.cpu_so_far();
        self.cpu = self.sample.zip(used).map(|((at, before), used)| {
            let time = now.duration_since(at).as_secs_f32();
            let share = used.saturating_sub(before).as_secs_f32() / time;
            // A change of less than a thousandth is not worth a new frame.
            (share * 1000.0).round() / 1000.0
        });
        self.cpu = self.cpu.filter(|cpu| cpu.is_finite());
        self.sample = used.map(|used| (now, used));
    }
}
