//! A trace for Perfetto, in the JSON of the trace-event format.
//!
//! # What is where
//!
//! The group of the server (process 1) has the phases of the run and what
//! was asked of the gate on its first track, then a track a thread. A slice
//! of category `call` or `asleep` there is one call of the recording:
//! `asleep in read` if it took so long that its thread must have slept.
//! Runs of calls that would have blocked are one slice (`would block`) with
//! their count, as the recording has them. Around the calls of an event loop
//! are the steps of its turns and the runs of its tasks. What a thread was
//! held for at the gate is on a track of its own. The counters are this
//! group's, too.
//!
//! The group of sockets (2) has a track a socket: how long it was open, in
//! it the same calls again, and what the selector said of it as instants.
//! Runs of calls that would have blocked are not: they are of many sockets.
//! The group of tasks (3) has a track a task: what it did and waited for.
//!
//! Slices on a track nest, whatever the recording holds; see [`Lane`]. What a
//! window has a part of is drawn whole; counters begin with it.

mod call;
mod counters;
mod gate;
mod lane;
mod sockets;
mod tasks;
mod threads;
mod trace;

use super::{Failure, Out, Subject};
use crate::probe::{Event, Note, Phase, ThreadId};
use crate::recording::{Error, Record, State};
use crate::units::nanoseconds;
use call::Made;
use counters::Counters;
use gate::Gate;
use lane::Lane;
use serde_json::{Value, json};
use sockets::{OWN_TRACKS, SOCKETS, Sockets};
use std::io;
use tasks::{TASKS, Tasks};
use threads::{SERVER, Threads};
use trace::{Label, Ns, Place, Trace};

/// The track of the run.
const RUN: Place = Place { pid: SERVER, tid: SERVER };

