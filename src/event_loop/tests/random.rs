//! Random tasks in a random world, and what has to hold for all of them.

use super::replay::Replay;
use super::script::{Act, Script, World};
use super::trial::{Trial, yielding_after};
use proptest::prelude::*;

/// Few times, so that many things happen at the same one.
fn time() -> impl Strategy<Value = u64> {
    (0..6_u64).prop_map(|time| time * 5)
}

fn simple_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Yield),
        1 => time().prop_map(Act::Work),
        4 => time().prop_map(Act::Sleep),
        3 => (0..3_usize).prop_map(Act::Wait),
        1 => (0..3_usize).prop_map(Act::Fire),
        1 => (0..3_usize).prop_map(Act::FireFromThread),
        4 => time().prop_map(Act::Read),
        3 => (0..12_u32).prop_map(Act::Cancel),
        3 => (0..12_u32).prop_map(Act::Join),
        1 => (0..12_u32).prop_map(Act::Forget),
        1 => Just(Act::Fail),
    ]
}

fn script(
    act: impl Strategy<Value = Act>,
    most: usize,
) -> impl Strategy<Value = Script> {
    let acts = prop::collection::vec(act, 0..most);
    (acts, time()).prop_map(|(acts, clean_up)| Script { acts, clean_up })
}

fn act() -> impl Strategy<Value = Act> {
    simple_act().prop_recursive(4, 48, 6, |act| {
        let in_time = (time(), act.clone(), time());
        prop_oneof![
            3 => script(act, 6).prop_map(Act::Spawn),
            2 => in_time.prop_map(|(time, act, clean_up)| {
                Act::TimeOut(time, Box::new(act), clean_up)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_and_nothing_runs_twice_or_after_its_end(
        first in script(act(), 14),
        calls_before_yield in prop::option::of(1..3_u32),
    ) {
        let options = yielding_after(calls_before_yield);
        let world = World::new(Trial::with(options, None));
        let ended = world.run(first);
        Replay::check(world.trial().log.entries(), &ended);
    }
}
