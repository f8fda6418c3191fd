//! The loop, and its turn: five steps, each a function.
//!
//! Read it beside the pseudocode of an event loop:
//!
//! ```text
//! paused = []                              LoopState::{paused, timers}
//! ready = [serve()]                        LoopState::ready, from super::run
//! while True:                              run
//!     paused, new_sockets =
//!         run_ready_tasks(ready)           run_ready_tasks
//!     selector.register(new_sockets)       register
//!     timeout = calculate_timeout()        calculate_timeout
//!     events = selector.select(timeout)    select
//!     ready = process_events(events)       process_events
//! ```
//!
//! Taken by its word, the pseudocode loses what became ready while the tasks
//! ran (the last line overwrites it) and every timer, and it sleeps for ever
//! when nothing is registered. Here `ready` is a queue that is only added
//! to, what is ready makes the time-out zero, timers are made ready beside
//! the sockets, and a loop in which nothing can happen any more ends.

use super::tasks::Tasks;
use super::waker::Runnable;
use crate::net::{Interest, Watched};
use crate::probe::{Note, Probe, SocketId, Step};
use std::io::{self, ErrorKind};
use std::time::Instant;

/// What the loop waits with: a selector; in tests one that is a model.
pub(super) trait LoopSelector {
    /// Has the socket watched for this, and named at this time at the
    /// latest; `None` takes it out.
    #[track_caller]
    fn watch(
        &mut self,
        socket: &Watched,
        interest: Option<Interest>,
        deadline: Option<Instant>,
    ) -> io::Result<()>;

    /// Sleeps until then at most, and appends the sockets that are ready.
    #[track_caller]
    fn wait(
        &mut self,
        until: Option<Instant>,
        events: &mut Vec<SocketId>,
    ) -> io::Result<()>;
}

/// An event loop: everything in it happens in one thread.
pub(super) struct EventLoop<P: Probe, W: LoopSelector> {
    tasks: Tasks<P>,
    selector: W,
    running: Vec<Runnable>,
    events: Vec<SocketId>,
}

impl<P: Probe, W: LoopSelector> EventLoop<P, W> {
    pub(super) fn new(tasks: Tasks<P>, selector: W) -> Self {
        let (running, events) = (Vec::new(), Vec::new());
        Self { tasks, selector, running, events }
    }

    /// Turns until every task has ended. The end of the first cancels those
    /// that are left then, and they have turns until they have cleaned up.
    pub(super) fn run(&mut self) -> io::Result<()> {
        while self.tasks.any_is_alive() {
            self.turn()?;
        }
        Ok(())
    }

    /// One turn: the body of the pseudocode's loop.
    fn turn(&mut self) -> io::Result<()> {
        self.run_ready_tasks();
        self.register();
        let until = self.calculate_timeout()?;
        self.select(until)?;
        self.process_events();
        Ok(())
    }

    /// Runs each task that is ready until its next `await` that pauses it.
    /// A task that becomes ready meanwhile has to wait for the next turn.
    fn run_ready_tasks(&mut self) {
        self.tasks.report_timers(None);
        self.begin(Step::RunReadyTasks);
        self.running.extend(self.tasks.state().ready.drain(..));
        for runnable in self.running.drain(..) {
            match runnable {
                Runnable::Task(task) => self.tasks.run(task),
                // A signal is answered here, between two tasks.
                Runnable::Stop => self.tasks.answer_stop(),
            }
        }
        self.tasks.time_passes();
    }

    /// Has the selector watch the sockets on which tasks have paused since
    /// (`new_sockets`), and no longer those on which no task is paused.
    fn register(&mut self) {
        self.begin(Step::Register);
        let mut changes = self.tasks.state().take_changes();
        for change in changes.drain(..) {
            let (socket, interest) = (&change.socket, change.interest);
            let result = self.selector.watch(socket, interest, change.deadline);
            if let Err(error) = result {
                self.tasks.fail_wait(socket.id(), error);
            }
        }
        self.tasks.state().give_back(changes);
    }

    /// Until when the selector may sleep: not at all if a task is ready or no
    /// task is left, else until the next timer, else until an event.
    fn calculate_timeout(&mut self) -> io::Result<Option<Instant>> {
        self.begin(Step::CalculateTimeout);
        // Asked first: a thread may wake a task and then drop its waker.
        let is_stuck = self.tasks.is_stuck();
        if !self.tasks.may_sleep() {
            return Ok(Some(self.tasks.now()));
        }
        if is_stuck {
            // The pseudocode would sleep for ever.
            return Err(ErrorKind::Deadlock.into());
        }
        Ok(self.tasks.state().timers.next())
    }

    /// Sleeps until a socket is ready, a timer is due or the loop is woken.
    fn select(&mut self, until: Option<Instant>) -> io::Result<()> {
        self.tasks.report_timers(until);
        self.begin(Step::Select);
        self.events.clear();
        self.selector.wait(until, &mut self.events)
    }

    /// Makes ready the tasks that this concerns: first those of sockets, then
    /// those of timers, then those that were woken from elsewhere.
    fn process_events(&mut self) {
        self.begin(Step::ProcessEvents);
        if P::ENABLED {
            self.tasks.moment();
        }
        for socket in self.events.drain(..) {
            self.tasks.socket_is_ready(socket);
        }
        self.tasks.make_due_ready();
        self.tasks.take_woken();
        self.tasks.time_passes();
    }

    /// Reports the step to the probe, if there is one.
    fn begin(&self, step: Step) {
        if P::ENABLED {
            self.tasks.context.probe.note(&Note::Step(step));
        }
    }
}

impl<P: Probe, W: LoopSelector> Drop for EventLoop<P, W> {
    /// None is left unless the selector failed or a task panicked.
    fn drop(&mut self) {
        self.tasks.drop_all();
    }
}
