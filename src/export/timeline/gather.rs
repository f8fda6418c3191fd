//! Events into marks, one after the other.

use super::{Bounds, MarkKind, Owner, Timeline, TimelineMark};
use crate::export::ExportSubject;
use crate::export::calls::{CallResult, CallSpan, OpenCalls};
use crate::probe::{
    End, Event, Kind, LISTENER, Note, Outcome, Phase, SocketId, TaskId,
    TaskNow, ThreadId,
};
use crate::recording::Error;
use crate::view::Known;
use std::collections::BTreeMap;

/// Reads the part of a recording that is wanted. With an error, the timeline
/// goes as far as the recording could be read.
pub(in crate::export) fn gather(
    subject: &ExportSubject,
    bounds: Bounds,
) -> (Timeline, Option<Error>) {
    let mut gather = Gather {
        timeline: Timeline::new(subject, bounds),
        calls: OpenCalls::default(),
        threads: BTreeMap::new(),
    };
    let error = gather.read(subject).err();
    (gather.finish(), error)
}

/// What a thread does outside of calls.
#[derive(Default)]
struct Activity {
    /// Since when the thread has not been asleep, as far as that is known.
    works_since: Option<u64>,
    /// The task that it runs, and since when.
    task: Option<(TaskId, u64)>,
}

/// A timeline in the making.
struct Gather {
    timeline: Timeline,
    calls: OpenCalls,
    threads: BTreeMap<ThreadId, Activity>,
}

impl Gather {
    fn read(&mut self, subject: &ExportSubject) -> Result<(), Error> {
        let mut cursor = subject.recording.from_time(subject.from)?;
        self.begin(cursor.known());
        while let Some(record) = cursor.step()? {
            let Some(event) = record.event() else { continue };
            if event.at().duration() > subject.until {
                break;
            }
            self.take(event);
        }
        Ok(())
    }

    /// A window begins with the sockets that are open and the calls that are
    /// in progress at its start.
    fn begin(&mut self, state: &Known) {
        let from = self.timeline.from;
        if from == 0 {
            return;
        }
        let known = state.counters.clone();
        for row in known.sockets.iter().filter(|it| it.end.is_none()) {
            let peer = row.peer.map(|it| it.to_string()).unwrap_or_default();
            self.opened(row.id, from, &peer);
        }
        self.timeline.rates.open = known.open();
        for now in known.threads.iter().filter(|it| it.in_call) {
            self.calls.enter(CallSpan {
                thread: now.thread,
                kind: now.kind,
                socket: now.socket,
                site: now.site,
                since: from,
                until: from,
                result: CallResult::InProgress,
            });
        }
    }

    fn take(&mut self, event: &Event) {
        self.timeline.events += 1;
        for call in self.calls.take(event) {
            self.returned(&call);
        }
        match *event {
            Event::Enter { at, thread, .. } => {
                self.worked_until(thread, at.0);
            }
            Event::Exit { .. } => {}
            Event::Idle { since, at, thread, calls, .. } => {
                let (since, at) = (since.0, at.0);
                self.timeline.rates.add_would_blocks(since, at, calls);
                self.worked_until(thread, since);
                let mut mark = TimelineMark::new(MarkKind::Spin, since, at);
                mark.figure = calls;
                self.timeline.add(Owner::Thread(thread.0), mark);
                self.activity(thread).works_since = Some(at);
            }
            Event::Note { at, thread, note } => {
                self.note(at.0, thread, note);
            }
        }
    }

    fn activity(&mut self, thread: ThreadId) -> &mut Activity {
        self.threads.entry(thread).or_default()
    }

    fn worked_until(&mut self, thread: ThreadId, now: u64) {
        if let Some(since) = self.activity(thread).works_since.take()
            && since < now
        {
            let mark = TimelineMark::new(MarkKind::Work, since, now);
            self.timeline.add(Owner::Thread(thread.0), mark);
        }
    }

