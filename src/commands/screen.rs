//! The screen of a single live run: what happens goes into a view, keys
//! become what the program is asked to do.

use super::about::About;
use super::follow::{Follower, Sources};
use super::output::try_print;
use crate::run::engine::{Watcher, Wish};
use crate::tui::{Change, Display, Effect, Picture, Stage, Target, terminal};
use crate::view::{Finding, SocketId};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often keys and events are taken in.
pub(super) const TICK: Duration = Duration::from_millis(40);

/// Shows the run on the terminal.
pub(super) struct ScreenWatcher {
    run: Follower,
    display: Option<Display>,
}

impl ScreenWatcher {
    /// A screen that is not shown until the server listens.
    pub(super) fn new(about: &About, sources: Sources) -> Self {
        Self { run: Follower::new(about, sources), display: None }
    }

    /// The findings while it lasted.
    pub(super) fn seen(&self) -> Vec<Finding> {
        self.run.seen()
    }

    /// Gives the terminal back; returns how many events were lost.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if let Some(display) = self.display.take() {
            display.close()?;
        }
        Ok(self.run.lost())
    }
}

impl Watcher for ScreenWatcher {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&format!("listening on {address}\n"))?;
        self.run.listening(address)?;
        self.display = Some(Display::open(terminal::suited(), 1)?);
        Ok(())
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        let Some(display) = &mut self.display else { return Ok(Wish::GoOn) };
        let quits = display.quits();
        display.turn(&mut self.run, Duration::ZERO)?;
        Ok(match display.quits() {
            now if now == quits && display.is_left_alone(&self.run) => {
                Wish::Close
            }
            now if now == quits => Wish::GoOn,
            1 => Wish::Stop,
            _ => Wish::Cut,
        })
    }
}

impl Stage for Follower {
    fn picture(&self) -> Picture<'_> {
        Picture::single(self.scene())
    }

    fn carry_out(&mut self, _: Target, effect: Effect) -> Option<String> {
        Self::carry_out(self, effect);
        None
    }

    fn advance(&mut self, _: Instant, frozen: bool) -> Change {
        self.follow().change(frozen)
    }

    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        Self::show(self, detail.map(|(_, socket)| socket));
    }

    fn done_since(&self) -> Option<Instant> {
        self.clients_done_at()
    }
}
