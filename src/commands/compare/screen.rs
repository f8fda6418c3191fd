//! The live screen with a column a mode: what happens goes into views, keys
//! become what is asked of the programs.

use super::deck::Deck;
use super::entry::Entry;
use super::lineup::{Column, Lineup, Standing};
use super::replayed;
use super::session::Session;
use crate::commands::follow::Follower;
use crate::commands::screen::{TICK, UNTOUCHED};
use crate::error::Error;
use crate::run::comparison::{Comparison, compare};
use crate::run::engine::Wish;
use crate::system::signals::{self, Signal};
use crate::tui::compare::{
    ColumnState, Columns, CompareApp, Target, update_columns,
};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{Change, Effect, Message, Pacer, Scene};
use std::time::{Duration, Instant};

/// Shows all runs on the terminal, until all are over and somebody leaves.
pub(super) fn show(
    session: &mut Session,
    lineup: &Lineup,
) -> Result<(), Error> {
    let deck = Deck::new(lineup.recordings())?;
    session.start()?;
    let mut screen = Screen::new(session, lineup, deck)?;
    while !screen.is_left(session) {
        session.attend(TICK)?;
        screen.follow(session);
        screen.pass(session);
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
    cast: Cast,
    /// When those that run were seen last, and at which moment.
    seen: (Instant, Duration),
    comparison: Comparison,
    quits: u32,
    /// Whether a key was pressed.
    touched: bool,
    over_at: Option<Instant>,
    /// How the speed was changed so far: who begins later is as fast.
    speed: Vec<Effect>,
}

/// What is shown of all of them.
struct Cast {
    runs: Vec<Shown>,
    /// The recordings beside those that run: they go along with them.
    deck: Deck,
    standing: Standing,
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
    fn new(
        session: &mut Session,
        lineup: &Lineup,
        deck: Deck,
    ) -> Result<Self, Error> {
        let terminal = Terminal::take().map_err(Error::Output)?;
        let size = terminal.size().map_err(Error::Output)?;
        let course = &session.course;
        let shown = |entry: &Entry| Shown {
            blank: entry.blank(course),
            has_begun: false,
            settled: false,
        };
        let runs: Vec<_> = session.entries.iter().map(shown).collect();
        let standing = lineup.standing(Some(course));
        let columns = standing.columns.len();
        let cast = Cast { runs, deck, standing };
        Ok(Self {
            app: CompareApp::new(terminal::suited(), size, columns),
            pacer: Pacer::default(),
            terminal,
            begun: Instant::now(),
            comparison: cast.comparison(session),
            cast,
            seen: (Instant::now(), Duration::ZERO),
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
        for (entry, shown) in
            session.entries.iter_mut().zip(&mut self.cast.runs)
        {
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
        if session.is_over() && self.cast.deck.is_over() {
            self.over_at.get_or_insert_with(Instant::now);
            if self.time_left().is_some() {
                self.pacer.note(Change::Clocks);
            }
        }
    }

    /// The recordings are at the moment of those that run, which stands while
    /// they are paused; when nothing runs any more, time goes on.
    fn pass(&mut self, session: &Session) {
        let is_over = self.cast.deck.is_over() && session.is_over();
        if is_over || self.cast.deck.is_empty() {
            return;
        }
        let mut running = session.entries.iter().filter(|it| !it.is_over());
        let at = running.find_map(Entry::followed_by).map(|it| it.now());
        let (seen, before) = self.seen;
        let at = at.unwrap_or_else(|| before + seen.elapsed());
        self.seen = (Instant::now(), at);
        if self.cast.deck.go_along(at) {
            self.pacer.note(Change::Something);
        }
        self.pacer.note(self.cast.deck.tick(Instant::now()));
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
            Effect::Seek(_) => {
                let own = self.app.apps.get_mut(self.app.chosen);
                let why = "it goes along with what runs beside it";
                if let Some(own) = own {
                    own.said = Some(why.into());
                }
            }
            _ => {}
        }
        for (place, column) in self.cast.standing.columns.iter().enumerate() {
            let Column::Live(number) = *column else { continue };
            let entry = &mut session.entries[number];
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
        for (place, column) in self.cast.standing.columns.iter().enumerate() {
            let detail = opened.filter(|_| place == self.app.chosen);
            match *column {
                Column::Recorded(number) => self.cast.deck.show(number, detail),
                Column::Live(number) if self.cast.runs[number].settled => {}
                Column::Live(number) => {
                    if let Some(it) = session.entries[number].follower() {
                        it.show(detail);
                    }
                }
            }
        }
        self.comparison = self.cast.comparison(session);
        let left = self.time_left();
        let columns = self.cast.columns(session, &self.comparison, left);
        let drawn = self.terminal.draw_columns(&self.app, &columns);
        drawn.map_err(Error::Output)
    }

    fn columns<'a>(&'a self, session: &'a Session) -> Columns<'a> {
        self.cast.columns(session, &self.comparison, self.time_left())
    }
}

impl Cast {
    fn comparison(&self, session: &Session) -> Comparison {
        let recorded = self.deck.contenders();
        compare(&self.standing.put(session.contenders(), recorded))
    }

    fn columns<'a>(
        &'a self,
        session: &'a Session,
        comparison: &'a Comparison,
        time_left: Option<Duration>,
    ) -> Columns<'a> {
        let columns = self.standing.columns.iter();
        let (scenes, states) =
            columns.filter_map(|column| self.column(session, *column)).unzip();
        Columns {
            scenes,
            states,
            comparison,
            in_turn: session.course.in_turn,
            playback: None,
            ends_in_s: time_left.map(|left| left.as_secs() + 1),
        }
    }

    fn column<'a>(
        &'a self,
        session: &'a Session,
        column: Column,
    ) -> Option<(Scene<'a>, ColumnState)> {
        match column {
            Column::Recorded(number) => Some((
                self.deck.scene(number)?,
                replayed::state(&self.deck, number),
            )),
            Column::Live(number) => {
                let entry = session.entries.get(number)?;
                let blank = &self.runs.get(number)?.blank;
                let follower = entry.followed_by().unwrap_or(blank);
                Some((follower.scene(), state(entry)))
            }
        }
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
