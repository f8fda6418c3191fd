//! Exact counters of what every line, socket, thread and task did.

use super::Probe;
use super::clock::{Clock, Moment};
use super::counters::{
    Counters, KEPT_SOCKETS, KEPT_TASKS, PhaseMark, SocketCount, TaskCount,
    ThreadNow, TurnCount,
};
use super::event::{
    Call, Class, End, Exit, Kind, Note, SocketId, TaskId, TaskNow,
};
use super::registers::{Chunks, Count, Longest};
use super::source::{MAX_THREADS, ThreadId};
use crate::system::lock;
use crate::units::Nanos;
use crossbeam_utils::atomic::AtomicCell;
use std::net::SocketAddr;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock};

/// How many call sites are distinguished; a mode has about ten.
const MAX_LINES: u16 = 64;

/// Counts in atomics, per line, socket and thread, and keeps a row per task,
/// which one thread writes and others read whole. No event is ever lost.
///
/// A snapshot taken while calls are made is not one moment in time: each
/// figure is exact, but two of them may be a few calls apart.
pub struct Tally {
    clock: Clock,
    lines: [OnceLock<LineSlot>; MAX_LINES as usize],
    sockets: Chunks<SocketSlot>,
    threads: Chunks<ThreadSlot>,
    tasks: Chunks<AtomicCell<Option<TaskCount>>>,
    turns: AtomicCell<TurnCount>,
    ready: Count,
    // Sums over all connections, including those without a slot.
    echoes: Count,
    pending_peak: Count,
    longest_write: Longest,
    /// The sums that change only when a connection or a phase begins or ends,
    /// a handler or a task fails, or accepting pauses.
    noted: Mutex<Counters>,
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

/// Only the thread that serves a socket makes calls on it.
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

/// Only the thread itself writes its slot.
#[derive(Default)]
struct ThreadSlot {
    place: AtomicCell<Option<Place>>,
    calls: Count,
}

/// The last call of a thread, in one word, so that it costs a plain store.
#[derive(Clone, Copy)]
#[repr(align(8))]
struct Place {
    socket: SocketId,
    /// The index of the call's [`LineSlot`].
    line: u16,
    in_call: bool,
}

const _: () = assert!(AtomicCell::<Option<Place>>::is_lock_free());

impl Tally {
    /// A tally in which all counts are zero; it takes its times from `clock`.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            lines: [const { OnceLock::new() }; MAX_LINES as usize],
            sockets: Chunks::new(KEPT_SOCKETS, SocketSlot::default),
            threads: Chunks::new(MAX_THREADS.into(), ThreadSlot::default),
            tasks: Chunks::new(KEPT_TASKS, AtomicCell::default),
            turns: AtomicCell::default(),
            ready: Count::default(),
            echoes: Count::default(),
            pending_peak: Count::default(),
            longest_write: Longest::default(),
            noted: Mutex::default(),
        }
    }

    /// A copy of all counts so far.
    pub fn snapshot(&self) -> Counters {
        let sockets = self.sockets.iter();
        let sockets = sockets.filter_map(|(id, slot)| slot.count(SocketId(id)));
        let tasks = self.tasks.iter().filter_map(|(_, task)| task.load());
        let (sockets, tasks) = (sockets.collect(), tasks.collect());
        Counters { sockets, tasks, ..self.totals() }
    }

    /// As [`snapshot`](Self::snapshot), without the rows of the sockets and
    /// tasks, of which there may be a hundred thousand.
    pub fn totals(&self) -> Counters {
        let threads = self.threads.iter();
        let ready = self.ready.get();
        let mut counters = Counters {
            threads: threads
                .filter_map(|(id, slot)| self.thread_now(id, slot))
                .collect(),
            turns: TurnCount { ready, ..self.turns.load() },
            echoes: self.echoes.get(),
            pending_peak_bytes: self.pending_peak.get(),
            longest_write_ns: self.longest_write.get(),
            ..lock(&self.noted).clone()
        };
        for slot in self.lines.iter().filter_map(OnceLock::get) {
            // One site can have several addresses, one per unit of code
            // generation.
            let line = counters.line(slot.location.into(), slot.kind);
            for (count, more) in line.counts.iter_mut().zip(&slot.counts) {
                *count += more.get();
            }
            line.bytes += slot.bytes.get();
        }
        counters
    }

    /// The phases that the server has entered so far.
    pub fn phases(&self) -> Vec<PhaseMark> {
        lock(&self.noted).phases.clone()
    }

    fn thread_now(&self, id: u32, slot: &ThreadSlot) -> Option<ThreadNow> {
        let Place { socket, line, in_call } = slot.place.load()?;
        let line = self.lines.get(usize::from(line))?.get()?;
        Some(ThreadNow {
            thread: ThreadId(u16::try_from(id).ok()?),
            site: line.location.into(),
            kind: line.kind,
            socket,
            in_call,
            calls: slot.calls.get(),
        })
    }

    /// The slot of a call site; sites beyond the table share the last one.
    fn line(&self, call: &Call) -> u16 {
        let Call { location, kind, .. } = *call;
        let first = u16::try_from(location.line()).unwrap_or_default();
        for step in 0..MAX_LINES {
            let index = first.wrapping_add(step) % MAX_LINES;
            let slot =
                self.lines[usize::from(index)].get_or_init(|| LineSlot {
                    location,
                    kind,
                    counts: Default::default(),
                    bytes: Count::default(),
                });
            if ptr::eq(slot.location, location) {
                return index;
            }
        }
        MAX_LINES - 1
    }

    fn socket(&self, id: SocketId) -> Option<&SocketSlot> {
        self.sockets.get(id.0 as usize)
    }

    fn elapsed(&self) -> Nanos {
        self.clock.elapsed()
    }

    fn time_write(&self, socket: SocketId, time: Nanos) {
        self.longest_write.raise(time);
        if let Some(slot) = self.socket(socket) {
            slot.longest_write.raise(time);
        }
    }

    /// Only the thread of the loop writes the rows of its tasks and turns.
    fn set_task(&self, id: TaskId, now: TaskNow, at: Nanos) {
        let Some(slot) = self.tasks.make(id.0 as usize) else {
            return self.set_turns(|turns| turns.leave_out(id));
        };
        let mut task = slot.load().unwrap_or_else(|| TaskCount::new(id, at));
        let (was, took) = task.come_to(now, at);
        slot.store(Some(task));
        if now == TaskNow::Ready {
            self.ready.add(1_u32);
        }
        if was == TaskNow::Ready {
            self.ready.subtract_one();
        }
        if let TaskNow::Paused { kind: Kind::Write, socket, .. } = was {
            self.time_write(socket, took);
        }
    }

    fn set_turns(&self, change: impl FnOnce(&mut TurnCount)) {
        let mut turns = self.turns.load();
        change(&mut turns);
        self.turns.store(turns);
    }
}

