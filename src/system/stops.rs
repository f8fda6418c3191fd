//! The stops of this process (SIGTSTP, SIGSTOP), and the time without them.
//!
//! A stop by SIGTSTP is measured by the thread that receives signals. SIGSTOP
//! cannot be received: a thread that wakes at intervals finds itself late after
//! it. A busy machine makes it late, too; it was a stop only if SIGCONT came as
//! well. SIGCONT alone proves nothing, as timeout(1) sends it to processes that
//! run. A reader of the time that comes before that thread makes the same
//! decision, so that no reader ever sees the time of a stop.

use super::{lock, signals};
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the watching thread looks at the time.
const INTERVAL: Duration = Duration::from_millis(20);

/// How late it must be for a stop by SIGSTOP: a shorter one is not noticed.
const LATE: Duration = Duration::from_millis(300);

/// How long SIGCONT may take from its arrival until the thread that receives
/// signals runs.
const DELIVERY: Duration = Duration::from_millis(100);

/// A stop by SIGTSTP takes at least this long: without a shell that could
/// continue the process, the system does not stop it at all.
#[cfg(unix)]
const SHORTEST: Duration = Duration::from_millis(10);

/// The total length of all stops so far.
static STOPPED_NS: AtomicU64 = AtomicU64::new(0);

/// How often a stop began that was received, or SIGCONT was.
static INTERRUPTIONS: AtomicU64 = AtomicU64::new(0);

/// Until when, in nanoseconds after [`EPOCH`], time is known to contain no
/// further stop.
static KNOWN_UNTIL: AtomicI64 = AtomicI64::new(i64::MAX);

static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

static WATCH: Mutex<StopWatch> = Mutex::new(StopWatch {
    last: None,
    continued: false,
    unreported: Vec::new(),
});

static SIGCONT_CAME: Condvar = Condvar::new();

struct StopWatch {
    /// When the process was last known to run; `None` if it is not watched.
    last: Option<Instant>,
    /// Whether SIGCONT came since then.
    continued: bool,
    /// Stops that the watching thread has not reported yet.
    unreported: Vec<Duration>,
}

impl StopWatch {
    /// Counts a stop from this moment until now.
    fn add(&mut self, begun: Instant) {
        let time = begun.elapsed();
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        STOPPED_NS.fetch_add(ns, SeqCst);
        self.unreported.push(time);
    }

    /// Records that the process runs now, and that readers need not check again
    /// before [`LATE`] has passed.
    fn mark_running(&mut self) {
        self.continued = false;
        let until = self.last.as_mut().map_or(i64::MAX, |last| {
            *last = Instant::now();
            nanoseconds(last.duration_since(*EPOCH) + LATE)
        });
        KNOWN_UNTIL.store(until, SeqCst);
    }
}

/// Watches for stops by SIGSTOP from now on, and calls `report` after each stop
/// with its length. It must be called at most once. On systems without signals
/// nothing is watched.
///
/// # Errors
/// If the thread cannot be started.
pub fn watch(
    mut report: impl FnMut(Duration) + Send + 'static,
) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let mut watch = lock(&WATCH);
    watch.last = Some(Instant::now());
    watch.mark_running();
    drop(watch);
    signals::spawn("stops", move || {
        loop {
            sleep(INTERVAL);
            decide_if_stopped();
            let unreported = std::mem::take(&mut lock(&WATCH).unreported);
            unreported.into_iter().for_each(&mut report);
        }
    })?;
    Ok(())
}

/// How many stops were received, plus how many SIGCONTs. If it changes, the
/// process was probably stopped in between; SIGCONT alone is counted, too.
pub fn interruptions() -> u64 {
    // A stop that lasts holds the lock.
    let _watch = lock(&WATCH);
    INTERRUPTIONS.load(SeqCst)
}

/// Records that SIGCONT was received.
#[cfg(unix)]
pub(super) fn continue_received() {
    INTERRUPTIONS.fetch_add(1, SeqCst);
    lock(&WATCH).continued = true;
    SIGCONT_CAME.notify_all();
    decide_if_stopped();
}

/// Makes a call that may stop the process, and counts the time that it takes
/// if it did. Returns whether it did.
#[cfg(unix)]
pub(super) fn during(stop: impl FnOnce()) -> bool {
    // Held during the stop, so that readers of the time wait until it has been
    // counted.
    let mut watch = lock(&WATCH);
    INTERRUPTIONS.fetch_add(1, SeqCst);
    KNOWN_UNTIL.store(i64::MIN, SeqCst);
    let begun = Instant::now();
    stop();
    let has_stopped = begun.elapsed() >= SHORTEST;
    if has_stopped {
        watch.add(begun);
    }
    watch.mark_running();
    has_stopped
}

/// Decides whether the process was stopped since it was last known to run, and
/// counts the stop.
#[cold]
fn decide_if_stopped() {
    let mut watch = lock(&WATCH);
    while let Some(last) = watch.last.filter(|it| it.elapsed() > LATE) {
        if watch.continued {
            // That thread wakes about once an interval, so the stop began at
            // most about one interval after `last`. Two are allowed, so that the
            // time without stops never runs backwards.
            watch.add(last + 2 * INTERVAL);
            break;
        }
        let waited = SIGCONT_CAME.wait_timeout(watch, DELIVERY);
        let (again, limit) = waited.unwrap_or_else(PoisonError::into_inner);
        watch = again;
        if limit.timed_out() && !watch.continued {
            break;
        }
    }
    watch.mark_running();
}

/// The beginning of a time that is measured without the stops of this process.
#[derive(Clone, Copy, Debug)]
pub struct UnstoppedTime {
    origin: Instant,
    /// The time from [`EPOCH`] to the origin.
    since_epoch: i64,
    /// The total length of the stops before the origin.
    stopped_ns: u64,
}

impl UnstoppedTime {
    /// A time that begins now.
    pub fn new() -> Self {
        let epoch = *EPOCH;
        loop {
            let stopped_ns = STOPPED_NS.load(SeqCst);
            let origin = Instant::now();
            let since_epoch = nanoseconds(origin.duration_since(epoch));
            if since_epoch > KNOWN_UNTIL.load(SeqCst) {
                decide_if_stopped();
            } else if STOPPED_NS.load(SeqCst) == stopped_ns {
                return Self { origin, since_epoch, stopped_ns };
            }
        }
    }

    /// When it began.
    #[inline]
    pub const fn origin(&self) -> Instant {
        self.origin
    }

    /// How long the process was stopped since then.
    #[inline]
    pub fn stopped(&self) -> Duration {
        let ns = STOPPED_NS.load(SeqCst);
        Duration::from_nanos(ns - self.stopped_ns)
    }

    /// The time since it began, without stops.
    #[inline]
    pub fn elapsed(&self) -> Duration {
        loop {
            let before = STOPPED_NS.load(SeqCst);
            let time = self.origin.elapsed();
            let now = self.since_epoch.saturating_add(nanoseconds(time));
            if now > KNOWN_UNTIL.load(SeqCst) {
                decide_if_stopped();
            } else if STOPPED_NS.load(SeqCst) == before {
                let ns = before - self.stopped_ns;
                return time.saturating_sub(Duration::from_nanos(ns));
            }
        }
    }
}

impl Default for UnstoppedTime {
    fn default() -> Self {
        Self::new()
    }
}

fn nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}
