//! The event loop of the mode `tasks`, small enough to read.
//!
//! Begin with `turn.rs`: the loop and the five steps of its turn. `state.rs`
//! holds the loop's state and its timers, `tasks.rs` spawns and runs tasks,
//! `sockets.rs` and `time.rs` contain the futures that a coroutine can pause
//! on, `join.rs` retrieves results, `shutdown.rs` cancels one task or all;
//! `waker.rs` is how other threads wake the loop, and `sync.rs` the primitives
//! that it is built on.
//!
//! # Where it differs from asyncio
//!
//! | here | asyncio (`CPython` 3.13) |
//! | --- | --- |
//! | a turn runs the ready tasks first, then sleeps | sleeps first, then runs them: the same cycle with another starting point |
//! | the loop holds its tasks | it holds callbacks; only the future that a paused task waits for refers to it, and a task without another reference can be collected |
//! | sockets are registered in a step of the turn | in the coroutine, the moment a call would block; both per operation |
//! | a task yields after some calls, see `--yield` | `sock_recv` that never has to wait never yields: one flooding client starves all others |
//! | timers of the same time are due in the order in which they were set | in the order of the heap |
//! | timers are as precise as the selector | poll(2) and epoll round up to whole milliseconds |
//! | cancelling is an error at the `await`, once; a future that does not check for it is dropped | an exception (`CancelledError`); in both a task may continue after it |
//! | a task that is cancelled before it began runs to its first `await` | it never begins |
//! | cancelling the task that joins another leaves the other running | the other is cancelled, too, unless it is shielded |
//! | a `timeout` that expires returns `None` | `wait_for` returns what the clean-up returns, if anything |
//! | a sleep of zero does not pause | `sleep(0)` lets the others run |
//! | the error of a failed task is reported when the last handle is dropped without a join | when the garbage collector finds the task: at the same time, unless another reference keeps it |
//! | a signal is answered between two tasks, by a callback | the same; the handler writes to a socket pair that the loop reads |
//!
//! The loop's own futures (accept, read, write, sleep, join) make their task
//! ready, whatever waker they are polled with: one task can await several of
//! them at once as long as it polls all of them when it runs.

#![warn(missing_docs)]

mod join;
mod shutdown;
mod sockets;
mod state;
mod sync;
mod tasks;
mod time;
mod turn;
mod waker;

#[cfg(test)]
mod tests;

pub use join::{Ending, JoinHandle, cancelled, is_cancelled};
pub use sockets::{Accept, Transfer};
pub use tasks::Tasks;
pub use time::{Sleep, Timeout};

use crate::net::{Interest, Listener, Ready, Selector, Watched};
use crate::probe::{Probe, SocketId};
use std::cell::{Cell, RefCell};
use std::io;
use std::sync::Arc;
use std::time::Instant;
use tasks::LoopContext;
use turn::{EventLoop, LoopSelector};
use waker::{Remote, Runnable};

/// The path of the file with the loop and its turn, as a call site names it.
pub const FILE: &str = "src/event_loop/turn.rs";

/// The text of that file.
pub const SOURCE: &str = include_str!("turn.rs");

/// Runs a coroutine that serves, and every task that it spawns, in the
/// calling thread until all of them have ended.
///
/// # Errors
/// Errors of the coroutine, and of the selector.
pub fn run<P: Probe, F>(
    listener: Listener<P>,
    serve: impl FnOnce(Listener<P>, Tasks<P>) -> F,
) -> io::Result<()>
where
    F: Future<Output = io::Result<()>> + 'static,
{
    let shared = listener.shared.clone();
    let selector = Selector::for_loop(&shared)?;
    let handle = selector.handle();
    let alarm = handle.clone();
    let remote = Remote::new(move || alarm.notify());
    let tasks = Tasks::new(LoopContext {
        state: RefCell::default(),
        remote: remote.clone(),
        selector: Some(handle),
        stop: Some(shared.stop.clone()),
        options: shared.options,
        probe: shared.probe.clone(),
        moment: Cell::default(),
    });
    let first = tasks.spawn(serve(listener, tasks.clone()));
    let listening = Arc::downgrade(&remote);
    shared.stop.on_change(move || {
        if let Some(remote) = listening.upgrade() {
            remote.send(Runnable::Stop);
        }
    });
    let ready = Ready::new();
    EventLoop::new(tasks, Watching { selector, ready }).run()?;
    first.into_result().unwrap_or(Ok(()))
}

/// The system's selector, as the loop uses it.
struct Watching<P: Probe> {
    selector: Selector<P>,
    ready: Ready,
}

impl<P: Probe> LoopSelector for Watching<P> {
    #[track_caller]
    fn watch(
        &mut self,
        socket: &Watched,
        interest: Option<Interest>,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        self.selector.watch_for(socket, interest, deadline)
    }

    #[track_caller]
    fn wait(
        &mut self,
        until: Option<Instant>,
        events: &mut Vec<SocketId>,
    ) -> io::Result<()> {
        self.selector.wait_until(&mut self.ready, until)?;
        events.extend(self.ready.iter());
        Ok(())
    }
}
