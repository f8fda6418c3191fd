//! The live screen as the one who looks on: what happens goes into a view,
//! keys become what is asked of the program.

use super::about::About;
use super::at_gate;
use super::by_hand::{direct, hand_client};
use super::measure::Measure;
use super::output::try_print;
use super::stream::Stream;
use super::summary::unhandled;
use crate::load::Hand;
use crate::model::view::{Scope, ScopeSettings, View};
use crate::model::{Entry, Finding};
use crate::modes::Mode;
use crate::probe::{Gate, Held, Kind, Preview, Tally, TallySnapshot};
use crate::scenario::engine::{Watcher, Wish};
use crate::scenario::meters::Meters;
use crate::system::signals::{self, Signal};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{
    App, Change, Control, Effect, Facts, HandClient, Measured, Message, Pacer,
    Scene, update,
};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// How often keys and events are looked for.
const TICK: Duration = Duration::from_millis(40);

/// How long after the clients' end an untouched screen stays: a run that
/// nobody leads ends by itself.
const UNTOUCHED: Duration = Duration::from_secs(10);

/// How many connections have a row.
const ROWS_KEPT: usize = 2_000;

/// Where what is shown comes from.
pub(super) struct Sources {
    pub(super) stream: Stream,
    pub(super) tally: Arc<Tally>,
    pub(super) gate: Arc<Gate>,
    pub(super) preview: Arc<Preview>,
    pub(super) meters: Meters,
}

/// Shows the run on the terminal.
pub(super) struct ScreenWatcher {
    sources: Sources,
    scope: Scope,
    parts: Parts,
    app: App,
    pacer: Pacer,
    measure: Measure,
    terminal: Option<Terminal>,
    hand: Option<Hand>,
    counted: TallySnapshot,
    /// Until when was looked after the program, and for how long in all it
    /// was held up by then.
    followed: Duration,
    held_up: Duration,
    quits: u32,
    /// Whether a key was pressed.
    touched: bool,
    clients_done_at: Option<Instant>,
    /// The moment that is shown while the program stands still.
    stood_at: Option<Duration>,
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
        }
    }
}

