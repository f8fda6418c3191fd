//! The screen of live runs: their events update the views, and keys control the
//! programs.

use super::live::LiveRuns;
use crate::error::Error;
use crate::load::Hand;
use crate::run::comparison::{Comparison, compare};
use crate::run::engine::StopRequest;
use crate::run::session::SessionRun;
use crate::run::setup::GateSetup;
use crate::run::watch::RunChanges;
use crate::tui::{
    Change, Display, Effect, Picture, ScreenSettings, Stage, Target,
    TrackPhase, TrackScene,
};
use crate::view::{Seek, SocketId, Stride};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often keys and events are processed.
const TICK: Duration = Duration::from_millis(40);

/// How long runs may take to end in order once the terminal has gone.
const UNSEEN: Duration = Duration::from_secs(1);

/// Shows the runs on the terminal until they are over and the user leaves: by a
/// key, or by a signal. The last picture of a run that ends by itself stays.
pub(super) fn show(
    runs: &mut LiveRuns,
    settings: &ScreenSettings,
) -> Result<(), Error> {
    // The screen opens when the addresses have been printed.
    while runs.session.is_arriving() {
        runs.attend(TICK)?;
    }
    let several = runs.tracks.len() > 1;
    if runs.session.is_over() && !several {
        // It could not begin: there is no picture of it.
        return Ok(());
    }
    let display = Display::open(runs.tracks.len(), settings);
    let mut display = display.map_err(Error::Screen)?;
    runs.is_screen_open = true;
    let comparison = several.then(|| compare(&runs.reports()));
    let mut stage = LiveStage { runs, comparison, is_settled: false };
    loop {
        let is_left = display.quits > 0 || stage.runs.session.is_ending;
        if stage.runs.session.is_over() && is_left {
            return display.close().map_err(Error::Output);
        }
        stage.runs.attend(TICK)?;
        let quits = display.quits;
        if display.turn(&mut stage, Duration::ZERO).is_err() {
            // The terminal has gone. What was measured is kept, in the files.
            drop(display);
            return end_unseen(stage.runs);
        }
        let session = &mut stage.runs.session;
        if display.quits > quits {
            let again = display.quits > 1;
            let [stop, cut] = [StopRequest::Stop, StopRequest::Cut];
            session.wish(if again { cut } else { stop });
        }
    }
}

/// Ends runs that cannot be seen any more: in order, but without the whole grace
/// period, so that nothing outlives a closed terminal for long.
fn end_unseen(runs: &mut LiveRuns) -> Result<(), Error> {
    runs.session.wish(StopRequest::Stop);
    let until = Instant::now() + UNSEEN;
    while !runs.session.is_over() && Instant::now() < until {
        runs.attend(TICK)?;
    }
    runs.session.wish(StopRequest::Cut);
    runs.wait()
}

/// The runs of a session, as they are shown.
struct LiveStage<'a> {
    runs: &'a mut LiveRuns,
    /// The comparison of several runs; `None` if there is only one.
    comparison: Option<Comparison>,
    /// Whether all of them were over at the last comparison.
    is_settled: bool,
}