    /// A call is over: a mark on its thread's lane, and on its socket's.
    fn returned(&mut self, call: &CallSpan) {
        let CallResult::Returned { outcome, echoed, .. } = call.result else {
            return;
        };
        if !matches!(outcome, Outcome::Paused) {
            let would_block = outcome == Outcome::WouldBlock;
            let interval = self.timeline.rates.at(call.until);
            interval.count_call(echoed.into(), would_block);
        }
        let mut mark = self.mark_of(call);
        mark.echoes = echoed.into();
        let owner = Owner::Thread(call.thread.0);
        if call.since < call.until {
            self.worked_until(call.thread, call.since);
            self.add_time_asleep(&mark);
            mark.what = MarkKind::Sleep;
            self.timeline.add(owner, mark);
            self.activity(call.thread).works_since = Some(call.until);
        } else {
            let activity = self.activity(call.thread);
            activity.works_since.get_or_insert(call.since);
            self.timeline.add(owner, mark);
        }
        self.on_socket(call, outcome, mark);
    }

    fn mark_of(&mut self, call: &CallSpan) -> TimelineMark {
        let mut mark =
            TimelineMark::new(MarkKind::Call, call.since, call.until);
        mark.call = number(call.kind);
        mark.site = self.timeline.site(call.site);
        mark.other = call.socket.0.saturating_add(1);
        let (word, figure) = match call.result {
            CallResult::Returned { outcome, .. } => match outcome {
                Outcome::Bytes(bytes) => ("bytes", bytes.into()),
                Outcome::Accepted(socket) => ("accepted", socket.0.into()),
                Outcome::Ready(sockets) => ("ready", sockets.into()),
                _ => (&*call.result_text(), 0),
            },
            _ => ("goes on", 0),
        };
        (mark.word, mark.figure) = (self.timeline.word(word), figure);
        mark
    }

    /// Time asleep is counted for the line that makes the call.
    fn add_time_asleep(&mut self, mark: &TimelineMark) {
        let Some(at) = mark.site.checked_sub(1) else { return };
        let Timeline { from, until, .. } = self.timeline;
        let taken = mark.within(from, until).map_or(0, |it| it.taken);
        if let Some(time) = self.timeline.asleep.get_mut(at as usize) {
            *time = time.saturating_add(taken);
        }
    }

    /// The same call on the lane of its socket; a selector's wait has none.
    fn on_socket(
        &mut self,
        call: &CallSpan,
        outcome: Outcome,
        mark: TimelineMark,
    ) {
        if call.kind == Kind::Wait {
            return;
        }
        let owner = Owner::Socket(call.socket.0);
        let mark = TimelineMark { other: u32::from(call.thread.0) + 1, ..mark };
        if call.since < call.until {
            let mark =
                TimelineMark { what: MarkKind::Sleep, echoes: 0, ..mark };
            self.timeline.add(owner, mark);
        }
        let what = match (call.kind, outcome) {
            (_, Outcome::WouldBlock) => MarkKind::Block,
            (_, Outcome::Failed(_)) => MarkKind::Fail,
            (Kind::Accept, Outcome::Accepted(_)) => MarkKind::Accept,
            (Kind::Read, Outcome::Bytes(_) | Outcome::EndOfFile) => {
                MarkKind::Read
            }
            (Kind::Write, Outcome::Bytes(_)) if mark.echoes > 0 => {
                MarkKind::Echo
            }
            (Kind::Write, Outcome::Bytes(_)) => MarkKind::Write,
            _ => return,
        };
        let TimelineMark {
            figure, echoes, call: kind, word, site, other, ..
        } = mark;
        let at = TimelineMark::new(what, call.until, call.until);
        let mark = TimelineMark {
            figure,
            echoes,
            call: kind,
            word,
            site,
            other,
            ..at
        };
        self.timeline.add(owner, mark);
    }

