//! Follows one run of a session for the screen: turns its events and
//! measurements into a scene.

use super::session::SessionRun;
use super::setup::RunSetup;
use crate::load::{Hand, HandClient};
use crate::modes::Mode;
use crate::probe::{Counters, Event, Gate, SocketId, Speed, TapReceiver};
use crate::units::Nanos;
use crate::view::{Control, Finding, Follower, Narration, Observation, Scene};
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest time for which a tick takes in events: the screen must not take
/// the processor from the studied threads. Under a flood the stream then fills
/// up, and an event without room costs its thread almost nothing.
const FOLDING: Duration = Duration::from_micros(200);

/// How many events are taken in between two looks at the clock.
const EVENTS_A_LOOK: usize = 64;

/// If events are this late when they are taken in, all that wait behind them
/// are skipped: a gap is better than an outdated picture.
const STALE: Duration = Duration::from_millis(500);

/// How many events of a watched run may wait: few, so that under a flood the
/// picture is not late.
pub const WATCH_ROOM: usize = 8_192;

/// Follows one run, from before its server listens until its end.
pub struct RunWatch {
    follower: Follower,
    /// What the screen draws.
    pub scene: Scene,
    /// The clients controlled by hand, once the server listens.
    pub hand: Option<Hand>,
    /// Events that were not shown, for lack of room or of time.
    pub lost: u64,
    counted: Counters,
    /// Events that were skipped for lack of time.
    skipped: u64,
    /// Whether the clock stood at the last look.
    stood: bool,
}

/// What has changed since the last look at the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunChanges {
    /// The gate's state, a measured figure or a client by hand has changed.
    pub state: bool,
    /// An event has arrived, or a counter of the server or one of the kernel's
    /// queues has changed.
    pub moved: bool,
    /// The run's clock already stood at the previous look.
    pub stood: bool,
}

impl RunWatch {
    /// Creates a watch of a run that has not started.
    pub fn new(mode: Mode, setup: &RunSetup) -> Self {
        Self {
            follower: Follower::new(setup.scope(mode)),
            scene: Scene::new(setup.facts(mode)),
            hand: None,
            counted: Counters::default(),
            skipped: 0,
            lost: 0,
            stood: false,
        }
    }

    /// Starts the thread of the clients by hand, as the server listens.
    ///
    /// # Errors
    /// If the thread of those clients cannot be started.
    pub fn listening(&mut self, run: &SessionRun) -> io::Result<()> {
        let Some(address) = run.address else { return Ok(()) };
        self.scene.facts.address = address;
        self.follower.previews.clone_from(&run.previews);
        self.hand = Some(Hand::start(address)?);
        Ok(())
    }

    /// Findings that held at the moment of some view, each at its worst.
    pub fn seen(&self) -> Vec<Finding> {
        self.follower.scope.seen()
    }

    /// Whether the loop was seen to spin, however few calls it made.
    pub const fn has_spun(&self) -> bool {
        self.follower.scope.has_spun
    }

    /// Whether clients by hand are connected, or are about to be.
    pub fn has_hand_clients(&self) -> bool {
        self.follower.hand.iter().any(|it| it.state.is_here())
    }

    /// Whether there was any client by hand.
    pub const fn has_had_hand_clients(&self) -> bool {
        !self.follower.hand.is_empty()
    }

    /// Takes in everything that has happened since the last call.
    pub fn follow(&mut self, run: &mut SessionRun) -> RunChanges {
        let now = run.now();
        let mut state = self.control(run);
        let events = self.fold(run);
        state |= self.measure(run);
        let queued = self.take_queues(run);
        if state {
            self.follower.show_state(&mut self.scene);
        }
        // The totals change when a call is entered or returns, or an event loop
        // does something.
        let counted = run.tally.totals();
        let called = counted != self.counted;
        self.counted = counted;
        let stands = run.clock.stands();
        let stood = mem::replace(&mut self.stood, stands);
        if stands {
            self.follower.settle(now);
        }
        RunChanges { state, moved: events > 0 || called || queued, stood }
    }

    /// Updates the gate's state, before the events that follow from it; returns
    /// whether it has changed.
    fn control(&mut self, run: &SessionRun) -> bool {
        let gate = run.gate.as_deref();
        let control = Control {
            at: Nanos::ZERO,
            paused: gate.is_some_and(Gate::is_paused),
            speed: gate.map_or(Speed::FULL, Gate::speed),
            held: gate.map_or_else(Vec::new, Gate::held),
            stands: run.clock.stands(),
        };
        let is_new = control != self.follower.known.control;
        if is_new {
            self.follower.observe(&Observation::Control(control));
        }
        is_new
    }

