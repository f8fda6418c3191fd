//! Five fixed views, one a way of waiting, for tests of what draws them.
//!
//! Their lines are those of the mode files, their lanes drawn as text (see
//! [`lane`]), their figures those of a run of five seconds.

use Class::{Accepted, Bytes, Done, WouldBlock};
use Kind::{Accept, Read, Wait, Watch, Write};
use sockscope::net::ServerOptions;
use sockscope::probe::{
    Class, Counters, End, Event, Kind, LISTENER, LineCount, Note, Outcome,
    Site, SocketCount, SocketId, Step, TaskCount, TaskId, TaskNow, ThreadId,
    ThreadNow, TurnCount,
};
use sockscope::units::{Nanos, Size};
use sockscope::view::{
    BUCKET, Cell, Evidence, Lane, LineView, LogEntry, LoopView, Rates,
    Readiness, Scope, ScopeSettings, Shares, SocketState, SocketView,
    ThreadView, View, findings,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The moment of each view.
const AT: Duration = Duration::from_millis(5_020);

const LIMIT: u32 = 256 * 1024;
const ONLY: ThreadId = ThreadId(0);
const INPUT: Readiness = Readiness { readable: true, writable: false };
const BOTH: Readiness = Readiness { readable: true, writable: true };

const ACCEPTED: Option<(Kind, Outcome)> =
    Some((Accept, Outcome::Accepted(SocketId(1))));
const WROTE: Option<(Kind, Outcome)> = Some((Write, Outcome::Bytes(12)));

/// A line, what is called there, with which outcomes, and how many bytes.
type Line<'a> = (u32, Kind, &'a [(Class, u64)], u64);

/// Its state, its calls, bytes in and out and pending, its last call.
type Socket = (SocketState, u64, [u64; 3], Option<(Kind, Outcome)>);

/// When a call was made that succeeded, or in which the thread sleeps from
/// then on; its line.
type Logged = (u64, Kind, bool, u32);

/// One thread, asleep in a read of its first client.
pub(crate) fn serial() -> View {
    use SocketState::{AsleepInRead, Listening};
    let mut view = view(
        ("src/modes/serial.rs", Accept),
        &[
            (10, Accept, &[(Accepted, 1)], 0),
            (23, Read, &[(Bytes, 3)], 36),
            (27, Write, &[(Bytes, 3)], 36),
        ],
        &[
            (Listening, 1, [0; 3], ACCEPTED),
            (AsleepInRead, 7, [36, 36, 0], WROTE),
        ],
        (23, Read, 1, 2_100),
        &[
            (500, Accept, true, 10),
            (2_920, Read, true, 23),
            (2_921, Write, true, 27),
            (2_921, Read, false, 23),
        ],
        &[
            "zzzzzzkzkzzkzzkzzzzzzzzzzzzzz",
            "...................a....",
            "azezzezzezzzzzzzzzzzzzz",
        ],
    );
    view.turns.shares.asleep = 1.0;
    view
}

/// One thread that asks its two clients again and again.
pub(crate) fn nonblocking() -> View {
    use SocketState::{Listening, Polled};
    let none = |kind| Some((kind, Outcome::WouldBlock));
    let calls = 1_200_008;
    let mut view = view(
        ("src/modes/nonblocking.rs", Accept),
        &[
            (13, Accept, &[(Accepted, 2), (WouldBlock, 1_204_000)], 0),
            (28, Read, &[(Bytes, 8), (WouldBlock, 2_400_000)], 96),
            (33, Write, &[(Bytes, 8)], 96),
        ],
        &[
            (Listening, 1_204_002, [0; 3], none(Accept)),
            (Polled, calls, [48, 48, 0], none(Read)),
            (Polled, calls, [48, 48, 0], WROTE),
        ],
        (28, Read, 2, 0),
        &[
            (500, Accept, true, 13),
            (5_019, Read, true, 28),
            (5_019, Write, true, 33),
        ],
        &[
            "~~~~~~k~~~k~k~~~~k~k~~~~k~k~",
            "~~~~~~~~~~a~~~~~~~~~~~~~~~~~",
            "a~~~e~~~~e~~~~e~~~~e~~~~~~",
            "a~~e~~~~e~~~~e~~~~e",
        ],
    );
    view.turns.shares =
        Shares { working: 0.02, spinning: 0.98, ..Shares::default() };
    let (calls, passes) = (723_000, 241_000);
    let [since, at] = [3_000, 4_019].map(millis);
    let idle = Event::Idle { at, since, thread: ONLY, calls, passes };
    view.events.insert(2, LogEntry::new(idle));
    view
}

