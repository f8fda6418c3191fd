//! Several runs start at the same moment.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Where runs wait until all that are to start together are ready, and
/// whoever leads them lets them go.
#[derive(Debug, Default)]
pub(super) struct Start {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    arrived: usize,
    go: Option<bool>,
}

impl Start {
    /// A run is ready, or will never be.
    pub(super) fn arrive(&self) {
        self.lock().arrived += 1;
        self.changed.notify_all();
    }

    /// Waits for so many runs to arrive.
    pub(super) fn wait_for(&self, runs: usize) {
        let waits = |state: &mut State| state.arrived < runs;
        let waited = self.changed.wait_while(self.lock(), waits);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets all go, or calls them off.
    pub(super) fn let_go(&self, go: bool) {
        self.lock().go = Some(go);
        self.changed.notify_all();
    }

    /// Waits to be let go; tells whether it is to run.
    pub(super) fn wait(&self) -> bool {
        let waits = |state: &mut State| state.go.is_none();
        let waited = self.changed.wait_while(self.lock(), waits);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        state.go == Some(true)
    }

    /// What it guards is whole also after a panic elsewhere.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn nobody_starts_before_all_are_there() {
        let start = Start::default();
        let went = thread::scope(|threads| {
            let run = || {
                start.arrive();
                start.wait()
            };
            let runs = [threads.spawn(run), threads.spawn(run)];
            start.wait_for(2);
            start.let_go(true);
            runs.map(|run| run.join().ok())
        });
        assert_eq!(went, [Some(true), Some(true)]);
    }

    #[test]
    fn who_is_called_off_does_not_run() {
        let start = Start::default();
        start.let_go(false);
        assert!(!start.wait());
    }
}
