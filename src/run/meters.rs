//! What can be measured while it runs, beside what the probe is told.

use crate::load::LiveLoad;
use crate::system::ledger::ThreadLedger;
use crate::system::usage::{ThreadClock, Usage};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// Filled in by a run, read by whoever looks on; its clones show the same.
#[derive(Clone, Debug, Default)]
pub struct Meters {
    /// What clients in a thread beside the server have done; nothing comes
    /// from those in a process of their own.
    pub load: LiveLoad,
    /// CPU time of the thread that the server starts in.
    pub server: ThreadClock,
    /// CPU time of the clients' thread.
    pub clients: ThreadClock,
    /// Whether all clients of the scenario have ended.
    pub clients_done: Arc<AtomicBool>,
    /// What whoever records has used, which is no part of the server's.
    pub recorder: Used,
    /// The same of whoever makes a log of what is recorded.
    pub log: Used,
    /// The server's own threads, where several servers run in one process:
    /// of the process's CPU time nobody could tell whose it is.
    pub threads: Option<ThreadLedger>,
}

impl Meters {
    /// What the recorder and its log have used, as far as they have told.
    #[must_use]
    pub fn of_recording(&self) -> Usage {
        self.recorder.latest() + self.log.latest()
    }
}

/// What a thread has used, told by itself now and then.
#[derive(Clone, Debug, Default)]
pub struct Used(Arc<Mutex<Usage>>);

impl Used {
    /// It is so much by now.
    pub fn tell(&self, usage: Usage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = usage;
    }

    /// What was told last; nothing if there is no such thread.
    #[must_use]
    pub fn latest(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
