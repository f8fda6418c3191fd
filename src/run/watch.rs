//! Watches one run of a session, for a screen: what happens in it becomes a
//! scene.

use super::session::SessionRun;
use super::setup::RunSetup;
use crate::load::{self, Hand};
use crate::modes::Mode;
use crate::probe::{
    Before, Counters, Gate, SocketId, Tally, TapReceiver, ThreadAtGate,
};
use crate::view::{
    Control, Facts, Finding, HandClientState, HandClientView, HandId, Hold,
    LogEntry, MeasuredView, Scene, Scope, View,
};
use std::io::{self, ErrorKind};
use std::mem;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Events are folded for this long in a tick, at most: the screen must not
/// take the processor from what it shows. Under a flood the stream then fills
/// up, and an event that finds no room costs its thread next to nothing.
const FOLDING: Duration = Duration::from_millis(1);

/// The clock is read once after this many events.
const EVENTS_A_LOOK: usize = 64;

/// Events that are this late when there is time for them are skipped with all
/// that wait behind them: a gap is better than a picture of the past.
const STALE: Duration = Duration::from_millis(500);

/// How many events of a run that is watched may wait: few, so that under a
/// flood the picture is not late.
pub const WATCH_ROOM: usize = 8_192;

/// Follows one run, from before its server listens to its end.
pub struct RunWatch {
    scope: Scope,
    parts: Parts,
    hand: Option<Hand>,
    counted: Counters,
    /// Events for which there was no time.
    skipped: u64,
    lost: u64,
    clients_done_at: Option<Instant>,
    /// Whether the clock stood when it was looked at last.
    stood: bool,
}

/// What a look at the run has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunChanges {
    /// The gate's state, a measured figure or a client by hand has changed.
    pub state: bool,
    /// The program has done something.
    pub moved: bool,
    /// The clocks stood before.
    pub stood: bool,
}

/// All that a scene refers to.
struct Parts {
    facts: Facts,
    view: View,
    control: Control,
    measured: MeasuredView,
    hand: Vec<HandClientView>,
    history: Vec<LogEntry>,
    preview: Vec<u8>,
}

impl RunWatch {
    /// Nothing has happened yet.
    pub fn new(mode: Mode, setup: &RunSetup) -> Self {
        let nothing = Tally::default();
        let mut scope = Scope::new(setup.scope(mode));
        let view = scope.view(&nothing.snapshot(), Duration::ZERO, 0);
        Self {
            scope,
            parts: Parts {
                facts: setup.facts(mode),
                view,
                control: Control::default(),
                measured: MeasuredView::default(),
                hand: Vec::new(),
                history: Vec::new(),
                preview: Vec::new(),
            },
            hand: None,
            counted: nothing.totals(),
            skipped: 0,
            lost: 0,
            clients_done_at: None,
            stood: false,
        }
    }

    /// The server listens: clients by hand can be made.
    ///
    /// # Errors
    /// If the thread of those clients cannot be started.
    pub fn listening(&mut self, run: &SessionRun) -> io::Result<()> {
        let Some(address) = run.address else { return Ok(()) };
        self.parts.facts.address = address;
        self.hand = Some(Hand::start(address)?);
        Ok(())
    }

    /// The findings that some view has shown while they were so.
    pub fn seen(&self) -> Vec<Finding> {
        self.scope.seen()
    }

