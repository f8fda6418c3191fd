//! Exact counters: what every line, socket and thread did. Never loses.

use super::Probe;
use super::clock::Clock;
use super::counters::{
    Counters, KEPT_SOCKETS, LineCount, PhaseMark, SocketCount, ThreadNow,
};
use super::event::{
    Call, Class, End, Exit, Kind, LISTENER, Limit, Note, Outcome, Phase,
    SocketId,
};
use super::registers::{Chunks, Concern, Count, Longest};
use super::source::{MAX_THREADS, ThreadId};
use super::task_table::TaskTable;
use crate::units::Nanos;
use std::array;
use std::net::SocketAddr;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, OnceLock};

/// How many call sites are distinguished; a mode has about ten.
const MAX_LINES: usize = 64;

/// How many ways to end are distinguished: more than there are.
const MAX_ENDS: usize = 64;

/// Relaxed counters for every line, socket and thread.
///
/// A snapshot taken while calls are made is not one moment in time: each
/// figure is exact, two of them may be a few calls apart.
pub struct Tally {
    lines: [OnceLock<LineSlot>; MAX_LINES],
    sockets: Chunks<SocketSlot>,
    threads: Chunks<ThreadSlot>,
    tasks: TaskTable,
    phases: [OnceLock<PhaseMark>; Phase::COUNT],
    clock: Clock,
    connections: Count,
    connection_pauses: Count,
    descriptor_pauses: Count,
    // Sums over all connections, also over those without a slot.
    echoes: Count,
    unsent_bytes: Count,
    unsent_on: Concern,
    pending_peak: Count,
    longest_write: Longest,
    ends: [OnceLock<(End, Concern)>; MAX_ENDS],
    handled: Concern,
    failed: Concern,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new(Clock::wall())
    }
}

struct LineSlot {
    location: &'static Location<'static>,
    kind: Kind,
    counts: [Count; Class::COUNT],
    bytes: Count,
}

#[derive(Default)]
struct SocketSlot {
    calls: [Count; Kind::COUNT],
    would_blocks: Count,
    bytes_in: Count,
    bytes_out: Count,
    echoes: Count,
    pending: Count,
    unframed: Count,
    pending_peak: Count,
    longest_write: Longest,
    opened: OnceLock<Option<SocketAddr>>,
    ended: OnceLock<(End, u32)>,
}

/// Where a thread is: 0 for nowhere yet, else the line's slot + 1, whether
/// it is in the call, and the socket, in one word so that it is read whole.
#[derive(Default)]
struct ThreadSlot {
    now: Count,
    calls: Count,
}

const IN_CALL: u64 = 1 << 16;

impl Tally {
    /// One that has counted nothing; its times are those of the clock.
    pub fn new(clock: Clock) -> Self {
        Self {
            lines: [const { OnceLock::new() }; MAX_LINES],
            sockets: Chunks::with_limit(KEPT_SOCKETS),
            threads: Chunks::with_limit(MAX_THREADS.into()),
            tasks: TaskTable::new(clock.clone()),
            phases: Default::default(),
            clock,
            connections: Count::default(),
            connection_pauses: Count::default(),
            descriptor_pauses: Count::default(),
            echoes: Count::default(),
            unsent_bytes: Count::default(),
            unsent_on: Concern::default(),
            pending_peak: Count::default(),
            longest_write: Longest::default(),
            ends: [const { OnceLock::new() }; MAX_ENDS],
            handled: Concern::default(),
            failed: Concern::default(),
        }
    }

    /// Everything counted so far.
    pub fn snapshot(&self) -> Counters {
        let sockets = self.sockets.iter();
        let sockets = sockets.filter_map(|(id, slot)| slot.count(SocketId(id)));
        let (sockets, tasks) = (sockets.collect(), self.tasks.counts());
        Counters { sockets, tasks, ..self.totals() }
    }

    /// The same without the rows of the sockets and tasks, of which there
    /// may be a hundred thousand.
    pub fn totals(&self) -> Counters {
        let threads = self.threads.iter();
        let ends = self.ends.iter().filter_map(OnceLock::get);
        let mut counters = Counters {
            lines: self.line_counts(),
            threads: threads
                .filter_map(|(id, slot)| self.thread_now(id, slot))
                .collect(),
            phases: self.phases(),
            connections: self.connections.get(),
            connection_pauses: self.connection_pauses.get(),
            descriptor_pauses: self.descriptor_pauses.get(),
            echoes: self.echoes.get(),
            unsent_bytes: self.unsent_bytes.get(),
            unsent_on: self.unsent_on.get(),
            pending_peak_bytes: self.pending_peak.get(),
            longest_write_ns: self.longest_write.get(),
            ends: ends
                .filter_map(|(end, on)| Some((*end, on.get()?)))
                .collect(),
            errors_handled: self.handled.get(),
            errors_unhandled: self.failed.get(),
            ..Counters::default()
        };
        self.tasks.write_to(&mut counters);
        counters
    }

