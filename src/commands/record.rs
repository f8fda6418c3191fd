//! A run on its way into a recording.

use super::about::About;
use super::measure::Measure;
use super::output;
use super::summary::{self, introduction, unhandled};
use crate::cli::{OutputArgs, RecordArgs};
use crate::error::{Error, cause_in_words};
use crate::modes::Mode;
use crate::net::{Framing, Settings};
use crate::probe::{Gate, Payloads, Tally, Tap, TapReceiver};
use crate::recording::{
    self, EchoTimes, Header, Listener, Named, Recorded, Recorder, ScenarioText,
    Shape, SourceText, Sources,
};
use crate::report::Report;
use crate::scenario::engine::{Watcher, Wish};
use crate::scenario::meters::Meters;
use crate::scenario::{self, Plan};
use crate::system::usage;
use crate::tui::Measured;
use crate::units::{nanoseconds, show_count, show_size, show_time};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime};

/// How often what is measured is told.
const TICK: Duration = Duration::from_millis(100);

/// Who tells the recording of the server's calls.
pub(super) type RecordProbe = (Arc<Tap>, Arc<Payloads>);

/// A run that is, or is to be, recorded.
pub(super) struct Tape {
    path: PathBuf,
    origin: Instant,
    probe: RecordProbe,
    /// What is needed to begin; nothing once it has begun.
    ready: Option<Ready>,
    recorder: Option<Recorder>,
    /// Why it could not begin.
    failure: Option<io::Error>,
    measure: Measure,
    meters: Meters,
    measured: recording::Measured,
    named: HashSet<SocketAddr>,
}

struct Ready {
    file: File,
    header: Header,
    sources: Sources,
}

impl Ready {
    fn start(self) -> io::Result<Recorder> {
        // A device has no length.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        Recorder::start(self.file, self.header, self.sources)
    }
}

/// What a recording is to know of its run.
pub(super) struct Subject<'a> {
    pub(super) about: About<'a>,
    pub(super) plan: Option<&'a Plan>,
    pub(super) scenario: &'a str,
    pub(super) duration: Option<Duration>,
    pub(super) started_at: SystemTime,
    pub(super) origin: Instant,
    pub(super) tally: &'a Arc<Tally>,
    pub(super) gate: Option<&'a Arc<Gate>>,
    pub(super) meters: Meters,
}

/// Opens the file that a recording is wanted in, before the run.
pub(super) fn open(
    args: &RecordArgs,
    output: &OutputArgs,
) -> Result<Option<File>, Error> {
    let Some(path) = &args.record else { return Ok(None) };
    if output.output.as_ref() == Some(path) {
        let words = "the recording and the summary need a file each";
        return Err(Error::Usage(words.to_owned()));
    }
    output::open(path).map(Some)
}

impl Tape {
    /// A recording that begins when the server listens.
    pub(super) fn new(
        file: File,
        args: &RecordArgs,
        subject: &Subject,
    ) -> Self {
        let origin = subject.origin;
        let (tap, receiver) = Tap::with_steps(recording::ROOM, origin);
        let payloads = Arc::new(Payloads::new(args.payload, origin));
        let meters = subject.meters.clone();
        let one_thread = subject.about.mode.has_one_thread();
        let sources = sources(receiver, payloads.clone(), subject);
        Self {
            path: args.record.clone().unwrap_or_default(),
            origin,
            probe: (tap, payloads),
            ready: Some(Ready {
                file,
                header: header(subject, args.payload),
                sources,
            }),
            recorder: None,
            failure: None,
            measure: Measure::new(meters.clone(), one_thread),
            meters,
            measured: recording::Measured::default(),
            named: HashSet::new(),
        }
    }

    pub(super) fn probe(&self) -> RecordProbe {
        self.probe.clone()
    }

    /// Who is told what is recorded.
    pub(super) fn tell(&mut self, listener: Listener) {
        if let Some(ready) = &mut self.ready {
            ready.sources.listener = Some(listener);
        }
    }