impl Stage for LiveStage<'_> {
    fn picture(&self) -> Picture<'_> {
        let runs = self.runs.session.runs.iter().zip(&self.runs.tracks);
        let tracks = runs.filter_map(|(run, track)| {
            let (name, phase) = (run.mode.name(), phase(run));
            let scene = &track.watch.as_ref()?.scene;
            Some(TrackScene { name, phase, scene })
        });
        Picture {
            tracks: tracks.collect(),
            comparison: self.comparison.as_ref(),
            in_turn: self.runs.session.setup.in_turn,
            playback: None,
        }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) {
        // Later runs begin at the speed that was chosen.
        let setup = Arc::make_mut(&mut self.runs.session.setup);
        if let Some(GateSetup::At(speed)) = &mut setup.gate {
            match effect {
                Effect::Seek(Seek::Slower) => *speed = speed.slower(),
                Effect::Seek(Seek::Faster) => *speed = speed.faster(),
                _ => {}
            }
        }
        let goes_on = |run: &SessionRun| run.has_begun() && !run.is_over();
        let is_paused = |run: &SessionRun| {
            run.gate.as_ref().is_some_and(|gate| gate.is_paused())
        };
        let runs = &self.runs.session.runs;
        let are_paused = runs.iter().any(|it| goes_on(it) && is_paused(it));
        for (place, (run, track)) in self.runs.pairs().enumerate() {
            let Some(watch) = &mut track.watch else { continue };
            let is_meant = target.is_none_or(|it| it == place);
            match &effect {
                _ if !is_meant || !goes_on(run) => {}
                Effect::Seek(Seek::PlayOrPause) => match &run.gate {
                    Some(gate) if are_paused => gate.resume(),
                    Some(gate) => gate.pause(),
                    None => {}
                },
                Effect::Seek(seek) => carry_out(run, *seek),
                // What a client cannot do shows in its state.
                Effect::Connect => {
                    let _ = watch.hand.as_ref().map(Hand::connect);
                    watch.look_at_hand();
                }
                Effect::Client(client, order) => {
                    let _ =
                        watch.hand.as_ref().map(|it| it.direct(*client, order));
                    watch.look_at_hand();
                }
                _ => {}
            }
        }
    }

    fn advance(&mut self, _: Instant, frozen: bool) -> Change {
        let several = self.comparison.is_some();
        let mut change = Change::Nothing;
        for (run, track) in self.runs.pairs() {
            let Some(watch) = &mut track.watch else { continue };
            if !run.has_begun() || track.is_settled {
                continue;
            }
            if run.is_over() {
                // The screen goes on showing what was read at its end.
                track.is_settled = true;
                change = Change::Something;
                continue;
            }
            change = change.max(change_of(watch.follow(run), frozen));
            let is_done = watch.scene.measured.clients_done;
            if several && is_done && !watch.has_hand_clients() {
                run.wish(StopRequest::Close);
            }
        }
        change
    }

    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        for (place, (run, track)) in self.runs.pairs().enumerate() {
            let own = detail.filter(|(it, _)| *it == place);
            if let Some(watch) = &mut track.watch
                && run.has_begun()
                && !track.is_settled
            {
                watch.show(run, own.map(|(_, socket)| socket));
            }
        }
        if self.comparison.is_some() && !self.is_settled {
            self.comparison = Some(compare(&self.runs.reports()));
            self.is_settled = self.runs.session.is_over();
        }
    }
}

fn phase(run: &SessionRun) -> TrackPhase {
    match run.failure() {
        Some(why) => TrackPhase::Failed(why),
        None if run.is_over() => TrackPhase::Over,
        None if run.has_begun() => TrackPhase::Running,
        None => TrackPhase::Waiting,
    }
}

/// How much of the changes a picture shows. A frozen picture shows only a new
/// state.
const fn change_of(changes: RunChanges, frozen: bool) -> Change {
    match (changes.state, changes.moved) {
        (true, _) => Change::Something,
        (_, true) if !frozen => Change::Something,
        _ if changes.stood || frozen => Change::Nothing,
        _ => Change::Clocks,
    }
}

/// Has a run make a step, or go on at another speed.
fn carry_out(run: &SessionRun, seek: Seek) {
    use Stride::{LoopStep, Task};
    let Some(gate) = &run.gate else { return };
    match seek {
        Seek::Slower => gate.set_speed(gate.speed().slower()),
        Seek::Faster => gate.set_speed(gate.speed().faster()),
        // Programs without an event loop would not stop again.
        Seek::Step(LoopStep | Task, _) if run.mode.loop_source().is_none() => {}
        // A step that cannot be made shows: nothing moves.
        Seek::Step(stride, _) => {
            gate.step(stride, run.mode.loop_call());
        }
        _ => {}
    }
}
