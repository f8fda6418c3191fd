//! The live screen with a column for each mode.

use super::summary::contenders;
use crate::commands::live::{LiveRuns, Track};
use crate::commands::screen::{
    TICK, UNTOUCHED, carry_out, change, is_sent_as_signal,
};
use crate::error::Error;
use crate::run::comparison::{Comparison, compare};
use crate::run::engine::Wish;
use crate::run::session::SessionRun;
use crate::run::watch::RunWatch;
use crate::tui::compare::{
    ColumnState, Columns, CompareApp, Target, update_columns,
};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{App, Change, Effect, Message, Pacer};
use std::time::{Duration, Instant};

/// Shows all runs on the terminal, until all are over and the user leaves.
pub(super) fn show(runs: &mut LiveRuns) -> Result<(), Error> {
    // The screen opens when the addresses have been printed.
    while runs.session.is_arriving() {
        runs.attend(TICK)?;
    }
    let mut screen = Screen::open(runs).map_err(Error::Output)?;
    runs.is_screen_open = true;
    while !screen.is_left(runs) {
        runs.attend(TICK)?;
        screen.follow(runs);
        screen.obey(runs)?;
        screen.draw(runs)?;
    }
    screen.terminal.give_back().map_err(Error::Output)
}

struct Screen {
    app: CompareApp,
    pacer: Pacer,
    terminal: Terminal,
    begun: Instant,
    /// Which runs have begun, as far as the screen has noticed.
    has_begun: Vec<bool>,
    /// Which runs are over and shown as they ended.
    is_settled: Vec<bool>,
    comparison: Comparison,
    quits: u32,
    /// Whether a key was pressed.
    is_touched: bool,
    over_at: Option<Instant>,
    /// How the speed was changed so far: a run that begins later is as fast.
    speed: Vec<Effect>,
}

impl Screen {
    fn open(runs: &LiveRuns) -> std::io::Result<Self> {
        let terminal = Terminal::take()?;
        let size = terminal.size()?;
        let columns = runs.tracks.len();
        Ok(Self {
            app: CompareApp::new(terminal::suited(), size, columns),
            pacer: Pacer::default(),
            terminal,
            begun: Instant::now(),
            has_begun: vec![false; columns],
            is_settled: vec![false; columns],
            comparison: compare(&contenders(runs)),
            quits: 0,
            is_touched: false,
            over_at: None,
            speed: Vec::new(),
        })
    }

    /// Whether nothing runs any more and the user has seen enough.
    fn is_left(&self, runs: &LiveRuns) -> bool {
        let asked = self.quits > 0 || runs.session.is_ending();
        let done = self.time_left() == Some(Duration::ZERO);
        runs.session.is_over() && (asked || done)
    }

    /// How long an untouched screen stays, once all are over.
    fn time_left(&self) -> Option<Duration> {
        let over_at = self.over_at.filter(|_| !self.is_touched)?;
        Some(UNTOUCHED.saturating_sub(over_at.elapsed()))
    }

    /// Takes in what has happened, and notes whether that changes anything
    /// on the screen.
    fn follow(&mut self, runs: &mut LiveRuns) {
        for (place, (run, track)) in pairs(runs).enumerate() {
            let Some(watch) = &mut track.watch else { continue };
            if !run.has_begun() || self.is_settled[place] {
                continue;
            }
            if !self.has_begun[place] {
                self.has_begun[place] = true;
                for effect in &self.speed {
                    carry_out(run, watch, effect.clone());
                }
            }
            if run.is_over() {
                self.is_settled[place] = true;
                self.pacer.note(Change::Something);
                continue;
            }
            let news = watch.follow(run, None);
            self.pacer.note(change(news, self.app.frozen.is_some()));
            close_if_done(run, watch);
        }
        if runs.session.is_over() {
            self.over_at.get_or_insert_with(Instant::now);
            if self.time_left().is_some() {
                self.pacer.note(Change::Clocks);
            }
        }
    }

    /// Carries out what keys and mouse ask for.
    fn obey(&mut self, runs: &mut LiveRuns) -> Result<(), Error> {
        while let Some(message) = self.message()? {
            self.is_touched |= !matches!(message, Message::Resize(_));
            let mut app = self.app.clone();
            let columns = columns(runs, &self.comparison, self.time_left());
            let effects = update_columns(&mut app, message, &columns);
            self.app = app;
            for (target, effect) in effects {
                self.carry_out(runs, target, &effect);
            }
            self.pacer.note(Change::Something);
        }
        Ok(())
    }

    fn message(&mut self) -> Result<Option<Message>, Error> {
        let next = self.terminal.next_of_columns(&self.app, Duration::ZERO);
        next.map_err(Error::Output)
    }

    fn carry_out(
        &mut self,
        runs: &mut LiveRuns,
        target: Target,
        effect: &Effect,
    ) {
        if is_sent_as_signal(effect) {
            return;
        }
        match effect {
            Effect::Quit | Effect::Interrupt => {
                self.quits += 1;
                let again = self.quits > 1;
                runs.session.wish(if again { Wish::Cut } else { Wish::Stop });
                return;
            }
            Effect::Slower | Effect::Faster => {
                self.speed.push(effect.clone());
            }
            _ => {}
        }
        for (place, (run, track)) in pairs(runs).enumerate() {
            let meant =
                target == Target::All || target == Target::Column(place);
            if !meant || !run.has_begun() || run.is_over() {
                continue;
            }
            if let Some(watch) = &mut track.watch {
                carry_out(run, watch, effect.clone());
            }
        }
    }

    fn draw(&mut self, runs: &mut LiveRuns) -> Result<(), Error> {
        if !self.pacer.due(self.begun.elapsed()) {
            return Ok(());
        }
        let opened = self.app.open_app().and_then(App::detail);
        for (place, (run, track)) in pairs(runs).enumerate() {
            let detail = opened.filter(|_| place == self.app.chosen);
            if let Some(watch) = &mut track.watch
                && run.has_begun()
                && !self.is_settled[place]
            {
                watch.show(run, detail);
            }
        }
        self.comparison = compare(&contenders(runs));
        let columns = columns(runs, &self.comparison, self.time_left());
        let drawn = self.terminal.draw_columns(&self.app, &columns);
        drawn.map_err(Error::Output)
    }
}

fn pairs(
    runs: &mut LiveRuns,
) -> impl Iterator<Item = (&mut SessionRun, &mut Track)> {
    runs.session.runs_mut().iter_mut().zip(&mut runs.tracks)
}

/// A run whose clients are done ends, unless clients by hand are connected.
fn close_if_done(run: &SessionRun, watch: &RunWatch) {
    if watch.clients_done_at().is_some() && !watch.has_hand_clients() {
        run.wish(Wish::Close);
    }
}

fn columns<'a>(
    runs: &'a LiveRuns,
    comparison: &'a Comparison,
    time_left: Option<Duration>,
) -> Columns<'a> {
    let watches = runs.tracks.iter().filter_map(|it| it.watch.as_ref());
    Columns {
        scenes: watches.map(RunWatch::scene).collect(),
        states: runs.session.runs().iter().map(state).collect(),
        comparison,
        in_turn: runs.session.setup().in_turn,
        playback: None,
        ends_in_s: time_left.map(|left| left.as_secs() + 1),
    }
}

fn state(run: &SessionRun) -> ColumnState {
    match run.failure() {
        Some(why) => ColumnState::Failed(why),
        None if run.is_over() => ColumnState::Over,
        None if run.has_begun() => ColumnState::Running,
        None => ColumnState::Waiting,
    }
}
