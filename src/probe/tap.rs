//! A bounded stream of events to the screen, the log or a recording.

use super::Probe;
use super::clock::{Clock, Moment};
use super::event::{
    Call, Event, Exit, Kind, LISTENER, Note, Outcome, SocketId,
};
use super::registers::Count;
use super::source::ThreadId;
use crate::units::Nanos;
use crossbeam_utils::atomic::AtomicCell;
use std::panic::Location;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// After every this many would-block calls, it is checked how long they took.
const RUN_CHECK: u64 = 1024;

/// A run of would-block calls that lasts longer than this is reported.
const RUN_REPORT: Duration = Duration::from_millis(100);

/// The sending half: sends an event if there is room, else counts it as lost.
///
/// Runs of calls that would have blocked become one event with a count, so
/// that a busy loop that finds nothing does not flood the stream. One such call
/// alone is an event like any other, which names its socket and its line.
pub struct Tap {
    clock: Clock,
    events: SyncSender<Event>,
    lost: Count,
    run: IdleRun,
    /// Whether the steps and timers of an event loop are sent, too.
    steps: bool,
}

/// The receiving half; made by [`Tap::new`].
pub struct TapReceiver {
    events: Receiver<Event>,
    tap: Arc<Tap>,
}

/// Would-block calls since the last event of another kind. In every mode only
/// one thread makes them; a note of any thread, such as that of a signal, ends
/// the run.
#[derive(Default)]
struct IdleRun {
    calls: Count,
    passes: Count,
    /// When the first of them returned, in nanoseconds.
    since: Count,
    first: AtomicCell<FirstCall>,
    location: AtomicCell<Option<&'static Location<'static>>>,
}

/// The first call of a run, in one word, so that it costs a plain store.
#[derive(Clone, Copy, Default)]
#[repr(align(8))]
struct FirstCall {
    socket: SocketId,
    thread: ThreadId,
    kind: Kind,
}

const _: () = assert!(AtomicCell::<FirstCall>::is_lock_free());

impl Tap {
    /// A tap that keeps at most `capacity` events until they are received.
    /// With `steps` it also sends each step of an event loop's turn and the
    /// number of its timers: seven more events per turn.
    pub fn new(
        capacity: usize,
        clock: Clock,
        steps: bool,
    ) -> (Arc<Self>, TapReceiver) {
        let (sender, events) = sync_channel(capacity);
        let tap = Arc::new(Self {
            clock,
            events: sender,
            lost: Count::default(),
            run: IdleRun::default(),
            steps,
        });
        let receiver = TapReceiver { events, tap: tap.clone() };
        (tap, receiver)
    }

    fn send(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            self.lost.add(1_u32);
        }
    }

    fn time(&self) -> Nanos {
        self.clock.elapsed()
    }

    /// Adds a would-block call to the run, and reports the run if it has
    /// become long.
    fn add_to_run(&self, call: &Call) {
        let run = &self.run;
        if run.calls.get() == 0 {
            let Call { kind, socket, location, .. } = *call;
            let thread = ThreadId::current();
            run.since.set(self.time().0);
            run.first.store(FirstCall { socket, thread, kind });
            run.location.store(Some(location));
        }
        run.calls.add(1_u32);
        if call.socket == LISTENER {
            run.passes.add(1_u32);
        }
        if run.calls.get().is_multiple_of(RUN_CHECK) {
            self.end_long_run();
        }
    }

    fn end_long_run(&self) {
        let now = self.time();
        if now > Nanos(self.run.since.get()) + RUN_REPORT.into() {
            self.end_run(now);
        }
    }

    /// Reports the run of would-block calls, if there is one.
    fn end_run(&self, at: Nanos) {
        let run = &self.run;
        if run.calls.get() == 0 {
            return;
        }
        let (calls, passes) = (run.calls.replace(0), run.passes.replace(0));
        let FirstCall { socket, thread, kind } = run.first.load();
        let since = Nanos(run.since.get());
        let Some(location) = run.location.load() else { return };
        if (calls, passes) == (1, u64::from(socket == LISTENER)) {
            let exit = Exit::new(Outcome::WouldBlock);
            let called = (kind, socket, location.into());
            self.send(Event::exit([since, since], thread, called, exit));
        } else {
            self.send(Event::Idle { since, at, thread, calls, passes });
        }
    }
}

