//! The runs of a command while they go on: their recordings, what the screen
//! shows of them, and the log of a single one.

use super::files::RecordingFile;
use super::output::{After, note};
use super::record::{ClosedRecording, RunRecording, introduction};
use crate::error::Error;
use crate::net::ServerOptions;
use crate::run::report::RunReport;
use crate::run::session::{RunEvent, Session, SessionRun};
use crate::run::watch::RunWatch;
use crate::system::outlet;
use crate::units::{show_size, show_time};
use crate::view::LogFold;
use std::time::Duration;

/// The limit of a wait that only an event is to end.
const LONG: Duration = Duration::from_secs(3600);

/// How often measurements are recorded.
const MEASURING: Duration = Duration::from_millis(100);

/// How many events the log may lag behind before it misses some.
pub(super) const LOG_ROOM: usize = 65_536;

/// How often the log is brought up to date.
const LOG_TICK: Duration = Duration::from_millis(20);

/// How often the log checks whether a client waits.
const NARRATING: Duration = Duration::from_millis(100);

/// How many events are taken at once, at most: under load they may come as fast
/// as they are taken.
const EVENTS_AT_ONCE: usize = 65_536;

/// Why a mode whose turn never came has nothing to show.
const NO_TURN: &str = "it was not run, as all was ended before";

/// The runs of a command.
pub(super) struct LiveRuns {
    /// The command that runs them.
    command: &'static str,
    pub(super) session: Session,
    /// In the order of the session's runs.
    pub(super) tracks: Vec<TrackedRun>,
    /// The limit on the size of each recording, in bytes.
    record_limit: u64,
    /// Whether the screen has been opened: other output would spoil it, and the
    /// report is cut to fit.
    pub(super) is_screen_open: bool,
}

/// What the command keeps of a run.
#[derive(Default)]
pub(super) struct TrackedRun {
    /// What watches it, if it is on the screen.
    pub(super) watch: Option<RunWatch>,
    /// Where its recording goes, until that begins.
    file: Option<RecordingFile>,
    recording: Option<RunRecording>,
    /// The message about its recording, until it is printed.
    recorded: Option<String>,
    /// Why its recording does not have all of the run, if so.
    lacks: Option<String>,
    /// Its report, once it is over.
    pub(super) over: Option<RunReport>,
    /// Whether the screen is not updated any more, as the run is over.
    pub(super) is_settled: bool,
}

impl LiveRuns {
    /// Runs of which none has begun; the files of their recordings, if there
    /// are any, in the order of the runs.
    pub(super) fn new(
        command: &'static str,
        session: Session,
        files: Vec<RecordingFile>,
        record_limit: u64,
    ) -> Self {
        let mut files = files.into_iter();
        let setup = &session.setup;
        let track = |run: &SessionRun| TrackedRun {
            watch: setup.stay.then(|| RunWatch::new(run.mode, setup)),
            file: files.next(),
            ..TrackedRun::default()
        };
        let tracks = session.runs.iter().map(track).collect();
        Self { command, session, tracks, record_limit, is_screen_open: false }
    }

    /// Each run with what the command keeps of it.
    pub(super) fn pairs(
        &mut self,
    ) -> impl Iterator<Item = (&mut SessionRun, &mut TrackedRun)> {
        self.session.runs.iter_mut().zip(&mut self.tracks)
    }

    /// Starts the runs and has `watch` follow them to their end. If that
    /// fails all runs are ended; what was measured until then is kept.
    pub(super) fn run(
        &mut self,
        watch: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let watched = self.session.start().and_then(|()| watch(self));
        if watched.is_err() {
            self.session.give_up();
            (0..self.tracks.len()).for_each(|number| self.end(number));
        }
        for (run, track) in self.pairs() {
            if let Some(words) = track.recorded.take() {
                note(words);
            } else if let Some(file) =
                track.file.as_ref().filter(|_| !run.has_begun())
            {
                let file = file.path().display();
                let mode = run.mode.name();
                note(format_args!(
                    "nothing recorded in {file}: {mode} was not run"
                ));
            }
        }
        watched
    }

    /// What the report of these runs comes after.
    pub(super) const fn report_after(&self) -> After {
        if self.is_screen_open { After::Screen } else { After::Lines }
    }

    /// What is known of each run: so far, or at its end.
    pub(super) fn reports(&self) -> Vec<RunReport> {
        let runs = self.session.runs.iter().zip(&self.tracks);
        let reports = runs.map(|(run, track)| {
            if let Some(report) = &track.over {
                return report.clone();
            }
            let setup = &self.session.setup;
            let watch = track.watch.as_ref();
            let mut report = run.report(self.command, setup, watch);
            if self.session.is_ending && !run.has_begun() {
                report.over = true;
                report.interventions = vec![NO_TURN.to_owned()];
            }
            report
        });
        reports.collect()
    }

    /// Waits until all runs are over.
    pub(super) fn wait(&mut self) -> Result<(), Error> {
        while !self.session.is_over() {
            self.attend(LONG)?;
        }
        Ok(())
    }

