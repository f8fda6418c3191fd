//! What a loop has to do, as a model of queues and sets: no future, no waker,
//! no selector. A recorded run is checked against it, entry by entry.

use super::record::{Entry, Said};
use crate::event_loop::tasks::FIRST;
use crate::probe::{Note, SocketId, Step, TaskId, TaskNow};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::io::{self, ErrorKind};
use std::time::Duration;

#[derive(Default)]
pub(super) struct Replay {
    now: Duration,
    alive: BTreeSet<TaskId>,
    /// What the next turn runs, in this order, without tasks that have ended.
    ready: VecDeque<TaskId>,
    /// Woken from elsewhere; they come to the ready ones in the last step.
    inbox: Vec<TaskId>,
    /// The tasks in these two, and those that were woken after their end.
    is_ready: HashSet<TaskId>,
    /// What this turn still has to run.
    running: VecDeque<TaskId>,
    timers: BTreeMap<(Duration, u64), TaskId>,
    paused: HashMap<SocketId, TaskId>,
    joiners: HashMap<TaskId, Vec<TaskId>>,
    named: Vec<SocketId>,
    polls: HashMap<TaskId, usize>,
    /// How often each had run when its end was requested.
    cancelled: HashMap<TaskId, usize>,
    /// How often each may have found that it is to end, at most.
    requests: HashMap<TaskId, usize>,
    /// Clean-ups that have begun and not come to their end.
    cleaning: HashMap<TaskId, usize>,
    ended: HashMap<TaskId, TaskNow>,
    joined: HashSet<TaskId>,
    reported: HashMap<TaskId, usize>,
}

impl Replay {
    /// Checks a run that ended like this.
    pub(super) fn check(
        entries: Vec<(Duration, Entry)>,
        ended: &io::Result<()>,
    ) {
        let mut replay = Self::default();
        for (at, entry) in entries {
            replay.now = at;
            match entry {
                Entry::Note(note) => replay.note(&note),
                Entry::Said(said) => replay.said(said),
            }
        }
        replay.finish(ended);
    }

    fn note(&mut self, note: &Note) {
        match *note {
            Note::Step(step) => self.step(step),
            Note::Task { task, now: TaskNow::Running } => self.runs(task),
            Note::Task { task, now } if now.has_ended() => self.end(task, now),
            Note::NeverRetrieved { task, .. } => {
                *self.reported.entry(task).or_default() += 1;
            }
            _ => {}
        }
    }

    fn said(&mut self, said: Said) {
        match said {
            Said::Spawned(task) => {
                self.alive.insert(task);
                self.make_ready(task);
            }
            Said::Cancelled(task) => self.cancel(task),
            Said::Woke(task) => self.wake(task),
            Said::Yielded(task) => self.make_ready(task),
            Said::Timer(number, task, at) => {
                self.timers.insert((at, number), task);
            }
            Said::TimerGone(gone) => {
                self.timers.retain(|(_, number), _| *number != gone);
            }
            Said::Paused(socket, task) => {
                self.paused.insert(socket, task);
            }
            Said::Left(socket) => {
                self.paused.remove(&socket);
            }
            Said::Joins(joiner, task) => self.join(joiner, task),
            Said::Joined(task, result) => self.joined(task, result),
            Said::Resumed(task, earliest) => self.resumed(task, earliest),
            Said::Limited(task) => *self.requests.entry(task).or_default() += 1,
            Said::CleansUp(task) => {
                *self.cleaning.entry(task).or_default() += 1;
            }
            Said::Cleaned(task) => {
                *self.cleaning.entry(task).or_default() -= 1;
            }
            Said::Asked(until) => self.asked(until),
            Said::Named(socket) => {
                // Or it would be named again and again, for no task.
                assert!(self.paused.contains_key(&socket), "{socket}");
                self.named.push(socket);
            }
        }
    }

    fn make_ready(&mut self, task: TaskId) {
        if self.alive.contains(&task) && self.is_ready.insert(task) {
            self.ready.push_back(task);
        }
    }

    fn wake(&mut self, task: TaskId) {
        if self.is_ready.insert(task) {
            self.inbox.push(task);
        }
    }

    fn cancel(&mut self, task: TaskId) {
        let polls = self.polls.get(&task).copied().unwrap_or_default();
        if self.alive.contains(&task) {
            self.cancelled.entry(task).or_insert(polls);
            *self.requests.entry(task).or_default() += 1;
        }
        self.make_ready(task);
    }