/// Writes a trace-event file (an object with `traceEvents`, `otherData` and
/// `displayTimeUnit`) as it reads. Its end is written also if the recording
/// cannot be read to its own.
///
/// # Errors
/// See [`Failure`].
pub fn perfetto(it: &Subject, out: Out) -> Result<(), Failure> {
    let (from, until) = (nanoseconds(it.from), nanoseconds(it.until));
    let mut drawing = Drawing::new(it, Trace::begin(out, from, until)?);
    let mut cursor = it.recording.from_start();
    let went = loop {
        match cursor.step() {
            Ok(Some(record)) => drawing.take(&record, cursor.state())?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drawing.finish(it, cursor.state(), went.as_ref().err())?;
    Ok(went?)
}

/// Everything that is drawn.
struct Drawing<'a> {
    trace: Trace<'a>,
    /// The latest time so far.
    now: Ns,
    run: Lane,
    threads: Threads,
    sockets: Sockets,
    tasks: Tasks,
    counters: Counters,
    gate: Gate,
}

impl<'a> Drawing<'a> {
    fn new(it: &Subject, trace: Trace<'a>) -> Self {
        Self {
            trace,
            now: 0,
            run: Lane::new(RUN),
            threads: Threads::new(&it.recording.header().shape.loop_call),
            sockets: Sockets::new(),
            tasks: Tasks::default(),
            counters: Counters::default(),
            gate: Gate::default(),
        }
    }

    /// The next record, and what is known with it.
    fn take(&mut self, record: &Record, state: &State) -> io::Result<()> {
        let trace = &mut self.trace;
        match record {
            Record::Event(Event::Note { at, thread, note }) => {
                let at = at.0;
                self.now = self.now.max(at);
                self.note((at, *thread), note)
            }
            Record::Event(event) => {
                self.now = self.now.max(event.at().0);
                let calls = self.threads.take(trace, event)?;
                self.on_sockets(&calls)
            }
            Record::Counters(counters) => {
                self.counters.take(trace, nanoseconds(counters.at()), state)
            }
            Record::Measured(it) => self.counters.measured(trace, it),
            Record::Holds(it) => self.gate.take(trace, it, &mut self.run),
            Record::Payload(_) | Record::Named(_) => Ok(()),
        }
    }

    fn on_sockets(&mut self, calls: &[Made]) -> io::Result<()> {
        calls.iter().try_for_each(|it| self.sockets.call(&mut self.trace, it))
    }

    fn note(
        &mut self,
        (at, thread): (Ns, ThreadId),
        note: &Note,
    ) -> io::Result<()> {
        let (trace, place) = (&mut self.trace, (at, thread));
        match *note {
            Note::Opened { socket, peer } => {
                self.sockets.opened(trace, at, (socket, peer))
            }
            Note::Closed { socket, end, unsent } => {
                self.sockets.closed(trace, at, (socket, end, unsent))
            }
            Note::Step(step) => self.threads.step(trace, place, step),
            Note::Task { task, now } => {
                self.threads.task(trace, place, task, now)?;
                self.tasks.take(trace, at, (task, now))
            }
            Note::Timers(timers) => self.counters.timers(trace, at, timers),
            Note::Phase(phase) => self.phase(at, phase),
            _ => self.said(place, note),
        }
    }

    fn phase(&mut self, at: Ns, phase: Phase) -> io::Result<()> {
        self.run.finish_to(0, &mut self.trace, at)?;
        let args = json!({"meaning": phase.words()});
        self.run.begin(at, Label::new("phase", phase.name(), args));
        if phase == Phase::Ended {
            self.threads.stop(&mut self.trace, at)?;
        }
        Ok(())
    }

    /// What takes no time.
    fn said(
        &mut self,
        (at, thread): (Ns, ThreadId),
        note: &Note,
    ) -> io::Result<()> {
        let Some(said) = said(note) else { return Ok(()) };
        match said {
            (Some(socket), category, name) => {
                let said = (category, name, Value::Null);
                self.sockets.instant(&mut self.trace, at, socket, said)
            }
            (None, category, name) => {
                let label = Label::new(category, name, Value::Null);
                self.threads.instant(&mut self.trace, (at, thread), &label)
            }
        }
    }

    /// The recording ends, perhaps as it cannot be read on.
    fn finish(
        mut self,
        it: &Subject,
        state: &State,
        error: Option<&Error>,
    ) -> io::Result<()> {
        let whole = error.is_none();
        let end = if whole { nanoseconds(it.recording.duration()) } else { 0 };
        let end = self.now.max(end);
        let calls = self.threads.end(&mut self.trace, end)?;
        self.on_sockets(&calls)?;
        let trace = &mut self.trace;
        self.sockets.end(trace, end, state.names())?;
        self.tasks.end(trace, end)?;
        self.gate.end(trace, end)?;
        self.counters.end(trace, end)?;
        let ending = match error {
            Some(error) => format!("it {error}"),
            None => it.recording.ending().to_string(),
        };
        self.end_run(it, end, &ending)?;
        let other = self.other(it, &ending);
        self.trace.end(&other)
    }

    fn end_run(
        &mut self,
        it: &Subject,
        at: Ns,
        ending: &str,
    ) -> io::Result<()> {
        let trace = &mut self.trace;
        self.run.finish_to(0, trace, at)?;
        let name = match it.recording.closing() {
            Some(_) if ending == "complete" => "the recording ends",
            _ => "the recording breaks off",
        };
        let label = Label::new("run", name, json!({"recording": ending}));
        self.run.instant(trace, at, &label)?;
        trace.name(RUN, "run")?;
        let mode = &it.recording.header().mode;
        trace.name_group(SERVER, &format!("sockscope {mode}"))?;
        trace.name_group(SOCKETS, "sockets")?;
        if self.tasks.are_any() {
            trace.name_group(TASKS, "tasks")?;
        }
        Ok(())
    }

    /// What is to be known of the whole.
    fn other(&self, it: &Subject, ending: &str) -> Value {
        let header = it.recording.header();
        let mut other = json!({
            "sockscope": header.sockscope,
            "recording": it.name,
            "started at": header.started_at,
            "mode": header.mode,
            "conditions": header.conditions,
            "ending": ending,
            "events lost": it.recording.lost(),
        });
        if !it.from.is_zero() {
            other["from ns"] = nanoseconds(it.from).into();
        }
        if it.until != std::time::Duration::MAX {
            other["until ns"] = nanoseconds(it.until).into();
        }
        let mut limits = Vec::new();
        if self.sockets.some_share() {
            limits.push(format!(
                "the sockets from #{OWN_TRACKS} on share one track, without \
                 their calls: these are on the tracks of threads"
            ));
        }
        if self.tasks.some_are_missing() {
            limits
                .push(format!("the tasks from t{OWN_TRACKS} on have no track"));
        }
        other["limits"] = limits.into();
        other
    }
}

/// A socket or none, a category and a name.
type Said = (Option<crate::probe::SocketId>, &'static str, String);

fn said(note: &Note) -> Option<Said> {
    Some(match *note {
        Note::Ready { socket, readable, writable } => {
            let name = format!("ready: {}", ways(readable, writable));
            (Some(socket), "ready", name)
        }
        Note::Interest { socket, readable, writable } => {
            let name = format!("interest: {}", ways(readable, writable));
            (Some(socket), "interest", name)
        }
        Note::Handled { socket, end } => {
            let name = format!("failed and handled: {}", end.words());
            (Some(socket), "failure", name)
        }
        Note::Failed { socket, end } => {
            let name = format!("failed: {}", end.words());
            (Some(socket), "failure", name)
        }
        Note::Paused(limit) => {
            let name = format!("accepting pauses: {}", limit.words());
            (None, "limit", name)
        }
        Note::LongRun { task, time } => {
            let time = crate::units::show_time(time.duration());
            (None, "finding", format!("{task} kept the thread for {time}"))
        }
        Note::NeverRetrieved { task, end, .. } => {
            let end = end.words();
            let name = format!("{task} failed and nobody asked: {end}");
            (None, "finding", name)
        }
        _ => return None,
    })
}

const fn ways(readable: bool, writable: bool) -> &'static str {
    match (readable, writable) {
        (true, true) => "readable, writable",
        (true, false) => "readable",
        (false, true) => "writable",
        (false, false) => "nothing",
    }
}
