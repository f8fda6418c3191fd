//! What holds of every fold, whatever the events.

use super::language::{Run, ms, row};
use crate::net::ServerOptions;
use crate::probe::{Counters, End, Event, Note, ThreadId, ThreadNow};
use crate::units::Size;
use crate::view::{
    EVENTS_KEPT, HISTORY_KEPT, LANE_CELLS, Scope, ScopeSettings,
};
use crate::view::{Kind, Outcome, Phase, Site, SocketId};
use proptest::prelude::*;
use std::time::Duration;

const ROWS: usize = 3;

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

fn sockets() -> impl Strategy<Value = SocketId> {
    (0..6_u32).prop_map(SocketId)
}

/// Mostly of one minute, sometimes of any time at all.
fn times() -> impl Strategy<Value = Duration> {
    prop_oneof![
        20 => (0..60_000_u64).prop_map(ms),
        1 => any::<u64>().prop_map(ms),
        1 => Just(Duration::MAX),
    ]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        any::<u32>().prop_map(Outcome::Bytes),
        sockets().prop_map(Outcome::Accepted),
        (0..9_u32).prop_map(Outcome::Ready),
        Just(Outcome::EndOfFile),
        Just(Outcome::WouldBlock),
        Just(Outcome::Done),
        Just(Outcome::Paused),
        Just(Outcome::Closed),
    ]
}

fn notes() -> impl Strategy<Value = Note> {
    let phases = [Phase::Running, Phase::Finishing, Phase::Ended];
    prop_oneof![
        sockets().prop_map(|socket| Note::Opened { socket, peer: None }),
        sockets().prop_map(|socket| {
            Note::Closed { socket, end: End::Reset, unsent: 1 }
        }),
        (sockets(), any::<bool>(), any::<bool>()).prop_map(
            |(socket, readable, writable)| {
                Note::Ready { socket, readable, writable }
            }
        ),
        (sockets(), any::<bool>(), any::<bool>()).prop_map(
            |(socket, readable, writable)| {
                Note::Interest { socket, readable, writable }
            }
        ),
        sockets().prop_map(|socket| Note::Failed { socket, end: End::Boom }),
        sockets().prop_map(|socket| Note::Handled { socket, end: End::Boom }),
        prop::sample::select(phases.to_vec()).prop_map(Note::Phase),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let threads = || (0..3_u16).prop_map(ThreadId);
    let site = Site { file: "src/modes/some.rs", line: 1 };
    prop_oneof![
        (times(), threads(), kinds(), sockets()).prop_map(
            move |(at, thread, kind, socket)| {
                Event::Enter { at: at.into(), thread, kind, socket, site }
            }
        ),
        (times(), times(), threads(), kinds(), sockets(), outcomes()).prop_map(
            move |(entered, at, thread, kind, socket, outcome)| {
                let pending = 0;
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
                    echoed: 0,
                }
            }
        ),
        (times(), times(), threads(), 0..u64::from(u32::MAX)).prop_map(
            |(since, at, thread, calls)| {
                let passes = calls / 2;
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

fn settings() -> impl Strategy<Value = ScopeSettings> {
    (kinds(), any::<bool>()).prop_map(|(loop_call, polls)| ScopeSettings {
        loop_call,
        polls,
        options: ServerOptions {
            buffer_limit: Some(Size(100)),
            recv_size: Some(Size(10)),
            ..ServerOptions::default()
        },
        unhandled: None,
        rows_kept: ROWS,
    })
}

/// Counters that need not go with the events at all.
fn snapshots() -> impl Strategy<Value = Counters> {
    let thread = (kinds(), sockets(), any::<bool>(), 0..9_u64);
    (prop::option::of(thread), any::<bool>()).prop_map(|(thread, ended)| {
        let sockets = (0..5).map(row).collect();
        let mut snapshot =
            Counters { connections: 4, sockets, ..Counters::default() };
        snapshot.sockets[2].end = ended.then_some(End::Idle);
        let site = Site { file: "src/modes/some.rs", line: 1 };
        let now = |(kind, socket, in_call, calls)| {
            let thread = ThreadId(1);
            ThreadNow { thread, site, kind, socket, in_call, calls }
        };
        snapshot.threads = thread.map(now).into_iter().collect();
        snapshot
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_events_make_it_panic_or_grow(
        settings in settings(),
        steps in prop::collection::vec(
            (prop::collection::vec(events(), 0..40), snapshots(), times()),
            1..4,
        ),
    ) {
        let mut scope = Scope::new(settings);
        for (events, snapshot, now) in steps {
            for event in &events {
                scope.take(event);
            }
            let view = scope.view(&snapshot, now, events.len() as u64);
            prop_assert!(view.sockets.len() <= ROWS + 1);
            prop_assert!(view.events.len() <= EVENTS_KEPT);
            for row in &view.sockets {
                prop_assert!(row.lane.cells.len() <= LANE_CELLS);
            }
            prop_assert!(view.turns.lane.cells.len() <= LANE_CELLS);
            let again = scope.view(&snapshot, now, events.len() as u64);
            prop_assert_eq!(format!("{:?}", view), format!("{:?}", again));
        }
    }
}

#[test]
fn events_and_histories_are_bounded() {
    let mut run = Run::selecting();
    for id in 1..101 {
        run.opened(1, id);
    }
    for at in 0..1_000 {
        run.echoed(2 + at * 200, 7);
    }
    let view = run.view(300_000);
    assert_eq!(view.events.len(), EVENTS_KEPT);
    assert_eq!(run.scope.history(SocketId(7)).len(), HISTORY_KEPT);
    assert!(run.scope.history(SocketId(1)).is_empty(), "long ago");
    assert!(!run.scope.history(SocketId(100)).is_empty());
}

#[test]
fn thousands_of_sockets_fold() {
    let mut run = Run::of(Kind::Accept, true, 500);
    for id in 1..10_001 {
        run.opened(u64::from(id), id);
    }
    run.idle(10_000, 20_000, &[], 1_000_000);
    let view = run.view(20_000);
    assert_eq!(view.sockets.len(), 501);
    assert_eq!(view.sockets_not_shown, 9_500);
}
