//! A trace for Perfetto, in the JSON of the trace-event format.
//!
//! # The tracks
//!
//! The group of the server (process 1) has the phases of the run and the
//! settings of the gate on its first track, then one track per thread. A slice
//! of category `call` or `asleep` there is one call of the recording:
//! `asleep in read` if it took long enough for its thread to have slept. A run
//! of calls that would have blocked is one slice (`would block`) with their
//! count, as in the recording. Around the calls of an event loop are the steps
//! of its turns and the runs of its tasks. The times that a thread was held at
//! the gate are on a track of their own. The counters are in this group, too.
//!
//! The group of sockets (2) has one track per socket: how long it was open,
//! within that the same calls again, and reports of the selector as instants.
//! Runs of calls that would have blocked are not there: they are on many
//! sockets. The group of tasks (3) has one track per task: its states.
//!
//! Slices on a track nest, whatever the recording holds: one that begins in
//! another ends with it at the latest. A slice that is partly in the window is
//! drawn whole; counters begin at the start of the window.

use super::timeline::{
    Bounds, Gathered, MarkKind, MarkSource, Owner, Timeline, TimelineLane,
    TimelineMark, float, gather, outcome_word,
};
use super::{ExportFailure, ExportSubject, Out};
use crate::load::Names;
use crate::probe::{
    Before, Event, Kind, LISTENER, Note, Outcome, SocketId, TaskId, TaskNow,
};
use crate::report::WRITTEN_BY;
use crate::text::foreign;
use crate::units::{nanoseconds, show_time_ns};
use crate::view::BRIEF;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

/// How many sockets, and how many tasks, have a track of their own. With more
/// tracks it would be hard to find one.
const OWN_TRACKS: u32 = 1_000;

/// Limits on what is drawn: Perfetto's page cannot read much larger files.
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
        // After the numbers of all possible threads.
        Owner::Held(thread) => (SERVER, 70_000 + thread.0 as u32),
        Owner::Run => (SERVER, 1),
    }
}

/// Writes a trace-event file (an object with `traceEvents`, `otherData` and
/// `displayTimeUnit`). The file is complete even if the recording cannot be
/// read to its end.
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
    let by = format!("{WRITTEN_BY} {}", env!("CARGO_PKG_VERSION"));
    let about = json!({ "generator": by });
    let head = format!("{{\"displayTimeUnit\":\"ns\",\"otherData\":{about},");
    out.write_all(head.as_bytes())?;
    out.write_all(b"\"traceEvents\":[")?;
    let mut trace = Trace {
        out: &mut *out,
        before: "\n",
        window: (nanoseconds(subject.from), nanoseconds(subject.until)),
        used: BTreeSet::new(),
    };
    trace.slices(&timeline)?;
    trace.counters(&timeline)?;
    let end = (timeline.until, timeline.until);
    let is_whole = error.is_none() && subject.recording.is_whole();
    let name = if is_whole { "ends" } else { "breaks off" };
    if trace.shows(end) {
        let args = json!({"recording": ending});
        let label = ("run", format!("the recording {name}"), args);
        trace.draw(Owner::Run, end, label, true)?;
    }
    let is_shared = trace.used.contains(&SHARED);
    trace.name_tracks(subject, &timeline, &known.names)?;
    out.write_all(b"\n],\"otherData\":")?;
    let other = other_data(subject, &timeline, &ending, is_shared);
    writeln!(out, "{}}}", foreign::json(&other.to_string()))?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// The lane of all sockets that have none of their own.
const SHARED: Owner = Owner::Socket(SocketId(OWN_TRACKS));

/// What a slice or an instant shows: its category, its name, and what else is
/// known.
type Label = (&'static str, String, Value);

/// Writes the entries that are at least partly in a window of time.
struct Trace<'a> {
    out: Out<'a>,
    /// The separator before the next entry.
    before: &'static str,
    window: (u64, u64),
    /// The owners of the tracks that have an entry.
    used: BTreeSet<Owner>,
}

