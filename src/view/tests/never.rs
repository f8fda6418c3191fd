//! What holds of every fold, whatever the events.

use super::language::Run;
use crate::any_event::{events, kinds, sockets, times};
use crate::probe::{
    Counters, End, Site, SocketCount, SocketId, ThreadId, ThreadNow,
};
use crate::view::ROWS_KEPT;
use crate::view::{EVENTS_KEPT, HISTORY_KEPT};
use proptest::prelude::*;
use std::sync::Arc;

/// Counters that need not go with the events at all.
fn snapshots() -> impl Strategy<Value = Arc<Counters>> {
    let thread = (kinds(), sockets(), any::<bool>(), 0..9_u64);
    (prop::option::of(thread), any::<bool>()).prop_map(|(thread, ended)| {
        let rows = (0..5).map(|id| SocketCount::new(SocketId(id), None));
        let mut sockets: Vec<_> = rows.collect();
        sockets[2].end = ended.then_some(End::Idle);
        let now = |(kind, socket, in_call, calls)| {
            let (thread, site) = (ThreadId(1), Site::default());
            ThreadNow { thread, site, kind, socket, in_call, calls }
        };
        let threads = thread.map(now).into_iter().collect();
        let counted = Counters::default();
        Arc::new(Counters { connections: 4, sockets, threads, ..counted })
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
        let mut scope = Run::of(loop_call, polls).scope;
        for (events, snapshot, now) in steps {
            for event in &events {
                scope.take(event);
            }
            let view = scope.view(&snapshot, now, events.len() as u64);
            prop_assert!(view.events.len() <= EVENTS_KEPT);
            let again = scope.view(&snapshot, now, events.len() as u64);
            prop_assert_eq!(format!("{:?}", view), format!("{:?}", again));
        }
    }
}

#[test]
fn rows_events_and_histories_are_bounded() {
    let mut run = Run::selecting();
    let kept = u32::try_from(ROWS_KEPT).unwrap();
    for id in 1..=kept + 100 {
        run.play(&format!("1 open {id}"));
    }
    for at in 0..600 {
        run.play(&format!("{} echo 7", 2 + at * 200));
    }
    let view = run.view(300_000);
    assert_eq!(view.sockets.len(), ROWS_KEPT + 1);
    assert_eq!(view.sockets_not_shown, 100);
    assert_eq!(view.events.len(), EVENTS_KEPT);
    let history = |id| run.scope.entries.history(SocketId(id));
    assert_eq!(history(7).len(), HISTORY_KEPT);
    assert!(history(1).is_empty(), "long ago");
    assert!(!history(kept + 100).is_empty());
    // The first to close makes room for a new one.
    let view = run.play("2 close 2 eof; 3 close 1 eof; 4 open 9000").view(9);
    let first: Vec<_> =
        view.sockets[..3].iter().map(|it| it.count.id.0).collect();
    assert_eq!(first, [0, 1, 3]);
    assert_eq!(view.sockets.last().unwrap().count.id.0, 9_000);
}
