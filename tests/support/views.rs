//! Five fixed views, one a way of waiting, for tests of what draws them.
//!
//! Their lines are those of the mode files, their lanes drawn as text (see
//! [`lane`]), their figures those of a run of five seconds, in `views.json`.

use Kind::{Accept, Read, Wait, Write};
use serde::Deserialize;
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{
    Class, Counters, End, Event, Exit, Kind, LISTENER, LineCount, Note,
    Outcome, Site, SocketCount, SocketId, Step, TaskCount, TaskId, TaskNow,
    ThreadId, ThreadNow, TurnCount,
};
use sockscope::units::{Nanos, Size};
use sockscope::view::{
    BUCKET, Cell, Evidence, Lane, LineView, LogEntry, LoopView, Rates,
    Readiness, Scope, ScopeSettings, Shares, SocketState, SocketView,
    ThreadView, View, findings,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The moment of each view.
const AT: Duration = Duration::from_millis(5_020);

const LIMIT: u32 = 256 * 1024;
const ONLY: ThreadId = ThreadId(0);
const INPUT: Readiness = Readiness { readable: true, writable: false };

/// What is fixed of a mode's view.
#[derive(Deserialize)]
struct FixedView {
    loop_call: Kind,
    lines: Vec<Line>,
    sockets: Vec<Socket>,
    /// The line, call and socket of each thread, and for how many
    /// milliseconds it has been there.
    threads: Vec<(u32, Kind, u32, u64)>,
    events: Vec<Logged>,
    /// The first is that of the loop.
    lanes: Vec<String>,
    /// Asleep, working, spinning.
    shares: [f32; 3],
}

/// A line, what is called there, with which outcomes, how many bytes, and the
/// last outcome.
type Line = (u32, Kind, Vec<(Class, u64)>, u64, Outcome);

/// Its calls, bytes in and out and pending, its last call.
type Socket = (u64, [u64; 3], Option<(Kind, Outcome)>);

/// When a call was made that succeeded, or in which the thread sleeps from
/// then on; its line.
type Logged = (u64, Kind, bool, u32);

/// The view of a mode: with one thread asleep in a read of its first client,
/// one that asks its two clients again and again, one asleep on three clients,
/// of which one does not read, or one asleep in accept and two in reads.
pub(crate) fn of(mode: Mode) -> View {
    if mode == Mode::Tasks {
        return tasks(of(Mode::Selector));
    }
    let all: BTreeMap<String, FixedView> =
        serde_json::from_str(include_str!("views.json")).unwrap();
    let mut view = view(mode, &all[mode.name()]);
    if mode == Mode::Nonblocking {
        let (calls, passes) = (723_000, 241_000);
        let [since, at] = [3_000, 4_019].map(millis);
        let idle = Event::Idle { at, since, thread: ONLY, calls, passes };
        view.events.insert(2, LogEntry::new(idle));
    }
    view
}

/// One thread, asleep in its event loop; two clients' tasks are paused, one
/// is ready, one has failed.
fn tasks(mut view: View) -> View {
    let own = |line| Site { file: "src/modes/tasks.rs", line };
    let of_loop = |line| Site { file: "src/event_loop/turn.rs", line };
    let sites = [of_loop(136), own(16), of_loop(107), own(34), own(38)];
    // One line registers all.
    view.lines.remove(0);
    view.lines.remove(3);
    for (line, site) in view.lines.iter_mut().zip(sites) {
        line.site = site;
    }
    view.threads[0].site = of_loop(136);
    let paused = |kind, socket, site| TaskNow::Paused {
        kind,
        socket: SocketId(socket),
        site,
    };
    let since = |ms| Nanos::from(AT.saturating_sub(Duration::from_millis(ms)));
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
        turns: 15,
        ready: 1,
        ..TurnCount::default()
    };
    let mut scope = Scope::new(ScopeSettings {
        loop_call: Wait,
        polls: false,
        options: options(),
        unhandled: None,
    });
    let turn = turn(since(420), of_loop(136));
    for event in &turn {
        scope.take(event);
    }
    let folded = scope.view(&view.figures, AT, 0);
    let View { awaits, tasks, tasks_paused, tasks_alive, steps, .. } = folded;
    View { awaits, tasks, tasks_paused, tasks_alive, steps, ..view }
}