    fn join(&mut self, joiner: TaskId, task: TaskId) {
        let joiners = self.joiners.entry(task).or_default();
        if !joiners.contains(&joiner) {
            joiners.push(joiner);
        }
    }

    /// The next one, in order, and no other.
    fn runs(&mut self, task: TaskId) {
        self.skip_ended();
        assert_eq!(self.running.pop_front(), Some(task), "at {:?}", self.now);
        self.is_ready.remove(&task);
        *self.polls.entry(task).or_default() += 1;
    }

    fn skip_ended(&mut self) {
        while self.running.front().is_some_and(|it| !self.alive.contains(it)) {
            self.running.pop_front();
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::RunReadyTasks => self.running = self.ready.split_off(0),
            Step::Register => {
                self.skip_ended();
                assert!(self.running.is_empty(), "left: {:?}", self.running);
            }
            Step::ProcessEvents => self.process_events(),
            Step::CalculateTimeout | Step::Select => {}
        }
    }

    fn process_events(&mut self) {
        for socket in std::mem::take(&mut self.named) {
            if let Some(task) = self.paused.remove(&socket) {
                self.make_ready(task);
            }
        }
        while let Some(first) = self.timers.first_entry()
            && first.key().0 <= self.now
        {
            let task = first.remove();
            self.make_ready(task);
        }
        self.ready.extend(self.inbox.drain(..));
    }

    /// It sleeps exactly until the next timer, and not while a task is ready.
    fn asked(&self, until: Option<Duration>) {
        let is_idle = self.ready.is_empty() && self.inbox.is_empty();
        let next = self.timers.keys().next().map(|(at, _)| *at);
        let may_sleep = is_idle && !self.alive.is_empty();
        let expected = if may_sleep { next } else { Some(self.now) };
        assert_eq!(until, expected, "at {:?}", self.now);
    }

    fn end(&mut self, task: TaskId, how: TaskNow) {
        assert!(self.alive.remove(&task), "{task} ends twice");
        let is_cancelled = self.cancelled.contains_key(&task);
        assert!(is_cancelled || how != TaskNow::Cancelled, "{task}");
        self.ended.insert(task, how);
        self.has_cleaned(task);
        for joiner in self.joiners.remove(&task).unwrap_or_default() {
            self.make_ready(joiner);
        }
        if task == FIRST {
            for task in self.alive.clone() {
                self.cancel(task);
            }
        }
    }

    /// Only a second request may end a clean-up before its end.
    fn has_cleaned(&self, task: TaskId) {
        let requests = self.requests.get(&task).copied().unwrap_or_default();
        let left = self.cleaning.get(&task).copied().unwrap_or_default();
        assert!(left == 0 || requests > 1, "{task} has not cleaned up");
    }

    fn joined(&mut self, task: TaskId, result: Option<bool>) {
        let expected = match self.ended[&task] {
            TaskNow::Done => Some(true),
            TaskNow::Failed(_) => Some(false),
            _ => None,
        };
        assert_eq!(result, expected, "of {task}");
        assert!(self.joined.insert(task), "{task} is joined twice");
    }

    /// Not too early, and not after its end was requested.
    fn resumed(&self, task: TaskId, earliest: Duration) {
        assert!(self.now >= earliest, "{task} at {:?}", self.now);
        if let Some(polls) = self.cancelled.get(&task) {
            assert_eq!(polls, &self.polls[&task], "{task} was not cancelled");
        }
    }

    fn finish(&self, ended: &io::Result<()>) {
        let mut left = self.ready.iter().chain(&self.inbox);
        assert!(left.all(|task| !self.alive.contains(task)));
        match ended.as_ref().map_err(io::Error::kind) {
            Ok(()) => assert!(self.alive.is_empty(), "{:?}", self.alive),
            Err(ErrorKind::Deadlock) => {
                let joiners: BTreeSet<_> =
                    self.joiners.values().flatten().copied().collect();
                assert!(self.alive.is_subset(&joiners));
                assert!(self.timers.is_empty() && self.paused.is_empty());
            }
            Err(other) => panic!("{other}"),
        }
        for (task, how) in &self.ended {
            let is_news = matches!(how, TaskNow::Failed(_))
                && !self.joined.contains(task);
            let reported = self.reported.get(task).copied().unwrap_or(0);
            assert_eq!(reported, usize::from(is_news), "of {task}");
        }
    }
}
