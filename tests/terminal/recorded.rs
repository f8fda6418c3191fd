//! Recorded runs side by side, for real.

use super::replaying::leave;
use super::session::{LARGE, Session};
use crate::support::process::{Folder, run};

/// Two clients, recorded in both modes at once, are shown side by side.
fn open(folder: &Folder, modes: [&str; 2]) -> Session {
    let record = ["--record", &folder.path("run.rec"), "--ui", "none"];
    let run = run(&[&["compare"], &modes[..], &record].concat());
    assert_eq!(run.code(), Some(0), "{run:?}");
    let [one, other] = modes.map(|it| folder.path(&format!("run.{it}.rec")));
    Session::with(LARGE, &["compare", &one, &other], &[])
}

#[test]
fn recordings_play_on_one_clock() {
    let folder = Folder::new("side-by-side");
    let mut session = open(&folder, ["serial", "selector"]);
    let screen = session.wait_for(" REPLAY ");
    assert!(screen.contains("at the start"), "{screen}");
    assert!(screen.contains("2 recordings"), "{screen}");
    session.press_for("g", "go to: ");
    let screen = session.press_for("1s\r", "1.000000 of ");
    assert!(screen.contains("stands"), "{screen}");
    assert!(screen.contains("1 waits behind #1"), "{screen}");
    assert!(!screen.contains("─ verdict"), "{screen}");
    session.press_for(" ", "plays");
    let screen = session.wait_for("at the end");
    assert!(screen.contains("─ verdict"), "{screen}");
    assert!(screen.contains("talker waited"), "{screen}");
    session.press_for("<", "at the start");
    session.press_for(".", "stands");
    session.press_for("2\r", "esc: all columns");
    session.press_for("\x1b", "what differs");
    let left = leave(session);
    assert!(left.contents.contains("Verdict"), "{}", left.contents);
}

#[test]
fn steps_go_through_all_of_them_and_back() {
    let folder = Folder::new("steps");
    let mut session = open(&folder, ["blocking", "selector"]);
    // The next key is pressed when the step before is on the screen.
    let mut seen = vec![moment(&session.wait_for("at the start")).unwrap()];
    for _ in 1..8 {
        session.press(".");
        let before = seen.last().cloned();
        let next = session.wait("the next step", |screen| {
            let at = moment(screen);
            at.is_some() && at != before
        });
        seen.push(moment(&next).unwrap());
    }
    for before in seen.iter().rev().skip(1) {
        session.press(",");
        session.wait("the step before", |screen| {
            moment(screen).as_ref() == Some(before)
        });
    }
    leave(session);
}

/// The moment in the bar, and how many events are before it: two calls may
/// be in one microsecond. What else the bar shows, such as how far the
/// recording has been read, may change meanwhile.
fn moment(screen: &str) -> Option<(String, String)> {
    let line = screen.lines().find(|line| line.contains(" s  event "))?;
    let (times, events) = line.split_once(" s  event ")?;
    let (before, _) = times.rsplit_once(" of ")?;
    let at = before.split_whitespace().next_back()?;
    let event = events.split_whitespace().next()?;
    Some((at.to_owned(), event.to_owned()))
}
