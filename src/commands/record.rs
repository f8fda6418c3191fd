//! Writes the recordings of runs.

use super::files::{
    CommandFiles, RecordingFile, RecordingStart, ReplaceArgs, with_infix,
};
use crate::error::{Error, cause_in_words};
use crate::modes::Mode;
use crate::recording::{
    self, Header, LARGEST_PAYLOAD, Recorded, Recorder, Sources,
};
use crate::report::WIDTH;
use crate::run::report::RunReport;
use crate::run::session::{RecordTap, SessionRun};
use crate::run::setup::RunSetup;
use crate::scenario::Plan;
use crate::system::files::FilePlace;
use crate::system::queues::KernelQueues;
use crate::system::signals::before_exit;
use crate::text::{clean, wrap};
use crate::units::{
    Nanos, nanoseconds, parse_size, plural, show_count, show_size, show_time,
};
use crate::view::{
    Facts, Measured, Named, Observation, QueuesUpdate, ScopeSettings,
};
use clap::Args;
use itertools::Itertools as _;
use std::collections::HashSet;
use std::io;
use std::iter::once;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Whether a run is recorded, and what of it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct RecordArgs {
    /// Record the run, for `replay` and `export`
    ///
    /// Every event, the exact counters, the scenario, the options and the
    /// mode's source text. An earlier recording of that name is replaced, any
    /// other file only with `--force`.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record bytes of every read and write, too
    ///
    /// The first N bytes of each, at most 16 KiB; with 0, a recording has no
    /// bytes that clients sent.
    #[arg(long, value_name = "N", value_parser = parse_payload,
          requires = "record", default_value = "0", hide_short_help = true)]
    pub payload: usize,
    /// Limit on the size of a recording
    ///
    /// With everything in it, payloads included. A recording that reaches it
    /// ends there and can be replayed up to there; the run goes on. At least
    /// 16 KiB.
    #[arg(long, value_name = "SIZE", value_parser = parse_limit,
          requires = "record", default_value = "1 GiB", hide_short_help = true)]
    pub record_limit: u64,
}

/// The smallest limit in bytes: the header, with the source text and the
/// scenario, usually takes some 6 KiB.
const LEAST_LIMIT: u64 = 16 * 1024;

fn parse_limit(text: &str) -> Result<u64, String> {
    match parse_size(text).map_err(|error| error.to_string())? {
        size if size < LEAST_LIMIT => Err("at least 16 KiB".into()),
        size => Ok(size),
    }
}

fn parse_payload(text: &str) -> Result<usize, String> {
    match parse_size(text).map_err(|error| error.to_string())? {
        size if size > LARGEST_PAYLOAD => Err("at most 16 KiB".into()),
        size => Ok(size),
    }
}

/// The recording of a run, until it is closed.
pub(super) struct RunRecording {
    path: PathBuf,
    /// The recorder and where its file is, or why there is none.
    recorder: Result<Recorder, io::Error>,
    place: Option<FilePlace>,
    measured: Measured,
    named: HashSet<SocketAddr>,
    /// The kernel's queues as they were last observed, and when.
    queues: Option<Arc<KernelQueues>>,
    queues_at: Nanos,
}

/// A recording that is closed.
pub(super) struct ClosedRecording {
    /// A message: `recorded run.rec: 1.20 MiB, 123,456 events, 6.1 bytes each,
    /// none lost`.
    pub(super) words: String,
    /// What of the run is not in it, as in [`RunReport::recording_incomplete`].
    pub(super) lacks: Option<String>,
}

/// The streams that a recording needs, if one is wanted.
pub(super) fn tap(args: &RecordArgs) -> Option<RecordTap> {
    let room = recording::ROOM;
    args.record.as_ref().map(|_| RecordTap { room, payload: args.payload })
}

