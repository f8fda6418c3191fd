//! A recorded run on the screen, led by keys.

use super::session::{Left, Session};
use crate::support::process::{self, Folder, MODES};
use nix::sys::signal::Signal;
use std::fs;

/// A recording of a run, gone when its test is over.
pub(crate) struct Recorded {
    _folder: Folder,
    path: String,
}

impl Recorded {
    pub(crate) fn of(mode: &str, test: &str) -> Self {
        let folder = Folder::new(&format!("replaying-{test}"));
        let path = process::record(&folder, mode, "two-clients", &[]);
        Self { _folder: folder, path }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    fn open(&self) -> Session {
        let session = Session::start(&["replay", self.path()]);
        session.wait_for("at the start");
        session
    }
}

/// What the row with the place says of events: `event 3 of 51`.
fn place(screen: &str) -> (u64, u64) {
    let mut rows = screen.lines().rev();
    let row = rows.find(|row| row.contains(" s  event ")).unwrap();
    let (_, events) = row.split_once(" s  event ").unwrap();
    let mut words = events.split_whitespace();
    let mut number = || words.next().unwrap().replace(',', "").parse();
    (number().unwrap(), {
        words.next();
        words.next().unwrap().replace(',', "").parse().unwrap()
    })
}

pub(crate) fn leave(mut session: Session) -> Left {
    session.press("q");
    let left = session.finish();
    assert_eq!(left.code, 0, "{}", left.contents);
    left
}

#[test]
fn every_mode_is_shown_again_from_its_start_to_its_end_and_back() {
    for mode in MODES {
        let recorded = Recorded::of(mode, "ends");
        let mut session = recorded.open();
        let screen = session.contents();
        assert!(screen.contains(&format!("─ code · {mode}.rs")), "{screen}");
        assert!(screen.contains("REPLAY"), "{screen}");
        let (none, all) = place(&screen);
        assert!(none == 0 && all > 20, "{screen}");
        let end = session.press_for(">", "at the end");
        assert_eq!(place(&end), (all, all), "{end}");
        assert!(end.contains("ended"), "{end}");
        session.press_for("<", "at the start");
        leave(session);
    }
}

/// The heart of it: a step back is what was there before.
#[test]
fn steps_back_show_what_steps_on_had_shown() {
    for (mode, [on, back]) in [
        ("serial", [".", ","]),
        ("selector", ["n", "N"]),
        ("tasks", ["k", "K"]),
    ] {
        let recorded = Recorded::of(mode, "steps");
        let mut session = recorded.open();
        session.wait("all of it is read", |screen| !screen.contains('░'));
        let mut shown = Vec::new();
        for _ in 0..5 {
            let from = place(&session.contents()).0;
            session.press(on);
            let screen =
                session.wait("a step on", |screen| place(screen).0 > from);
            shown.push(screen);
        }
        shown.pop();
        while let Some(expected) = shown.pop() {
            let from = place(&session.contents()).0;
            session.press(back);
            let screen =
                session.wait("a step back", |screen| place(screen).0 < from);
            assert_eq!(screen, expected, "{mode}");
        }
        leave(session);
    }
}

#[test]
fn it_plays_to_its_end_and_back_by_itself() {
    let recorded = Recorded::of("blocking", "plays");
    let mut session = recorded.open();
    session.press_for("++++", "16x");
    session.press(" ");
    session.wait_for("at the end");
    session.press("w");
    session.wait_for("at the start");
    leave(session);
}

#[test]
fn one_finds_the_moment_at_which_everybody_waited() {
    let recorded = Recorded::of("serial", "finding");
    let mut session = recorded.open();
    // It is known when the recording has been read.
    session.press_until("f", "a finding", |screen| {
        screen.contains("the only thread has slept in a read of #1")
    });
    let screen = session.contents();
    assert!(screen.contains("asleep in read"), "{screen}");
    session.press_for("f", "no finding comes up after this place");
    leave(session);
}

#[test]
fn however_it_is_left_the_terminal_is_as_before() {
    let recorded = Recorded::of("selector", "left");
    let mut session = recorded.open();
    session.press("\x03");
    assert_eq!(session.finish().code, 0);
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let session = recorded.open();
        session.signal(signal);
        assert_eq!(session.finish().code, 0);
    }
}

#[test]
fn one_that_was_cut_off_says_where_it_ends() {
    let recorded = Recorded::of("selector", "cut");
    let bytes = fs::read(recorded.path()).unwrap();
    fs::write(recorded.path(), &bytes[..bytes.len() * 2 / 3]).unwrap();
    let mut session = recorded.open();
    session.press(">");
    session.wait_for("ends at byte");
    leave(session);
}
