//! What asyncio does in the same way, or not: as `mod.rs` says.

use super::trial::{Trial, ms, pass};
use crate::probe::{Note, TaskId};

#[test]
fn a_long_run_is_reported_and_one_of_a_tenth_of_a_second_is_not() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        pass(ms(100));
        tasks.sleep(ms(200)).await.unwrap();
        pass(ms(101));
    });
    it.run().unwrap();
    let long = |(_, note): (_, Note)| match note {
        Note::LongRun { task, time } => Some((task, time.duration())),
        _ => None,
    };
    let long: Vec<_> = it.log.notes().into_iter().filter_map(long).collect();
    assert_eq!(long, [(TaskId(0), ms(101))]);
}

#[test]
fn a_sleep_that_is_over_does_not_pause() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        for _ in 0..9 {
            tasks.sleep(ms(0)).await.unwrap();
        }
    });
    it.run().unwrap();
    assert_eq!(it.log.polls(TaskId(0)), 1);
}