/// One thread, asleep on three clients, of which one does not read.
pub(crate) fn selector() -> View {
    use SocketState::{Listening, OutputPending, WaitingForReadable};
    let pending = (LIMIT / 2).into();
    let mut view = view(
        ("src/modes/selector.rs", Wait),
        &[
            (15, Watch, &[(Done, 1)], 0),
            (17, Wait, &[(Class::Ready, 14)], 0),
            (20, Accept, &[(Accepted, 3)], 0),
            (21, Watch, &[(Done, 3)], 0),
            (28, Watch, &[(Done, 1)], 0),
            (41, Read, &[(Bytes, 11)], 96),
            (46, Write, &[(Bytes, 9)], 72),
        ],
        &[
            (Listening, 17, [0; 3], None),
            (WaitingForReadable, 9, [48, 48, 0], None),
            (WaitingForReadable, 9, [48, 48, 0], None),
            (OutputPending, 4, [400_000, 268_928, pending], None),
        ],
        (17, Wait, 0, 420),
        &[
            (500, Accept, true, 20),
            (4_600, Wait, true, 17),
            (4_600, Read, true, 41),
            (4_600, Write, true, 46),
        ],
        &[
            "zzz!zz!zz!zz!zzz!zz!zz!!!zzzzzzzz",
            "....!a....!a....!a..........",
            "a..e.....e.....e..!.....",
            "a.....e....e......",
            "a.rewrw.........",
        ],
    );
    view.sockets.iter_mut().for_each(|it| it.interest = Some(INPUT));
    view.sockets[1].was_ready = Some(INPUT);
    view.sockets[3].interest = Some(BOTH);
    view.turns.shares =
        Shares { asleep: 0.96, working: 0.04, ..Shares::default() };
    view
}

/// One thread asleep in accept, one in a read of each of two clients.
pub(crate) fn blocking() -> View {
    use SocketState::{AsleepInRead, Listening};
    let accepted = Some((Accept, Outcome::Accepted(SocketId(2))));
    let mut view = view(
        ("src/modes/blocking.rs", Accept),
        &[
            (13, Accept, &[(Accepted, 2)], 0),
            (30, Read, &[(Bytes, 3)], 36),
            (34, Write, &[(Bytes, 3)], 36),
        ],
        &[
            (Listening, 3, [0; 3], accepted),
            (AsleepInRead, 1, [0; 3], None),
            (AsleepInRead, 7, [36, 36, 0], WROTE),
        ],
        (13, Accept, 0, 4_520),
        &[
            (500, Accept, true, 13),
            (2_920, Read, true, 30),
            (2_921, Write, true, 34),
            (2_921, Read, false, 30),
        ],
        &[
            "zzzzzzkkzzzzzzzzzzzzzzzzzzzzz",
            "...................aa....",
            "azzzzzzzzzzzzzzzzzzzzz",
            "azezzezzezzzzzzzzzzzzz",
        ],
    );
    view.threads.extend([(1, 4_520), (2, 2_100)].map(|(id, ms)| ThreadView {
        thread: ThreadId(id),
        site: view.lines[1].site,
        kind: Read,
        socket: SocketId(id.into()),
        since: Duration::from_millis(ms),
        ..view.threads[0]
    }));
    (view.lines[1].threads, view.lines[1].longest) = (2, view.threads[1].since);
    view.turns.shares.asleep = 1.0;
    view
}

