//! Events into marks, one after the other.

use super::calls::Returned;
use super::lane::Owner;
use super::mark::{Mark, What};
use super::{Bounds, Timeline};
use crate::export::Subject;
use crate::probe::{Event, Kind, SocketId, TaskId, ThreadId};
use crate::recording::{Error, State};
use std::collections::HashMap;

/// Reads the part of a recording that is wanted; with an error, up to there.
pub(in crate::export) fn gather(
    subject: &Subject,
    bounds: Bounds,
) -> (Timeline, Option<Error>) {
    let timeline = Timeline::new(subject, bounds);
    let mut gather = Gather { timeline, threads: HashMap::new() };
    let error = gather.read(subject).err();
    (gather.finish(), error)
}

/// What a thread does.
#[derive(Default)]
pub(super) struct Thread {
    /// Since when it is not asleep, as far as that is known.
    pub(super) works_since: Option<u64>,
    /// The sleep that has not ended.
    pub(super) asleep: Option<(Mark, SocketId)>,
    /// The task that it runs, and since when.
    pub(super) task: Option<(TaskId, u64)>,
}

/// A timeline in the making.
pub(super) struct Gather {
    pub(super) timeline: Timeline,
    threads: HashMap<ThreadId, Thread>,
}

impl Gather {
    fn read(&mut self, subject: &Subject) -> Result<(), Error> {
        let mut cursor = subject.recording.from_time(subject.from)?;
        self.begin(cursor.state());
        while let Some(record) = cursor.step()? {
            let Some(event) = record.event() else { continue };
            if event.at() > subject.until.into() {
                break;
            }
            self.take(event);
        }
        Ok(())
    }

    /// Who is open and who is asleep when the part begins.
    fn begin(&mut self, state: &State) {
        let from = self.timeline.from;
        if from == 0 {
            return;
        }
        let known = state.counters().snapshot();
        let open = known.sockets.iter().filter(|it| it.ended.is_none());
        for row in open {
            let peer = row.peer.map(|it| it.to_string()).unwrap_or_default();
            self.opened(row.socket, from, &peer);
        }
        self.timeline.rates.open = known.open();
        for now in known.threads.iter().filter(|it| it.in_call) {
            let mut mark = Mark::new(What::Sleep, from, from);
            mark.call = number(now.kind);
            mark.site = self.timeline.site(now.site);
            let asleep = Some((mark, now.socket));
            let thread = Thread { asleep, ..Thread::default() };
            self.threads.insert(now.thread, thread);
        }
    }

    fn take(&mut self, event: &Event) {
        self.timeline.events += 1;
        match *event {
            Event::Enter { at, thread, kind, socket, site } => {
                let at = at.0;
                self.works_until(thread, at);
                let mut mark = Mark::new(What::Sleep, at, at);
                mark.call = number(kind);
                mark.site = self.timeline.site(site);
                self.thread(thread).asleep = Some((mark, socket));
            }
            Event::Exit {
                entered,
                at,
                thread,
                kind,
                socket,
                site,
                outcome,
                echoed,
                ..
            } => {
                let (entered, at) = (entered.0, at.0);
                let mut mark = Mark::new(What::Call, entered, at);
                mark.call = number(kind);
                mark.site = self.timeline.site(site);
                mark.echoes = echoed.into();
                (mark.word, mark.figure) = self.outcome(outcome);
                self.returned(&Returned {
                    entered,
                    at,
                    thread,
                    socket,
                    kind,
                    outcome,
                    mark,
                });
            }
            Event::Idle { since, at, thread, calls, .. } => {
                self.timeline.rates.in_vain(
                    since.duration(),
                    at.duration(),
                    calls,
                );
                let (since, at) = (since.0, at.0);
                self.works_until(thread, since);
                let mut mark = Mark::new(What::Spin, since, at);
                mark.figure = calls;
                self.timeline.add(Owner::Thread(thread.0), mark);
                self.thread(thread).works_since = Some(at);
            }
            Event::Note { at, thread, note } => {
                self.note(at.0, thread, note);
            }
        }
    }

    pub(super) fn thread(&mut self, thread: ThreadId) -> &mut Thread {
        self.threads.entry(thread).or_default()
    }

    /// The thread worked up to now.
    pub(super) fn works_until(&mut self, thread: ThreadId, now: u64) {
        let known = self.thread(thread);
        known.asleep = None;
        if let Some(since) = known.works_since.take()
            && since < now
        {
            let mark = Mark::new(What::Work, since, now);
            self.timeline.add(Owner::Thread(thread.0), mark);
        }
    }

    /// What goes on at the end goes on to the end.
    fn finish(mut self) -> Timeline {
        let until = self.timeline.until;
        let mut threads: Vec<_> = self.threads.drain().collect();
        threads.sort_by_key(|(thread, _)| *thread);
        let goes_on = self.timeline.word("goes on");
        for (thread, known) in threads {
            let owner = Owner::Thread(thread.0);
            if let Some(since) = known.works_since {
                let mark = Mark::new(What::Work, since, until);
                self.timeline.add(owner, mark);
            }
            let Some((mark, socket)) = known.asleep else { continue };
            let word = goes_on;
            let mut mark = Mark { end: until, word, ..mark };
            self.slept(&mark);
            mark.other = socket.0.saturating_add(1);
            self.timeline.add(owner, mark);
            if mark.call != number(Kind::Wait) {
                mark.other = u32::from(thread.0) + 1;
                self.timeline.add(Owner::Socket(socket.0), mark);
            }
        }
        let open = |lane: &super::Lane| lane.open.map(|_| lane.owner);
        let open: Vec<_> =
            self.timeline.sockets.iter().filter_map(open).collect();
        for owner in open {
            self.was_open(SocketId(owner.number()), until);
        }
        self.timeline
    }
}

/// From 1 on.
fn number(kind: Kind) -> u32 {
    kind as u32 + 1
}
