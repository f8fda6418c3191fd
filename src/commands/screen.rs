//! The live screen: what happens goes into a view, keys become what is asked
//! of the program.

use super::live::LiveRuns;
use crate::error::Error;
use crate::load::{Hand, Refusal};
use crate::probe::{Gate, Kind};
use crate::run::engine::Wish;
use crate::run::session::SessionRun;
use crate::run::watch::{News, RunWatch};
use crate::system::signals::{self, Signal};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{App, Change, Effect, Message, Pacer, update};
use ratatui::layout::Size;
use std::time::Duration;

/// How often keys and events are looked for.
pub(super) const TICK: Duration = Duration::from_millis(40);

/// How long after the clients' end an untouched screen stays.
pub(super) const UNTOUCHED: Duration = Duration::from_secs(10);

/// Shows the first run on the terminal until it is over.
pub(super) fn show(runs: &mut LiveRuns) -> Result<(), Error> {
    // The screen opens when the address has been printed.
    while runs.session.is_arriving() {
        runs.attend(TICK)?;
    }
    if runs.session.is_over() {
        return Ok(());
    }
    let mut screen = LiveScreen::open().map_err(Error::Output)?;
    runs.is_screen_open = true;
    while !runs.session.is_over() {
        runs.attend(TICK)?;
        screen.follow(runs);
        screen.obey(runs)?;
        screen.draw(runs)?;
    }
    screen.terminal.give_back().map_err(Error::Output)
}

struct LiveScreen {
    app: App,
    pacer: Pacer,
    terminal: Terminal,
    quits: u32,
    /// Whether a key was pressed.
    is_touched: bool,
}

impl LiveScreen {
    fn open() -> std::io::Result<Self> {
        let terminal = Terminal::take()?;
        let mut app = App::new(terminal::suited(), Size::ZERO);
        app.size = terminal.size()?;
        let pacer = Pacer::default();
        Ok(Self { app, pacer, terminal, quits: 0, is_touched: false })
    }

    /// Takes in what has happened, and notes whether that changes anything
    /// on the screen.
    fn follow(&mut self, runs: &mut LiveRuns) {
        let Some((run, watch)) = first(runs) else { return };
        let news = watch.follow(run, self.time_left(watch));
        self.pacer.note(change(news, self.app.frozen.is_some()));
        if self.time_left(watch) == Some(Duration::ZERO) {
            run.wish(Wish::Close);
        }
    }

    /// How long an untouched screen stays, once the clients are done.
    fn time_left(&self, watch: &RunWatch) -> Option<Duration> {
        let done_at = watch.clients_done_at().filter(|_| !self.is_touched)?;
        Some(UNTOUCHED.saturating_sub(done_at.elapsed()))
    }

    /// Carries out what keys and mouse ask for.
    fn obey(&mut self, runs: &mut LiveRuns) -> Result<(), Error> {
        loop {
            let next = self.terminal.next(&self.app, Duration::ZERO);
            let Some(message) = next.map_err(Error::Output)? else {
                return Ok(());
            };
            self.is_touched |= !matches!(message, Message::Resize(_));
            let Some((_, watch)) = first(runs) else { return Ok(()) };
            let effects = update(&mut self.app, message, &watch.scene());
            for effect in effects {
                if is_sent_as_signal(&effect) {
                    continue;
                }
                if matches!(effect, Effect::Quit | Effect::Interrupt) {
                    self.quits += 1;
                    let again = self.quits > 1;
                    let wish = if again { Wish::Cut } else { Wish::Stop };
                    runs.session.wish(wish);
                } else if let Some((run, watch)) = first(runs) {
                    carry_out(run, watch, effect);
                }
            }
            self.pacer.note(Change::Something);
        }
    }

    fn draw(&mut self, runs: &mut LiveRuns) -> Result<(), Error> {
        let Some((run, watch)) = first(runs) else { return Ok(()) };
        if !self.pacer.due(run.now()) {
            return Ok(());
        }
        watch.show(run, self.app.detail());
        let drawn = self.terminal.draw(&self.app, &watch.scene());
        drawn.map_err(Error::Output)
    }
}

fn first(runs: &mut LiveRuns) -> Option<(&mut SessionRun, &mut RunWatch)> {
    let run = runs.session.runs_mut().first_mut()?;
    Some((run, runs.tracks.first_mut()?.watch.as_mut()?))
}

/// What of the news a picture shows; one that is frozen shows little.
pub(super) const fn change(news: News, is_frozen: bool) -> Change {
    match (news.state, news.moved) {
        (true, _) => Change::Something,
        (_, true) if !is_frozen => Change::Something,
        _ if news.stood || is_frozen => Change::Nothing,
        _ => Change::Clocks,
    }
}

/// In raw mode the terminal makes no signal of Ctrl-C; where none can be sent
/// it is a wish to quit.
pub(super) fn is_sent_as_signal(effect: &Effect) -> bool {
    *effect == Effect::Interrupt && signals::raise(Signal::Interrupt).is_ok()
}

/// Has the gate or a client by hand do what is asked for.
pub(super) fn carry_out(
    run: &SessionRun,
    watch: &mut RunWatch,
    effect: Effect,
) {
    let loop_call = run.mode.loop_call();
    let left = match &run.gate {
        Some(gate) => steer(gate, effect, loop_call),
        None => Some(effect),
    };
    if let (Some(of_client), Some(hand)) = (left, watch.hand()) {
        // What a client cannot do shows in its state.
        let _ = direct(hand, of_client);
        watch.look_at_hand();
    }
}

/// Has the gate do what is asked for. Gives back what does not concern it.
fn steer(gate: &Gate, effect: Effect, loop_call: Kind) -> Option<Effect> {
    // A step that cannot be made shows: nothing moves.
    match effect {
        Effect::Pause => gate.pause(),
        Effect::Resume => gate.resume(),
        Effect::StepCall => {
            gate.step_call();
        }
        Effect::StepIteration => {
            gate.step_iteration(loop_call);
        }
        Effect::StepLoop => {
            gate.step_loop();
        }
        Effect::StepTask => {
            gate.step_task();
        }
        Effect::Slower => gate.set_speed(gate.speed().slower()),
        Effect::Faster => gate.set_speed(gate.speed().faster()),
        other => return Some(other),
    }
    None
}

/// Tells a client by hand what to do.
fn direct(hand: &Hand, effect: Effect) -> Result<(), Refusal> {
    match effect {
        Effect::Connect => hand.connect().map(drop),
        Effect::Say { client, text, newline } => {
            let end = if newline { "\n" } else { "" };
            hand.say(client.0, (text + end).as_bytes())
        }
        Effect::StopReading(client) => hand.set_reading(client.0, false),
        Effect::StartReading(client) => hand.set_reading(client.0, true),
        Effect::HalfClose(client) => hand.half_close(client.0),
        Effect::Close(client) => hand.close(client.0),
        Effect::Reset(client) => hand.reset(client.0),
        Effect::Boom(client) => hand.say(client.0, b"boom\n"),
        _ => Ok(()),
    }
}
