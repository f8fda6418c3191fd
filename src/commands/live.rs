//! The runs of a command while they go on: joins each of them to its
//! recording, and to what watches it for the screen.

use super::record::{Blank, RunRecording};
use crate::error::Error;
use crate::net::ServerOptions;
use crate::run::report::RunReport;
use crate::run::session::{RunEvent, Session, SessionRun};
use crate::run::watch::RunWatch;
use crate::units::{show_size, show_time};
use std::io::{self, Write as _};
use std::time::Duration;

/// For a wait that only events end.
const LONG: Duration = Duration::from_secs(3600);

/// How often what is measured goes into a recording.
const MEASURING: Duration = Duration::from_millis(100);

/// Why a mode whose turn never came has nothing to show.
const NO_TURN: &str = "it was not run, as all was ended before";

/// The runs of a command.
pub(super) struct LiveRuns {
    /// The command that runs them.
    command: &'static str,
    pub(super) session: Session,
    /// One for each run.
    pub(super) tracks: Vec<TrackedRun>,
    /// Whether the screen is open, which other output would spoil.
    pub(super) is_screen_open: bool,
}

/// What is joined to a run.
#[derive(Default)]
pub(super) struct TrackedRun {
    /// What watches it, if it is on the screen.
    pub(super) watch: Option<RunWatch>,
    /// Where its recording goes, until that begins.
    pub(super) blank: Option<Blank>,
    recording: Option<RunRecording>,
    /// How its recording went.
    recorded: Option<String>,
    /// What came of it, once it is over.
    pub(super) over: Option<RunReport>,
    /// Whether the screen has shown it as it ended.
    pub(super) is_settled: bool,
}

impl LiveRuns {
    /// Runs of which none has begun; recordings, if there are any, in the
    /// order of the runs.
    pub(super) fn new(
        command: &'static str,
        session: Session,
        blanks: Vec<Blank>,
    ) -> Self {
        let mut blanks = blanks.into_iter();
        let setup = &session.setup;
        let track = |run: &SessionRun| TrackedRun {
            watch: setup.stay.then(|| RunWatch::new(run.mode, setup)),
            blank: blanks.next(),
            ..TrackedRun::default()
        };
        let tracks = session.runs.iter().map(track).collect();
        Self { command, session, tracks, is_screen_open: false }
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
        for (track, run) in self.tracks.iter_mut().zip(&self.session.runs) {
            let blank = track.blank.take();
            let unused = blank.filter(|_| !run.has_begun());
            let unused = unused.map(|blank| blank.unused(run.mode));
            if let Some(line) = track.recorded.take().or(unused) {
                // A closed standard error is no reason to fail.
                let _ = writeln!(io::stderr(), "sockscope: {line}");
            }
        }
        watched
    }

    /// What is known of each run: so far, or at its end.
    pub(super) fn reports(&self) -> Vec<RunReport> {
        let runs = self.session.runs.iter().zip(&self.tracks);
        let reports = runs.map(|(run, track)| {
            if let Some(report) = &track.over {
                return report.clone();
            }
            let setup = &self.session.setup;
            let mut report = run.report(self.command, setup, None);
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

    /// Waits for something to happen, at most for this time, and deals with
    /// all that has.
    pub(super) fn attend(&mut self, patience: Duration) -> Result<(), Error> {
        let is_recorded = self.tracks.iter().any(|it| it.recording.is_some());
        let most = if is_recorded { MEASURING } else { patience };
        for event in self.session.attend(patience.min(most))? {
            match event {
                RunEvent::Listening(number) => self.listen(number)?,
                RunEvent::Over(number) => self.end(number),
            }
        }
        let runs = self.session.runs.iter_mut();
        for (track, run) in self.tracks.iter_mut().zip(runs) {
            if let Some(recording) = &mut track.recording {
                recording.measure(run);
            }
        }
        Ok(())
    }

    /// A server listens: its address goes to standard error, its recording
    /// begins.
    fn listen(&mut self, number: usize) -> Result<(), Error> {
        let several = self.tracks.len() > 1;
        let Session { setup, runs, .. } = &mut self.session;
        let (run, track) = (&mut runs[number], &mut self.tracks[number]);
        if let Some(blank) = track.blank.take() {
            track.recording = blank.begin(self.command, setup, run);
        }
        if let Some(watch) = &mut track.watch {
            watch.listening(run).map_err(Error::Output)?;
        }
        let Some(address) = run.address else { return Ok(()) };
        if self.is_screen_open {
            return Ok(());
        }
        let limits = public_limits(&setup.settings).filter(|_| number == 0);
        let name = if several { run.mode.name() } else { "" };
        let space = if several { " " } else { "" };
        let text = format!(
            "{}{name}{space}listening on {address}\n",
            limits.unwrap_or_default()
        );
        // A closed standard error is no reason to end the run.
        let _ = io::stderr().write_all(text.as_bytes());
        Ok(())
    }

    /// A run is over: what came of it is put together, its recording ends.
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
        let watch = track.watch.as_ref();
        let report = run.report(self.command, setup, watch);
        if let Some(recording) = track.recording.take() {
            let own = run.outcome().map(|_| &report);
            track.recorded = Some(recording.close(own, run.failure()));
        }
        track.over = Some(report);
    }
}

/// What a server that listens beyond loopback says of its limits.
fn public_limits(options: &ServerOptions) -> Option<String> {
    let connections = options.max_connections()?;
    let idle = options.idle_timeout()?;
    options.is_public().then(|| {
        format!(
            "sockscope: listening beyond loopback: at most {connections} \
             connections, {} of pending output each, idle time-out {}\n",
            show_size(options.buffer_limit() as u64),
            show_time(idle),
        )
    })
}
