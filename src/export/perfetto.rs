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
//! Slices on a track nest, whatever the recording holds: one that begins in
//! another ends with it at the latest. What a window has a part of is drawn
//! whole; counters begin with it.

use super::timeline::{
    Bounds, Gathered, MarkKind, MarkSource, Owner, Timeline, TimelineLane,
    TimelineMark, gather, outcome_word,
};
use super::{ExportFailure, ExportSubject, Out};
use crate::probe::{
    Before, Event, Kind, LISTENER, Note, Outcome, SocketId, TaskNow,
};
use crate::units::{nanoseconds, show_time, show_time_ns};
use crate::view::BRIEF;
use serde::Serialize;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The first sockets, and the first tasks, have a track of their own: with
/// more tracks nothing would be found.
const OWN_TRACKS: u32 = 1_000;

/// How much is drawn. Perfetto's page reads no files that are much larger.
const BOUNDS: Bounds = Bounds {
    marks: 3_000_000,
    threads: 65_536,
    sockets: OWN_TRACKS,
    detailed: true,
};

/// The groups: the server's threads, sockets, tasks.
const SERVER: u32 = 1;
const SOCKETS: u32 = 2;
const TASKS: u32 = 3;

/// The group and the number of a track: to the format, a process and its
/// thread. No two tracks of a file have the same number.
const fn track(owner: Owner) -> (u32, u32) {
    match owner {
        Owner::Thread(thread) => (SERVER, 10 + thread.0 as u32),
        Owner::Socket(socket) => (SOCKETS, 200_000 + socket.0),
        Owner::Task(task) => (TASKS, 300_000 + task.0),
        // Behind those of all threads that there may be.
        Owner::Held(thread) => (SERVER, 70_000 + thread.0 as u32),
        Owner::Run => (SERVER, 1),
    }
}

/// Writes a trace-event file (an object with `traceEvents`, `otherData` and
/// `displayTimeUnit`). Its end is written also if the recording cannot be
/// read to its own.
///
/// # Errors
/// See [`ExportFailure`].
pub fn perfetto(
    subject: &ExportSubject,
    out: Out,
) -> Result<(), ExportFailure> {
    let Gathered { timeline, known, error } = gather(subject, BOUNDS);
    let ending = match &error {
        Some(error) => format!("it {error}"),
        None => subject.recording.ending().to_string(),
    };
    out.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
    let mut trace = Trace {
        out: &mut *out,
        window: (nanoseconds(subject.from), nanoseconds(subject.until)),
        entries: 0,
        used: BTreeSet::new(),
    };
    trace.slices(&timeline)?;
    trace.counters(&timeline)?;
    trace.end_of_run(subject, timeline.until, &ending)?;
    let is_shared = trace.used.contains(&SHARED);
    trace.name_tracks(subject, &timeline, &known.names)?;
    out.write_all(b"\n],\"otherData\":")?;
    let other = other_data(subject, &timeline, &ending, is_shared);
    serde_json::to_writer(&mut *out, &other).map_err(io::Error::from)?;
    out.write_all(b"}\n")?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// The lane of all sockets that have none of their own.
const SHARED: Owner = Owner::Socket(SocketId(OWN_TRACKS));

/// What a slice or an instant shows: its category, its name, and what else is
/// known.
type Label = (&'static str, String, Value);

/// An entry of the trace-event format; times are in microseconds.
#[derive(Default, Serialize)]
struct TraceEntry<'a> {
    ph: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cat: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    args: Value,
}

/// Writes the entries that a window of time has a part of.
struct Trace<'a> {
    out: Out<'a>,
    window: (u64, u64),
    entries: u64,
    /// What has an entry.
    used: BTreeSet<Owner>,
}

