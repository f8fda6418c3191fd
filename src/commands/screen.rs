//! The live screen as the one who looks on: what happens goes into a view,
//! keys become what is asked of the program.

use super::about::About;
use super::follow::{Follower, Sources};
use super::output::try_print;
use crate::run::engine::{Watcher, Wish};
use crate::system::signals::{self, Signal};
use crate::tui::terminal::{self, Terminal};
use crate::tui::{App, Change, Effect, Message, Pacer, update};
use crate::view::Finding;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often keys and events are looked for.
pub(super) const TICK: Duration = Duration::from_millis(40);

/// How long after the clients' end an untouched screen stays: a run that
/// nobody leads ends by itself.
pub(super) const UNTOUCHED: Duration = Duration::from_secs(10);

/// Shows the run on the terminal.
pub(super) struct ScreenWatcher {
    run: Follower,
    app: App,
    pacer: Pacer,
    /// From when the pacer's times count: a frame is due by the system's clock.
    begun: Instant,
    terminal: Option<Terminal>,
    quits: u32,
    /// Whether a key was pressed.
    touched: bool,
}

impl ScreenWatcher {
    /// A screen that is not shown until the server listens.
    pub(super) fn new(about: &About, sources: Sources) -> Self {
        Self {
            run: Follower::new(about, sources),
            app: App::new(terminal::suited(), ratatui::layout::Size::ZERO),
            pacer: Pacer::default(),
            begun: Instant::now(),
            terminal: None,
            quits: 0,
            touched: false,
        }
    }

    /// What was worth telling while it lasted.
    pub(super) fn seen(&self) -> Vec<Finding> {
        self.run.seen()
    }

    /// Gives the terminal back and tells how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if let Some(terminal) = self.terminal.take() {
            terminal.give_back()?;
        }
        Ok(self.run.lost())
    }

    /// Takes in what has happened, and notes whether that changes anything
    /// on the screen.
    fn follow(&mut self) {
        let left = self.time_left();
        let news = self.run.follow(left);
        self.pacer.note(news.change(self.app.frozen.is_some()));
    }

    /// How long an untouched screen stays, once the clients are done.
    fn time_left(&mut self) -> Option<Duration> {
        let done_at = self.run.clients_done_at().filter(|_| !self.touched)?;
        Some(UNTOUCHED.saturating_sub(done_at.elapsed()))
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
            let effects = update(&mut self.app, message, &self.run.scene());
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
                    self.run.carry_out(effect);
                }
            }
            self.pacer.note(Change::Something);
        }
        Ok(wish)
    }

    fn draw(&mut self) -> io::Result<()> {
        if !self.pacer.due(self.begun.elapsed()) {
            return Ok(());
        }
        self.run.show(self.app.detail());
        let Some(terminal) = &mut self.terminal else { return Ok(()) };
        terminal.draw(&self.app, &self.run.scene())
    }
}

impl Watcher for ScreenWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&format!("listening on {address}\n"))?;
        self.run.listening(address)?;
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
