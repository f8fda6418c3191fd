//! Several modes on one screen, at every size and in every state.

use super::stage::Stage;
use sockscope::tui::{Message, TrackPhase};

/// The row with this name.
fn row(stages: &Stage, name: &str) -> String {
    let text = stages.text();
    let row = text.lines().find(|row| row.starts_with(name));
    row.unwrap_or_default().to_owned()
}

/// A call that goes on is no sleep yet.
#[test]
fn only_who_has_slept_for_long_is_asleep_in_a_call() {
    let mut stages = Stage::two(120, 40);
    let thread = &mut stages.runs[0].view.threads[0];
    thread.since = std::time::Duration::ZERO;
    let seen = row(&stages, "right now");
    assert!(seen.contains("asleep 100 %"), "{seen}");
    assert!(!seen.contains("asleep in read"), "{seen}");
}

#[test]
fn who_waits_is_told_by_what_for() {
    let mut stages = Stage::two(120, 40);
    let told = row(&stages, "who waits");
    assert!(told.contains("1 waits behind #1"), "{told}");
    assert!(told.contains("128 KiB wait until #3 reads"), "{told}");
    stages.runs[0].view.threads[0].kind = sockscope::view::Kind::Accept;
    stages.runs[1].view.sockets[3].count.pending_bytes = 0;
    let told = row(&stages, "who waits");
    assert!(told.contains("1 waits to be accepted"), "{told}");
    assert!(told.contains("nobody"), "{told}");
}

#[test]
fn a_mode_that_fails_says_why_and_the_others_go_on() {
    let mut stages = Stage::three(120, 40);
    let why = "cannot listen: in use".to_owned();
    stages.phases[1] = TrackPhase::Failed(why);
    let seen = row(&stages, "right now");
    assert!(seen.contains("!! failed: cannot listen: in use"), "{seen}");
    assert!(seen.contains("asleep in wait"), "{seen}");
}

#[test]
fn all_columns_share_one_axis() {
    let mut stages = Stage::two(120, 40);
    stages.runs[0].view.at -= std::time::Duration::from_secs(2);
    let early = row(&stages, "loop");
    stages.runs[0].view.at += std::time::Duration::from_secs(2);
    assert_eq!(row(&stages, "loop"), early, "the last moment of all");
}

#[test]
fn a_step_of_a_loop_needs_a_loop() {
    let mut stages = Stage::three(120, 40).recorded();
    let forwards = sockscope::view::Direction::Forwards;
    let stride = sockscope::view::Stride::LoopStep;
    let step = sockscope::view::Seek::Step(stride, forwards);
    assert!(stages.tell(Message::Seek(step)).is_empty());
    assert!(stages.shows("none has an event loop"));
}