/// What a turn of the event loop reports until it sleeps again.
fn turn(at: Nanos, site: Site) -> [Event; 7] {
    let note = |note| Event::Note { at, thread: ONLY, note };
    let (socket, readable, writable) = (SocketId(1), true, false);
    let [runs, wakes] = [(1, TaskNow::Running), (2, TaskNow::Ready)]
        .map(|(id, now)| note(Note::Task { task: TaskId(id), now }));
    let call = |kind| {
        let called = (kind, LISTENER, site);
        Event::exit([at, at], ONLY, called, Exit::new(Outcome::Done))
    };
    let (thread, kind) = (ONLY, Wait);
    let asleep = Event::Enter { at, thread, kind, socket: LISTENER, site };
    [
        call(Wait),
        note(Note::Ready { socket, readable, writable }),
        wakes,
        runs,
        call(Kind::Watch),
        note(Note::Interest { socket, readable, writable }),
        asleep,
    ]
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

fn view(mode: Mode, fixed: &FixedView) -> View {
    let (file, loop_call) = (mode.file(), fixed.loop_call);
    let threads = fixed.threads.iter().zip(0..).map(|(it, id)| ThreadView {
        thread: ThreadId(id),
        site: Site { file, line: it.0 },
        kind: it.1,
        socket: SocketId(it.2),
        in_call: true,
        is_held: false,
        since: Duration::from_millis(it.3),
    });
    let threads: Vec<_> = threads.collect();
    let ThreadView { thread, site, kind, socket, in_call, .. } = threads[0];
    let now = ThreadNow { thread, site, kind, socket, in_call, calls: 9 };
    let lines = fixed.lines.iter().map(|(line, kind, outcomes, bytes, _)| {
        let mut count = LineCount::new(Site { file, line: *line }, *kind);
        for (class, number) in outcomes {
            count.counts[*class as usize] = *number;
        }
        LineCount { bytes: *bytes, ..count }
    });
    let counts = (0..).zip(&fixed.sockets).map(|(id, it)| counted(it, id));
    let counts: Vec<_> = counts.collect();
    let figures = Counters {
        connections: counts.len() as u64 - 1,
        echoes: counts.iter().map(|it| it.echoes).sum(),
        pending_peak_bytes: counts
            .iter()
            .map(|it| it.pending_peak_bytes)
            .max()
            .unwrap(),
        lines: lines.collect(),
        sockets: counts,
        threads: vec![now],
        ..Counters::default()
    };
    let rows = figures.sockets.iter().zip(&fixed.sockets);
    let rows = rows.zip(&fixed.lanes[1..]);
    let rows = rows.map(|((count, it), drawn)| {
        socket_view(mode, loop_call, count, it.2, drawn)
    });
    let note = Note::Opened { socket: LISTENER, peer: None };
    let listening = Event::Note { at: Nanos::ZERO, thread, note };
    let events = fixed.events.iter().map(|it| entry(file, *it));
    let [asleep, working, spinning] = fixed.shares;
    View {
        at: AT,
        rates: Rates::between(loop_call, &Counters::default(), &figures, AT),
        lines: line_views(&figures, fixed, &threads),
        threads,
        sockets: rows.collect(),
        turns: LoopView {
            shares: Shares { asleep, working, spinning, ..Shares::default() },
            echoes_per_s: vec![0, 2, 3, 3, 2],
            lane: lane(&fixed.lanes[0]),
        },
        events: [LogEntry::new(listening)].into_iter().chain(events).collect(),
        findings: findings(&Evidence {
            figures: &figures,
            options: options(),
            waiting: None,
            unhandled: None,
            has_spun: false,
            events_lost: 0,
        }),
        iterations: figures.iterations(loop_call),
        calls_sleep: matches!(mode, Mode::Serial | Mode::Blocking),
        wake_ups: figures.wake_ups(loop_call),
        figures: Arc::new(figures),
        ..View::default()
    }
}

fn socket_view(
    mode: Mode,
    loop_call: Kind,
    count: &SocketCount,
    last: Option<(Kind, Outcome)>,
    drawn: &str,
) -> SocketView {
    SocketView {
        count: count.clone(),
        state: match (count.id, mode) {
            (LISTENER, _) => SocketState::Listening,
            _ if count.pending_bytes > 0 => SocketState::OutputPending,
            (_, Mode::Nonblocking) => SocketState::Polled,
            (_, Mode::Selector) => SocketState::WaitingForReadable,
            _ => SocketState::AsleepInRead,
        },
        call: match (count.id, mode) {
            (LISTENER, Mode::Blocking) => Some(Accept),
            (SocketId(1..), Mode::Serial | Mode::Blocking) => Some(Read),
            _ => None,
        },
        next: None,
        interest: (loop_call == Wait).then_some(Readiness {
            readable: true,
            writable: count.pending_bytes > 0,
        }),
        ready: None,
        pending_limit: LIMIT,
        queue: None,
        partial: Vec::new(),
        last,
        read_at: Duration::from_millis(4_600),
        active_at: Duration::from_millis(4_600),
        lane: lane(drawn),
    }
}

fn counted(
    &(calls, [bytes_in, bytes_out, pending], _): &Socket,
    id: u32,
) -> SocketCount {
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

fn line_views(
    figures: &Counters,
    fixed: &FixedView,
    threads: &[ThreadView],
) -> Vec<LineView> {
    let lines = figures.lines.iter().zip(&fixed.lines).map(|(line, it)| {
        let within = threads.iter().filter(|it| it.site == line.site);
        LineView {
            site: line.site,
            kind: line.kind,
            hits: line.hits() + within.count() as u64,
            hits_per_s: line.hits() / 5,
            last: Some(it.4),
        }
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
    let times = [millis(ms - slept), at];
    let call = (kind, socket, site);
    let exit = Event::exit(times, thread, call, Exit::new(outcome));
    LogEntry { notes: note.into_iter().collect(), ..LogEntry::new(exit) }
}
