//! What is not a call, as marks.

use super::gather::Gather;
use super::lane::Owner;
use super::mark::{Mark, What};
use crate::probe::{
    End, LISTENER, Note, Phase, SocketId, TaskId, TaskNow, ThreadId,
};

impl Gather {
    pub(super) fn note(&mut self, at: u64, thread: ThreadId, note: Note) {
        match note {
            Note::Opened { socket, peer } => {
                let counts = i64::from(socket != LISTENER);
                self.timeline.rates.at(at).opened += counts;
                let peer = peer.map(|it| it.to_string()).unwrap_or_default();
                self.opened(socket, at, &peer);
            }
            Note::Closed { socket, end, unsent } => {
                let counts = i64::from(socket != LISTENER);
                self.timeline.rates.at(at).opened -= counts;
                self.works_until(thread, at);
                self.closed(socket, at, (thread, end, unsent));
            }
            Note::Handled { socket, end } | Note::Failed { socket, end } => {
                let words = format!("its handler failed: {}", end.words());
                self.failed(socket, at, (thread, &words));
            }
            Note::Ready { socket, readable, writable } => {
                let ways = (readable, writable);
                self.told(What::Ready, socket, (at, thread, ways));
            }
            Note::Interest { socket, readable, writable } => {
                let ways = (readable, writable);
                self.told(What::Interest, socket, (at, thread, ways));
            }
            Note::Paused(limit) => {
                let words = format!("accepting pauses: {}", limit.words());
                self.failed(LISTENER, at, (thread, &words));
            }
            Note::Phase(phase) => self.phase(at, phase),
            Note::Task { task, now } => self.task(at, thread, task, now),
            Note::Step(_)
            | Note::Timers(_)
            | Note::LongRun { .. }
            | Note::NeverRetrieved { .. } => {}
        }
    }

    pub(super) fn opened(&mut self, socket: SocketId, at: u64, peer: &str) {
        if let Some(lane) = self.timeline.lane(Owner::Socket(socket.0)) {
            lane.open = Some(at);
            peer.clone_into(&mut lane.peer);
        }
    }

    fn closed(
        &mut self,
        socket: SocketId,
        at: u64,
        (thread, end, unsent): (ThreadId, End, u32),
    ) {
        self.was_open(socket, at);
        let is_reset = end == End::Reset;
        let what = if is_reset { What::Reset } else { What::Closed };
        let mut mark = Mark::new(what, at, at);
        mark.word = self.timeline.word(&end.words());
        (mark.figure, mark.other) = (unsent.into(), u32::from(thread.0) + 1);
        self.timeline.add(Owner::Socket(socket.0), mark);
    }

    /// It was open up to now.
    pub(super) fn was_open(&mut self, socket: SocketId, now: u64) {
        let owner = Owner::Socket(socket.0);
        let from = self.timeline.from;
        let Some(lane) = self.timeline.lane(owner) else { return };
        let since = lane.open.take().unwrap_or(from);
        let mark = Mark::new(What::Open, since, now);
        self.timeline.add(owner, mark);
    }

    fn failed(
        &mut self,
        socket: SocketId,
        at: u64,
        (thread, words): (ThreadId, &str),
    ) {
        let mut mark = Mark::new(What::Fail, at, at);
        mark.word = self.timeline.word(words);
        mark.other = u32::from(thread.0) + 1;
        self.timeline.add(Owner::Socket(socket.0), mark);
    }

    fn told(
        &mut self,
        what: What,
        socket: SocketId,
        (at, thread, (readable, writable)): (u64, ThreadId, (bool, bool)),
    ) {
        let mut mark = Mark::new(what, at, at);
        mark.figure = u64::from(readable) | u64::from(writable) << 1;
        mark.other = u32::from(thread.0) + 1;
        self.timeline.add(Owner::Socket(socket.0), mark);
    }

    /// The listener is open until new clients are refused.
    fn phase(&mut self, at: u64, phase: Phase) {
        if self.timeline.phases.len() < Phase::COUNT * 2 {
            self.timeline.phases.push((at, phase as usize));
        }
        if phase == Phase::Running {
            self.opened(LISTENER, at, "");
        }
        let lane = self.timeline.lane(Owner::Socket(LISTENER.0));
        let is_open = lane.is_some_and(|lane| lane.open.is_some());
        if phase >= Phase::Finishing && is_open {
            self.was_open(LISTENER, at);
        }
    }

    fn task(&mut self, at: u64, thread: ThreadId, task: TaskId, now: TaskNow) {
        let known = self.thread(thread);
        if now == TaskNow::Running {
            known.task = Some((task, at));
            return;
        }
        if known.task.is_some_and(|(running, _)| running == task)
            && let Some((_, since)) = known.task.take()
        {
            let mut mark = Mark::new(What::Task, since, at);
            mark.other = task.0.saturating_add(1);
            mark.word = self.timeline.word(&now.words());
            mark.site = now.site().map_or(0, |site| self.timeline.site(site));
            self.timeline.add(Owner::Thread(thread.0), mark);
        }
    }
}