    /// The phases that the server has entered so far.
    pub fn phases(&self) -> Vec<PhaseMark> {
        self.phases.iter().filter_map(OnceLock::get).copied().collect()
    }

    /// One site can have several addresses, one a unit of code generation.
    fn line_counts(&self) -> Vec<LineCount> {
        let mut counts: Vec<LineCount> = Vec::new();
        for slot in self.lines.iter().filter_map(OnceLock::get) {
            let count = slot.count();
            let key = (count.site, count.kind);
            match counts.iter_mut().find(|it| (it.site, it.kind) == key) {
                Some(earlier) => earlier.add(&count),
                None => counts.push(count),
            }
        }
        counts.sort_by_key(|count| (count.site, count.kind));
        counts
    }

    fn thread_now(&self, id: u32, slot: &ThreadSlot) -> Option<ThreadNow> {
        let now = slot.now.get();
        let line = (now & 0xffff).checked_sub(1)?;
        let line = self.lines.get(usize::try_from(line).ok()?)?.get()?;
        Some(ThreadNow {
            thread: ThreadId(u16::try_from(id).ok()?),
            site: line.location.into(),
            kind: line.kind,
            socket: SocketId((now >> 32) as u32),
            in_call: now & IN_CALL != 0,
            calls: slot.calls.get(),
        })
    }

    /// The slot of a call site; sites beyond the table share the last one.
    fn line(&self, call: &Call) -> usize {
        let first = call.location.line() as usize;
        for step in 0..MAX_LINES {
            let index = (first + step) % MAX_LINES;
            let slot = self.lines[index].get_or_init(|| LineSlot::new(call));
            if ptr::eq(slot.location, call.location) {
                return index;
            }
        }
        MAX_LINES - 1
    }

    fn socket(&self, id: SocketId) -> Option<&SocketSlot> {
        self.sockets.get(id.0 as usize)
    }

    fn count_bytes(&self, call: &Call, bytes: u32, exit: Exit) {
        self.echoes.add(exit.echoed);
        self.pending_peak.raise(exit.pending);
        let Some(socket) = self.socket(call.socket) else { return };
        if call.kind == Kind::Read {
            socket.bytes_in.add(bytes);
            socket.pending_peak.raise(exit.pending);
        } else {
            socket.bytes_out.add(bytes);
            socket.echoes.add(exit.echoed);
        }
        socket.pending.set(exit.pending);
        socket.unframed.set(exit.unframed);
    }

    fn time_write(&self, socket: SocketId, time: Nanos) {
        self.longest_write.add(time);
        if let Some(slot) = self.socket(socket) {
            slot.longest_write.add(time);
        }
    }

    fn begin(&self, phase: Phase) {
        let ends = self.ends.iter().filter_map(OnceLock::get);
        let ended: u64 = ends.map(|(_, on)| on.connections()).sum();
        let left = self.connections.get().saturating_sub(ended);
        let at = self.clock.elapsed().into();
        let _ = self.phases[phase as usize].set(PhaseMark { phase, at, left });
    }

    fn close(&self, socket: SocketId, end: End, unsent: u32) {
        let slots = self.ends.iter();
        let mut slots =
            slots.map(|it| it.get_or_init(|| (end, Concern::default())));
        if let Some((_, on)) = slots.find(|it| it.0 == end) {
            on.add(socket);
        }
        if unsent > 0 {
            self.unsent_bytes.add(unsent);
            self.unsent_on.add(socket);
        }
        if let Some(slot) = self.socket(socket) {
            let _ = slot.ended.set((end, unsent));
            slot.pending.set(0_u32);
            slot.unframed.set(0_u32);
        }
    }
}

/// The line a call is made from and the register it was put in.
#[derive(Clone, Copy)]
pub struct TallyMark {
    line: usize,
    thread: ThreadId,
    /// Of a write that may sleep; others are not timed.
    entered: Option<Nanos>,
}

