//! Recorded runs side by side on the screen.

use super::deck::Deck;
use super::recordings::Recordings;
use crate::error::Error;
use crate::run::comparison::{Comparison, compare};
use crate::system::signals;
use crate::tui::compare::{
    ColumnState, Columns, CompareApp, Target, update_columns,
};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{App, Change, Effect, Message, Pacer};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// How often keys are looked for while they play or go to a place.
const TICK: Duration = Duration::from_millis(10);

/// The same while they stand still.
const REST: Duration = Duration::from_millis(40);

/// Shows them until somebody has seen enough.
pub(super) fn show(recordings: &Recordings) -> Result<(), Error> {
    let (sender, signals) = channel();
    let deliver = move |signal| {
        let _ = sender.send(signal);
    };
    signals::receive(deliver)
        .map_err(|source| Error::System { what: "wait for signals", source })?;
    let mut screen = Screen::new(recordings)?;
    while !screen.is_left(&signals) {
        let patience = screen.rest;
        screen.obey(patience)?;
        let change = screen.deck.tick(Instant::now());
        screen.pacer.note(change);
        screen.rest = if change == Change::Nothing { REST } else { TICK };
        screen.draw()?;
    }
    screen.terminal.give_back().map_err(Error::Output)
}

struct Screen<'a> {
    app: CompareApp,
    deck: Deck,
    recordings: &'a Recordings,
    comparison: Comparison,
    pacer: Pacer,
    terminal: Terminal,
    begun: Instant,
    rest: Duration,
    has_quit: bool,
}

impl<'a> Screen<'a> {
    fn new(recordings: &'a Recordings) -> Result<Self, Error> {
        let deck = Deck::new(recordings.all.iter())?;
        let runs = recordings.all.len();
        let terminal = Terminal::take().map_err(Error::Output)?;
        let size = terminal.size().map_err(Error::Output)?;
        let look = terminal::suited();
        Ok(Self {
            app: CompareApp::of_recordings(look, size, runs),
            comparison: comparison(&deck, recordings),
            deck,
            recordings,
            pacer: Pacer::default(),
            terminal,
            begun: Instant::now(),
            rest: Duration::ZERO,
            has_quit: false,
        })
    }

    fn is_left<T>(&self, signals: &Receiver<T>) -> bool {
        let quiet = matches!(signals.try_recv(), Err(TryRecvError::Empty));
        self.has_quit || !quiet
    }

    /// Does what keys and mouse ask for; waits so long for the first.
    fn obey(&mut self, mut patience: Duration) -> Result<(), Error> {
        while let Some(message) = self.message(patience)? {
            patience = Duration::ZERO;
            let mut app = self.app.clone();
            let columns = columns(&self.deck, &self.comparison);
            let effects = update_columns(&mut app, message, &columns);
            self.app = app;
            for (target, effect) in effects {
                self.carry_out(target, effect);
            }
            self.pacer.note(Change::Something);
        }
        Ok(())
    }

    fn message(&mut self, wait: Duration) -> Result<Option<Message>, Error> {
        let next = self.terminal.next_of_columns(&self.app, wait);
        next.map_err(Error::Output)
    }

    fn carry_out(&mut self, target: Target, effect: Effect) {
        match (effect, target) {
            (Effect::Quit | Effect::Interrupt, _) => self.has_quit = true,
            (Effect::Seek(seek), Target::All) => self.deck.seek(None, seek),
            (Effect::Seek(seek), Target::Column(place)) => {
                self.deck.seek(Some(place), seek);
            }
            _ => {}
        }
    }

    fn draw(&mut self) -> Result<(), Error> {
        if !self.pacer.due(self.begun.elapsed()) {
            return Ok(());
        }
        let opened = self.app.open_app().and_then(App::detail);
        for place in 0..self.recordings.all.len() {
            let detail = opened.filter(|_| place == self.app.chosen);
            self.deck.show(place, detail);
        }
        self.comparison = comparison(&self.deck, self.recordings);
        let columns = columns(&self.deck, &self.comparison);
        let drawn = self.terminal.draw_columns(&self.app, &columns);
        drawn.map_err(Error::Output)
    }
}

/// What they have in which they differ, at the moment that is shown.
fn comparison(deck: &Deck, recordings: &Recordings) -> Comparison {
    compare(&recordings.contenders(deck.contenders()))
}

fn columns<'a>(deck: &'a Deck, comparison: &'a Comparison) -> Columns<'a> {
    let places = 0..comparison.names.len();
    Columns {
        scenes: places.clone().filter_map(|it| deck.scene(it)).collect(),
        states: places.map(|it| state(deck, it)).collect(),
        comparison,
        in_turn: false,
        playback: Some(deck.playback()),
        ends_in_s: None,
    }
}

/// How far a recorded run is at the moment that is shown.
fn state(deck: &Deck, place: usize) -> ColumnState {
    if !deck.has_ended(place) {
        return ColumnState::Recorded;
    }
    match deck.failure(place) {
        Some(why) => ColumnState::Failed(why),
        None => ColumnState::Over,
    }
}
