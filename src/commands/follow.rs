//! Follows one run: takes in what happens, and makes of it what a screen
//! shows.

use super::about::About;
use super::at_gate;
use super::by_hand::{direct, hand_client};
use super::measure::Measure;
use super::stream::Stream;
use super::summary::unhandled;
use crate::load::Hand;
use crate::modes::Mode;
use crate::probe::{Counters, Gate, Held, Kind, Preview, SocketId, Tally};
use crate::run::meters::Meters;
use crate::tui::{Change, Effect};
use crate::view::{Control, Facts, HandClient, Measured, Scene};
use crate::view::{Entry, Finding};
use crate::view::{ROWS_KEPT, Scope, ScopeSettings, View};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Where what is shown comes from.
pub(super) struct Sources {
    pub(super) stream: Stream,
    pub(super) tally: Arc<Tally>,
    pub(super) gate: Arc<Gate>,
    pub(super) preview: Arc<Preview>,
    pub(super) meters: Meters,
}

/// Follows one run, from before its server listens to its end.
pub(super) struct Follower {
    sources: Sources,
    scope: Scope,
    parts: Parts,
    measure: Measure,
    hand: Option<Hand>,
    loop_call: Kind,
    counted: Counters,
    clients_done_at: Option<Instant>,
    /// Whether the clock stood when it was looked at last.
    stood: bool,
}

/// What a look at the run has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// What is asked of the program, what is measured or who plays with it by
    /// hand has changed.
    pub(super) told: bool,
    /// The program has done something.
    pub(super) moved: bool,
    /// The clocks stood before.
    pub(super) stood: bool,
}

impl News {
    /// What of it a picture shows; one that is frozen shows little.
    pub(super) const fn change(self, frozen: bool) -> Change {
        match (self.told, self.moved) {
            (true, _) => Change::Something,
            (_, true) if !frozen => Change::Something,
            _ if self.stood || frozen => Change::Nothing,
            _ => Change::Clocks,
        }
    }
}

/// All that a scene refers to.
struct Parts {
    facts: Facts,
    view: View,
    control: Control,
    measured: Measured,
    hand: Vec<HandClient>,
    history: Vec<Entry>,
    preview: Vec<u8>,
}

impl Parts {
    fn scene(&self) -> Scene<'_> {
        Scene {
            facts: &self.facts,
            view: &self.view,
            control: &self.control,
            measured: &self.measured,
            hand: &self.hand,
            history: &self.history,
            preview: &self.preview,
            playback: None,
        }
    }
}

impl Follower {
    /// Nothing has happened yet.
    pub(super) fn new(about: &About, sources: Sources) -> Self {
        let loop_call = about.mode.loop_call();
        let mut scope = Scope::new(ScopeSettings {
            loop_call,
            polls: about.mode == Mode::Nonblocking,
            options: *about.settings,
            unhandled: unhandled(about.mode, about.settings.errors()),
            rows_kept: ROWS_KEPT,
        });
        let view = scope.view(&sources.tally.snapshot(), Duration::ZERO, 0);
        let counted = sources.tally.totals();
        let one_thread = about.mode.has_one_thread();
        let measure = Measure::new(sources.meters.clone(), one_thread);
        Self {
            sources,
            measure,
            scope,
            parts: Parts {
                facts: about.facts(),
                view,
                control: Control::default(),
                measured: Measured::default(),
                hand: Vec::new(),
                history: Vec::new(),
                preview: Vec::new(),
            },
            hand: None,
            loop_call,
            counted,
            clients_done_at: None,
            stood: false,
        }
    }

