//! Five fixed views, one a way of waiting, for tests of what draws them.
//!
//! Their lines are those of the mode files, their lanes drawn as text (see
//! [`lane`]), their figures those of a run of five seconds.

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

/// One thread, asleep in a read of its first client.
pub(crate) fn serial() -> View {
    let site = |line| Site { file: "src/modes/serial.rs", line };
    let lines = vec![
        line(site(10), Kind::Accept, (Class::Accepted, 1), 0),
        line(site(23), Kind::Read, (Class::Bytes, 3), 36),
        line(site(27), Kind::Write, (Class::Bytes, 3), 36),
    ];
    let sockets = vec![count(0, 1, 0), count(1, 7, 36)];
    let now = (site(23), Kind::Read, 1, Duration::from_millis(2_100));
    let mut view = view(Kind::Accept, lines, sockets, now);
    show(
        &mut view,
        vec![
            socket(0, SocketState::Listening, "...................a...."),
            socket(1, SocketState::AsleepInRead, "azezzezzezzzzzzzzzzzzzz"),
        ],
    );
    view.sockets[0].last = Some((Kind::Accept, Outcome::Accepted(SocketId(1))));
    view.sockets[1].last = Some((Kind::Write, Outcome::Bytes(12)));
    view.turns.shares = Shares { asleep: 1.0, ..Shares::default() };
    view.turns.lane = lane("zzzzzzkzkzzkzzkzzzzzzzzzzzzzz");
    view.events = vec![
        listening(),
        accepted(500, site(10)),
        moved(2_920, Kind::Read, site(23)),
        moved(2_921, Kind::Write, site(27)),
        asleep(2_921, site(23)),
    ];
    view
}

/// One thread that asks its two clients again and again.
pub(crate) fn nonblocking() -> View {
    let site = |line| Site { file: "src/modes/nonblocking.rs", line };
    let mut lines = vec![
        line(site(13), Kind::Accept, (Class::Accepted, 2), 0),
        line(site(28), Kind::Read, (Class::Bytes, 8), 96),
        line(site(33), Kind::Write, (Class::Bytes, 8), 96),
    ];
    lines[0].counts[Class::WouldBlock as usize] = 1_204_000;
    lines[1].counts[Class::WouldBlock as usize] = 2_400_000;
    let sockets = vec![
        count(0, 1_204_002, 0),
        count(1, 1_200_008, 48),
        count(2, 1_200_008, 48),
    ];
    let now = (site(28), Kind::Read, 2, Duration::ZERO);
    let mut view = view(Kind::Accept, lines, sockets, now);
    for line in &mut view.lines[..2] {
        line.last = Some(Outcome::WouldBlock);
    }
    show(
        &mut view,
        vec![
            socket(0, SocketState::Listening, "~~~~~~~~~~a~~~~~~~~~~~~~~~~~"),
            socket(1, SocketState::Polled, "a~~~e~~~~e~~~~e~~~~e~~~~~~"),
            socket(2, SocketState::Polled, "a~~e~~~~e~~~~e~~~~e"),
        ],
    );
    view.sockets[0].last = Some((Kind::Accept, Outcome::WouldBlock));
    view.sockets[1].last = Some((Kind::Read, Outcome::WouldBlock));
    view.sockets[2].last = Some((Kind::Write, Outcome::Bytes(12)));
    view.turns.shares =
        Shares { working: 0.02, spinning: 0.98, ..Shares::default() };
    view.turns.lane = lane("~~~~~~k~~~k~k~~~~k~k~~~~k~k~");
    view.events = vec![
        listening(),
        accepted(500, site(13)),
        found_nothing(3_000, 4_019),
        moved(5_019, Kind::Read, site(28)),
        moved(5_019, Kind::Write, site(33)),
    ];
    view
}