/// The files for the recordings of these modes: for a single one the file that
/// is named, for several a file each with the mode's name in it. Their old
/// content stays until a run begins.
///
/// # Errors
/// If a file cannot be written, or must not.
pub(super) fn files(
    args: &RecordArgs,
    replace: ReplaceArgs,
    modes: &[Mode],
    files: &mut CommandFiles,
) -> Result<Vec<RecordingFile>, Error> {
    let Some(file) = &args.record else { return Ok(Vec::new()) };
    let names = modes.iter().map(|mode| match modes {
        [_] => file.clone(),
        _ => with_infix(file, mode.name()),
    });
    names.map(|it| files.recording(&it, replace)).collect()
}

impl RunRecording {
    /// Begins the recording of a run whose server listens. If it cannot begin,
    /// that is reported at its end: the run goes on.
    pub(super) fn begin(
        file: RecordingFile,
        limit: u64,
        command: &'static str,
        setup: &RunSetup,
        run: &mut SessionRun,
    ) -> Option<Self> {
        let (tap, payloads) = run.record.take()?;
        let header = header(command, setup, run, payloads.limit);
        let sources = Sources {
            tap,
            payloads,
            tally: run.tally.clone(),
            gate: run.gate.clone(),
            clock: run.clock.clone(),
        };
        let path = file.path().to_owned();
        let mut known = None;
        let recorder = file.begin().and_then(|start| {
            let RecordingStart { file, place, begun } = start;
            known = Some(place);
            Recorder::start(file, limit, header, sources, begun)
        });
        if let Ok(recorder) = &recorder {
            before_exit(recorder.abandon());
        }
        Some(Self {
            path,
            recorder,
            place: known,
            measured: Measured::default(),
            named: HashSet::new(),
            queues: None,
            queues_at: Nanos::ZERO,
        })
    }

    /// Records what is measured now, if it has changed.
    pub(super) fn measure(&mut self, run: &mut SessionRun) {
        let Ok(recorder) = &self.recorder else { return };
        for (&address, name) in run.meters.load.names().iter() {
            if self.named.insert(address) {
                let named = Named { address, name: name.clone() };
                recorder.observe(Observation::Named(named));
            }
        }
        let at = self.measured.at;
        let measured = Measured { at, ..run.measured() };
        if measured != self.measured {
            self.measured = Measured { at: run.now().into(), ..measured };
            let measured = self.measured.clone();
            recorder.observe(Observation::Measured(measured.into()));
        }
        self.measure_queues(run);
    }

    /// Records the kernel's queues if they have changed, or are still the same
    /// at a later time, unless nothing is in them.
    fn measure_queues(&mut self, run: &SessionRun) {
        let (Ok(recorder), Some(read)) = (&self.recorder, run.kernel()) else {
            return;
        };
        let is_later = read.at > self.queues_at && !read.queues.is_empty();
        if is_later || self.queues.as_ref() != Some(&read.queues) {
            let before = self.queues.as_deref();
            let update = QueuesUpdate::since(before, read.at, &read.queues);
            self.queues = Some(read.queues.clone());
            self.queues_at = read.at;
            recorder.observe(Observation::Queues(update));
        }
    }

    /// Whether nothing more is recorded, after a failure or at the limit.
    pub(super) fn has_ended(&self) -> bool {
        self.recorder.as_ref().map_or(true, Recorder::has_ended)
    }

    /// Waits until everything that has happened in a run that is over is
    /// written.
    pub(super) fn stop(&mut self, run: &mut SessionRun) {
        self.measure(run);
        if let Ok(recorder) = &self.recorder {
            recorder.stop();
        }
    }

