//! Recorded runs side by side, for real.

use super::replaying::place;
use super::session::Session;
use crate::support::process::{Folder, run};

/// Two clients, recorded in both modes at once, are shown side by side.
fn open(folder: &Folder, modes: [&str; 2]) -> Session {
    let record = ["--record", &folder.path("run.rec"), "--ui", "none"];
    let run = run(&[&["compare"], &modes[..], &record].concat());
    assert_eq!(run.code(), Some(0), "{run:?}");
    let [one, other] = modes.map(|it| folder.path(&format!("run.{it}.rec")));
    Session::start(&format!("compare {one} {other}"))
}

#[test]
fn recordings_play_on_one_clock() {
    let folder = Folder::new("side-by-side");
    let mut session = open(&folder, ["serial", "selector"]);
    let screen = session.wait_for(" REPLAY ");
    assert!(screen.contains("stands"), "{screen}");
    assert!(screen.contains("2 recordings"), "{screen}");
    session.press_for("g", "go to: ");
    let screen = session.press_for("1s\r", "1.000000 of ");
    assert!(screen.contains("stands"), "{screen}");
    assert!(screen.contains("waits: not accepted"), "{screen}");
    assert!(!screen.contains("─ verdict"), "{screen}");
    session.press_for(" ", "plays");
    let screen = session.wait_for("at the end");
    assert!(screen.contains("─ verdict"), "{screen}");
    assert!(screen.contains("talker waited"), "{screen}");
    for (keys, words) in [
        ("<", "at the start"),
        (".", "stands"),
        ("2\r", "esc: all columns"),
        ("\x1b", "─ differs"),
    ] {
        session.press_for(keys, words);
    }
    let left = session.leave("q");
    assert!(left.contents.contains("Verdict"), "{}", left.contents);
}

#[test]
fn steps_go_through_all_of_them_and_back() {
    let folder = Folder::new("steps");
    let mut session = open(&folder, ["blocking", "selector"]);
    // The next key is pressed when the step before is on the screen.
    session.wait_for("stands");
    let mut seen = vec![place(&session.press_for("<", "at the start"))];
    for _ in 1..8 {
        session.press(".");
        let before = seen.last().cloned();
        let next = session.wait("the next step", |screen| {
            let at = place(screen);
            at.is_some() && Some(&at) != before.as_ref()
        });
        seen.push(place(&next));
    }
    for before in seen.iter().rev().skip(1) {
        session.press(",");
        session.wait("the step before", |screen| place(screen) == *before);
    }
    session.leave("q");
}
