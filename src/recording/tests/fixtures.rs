//! A small recording, and what any event may be.

use crate::net::ServerOptions;
use crate::probe::{
    Before, End, Event, Kind, Limit, Note, Outcome, Phase, Site, SocketId,
    Speed, Step, TaskId, TaskNow, ThreadAtGate, ThreadId,
};
use crate::recording::{Closing, Header, Writer};
use crate::view::{
    Control, CountersUpdate, Facts, Named, ROWS_KEPT, ScopeSettings,
    SourceText, Unhandled,
};
use proptest::prelude::*;
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

pub(super) fn header() -> Header {
    let text = |path: &str| SourceText { path: path.into(), text: "x".into() };
    Header {
        sockscope: "0.1.0".into(),
        started_at: "2026-11-23T00:00:00Z".into(),
        beside: vec!["serial".into(), "tasks".into()],
        facts: Facts {
            mode: "tasks".into(),
            source: text("src/modes/tasks.rs"),
            loop_source: Some(text("src/event_loop/turn.rs")),
            mechanism: "epoll".into(),
            address: ([127, 0, 0, 1], 7007).into(),
            scenario: None,
            clients_apart: false,
        },
        settings: ScopeSettings {
            loop_call: Kind::Wait,
            polls: false,
            options: ServerOptions::default(),
            unhandled: Some(Unhandled::EndsServer),
            rows_kept: ROWS_KEPT,
        },
        introduction: String::new(),
        options: vec!["--record".into()],
        duration_ns: None,
        conditions: serde_json::Value::Null,
        payload_limit: 0,
    }
}

pub(super) fn closing(lost: u64) -> Closing {
    Closing {
        at_ns: 9,
        events: 0,
        lost,
        payloads_lost: 0,
        report: Some(serde_json::json!({"outcome": "done"})),
        failure: None,
    }
}

/// A recording of these events, a block of so many each.
pub(super) fn recorded(events: &[Event], a_block: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), &header()).unwrap();
    for events in events.chunks(a_block) {
        if writer.wants_key() {
            writer.begin_anew(&nothing());
        }
        for event in events {
            writer.event(event);
        }
        writer.flush(0).unwrap();
    }
    writer.close(closing(0)).unwrap().0
}

/// Counters before anything was counted.
pub(super) fn nothing() -> CountersUpdate {
    let snapshot = crate::probe::Tally::default().snapshot();
    CountersUpdate::whole(Duration::ZERO, snapshot, 0)
}

pub(super) fn times() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..10_000_000_u64).prop_map(Duration::from_nanos),
        any::<u64>().prop_map(Duration::from_nanos),
    ]
}

pub(super) fn threads() -> impl Strategy<Value = ThreadId> {
    (0..crate::probe::MAX_THREADS).prop_map(ThreadId)
}

pub(super) fn sockets() -> impl Strategy<Value = SocketId> {
    prop_oneof![(0..4_u32), any::<u32>()].prop_map(SocketId)
}

pub(super) fn kinds() -> impl Strategy<Value = Kind> {
    proptest::sample::select(Kind::ALL.to_vec())
}

pub(super) fn sites() -> impl Strategy<Value = Site> {
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

fn peers() -> impl Strategy<Value = SocketAddr> {
    let v6 = (any::<u128>(), any::<u16>(), any::<u32>(), any::<u32>());
    prop_oneof![
        (any::<[u8; 4]>(), any::<u16>()).prop_map(SocketAddr::from),
        v6.prop_map(|(ip, port, flow, scope)| {
            SocketAddrV6::new(Ipv6Addr::from(ip), port, flow, scope).into()
        }),
    ]
}

fn tasks() -> impl Strategy<Value = TaskId> {
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

fn steps() -> impl Strategy<Value = Step> {
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

pub(super) fn notes() -> impl Strategy<Value = Note> {
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

pub(super) fn events() -> impl Strategy<Value = Event> {
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

pub(super) fn names() -> impl Strategy<Value = Named> {
    (peers(), ".*").prop_map(|(address, name)| Named { address, name })
}

fn held() -> impl Strategy<Value = ThreadAtGate> {
    let before = prop_oneof![
        (kinds(), sockets(), sites()).prop_map(|(kind, socket, site)| {
            Before::Call { kind, socket, site }
        }),
        steps().prop_map(Before::Step),
        tasks().prop_map(Before::Task),
    ];
    (threads(), before, times()).prop_map(|(thread, before, since)| {
        ThreadAtGate { thread, before, since: since.into() }
    })
}

pub(super) fn holds() -> impl Strategy<Value = Control> {
    let held = proptest::collection::vec(held(), 0..4);
    (times(), any::<bool>(), 0..3_000_u64, held).prop_map(
        |(at, paused, delay, held)| {
            let speed = Speed::of_delay(Duration::from_millis(delay));
            let at = at.into();
            Control { at, paused, speed, held, stands: false }
        },
    )
}
