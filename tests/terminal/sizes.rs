//! Terminals that cannot show a screen, or say that they are larger than any.

use super::session::{LARGE, Session, Size};

/// What ends by itself, without a key.
const COMMANDS: [&str; 3] = [
    "selector --scenario none --duration 100ms",
    "compare serial selector --scenario two-clients",
    "bench selector --rounds 1 --time 50ms --warm-up 10ms --clients 1",
];

/// Runs these on a terminal, none of which may open the screen.
fn run_without_a_screen(size: Size, surroundings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.rec");
    let recorded = format!("{} --record {}", COMMANDS[0], file.display());
    let replayed = format!("replay {}", file.display());
    let again = folder.path().join("again.rec");
    let repeated = format!("{} --record {}", COMMANDS[0], again.display());
    let compared = format!("compare {} {}", file.display(), again.display());
    let rest = [&*recorded, &*replayed, &*repeated, &*compared];
    for command in COMMANDS.into_iter().chain(rest) {
        let session = Session::with(size, command, surroundings);
        let left = session.finish();
        assert_eq!(left.code, 0, "{command}: {}", left.raw);
        assert!(!left.raw.contains("\x1b[?1049h"), "{command}: {}", left.raw);
        let words = left.words();
        assert!(words.contains("selector"), "{command}: {words}");
    }
}

#[test]
fn a_dumb_terminal_gets_the_log() {
    run_without_a_screen(LARGE, &[("TERM", "dumb")]);
}

#[test]
fn a_terminal_without_a_size_gets_the_log() {
    run_without_a_screen((0, 0), &[]);
    run_without_a_screen((80, 0), &[]);
}

/// No memory holds all cells of the first one.
#[test]
fn absurd_sizes_are_drawn_in_part_and_answer_keys() {
    for size in [(65_535, 65_535), (100, 65_535), (65_535, 10), (1, 1)] {
        let args = "selector --scenario none";
        let mut session = Session::with(size, args, &[]);
        session.wait("the screen", |_| session.screen().alternate_screen());
        session.resize(LARGE);
        session.wait_for(" quit");
        session.resize(size);
        if size.0 >= 100 && size.1 >= LARGE.1 {
            session.press("?");
            session.wait_for("─ help");
            session.press("\x1b");
            session.wait_without("─ help");
        }
        session.resize(LARGE);
        session.wait_for(" quit");
        session.quit();
    }
}