    /// Ends the recording with the report of its run, or with why there is
    /// none.
    pub(super) fn close(
        self,
        report: Option<&RunReport>,
        failure: Option<String>,
    ) -> ClosedRecording {
        let json = report.and_then(|it| serde_json::to_value(it).ok());
        let went = match self.recorder {
            Ok(recorder) => recorder.close(json, failure),
            Err(error) => Recorded {
                failure: Some((Duration::ZERO, error)),
                ..Recorded::default()
            },
        };
        let path = self.path.display();
        if let Some((_, error)) =
            went.failure.as_ref().filter(|_| went.bytes == 0)
        {
            let why = cause_in_words(error);
            let words = format!("nothing recorded in {path}: {why}");
            let lacks = Some(format!("nothing was recorded: {why}"));
            return ClosedRecording { words, lacks };
        }
        let ends = ends_early(&went);
        let start = match &ends {
            None => format!("recorded {path}:"),
            Some(ends) => format!("the recording {path} {ends}; it has"),
        };
        let tenths = went.bytes_of_records.saturating_mul(10);
        let tenths = tenths.checked_div(went.events);
        let each = tenths.map_or(String::new(), |it| {
            format!(", {}.{} bytes each", it / 10, it % 10)
        });
        let lost = match went.lost {
            0 if ends.is_some() => String::new(),
            0 => ", none lost".to_owned(),
            lost => format!(", {} lost for want of room", show_count(lost)),
        };
        let later = match &ends {
            None => "",
            Some(_) => ", nothing of what came later",
        };
        let is_gone = self.place.is_some_and(|it| {
            it.is_ordinary() && !FilePlace::of(&self.path).is_same(&it)
        });
        let gone =
            if is_gone { "; it was removed or replaced since" } else { "" };
        let payloads = match went.payloads_lost {
            0 => String::new(),
            lost => format!(", {} lost", plural(lost, "payload")),
        };
        let (size, events) = (show_size(went.bytes), show_count(went.events));
        let words =
            format!("{start} {size}, {events} events{each}{lost}{payloads}");
        let words = words + later + gone;
        let ends = ends
            .or_else(|| is_gone.then(|| "was removed or replaced".to_owned()));
        let lacks = ends.map(|ends| format!("its recording {ends}"));
        ClosedRecording { words, lacks }
    }
}

/// When and why a recording ends before its run does, if so.
fn ends_early(went: &Recorded) -> Option<String> {
    let (at, why) = match (&went.failure, went.limit) {
        (Some((at, error)), _) => (*at, format!(": {}", cause_in_words(error))),
        (None, Some((at, limit))) => {
            (at, format!(", at its limit of {}", show_size(limit)))
        }
        (None, None) => return None,
    };
    Some(format!("ends {} after the start{why}", show_time(at)))
}

/// The description of a run at the start of its recording.
fn header(
    command: &str,
    setup: &RunSetup,
    run: &SessionRun,
    payload: usize,
) -> Header {
    let mode = run.mode;
    let conditions = run.conditions(command, setup);
    let facts = setup.facts(mode);
    let introduction = setup.plan.as_ref().map(|it| introduction(it, mode));
    let started_at = humantime::format_rfc3339_nanos(run.started_at);
    Header {
        sockscope: env!("CARGO_PKG_VERSION").into(),
        started_at: started_at.to_string(),
        beside: conditions.beside.clone(),
        facts: Facts { address: run.address.unwrap_or(facts.address), ..facts },
        settings: ScopeSettings {
            options: setup.settings.complete(),
            ..setup.scope(mode)
        },
        introduction: introduction.unwrap_or_default(),
        options: conditions.options.clone(),
        duration_ns: setup.duration.map(nanoseconds),
        conditions: serde_json::to_value(&conditions).unwrap_or_default(),
        payload_limit: u32::try_from(payload).unwrap_or(u32::MAX),
    }
}

/// What a scenario is about, before it starts.
pub(super) fn introduction(plan: &Plan, mode: Mode) -> String {
    let title = clean(&format!("{}: {}", plan.name, plan.title));
    let watch = plan.watch_in(mode);
    let watch = watch.map(|it| wrap(&clean(it), WIDTH - 4).join("\n    "));
    let title = wrap(&title, WIDTH - 2).join("\n  ");
    format!("\n{}\n\n", once(title).chain(watch).join("\n  "))
}
