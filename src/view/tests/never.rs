//! What holds of every fold, whatever the events.

use super::language::{Run, row};
use crate::any_event::{events, kinds, sockets, times};
use crate::probe::{Counters, End, ThreadId, ThreadNow};
use crate::view::{EVENTS_KEPT, HISTORY_KEPT, LANE_CELLS};
use crate::view::{Kind, Site, SocketId};
use proptest::prelude::*;

const ROWS: usize = 3;

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
        (loop_call, polls) in (kinds(), any::<bool>()),
        steps in prop::collection::vec(
            (prop::collection::vec(events(), 0..40), snapshots(), times()),
            1..4,
        ),
    ) {
        let mut scope = Run::of(loop_call, polls, ROWS).scope;
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
        run.play(&format!("1 open {id}"));
    }
    for at in 0..1_000 {
        run.play(&format!("{} echo 7", 2 + at * 200));
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
        run.play(&format!("{id} open {id}"));
    }
    let view = run.play("10000-20000 idle 1000000").view(20_000);
    assert_eq!(view.sockets.len(), 501);
    assert_eq!(view.sockets_not_shown, 9_500);
}