/// One thread, asleep in its event loop; two clients' tasks are paused, one
/// is ready, one has failed.
pub(crate) fn tasks() -> View {
    let mut view = selector();
    let own = |line| Site { file: "src/modes/tasks.rs", line };
    let of_loop = |line| Site { file: "src/event_loop/turn.rs", line };
    let sites = [of_loop(133), own(16), of_loop(105), own(34), own(38)];
    // One line registers all.
    view.lines.remove(0);
    view.lines.remove(3);
    view.lines.iter_mut().zip(sites).for_each(|(line, it)| line.site = it);
    view.threads[0].site = of_loop(133);
    let paused = |kind, socket, site| TaskNow::Paused {
        kind,
        socket: SocketId(socket),
        site,
    };
    let since = |ms| Nanos::from(AT - Duration::from_millis(ms));
    let tasks = [
        (paused(Accept, 0, own(16)), 1_200, 4, 310),
        (paused(Read, 1, own(34)), 420, 7, 95),
        (TaskNow::Ready, 0, 6, 88),
        (paused(Write, 3, own(38)), 2_400, 3, 1_140),
        (TaskNow::Failed(End::Boom), 900, 2, 12),
    ];
    let tasks = tasks.into_iter().zip(0..).map(|(it, id)| TaskCount {
        task: TaskId(id),
        now: it.0,
        since: since(it.1),
        polls: it.2,
        running: Nanos(it.3 * 1_000),
        socket: Some(SocketId(id)),
        site: it.0.site().filter(|_| !it.0.has_ended()),
    });
    let last = [88, 3, 1, 420_000, 4].map(|us| Nanos(us * 1_000));
    let figures = Arc::make_mut(&mut view.figures);
    figures.tasks = tasks.collect();
    figures.turns = TurnCount {
        now: Some(Step::Select),
        since: since(420),
        last,
        total: last,
        not_kept: 0,
        turns: 15,
        ready: 1,
        timers: 0,
    };
    let mut scope = Scope::new(ScopeSettings {
        loop_call: Wait,
        polls: false,
        options: options(),
        unhandled: None,
    });
    let folded = scope.view(&view.figures, AT, 0);
    let View { awaits, tasks, tasks_paused, tasks_alive, .. } = folded;
    View { awaits, tasks, tasks_paused, tasks_alive, ..view }
}

/// A lane that ends at [`AT`], a letter a cell.
fn lane(drawn: &str) -> Lane {
    let cell = |letter| match letter {
        '.' => Cell::Open,
        'z' => Cell::Asleep,
        '~' => Cell::WouldBlock(12_000),
        '!' => Cell::Ready,
        'r' => Cell::Read,
        'w' => Cell::Written,
        'e' => Cell::Echoed,
        'a' => Cell::Accepted,
        'k' => Cell::Working,
        _ => panic!("no cell is drawn as {letter}"),
    };
    let last_bucket = AT.as_millis() / BUCKET.as_millis();
    let cells: Vec<_> = drawn.chars().map(cell).collect();
    Lane::ending(last_bucket.try_into().unwrap(), &cells)
}

fn peer(id: u32) -> Option<SocketAddr> {
    let port = 40_000 + u16::try_from(id).unwrap_or(0);
    (id > 0).then(|| SocketAddr::from(([127, 0, 0, 1], port)))
}

fn options() -> ServerOptions {
    let buffer_limit = Some(Size(LIMIT.into()));
    ServerOptions { buffer_limit, ..ServerOptions::default() }
}

fn millis(ms: u64) -> Nanos {
    Nanos(ms * 1_000_000)
}

