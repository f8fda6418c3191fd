//! Counters as rows of numbers: what a snapshot holds, table by table.

use super::codes;
use super::columns::{line, socket, sum, task, thread, turn};
use super::places::{MOST_PLACES, Place};
use crate::probe::{
    Concerned, Counters, KEPT_SOCKETS, KEPT_TASKS, Kind, LineCount,
    MAX_THREADS, PhaseMark, SocketCount, SocketId, TaskCount, TaskId, TaskNow,
    ThreadId, ThreadNow, TurnCount,
};
use crate::units::Nanos;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// How many columns the widest table has.
pub(super) const WIDTH: usize = 20;

pub(super) type Row = [u64; WIDTH];

/// A table and a row's number in it.
pub(super) type Key = (u8, u32);

pub(super) type Rows = BTreeMap<Key, Row>;

pub(super) const LINES: u8 = 0;
pub(super) const SOCKETS: u8 = 1;
pub(super) const TASKS: u8 = 2;
pub(super) const THREADS: u8 = 3;
pub(super) const TURNS: u8 = 4;
pub(super) const SUMS: u8 = 5;
pub(super) const ENDS: u8 = 6;
pub(super) const PHASES: u8 = 7;

/// How many rows each table has at most.
const LIMITS: [usize; 8] =
    [MOST_PLACES, KEPT_SOCKETS, KEPT_TASKS, MAX_THREADS as usize, 1, 1, 64, 5];

/// Whether there may be such a row.
pub(super) fn may_be((table, number): Key) -> bool {
    let limit = LIMITS.get(usize::from(table));
    limit.is_some_and(|limit| (number as usize) < *limit)
}

const fn none() -> Row {
    [0; WIDTH]
}

fn some<T>(value: Option<T>, number: impl Fn(T) -> u64) -> u64 {
    value.map_or(0, |it| number(it).saturating_add(1))
}

