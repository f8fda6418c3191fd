//! A trace for Perfetto, in the JSON of the trace-event format.
//!
//! # What is where
//!
//! The group of the server (process 1) has the phases of the run and what
//! was asked of the gate on its first track, then a track a thread. A slice
//! of category `call` or `asleep` there is one call of the recording:
//! `asleep in read` if it took long enough for its thread to have slept.
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
//! Slices on a track nest, whatever the recording holds; see [`Trace`]. What
//! a window has a part of is drawn whole; counters begin with it.

mod counters;
mod gate;
mod trace;

use super::calls::{CallResult, CallSpan, OpenCalls};
use super::{ExportFailure, ExportSubject, Out};
use crate::probe::{
    End, Event, Kind, LISTENER, Note, Outcome, Phase, SocketId, TaskId,
    TaskNow, ThreadId,
};
use crate::recording::Error;
use crate::units::{nanoseconds, show_time};
use crate::view::BRIEF;
use crate::view::{Known, Observation};
use counters::CounterTracks;
use gate::GateTracks;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use trace::{Label, Ns, Trace, TraceTrack};

/// The group of the server's threads.
const SERVER: u32 = 1;

/// The group of sockets.
const SOCKETS: u32 = 2;

/// The group of tasks.
const TASKS: u32 = 3;

/// The first sockets, and the first tasks, have a track of their own. More
/// tracks would be hard to find one's way in.
const OWN_TRACKS: u32 = 1_000;

/// The track of the run.
const RUN: TraceTrack = TraceTrack { pid: SERVER, tid: SERVER };

/// The track of all sockets that have none of their own.
const OTHER_SOCKETS: TraceTrack =
    TraceTrack { pid: SOCKETS, tid: FIRST_SOCKET + OWN_TRACKS };

const FIRST_THREAD: u32 = 10;
const FIRST_SOCKET: u32 = 200_000;
const FIRST_TASK: u32 = 300_000;

impl TraceTrack {
    const fn of_thread(id: ThreadId) -> Self {
        Self { pid: SERVER, tid: FIRST_THREAD + id.0 as u32 }
    }

    /// The socket's own track, if it has one.
    fn of_socket(id: SocketId) -> Option<Self> {
        let tid = FIRST_SOCKET.saturating_add(id.0);
        (id.0 < OWN_TRACKS).then_some(Self { pid: SOCKETS, tid })
    }

    const fn of_task(id: TaskId) -> Self {
        Self { pid: TASKS, tid: FIRST_TASK + id.0 }
    }
}

