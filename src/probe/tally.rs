//! Exact counters: what every line, socket and thread did. Never loses.

use super::chunks::Chunks;
use super::clock::Clock;
use super::counters::{
    Class, Counters, LineCount, PhaseMark, SocketCount, ThreadNow,
};
use super::event::{
    Call, End, Exit, Kind, LISTENER, Limit, Note, Outcome, SocketId,
};
use super::source::{MAX_THREADS, ThreadId};
use super::sums::{Longest, Summing};
use super::task_table::TaskTable;
use super::{SharedProbe, event::Phase};
use std::net::SocketAddr;
use std::panic::Location;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How many sockets of a run have counters of their own, the listener
/// included; further ones count in the lines and totals only.
pub const KEPT_SOCKETS: usize = 131_072;

/// How many call sites are distinguished; a mode has about ten.
const MAX_LINES: usize = 64;

/// Relaxed counters for every line, socket and thread.
///
/// A snapshot taken while calls are made is not one moment in time: each
/// figure is exact, two of them may be a few calls apart.
pub struct Tally {
    lines: [OnceLock<LineSlot>; MAX_LINES],
    sockets: Chunks<SocketSlot>,
    threads: Chunks<ThreadSlot>,
    connections: AtomicU64,
    sums: Summing,
    pauses: [AtomicU64; 2],
    tasks: TaskTable,
    phases: [OnceLock<PhaseMark>; Phase::COUNT],
    clock: Clock,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new(Clock::wall())
    }
}

impl Tally {
    /// One that has counted nothing; its times are those of the clock.
    pub fn new(clock: Clock) -> Self {
        Self {
            lines: [const { OnceLock::new() }; MAX_LINES],
            sockets: Chunks::with_limit(KEPT_SOCKETS),
            threads: Chunks::with_limit(MAX_THREADS.into()),
            connections: AtomicU64::new(0),
            sums: Summing::default(),
            pauses: Default::default(),
            tasks: TaskTable::new(clock.clone()),
            phases: Default::default(),
            clock,
        }
    }
}

struct LineSlot {
    location: &'static Location<'static>,
    kind: Kind,
    counts: [AtomicU64; Class::COUNT],
    bytes: AtomicU64,
}

#[derive(Default)]
struct SocketSlot {
    calls: [AtomicU64; Kind::COUNT],
    would_blocks: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    echoes: AtomicU64,
    pending: AtomicU32,
    unframed: AtomicU32,
    pending_peak: AtomicU32,
    longest_write: Longest,
    opened: OnceLock<Option<SocketAddr>>,
    ended: OnceLock<(End, u32)>,
}

/// Where a thread is: 0 for nowhere yet, else the line's slot + 1, whether
/// it is in the call, and the socket, in one word so that it is read whole.
#[derive(Default)]
struct ThreadSlot {
    now: AtomicU64,
    calls: AtomicU64,
}

const IN_CALL: u64 = 1 << 16;

impl Tally {
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

    fn count_bytes(&self, call: &Call, bytes: u32, exit: Exit) {
        self.sums.moved(exit);
        let pending = exit.pending;
        let Some(socket) = self.sockets.get(call.socket.0 as usize) else {
            return;
        };
        if call.kind == Kind::Read {
            socket.bytes_in.fetch_add(bytes.into(), Relaxed);
            socket.pending_peak.fetch_max(pending, Relaxed);
        } else {
            socket.bytes_out.fetch_add(bytes.into(), Relaxed);
            socket.echoes.fetch_add(exit.echoed.into(), Relaxed);
        }
        socket.pending.store(pending, Relaxed);
        socket.unframed.store(exit.unframed, Relaxed);
    }

    /// The phases that the server has entered so far.
    pub fn phases(&self) -> Vec<PhaseMark> {
        self.phases.iter().filter_map(OnceLock::get).copied().collect()
    }