impl Probe for Arc<Tally> {
    const ENABLED: bool = true;
    type Mark = TallyMark;

    fn enter(&self, call: &Call) -> TallyMark {
        let line = self.line(call);
        let thread = ThreadId::current();
        if let Some(slot) = self.threads.make(thread.0.into()) {
            let socket = u64::from(call.socket.0) << 32;
            slot.now.set(socket | IN_CALL | (line as u64 + 1));
            // Only this thread writes its own slot.
            slot.calls.set(slot.calls.get() + 1);
        }
        let is_timed = call.may_sleep && call.kind == Kind::Write;
        let entered = is_timed.then(|| self.clock.elapsed().into());
        TallyMark { line, thread, entered }
    }

    fn exit(&self, call: &Call, mark: TallyMark, exit: Exit) {
        if let Some(slot) = self.threads.get(mark.thread.0.into()) {
            slot.now.set(slot.now.get() & !IN_CALL);
        }
        if let Some(entered) = mark.entered {
            let now = Nanos::from(self.clock.elapsed());
            self.time_write(call.socket, now.since(entered));
        }
        let class = Class::from(exit.outcome);
        if let Some(line) = self.lines[mark.line].get() {
            line.counts[class as usize].add(1_u32);
            if let Outcome::Bytes(bytes) = exit.outcome {
                line.bytes.add(bytes);
            }
        }
        if let Some(socket) = self.socket(call.socket) {
            socket.calls[call.kind as usize].add(class != Class::Paused);
            if class == Class::WouldBlock {
                socket.would_blocks.add(1_u32);
            }
        }
        match exit.outcome {
            Outcome::Bytes(bytes) => self.count_bytes(call, bytes, exit),
            // An end of file ends the last line too.
            Outcome::EndOfFile => self.count_bytes(call, 0, exit),
            _ => {}
        }
    }

    fn note(&self, note: &Note) {
        match *note {
            Note::Opened { socket, peer } => {
                self.connections.add(socket != LISTENER);
                if let Some(slot) = self.sockets.make(socket.0 as usize) {
                    let _ = slot.opened.set(peer);
                }
            }
            Note::Closed { socket, end, unsent } => {
                self.close(socket, end, unsent);
            }
            Note::Handled { socket, .. } => self.handled.add(socket),
            Note::Failed { socket, .. } => self.failed.add(socket),
            Note::Phase(phase) => self.begin(phase),
            Note::Paused(Limit::Connections) => {
                self.connection_pauses.add(1_u32);
            }
            Note::Paused(Limit::Descriptors) => {
                self.descriptor_pauses.add(1_u32);
            }
            Note::Task { task, now } => {
                if let Some((socket, time)) = self.tasks.set(task, now) {
                    self.time_write(socket, time);
                }
            }
            Note::Step(step) => self.tasks.step(step),
            Note::Timers(count) => self.tasks.timers.set(count),
            Note::NeverRetrieved { .. } => {
                self.tasks.never_retrieved.add(1_u32);
            }
            Note::LongRun { time, .. } => {
                self.tasks.long_runs.add(1_u32);
                self.tasks.longest_run_ns.raise(time.0);
            }
            Note::Ready { .. } | Note::Interest { .. } => {}
        }
    }
}

impl LineSlot {
    fn new(call: &Call) -> Self {
        let counts = array::from_fn(|_| Count::default());
        let Call { location, kind, .. } = *call;
        Self { location, kind, counts, bytes: Count::default() }
    }

    fn count(&self) -> LineCount {
        LineCount {
            site: self.location.into(),
            kind: self.kind,
            counts: self.counts.each_ref().map(Count::get),
            bytes: self.bytes.get(),
        }
    }
}

impl SocketSlot {
    fn count(&self, id: SocketId) -> Option<SocketCount> {
        let peer = *self.opened.get()?;
        let small = |it: &Count| u32::try_from(it.get()).unwrap_or(u32::MAX);
        Some(SocketCount {
            id,
            peer,
            calls_by_kind: self.calls.each_ref().map(Count::get),
            would_blocks: self.would_blocks.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            echoes: self.echoes.get(),
            pending_bytes: small(&self.pending),
            unframed_bytes: small(&self.unframed),
            pending_peak_bytes: self.pending_peak.get(),
            longest_write_ns: self.longest_write.get(),
            end: self.ended.get().map(|(end, _)| *end),
            unsent_bytes: self.ended.get().map_or(0, |it| it.1.into()),
        })
    }
}