/// One thread, asleep on three clients, of which one does not read.
pub(crate) fn selector() -> View {
    let site = |line| Site { file: "src/modes/selector.rs", line };
    let lines = vec![
        line(site(15), Kind::Watch, (Class::Done, 1), 0),
        line(site(17), Kind::Wait, (Class::Ready, 14), 0),
        line(site(20), Kind::Accept, (Class::Accepted, 3), 0),
        line(site(21), Kind::Watch, (Class::Done, 3), 0),
        line(site(28), Kind::Watch, (Class::Done, 1), 0),
        line(site(41), Kind::Read, (Class::Bytes, 11), 96),
        line(site(46), Kind::Write, (Class::Bytes, 9), 72),
    ];
    let mut sockets =
        vec![count(0, 17, 0), count(1, 9, 48), count(2, 9, 48), count(3, 4, 0)];
    let stalled = &mut sockets[3];
    (stalled.bytes_in, stalled.bytes_out) = (400_000, 268_928);
    (stalled.pending_bytes, stalled.pending_peak_bytes) =
        (LIMIT / 2, (LIMIT / 2).into());
    let now = (site(17), Kind::Wait, 0, Duration::from_millis(420));
    let mut view = view(Kind::Wait, lines, sockets, now);
    show(
        &mut view,
        vec![
            socket(0, SocketState::Listening, "....!a....!a....!a.........."),
            socket(
                1,
                SocketState::WaitingForReadable,
                "a..e.....e.....e..!.....",
            ),
            socket(2, SocketState::WaitingForReadable, "a.....e....e......"),
            socket(3, SocketState::OutputPending, "a.rewrw........."),
        ],
    );
    for socket in &mut view.sockets {
        socket.interest = Some(INPUT);
    }
    view.sockets[1].was_ready = Some(INPUT);
    view.sockets[3].interest = Some(BOTH);
    view.turns.shares =
        Shares { asleep: 0.96, working: 0.04, ..Shares::default() };
    view.turns.lane = lane("zzz!zz!zz!zz!zzz!zz!zz!!!zzzzzzzz");
    view.events = vec![
        listening(),
        accepted(500, site(20)),
        woken(4_600, site(17)),
        moved(4_600, Kind::Read, site(41)),
        moved(4_600, Kind::Write, site(46)),
    ];
    view
}

/// One thread asleep in accept, one in a read of each of two clients.
pub(crate) fn blocking() -> View {
    let site = |line| Site { file: "src/modes/blocking.rs", line };
    let lines = vec![
        line(site(13), Kind::Accept, (Class::Accepted, 2), 0),
        line(site(30), Kind::Read, (Class::Bytes, 3), 36),
        line(site(34), Kind::Write, (Class::Bytes, 3), 36),
    ];
    let sockets = vec![count(0, 3, 0), count(1, 1, 0), count(2, 7, 36)];
    let since = Duration::from_millis(4_520);
    let now = (site(13), Kind::Accept, 0, since);
    let mut view = view(Kind::Accept, lines, sockets, now);
    for (thread, ms) in [(1, 4_520), (2, 2_100)] {
        view.threads.push(ThreadView {
            thread: ThreadId(thread),
            site: site(30),
            kind: Kind::Read,
            socket: SocketId(thread.into()),
            since: Duration::from_millis(ms),
            ..view.threads[0]
        });
    }
    (view.lines[1].threads, view.lines[1].longest) = (2, since);
    show(
        &mut view,
        vec![
            socket(0, SocketState::Listening, "...................aa...."),
            socket(1, SocketState::AsleepInRead, "azzzzzzzzzzzzzzzzzzzzz"),
            socket(2, SocketState::AsleepInRead, "azezzezzezzzzzzzzzzzzz"),
        ],
    );
    view.sockets[0].last = Some((Kind::Accept, Outcome::Accepted(SocketId(2))));
    view.sockets[2].last = Some((Kind::Write, Outcome::Bytes(12)));
    view.turns.shares = Shares { asleep: 1.0, ..Shares::default() };
    view.turns.lane = lane("zzzzzzkkzzzzzzzzzzzzzzzzzzzzz");
    view.events = vec![
        listening(),
        accepted(500, site(13)),
        moved(2_920, Kind::Read, site(30)),
        moved(2_921, Kind::Write, site(34)),
        asleep(2_921, site(30)),
    ];
    view
}

