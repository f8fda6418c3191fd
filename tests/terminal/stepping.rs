//! An event loop, step by step and task by task.

use super::session::Session;

/// Whether the row of the task says that this is its state.
fn is(screen: &str, task: &str, state: &str) -> bool {
    let own = |row: &&str| row.trim_start_matches([' ', '▶']).starts_with(task);
    screen.lines().find(own).is_some_and(|row| row.contains(state))
}

/// From paused to ready, to running, to paused: in one turn.
#[test]
fn a_task_moves_through_one_turn() {
    let mut session = Session::start("tasks --scenario none --grace 100ms");
    session.wait_for("asleep in select");
    session.press_for("c", "1  open");
    session.wait("its task waits", |screen| {
        is(screen, "t1", "paused on read of #1")
    });
    session.press_for(" ", "PAUSED");
    session.press_for("ihello\r", "held before step process_events");
    let screen = session.redraw();
    assert!(is(&screen, "t1", "paused on read of #1"), "{screen}");
    assert!(screen.contains("▶process_events"), "{screen}");
    assert!(screen.contains("1 paused"), "at its line: {screen}");
    let screen = session.press_for("l", "code · turn.rs");
    let head = screen.lines().find(|row| row.contains("fn process_events"));
    assert!(head.is_some_and(|row| row.contains('▌')), "{screen}");
    session.press_for("l", "code · tasks.rs");
    for (key, before, state, words) in [
        ("S", "step run_ready_tasks", "ready", "· ready 1 ·"),
        (".", "write of #1", "running", "6 B out, 0 B in"),
        ("T", "step register", "paused on read of #1", "6 B out, 6 B in"),
        ("S", "step calculate_timeout", "paused", ""),
        ("S", "step select", "paused", ""),
    ] {
        session.press_for(key, &format!("thread held before {before}"));
        session.wait_for(words);
        let screen = session.redraw();
        assert!(is(&screen, "t1", state), "{screen}");
    }
    session.press_for("S", "thread asleep in select");
    session.press(" ");
    session.wait_without("PAUSED");
    session.quit();
}
