//! What can be measured while it runs, beside what the probe is told.

use crate::load::LiveLoad;
use crate::system::ledger::ThreadLedger;
use crate::system::usage::ThreadClock;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    /// The server's own threads, where several servers run in one process:
    /// of the process's CPU time nobody could tell whose it is.
    pub threads: Option<ThreadLedger>,
}