    /// That it cannot begin is told at its end: the run goes on.
    fn begin(&mut self, address: SocketAddr) {
        let Some(mut ready) = self.ready.take() else { return };
        ready.header.address = address;
        ready.header.conditions["address"] = address.to_string().into();
        self.measure.listener = Some(address);
        match ready.start() {
            Ok(recorder) => self.recorder = Some(recorder),
            Err(error) => self.failure = Some(error),
        }
    }

    fn tick(&mut self) {
        let Some(recorder) = &self.recorder else { return };
        let now = self.origin.elapsed();
        let read = self.measure.read(now);
        for (address, name) in read.names.iter() {
            if self.named.insert(*address) {
                let (address, name) = (*address, name.clone());
                recorder.named(Named { address, name });
            }
        }
        let done = self.meters.clients_done.load(Relaxed);
        let at_ns = self.measured.at_ns;
        let measured = of_measured(read, at_ns, done);
        if measured != self.measured {
            let at_ns = nanoseconds(now);
            self.measured = recording::Measured { at_ns, ..measured };
            recorder.measured(self.measured.clone());
        }
    }

    /// Nothing more happens in the run.
    pub(super) fn stop(&mut self) {
        self.tick();
        if let Some(recorder) = &self.recorder {
            recorder.stop();
        }
    }

    /// Ends the recording with the report of its run, or with why there is
    /// none, and tells how it went.
    pub(super) fn close(
        mut self,
        report: Option<&Report>,
        failure: Option<String>,
    ) {
        let report = report.and_then(|it| serde_json::to_value(it).ok());
        let went = match (self.recorder.take(), self.failure.take()) {
            (Some(recorder), _) => recorder.close(report, failure),
            (None, Some(error)) => Recorded {
                failure: Some((Duration::ZERO, error)),
                ..Recorded::default()
            },
            (None, None) => return self.leave_nothing(),
        };
        let line = in_words(&self.path.display().to_string(), &went);
        // That nobody reads it is no reason to fail.
        let _ = writeln!(io::stderr(), "sockscope: {line}");
    }

