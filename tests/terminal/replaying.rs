//! A recorded run on the screen, led by keys.

use super::session::{Session, USUAL};
use crate::support::process::MODES;
use nix::sys::signal::Signal;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A recording of a run, gone when its test is over.
pub(crate) struct Recorded(PathBuf);

impl Recorded {
    pub(crate) fn of(mode: &str, test: &str) -> Self {
        let own = std::process::id();
        let folder = format!("sockscope-replaying-{own}-{test}");
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{mode}.rec"));
        let status = Command::new(env!("CARGO_BIN_EXE_sockscope"))
            .args([mode, "--ui", "none", "--record"])
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success());
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn open(&self) -> Session {
        let session = Session::start(&["replay", self.path()]);
        session.wait_for("at the start");
        session
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        // It goes with the last recording in it.
        let _ = self.0.parent().map(fs::remove_dir);
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

fn leave(mut session: Session) {
    session.press("q");
    assert_eq!(session.finish().code, 0);
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
fn one_looks_for_words_and_for_the_events_of_a_socket() {
    let recorded = Recorded::of("selector", "search");
    let mut session = recorded.open();
    session.press_for("/", "search");
    session.press("ACCEPT\r");
    let first = session.wait("the first one", |screen| place(screen).0 > 0);
    let first = place(&first).0;
    session.press("a");
    session.wait("the next one", |screen| place(screen).0 > first);
    session.press("A");
    session.wait("the first one again", |screen| place(screen).0 == first);
    session.press("/");
    session.press_for("Rumpelstiltskin\r", "\"Rumpelstiltskin\": none");
    session.press("e");
    session.wait("an event of a socket", |screen| place(screen).0 > 0);
    leave(session);
}

#[test]
fn one_goes_to_times_and_parts_and_what_is_none_is_said() {
    let recorded = Recorded::of("selector", "goes");
    let mut session = recorded.open();
    session.press("g");
    session.press_for("1s\r", "1.000000 of");
    session.press("g");
    session.press("100%\r");
    session.wait_for("at the end");
    session.press("g");
    session.press("soon\r");
    session.wait_for("soon");
    session.press("\x1b");
    // Escape and a key at once are another key.
    session.wait_without("soon");
    session.press_for("{", "stands");
    session.press_for("c", "recording");
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
fn a_small_terminal_says_so_and_a_larger_one_shows_it_all() {
    let recorded = Recorded::of("tasks", "sizes");
    let mut session = recorded.open();
    session.resize((20, 5));
    session.wait_for("too small");
    session.resize((120, 40));
    session.wait_for("─ findings");
    session.resize(USUAL);
    session.wait_for("─ tasks");
    leave(session);
}

#[test]
fn one_that_was_cut_off_says_where_it_ends() {
    let recorded = Recorded::of("selector", "cut");
    let bytes = fs::read(&recorded.0).unwrap();
    fs::write(&recorded.0, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let mut session = recorded.open();
    session.press(">");
    session.wait_for("ends at byte");
    leave(session);
}