impl Trace<'_> {
    fn shows(&self, (since, until): (u64, u64)) -> bool {
        since <= self.window.1 && until >= self.window.0
    }

    fn write(&mut self, entry: &Value) -> io::Result<()> {
        let before = std::mem::replace(&mut self.before, ",\n");
        write!(self.out, "{before}{}", foreign::json(&entry.to_string()))
    }

    /// Writes a slice, or an instant at the time `since`.
    fn draw(
        &mut self,
        owner: Owner,
        (since, until): (u64, u64),
        (category, name, args): Label,
        is_instant: bool,
    ) -> io::Result<()> {
        self.used.insert(owner);
        let (group, track) = track(owner);
        let mut entry = json!({
            "ph": "X", "name": name, "cat": category, "pid": group,
            "tid": track, "ts": micros(since), "args": args,
        });
        if is_instant {
            (entry["ph"], entry["s"]) = ("i".into(), "t".into());
        } else {
            entry["dur"] = micros(until - since).into();
        }
        self.write(&entry)
    }

    /// Writes the marks of all lanes, track by track. A call is a slice on the
    /// tracks of its thread and of its socket, but not on the track that
    /// sockets share, where calls may overlap.
    fn slices(&mut self, timeline: &Timeline) -> io::Result<()> {
        let mut tracks = BTreeMap::<_, Vec<_>>::new();
        for (owner, lane) in &timeline.lanes {
            for mark in lane.marks.values().flatten() {
                tracks.entry(*owner).or_default().push(mark);
                let facts = &mark.facts;
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
            // An outer slice comes before those within it.
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

    /// Writes the counters, beginning with their values before the window.
    fn counters(&mut self, timeline: &Timeline) -> io::Result<()> {
        let (from, until) = self.window;
        for ((name, unit), values) in &timeline.counters {
            let earlier = values.iter().rfind(|(at, _)| *at < from);
            let earlier = earlier.filter(|_| timeline.until >= from);
            let earlier = earlier.map(|(_, value)| (from, value));
            let within = values.iter().map(|(at, value)| (*at, value));
            let within = within.filter(|(at, _)| (from..=until).contains(at));
            for (at, value) in earlier.into_iter().chain(within) {
                self.write(&json!({
                    "ph": "C", "name": name, "pid": SERVER,
                    "ts": micros(at), "args": {*unit: value},
                }))?;
            }
        }
        Ok(())
    }

    /// Names the tracks that are used, and their groups.
    fn name_tracks(
        &mut self,
        subject: &ExportSubject,
        timeline: &Timeline,
        names: &Names,
    ) -> io::Result<()> {
        let header = subject.recording.header();
        let mode = format!("sockscope {}", header.facts.mode);
        self.name((SERVER, None), &mode)?;
        self.name((SOCKETS, None), "sockets")?;
        let used = std::mem::take(&mut self.used);
        if used.iter().any(|it| matches!(it, Owner::Task(_))) {
            self.name((TASKS, None), "tasks")?;
        }
        for owner in used {
            let lane = timeline.lanes.get(&owner);
            let peer = lane.and_then(|lane| lane.peer);
            let title = timeline.title(owner, names);
            let loop_call = header.settings.loop_call;
            let name = match (owner, peer) {
                _ if owner == SHARED => format!("sockets from {title} on"),
                (Owner::Thread(_), _)
                    if lane.is_some_and(|it| runs(it, loop_call)) =>
                {
                    format!("{title}, the loop")
                }
                (_, Some(peer)) if names.contains_key(&peer) => {
                    format!("{title}, {peer}")
                }
                (_, Some(peer)) => format!("{title} {peer}"),
                _ => title,
            };
            let (group, track) = track(owner);
            self.name((group, Some(track)), &name)?;
        }
        Ok(())
    }

    /// Names a group, or a track in it, and sorts it by its number.
    fn name(
        &mut self,
        (group, track): (u32, Option<u32>),
        name: &str,
    ) -> io::Result<()> {
        let what = if track.is_some() { "thread" } else { "process" };
        let place = track.unwrap_or(group);
        for (field, value) in
            [("name", json!(name)), ("sort_index", json!(place))]
        {
            let mut entry = json!({
                "ph": "M", "name": format!("{what}_{field}"), "pid": group,
                "args": {field: value},
            });
            if let Some(track) = track {
                entry["tid"] = track.into();
            }
            self.write(&entry)?;
        }
        Ok(())
    }
}

/// Whether the server's loop runs on the thread of this lane.
fn runs(lane: &TimelineLane, loop_call: Kind) -> bool {
    lane.marks.values().flatten().any(|mark| match mark.source {
        MarkSource::Event(Event::Idle { passes, .. }) => passes > 0,
        _ => mark.what == MarkKind::Step || mark.facts.call == Some(loop_call),
    })
}

/// The depth of slices with the same time; 0 is the outermost.
fn depth(mark: &TimelineMark) -> u8 {
    match mark.what {
        MarkKind::Open | MarkKind::Step => 0,
        MarkKind::Task => 1,
        _ => 2,
    }
}

fn is_instant(owner: Owner, mark: &TimelineMark) -> bool {
    let is_open = mark.what == MarkKind::Open;
    is_open && owner == SHARED
        || matches!(
            mark.what,
            MarkKind::Interest
                | MarkKind::Ready
                | MarkKind::Fail
                | MarkKind::Closed
                | MarkKind::Reset
                | MarkKind::Finding
                | MarkKind::Ended
                | MarkKind::Gate
        )
}

fn label(owner: Owner, lane: &TimelineLane, mark: &TimelineMark) -> Label {
    let (category, name, mut args) = match mark.source {
        MarkSource::Event(Event::Note { note, .. }) => {
            note_label(owner, lane, mark, note)
        }
        MarkSource::Event(Event::Idle { passes, .. }) => {
            let args =
                json!({"calls": mark.facts.figure, "iterations": passes});
            ("would block", "would block".into(), args)
        }
        MarkSource::Event(event) => call_label(mark, &event),
        MarkSource::Held(before) => {
            let (what, args) = match before {
                Before::Call { kind, socket, site } => {
                    let (at, id) = (site.to_string(), socket.to_string());
                    (kind.name().into(), json!({"line": at, "socket": id}))
                }
                Before::Step(step) => (step.name().into(), json!({})),
                Before::Task(task) => (format!("a run of {task}"), json!({})),
            };
            ("gate", format!("held before {what}"), args)
        }
        MarkSource::Gate(paused, speed) => {
            let name = match speed.delay().map(|delay| delay.as_millis()) {
                _ if paused => "paused".into(),
                None => "full speed".into(),
                Some(ms) => format!("slow motion: {ms} ms before each call"),
            };
            ("gate", name, json!({}))
        }
        MarkSource::Between => ("open", "open".into(), json!({})),
    };
    if mark.count > 1 {
        args["count"] = mark.count.into();
    }
    (category, name, args)
}

/// The name of a call, with everything that is known of it.
fn call_label(mark: &TimelineMark, event: &Event) -> Label {
    let (Event::Enter { kind, socket, site, .. }
    | Event::Exit { kind, socket, site, .. }) = *event
    else {
        return ("call", "call".into(), json!({}));
    };
    let mut args = json!({"line": site.to_string()});
    if kind != Kind::Wait {
        args["socket"] = socket.to_string().into();
    }
    let (name, is_lost) = (kind.name(), mark.what == MarkKind::Lost);
    // A call that took less time may have slept or only copied bytes.
    let slept = mark.end - mark.start >= nanoseconds(BRIEF) && !is_lost;
    let mut label = if slept {
        ("asleep", format!("asleep in {name}"))
    } else {
        ("call", name.into())
    };
    let Event::Exit { outcome, pending, echoed, .. } = *event else {
        args["outcome"] = if is_lost {
            "not recorded: events were lost".into()
        } else {
            "it had not returned when the recording ended".into()
        };
        return (label.0, label.1, args);
    };
    args["outcome"] = match outcome {
        Outcome::Accepted(socket) => format!("accepted {socket}").into(),
        Outcome::Ready(ready) => format!("{ready} ready").into(),
        outcome => outcome_word(outcome).into(),
    };
    if let Outcome::Bytes(bytes) = outcome {
        args["bytes"] = bytes.into();
        args["pending"] = pending.into();
        args["echoed"] = echoed.into();
    } else if outcome == Outcome::Paused {
        label = ("paused", "accepting pauses".into());
    }
    (label.0, label.1, args)
}

fn note_label(
    owner: Owner,
    lane: &TimelineLane,
    mark: &TimelineMark,
    note: Note,
) -> Label {
    let mut args = json!({});
    let is_open = mark.what == MarkKind::Open;
    let is_listener = owner == Owner::Socket(LISTENER);
    let open = if is_listener { "listening" } else { "open" };
    let (category, mut name) = match note {
        Note::Opened { .. } if owner == SHARED => ("open", "opened".into()),
        Note::Opened { .. } => {
            args["end"] = "open when the recording ended".into();
            ("open", open.into())
        }
        Note::Closed { socket, end, unsent } => {
            let (end, id) = (end.words(), socket.to_string());
            args = json!({"socket": id, "end": end, "unsent": unsent});
            let closed = format!("closed: {end}");
            ("open", if is_open { open.into() } else { closed })
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
        Note::Task { task, now } => {
            return task_label(mark.what, task, now);
        }
        Note::Step(step) => ("step", step.name().into()),
        Note::CallFailed { operation, error, .. } => {
            ("error", format!("{} failed: {error}", operation.name()))
        }
        Note::Paused(limit) => {
            ("limit", format!("accepting pauses: {}", limit.words()))
        }
        Note::LeftWaiting { clients } => {
            let what = "waited to be accepted and were reset";
            ("limit", format!("{clients} clients {what}"))
        }
        Note::Stopped { time } => {
            ("limit", format!("the process was stopped for {time}"))
        }
        Note::LongRun { task, time } => {
            ("finding", format!("{task} kept the thread for {time}"))
        }
        Note::NeverRetrieved { task, end, .. } => {
            let what = "failed and its error was never retrieved";
            ("finding", format!("{task} {what}: {}", end.words()))
        }
        Note::Phase(phase) => {
            args["meaning"] = phase.words().into();
            ("phase", phase.name().into())
        }
        Note::Timers { .. } => ("timers", "timers".into()),
    };
    if let Some(peer) = lane.peer.filter(|_| is_open) {
        args["peer"] = peer.to_string().into();
    }
    // On the shared track, the name has to say which socket it is.
    if let Some(socket) = note.socket().filter(|_| owner == SHARED) {
        name = format!("{socket} {name}");
    }
    (category, name, args)
}

/// Labels a run of a task on its thread's track, or a state on its own.
fn task_label(what: MarkKind, task: TaskId, now: TaskNow) -> Label {
    match (what, now, now.site()) {
        (MarkKind::Task, TaskNow::Running, _) => {
            ("run", format!("run {task}"), json!({}))
        }
        (MarkKind::Task, ..) => {
            ("run", format!("run {task}"), json!({"then": now.words()}))
        }
        (_, TaskNow::Sleeping { time, site }, _) => {
            let (line, time) = (site.to_string(), time.to_string());
            let args = json!({"line": line, "at most": time});
            ("task", "sleeping".into(), args)
        }
        (_, _, Some(site)) => {
            ("task", now.words(), json!({"line": site.to_string()}))
        }
        _ => ("task", now.words(), json!({})),
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

/// The facts about the whole trace.
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
const fn micros(ns: u64) -> f64 {
    float(ns) / 1000.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_exact_to_the_nanosecond_for_eleven_days() {
        let day = 86_400_000_000_000;
        for ns in [0, 1, 999, 1_001, day - 1, day + 123, 11 * day + 7] {
            let text = super::micros(ns).to_string();
            let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
            assert_eq!(format!("{whole}{part:0<3}").parse(), Ok(ns), "{text}");
        }
    }
}
