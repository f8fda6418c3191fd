//! CPU time and context switches of one server's threads.

use super::lock;
use super::usage::{self, ThreadClock, Usage};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most live threads whose CPU time is read, from a file for each.
const READ_LIVE: usize = 256;

/// Sums up the usage of the threads that have entered it, whatever else the
/// process does: each thread reads its own usage when it ends. Clones share the
/// same sums.
#[derive(Clone, Debug, Default)]
pub struct ThreadLedger(Arc<LedgerShared>);

#[derive(Debug, Default)]
struct LedgerShared {
    accounts: Mutex<Accounts>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct Accounts {
    /// The sum over the threads that have ended.
    over: Usage,
    /// Whether the usage of a thread that has ended could not be read.
    incomplete: bool,
    live: HashMap<u64, ThreadClock>,
    next: u64,
}

/// A live thread's entry; its usage is added when the thread ends.
struct LedgerEntry {
    ledger: ThreadLedger,
    number: u64,
}

thread_local! {
    static ENTRY: OnceCell<LedgerEntry> = const { OnceCell::new() };
}

impl ThreadLedger {
    /// Counts the whole usage of the calling thread, from its start to its end,
    /// in this ledger, unless the thread has entered one before. Further calls
    /// cost a thread-local load.
    #[inline]
    pub fn enter_this_thread(&self) {
        // A thread that is already being torn down is not counted.
        let _ = ENTRY.try_with(|entry| {
            entry.get_or_init(|| self.open_account());
        });
    }

    #[cold]
    fn open_account(&self) -> LedgerEntry {
        let clock = ThreadClock::of_this_thread();
        let mut accounts = self.lock();
        let number = accounts.next;
        accounts.next += 1;
        accounts.live.insert(number, clock);
        LedgerEntry { ledger: self.clone(), number }
    }

    /// The CPU time so far, including live threads; `None` if it is not known,
    /// or if too many threads are alive to read each.
    pub fn cpu_so_far(&self) -> Option<Duration> {
        // While this lock is held, no thread leaves the ledger.
        let accounts = self.lock();
        if accounts.incomplete || accounts.live.len() > READ_LIVE {
            return None;
        }
        let live = accounts.live.values().map(ThreadClock::read);
        let live = live.sum::<Option<Duration>>()?;
        Some(accounts.over.user + accounts.over.system + live)
    }

    /// The usage of all threads once they have ended. Waits for their end for
    /// up to `patience`; `None` after that, or if a usage is not known.
    pub fn settled(&self, patience: Duration) -> Option<Usage> {
        let (accounts, waited) = self
            .0
            .left
            .wait_timeout_while(self.lock(), patience, |it| !it.live.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let known = !waited.timed_out() && !accounts.incomplete;
        known.then_some(accounts.over)
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        lock(&self.0.accounts)
    }
}

impl Drop for LedgerEntry {
    fn drop(&mut self) {
        let used = usage::of_thread();
        let mut accounts = self.ledger.lock();
        accounts.live.remove(&self.number);
        match used {
            Some(used) => accounts.over = accounts.over + used,
            None => accounts.incomplete = true,
        }
        drop(accounts);
        self.ledger.0.left.notify_all();
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::thread;

    const LONG: Duration = Duration::from_secs(60);

    fn work(time: Duration) {
        let used = || usage::of_thread().map(|it| it.user + it.system);
        let until = used().map(|it| it + time);
        while used() < until {}
    }

    fn cpu(usage: Usage) -> Duration {
        usage.user + usage.system
    }

    #[test]
    fn threads_that_are_over_are_summed_up_and_others_do_not_count() {
        let ledger = ThreadLedger::default();
        let time = Duration::from_millis(20);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    ledger.enter_this_thread();
                    work(time);
                    ledger.enter_this_thread();
                });
            }
            threads.spawn(|| work(8 * time));
        });
        let used = ledger.settled(LONG).map(cpu);
        assert!(used >= Some(2 * time), "{used:?}");
        assert_eq!(used, ledger.cpu_so_far());
        // The third one alone used more.
        assert!(used < Some(8 * time), "{used:?}");
    }

    #[test]
    fn live_threads_are_read_and_waited_for() {
        let ledger = ThreadLedger::default();
        let (done, worked) = std::sync::mpsc::channel();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let theirs = ledger.clone();
        let thread = thread::spawn(move || {
            theirs.enter_this_thread();
            work(Duration::from_millis(20));
            let _ = done.send(());
            let _ = wait.recv();
        });
        assert!(worked.recv().is_ok());
        assert!(ledger.cpu_so_far() >= Some(Duration::from_millis(10)));
        assert_eq!(ledger.settled(Duration::ZERO), None, "it is not over");
        drop(go_on);
        assert!(ledger.settled(LONG).is_some());
        assert!(thread.join().is_ok());
    }

    #[test]
    fn a_ledger_without_threads_is_settled() {
        let ledger = ThreadLedger::default();
        assert_eq!(ledger.settled(Duration::ZERO), Some(Usage::default()));
        assert_eq!(ledger.cpu_so_far(), Some(Duration::ZERO));
    }
}
