//! The screen of several live runs: what happens goes into views, keys become
//! what the programs are asked to do.

use super::entry::Entry;
use super::lineup::{Lineup, Standing};
use super::session::Session;
use crate::commands::follow::Follower;
use crate::commands::screen::TICK;
use crate::error::Error;
use crate::run::comparison::{Comparison, compare};
use crate::run::engine::Wish;
use crate::tui::{
    Change, Display, Effect, Picture, Stage, Target, TrackPhase, TrackScene,
    terminal,
};
use crate::view::SocketId;
use std::time::{Duration, Instant};

/// Shows all runs on the terminal, until all are over and the user leaves.
pub(super) fn show(
    session: &mut Session,
    lineup: &Lineup,
) -> Result<(), Error> {
    session.start()?;
    let mut stage = LiveRuns::new(session, lineup);
    let runs = stage.runs.len();
    let display = Display::open(terminal::suited(), runs);
    let mut display = display.map_err(Error::Output)?;
    loop {
        let asked = display.quits() > 0 || stage.session.is_ending();
        let leaves = asked || display.is_left_alone(&stage);
        if stage.session.is_over() && leaves {
            return display.close().map_err(Error::Output);
        }
        stage.session.attend(TICK)?;
        let quits = display.quits();
        let turned = display.turn(&mut stage, Duration::ZERO);
        turned.map_err(Error::Output)?;
        if display.quits() > quits {
            let again = display.quits() > 1;
            stage.session.wish(if again { Wish::Cut } else { Wish::Stop });
        }
    }
}

/// The runs of a session, as they are shown.
struct LiveRuns<'a> {
    session: &'a mut Session,
    runs: Vec<LiveRun>,
    standing: Standing,
    comparison: Comparison,
    over_at: Option<Instant>,
    /// How the speed was changed so far: later runs begin with it.
    speed: Vec<Effect>,
}

/// What is shown of one mode's run.
struct LiveRun {
    /// In place of what follows the run, until it begins.
    blank: Follower,
    has_begun: bool,
    /// It is over, and that has been taken in.
    settled: bool,
}

impl<'a> LiveRuns<'a> {
    fn new(session: &'a mut Session, lineup: &Lineup) -> Self {
        let course = &session.course;
        let run = |entry: &Entry| LiveRun {
            blank: entry.blank(course),
            has_begun: false,
            settled: false,
        };
        let runs = session.entries.iter().map(run).collect();
        let standing = lineup.standing(Some(course));
        let comparison =
            compare(&standing.put(session.contenders(), Vec::new()));
        let (over_at, speed) = (None, Vec::new());
        Self { session, runs, standing, comparison, over_at, speed }
    }
}

impl Stage for LiveRuns<'_> {
    fn picture(&self) -> Picture<'_> {
        let runs = self.session.entries.iter().zip(&self.runs);
        let tracks =
            runs.zip(&self.comparison.names).map(|((entry, run), name)| {
                let follower = entry.followed_by().unwrap_or(&run.blank);
                let (phase, scene) = (phase(entry), follower.scene());
                TrackScene { name, phase, scene }
            });
        Picture {
            tracks: tracks.collect(),
            comparison: Some(&self.comparison),
            in_turn: self.session.course.in_turn,
            playback: None,
            ends_in_s: None,
        }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) -> Option<String> {
        if matches!(effect, Effect::Slower | Effect::Faster) {
            self.speed.push(effect.clone());
        }
        for (place, entry) in self.session.entries.iter_mut().enumerate() {
            let meant = target == Target::All || target == Target::Track(place);
            if !meant || entry.is_over() {
                continue;
            }
            if let Some(follower) = entry.follower() {
                follower.carry_out(effect.clone());
                entry.hold();
            }
        }
        None
    }

    fn advance(&mut self, _: Instant, frozen: bool) -> Change {
        let mut change = Change::Nothing;
        for (entry, run) in self.session.entries.iter_mut().zip(&mut self.runs)
        {
            let is_over = entry.is_over();
            let Some(follower) = entry.follower() else { continue };
            if !run.has_begun {
                run.has_begun = true;
                for effect in &self.speed {
                    follower.carry_out(effect.clone());
                }
            }
            if run.settled {
                continue;
            }
            change = change.max(follower.follow().change(frozen));
            if is_over {
                run.settled = true;
                follower.show(None);
                change = Change::Something;
            }
            entry.hold();
        }
        if self.session.is_over() {
            self.over_at.get_or_insert_with(Instant::now);
        }
        change
    }

    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        let runs = self.session.entries.iter_mut().zip(&self.runs);
        for (place, (entry, run)) in runs.enumerate() {
            let own = detail.filter(|(it, _)| *it == place);
            if let Some(follower) = entry.follower().filter(|_| !run.settled) {
                follower.show(own.map(|(_, socket)| socket));
            }
        }
        let contenders = self.session.contenders();
        self.comparison = compare(&self.standing.put(contenders, Vec::new()));
    }

    fn done_since(&self) -> Option<Instant> {
        self.over_at
    }
}

fn phase(entry: &Entry) -> TrackPhase {
    match entry.failure() {
        Some(why) => TrackPhase::Failed(why.to_owned()),
        None if entry.is_over() => TrackPhase::Over,
        None if entry.has_begun() => TrackPhase::Running,
        None => TrackPhase::Waiting,
    }
}