    fn note(&mut self, at: u64, thread: ThreadId, note: Note) {
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
                self.worked_until(thread, at);
                self.was_open(socket, at);
                let is_reset = end == End::Reset;
                let what =
                    if is_reset { MarkKind::Reset } else { MarkKind::Closed };
                self.point(what, socket, (at, thread), |mark, timeline| {
                    mark.word = timeline.word(&end.words());
                    mark.figure = unsent.into();
                });
            }
            Note::Handled { socket, end } | Note::Failed { socket, end } => {
                let words = format!("its handler failed: {}", end.words());
                self.failed(socket, (at, thread), &words);
            }
            Note::Ready { socket, readable, writable } => {
                self.point(MarkKind::Ready, socket, (at, thread), |mark, _| {
                    mark.figure = directions(readable, writable);
                });
            }
            Note::Interest { socket, readable, writable } => {
                self.point(
                    MarkKind::Interest,
                    socket,
                    (at, thread),
                    |mark, _| {
                        mark.figure = directions(readable, writable);
                    },
                );
            }
            Note::Paused(limit) => {
                let words = format!("accepting pauses: {}", limit.words());
                self.failed(LISTENER, (at, thread), &words);
            }
            Note::Phase(phase) => self.phase(at, phase),
            Note::Task { task, now } => self.task(at, thread, task, now),
            Note::Step(_)
            | Note::Timers(_)
            | Note::LongRun { .. }
            | Note::NeverRetrieved { .. } => {}
        }
    }

    /// A mark without length on a socket's lane.
    fn point(
        &mut self,
        what: MarkKind,
        socket: SocketId,
        (at, thread): (u64, ThreadId),
        fill: impl FnOnce(&mut TimelineMark, &mut Timeline),
    ) {
        let mut mark = TimelineMark::new(what, at, at);
        mark.other = u32::from(thread.0) + 1;
        fill(&mut mark, &mut self.timeline);
        self.timeline.add(Owner::Socket(socket.0), mark);
    }

    fn failed(&mut self, socket: SocketId, by: (u64, ThreadId), words: &str) {
        self.point(MarkKind::Fail, socket, by, |mark, timeline| {
            mark.word = timeline.word(words);
        });
    }

    fn opened(&mut self, socket: SocketId, at: u64, peer: &str) {
        if let Some(lane) = self.timeline.lane(Owner::Socket(socket.0)) {
            lane.open = Some(at);
            peer.clone_into(&mut lane.peer);
        }
    }

    fn was_open(&mut self, socket: SocketId, until: u64) {
        let owner = Owner::Socket(socket.0);
        let from = self.timeline.from;
        let Some(lane) = self.timeline.lane(owner) else { return };
        let since = lane.open.take().unwrap_or(from);
        let mark = TimelineMark::new(MarkKind::Open, since, until);
        self.timeline.add(owner, mark);
    }

    /// The listener is open until new clients are refused.
    fn phase(&mut self, at: u64, phase: Phase) {
        if self.timeline.phases.len() < Phase::COUNT * 2 {
            self.timeline.phases.push((at, phase));
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
        let activity = self.activity(thread);
        if now == TaskNow::Running {
            activity.task = Some((task, at));
            return;
        }
        if activity.task.is_some_and(|(running, _)| running == task)
            && let Some((_, since)) = activity.task.take()
        {
            let mut mark = TimelineMark::new(MarkKind::Task, since, at);
            mark.other = task.0.saturating_add(1);
            mark.word = self.timeline.word(&now.words());
            mark.site = now.site().map_or(0, |site| self.timeline.site(site));
            self.timeline.add(Owner::Thread(thread.0), mark);
        }
    }

    /// What is in progress at the end of the window lasts until there.
    fn finish(mut self) -> Timeline {
        let until = self.timeline.until;
        for (thread, activity) in std::mem::take(&mut self.threads) {
            if let Some(since) = activity.works_since {
                let mark = TimelineMark::new(MarkKind::Work, since, until);
                self.timeline.add(Owner::Thread(thread.0), mark);
            }
        }
        for call in self.calls.finish(until) {
            let mark =
                TimelineMark { what: MarkKind::Sleep, ..self.mark_of(&call) };
            self.add_time_asleep(&mark);
            self.timeline.add(Owner::Thread(call.thread.0), mark);
            if call.kind != Kind::Wait {
                let other = u32::from(call.thread.0) + 1;
                let mark = TimelineMark { other, ..mark };
                self.timeline.add(Owner::Socket(call.socket.0), mark);
            }
        }
        let sockets = self.timeline.sockets.iter();
        let open = sockets.filter(|lane| lane.open.is_some());
        let open: Vec<_> = open.map(|lane| lane.owner.number()).collect();
        for socket in open {
            self.was_open(SocketId(socket), until);
        }
        self.timeline
    }
}

/// 1 for input, 2 for output, 3 for both.
fn directions(readable: bool, writable: bool) -> u64 {
    u64::from(readable) | u64::from(writable) << 1
}

/// The number of a kind of call in a mark; 0 stands for none.
fn number(kind: Kind) -> u32 {
    kind as u32 + 1
}
