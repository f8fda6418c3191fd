//! Whatever an event may be, for tests of what must hold of all of them. The
//! library's own tests use it, too.

use proptest::prelude::*;
use sockscope::probe::{
    End, Event, Kind, Limit, MAX_THREADS, Note, Outcome, Phase, Site, SocketId,
    Step, TaskId, TaskNow, ThreadId,
};
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

pub(crate) fn threads() -> impl Strategy<Value = ThreadId> {
    (0..MAX_THREADS).prop_map(ThreadId)
}

pub(crate) fn sockets() -> impl Strategy<Value = SocketId> {
    prop_oneof![(0..4_u32), any::<u32>()].prop_map(SocketId)
}

pub(crate) fn kinds() -> impl Strategy<Value = Kind> {
    proptest::sample::select(Kind::ALL.to_vec())
}

pub(crate) fn sites() -> impl Strategy<Value = Site> {
    let files = ["src/modes/selector.rs", "src/modes/tasks.rs", ""];
    (proptest::sample::select(files.to_vec()), any::<u32>())
        .prop_map(|(file, line)| Site { file, line })
}

fn errors() -> impl Strategy<Value = ErrorKind> {
    let no_name = std::io::Error::from_raw_os_error(i32::MAX).kind();
    proptest::sample::select(vec![
        ErrorKind::ConnectionReset,
        ErrorKind::BrokenPipe,
        ErrorKind::Other,
        no_name,
    ])
}

fn ends() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::EndOfFile),
        Just(End::Reset),
        Just(End::Idle),
        Just(End::TooLong),
        Just(End::Boom),
        Just(End::Stopped),
        errors().prop_map(End::Failed),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        any::<u32>().prop_map(Outcome::Bytes),
        Just(Outcome::EndOfFile),
        Just(Outcome::WouldBlock),
        sockets().prop_map(Outcome::Accepted),
        any::<u32>().prop_map(Outcome::Ready),
        Just(Outcome::Done),
        Just(Outcome::Paused),
        Just(Outcome::Closed),
        errors().prop_map(Outcome::Failed),
    ]
}

pub(crate) fn peers() -> impl Strategy<Value = SocketAddr> {
    let v6 = (any::<u128>(), any::<u16>(), any::<u32>(), any::<u32>());
    prop_oneof![
        (any::<[u8; 4]>(), any::<u16>()).prop_map(SocketAddr::from),
        v6.prop_map(|(ip, port, flow, scope)| {
            SocketAddrV6::new(Ipv6Addr::from(ip), port, flow, scope).into()
        }),
    ]
}

pub(crate) fn tasks() -> impl Strategy<Value = TaskId> {
    any::<u32>().prop_map(TaskId)
}

fn states_of_tasks() -> impl Strategy<Value = TaskNow> {
    prop_oneof![
        Just(TaskNow::Ready),
        Just(TaskNow::Running),
        (kinds(), sockets(), sites()).prop_map(|(kind, socket, site)| {
            TaskNow::Paused { kind, socket, site }
        }),
        (times(), sites()).prop_map(|(time, site)| TaskNow::Sleeping {
            time: time.into(),
            site
        }),
        (tasks(), sites())
            .prop_map(|(task, site)| TaskNow::Joining { task, site }),
        Just(TaskNow::Waiting),
        Just(TaskNow::Done),
        ends().prop_map(TaskNow::Failed),
        Just(TaskNow::Cancelled),
    ]
}

pub(crate) fn steps() -> impl Strategy<Value = Step> {
    proptest::sample::select(Step::ALL.to_vec())
}

fn notes_of_sockets() -> impl Strategy<Value = Note> {
    let two = any::<(bool, bool)>;
    prop_oneof![
        (sockets(), proptest::option::of(peers()))
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
        Just(Note::Paused(Limit::Connections)),
        Just(Note::Paused(Limit::Descriptors)),
        proptest::sample::select(Phase::ALL.to_vec()).prop_map(Note::Phase),
    ]
}

pub(crate) fn notes() -> impl Strategy<Value = Note> {
    let never = (tasks(), sites(), proptest::option::of(sockets()), ends());
    prop_oneof![
        notes_of_sockets(),
        (tasks(), states_of_tasks())
            .prop_map(|(task, now)| Note::Task { task, now }),
        steps().prop_map(Note::Step),
        any::<u32>().prop_map(Note::Timers),
        (tasks(), times())
            .prop_map(|(task, time)| Note::LongRun { task, time: time.into() }),
        never.prop_map(|(task, site, socket, end)| {
            Note::NeverRetrieved { task, site, socket, end }
        }),
    ]
}

fn exits() -> impl Strategy<Value = Event> {
    let call = (threads(), kinds(), sockets(), sites());
    let same = any::<bool>();
    let left = (outcomes(), any::<u32>(), any::<u32>());
    (times(), times(), same, call, left).prop_map(
        |(entered, at, at_once, call, left)| {
            let (thread, kind, socket, site) = call;
            let (outcome, pending, echoed) = left;
            let entered = if at_once { at } else { entered };
            Event::Exit {
                entered: entered.into(),
                at: at.into(),
                thread,
                kind,
                socket,
                site,
                outcome,
                pending,
                unframed: 0,
                echoed,
            }
        },
    )
}

pub(crate) fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        (times(), threads(), kinds(), sockets(), sites()).prop_map(
            |(at, thread, kind, socket, site)| {
                Event::Enter { at: at.into(), thread, kind, socket, site }
            }
        ),
        exits(),
        (times(), times(), threads(), any::<(u64, u64)>()).prop_map(
            |(since, at, thread, (calls, passes))| {
                Event::Idle {
                    since: since.into(),
                    at: at.into(),
                    thread,
                    calls,
                    passes,
                }
            }
        ),
        (times(), threads(), notes()).prop_map(|(at, thread, note)| {
            Event::Note { at: at.into(), thread, note }
        }),
    ]
}