    fn begin(&self, phase: Phase) {
        let at = self.clock.elapsed().into();
        let opened = self.connections.load(Relaxed);
        let left = opened.saturating_sub(self.sums.ended());
        let mark = PhaseMark { phase, at, left };
        let _ = self.phases[phase as usize].set(mark);
    }

    fn time_write(&self, socket: SocketId, time: Duration) {
        self.sums.slept(time);
        if let Some(slot) = self.sockets.get(socket.0 as usize) {
            slot.longest_write.add(time);
        }
    }

    /// Everything counted so far.
    pub fn snapshot(&self) -> Counters {
        let (sockets, tasks) = (self.socket_counts(), self.tasks.counts());
        Counters { sockets, tasks, ..self.totals() }
    }

    /// The same without the rows of the sockets and tasks, of which there
    /// may be a hundred thousand.
    pub fn totals(&self) -> Counters {
        let mut counters = Counters {
            lines: self.line_counts(),
            threads: self.threads_now(),
            connections: self.connections.load(Relaxed),
            connection_pauses: self.pauses[0].load(Relaxed),
            descriptor_pauses: self.pauses[1].load(Relaxed),
            phases: self.phases(),
            ..Counters::default()
        };
        self.sums.write_to(&mut counters);
        self.tasks.write_to(&mut counters);
        counters
    }

    /// One site can have several addresses, one a unit of code generation.
    fn line_counts(&self) -> Vec<LineCount> {
        let mut counts: Vec<LineCount> = Vec::new();
        for slot in self.lines.iter().filter_map(OnceLock::get) {
            let count = slot.count();
            let same = |c: &&mut LineCount| {
                (c.site, c.kind) == (count.site, count.kind)
            };
            match counts.iter_mut().find(same) {
                Some(earlier) => earlier.add(&count),
                None => counts.push(count),
            }
        }
        counts.sort_by_key(|count| (count.site, count.kind));
        counts
    }

    fn socket_counts(&self) -> Vec<SocketCount> {
        let all = self.sockets.iter();
        all.filter_map(|(id, slot)| slot.count(socket_id(id))).collect()
    }

    fn threads_now(&self) -> Vec<ThreadNow> {
        let seen = self.threads.iter();
        seen.filter_map(|(id, slot)| self.thread_now(id, slot)).collect()
    }

    fn thread_now(&self, id: usize, slot: &ThreadSlot) -> Option<ThreadNow> {
        let now = slot.now.load(Relaxed);
        let line = (now & 0xffff).checked_sub(1)?;
        let line = self.lines.get(usize::try_from(line).ok()?)?.get()?;
        Some(ThreadNow {
            thread: ThreadId(u16::try_from(id).ok()?),
            site: line.location.into(),
            kind: line.kind,
            socket: SocketId((now >> 32) as u32),
            in_call: now & IN_CALL != 0,
            calls: slot.calls.load(Relaxed),
        })
    }
}

