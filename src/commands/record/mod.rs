//! A run on its way into a recording.

mod header;
mod words;

use super::measure::Measure;
use super::output;
use crate::cli::{OutputArgs, RecordArgs};
use crate::error::Error;
use crate::probe::{Clock, Payloads, Tap, TapReceiver};
use crate::recording::{
    self, EchoTimes, Header, Listener, Named, Recorded, Recorder, Sources,
};
use crate::report::Report;
use crate::run::engine::{Watcher, Wish};
use crate::run::meters::Meters;
use crate::system::usage;
use crate::units::nanoseconds;
use crate::view::Measured;
use header::header;
pub(super) use header::{Subject, scenario_text};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use words::in_words;

/// How often what is measured is told.
const TICK: Duration = Duration::from_millis(100);

/// Who tells the recording of the server's calls.
pub(super) type RecordProbe = (Arc<Tap>, Arc<Payloads>);

/// A run that is, or is to be, recorded.
pub(super) struct Tape {
    path: PathBuf,
    clock: Clock,
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

/// Opens the file that a recording is wanted in, before the run.
pub(super) fn open(
    args: &RecordArgs,
    output: &OutputArgs,
) -> Result<Option<File>, Error> {
    let Some(path) = &args.record else { return Ok(None) };
    open_beside(path, output).map(Some)
}

/// Opens a file for a recording; the summary must have another one.
pub(super) fn open_beside(
    path: &Path,
    output: &OutputArgs,
) -> Result<File, Error> {
    if output.output.as_deref() == Some(path) {
        let words = "the recording and the summary need a file each";
        return Err(Error::Usage(words.to_owned()));
    }
    output::open(path)
}

impl Tape {
    /// A recording that begins when the server listens.
    pub(super) fn new(
        file: File,
        args: &RecordArgs,
        subject: &Subject,
    ) -> Self {
        let clock = &subject.clock;
        let (tap, receiver) = Tap::with_steps(recording::ROOM, clock.clone());
        let payloads = Arc::new(Payloads::new(args.payload, clock.clone()));
        let meters = subject.meters.clone();
        let one_thread = subject.about.mode.has_one_thread();
        let sources = sources(receiver, payloads.clone(), subject);
        Self {
            path: args.record.clone().unwrap_or_default(),
            clock: clock.clone(),
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
        let now = self.clock.elapsed();
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
        self,
        report: Option<&Report>,
        failure: Option<String>,
    ) {
        self.end(report, failure).iter().for_each(|line| tell(line));
    }

    /// The same, but for the telling: a line, if it ever began.
    pub(super) fn end(
        mut self,
        report: Option<&Report>,
        failure: Option<String>,
    ) -> Option<String> {
        let report = report.and_then(|it| serde_json::to_value(it).ok());
        let went = match (self.recorder.take(), self.failure.take()) {
            (Some(recorder), _) => recorder.close(report, failure),
            (None, Some(error)) => Recorded {
                failure: Some((Duration::ZERO, error)),
                ..Recorded::default()
            },
            (None, None) => {
                leave_nothing(&self.path);
                return None;
            }
        };
        Some(in_words(&self.path.display().to_string(), &went))
    }
}

/// Tells on standard error how a recording went.
pub(super) fn tell(line: &str) {
    // That nobody reads it is no reason to fail.
    let _ = writeln!(io::stderr(), "sockscope: {line}");
}

/// It never began: a file that was made for it goes away.
pub(super) fn leave_nothing(path: &Path) {
    let made = fs::metadata(path);
    if made.is_ok_and(|it| it.is_file() && it.len() == 0) {
        let _ = fs::remove_file(path);
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
        clock: subject.clock.clone(),
        tick: Box::new(move || {
            if let Some(usage) = usage::of_thread() {
                used.tell(usage);
            }
        }),
        listener: None,
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
