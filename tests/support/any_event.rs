//! Whatever an event may be, for tests of what must hold of all of them. The
//! library's own tests use it, too.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sockscope::probe::{
    End, ErrorNumber, Event, Exit, Kind, Limit, MAX_THREADS, Note, Operation,
    Outcome, Phase, Site, SocketId, Step, TaskId, TaskNow, ThreadId,
};
use sockscope::system::queues::{KernelQueue, KernelQueues};
use sockscope::units::Nanos;
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

pub(crate) fn times() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..10_000_000_u64).prop_map(Duration::from_nanos),
        (0..60_000_u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_nanos),
    ]
}

fn nanos() -> impl Strategy<Value = Nanos> {
    times().prop_map(Nanos::from)
}

pub(crate) fn threads() -> impl Strategy<Value = ThreadId> {
    (0..MAX_THREADS).prop_map(ThreadId)
}

pub(crate) fn sockets() -> impl Strategy<Value = SocketId> {
    prop_oneof![(0..4_u32), any::<u32>()].prop_map(SocketId)
}

pub(crate) fn kinds() -> impl Strategy<Value = Kind> {
    select(Kind::ALL.to_vec())
}

pub(crate) fn sites() -> impl Strategy<Value = Site> {
    let files = ["src/modes/selector.rs", "src/modes/tasks.rs", ""];
    (select(files.to_vec()), any::<u32>())
        .prop_map(|(file, line)| Site { file, line })
}

fn errors() -> impl Strategy<Value = ErrorKind> {
    let no_name = std::io::Error::from_raw_os_error(i32::MAX).kind();
    select(vec![
        ErrorKind::ConnectionReset,
        ErrorKind::BrokenPipe,
        ErrorKind::Other,
        no_name,
    ])
}

fn ends() -> impl Strategy<Value = End> {
    let (reset, idle) = (End::Reset, End::Idle);
    let (long, stopped) = (End::TooLong, End::Stopped);
    prop_oneof![
        select(vec![End::EndOfFile, reset, idle, long, End::Boom, stopped]),
        Just(End::NoThread),
        errors().prop_map(End::Failed),
    ]
}

pub(crate) fn outcomes() -> impl Strategy<Value = Outcome> {
    let (end, closed) = (Outcome::EndOfFile, Outcome::Closed);
    let (blocks, paused) = (Outcome::WouldBlock, Outcome::Paused);
    prop_oneof![
        any::<u32>().prop_map(Outcome::Bytes),
        select(vec![end, blocks, Outcome::Done, paused, closed]),
        sockets().prop_map(Outcome::Accepted),
        any::<u32>().prop_map(Outcome::Ready),
        errors().prop_map(Outcome::Failed),
    ]
}

pub(crate) fn peers() -> impl Strategy<Value = SocketAddr> {
    let v6 = any::<(u128, u16, u32, u32)>();
    prop_oneof![
        any::<([u8; 4], u16)>().prop_map(SocketAddr::from),
        v6.prop_map(|(ip, port, flow, scope)| {
            SocketAddrV6::new(Ipv6Addr::from(ip), port, flow, scope).into()
        }),
    ]
}

/// What a system's table of connections may say, which has no scopes.
pub(crate) fn queues() -> impl Strategy<Value = KernelQueues> {
    let peer = peers().prop_map(|it| SocketAddr::new(it.ip(), it.port()));
    let queue = any::<(u32, u32, bool)>();
    let queue =
        queue.prop_map(|(received_bytes, unsent_bytes, is_accepted)| {
            KernelQueue { received_bytes, unsent_bytes, is_accepted }
        });
    let queue =
        queue.prop_filter("it has no row", |it| *it != KernelQueue::EMPTY);
    proptest::collection::btree_map(peer, queue, 0..5)
}

pub(crate) fn tasks() -> impl Strategy<Value = TaskId> {
    prop_oneof![(0..4_u32), any::<u32>()].prop_map(TaskId)
}