impl Trace<'_> {
    fn shows(&self, (since, until): (u64, u64)) -> bool {
        since <= self.window.1 && until >= self.window.0
    }

    fn write(&mut self, entry: &TraceEntry) -> io::Result<()> {
        self.out.write_all(if self.entries > 0 { b",\n" } else { b"\n" })?;
        self.entries += 1;
        Ok(serde_json::to_writer(&mut *self.out, entry)?)
    }

    /// Writes a slice, or something that takes no time.
    fn draw(
        &mut self,
        owner: Owner,
        (since, until): (u64, u64),
        (cat, name, args): Label,
        is_instant: bool,
    ) -> io::Result<()> {
        self.used.insert(owner);
        let (pid, tid) = track(owner);
        self.write(&TraceEntry {
            ph: if is_instant { "i" } else { "X" },
            name: &name,
            cat,
            ts: Some(micros(since)),
            dur: (!is_instant).then(|| micros(until - since)),
            pid,
            tid: Some(tid),
            s: is_instant.then_some("t"),
            args,
        })
    }

    /// The marks of all lanes, track by track. A call is a slice of its
    /// thread and of its socket; on the track that sockets share it is left
    /// out, as calls may be at the same time there.
    fn slices(&mut self, timeline: &Timeline) -> io::Result<()> {
        let mut tracks = BTreeMap::<_, Vec<_>>::new();
        for (owner, lane) in &timeline.lanes {
            for mark in lane.marks.values().flatten() {
                tracks.entry(*owner).or_default().push(mark);
                let facts = mark.facts();
                if let (Some(socket), Some(call)) = (facts.subject, facts.call)
                    && call != Kind::Wait
                    && socket < OWN_TRACKS
                {
                    let owner = Owner::Socket(SocketId(socket));
                    tracks.entry(owner).or_default().push(mark);
                }
            }
        }
        let none = TimelineLane::default();
        for (owner, mut marks) in tracks {
            // What is around others comes before them.
            marks.sort_by_key(|it| (it.start, Reverse(it.end), depth(it)));
            let lane = timeline.lanes.get(&owner).unwrap_or(&none);
            let mut around: Vec<u64> = Vec::new();
            for mark in marks {
                around.retain(|end| *end > mark.start);
                let outer = around.last().copied().unwrap_or(u64::MAX);
                let time = (mark.start, mark.end.min(outer));
                let is_instant = is_instant(owner, mark);
                if !is_instant {
                    around.push(time.1);
                }
                if self.shows(time) {
                    let label = label(owner, lane, mark);
                    self.draw(owner, time, label, is_instant)?;
                }
            }
        }
        Ok(())
    }

    /// What a counter was at before the window, it still is as that begins.
    fn counters(&mut self, timeline: &Timeline) -> io::Result<()> {
        let (from, until) = self.window;
        for ((name, unit), values) in &timeline.counters {
            let earlier = values.iter().rfind(|(at, _)| *at < from);
            let earlier = earlier.filter(|_| timeline.until >= from);
            let earlier = earlier.map(|(_, value)| (from, value));
            let within = values.iter().map(|(at, value)| (*at, value));
            let within = within.filter(|(at, _)| (from..=until).contains(at));
            for (at, value) in earlier.into_iter().chain(within) {
                let args = BTreeMap::from([(unit, value)]);
                self.write(&TraceEntry {
                    ph: "C",
                    name,
                    ts: Some(micros(at)),
                    pid: SERVER,
                    args: json!(args),
                    ..TraceEntry::default()
                })?;
            }
        }
        Ok(())
    }

    fn end_of_run(
        &mut self,
        subject: &ExportSubject,
        at: u64,
        ending: &str,
    ) -> io::Result<()> {
        let name = match subject.recording.closing() {
            Some(_) if ending == "complete" => "the recording ends",
            _ => "the recording breaks off",
        };
        let label = ("run", name.into(), json!({"recording": ending}));
        if self.shows((at, at)) {
            self.draw(Owner::Run, (at, at), label, true)?;
        }
        Ok(())
    }

    /// Names the tracks that are used and their groups; the number of each is
    /// its place.
    fn name_tracks(
        &mut self,
        subject: &ExportSubject,
        timeline: &Timeline,
        names: &HashMap<SocketAddr, String>,
    ) -> io::Result<()> {
        let header = subject.recording.header();
        let mut has_tasks = false;
        for owner in std::mem::take(&mut self.used) {
            let lane = timeline.lanes.get(&owner);
            let name = match owner {
                Owner::Run => "run".into(),
                Owner::Held(thread) => format!("thread {}, held", thread.0),
                Owner::Task(task) => format!("task {task}"),
                Owner::Socket(socket) => {
                    let peer = lane.and_then(|lane| lane.peer);
                    socket_title(socket, peer, names)
                }
                Owner::Thread(thread) => {
                    let loop_call = header.settings.loop_call;
                    let is_loop = lane.is_some_and(|it| runs(it, loop_call));
                    let suffix = if is_loop { ", the loop" } else { "" };
                    format!("thread {}{suffix}", thread.0)
                }
            };
            has_tasks |= matches!(owner, Owner::Task(_));
            let (pid, tid) = track(owner);
            self.metadata("thread", pid, Some(tid), &name)?;
        }
        let mode = format!("sockscope {}", header.facts.mode);
        self.metadata("process", SERVER, None, &mode)?;
        self.metadata("process", SOCKETS, None, "sockets")?;
        if has_tasks {
            self.metadata("process", TASKS, None, "tasks")?;
        }
        Ok(())
    }

    fn metadata(
        &mut self,
        what: &str,
        pid: u32,
        tid: Option<u32>,
        name: &str,
    ) -> io::Result<()> {
        for (field, args) in [
            ("name", json!({"name": name})),
            ("sort_index", json!({"sort_index": tid.unwrap_or(pid)})),
        ] {
            let name = &format!("{what}_{field}");
            let entry = TraceEntry::default();
            self.write(&TraceEntry { ph: "M", name, pid, tid, args, ..entry })?;
        }
        Ok(())
    }
}