/// Writes a trace-event file (an object with `traceEvents`, `otherData` and
/// `displayTimeUnit`) as it reads. Its end is written also if the recording
/// cannot be read to its own.
///
/// # Errors
/// See [`ExportFailure`].
pub fn perfetto(
    subject: &ExportSubject,
    out: Out,
) -> Result<(), ExportFailure> {
    let (from, until) = (nanoseconds(subject.from), nanoseconds(subject.until));
    let trace = Trace::begin(out, from, until)?;
    let loop_call = subject.recording.header().settings.loop_call.name();
    let mut drawing = Drawing::new(trace, loop_call);
    let mut cursor = subject.recording.from_start();
    let read = loop {
        match cursor.step() {
            Ok(Some(record)) => drawing.take(&record, cursor.known())?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drawing.finish(subject, cursor.known(), read.as_ref().err())?;
    Ok(read?)
}

/// Everything that is drawn.
struct Drawing<'a> {
    trace: Trace<'a>,
    /// The latest time so far.
    now: Ns,
    loop_call: &'a str,
    calls: OpenCalls,
    threads: BTreeMap<ThreadId, ThreadTrack>,
    /// The other end of each socket that has a track.
    sockets: BTreeMap<SocketId, Option<SocketAddr>>,
    /// What each task that has a track does, and since when.
    tasks: BTreeMap<TaskId, Option<(Ns, TaskNow)>>,
    some_tasks_have_no_track: bool,
    counters: CounterTracks,
    gate: GateTracks,
}

#[derive(Default)]
struct ThreadTrack {
    /// The task that the thread runs.
    runs: Option<TaskId>,
    is_loop: bool,
}

impl<'a> Drawing<'a> {
    fn new(trace: Trace<'a>, loop_call: &'a str) -> Self {
        Self {
            trace,
            now: 0,
            loop_call,
            calls: OpenCalls::default(),
            threads: BTreeMap::new(),
            sockets: BTreeMap::new(),
            tasks: BTreeMap::new(),
            some_tasks_have_no_track: false,
            counters: CounterTracks::default(),
            gate: GateTracks::default(),
        }
    }

    /// Takes the next record, and what is known with it.
    fn take(&mut self, record: &Observation, state: &Known) -> io::Result<()> {
        let trace = &mut self.trace;
        match record {
            Observation::Event(event) => self.event(event),
            Observation::Counters(counters) => {
                self.counters.take(trace, counters.at.0, state)
            }
            Observation::Measured(it) => self.counters.measured(trace, it),
            Observation::Control(it) => self.gate.take(trace, it),
            Observation::Payload(_) | Observation::Named(_) => Ok(()),
        }
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.now = self.now.max(event.at().0);
        for call in self.calls.take(event) {
            self.call(&call)?;
        }
        match *event {
            Event::Enter { thread, kind, .. }
            | Event::Exit { thread, kind, .. } => {
                let is_loop = kind.name() == self.loop_call;
                self.thread(thread).is_loop |= is_loop;
                Ok(())
            }
            Event::Idle { since, at, thread, calls, passes } => {
                self.thread(thread).is_loop |= passes > 0;
                let args = json!({"calls": calls, "iterations": passes});
                let label = Label::new("would block", "would block", args);
                let time = (since.0, at.0);
                self.trace.slice(TraceTrack::of_thread(thread), time, &label)
            }
            Event::Note { at, thread, note } => self.note(at.0, thread, note),
        }
    }

    fn thread(&mut self, id: ThreadId) -> &mut ThreadTrack {
        self.threads.entry(id).or_default()
    }

    /// A call is a slice of its thread and of its socket. On the track that
    /// sockets share it is left out: calls may be at the same time there.
    fn call(&mut self, call: &CallSpan) -> io::Result<()> {
        self.thread(call.thread);
        let label = call_label(call);
        let time = (call.since, call.until);
        self.trace.slice(TraceTrack::of_thread(call.thread), time, &label)?;
        if call.kind == Kind::Wait {
            return Ok(());
        }
        let Some(track) = TraceTrack::of_socket(call.socket) else {
            return Ok(());
        };
        self.sockets.entry(call.socket).or_default();
        self.trace.slice(track, time, &label)
    }

    fn note(&mut self, at: Ns, thread: ThreadId, note: Note) -> io::Result<()> {
        let track = TraceTrack::of_thread(thread);
        match note {
            Note::Opened { socket, peer } => self.opened(at, socket, peer),
            Note::Closed { socket, end, unsent } => {
                self.closed(at, socket, end, unsent)
            }
            Note::Step(step) => {
                let state = self.thread(thread);
                (state.is_loop, state.runs) = (true, None);
                self.trace.close_all(track, at)?;
                let label = Label::new("step", step.name(), Value::Null);
                self.trace.open(track, at, label);
                Ok(())
            }
            Note::Task { task, now } => {
                self.task_run(at, thread, task, now)?;
                self.task_state(at, task, now)
            }
            Note::Timers(timers) => {
                self.counters.timers(&mut self.trace, at, timers)
            }
            Note::Phase(phase) => self.phase(at, phase),
            Note::Ready { socket, readable, writable } => {
                let name = format!("ready: {}", ways(readable, writable));
                self.on_socket(at, socket, ("ready", name, Value::Null))
            }
            Note::Interest { socket, readable, writable } => {
                let name = format!("interest: {}", ways(readable, writable));
                self.on_socket(at, socket, ("interest", name, Value::Null))
            }
            Note::Handled { socket, end } => {
                let name = format!("failed and handled: {}", end.words());
                self.on_socket(at, socket, ("failure", name, Value::Null))
            }
            Note::Failed { socket, end } => {
                let name = format!("failed: {}", end.words());
                self.on_socket(at, socket, ("failure", name, Value::Null))
            }
            Note::Paused(limit) => {
                let name = format!("accepting pauses: {}", limit.words());
                self.on_thread(at, thread, ("limit", name))
            }
            Note::LongRun { task, time } => {
                let time = show_time(time.duration());
                let name = format!("{task} kept the thread for {time}");
                self.on_thread(at, thread, ("finding", name))
            }
            Note::NeverRetrieved { task, end, .. } => {
                let name = format!(
                    "{task} failed and its error was never retrieved: {}",
                    end.words()
                );
                self.on_thread(at, thread, ("finding", name))
            }
        }
    }

    fn phase(&mut self, at: Ns, phase: Phase) -> io::Result<()> {
        self.trace.close_all(RUN, at)?;
        let args = json!({"meaning": phase.words()});
        self.trace.open(RUN, at, Label::new("phase", phase.name(), args));
        if phase == Phase::Ended {
            self.close_threads(at)?;
        }
        Ok(())
    }

    fn close_threads(&mut self, at: Ns) -> io::Result<()> {
        for (id, thread) in &mut self.threads {
            thread.runs = None;
            self.trace.close_all(TraceTrack::of_thread(*id), at)?;
        }
        Ok(())
    }

    /// An instant of a thread.
    fn on_thread(
        &mut self,
        at: Ns,
        thread: ThreadId,
        (category, name): (&'static str, String),
    ) -> io::Result<()> {
        self.thread(thread);
        let label = Label::new(category, name, Value::Null);
        self.trace.instant(TraceTrack::of_thread(thread), at, &label)
    }

    /// An instant of a socket: its category, its name and what else is known.
    fn on_socket(
        &mut self,
        at: Ns,
        socket: SocketId,
        (category, name, args): (&'static str, String, Value),
    ) -> io::Result<()> {
        if let Some(track) = TraceTrack::of_socket(socket) {
            self.sockets.entry(socket).or_default();
            let label = Label::new(category, name, args);
            return self.trace.instant(track, at, &label);
        }
        let label = Label::new(category, format!("{socket} {name}"), args);
        self.trace.instant(OTHER_SOCKETS, at, &label)
    }

    fn opened(
        &mut self,
        at: Ns,
        socket: SocketId,
        peer: Option<SocketAddr>,
    ) -> io::Result<()> {
        let args = match peer {
            Some(peer) => json!({"peer": peer.to_string()}),
            None => json!({}),
        };
        let Some(track) = TraceTrack::of_socket(socket) else {
            return self.on_socket(at, socket, ("open", "opened".into(), args));
        };
        let known = self.sockets.entry(socket).or_default();
        *known = peer.or(*known);
        if self.trace.depth(track) == 0 {
            let name = if socket == LISTENER { "listening" } else { "open" };
            self.trace.open(track, at, Label::new("open", name, args));
        }
        Ok(())
    }

    fn closed(
        &mut self,
        at: Ns,
        socket: SocketId,
        end: End,
        unsent: u32,
    ) -> io::Result<()> {
        let words = end.words();
        let id = socket.to_string();
        let args = json!({"socket": id, "end": words, "unsent": unsent});
        if let Some(track) = TraceTrack::of_socket(socket)
            && self.trace.depth(track) > 0
        {
            self.trace.close(track, at, args.clone())?;
        }
        let name = format!("closed: {words}");
        self.on_socket(at, socket, ("open", name, args))
    }

    /// A task begins to run on a thread, or ran there until now.
    fn task_run(
        &mut self,
        at: Ns,
        thread: ThreadId,
        task: TaskId,
        now: TaskNow,
    ) -> io::Result<()> {
        let track = TraceTrack::of_thread(thread);
        let state = self.thread(thread);
        let begins = now == TaskNow::Running;
        if state.runs == Some(task) || (begins && state.runs.is_some()) {
            state.runs = None;
            let args =
                if begins { Value::Null } else { json!({"then": now.words()}) };
            self.trace.close(track, at, args)?;
        }
        if begins {
            self.thread(thread).runs = Some(task);
            let label = Label::new("run", format!("run {task}"), Value::Null);
            self.trace.open(track, at, label);
        }
        Ok(())
    }

    /// What a task does from now on, on its own track.
    fn task_state(
        &mut self,
        at: Ns,
        task: TaskId,
        now: TaskNow,
    ) -> io::Result<()> {
        if task.0 >= OWN_TRACKS {
            self.some_tasks_have_no_track = true;
            return Ok(());
        }
        let next = (!now.has_ended()).then_some((at, now));
        let before = self.tasks.insert(task, next).flatten();
        let track = TraceTrack::of_task(task);
        if let Some((since, before)) = before {
            self.trace.slice(track, (since, at), &task_label(before))?;
        }
        if now.has_ended() {
            self.trace.instant(track, at, &task_label(now))?;
        }
        Ok(())
    }

    /// The recording ends, perhaps because it cannot be read on.
    fn finish(
        mut self,
        subject: &ExportSubject,
        state: &Known,
        error: Option<&Error>,
    ) -> io::Result<()> {
        let whole = nanoseconds(subject.recording.duration());
        let end = self.now.max(if error.is_none() { whole } else { 0 });
        for call in self.calls.finish(end) {
            self.call(&call)?;
        }
        self.close_threads(end)?;
        self.close_sockets(end)?;
        let tasks = std::mem::take(&mut self.tasks);
        for (task, state) in &tasks {
            if let Some((since, now)) = *state {
                let label = task_label(now);
                self.trace.slice(
                    TraceTrack::of_task(*task),
                    (since, end),
                    &label,
                )?;
            }
        }
        self.gate.end(&mut self.trace, end)?;
        self.counters.end(&mut self.trace, end)?;
        let ending = match error {
            Some(error) => format!("it {error}"),
            None => subject.recording.ending().to_string(),
        };
        self.end_run(subject, end, &ending)?;
        self.name_tracks(subject, &state.names, tasks.keys())?;
        let other = self.other_data(subject, &ending);
        self.trace.end(&other)
    }

    fn close_sockets(&mut self, at: Ns) -> io::Result<()> {
        let open =
            self.sockets.keys().filter_map(|id| TraceTrack::of_socket(*id));
        for track in open {
            if self.trace.depth(track) > 0 {
                let args = json!({"end": "open when the recording ended"});
                self.trace.close(track, at, args)?;
            }
        }
        Ok(())
    }

    fn end_run(
        &mut self,
        subject: &ExportSubject,
        at: Ns,
        ending: &str,
    ) -> io::Result<()> {
        self.trace.close_all(RUN, at)?;
        let name = match subject.recording.closing() {
            Some(_) if ending == "complete" => "the recording ends",
            _ => "the recording breaks off",
        };
        let label = Label::new("run", name, json!({"recording": ending}));
        self.trace.instant(RUN, at, &label)
    }

    fn name_tracks<'t>(
        &mut self,
        subject: &ExportSubject,
        names: &HashMap<SocketAddr, String>,
        tasks: impl Iterator<Item = &'t TaskId>,
    ) -> io::Result<()> {
        let out = &mut self.trace;
        for (id, thread) in &self.threads {
            let suffix = if thread.is_loop { ", the loop" } else { "" };
            let name = format!("thread {}{suffix}", id.0);
            out.name(TraceTrack::of_thread(*id), &name)?;
        }
        for (id, peer) in &self.sockets {
            if let Some(track) = TraceTrack::of_socket(*id) {
                out.name(track, &socket_title(*id, *peer, names))?;
            }
        }
        let others = format!("sockets from {} on", SocketId(OWN_TRACKS));
        out.name(OTHER_SOCKETS, &others)?;
        let mut has_tasks = false;
        for id in tasks {
            let track = TraceTrack::of_task(*id);
            has_tasks |= out.is_used(track);
            out.name(track, &format!("task {id}"))?;
        }
        out.name(RUN, "run")?;
        let mode = &subject.recording.header().facts.mode;
        out.name_group(SERVER, &format!("sockscope {mode}"))?;
        out.name_group(SOCKETS, "sockets")?;
        if has_tasks { out.name_group(TASKS, "tasks") } else { Ok(()) }
    }

    /// What is to be known of the whole.
    fn other_data(&self, subject: &ExportSubject, ending: &str) -> Value {
        let header = subject.recording.header();
        let mut other = json!({
            "sockscope": header.sockscope,
            "recording": subject.name,
            "started at": header.started_at,
            "mode": header.facts.mode,
            "conditions": header.conditions,
            "ending": ending,
            "events lost": subject.recording.lost(),
        });
        if !subject.from.is_zero() {
            other["from ns"] = nanoseconds(subject.from).into();
        }
        if subject.until != std::time::Duration::MAX {
            other["until ns"] = nanoseconds(subject.until).into();
        }
        let mut limits = Vec::new();
        if self.trace.is_used(OTHER_SOCKETS) {
            limits.push(format!(
                "the sockets from #{OWN_TRACKS} on share one track, without \
                 their calls: these are on the tracks of threads"
            ));
        }
        if self.some_tasks_have_no_track {
            limits
                .push(format!("the tasks from t{OWN_TRACKS} on have no track"));
        }
        other["limits"] = limits.into();
        other
    }
}

/// What a call is called, and everything that is known of it.
fn call_label(call: &CallSpan) -> Label {
    let mut args = json!({"line": call.site.to_string()});
    if call.kind != Kind::Wait {
        args["socket"] = call.socket.to_string().into();
    }
    args["outcome"] = call.result_text().into();
    if let CallResult::Returned {
        outcome: Outcome::Bytes(bytes),
        pending,
        echoed,
    } = call.result
    {
        args["bytes"] = bytes.into();
        args["pending"] = pending.into();
        args["echoed"] = echoed.into();
    }
    let name = call.kind.name();
    let paused = matches!(
        call.result,
        CallResult::Returned { outcome: Outcome::Paused, .. }
    );
    // A call that took less time may have slept or only copied bytes.
    let slept = call.result != CallResult::NotRecorded
        && call.until.saturating_sub(call.since) >= nanoseconds(BRIEF);
    if paused {
        Label::new("paused", "accepting pauses", args)
    } else if slept {
        Label::new("asleep", format!("asleep in {name}"), args)
    } else {
        Label::new("call", name, args)
    }
}

fn task_label(now: TaskNow) -> Label {
    let mut args = now
        .site()
        .map_or(Value::Null, |site| json!({"line": site.to_string()}));
    let name = match now {
        TaskNow::Sleeping { time, .. } => {
            args["at most"] = show_time(time.duration()).into();
            "sleeping".into()
        }
        now => now.words(),
    };
    Label::new("task", name, args)
}

fn socket_title(
    id: SocketId,
    peer: Option<SocketAddr>,
    names: &HashMap<SocketAddr, String>,
) -> String {
    let name = peer.and_then(|peer| names.get(&peer));
    match (id, peer, name) {
        (LISTENER, ..) => format!("{id} listener"),
        (_, Some(peer), Some(name)) => format!("{id} {name}, {peer}"),
        (_, Some(peer), None) => format!("{id} {peer}"),
        (_, None, _) => id.to_string(),
    }
}

const fn ways(readable: bool, writable: bool) -> &'static str {
    match (readable, writable) {
        (true, true) => "readable, writable",
        (true, false) => "readable",
        (false, true) => "writable",
        (false, false) => "nothing",
    }
}
