//! The program under study, step by step.

use super::session::{LARGE, Session};

/// Whether the row of the task says that this is its state.
fn is(screen: &str, task: &str, state: &str) -> bool {
    let own =
        |row: &&str| row.trim_start_matches([' ', '▶', '▷']).starts_with(task);
    screen.lines().find(own).is_some_and(|row| row.contains(state))
}

/// From paused to ready, to running, to paused: in one turn.
#[test]
fn a_task_moves_through_one_turn() {
    let mut session = Session::start("tasks --scenario none --grace 100ms");
    session.wait_for("sleeps in select");
    session.press_for("c", "1  open");
    session.wait("its task waits", |screen| {
        is(screen, "t1", "paused on read of #1")
    });
    session.press_for(" ", "PAUSED");
    session.press_for("ihello\r", "held before step process_events");
    let screen = session.redraw();
    assert!(is(&screen, "t1", "paused on read of #1"), "{screen}");
    assert!(screen.contains("▷process_events"), "{screen}");
    assert!(screen.contains("1 event"), "{screen}");
    assert!(screen.contains("1 task paused"), "at its line: {screen}");
    let screen = session.press_for("l", "code · turn.rs");
    let head = screen.lines().find(|row| row.contains("fn process_events"));
    assert!(head.is_some_and(|row| row.contains('▌')), "{screen}");
    session.press_for("l", "code · tasks.rs");
    for (key, before, state, words) in [
        ("S", "step run_ready_tasks", "ready", "· ready 1 ·"),
        (".", "write of #1", "running", "6 B out, 0 B in"),
        ("T", "step register", "paused on read of #1", "6 B out, 6 B in"),
        ("S", "step calculate_timeout", "paused", "#1 readable"),
        ("S", "step select", "paused", "until an event"),
    ] {
        session.press_for(key, &format!("(held before {before}"));
        session.wait_for(words);
        let screen = session.redraw();
        assert!(is(&screen, "t1", state), "{screen}");
    }
    session.press_for("S", "sleeps in select");
    session.press(" ");
    session.wait_without("PAUSED");
    session.quit();
}

/// The starvation, by single calls alone: the scenario waits for the program.
#[test]
fn a_stepped_serial_server_shows_who_waits_for_whom() {
    let mut session = Session::with(LARGE, "serial --speed step", &[]);
    session.wait_for("held before accept of #0");
    session.press_for(".", "held before read of #1 (silent)");
    session.press_for(".", "step in progress");
    session.wait_for("1 client waits to be accepted: the only thread");
    let screen = session.wait_for("held before accept of #0");
    assert!(screen.contains("read    end of file (slept 2.0"), "{screen}");
    assert!(!screen.contains("read    6 B"), "{screen}");
    session.press_for(".", "held before read of #2 (talker)");
    let screen = session.press_for(".", "held before write of #2 (talker)");
    assert!(screen.contains("read    6 B"), "{screen}");
    session.quit();
}

/// Each call in vain is shown with its socket, and time goes on.
#[test]
fn a_stepped_busy_loop_shows_whom_each_call_is_about() {
    let mut session = Session::with(LARGE, "nonblocking --speed step", &[]);
    let mut screen = session.wait_for("held before try_accept of #0");
    let (mut steps, mut seen) = (0, [false; 2]);
    while !screen.contains("#2   read    6 B") {
        assert!(steps < 200, "nothing arrives: {screen}");
        session.press(".");
        screen = session.redraw();
        steps += 1;
        seen[0] |= screen.contains("#0   accept  would block");
        seen[1] |= screen.contains("#1   read    would block");
    }
    assert_eq!(seen, [true; 2], "{screen}");
    session.wait_for("held before try_write of #2 (talker)");
    session.quit();
}