    /// Waits for an event, at most for this time, and handles all that have
    /// come.
    pub(super) fn attend(&mut self, patience: Duration) -> Result<(), Error> {
        let is_recorded = self.tracks.iter().any(|it| it.recording.is_some());
        let most = if is_recorded { MEASURING } else { patience };
        for event in self.session.attend(patience.min(most))? {
            match event {
                RunEvent::Listening(number) => self.listen(number)?,
                RunEvent::Over(number) => self.end(number),
            }
        }
        let is_screen_open = self.is_screen_open;
        for (run, track) in self.pairs() {
            if let Some(recording) = &mut track.recording {
                recording.measure(run);
            }
            // After a failure or at its limit: the run goes on.
            let ended = track.recording.take_if(|it| it.has_ended());
            if let Some(recording) = ended {
                track.close(recording, None, None);
                if !is_screen_open {
                    track.recorded.take().into_iter().for_each(note);
                }
            }
        }
        Ok(())
    }

    /// Prints a listening server's address to standard error, and begins its
    /// recording.
    fn listen(&mut self, number: usize) -> Result<(), Error> {
        let several = self.tracks.len() > 1;
        let limit = self.record_limit;
        let Session { setup, runs, .. } = &mut self.session;
        let (run, track) = (&mut runs[number], &mut self.tracks[number]);
        let is_recorded = track.file.is_some();
        if let Some(file) = track.file.take() {
            track.recording =
                RunRecording::begin(file, limit, self.command, setup, run);
        }
        if let Some(watch) = &mut track.watch {
            watch.listening(run).map_err(Error::Output)?;
        }
        if let Some(address) = run.address.filter(|_| !self.is_screen_open) {
            if number == 0 {
                let limit = is_recorded.then_some(limit);
                note_public_limits(&setup.settings, limit);
            }
            let name = if several { run.mode.name() } else { "" };
            let words = format!("{name} listening on {address}\n");
            outlet::note(words.trim_start());
        }
        Ok(())
    }

    /// Makes the report of a run that is over, and ends its recording.
    fn end(&mut self, number: usize) {
        let Session { setup, runs, .. } = &mut self.session;
        let (run, track) = (&mut runs[number], &mut self.tracks[number]);
        if !run.is_over() || track.over.is_some() {
            return;
        }
        if let Some(watch) = &mut track.watch {
            watch.follow(run);
            watch.show(run, None);
        }
        if let Some(recording) = &mut track.recording {
            recording.stop(run);
        }
        let mut report = run.report(self.command, setup, track.watch.as_ref());
        if let Some(recording) = track.recording.take() {
            let own = run.outcome().map(|_| &report);
            track.close(recording, own, run.failure());
        }
        report.recording_incomplete.clone_from(&track.lacks);
        track.over = Some(report);
    }
}

impl TrackedRun {
    fn close(
        &mut self,
        recording: RunRecording,
        report: Option<&RunReport>,
        failure: Option<String>,
    ) {
        let ClosedRecording { words, lacks } = recording.close(report, failure);
        if let Some(watch) = &mut self.watch {
            watch.scene.recording_incomplete.clone_from(&lacks);
        }
        (self.recorded, self.lacks) = (Some(words), lacks);
    }
}

/// Prints the limits of a server that listens beyond loopback, that of its
/// recording's size among them if there is one.
fn note_public_limits(options: &ServerOptions, recording: Option<u64>) {
    if let Some(connections) = options.max_connections()
        && let Some(idle) = options.idle_timeout()
        && options.is_public()
    {
        note(format_args!(
            "listening beyond loopback: at most {connections} connections, \
             {} of pending output each, idle time-out {}{}",
            show_size(options.buffer_limit() as u64),
            show_time(idle),
            recording.map_or(String::new(), |limit| {
                format!(", recording of at most {}", show_size(limit))
            })
        ));
    }
}

/// Prints the log of the first run while it lasts, to standard error where
/// standard output is not free.
pub(super) fn log(runs: &mut LiveRuns, is_taken: bool) -> Result<(), Error> {
    let setup = runs.session.setup.clone();
    let mode = runs.session.runs[0].mode;
    let mut fold = LogFold::new(mode.loop_call(), setup.settings.grace());
    let mut watch = RunWatch::new(mode, &setup);
    let mut narrated = Duration::ZERO;
    let mut introduction =
        setup.plan.as_ref().map(|plan| introduction(plan, mode));
    loop {
        let is_over = runs.session.is_over();
        let run = &mut runs.session.runs[0];
        let mut text = String::new();
        // The address and the introduction come first.
        if run.address.is_some() {
            text += &introduction.take().unwrap_or_default();
            if let Some(tap) = &run.watch {
                let now = run.now();
                if is_over {
                    tap.finish();
                }
                for event in tap.drain().take(EVENTS_AT_ONCE) {
                    fold.event(&event);
                    watch.take(&event);
                }
                let phases = run.tally.phases();
                let lost = tap.lost();
                fold.counted(now, &phases, lost, || run.tally.totals());
                if now.saturating_sub(narrated) >= NARRATING {
                    narrated = now;
                    fold.narrate(now, watch.narration(run));
                }
            }
        }
        if is_over {
            fold.finish();
        }
        text += &lines_from(Duration::ZERO, &mut fold);
        outlet::log(&text, is_taken).map_err(Error::Output)?;
        if is_over {
            return Ok(());
        }
        runs.attend(LOG_TICK)?;
    }
}

/// The lines that have gathered, from a moment on.
pub(super) fn lines_from(from: Duration, fold: &mut LogFold) -> String {
    let lines = fold.take().into_iter().filter(|it| it.at() >= from);
    lines.map(|it| it.to_string() + "\n").collect()
}