impl Probe for Arc<Tap> {
    /// When the call was entered.
    type Mark = Nanos;

    fn enter(&self, call: &Call) -> Nanos {
        // The entry of a call that cannot sleep is not reported: its time is
        // read when it returns, or not at all while a run of them goes on.
        if !call.may_sleep {
            return Nanos::ZERO;
        }
        let at = self.time();
        self.end_run(at);
        let Call { kind, socket, location, .. } = *call;
        let (thread, site) = (ThreadId::current(), location.into());
        self.send(Event::Enter { at, thread, kind, socket, site });
        at
    }

    fn exit(&self, call: &Call, entered: Nanos, exit: Exit) {
        if exit.outcome == Outcome::WouldBlock && !call.may_sleep {
            return self.add_to_run(call);
        }
        if exit.outcome == Outcome::Paused && !call.may_sleep {
            // Outside of a run there is no event that could count it.
            return self.run.passes.add(self.run.calls.get() > 0);
        }
        let at = self.time();
        self.end_run(at);
        let entered = if call.may_sleep { entered } else { at };
        let Call { kind, socket, location, .. } = *call;
        let called = (kind, socket, location.into());
        let thread = ThreadId::current();
        self.send(Event::exit([entered, at], thread, called, exit));
    }

    fn note_at(&self, note: &Note, moment: &Moment) {
        // Seven events per turn would crowd out those of the tasks.
        if matches!(note, Note::Step(_) | Note::Timers { .. }) && !self.steps {
            return;
        }
        let (at, thread) = (moment.by(&self.clock), ThreadId::current());
        self.end_run(at);
        self.send(Event::Note { at, thread, note: *note });
    }
}

impl TapReceiver {
    /// The events that have arrived, oldest first; does not wait.
    pub fn drain(&self) -> impl Iterator<Item = Event> + '_ {
        self.events.try_iter()
    }

    /// How many events were lost so far because there was no room.
    pub fn lost(&self) -> u64 {
        self.tap.lost.get()
    }

    /// Reports a run of would-block calls that is not over. Call it when the
    /// studied threads have ended or are held: a held thread makes no call
    /// that would report the run.
    pub fn finish(&self) {
        self.tap.end_run(self.tap.time());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOVED: Outcome = Outcome::Bytes(1);

    /// A tap of this capacity that has seen reads with these outcomes.
    fn tapped(
        room: usize,
        calls: &[(u32, Outcome)],
    ) -> (Arc<Tap>, TapReceiver) {
        let (tap, receiver) = Tap::new(room, Clock::wall(), false);
        for (socket, outcome) in calls {
            let call = Call {
                kind: Kind::Read,
                socket: SocketId(*socket),
                may_sleep: false,
                location: Location::caller(),
            };
            tap.exit(&call, Nanos::ZERO, Exit::new(*outcome));
        }
        (tap, receiver)
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let (_tap, receiver) = tapped(2, &[(1, MOVED); 5]);
        assert_eq!((receiver.drain().count(), receiver.lost()), (2, 3));
    }

    /// A paused pass counts only in a run that has begun.
    #[test]
    fn a_run_of_would_blocks_is_one_event() {
        use Outcome::{Paused, WouldBlock};
        let run = [(0, WouldBlock), (1, WouldBlock), (0, Paused)];
        let calls = [&[(0, Paused)], &run[..], &[(1, MOVED)]].concat();
        let (_tap, receiver) = tapped(9, &calls);
        let events: Vec<_> = receiver.drain().collect();
        let [Event::Idle { calls, passes, .. }, Event::Exit { .. }] =
            events[..]
        else {
            panic!("{events:?}")
        };
        assert_eq!((calls, passes), (2, 2));
    }

    #[test]
    fn a_single_would_block_names_its_socket() {
        let calls = [(0, Outcome::WouldBlock), (1, MOVED)];
        let (_tap, receiver) = tapped(9, &calls);
        let events: Vec<_> = receiver.drain().collect();
        let [Event::Exit { socket, outcome, .. }, _] = events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((socket, outcome), (LISTENER, Outcome::WouldBlock));
    }
}