fn socket_title(
    id: SocketId,
    peer: Option<SocketAddr>,
    names: &HashMap<SocketAddr, String>,
) -> String {
    match (peer, peer.and_then(|peer| names.get(&peer))) {
        _ if id == LISTENER => format!("{id} listener"),
        _ if id.0 == OWN_TRACKS => format!("sockets from {id} on"),
        (Some(peer), Some(name)) => format!("{id} {name}, {peer}"),
        (Some(peer), None) => format!("{id} {peer}"),
        (None, _) => id.to_string(),
    }
}

/// Whether the server's loop runs on the thread of this lane.
fn runs(lane: &TimelineLane, loop_call: Kind) -> bool {
    lane.marks.values().flatten().any(|mark| match mark.source {
        MarkSource::Event(Event::Idle { passes, .. }) => passes > 0,
        _ => {
            mark.what == MarkKind::Step || mark.facts().call == Some(loop_call)
        }
    })
}

/// Of slices at the same time, which one is around the others.
fn depth(mark: &TimelineMark) -> u8 {
    match mark.what {
        MarkKind::Open | MarkKind::Step => 0,
        MarkKind::Task => 1,
        _ => 2,
    }
}

fn is_instant(owner: Owner, mark: &TimelineMark) -> bool {
    match mark.what {
        MarkKind::Open => owner == SHARED,
        MarkKind::Interest
        | MarkKind::Ready
        | MarkKind::Fail
        | MarkKind::Closed
        | MarkKind::Reset
        | MarkKind::Finding
        | MarkKind::Ended
        | MarkKind::Gate => true,
        _ => false,
    }
}

fn label(owner: Owner, lane: &TimelineLane, mark: &TimelineMark) -> Label {
    let (category, name, mut args) = match mark.source {
        MarkSource::Event(Event::Note { note, .. }) => {
            note_label(owner, lane, mark, note)
        }
        MarkSource::Event(Event::Idle { passes, .. }) => {
            let args = json!({"calls": mark.figure, "iterations": passes});
            ("would block", "would block".into(), args)
        }
        MarkSource::Event(event) => call_label(mark, &event),
        MarkSource::Held(before) => {
            let (what, args) = match before {
                Before::Call { kind, socket, site } => {
                    let (at, id) = (site.to_string(), socket.to_string());
                    (kind.name().into(), json!({"line": at, "socket": id}))
                }
                Before::Step(step) => (step.name().into(), Value::Null),
                Before::Task(task) => (format!("a run of {task}"), Value::Null),
            };
            ("gate", format!("held before {what}"), args)
        }
        MarkSource::Gate(paused, speed) => {
            let name = match speed.delay().map(|delay| delay.as_millis()) {
                _ if paused => "paused".into(),
                None => "full speed".into(),
                Some(ms) => format!("slow motion: {ms} ms before each call"),
            };
            ("gate", name, Value::Null)
        }
        MarkSource::Between => ("open", "open".into(), Value::Null),
    };
    if mark.count > 1 {
        let mut all = args.as_object().cloned().unwrap_or_default();
        all.insert("count".into(), mark.count.into());
        args = all.into();
    }
    (category, name, args)
}

/// What a call is called, and everything that is known of it.
fn call_label(mark: &TimelineMark, event: &Event) -> Label {
    let (kind, socket, site, outcome) = match *event {
        Event::Exit { kind, socket, site, outcome, .. } => {
            (kind, socket, site, Some(outcome))
        }
        Event::Enter { kind, socket, site, .. } => (kind, socket, site, None),
        Event::Idle { .. } | Event::Note { .. } => {
            return ("call", "call".into(), Value::Null);
        }
    };
    let mut args = json!({"line": site.to_string()});
    if kind != Kind::Wait {
        args["socket"] = socket.to_string().into();
    }
    let is_lost = mark.what == MarkKind::Lost;
    args["outcome"] = match outcome {
        None if is_lost => "not recorded: events were lost".into(),
        None => "it had not returned when the recording ended".into(),
        Some(Outcome::Accepted(socket)) => format!("accepted {socket}").into(),
        Some(Outcome::Ready(ready)) => format!("{ready} ready").into(),
        Some(outcome) => outcome_word(outcome).into(),
    };
    if let Event::Exit {
        outcome: Outcome::Bytes(bytes), pending, echoed, ..
    } = event
    {
        args["bytes"] = (*bytes).into();
        args["pending"] = (*pending).into();
        args["echoed"] = (*echoed).into();
    }
    // A call that took less time may have slept or only copied bytes.
    let slept = mark.end - mark.start >= nanoseconds(BRIEF);
    let name = kind.name();
    if outcome == Some(Outcome::Paused) {
        ("paused", "accepting pauses".into(), args)
    } else if slept && !is_lost {
        ("asleep", format!("asleep in {name}"), args)
    } else {
        ("call", name.into(), args)
    }
}

