//! The clients: groups of them follow a script against any echo server.
//!
//! Those of a scenario run in the calling thread on one selector. No client is
//! instrumented; an idle client costs nothing but its memory. From the outside
//! in: `driver` (the loop and the timers), `talker` (one client's socket),
//! `conversation` (one client's script, pure), `pacing` (where it is in that
//! script), `exchange` (what was sent and what came back, pure). A script is
//! made of the steps in `script`, and `check` says whether it can be run. What
//! the clients count is in `result` and `latency`, and in `live` while they
//! run. Clients without a script, which the user controls by hand, are in
//! `hand` and have a thread of their own. The clients of a measurement, which
//! repeat one exchange at the least possible cost, are in [`steady`].

mod check;
mod conversation;
mod driver;
mod exchange;
mod hand;
mod latency;
mod live;
mod pacing;
mod result;
mod script;
pub mod steady;
mod talker;
mod trouble;

pub use check::{ScriptFault, check};
pub use exchange::MAX_OUTSTANDING;
pub use hand::{
    ClientOrder, FLOOD, Hand, HandClient, HandRefusal, HandState,
    MAX_HAND_CLIENTS, MAX_LAST_RECEIVED, MAX_UNSENT,
};
pub use latency::EchoTime;
pub use live::{CLIENTS_NAMED, LiveLoad, LoadSoFar, Names};
pub use result::{
    CLIENTS_TIMED, ClientResult, Ends, GroupResult, LoadResult, Loop,
};
pub use script::{Group, Reading, Repeat, Step};
pub use trouble::{ClientTrouble, Troubles};

use crate::probe::Clock;
use crate::system::lock;
use std::io::{self, ErrorKind};
use std::mem::take;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many clients one run can have, at most.
pub const MAX_CLIENTS: usize = 1_000_000;

/// The options of a run as a whole.
#[derive(Clone)]
pub struct LoadOptions {
    /// After this time the clients that are left are cut off.
    pub time_limit: Duration,
    /// Where to publish the progress of the run; `None`: nowhere.
    pub live: Option<LiveLoad>,
    /// The clock that all times are taken from: the server's, if the clients
    /// are part of its run.
    pub clock: Clock,
}

/// Runs the clients in the calling thread, until all of them have ended, the
/// time limit is reached or the run is cancelled. What happens to a client
/// is a result, not an error.
///
/// # Errors
/// `InvalidInput` for a group that `check` refuses or more than
/// [`MAX_CLIENTS`]; an error of the selector.
pub fn run(
    target: SocketAddr,
    groups: &[Group],
    options: &LoadOptions,
    cancel: &Cancel,
) -> io::Result<LoadResult> {
    let refused = |words| io::Error::new(ErrorKind::InvalidInput, words);
    for group in groups {
        check(group).map_err(|fault| {
            refused(format!("group {:?}: {fault}", group.name))
        })?;
    }
    let clients = groups.iter().map(|group| group.count);
    if clients.fold(0, usize::saturating_add) > MAX_CLIENTS {
        return Err(refused(format!("more than {MAX_CLIENTS} clients")));
    }
    driver::Driver::new(target, groups, options)?.run(cancel)
}

/// The way to end runs early; its clones end the same runs.
#[derive(Clone, Default)]
pub struct Cancel {
    cancelled: Arc<AtomicBool>,
    hooks: Arc<Mutex<Vec<Hook>>>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Cancel {
    pub fn new() -> Self {
        Self::default()
    }

    /// Has every run that uses this return soon with its result so far, also
    /// one that begins later.
    pub fn cancel(&self) {
        self.cancelled.store(true, SeqCst);
        let hooks = take(&mut *lock(&self.hooks));
        for hook in hooks {
            hook();
        }
    }

    /// Has `hook` called at the cancellation, or at once if it has happened.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        lock(&self.hooks).push(Box::new(hook));
        if self.is_cancelled() {
            self.cancel();
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(SeqCst)
    }
}