    /// The server listens there: clients by hand can be made.
    ///
    /// # Errors
    /// If the thread of those clients cannot be started.
    pub(super) fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        self.parts.facts.address = address;
        self.measure.listener = Some(address);
        self.hand = Some(Hand::start(address)?);
        Ok(())
    }

    /// What was worth telling while it lasted.
    pub(super) fn seen(&self) -> Vec<Finding> {
        self.scope.seen()
    }

    /// How many events were not shown.
    pub(super) fn lost(&self) -> u64 {
        self.sources.stream.lost()
    }

    /// The present moment of the run.
    pub(super) fn now(&self) -> Duration {
        self.sources.stream.now()
    }

    /// What a frame is made from.
    pub(super) fn scene(&self) -> Scene<'_> {
        self.parts.scene()
    }

    /// Whether clients by hand are connected, or are about to be.
    pub(super) fn has_hand_clients(&self) -> bool {
        self.parts.hand.iter().any(HandClient::is_here)
    }

    /// Whether there was any client by hand.
    pub(super) const fn has_had_hand_clients(&self) -> bool {
        !self.parts.hand.is_empty()
    }

    /// Since when all clients of the scenario have been done, as seen from
    /// here.
    pub(super) const fn clients_done_at(&self) -> Option<Instant> {
        self.clients_done_at
    }

    /// Takes in what has happened.
    pub(super) fn follow(&mut self) -> News {
        let now = self.now();
        let held = self.sources.gate.held();
        let holds = held
            .iter()
            .map(|it| at_gate::hold(it, &self.sources.stream))
            .collect();
        self.scope.hold(holds, self.sources.gate.waited(), now);
        let events = self.fold();
        if self.sources.meters.clients_done.load(Relaxed) {
            self.clients_done_at.get_or_insert_with(Instant::now);
        }
        let control = self.control(&held);
        let told = self.measure_anew(control, now);
        self.scope.wait_in_backlog(self.parts.scene().in_backlog());
        let called = self.has_counted();
        let stands = self.sources.gate.clock().stands();
        let stood = std::mem::replace(&mut self.stood, stands);
        if stands {
            // What comes next may be a long time away.
            self.scope.settle(now);
        }
        News { told, moved: events > 0 || called, stood }
    }

    /// Takes in what is told beside the events; tells whether it is new.
    fn measure_anew(&mut self, control: Control, now: Duration) -> bool {
        let hand = self.hand_clients();
        let measured = self.measure.read(now);
        let told = control != self.parts.control
            || hand != self.parts.hand
            || measured != self.parts.measured;
        self.parts.measured = measured;
        self.parts.control = control;
        self.parts.hand = hand;
        told
    }

    fn hand_clients(&self) -> Vec<HandClient> {
        let clients = self.hand.iter().flat_map(Hand::snapshot);
        clients.map(hand_client).collect()
    }

    /// Folds the events that have come, for as long as there is time; tells
    /// how many.
    fn fold(&mut self) -> usize {
        let Sources { gate, stream, .. } = &mut self.sources;
        // At full speed the thread itself tells, and knows best when.
        if gate.is_paused() && gate.waiting() > 0 {
            stream.finish();
        } else if gate.speed().delay().is_some() {
            stream.tell_long_run();
        }
        stream.fold(&mut self.scope)
    }

    /// Whether a call was entered, one that was entered then has returned, or
    /// an event loop has done something.
    fn has_counted(&mut self) -> bool {
        let counted = self.sources.tally.totals();
        let is_news = counted != self.counted;
        self.counted = counted;
        is_news
    }

    fn control(&self, held: &[Held]) -> Control {
        let gate = &self.sources.gate;
        let speed = gate.speed();
        let full = speed.delay().is_none();
        Control {
            paused: gate.is_paused(),
            speed: if full { String::new() } else { speed.to_string() },
            clients_done: self.clients_done_at.is_some(),
            held: held.iter().map(|held| held.thread).collect(),
            before: held.first().map(|held| held.before),
            stands: gate.clock().stands(),
        }
    }

    /// Has the scene show this moment, and all that is known of the socket
    /// whose detail is open.
    pub(super) fn show(&mut self, detail: Option<SocketId>) {
        let now = self.now();
        let lost = self.lost();
        let snapshot = self.sources.tally.snapshot();
        self.parts.view = self.scope.view(&snapshot, now, lost);
        self.parts.history =
            detail.map(|socket| self.scope.history(socket)).unwrap_or_default();
        self.parts.preview = detail
            .map(|socket| self.sources.preview.of(socket))
            .unwrap_or_default();
    }

    /// Has the gate or a client by hand do what is asked for.
    pub(super) fn carry_out(&mut self, effect: Effect) {
        let gate = &self.sources.gate;
        let left = at_gate::steer(gate, effect, self.loop_call);
        if let (Some(of_client), Some(hand)) = (left, &self.hand) {
            // What a client cannot do shows in its state.
            let _ = direct(hand, of_client);
            // The next key may be for a client that is new.
            self.parts.hand = self.hand_clients();
        }
    }
}