/// What the exit of a call needs to know of its entry.
#[derive(Clone, Copy, Default)]
pub struct TallyMark {
    line: u16,
    thread: ThreadId,
    /// When a write that may sleep was entered; other calls are not timed.
    entered: Option<Nanos>,
}

impl Probe for Arc<Tally> {
    type Mark = TallyMark;

    fn enter(&self, call: &Call) -> TallyMark {
        let line = self.line(call);
        let thread = ThreadId::current();
        if let Some(slot) = self.threads.make(thread.0.into()) {
            let Call { socket, .. } = *call;
            slot.place.store(Some(Place { socket, line, in_call: true }));
            slot.calls.add_alone(1_u32);
        }
        let is_timed = call.may_sleep && call.kind == Kind::Write;
        TallyMark { line, thread, entered: is_timed.then(|| self.elapsed()) }
    }

    fn exit(&self, call: &Call, mark: TallyMark, exit: Exit) {
        if let Some(slot) = self.threads.get(mark.thread.0.into()) {
            let Call { socket, .. } = *call;
            let place = Place { socket, line: mark.line, in_call: false };
            slot.place.store(Some(place));
        }
        if let Some(entered) = mark.entered {
            self.time_write(call.socket, self.elapsed().since(entered));
        }
        let (class, moved) =
            (Class::from(exit.outcome), exit.outcome.transferred());
        if let Some(line) = self.lines[usize::from(mark.line)].get() {
            line.counts[class as usize].add(1_u32);
            if let Some(bytes) = moved {
                line.bytes.add(bytes);
            }
        }
        let socket = self.socket(call.socket);
        if let Some(socket) = socket {
            socket.calls[call.kind as usize].add_alone(class != Class::Paused);
            if class == Class::WouldBlock {
                socket.would_blocks.add_alone(1_u32);
            }
        }
        let Some(bytes) = moved else { return };
        self.echoes.add(exit.echoed);
        self.pending_peak.raise(exit.pending);
        let Some(socket) = socket else { return };
        if call.kind == Kind::Read {
            socket.bytes_in.add_alone(bytes);
            socket.pending_peak.raise(exit.pending);
        } else {
            socket.bytes_out.add_alone(bytes);
            socket.echoes.add_alone(exit.echoed);
        }
        socket.pending.set(exit.pending);
        socket.unframed.set(exit.unframed);
    }

    fn note_at(&self, note: &Note, moment: &Moment) {
        match *note {
            Note::Ready { .. } | Note::Interest { .. } => return,
            Note::Task { task, now } => {
                return self.set_task(task, now, moment.by(&self.clock));
            }
            Note::Timers { set, wait } => {
                return self.set_turns(|turns| turns.count_timers(set, wait));
            }
            Note::Step(step) => {
                return self
                    .set_turns(|it| it.come_to(step, moment.by(&self.clock)));
            }
            Note::Opened { socket, peer } => {
                if let Some(slot) = self.sockets.make(socket.0 as usize) {
                    let _ = slot.opened.set(peer);
                }
            }
            Note::Closed { socket, end, unsent } => {
                if let Some(slot) = self.socket(socket) {
                    let _ = slot.ended.set((end, unsent));
                    slot.pending.set(0_u32);
                    slot.unframed.set(0_u32);
                }
            }
            _ => {}
        }
        lock(&self.noted).sum_up(moment.by(&self.clock), note);
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