/// A view of one thread, which is in a call of a socket for some
/// milliseconds. The first lane is that of its loop.
fn view(
    (file, loop_call): (&'static str, Kind),
    lines: &[Line],
    sockets: &[Socket],
    (line, kind, socket, since): (u32, Kind, u32, u64),
    events: &[Logged],
    lanes: &[&str],
) -> View {
    let (site, socket) = (Site { file, line }, SocketId(socket));
    let since = Duration::from_millis(since);
    let (thread, in_call) = (ONLY, true);
    let at_line = ThreadView { thread, site, kind, socket, in_call, since };
    let now = ThreadNow { thread, site, kind, socket, in_call, calls: 9 };
    let lines = lines.iter().map(|&(line, kind, outcomes, bytes)| {
        let mut counts = [0; 9];
        outcomes.iter().for_each(|(it, n)| counts[*it as usize] = *n);
        LineCount { site: Site { file, line }, kind, counts, bytes }
    });
    let counts = sockets.iter().zip(0..).map(|(it, id)| counted(it, id));
    let counts: Vec<_> = counts.collect();
    let rows = sockets.iter().zip(&counts).zip(&lanes[1..]);
    let rows = rows.map(|((it, count), drawn)| SocketView {
        count: count.clone(),
        state: it.0,
        interest: None,
        ready: None,
        was_ready: None,
        pending_limit: LIMIT,
        last: it.3,
        active_at: Duration::from_millis(4_600),
        lane: lane(drawn),
    });
    let sockets = rows.collect();
    let peaks = counts.iter().map(|it| it.pending_peak_bytes);
    let figures = Counters {
        connections: counts.len() as u64 - 1,
        echoes: counts.iter().map(|it| it.echoes).sum(),
        pending_peak_bytes: peaks.max().unwrap(),
        lines: lines.collect(),
        sockets: counts,
        threads: vec![now],
        ..Counters::default()
    };
    let note = Note::Opened { socket: LISTENER, peer: None };
    let listening = Event::Note { at: Nanos::ZERO, thread, note };
    let events = events.iter().map(|it| entry(file, *it));
    View {
        at: AT,
        rates: Rates::between(loop_call, &Counters::default(), &figures, AT),
        threads: vec![at_line],
        lines: line_views(&figures, site, since),
        sockets,
        turns: LoopView {
            echoes_per_s: vec![0, 2, 3, 3, 2],
            lane: lane(lanes[0]),
            ..LoopView::default()
        },
        events: [LogEntry::new(listening)].into_iter().chain(events).collect(),
        findings: findings(&Evidence {
            figures: &figures,
            options: options(),
            waiting: None,
            unhandled: None,
            events_lost: 0,
        }),
        iterations: figures.iterations(loop_call),
        wake_ups: figures.wake_ups(loop_call),
        figures: Arc::new(figures),
        ..View::default()
    }
}

fn counted(&(_, calls, bytes, _): &Socket, id: u32) -> SocketCount {
    let [bytes_in, bytes_out, pending] = bytes;
    let mut calls_by_kind = [0; Kind::COUNT];
    calls_by_kind[Read as usize] = calls;
    SocketCount {
        calls_by_kind,
        would_blocks: calls.saturating_sub(9),
        bytes_in,
        bytes_out,
        echoes: if pending > 0 { 0 } else { bytes_in / 12 },
        pending_bytes: pending.try_into().unwrap(),
        pending_peak_bytes: if id > 0 { pending.max(12) } else { 0 },
        ..SocketCount::new(SocketId(id), peer(id))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn line_views(figures: &Counters, now: Site, since: Duration) -> Vec<LineView> {
    let all: u64 = figures.lines.iter().map(LineCount::hits).sum();
    let lines = figures.lines.iter().map(|line| LineView {
        site: line.site,
        kind: line.kind,
        hits: line.hits(),
        hits_per_s: line.hits() / 5,
        heat: line.hits() as f32 / all as f32,
        threads: usize::from(line.site == now),
        longest: if line.site == now { since } else { Duration::ZERO },
        last: Some(match line.kind {
            _ if line.counts[WouldBlock as usize] > 0 => Outcome::WouldBlock,
            Accept => Outcome::Accepted(SocketId(1)),
            Wait => Outcome::Ready(2),
            Watch => Outcome::Done,
            _ => Outcome::Bytes(12),
        }),
    });
    lines.collect()
}

/// An entry of the log, of the listener or of the first client.
fn entry(
    file: &'static str,
    (ms, kind, has_returned, line): Logged,
) -> LogEntry {
    let (site, at, thread) = (Site { file, line }, millis(ms), ONLY);
    let first = SocketId(1);
    let Readiness { readable, writable } = INPUT;
    let (socket, slept, outcome, note) = match kind {
        Accept => {
            let note = Note::Opened { socket: first, peer: peer(1) };
            (LISTENER, 0, Outcome::Accepted(first), Some(note))
        }
        Wait => {
            let note = Note::Ready { socket: first, readable, writable };
            (LISTENER, 420, Outcome::Ready(1), Some(note))
        }
        _ => (first, 0, Outcome::Bytes(12), None),
    };
    if !has_returned {
        return LogEntry::new(Event::Enter { at, thread, kind, socket, site });
    }
    let exit = Event::Exit {
        at,
        entered: millis(ms - slept),
        thread,
        kind,
        socket,
        site,
        outcome,
        pending: 0,
        unframed: 0,
        echoed: 0,
    };
    LogEntry { notes: note.into_iter().collect(), ..LogEntry::new(exit) }
}
