//! What the screen shows beside what the probe is told.

use crate::load::LoadSoFar;
use crate::run::meters::Meters;
use crate::system::usage::ThreadClock;
use crate::system::{backlog, usage};
use crate::view::{EchoTimes, Measured};
use std::net::SocketAddr;
use std::time::Duration;

/// CPU time is read about so often.
const SAMPLED: Duration = Duration::from_millis(500);

/// The backlog is read about so often.
const LOOKED: Duration = Duration::from_millis(250);

/// Reads the meters of a run.
pub(super) struct Measure {
    meters: Meters,
    one_thread: bool,
    /// When CPU time was last read, and how much it was.
    sample: Option<(Duration, Duration)>,
    cpu: Option<f32>,
    /// Where the server listens, once it does.
    pub(super) listener: Option<SocketAddr>,
    /// When the backlog was last read, and how many were in it.
    backlog: Option<(Duration, Option<u64>)>,
    /// Kept because it cannot be read once their thread is over.
    clients: Duration,
}

impl Measure {
    pub(super) fn new(meters: Meters, one_thread: bool) -> Self {
        let clients = Duration::ZERO;
        Self {
            meters,
            one_thread,
            sample: None,
            cpu: None,
            listener: None,
            backlog: None,
            clients,
        }
    }

    /// What there is to show at this moment of the run.
    pub(super) fn read(&mut self, now: Duration) -> Measured {
        let before = self.sample.map(|(at, _)| at);
        if before.is_none_or(|at| now.saturating_sub(at) >= SAMPLED) {
            self.sample_cpu(now);
        }
        let load = self.meters.load.latest();
        Measured {
            cpu: self.cpu,
            waiting: self.waiting(now),
            connected: load.as_ref().map(|load| load.connected),
            names: self.meters.load.names(),
            echo: load.and_then(echo_times),
        }
    }

    /// How many clients wait in the backlog, as of a moment ago.
    fn waiting(&mut self, now: Duration) -> Option<u64> {
        let fresh = |at: Duration| now.saturating_sub(at) < LOOKED;
        if let Some((_, waiting)) = self.backlog.filter(|(at, _)| fresh(*at)) {
            return waiting;
        }
        let waiting = self.listener.and_then(backlog::waiting);
        self.backlog = Some((now, waiting));
        waiting
    }

    fn sample_cpu(&mut self, now: Duration) {
        let used = self.used();
        self.cpu = self.sample.zip(used).map(|((at, before), used)| {
            let time = now.saturating_sub(at).as_secs_f32();
            let share = used.saturating_sub(before).as_secs_f32() / time;
            // Less than a thousandth is no reason to draw anew.
            (share * 1000.0).round() / 1000.0
        });
        self.sample = used.map(|used| (now, used));
    }

    /// The CPU time of the server so far: that of its threads where they
    /// are known, or what the whole process used less what other threads of
    /// it did.
    fn used(&mut self) -> Option<Duration> {
        if let Some(threads) = &self.meters.threads {
            return threads.cpu_so_far();
        }
        if self.one_thread {
            return self.meters.server.read();
        }
        if !ThreadClock::IS_TOLD {
            return None;
        }
        let read = self.meters.clients.read();
        self.clients = read.unwrap_or(self.clients);
        // Whoever reads this draws the screen, too.
        let (process, own) = (usage::of_process()?, usage::of_thread()?);
        let server = process - own - self.meters.of_recording();
        Some((server.user + server.system).saturating_sub(self.clients))
    }
}

fn echo_times(load: LoadSoFar) -> Option<EchoTimes> {
    (load.echo_time.count > 0).then(|| EchoTimes {
        p50: Duration::from_nanos(load.echo_time.p50_ns),
        p99: Duration::from_nanos(load.echo_time.p99_ns),
        histogram: load.classes,
    })
}