fn socket_id(index: usize) -> SocketId {
    SocketId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The line a call is made from and the register it was put in.
#[derive(Clone, Copy)]
pub struct TallyMark {
    line: usize,
    thread: ThreadId,
    /// Of a write that may sleep; others are not timed.
    entered: Option<Instant>,
}

impl SharedProbe for Tally {
    type Mark = TallyMark;

    fn enter(&self, call: &Call) -> TallyMark {
        let line = self.line(call);
        let thread = ThreadId::current();
        if let Some(slot) = self.threads.make(thread.0.into()) {
            let socket = u64::from(call.socket.0) << 32;
            let now = socket | IN_CALL | (line as u64 + 1);
            slot.now.store(now, Relaxed);
            // Only this thread writes its own slot.
            slot.calls.store(slot.calls.load(Relaxed) + 1, Relaxed);
        }
        let is_timed = call.may_sleep && call.kind == Kind::Write;
        TallyMark { line, thread, entered: is_timed.then(|| self.clock.now()) }
    }

    fn exit(&self, call: &Call, mark: TallyMark, exit: Exit) {
        if let Some(slot) = self.threads.get(mark.thread.0.into()) {
            slot.now.store(slot.now.load(Relaxed) & !IN_CALL, Relaxed);
        }
        if let Some(entered) = mark.entered {
            let time = self.clock.now().saturating_duration_since(entered);
            self.time_write(call.socket, time);
        }
        let class = Class::of(exit.outcome);
        if let Some(line) = self.lines[mark.line].get() {
            line.counts[class as usize].fetch_add(1, Relaxed);
            if let Outcome::Bytes(bytes) = exit.outcome {
                line.bytes.fetch_add(bytes.into(), Relaxed);
            }
        }
        if let Some(socket) = self.sockets.get(call.socket.0 as usize) {
            let made = class != Class::Paused;
            socket.calls[call.kind as usize].fetch_add(made.into(), Relaxed);
            if class == Class::WouldBlock {
                socket.would_blocks.fetch_add(1, Relaxed);
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
                if socket != LISTENER {
                    self.connections.fetch_add(1, Relaxed);
                }
                if let Some(slot) = self.sockets.make(socket.0 as usize) {
                    let _ = slot.opened.set(peer);
                }
            }
            Note::Closed { socket, end, unsent } => {
                self.sums.closed(socket, end, unsent);
                if let Some(slot) = self.sockets.get(socket.0 as usize) {
                    let _ = slot.ended.set((end, unsent));
                    slot.pending.store(0, Relaxed);
                    slot.unframed.store(0, Relaxed);
                }
            }
            Note::Handled { socket, .. } => self.sums.handled(socket),
            Note::Failed { socket, .. } => self.sums.failed(socket),
            Note::Phase(phase) => self.begin(phase),
            Note::Paused(Limit::Connections) => {
                self.pauses[0].fetch_add(1, Relaxed);
            }
            Note::Paused(Limit::Descriptors) => {
                self.pauses[1].fetch_add(1, Relaxed);
            }
            Note::Task { task, now } => {
                if let Some((socket, time)) = self.tasks.set(task, now) {
                    self.time_write(socket, time);
                }
            }
            Note::Step(step) => self.tasks.step(step),
            Note::Timers(count) => self.tasks.count_timers(count),
            Note::NeverRetrieved { .. } => self.tasks.count_never_retrieved(),
            Note::LongRun { time, .. } => {
                self.tasks.count_long_run(time.duration());
            }
            Note::Ready { .. } | Note::Interest { .. } => {}
        }
    }
}

impl LineSlot {
    fn new(call: &Call) -> Self {
        Self {
            location: call.location,
            kind: call.kind,
            counts: [const { AtomicU64::new(0) }; Class::COUNT],
            bytes: AtomicU64::new(0),
        }
    }

    fn count(&self) -> LineCount {
        LineCount {
            site: self.location.into(),
            kind: self.kind,
            counts: self.counts.each_ref().map(|count| count.load(Relaxed)),
            bytes: self.bytes.load(Relaxed),
        }
    }
}

impl SocketSlot {
    fn count(&self, socket: SocketId) -> Option<SocketCount> {
        let peer = *self.opened.get()?;
        let calls_by_kind = self.calls.each_ref().map(|n| n.load(Relaxed));
        Some(SocketCount {
            id: socket,
            peer,
            calls_by_kind,
            would_blocks: self.would_blocks.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            echoes: self.echoes.load(Relaxed),
            pending_bytes: self.pending.load(Relaxed),
            unframed_bytes: self.unframed.load(Relaxed),
            pending_peak_bytes: self.pending_peak.load(Relaxed).into(),
            longest_write_ns: self.longest_write.get(),
            end: self.ended.get().map(|(end, _)| *end),
            unsent_bytes: self.ended.get().map_or(0, |it| it.1.into()),
        })
    }
}