fn states_of_tasks() -> impl Strategy<Value = TaskNow> {
    let (ready, running) = (TaskNow::Ready, TaskNow::Running);
    let (waiting, cancelled) = (TaskNow::Waiting, TaskNow::Cancelled);
    prop_oneof![
        select(vec![ready, running, waiting, TaskNow::Done, cancelled]),
        (kinds(), sockets(), sites()).prop_map(|(kind, socket, site)| {
            TaskNow::Paused { kind, socket, site }
        }),
        (nanos(), sites())
            .prop_map(|(time, site)| TaskNow::Sleeping { time, site }),
        (tasks(), sites())
            .prop_map(|(task, site)| TaskNow::Joining { task, site }),
        ends().prop_map(TaskNow::Failed),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Step> {
    select(Step::ALL.to_vec())
}

fn notes_of_sockets() -> impl Strategy<Value = Note> {
    let two = any::<(bool, bool)>;
    prop_oneof![
        (sockets(), option::of(peers()))
            .prop_map(|(socket, peer)| Note::Opened { socket, peer }),
        (sockets(), ends(), any::<u32>()).prop_map(|(socket, end, unsent)| {
            Note::Closed { socket, end, unsent }
        }),
        (sockets(), ends())
            .prop_map(|(socket, end)| Note::Handled { socket, end }),
        (sockets(), ends())
            .prop_map(|(socket, end)| Note::Failed { socket, end }),
        (sockets(), two()).prop_map(|(socket, (readable, writable))| {
            Note::Ready { socket, readable, writable }
        }),
        (sockets(), two()).prop_map(|(socket, (readable, writable))| {
            Note::Interest { socket, readable, writable }
        }),
        (sockets(), 0..99_i32).prop_map(|(socket, number)| {
            let (operation, error) = (Operation::Read, ErrorNumber(number));
            Note::CallFailed { operation, socket, error }
        }),
        select(vec![Limit::Connections, Limit::Descriptors])
            .prop_map(Note::Paused),
        any::<u32>().prop_map(|clients| Note::LeftWaiting { clients }),
        any::<u64>().prop_map(|ns| Note::Stopped { time: Nanos(ns) }),
        select(Phase::ALL.to_vec()).prop_map(Note::Phase),
    ]
}

pub(crate) fn notes() -> impl Strategy<Value = Note> {
    let never = (tasks(), sites(), option::of(sockets()), ends());
    prop_oneof![
        notes_of_sockets(),
        (tasks(), states_of_tasks())
            .prop_map(|(task, now)| Note::Task { task, now }),
        steps().prop_map(Note::Step),
        (any::<u32>(), option::of(nanos()))
            .prop_map(|(set, wait)| Note::Timers { set, wait }),
        (tasks(), nanos())
            .prop_map(|(task, time)| Note::LongRun { task, time }),
        never.prop_map(|(task, site, socket, end)| {
            Note::NeverRetrieved { task, site, socket, end }
        }),
    ]
}

fn exits() -> impl Strategy<Value = Event> {
    let call = (threads(), kinds(), sockets(), sites());
    let left = (outcomes(), any::<(bool, u32, u32)>());
    (nanos(), nanos(), call, left).prop_map(|(entered, at, call, left)| {
        let (thread, kind, socket, site) = call;
        let (outcome, (at_once, pending, echoed)) = left;
        let entered = if at_once { at } else { entered };
        let exit = Exit { pending, echoed, ..Exit::new(outcome) };
        Event::exit([entered, at], thread, (kind, socket, site), exit)
    })
}

pub(crate) fn events() -> impl Strategy<Value = Event> {
    let enters = (nanos(), threads(), kinds(), sockets(), sites());
    let idle = (nanos(), nanos(), threads(), any::<(u64, u64)>());
    prop_oneof![
        enters.prop_map(|(at, thread, kind, socket, site)| {
            Event::Enter { at, thread, kind, socket, site }
        }),
        exits(),
        idle.prop_map(|(since, at, thread, (calls, passes))| {
            Event::Idle { since, at, thread, calls, passes }
        }),
        (nanos(), threads(), notes())
            .prop_map(|(at, thread, note)| Event::Note { at, thread, note }),
    ]
}