fn ns(ns: u64) -> Nanos {
    Nanos(ns)
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn low(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

fn concerned(row: &mut Row, column: usize, who: Option<Concerned>) {
    if let Some(Concerned { connections, first }) = who {
        (row[column], row[column + 1]) = (connections, first.0.into());
    }
}

fn who(row: &Row, column: usize) -> Option<Concerned> {
    let (connections, first) = (row[column], SocketId(small(row[column + 1])));
    (connections > 0).then_some(Concerned { connections, first })
}

// ---- From values to rows -------------------------------------------------

pub(super) fn of_line(count: &LineCount) -> Row {
    let mut row = none();
    row[..count.counts.len()].copy_from_slice(&count.counts);
    row[line::BYTES] = count.bytes;
    row
}

pub(super) fn of_peer(peer: Option<SocketAddr>) -> Row {
    let mut row = none();
    let Some(peer) = peer else { return row };
    let (family, bits) = match peer.ip() {
        IpAddr::V4(ip) => (4, u128::from(u32::from(ip))),
        IpAddr::V6(ip) => (6, u128::from(ip)),
    };
    row[0] = family;
    row[1] = low(bits);
    row[2] = low(bits >> 64);
    row[3] = peer.port().into();
    if let SocketAddr::V6(it) = peer {
        row[4] = u64::from(it.flowinfo()) << 32 | u64::from(it.scope_id());
    }
    row
}

pub(super) fn of_socket(count: &SocketCount) -> Row {
    let mut row = of_peer(count.peer);
    row[socket::CALLS..socket::WOULD_BLOCKS]
        .copy_from_slice(&count.calls_by_kind[..Kind::OF_MODES.len()]);
    row[socket::WOULD_BLOCKS] = count.would_blocks;
    row[socket::BYTES_IN] = count.bytes_in;
    row[socket::BYTES_OUT] = count.bytes_out;
    row[socket::ECHOES] = count.echoes;
    row[socket::PENDING] = count.pending.into();
    row[socket::PENDING_PEAK] = count.pending_peak.into();
    row[socket::LONGEST_WRITE] = some(count.longest_write, |it| it.0);
    row[socket::ENDED] = some(count.ended, |it| codes::end_code(it).into());
    row[socket::UNSENT] = count.unsent.into();
    row
}

/// Puts what a task does into its row.
pub(super) fn set_task(row: &mut Row, now: TaskNow, place: u64) {
    let (code, kind, number) = match now {
        TaskNow::Ready => (1, 0, 0),
        TaskNow::Running => (2, 0, 0),
        TaskNow::Paused { kind, socket, .. } => {
            (3, kind as u64, socket.0.into())
        }
        TaskNow::Sleeping { time, .. } => (4, 0, time.0),
        TaskNow::Joining { task, .. } => (5, 0, task.0.into()),
        TaskNow::Waiting => (6, 0, 0),
        TaskNow::Done => (7, 0, 0),
        TaskNow::Failed(end) => (8, 0, codes::end_code(end).into()),
        TaskNow::Cancelled => (9, 0, 0),
    };
    (row[task::NOW], row[task::KIND], row[task::NUMBER]) = (code, kind, number);
    if now.site().is_some() {
        row[task::PLACE] = place + 1;
        row[task::SOCKET] = 0;
    }
    if let TaskNow::Paused { socket, .. } = now {
        row[task::SOCKET] = u64::from(socket.0) + 1;
    }
}

/// `at` is the moment of the snapshot, `place` where it waits or last did.
pub(super) fn of_task(count: &TaskCount, place: u64) -> Row {
    let mut row = none();
    set_task(&mut row, count.now, place);
    row[task::SINCE] = count.since.0;
    row[task::POLLS] = count.polls;
    row[task::RUNNING] = count.running.0;
    row[task::SOCKET] = some(count.socket, |it| it.0.into());
    row[task::PLACE] = some(count.site, |_| place);
    row
}

pub(super) fn of_thread(now: &ThreadNow, place: u64) -> Row {
    let mut row = none();
    row[thread::PLACE] = place;
    row[thread::SOCKET] = now.socket.0.into();
    row[thread::IN_CALL] = now.in_call.into();
    row[thread::CALLS] = now.calls;
    row
}

pub(super) fn of_turns(turns: &TurnCount) -> Row {
    let mut row = none();
    row[turn::NOW] = some(turns.now, |step| step as u64);
    row[turn::SINCE] = turns.since.0;
    for (place, (last, total)) in turns.last.iter().zip(turns.total).enumerate()
    {
        row[turn::LAST + place] = last.0;
        row[turn::TOTAL + place] = total.0;
    }
    row[turn::TURNS] = turns.turns;
    row[turn::READY] = turns.ready;
    row[turn::TIMERS] = turns.timers;
    row[turn::NOT_KEPT] = turns.not_kept;
    row
}

pub(super) fn of_sums(sums: &Counters) -> Row {
    let mut row = none();
    row[sum::ECHOES] = sums.echoes;
    row[sum::UNSENT] = sums.unsent_bytes;
    concerned(&mut row, sum::UNSENT_ON, sums.unsent_on);
    row[sum::PENDING_PEAK] = sums.pending_peak_bytes;
    row[sum::LONGEST_WRITE] = some(sums.longest_write, |it| it.0);
    concerned(&mut row, sum::HANDLED, sums.errors_handled);
    concerned(&mut row, sum::FAILED, sums.errors_unhandled);
    row[sum::CONNECTIONS] = sums.connections;
    row[sum::CONNECTION_PAUSES] = sums.connection_pauses;
    row[sum::DESCRIPTOR_PAUSES] = sums.descriptor_pauses;
    row[sum::NEVER_RETRIEVED] = sums.never_retrieved;
    row[sum::LONG_RUNS] = sums.long_runs;
    row[sum::LONGEST_RUN] = sums.longest_run.0;
    row
}

pub(super) fn of_end(who: Concerned) -> Row {
    let mut row = none();
    concerned(&mut row, 0, Some(who));
    row
}

pub(super) fn of_phase(mark: &PhaseMark) -> Row {
    let mut row = none();
    (row[0], row[1]) = (mark.at.0, mark.left);
    row
}

// ---- From rows to values -------------------------------------------------

pub(super) fn line(row: &Row, place: Place) -> Option<LineCount> {
    let mut counts = [0; line::BYTES];
    counts.copy_from_slice(&row[..line::BYTES]);
    let (site, kind) = (place.site, place.kind?);
    Some(LineCount { site, kind, counts, bytes: row[line::BYTES] })
}

fn peer(row: &Row) -> Option<SocketAddr> {
    let port = u16::try_from(row[3]).unwrap_or(u16::MAX);
    match row[0] {
        4 => Some((small(row[1]).to_be_bytes(), port).into()),
        6 => {
            let bits = u128::from(row[2]) << 64 | u128::from(row[1]);
            let scope = small(row[4] & u64::from(u32::MAX));
            let flow = small(row[4] >> 32);
            let ip = Ipv6Addr::from(bits);
            Some(SocketAddrV6::new(ip, port, flow, scope).into())
        }
        _ => None,
    }
}

pub(super) fn socket(row: &Row, id: u32) -> SocketCount {
    let mut calls_by_kind = [0; Kind::COUNT];
    calls_by_kind[..Kind::OF_MODES.len()]
        .copy_from_slice(&row[socket::CALLS..socket::WOULD_BLOCKS]);
    SocketCount {
        socket: SocketId(id),
        peer: peer(row),
        calls_by_kind,
        would_blocks: row[socket::WOULD_BLOCKS],
        bytes_in: row[socket::BYTES_IN],
        bytes_out: row[socket::BYTES_OUT],
        echoes: row[socket::ECHOES],
        pending: small(row[socket::PENDING]),
        unframed: 0,
        pending_peak: small(row[socket::PENDING_PEAK]),
        longest_write: row[socket::LONGEST_WRITE].checked_sub(1).map(ns),
        ended: row[socket::ENDED].checked_sub(1).and_then(codes::end),
        unsent: small(row[socket::UNSENT]),
    }
}

/// Where a task waits or last did.
pub(super) fn place_of_task(row: &Row) -> Option<u64> {
    row[task::PLACE].checked_sub(1)
}

fn task_now(row: &Row, place: Option<Place>) -> Option<TaskNow> {
    let number = row[task::NUMBER];
    let site = place.map(|place| place.site);
    Some(match row[task::NOW] {
        1 => TaskNow::Ready,
        2 => TaskNow::Running,
        3 => TaskNow::Paused {
            kind: codes::kind(row[task::KIND])?,
            socket: SocketId(small(number)),
            site: site?,
        },
        4 => TaskNow::Sleeping { time: ns(number).into(), site: site? },
        5 => TaskNow::Joining { task: TaskId(small(number)), site: site? },
        6 => TaskNow::Waiting,
        7 => TaskNow::Done,
        8 => TaskNow::Failed(codes::end(number)?),
        9 => TaskNow::Cancelled,
        _ => return None,
    })
}

pub(super) fn task(
    row: &Row,
    id: u32,
    place: Option<Place>,
) -> Option<TaskCount> {
    let now = task_now(row, place)?;
    let socket = row[task::SOCKET].checked_sub(1).map(small).map(SocketId);
    Some(TaskCount {
        task: TaskId(id),
        now,
        since: ns(row[task::SINCE]),
        polls: row[task::POLLS],
        running: ns(row[task::RUNNING]),
        socket,
        site: place.map(|place| place.site),
    })
}

pub(super) fn thread(row: &Row, id: u32, place: Place) -> Option<ThreadNow> {
    Some(ThreadNow {
        thread: ThreadId(u16::try_from(id).ok()?),
        site: place.site,
        kind: place.kind?,
        socket: SocketId(small(row[thread::SOCKET])),
        in_call: row[thread::IN_CALL] != 0,
        calls: row[thread::CALLS],
    })
}

pub(super) fn turns(row: &Row) -> TurnCount {
    let five = |from: usize| std::array::from_fn(|n| ns(row[from + n]));
    TurnCount {
        now: row[turn::NOW].checked_sub(1).and_then(codes::step),
        since: ns(row[turn::SINCE]),
        last: five(turn::LAST),
        total: five(turn::TOTAL),
        turns: row[turn::TURNS],
        ready: row[turn::READY],
        timers: row[turn::TIMERS],
        not_kept: row[turn::NOT_KEPT],
    }
}

/// All but the ways to end, which have rows of their own.
pub(super) fn sums(row: &Row, to: &mut Counters) {
    to.echoes = row[sum::ECHOES];
    to.unsent_bytes = row[sum::UNSENT];
    to.unsent_on = who(row, sum::UNSENT_ON);
    to.pending_peak_bytes = row[sum::PENDING_PEAK];
    to.longest_write = row[sum::LONGEST_WRITE].checked_sub(1).map(ns);
    to.errors_handled = who(row, sum::HANDLED);
    to.errors_unhandled = who(row, sum::FAILED);
    to.connections = row[sum::CONNECTIONS];
    to.connection_pauses = row[sum::CONNECTION_PAUSES];
    to.descriptor_pauses = row[sum::DESCRIPTOR_PAUSES];
    to.never_retrieved = row[sum::NEVER_RETRIEVED];
    to.long_runs = row[sum::LONG_RUNS];
    to.longest_run = ns(row[sum::LONGEST_RUN]);
}

pub(super) fn end(row: &Row) -> Option<Concerned> {
    who(row, 0)
}

pub(super) fn phase(row: &Row, number: u32) -> Option<PhaseMark> {
    let phase = codes::phase(number.into())?;
    Some(PhaseMark { phase, at: ns(row[0]), left: row[1] })
}