/// One thread, asleep in its event loop; two clients' tasks are paused, one
/// is ready, one has failed.
pub(crate) fn tasks() -> View {
    let mut view = selector();
    let own = |line| Site { file: "src/modes/tasks.rs", line };
    let of_loop = |line| Site { file: "src/event_loop/turn.rs", line };
    let sites = [133, 16, 105, 34, 38];
    // One line registers all.
    view.lines.remove(0);
    view.lines.remove(3);
    for (line, number) in view.lines.iter_mut().zip(sites) {
        let is_of_loop = matches!(line.kind, Kind::Wait | Kind::Watch);
        line.site = if is_of_loop { of_loop(number) } else { own(number) };
    }
    view.threads[0].site = of_loop(133);
    let counts = [
        task(0, paused(Kind::Accept, 0, own(16)), (1_200, 4, 310)),
        task(1, paused(Kind::Read, 1, own(34)), (420, 7, 95)),
        task(2, TaskNow::Ready, (0, 6, 88)),
        task(3, paused(Kind::Write, 3, own(38)), (2_400, 3, 1_140)),
        task(4, TaskNow::Failed(End::Boom), (900, 2, 12)),
    ];
    let figures = Arc::make_mut(&mut view.figures);
    (figures.turns, figures.tasks) = (turns(), counts.to_vec());
    let mut scope = Scope::new(ScopeSettings {
        loop_call: Kind::Wait,
        polls: false,
        options: options(),
        unhandled: None,
    });
    let folded = scope.view(&view.figures, AT, 0);
    let View { awaits, tasks, tasks_paused, tasks_alive, .. } = folded;
    View { awaits, tasks, tasks_paused, tasks_alive, ..view }
}

/// The moment this many milliseconds before the one that is shown.
fn since_ms(ms: u64) -> Nanos {
    AT.saturating_sub(Duration::from_millis(ms)).into()
}

fn paused(kind: Kind, socket: u32, site: Site) -> TaskNow {
    TaskNow::Paused { kind, socket: SocketId(socket), site }
}

fn task(id: u32, now: TaskNow, figures: (u64, u64, u64)) -> TaskCount {
    let (since, polls, running) = figures;
    TaskCount {
        task: TaskId(id),
        now,
        since: since_ms(since),
        polls,
        running: Nanos(running * 1_000),
        socket: Some(SocketId(id)),
        site: now.site().filter(|_| !now.has_ended()),
    }
}

fn turns() -> TurnCount {
    let last = [88, 3, 1, 420_000, 4].map(|us| Nanos(us * 1_000));
    TurnCount {
        now: Some(Step::Select),
        since: since_ms(420),
        last,
        total: last,
        not_kept: 0,
        turns: 15,
        ready: 1,
        timers: 0,
    }
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
    let last_bucket = u64::try_from(AT.as_millis() / BUCKET.as_millis());
    let last_bucket = last_bucket.unwrap_or(u64::MAX);
    Lane::ending(last_bucket, &drawn.chars().map(cell).collect::<Vec<_>>())
}

fn line(site: Site, kind: Kind, of: (Class, u64), bytes: u64) -> LineCount {
    let mut counts = [0; 9];
    counts[of.0 as usize] = of.1;
    LineCount { site, kind, counts, bytes }
}

fn peer(id: u32) -> Option<SocketAddr> {
    let port = 40_000 + u16::try_from(id).unwrap_or(0);
    (id > 0).then(|| SocketAddr::from(([127, 0, 0, 1], port)))
}

fn count(id: u32, calls: u64, bytes: u64) -> SocketCount {
    let mut calls_by_kind = [0; Kind::COUNT];
    calls_by_kind[Kind::Read as usize] = calls;
    SocketCount {
        calls_by_kind,
        would_blocks: calls.saturating_sub(9),
        bytes_in: bytes,
        bytes_out: bytes,
        echoes: bytes / 12,
        pending_peak_bytes: u64::from(id > 0) * 12,
        ..SocketCount::new(SocketId(id), peer(id))
    }
}

fn socket(id: u32, state: SocketState, drawn: &str) -> SocketView {
    SocketView {
        count: SocketCount::new(SocketId(id), peer(id)),
        state,
        interest: None,
        ready: None,
        was_ready: None,
        pending_limit: LIMIT,
        last: None,
        active_at: Duration::from_millis(4_600),
        lane: lane(drawn),
    }
}