impl ScreenWatcher {
    /// A screen that is not shown until the server listens.
    pub(super) fn new(about: &About, sources: Sources) -> Self {
        let loop_call = about.mode.loop_call();
        let mut scope = Scope::new(ScopeSettings {
            loop_call,
            polls: about.mode == Mode::Nonblocking,
            buffer_limit: about.settings.buffer_limit,
            recv_size: about.settings.recv_size,
            unhandled: unhandled(about.mode, about.settings.errors),
            rows_kept: ROWS_KEPT,
            grace: about.grace,
        });
        let view = scope.view(&sources.tally.snapshot(), Duration::ZERO, 0);
        let app = App::new(terminal::suited(), ratatui::layout::Size::ZERO);
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
            app,
            pacer: Pacer::default(),
            terminal: None,
            hand: None,
            counted,
            followed: Duration::ZERO,
            held_up: Duration::ZERO,
            quits: 0,
            touched: false,
            clients_done_at: None,
            stood_at: None,
        }
    }

    /// What was worth telling while it lasted.
    pub(super) fn seen(&self) -> Vec<Finding> {
        self.scope.seen()
    }

    /// Gives the terminal back and tells how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if let Some(terminal) = self.terminal.take() {
            terminal.give_back()?;
        }
        Ok(self.sources.stream.lost())
    }

    /// Takes in what has happened, and notes whether that changes anything
    /// on the screen.
    fn follow(&mut self) {
        let now = self.sources.stream.now();
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
        self.hold_up(&control, now);
        let hand: Vec<_> = self
            .hand
            .iter()
            .flat_map(Hand::snapshot)
            .map(hand_client)
            .collect();
        let measured = self.measure.read(now);
        let told = control != self.parts.control
            || hand != self.parts.hand
            || measured != self.parts.measured;
        self.parts.measured = measured;
        self.parts.control = control;
        self.parts.hand = hand;
        self.scope.wait_in_backlog(self.parts.scene().in_backlog());
        let called = self.has_counted();
        let moved = events > 0 || called;
        let stood = self.stood_at.is_some();
        self.stand(called, now);
        let stands = stood || self.app.frozen.is_some();
        self.pacer.note(match (told, moved) {
            (true, _) => Change::Something,
            (_, true) if self.app.frozen.is_none() => Change::Something,
            _ if stands => Change::Nothing,
            _ => Change::Clocks,
        });
    }

    /// The clocks stand while the program is paused and every thread is held;
    /// of one that is asleep in the kernel the sleep goes on.
    fn stand(&mut self, called: bool, now: Duration) {
        let held = &self.parts.control.held;
        let mut threads = self.parts.view.threads.iter();
        let all = threads.all(|it| held.contains(&it.thread));
        let still = all && !called && !held.is_empty();
        let still = still && self.parts.control.paused;
        self.stood_at = still.then(|| self.stood_at.unwrap_or(now));
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
        let mut counted = self.sources.tally.totals();
        // That time passes is no news.
        counted.turns.since = Duration::ZERO;
        let is_news = counted != self.counted;
        self.counted = counted;
        is_news
    }

    /// Notes for how long the program was paused or slowed down.
    fn hold_up(&mut self, control: &Control, now: Duration) {
        if control.paused || !control.speed.is_empty() {
            self.held_up += now.saturating_sub(self.followed);
            self.sources.meters.load.hold_up(self.held_up);
        }
        self.followed = now;
    }

    /// How long an untouched screen stays, once the clients are done.
    fn time_left(&self) -> Option<Duration> {
        let done_at = self.clients_done_at.filter(|_| !self.touched)?;
        Some(UNTOUCHED.saturating_sub(done_at.elapsed()))
    }

    fn control(&self, held: &[Held]) -> Control {
        let gate = &self.sources.gate;
        let speed = gate.speed();
        let full = speed.delay().is_none();
        Control {
            paused: gate.is_paused(),
            speed: if full { String::new() } else { speed.to_string() },
            clients_done: self.clients_done_at.is_some(),
            ends_in_s: self.time_left().map(|left| left.as_secs() + 1),
            held: held.iter().map(|held| held.thread).collect(),
            before: held.first().map(|held| held.before),
            stands: self.stood_at.is_some(),
        }
    }

    /// Carries out what keys and mouse ask for.
    fn obey(&mut self) -> io::Result<Wish> {
        let mut wish = match self.time_left() {
            Some(Duration::ZERO) => Wish::Close,
            _ => Wish::GoOn,
        };
        while let Some(terminal) = &mut self.terminal {
            let Some(message) = terminal.next(&self.app, Duration::ZERO)?
            else {
                break;
            };
            self.touched |= !matches!(message, Message::Resize(_));
            let effects = update(&mut self.app, message, &self.parts.scene());
            for effect in effects {
                // In raw mode the terminal makes no signal of Ctrl-C; where
                // none can be sent it is a wish to quit.
                let sent = effect == Effect::Interrupt
                    && signals::raise(Signal::Interrupt).is_ok();
                if sent {
                    continue;
                }
                if matches!(effect, Effect::Quit | Effect::Interrupt) {
                    self.quits += 1;
                    wish = if self.quits > 1 { Wish::Cut } else { Wish::Stop };
                } else {
                    self.carry_out(effect);
                }
            }
            self.pacer.note(Change::Something);
        }
        Ok(wish)
    }

    fn carry_out(&self, effect: Effect) {
        let gate = &self.sources.gate;
        let left = at_gate::steer(gate, effect, self.loop_call());
        if let (Some(of_client), Some(hand)) = (left, &self.hand) {
            // What a client cannot do shows in its state.
            let _ = direct(hand, of_client);
        }
    }

    fn loop_call(&self) -> Kind {
        let modes = Mode::ALL.into_iter();
        let mut own = modes.filter(|it| it.name() == self.parts.facts.mode);
        own.next().map_or(Kind::Accept, Mode::loop_call)
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = self.sources.stream.now();
        if !self.pacer.due(now) {
            return Ok(());
        }
        let lost = self.sources.stream.lost();
        let shown = self.stood_at.unwrap_or(now);
        let stood = now.saturating_sub(shown);
        let snapshot = self.sources.tally.snapshot().before(stood);
        self.parts.control.stands = self.stood_at.is_some();
        self.parts.view = self.scope.view(&snapshot, shown, lost);
        let detail = self.app.detail();
        self.parts.history =
            detail.map(|socket| self.scope.history(socket)).unwrap_or_default();
        self.parts.preview = detail
            .map(|socket| self.sources.preview.of(socket))
            .unwrap_or_default();
        let Some(terminal) = &mut self.terminal else { return Ok(()) };
        terminal.draw(&self.app, &self.parts.scene())
    }
}

impl Watcher for ScreenWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&format!("listening on {address}\n"))?;
        self.parts.facts.address = address;
        self.measure.listener = Some(address);
        self.hand = Some(Hand::start(address)?);
        let terminal = Terminal::take()?;
        self.app.size = terminal.size()?;
        self.terminal = Some(terminal);
        Ok(())
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        self.follow();
        let wish = self.obey()?;
        self.draw()?;
        Ok(wish)
    }
}