    /// Updates what is known besides the events; returns whether it has
    /// changed.
    fn measure(&mut self, run: &mut SessionRun) -> bool {
        let measured = run.measured();
        let hand = self.hand_clients();
        let known = &mut self.follower.known;
        let names = run.meters.load.names();
        let is_new = measured != known.measured
            || names.len() != known.names.len()
            || hand != self.follower.hand;
        (known.measured, known.names) = (measured, names);
        self.follower.hand = hand;
        is_new
    }

    /// Takes the kernel's queues as they were last read; returns whether they
    /// have changed. Clients fill them also while the program is held.
    fn take_queues(&mut self, run: &SessionRun) -> bool {
        let known = &mut self.follower.known;
        let read = run.kernel();
        let queues = read.map(|it| it.queues.clone());
        let is_new = queues != known.queues;
        known.queues = queues;
        known.queues_at = read.map_or(Nanos::ZERO, |it| it.at);
        is_new
    }

    fn hand_clients(&self) -> Vec<HandClient> {
        self.hand.iter().flat_map(Hand::snapshot).collect()
    }

    /// Reads the clients by hand again after a command to one, because the next
    /// key may concern a client that has just connected.
    pub fn look_at_hand(&mut self) {
        self.follower.hand = self.hand_clients();
        self.follower.show_state(&mut self.scene);
    }

    /// Takes in the events that have arrived, as time permits; returns how
    /// many.
    fn fold(&mut self, run: &SessionRun) -> usize {
        let Some(tap) = &run.watch else { return 0 };
        // At full speed the thread itself reports its runs of would-blocks, at
        // better moments than this one; a held thread cannot.
        if run.gate.as_ref().is_some_and(|gate| !gate.held().is_empty()) {
            tap.finish();
        }
        let events = self.fold_tap(tap, run.now());
        self.lost = tap.lost() + self.skipped;
        events
    }

    fn fold_tap(&mut self, tap: &TapReceiver, now: Duration) -> usize {
        let begun = Instant::now();
        let (mut events, mut last) = (0, None);
        for event in tap.drain() {
            last = Some(event.at().duration());
            self.follower.take_live(&event);
            events += 1;
            if events % EVENTS_A_LOOK == 0 && begun.elapsed() >= FOLDING {
                break;
            }
        }
        if last.is_some_and(|last| now.saturating_sub(last) > STALE) {
            // Under a flood new events arrive as fast as they are skipped.
            let late = tap.drain().take(WATCH_ROOM);
            self.skipped += late.count() as u64;
        }
        events
    }

    /// Takes the next event, for a log that reads the stream itself.
    pub fn take(&mut self, event: &Event) {
        self.follower.take_live(event);
    }

    /// The narration of this moment, for that log.
    pub fn narration(&mut self, run: &mut SessionRun) -> Narration {
        self.control(run);
        self.measure(run);
        self.take_queues(run);
        self.show(run, None);
        self.scene.narrate(&self.scene.view)
    }

    /// Updates the scene to this moment, with everything known of the socket
    /// whose detail is open.
    pub fn show(&mut self, run: &SessionRun, detail: Option<SocketId>) {
        let known = &mut self.follower.known;
        known.counters = Arc::new(run.tally.snapshot());
        known.lost = self.lost;
        self.follower.show(&mut self.scene, run.now(), detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Clock, LISTENER, Note, Probe as _, Tap};

    fn watch() -> RunWatch {
        RunWatch::new(Mode::Selector, &RunSetup::default())
    }

    /// Takes in the events of `notes` in two looks at `now`. Returns the events
    /// of each, and how many were skipped or found no room.
    fn folded(now: Duration, notes: u64) -> [u64; 3] {
        let (tap, receiver) = Tap::new(WATCH_ROOM, Clock::wall(), false);
        for _ in 0..notes {
            tap.note(&Note::Opened { socket: LISTENER, peer: None });
        }
        let mut watch = watch();
        let mut fold = || watch.fold_tap(&receiver, now) as u64;
        let (first, left) = (fold(), fold());
        [first, left, receiver.lost() + watch.skipped]
    }

    #[test]
    fn events_that_come_in_time_are_folded() {
        assert_eq!(folded(Duration::ZERO, 9), [9, 0, 0]);
    }

    #[test]
    fn events_that_are_too_late_are_skipped_and_counted() {
        let notes = WATCH_ROOM as u64 + 5;
        // A minute later, however slow this machine is.
        let [first, left, lost] = folded(Duration::from_secs(60), notes);
        assert_eq!((first + lost, left), (notes, 0));
    }
}