    /// How many events were not shown: there was no room for them, or no
    /// time.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// What a frame is made from.
    pub fn scene(&self) -> Scene<'_> {
        let parts = &self.parts;
        Scene {
            facts: &parts.facts,
            view: &parts.view,
            control: &parts.control,
            measured: &parts.measured,
            hand: &parts.hand,
            history: &parts.history,
            preview: &parts.preview,
            playback: None,
        }
    }

    /// The clients by hand, once the server listens.
    pub const fn hand(&self) -> Option<&Hand> {
        self.hand.as_ref()
    }

    /// Whether clients by hand are connected, or are about to be.
    pub fn has_hand_clients(&self) -> bool {
        self.parts.hand.iter().any(HandClientView::is_here)
    }

    /// Whether there was any client by hand.
    pub const fn has_had_hand_clients(&self) -> bool {
        !self.parts.hand.is_empty()
    }

    /// Since when all clients of the scenario have been done, as seen from
    /// here.
    pub const fn clients_done_at(&self) -> Option<Instant> {
        self.clients_done_at
    }

    /// Takes in what has happened.
    pub fn follow(&mut self, run: &mut SessionRun) -> RunChanges {
        let now = run.now();
        let held = run.gate.as_ref().map_or_else(Vec::new, |it| it.held());
        let origin = run.clock.origin();
        let holds = held.iter().map(|it| hold(it, origin)).collect();
        self.scope.hold(holds);
        let events = self.fold(run);
        if run.meters.clients_done.load(Relaxed) {
            self.clients_done_at.get_or_insert_with(Instant::now);
        }
        let control = self.control(run, &held);
        let state = self.measure_anew(run, control);
        self.scope.wait_in_backlog(self.scene().in_backlog());
        let called = self.has_counted(&run.tally);
        let stands = run.clock.stands();
        let stood = mem::replace(&mut self.stood, stands);
        if stands {
            // What comes next may be a long time away.
            self.scope.settle(now);
        }
        RunChanges { state, moved: events > 0 || called, stood }
    }

    /// Takes in what is known beside the events; tells whether it is new.
    fn measure_anew(&mut self, run: &mut SessionRun, control: Control) -> bool {
        let hand = self.hand_clients();
        let measured = run.measured();
        let is_new = control != self.parts.control
            || hand != self.parts.hand
            || measured != self.parts.measured;
        self.parts.measured = measured;
        self.parts.control = control;
        self.parts.hand = hand;
        is_new
    }

    fn hand_clients(&self) -> Vec<HandClientView> {
        let clients = self.hand.iter().flat_map(Hand::snapshot);
        clients.map(hand_client).collect()
    }

    /// Reads the clients by hand anew after one got a command, because the
    /// next key may act on a client that has just connected.
    pub fn look_at_hand(&mut self) {
        self.parts.hand = self.hand_clients();
    }

    /// Folds the events that have come, as far as there is time; returns how
    /// many.
    fn fold(&mut self, run: &SessionRun) -> usize {
        let Some(tap) = &run.watch else { return 0 };
        if let Some(gate) = &run.gate {
            // At full speed the thread itself reports a run of would-blocks,
            // and knows best when.
            if gate.is_paused() && gate.waiting() > 0 {
                tap.finish();
            } else if gate.speed().delay().is_some() {
                tap.tell_long_run();
            }
        }
        let events = self.fold_within(tap, run.now(), FOLDING);
        self.lost = tap.lost() + self.skipped;
        events
    }

    fn fold_within(
        &mut self,
        tap: &TapReceiver,
        now: Duration,
        time: Duration,
    ) -> usize {
        let begun = Instant::now();
        let (mut events, mut last) = (0, None);
        for event in tap.drain() {
            last = Some(event.at().duration());
            self.scope.take(&event);
            events += 1;
            if events % EVENTS_A_LOOK == 0 && begun.elapsed() >= time {
                break;
            }
        }
        if last.is_some_and(|last| now.saturating_sub(last) > STALE) {
            // Under a flood new ones come as fast.
            let late = tap.drain().take(WATCH_ROOM);
            self.skipped += late.count() as u64;
        }
        events
    }

    /// Whether a call was entered, one that was entered then has returned, or
    /// an event loop has done something.
    fn has_counted(&mut self, tally: &Tally) -> bool {
        let counted = tally.totals();
        let is_news = counted != self.counted;
        self.counted = counted;
        is_news
    }

    fn control(&self, run: &SessionRun, held: &[ThreadAtGate]) -> Control {
        let gate = run.gate.as_deref();
        let slow = gate.map(Gate::speed);
        let slow = slow.filter(|speed| speed.delay().is_some());
        Control {
            paused: gate.is_some_and(Gate::is_paused),
            speed: slow.map(|it| it.to_string()).unwrap_or_default(),
            clients_done: self.clients_done_at.is_some(),
            held: held.iter().map(|held| held.thread).collect(),
            before: held.first().map(|held| held.before),
            stands: run.clock.stands(),
        }
    }

    /// Has the scene show this moment, and all that is known of the socket
    /// whose detail is open.
    pub fn show(&mut self, run: &SessionRun, detail: Option<SocketId>) {
        let snapshot = run.tally.snapshot();
        self.parts.view = self.scope.view(&snapshot, run.now(), self.lost);
        let history = detail.map(|socket| self.scope.history(socket));
        self.parts.history = history.unwrap_or_default();
        let preview = detail.zip(run.previews.as_ref());
        let preview = preview.map(|(socket, previews)| previews.of(socket));
        self.parts.preview = preview.unwrap_or_default();
    }
}

/// A thread that is held, for the view.
fn hold(held: &ThreadAtGate, origin: Instant) -> Hold {
    let ThreadAtGate { thread, before, since } = *held;
    let since = since.saturating_duration_since(origin);
    let call = match before {
        Before::Call { kind, socket, site } => Some((kind, socket, site)),
        Before::Step(_) | Before::Task(_) => None,
    };
    Hold { thread, call, since }
}

fn hand_client(client: load::HandClient) -> HandClientView {
    HandClientView {
        id: HandId(client.number),
        address: client.local_addr,
        state: match client.state {
            load::HandState::Connecting => HandClientState::Connecting,
            load::HandState::Open => HandClientState::Open,
            load::HandState::HalfClosed => HandClientState::HalfClosed,
            load::HandState::Closed => HandClientState::Closed,
            load::HandState::EndedByServer => HandClientState::EndedByServer,
            load::HandState::Reset
            | load::HandState::Failed(ErrorKind::ConnectionReset) => {
                HandClientState::Reset
            }
            state @ load::HandState::Failed(_) => {
                HandClientState::Failed(state.words())
            }
        },
        reads: client.reading,
        sent: client.sent,
        received: client.received,
        heard: client.last_received,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Clock, LISTENER, Note, SharedProbe as _, Tap};

    fn watch() -> RunWatch {
        RunWatch::new(Mode::Selector, &RunSetup::default())
    }

    /// The events of this many notes, folded in two looks at this moment, and
    /// how many were skipped or found no room.
    fn folded(now: Duration, notes: u64) -> [u64; 3] {
        let (tap, receiver) = Tap::new(WATCH_ROOM, Clock::wall());
        for _ in 0..notes {
            tap.note(&Note::Opened { socket: LISTENER, peer: None });
        }
        let mut watch = watch();
        let mut fold = || watch.fold_within(&receiver, now, FOLDING) as u64;
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