/// Puts rows for the sockets into the view, with what was counted of them.
fn show(view: &mut View, mut sockets: Vec<SocketView>) {
    for (row, count) in sockets.iter_mut().zip(&view.figures.sockets) {
        (row.count.bytes_in, row.count.bytes_out) =
            (count.bytes_in, count.bytes_out);
        row.count.pending_bytes = count.pending_bytes;
    }
    view.sockets = sockets;
}

/// A view of one thread; its sockets, events and lanes are to be filled in.
fn view(
    loop_call: Kind,
    lines: Vec<LineCount>,
    sockets: Vec<SocketCount>,
    (site, kind, socket, since): (Site, Kind, u32, Duration),
) -> View {
    let socket = SocketId(socket);
    let (thread, in_call) = (ONLY, true);
    let now = ThreadNow { thread, site, kind, socket, in_call, calls: 9 };
    let peaks = sockets.iter().map(|it| it.pending_peak_bytes);
    let figures = Counters {
        connections: sockets.len() as u64 - 1,
        echoes: sockets.iter().map(|it| it.echoes).sum(),
        pending_peak_bytes: peaks.max().unwrap_or(0),
        lines,
        sockets,
        threads: vec![now],
        ..Counters::default()
    };
    let rates = Rates::between(loop_call, &Counters::default(), &figures, AT);
    View {
        at: AT,
        rates,
        threads: vec![ThreadView {
            thread,
            site,
            kind,
            socket,
            in_call,
            since,
        }],
        lines: line_views(&figures, site, since),
        turns: LoopView {
            echoes_per_s: vec![0, 2, 3, 3, 2],
            ..LoopView::default()
        },
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

fn options() -> ServerOptions {
    let buffer_limit = Some(Size(LIMIT.into()));
    ServerOptions { buffer_limit, ..ServerOptions::default() }
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
            Kind::Accept => Outcome::Accepted(SocketId(1)),
            Kind::Wait => Outcome::Ready(2),
            Kind::Watch => Outcome::Done,
            _ => Outcome::Bytes(12),
        }),
    });
    lines.collect()
}

fn note(ms: u64, note: Note) -> LogEntry {
    let at = Nanos::from(Duration::from_millis(ms));
    LogEntry::new(Event::Note { at, thread: ONLY, note })
}

fn listening() -> LogEntry {
    let (socket, peer) = (LISTENER, None);
    note(0, Note::Opened { socket, peer })
}

/// A call that returned at this time, after having slept for so long.
fn called(
    (slept, ms): (u64, u64),
    (kind, socket): (Kind, u32),
    site: Site,
    outcome: Outcome,
) -> LogEntry {
    let [entered, at] = [ms - slept, ms].map(|it| Nanos(it * 1_000_000));
    LogEntry::new(Event::Exit {
        at,
        entered,
        thread: ONLY,
        kind,
        socket: SocketId(socket),
        site,
        outcome,
        pending: 0,
        unframed: 0,
        echoed: 0,
    })
}

fn accepted(ms: u64, site: Site) -> LogEntry {
    let socket = SocketId(1);
    let outcome = Outcome::Accepted(socket);
    let notes = vec![Note::Opened { socket, peer: peer(1) }];
    let entry = called((0, ms), (Kind::Accept, 0), site, outcome);
    LogEntry { notes, ..entry }
}

fn moved(ms: u64, kind: Kind, site: Site) -> LogEntry {
    called((0, ms), (kind, 1), site, Outcome::Bytes(12))
}

fn woken(ms: u64, site: Site) -> LogEntry {
    let Readiness { readable, writable } = INPUT;
    let notes = vec![Note::Ready { socket: SocketId(1), readable, writable }];
    let entry = called((420, ms), (Kind::Wait, 0), site, Outcome::Ready(1));
    LogEntry { notes, ..entry }
}

fn asleep(ms: u64, site: Site) -> LogEntry {
    let (kind, socket) = (Kind::Read, SocketId(1));
    let at = Duration::from_millis(ms).into();
    LogEntry::new(Event::Enter { at, thread: ONLY, kind, socket, site })
}

fn found_nothing(ms: u64, until_ms: u64) -> LogEntry {
    let [since, at] = [ms, until_ms].map(|it| Nanos(it * 1_000_000));
    let (calls, passes) = (723_000, 241_000);
    LogEntry::new(Event::Idle { at, since, thread: ONLY, calls, passes })
}
