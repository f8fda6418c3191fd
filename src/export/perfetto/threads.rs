//! A track a thread: its calls and, in an event loop, the steps of each turn
//! and the runs of tasks around them.

use super::call::{How, Made};
use super::lane::Lane;
use super::trace::{Label, Ns, Place, Trace};
use crate::probe::{
    Event, Kind, Site, SocketId, Step, TaskId, TaskNow, ThreadId,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// The group of the server's threads.
pub(super) const SERVER: u32 = 1;

/// Thread 0 has this number; [`RUN`](super::RUN) comes before.
const FIRST: u32 = 10;

/// The server's threads.
pub(super) struct Threads {
    loop_call: String,
    known: BTreeMap<ThreadId, Thread>,
}

struct Thread {
    lane: Lane,
    /// A call that has not returned.
    inside: Option<Inside>,
    /// The task that it runs.
    runs: Option<TaskId>,
    is_loop: bool,
}

struct Inside {
    since: Ns,
    kind: Kind,
    socket: SocketId,
    site: Site,
}

impl Threads {
    /// The thread that makes this call is the one with the loop.
    pub(super) fn new(loop_call: &str) -> Self {
        Self { loop_call: loop_call.into(), known: BTreeMap::new() }
    }

    fn thread(&mut self, id: ThreadId) -> &mut Thread {
        let tid = FIRST + u32::from(id.0);
        self.known.entry(id).or_insert_with(|| Thread {
            lane: Lane::new(Place { pid: SERVER, tid }),
            inside: None,
            runs: None,
            is_loop: false,
        })
    }

    /// What a call, or a run of them, adds; and the call if it is over, or
    /// one before it whose end is not recorded.
    pub(super) fn take(
        &mut self,
        trace: &mut Trace,
        event: &Event,
    ) -> io::Result<Vec<Made>> {
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                self.mark_loop(thread, kind.name() == self.loop_call);
                let since = at.0;
                let it = self.thread(thread);
                let inside = Inside { since, kind, socket, site };
                let before = it.inside.replace(inside);
                let before = before.map(|it| it.lost_before(thread, since));
                self.draw(trace, before)
            }
            Event::Exit { thread, kind, entered, .. } => {
                self.mark_loop(thread, kind.name() == self.loop_call);
                let entered = entered.0;
                let before = self.thread(thread).inside.take();
                let before = before.filter(|it| it.since != entered);
                let before = before.map(|it| it.lost_before(thread, entered));
                self.draw(trace, before.into_iter().chain(returned(event)))
            }
            Event::Idle { thread, .. } => {
                self.found_nothing(trace, thread, event)?;
                Ok(Vec::new())
            }
            Event::Note { .. } => Ok(Vec::new()),
        }
    }

    fn mark_loop(&mut self, thread: ThreadId, is_loop: bool) {
        self.thread(thread).is_loop |= is_loop;
    }

    fn draw(
        &mut self,
        trace: &mut Trace,
        calls: impl IntoIterator<Item = Made>,
    ) -> io::Result<Vec<Made>> {
        let calls: Vec<_> = calls.into_iter().collect();
        for it in &calls {
            let lane = &mut self.thread(it.thread).lane;
            lane.slice(trace, it.time, &it.label())?;
        }
        Ok(calls)
    }

    fn found_nothing(
        &mut self,
        trace: &mut Trace,
        thread: ThreadId,
        event: &Event,
    ) -> io::Result<()> {
        let Event::Idle { since, at, calls, passes, .. } = *event else {
            return Ok(());
        };
        self.mark_loop(thread, passes > 0);
        let args = json!({"calls": calls, "iterations": passes});
        let label = Label::new("would block", "would block", args);
        let time = (since.0, at.0);
        self.thread(thread).lane.slice(trace, time, &label)
    }

    /// The event loop comes to a step.
    pub(super) fn step(
        &mut self,
        trace: &mut Trace,
        (at, thread): (Ns, ThreadId),
        step: Step,
    ) -> io::Result<()> {
        let it = self.thread(thread);
        it.is_loop = true;
        it.runs = None;
        it.lane.finish_to(0, trace, at)?;
        it.lane.begin(at, Label::new("step", step.name(), Value::Null));
        Ok(())
    }

    /// A task comes to do something else: perhaps it runs, or ran until now.
    pub(super) fn task(
        &mut self,
        trace: &mut Trace,
        (at, thread): (Ns, ThreadId),
        task: TaskId,
        now: TaskNow,
    ) -> io::Result<()> {
        let it = self.thread(thread);
        let begins = now == TaskNow::Running;
        if it.runs == Some(task) || (begins && it.runs.is_some()) {
            it.runs = None;
            let args =
                if begins { Value::Null } else { json!({"then": now.words()}) };
            it.lane.finish(trace, at, args)?;
        }
        if begins {
            it.runs = Some(task);
            let label = Label::new("run", format!("run {task}"), Value::Null);
            it.lane.begin(at, label);
        }
        Ok(())
    }

    /// Something else that a thread tells.
    pub(super) fn instant(
        &mut self,
        trace: &mut Trace,
        (at, thread): (Ns, ThreadId),
        label: &Label,
    ) -> io::Result<()> {
        self.thread(thread).lane.instant(trace, at, label)
    }

    /// The server has returned: no step goes on.
    pub(super) fn stop(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        for it in self.known.values_mut() {
            it.runs = None;
            it.lane.finish_to(0, trace, at)?;
        }
        Ok(())
    }

    /// The recording ends here: the calls that go on.
    pub(super) fn end(
        &mut self,
        trace: &mut Trace,
        at: Ns,
    ) -> io::Result<Vec<Made>> {
        let inside = self.known.iter_mut().filter_map(|(thread, it)| {
            Some(it.inside.take()?.ends(*thread, at, How::GoesOn))
        });
        let calls: Vec<_> = inside.collect();
        let calls = self.draw(trace, calls)?;
        self.stop(trace, at)?;
        for (id, it) in self.known.iter().filter(|(_, it)| it.lane.is_used()) {
            let role = if it.is_loop { ", the loop" } else { "" };
            trace.name(it.lane.place, &format!("thread {}{role}", id.0))?;
        }
        Ok(calls)
    }
}

impl Inside {
    /// The next thing that its thread did is known, but not its return.
    fn lost_before(self, thread: ThreadId, next: Ns) -> Made {
        self.ends(thread, next, How::NotRecorded)
    }

    fn ends(self, thread: ThreadId, until: Ns, how: How) -> Made {
        let Self { since, kind, socket, site } = self;
        let time = (since, until.max(since));
        Made { thread, kind, socket, site, time, how }
    }
}

fn returned(event: &Event) -> Option<Made> {
    let Event::Exit {
        entered,
        at,
        thread,
        kind,
        socket,
        site,
        outcome,
        pending,
        unframed: _,
        echoed,
    } = *event
    else {
        return None;
    };
    let time = (entered.0, at.0);
    let how = How::Returned { outcome, pending, echoed };
    Some(Made { thread, kind, socket, site, time, how })
}
