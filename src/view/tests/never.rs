//! What holds of every fold, whatever the events.

use super::language::{Run, row};
use crate::any_event::{events, kinds, sockets, times};
use crate::net::ServerOptions;
use crate::probe::{Counters, End, ThreadId, ThreadNow};
use crate::units::Size;
use crate::view::{
    EVENTS_KEPT, HISTORY_KEPT, LANE_CELLS, Scope, ScopeSettings,
};
use crate::view::{Kind, Site, SocketId};
use proptest::prelude::*;

const ROWS: usize = 3;

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
