//! The live screen with a column a mode: what happens goes into views, keys
//! become what is asked of the programs.

use super::entry::Entry;
use super::session::Session;
use crate::commands::follow::Follower;
use crate::commands::screen::{TICK, UNTOUCHED};
use crate::error::Error;
use crate::model::Comparison;
use crate::scenario::engine::Wish;
use crate::system::signals::{self, Signal};
use crate::tui::compare::{
    ColumnState, Columns, CompareApp, Target, update_columns,
};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{Change, Effect, Message, Pacer};
use std::time::{Duration, Instant};

/// Shows all runs on the terminal, until all are over and somebody leaves.
pub(super) fn show(session: &mut Session) -> Result<(), Error> {
    session.start()?;
    let mut screen = Screen::new(session)?;
    while !screen.is_left(session) {
        session.attend(TICK)?;
        screen.follow(session);
        screen.obey(session)?;
        screen.draw(session)?;
    }
    screen.terminal.give_back().map_err(Error::Output)
}

struct Screen {
    app: CompareApp,
    pacer: Pacer,
    terminal: Terminal,
    begun: Instant,
    runs: Vec<Shown>,
    comparison: Comparison,
    quits: u32,
    /// Whether a key was pressed.
    touched: bool,
    over_at: Option<Instant>,
    /// How the speed was changed so far: who begins later is as fast.
    speed: Vec<Effect>,
}

/// What is shown of one mode's run.
struct Shown {
    /// In place of what follows the run, as long as there is none.
    blank: Follower,
    has_begun: bool,
    /// It is over, and that has been taken in.
    settled: bool,
}

impl Screen {
    fn new(session: &mut Session) -> Result<Self, Error> {
        let terminal = Terminal::take().map_err(Error::Output)?;
        let size = terminal.size().map_err(Error::Output)?;
        let course = &session.course;
        let shown = |entry: &Entry| Shown {
            blank: entry.blank(course),
            has_begun: false,
            settled: false,
        };
        let runs: Vec<_> = session.entries.iter().map(shown).collect();
        Ok(Self {
            app: CompareApp::new(terminal::suited(), size, runs.len()),
            pacer: Pacer::default(),
            terminal,
            begun: Instant::now(),
            runs,
            comparison: session.comparison(),
            quits: 0,
            touched: false,
            over_at: None,
            speed: Vec::new(),
        })
    }

    /// Whether nothing runs any more and nobody wants to see more of it.
    fn is_left(&self, session: &Session) -> bool {
        let asked = self.quits > 0 || session.is_ending();
        let done = self.time_left() == Some(Duration::ZERO);
        session.is_over() && (asked || done)
    }

    /// How long an untouched screen stays, once all are over.
    fn time_left(&self) -> Option<Duration> {
        let over_at = self.over_at.filter(|_| !self.touched)?;
        Some(UNTOUCHED.saturating_sub(over_at.elapsed()))
    }

    /// Takes in what has happened, and notes whether that changes anything
    /// on the screen.
    fn follow(&mut self, session: &mut Session) {
        for (entry, shown) in session.entries.iter_mut().zip(&mut self.runs) {
            let is_over = entry.is_over();
            let Some(follower) = entry.follower() else { continue };
            if !shown.has_begun {
                shown.has_begun = true;
                for effect in &self.speed {
                    follower.carry_out(effect.clone());
                }
            }
            if shown.settled {
                continue;
            }
            let news = follower.follow(None);
            self.pacer.note(news.change(self.app.frozen.is_some()));
            if is_over {
                shown.settled = true;
                follower.show(None);
                self.pacer.note(Change::Something);
            }
            entry.hold();
        }
        if session.is_over() {
            self.over_at.get_or_insert_with(Instant::now);
            if self.time_left().is_some() {
                self.pacer.note(Change::Clocks);
            }
        }
    }

    /// Carries out what keys and mouse ask for.
    fn obey(&mut self, session: &mut Session) -> Result<(), Error> {
        while let Some(message) = self.message()? {
            self.touched |= !matches!(message, Message::Resize(_));
            let mut app = self.app.clone();
            let effects =
                update_columns(&mut app, message, &self.columns(session));
            self.app = app;
            for (target, effect) in effects {
                self.carry_out(session, target, &effect);
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
        session: &mut Session,
        target: Target,
        effect: &Effect,
    ) {
        // In raw mode the terminal makes no signal of Ctrl-C; where none can
        // be sent it is a wish to quit.
        let sent = *effect == Effect::Interrupt
            && signals::raise(Signal::Interrupt).is_ok();
        if sent {
            return;
        }
        match effect {
            Effect::Quit | Effect::Interrupt => {
                self.quits += 1;
                let again = self.quits > 1;
                session.wish(if again { Wish::Cut } else { Wish::Stop });
                return;
            }
            Effect::Slower | Effect::Faster => {
                self.speed.push(effect.clone());
            }
            _ => {}
        }
        for (place, entry) in session.entries.iter_mut().enumerate() {
            let meant =
                target == Target::All || target == Target::Column(place);
            if !meant || entry.is_over() {
                continue;
            }
            if let Some(follower) = entry.follower() {
                follower.carry_out(effect.clone());
                entry.hold();
            }
        }
    }

    fn draw(&mut self, session: &mut Session) -> Result<(), Error> {
        if !self.pacer.due(self.begun.elapsed()) {
            return Ok(());
        }
        let opened = self.app.open_app().and_then(crate::tui::App::detail);
        for (place, entry) in session.entries.iter_mut().enumerate() {
            let detail = opened.filter(|_| place == self.app.chosen);
            let settled = self.runs[place].settled;
            if let Some(follower) = entry.follower().filter(|_| !settled) {
                follower.show(detail);
            }
        }
        self.comparison = session.comparison();
        let columns =
            columns(session, &self.runs, &self.comparison, self.time_left());
        let drawn = self.terminal.draw_columns(&self.app, &columns);
        drawn.map_err(Error::Output)
    }

    fn columns<'a>(&'a self, session: &'a Session) -> Columns<'a> {
        columns(session, &self.runs, &self.comparison, self.time_left())
    }
}

fn columns<'a>(
    session: &'a Session,
    runs: &'a [Shown],
    comparison: &'a Comparison,
    time_left: Option<Duration>,
) -> Columns<'a> {
    let entries = session.entries.iter().zip(runs);
    let scene = |(entry, shown): (&'a Entry, &'a Shown)| {
        entry.followed_by().unwrap_or(&shown.blank).scene()
    };
    Columns {
        scenes: entries.map(scene).collect(),
        states: session.entries.iter().map(state).collect(),
        comparison,
        in_turn: session.course.in_turn,
        ends_in_s: time_left.map(|left| left.as_secs() + 1),
    }
}

fn state(entry: &Entry) -> ColumnState {
    match entry.failure() {
        Some(why) => ColumnState::Failed(why.to_owned()),
        None if entry.is_over() => ColumnState::Over,
        None if entry.has_begun() => ColumnState::Running,
        None => ColumnState::Waiting,
    }
}