    /// It never began: a file that was made for it goes away.
    fn leave_nothing(&self) {
        let made = fs::metadata(&self.path);
        if made.is_ok_and(|it| it.is_file() && it.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn of_measured(
    read: Measured,
    at_ns: u64,
    clients_done: bool,
) -> recording::Measured {
    recording::Measured {
        at_ns,
        cpu: read.cpu.filter(|cpu| cpu.is_finite()),
        connected: read.connected,
        waiting: read.waiting,
        clients_done,
        echo: read.echo.map(|echo| EchoTimes {
            p50_ns: nanoseconds(echo.p50),
            p99_ns: nanoseconds(echo.p99),
            histogram: echo.histogram,
        }),
    }
}

/// `recorded run.rec: 1.20 MiB, 123,456 events, 6.1 bytes each, none lost`
fn in_words(path: &str, went: &Recorded) -> String {
    let start = match &went.failure {
        None => format!("recorded {path}:"),
        Some((at, error)) => format!(
            "the recording {path} ends {} after the start: {}; it has",
            show_time(*at),
            cause_in_words(error)
        ),
    };
    let (size, events) = (show_size(went.bytes), show_count(went.events));
    let each = match went.events {
        0 => String::new(),
        events => {
            format!(", {} bytes each", tenths(went.bytes_of_records, events))
        }
    };
    let lost = match went.lost {
        0 => "none lost".to_owned(),
        lost => format!("{} lost for want of room", show_count(lost)),
    };
    let payloads = match went.payloads_lost {
        0 => String::new(),
        lost => format!(", {} payloads lost", show_count(lost)),
    };
    format!("{start} {size}, {events} events{each}, {lost}{payloads}")
}

/// A ratio with one digit behind the point.
fn tenths(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(10) / whole;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn sources(
    tap: TapReceiver,
    payloads: Arc<Payloads>,
    subject: &Subject,
) -> Sources {
    let used = subject.meters.recorder.clone();
    Sources {
        tap,
        payloads,
        tally: subject.tally.clone(),
        gate: subject.gate.cloned(),
        origin: subject.origin,
        tick: Box::new(move || {
            if let Some(usage) = usage::of_thread() {
                used.tell(usage);
            }
        }),
        listener: None,
    }
}

fn header(subject: &Subject, payload: usize) -> Header {
    let Subject { about, plan, .. } = subject;
    let (mode, settings) = (about.mode, about.settings);
    let facts = about.facts();
    let text = |(path, text): (&str, &str)| SourceText {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let started_at = subject.started_at;
    let conditions = summary::conditions(
        mode.name(),
        Some((mode, settings)),
        settings.listen,
        *plan,
        started_at,
    );
    Header {
        sockscope: env!("CARGO_PKG_VERSION").into(),
        started_at: humantime::format_rfc3339_nanos(started_at).to_string(),
        mode: mode.name().into(),
        source: text((mode.file(), mode.source())),
        loop_source: mode.loop_source().map(text),
        mechanism: facts.mechanism,
        address: settings.listen,
        scenario: plan.map(|plan| ScenarioText {
            name: plan.name.clone(),
            title: plan.title.clone(),
            text: scenario_text(subject.scenario),
        }),
        introduction: introduction_of(*plan, mode),
        options: conditions.options.clone(),
        settings: of_settings(settings, about.grace),
        duration_ns: subject.duration.map(nanoseconds),
        clients_apart: about.clients_apart,
        conditions: serde_json::to_value(&conditions).unwrap_or_default(),
        payload_limit: u32::try_from(payload).unwrap_or(u32::MAX),
        shape: shape(mode, settings),
    }
}

fn shape(mode: Mode, settings: &Settings) -> Shape {
    let unhandled = unhandled(mode, settings.errors);
    Shape {
        loop_call: mode.loop_call().name().into(),
        polls: mode == Mode::Nonblocking,
        unhandled: unhandled.map(|it| it.name().into()),
    }
}

fn introduction_of(plan: Option<&Plan>, mode: Mode) -> String {
    plan.map(|plan| introduction(plan, mode)).unwrap_or_default()
}

/// A scenario's file, read again.
fn scenario_text(name_or_path: &str) -> Option<String> {
    let built_in = scenario::source(name_or_path).map(str::to_owned);
    built_in.or_else(|| {
        let size = fs::metadata(name_or_path).ok()?;
        let fits = size.is_file() && size.len() <= scenario::LARGEST_FILE;
        fits.then(|| fs::read_to_string(name_or_path).ok()).flatten()
    })
}

fn of_settings(settings: &Settings, grace: Duration) -> recording::Settings {
    recording::Settings {
        framing: match settings.framing {
            Framing::Bytes => "bytes".into(),
            Framing::Lines => "lines".into(),
        },
        boom: settings.boom,
        errors: settings.errors.name().into(),
        recv_size: settings.recv_size as u64,
        backlog: settings.backlog,
        max_connections: settings.max_connections.map(|it| it as u64),
        buffer_limit: settings.buffer_limit as u64,
        send_buffer: settings.send_buffer.map(|it| it as u64),
        receive_buffer: settings.receive_buffer.map(|it| it as u64),
        idle_timeout_ns: settings.idle_timeout.map(nanoseconds),
        calls_before_yield: settings.calls_before_yield,
        shutdown: settings.shutdown.name().into(),
        grace_ns: nanoseconds(grace),
    }
}

/// Another watcher, beside the recording if there is one.
pub(super) struct Recording<'a, W> {
    pub(super) tape: Option<&'a mut Tape>,
    pub(super) watcher: &'a mut W,
}

impl<W: Watcher> Watcher for Recording<'_, W> {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        if let Some(tape) = &mut self.tape {
            tape.begin(address);
        }
        self.watcher.listening(address)
    }

    fn interval(&self) -> Option<Duration> {
        let own = self.tape.is_some().then_some(TICK);
        let others = self.watcher.interval();
        others.into_iter().chain(own).min()
    }

    fn tick(&mut self) -> io::Result<Wish> {
        if let Some(tape) = &mut self.tape {
            tape.tick();
        }
        match self.watcher.interval() {
            Some(_) => self.watcher.tick(),
            None => Ok(Wish::GoOn),
        }
    }
}