fn note_label(
    owner: Owner,
    lane: &TimelineLane,
    mark: &TimelineMark,
    note: Note,
) -> Label {
    let mut args = Value::Null;
    let open =
        if owner == Owner::Socket(LISTENER) { "listening" } else { "open" };
    let (category, name) = match note {
        Note::Opened { .. } if owner == SHARED => {
            args = json!({});
            ("open", "opened".into())
        }
        Note::Opened { .. } => {
            args = json!({"end": "open when the recording ended"});
            ("open", open.into())
        }
        Note::Closed { socket, end, unsent } => {
            let (end, id) = (end.words(), socket.to_string());
            args = json!({"socket": id, "end": end, "unsent": unsent});
            if mark.what == MarkKind::Open {
                ("open", open.into())
            } else {
                ("open", format!("closed: {end}"))
            }
        }
        Note::Handled { end, .. } => {
            ("failure", format!("failed and handled: {}", end.words()))
        }
        Note::Failed { end, .. } => {
            ("failure", format!("failed: {}", end.words()))
        }
        Note::Ready { readable, writable, .. } => {
            ("ready", format!("ready: {}", ways(readable, writable)))
        }
        Note::Interest { readable, writable, .. } => {
            ("interest", format!("interest: {}", ways(readable, writable)))
        }
        Note::Task { task, now } if mark.what == MarkKind::Task => {
            if now != TaskNow::Running {
                args = json!({"then": now.words()});
            }
            ("run", format!("run {task}"))
        }
        Note::Task { now, .. } => return task_label(now),
        Note::Step(step) => ("step", step.name().into()),
        Note::Paused(limit) => {
            ("limit", format!("accepting pauses: {}", limit.words()))
        }
        Note::LongRun { task, time } => {
            let time = show_time(time.duration());
            ("finding", format!("{task} kept the thread for {time}"))
        }
        Note::NeverRetrieved { task, end, .. } => {
            let end = end.words();
            let what = "failed and its error was never retrieved";
            ("finding", format!("{task} {what}: {end}"))
        }
        Note::Phase(phase) => {
            args = json!({"meaning": phase.words()});
            ("phase", phase.name().into())
        }
        Note::Timers(_) => ("timers", "timers".into()),
    };
    let peer = lane.peer.filter(|_| mark.what == MarkKind::Open);
    if let Some(peer) = peer {
        args["peer"] = peer.to_string().into();
    }
    // Which one it was, where several share a track.
    let name = match mark.facts().subject {
        Some(socket) if owner == SHARED => format!("#{socket} {name}"),
        _ => name,
    };
    (category, name, args)
}

const fn ways(readable: bool, writable: bool) -> &'static str {
    match (readable, writable) {
        (true, true) => "readable, writable",
        (true, false) => "readable",
        (false, true) => "writable",
        (false, false) => "nothing",
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
    ("task", name, args)
}

/// What is to be known of the whole.
fn other_data(
    subject: &ExportSubject,
    timeline: &Timeline,
    ending: &str,
    is_shared: bool,
) -> Value {
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
    if subject.until != Duration::MAX {
        other["until ns"] = nanoseconds(subject.until).into();
    }
    let mut limits = Vec::new();
    if is_shared {
        limits.push(format!(
            "the sockets from #{OWN_TRACKS} on share one track, without \
             their calls: these are on the tracks of threads"
        ));
    }
    if timeline.without.iter().any(|it| matches!(it, Owner::Task(_))) {
        limits.push(format!("the tasks from t{OWN_TRACKS} on have no track"));
    }
    if timeline.step > 0 {
        limits.push(format!(
            "what is of one kind and within {} on a track is one slice",
            show_time_ns(timeline.step)
        ));
    }
    other["limits"] = limits.into();
    other
}

/// Microseconds with three decimals: exact up to eleven days.
#[expect(clippy::cast_precision_loss, reason = "exact up to eleven days")]
fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn times_are_exact_to_the_nanosecond_for_eleven_days() {
        let day = 86_400_000_000_000;
        for ns in [0, 1, 999, 1_001, day - 1, day + 123, 11 * day + 7] {
            let text = serde_json::to_string(&micros(ns)).unwrap_or_default();
            let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
            let read = format!("{whole}{part:0<3}").parse();
            assert_eq!(read, Ok(ns), "{text}");
        }
    }
}
