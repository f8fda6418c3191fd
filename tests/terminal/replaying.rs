//! A recorded run on the screen, led by keys.

use super::session::{Session, Size, USUAL};
use crate::support::process::{Folder, MODES, record};
use nix::sys::signal::Signal;

/// A recording of a run, gone when its test is over.
pub(crate) struct Recorded {
    _folder: Folder,
    path: String,
}

impl Recorded {
    pub(crate) fn of(mode: &str, test: &str) -> Self {
        let folder = Folder::new(&format!("replaying-{test}"));
        let path = record(&folder, mode, "two-clients", &[]);
        Self { _folder: folder, path }
    }

    pub(crate) fn open(&self, size: Size) -> Session {
        let args = format!("replay {}", self.path);
        let session = Session::with(size, &args, &[]);
        session.wait_for("stands");
        session
    }
}

/// The moment in the bar, and how many events are before it and in all: two
/// calls may be in one microsecond. What else the bar shows, such as how far
/// the recording has been read, may change meanwhile.
pub(crate) fn place(screen: &str) -> Option<(String, u64, u64)> {
    let row = screen.lines().find(|row| row.contains(" s  event "))?;
    let (times, events) = row.split_once(" s  event ")?;
    let at = times.rsplit_once(" of ")?.0.split_whitespace().next_back()?;
    let mut words = events.split_whitespace();
    let number = |word: &str| word.replace(',', "").parse().ok();
    let event = number(words.next()?)?;
    Some((at.to_owned(), event, number(words.nth(1)?)?))
}

#[test]
fn every_mode_is_shown_again_from_its_start_to_its_end_and_back() {
    for mode in MODES {
        let mut session = Recorded::of(mode, "ends").open(USUAL);
        let screen = session.contents();
        assert!(screen.contains(&format!("─ code · {mode}.rs")), "{screen}");
        assert!(screen.contains("REPLAY"), "{screen}");
        let rows = ["#0    listener", "t0    serve"];
        assert!(rows.iter().any(|it| screen.contains(it)), "{screen}");
        let (_, before, all) = place(&screen).unwrap();
        assert!((1..20).contains(&before) && all > 20, "{screen}");
        let end = session.press_for(">", "at the end");
        assert!(matches!(place(&end), Some((_, at, _)) if at == all), "{end}");
        assert!(end.contains("ended"), "{end}");
        session.press_for("<", "at the start");
        session.leave("q");
    }
}

/// A step back shows what was there before.
#[test]
fn steps_back_show_what_steps_on_had_shown() {
    for (mode, [on, back]) in [
        ("serial", [".", ","]),
        ("selector", ["n", "N"]),
        ("tasks", ["k", "K"]),
    ] {
        let mut session = Recorded::of(mode, "steps").open(USUAL);
        session.wait("all of it is read", |screen| !screen.contains('░'));
        let event = |screen: &str| place(screen).unwrap().1;
        let mut shown = Vec::new();
        for _ in 0..5 {
            let from = event(&session.contents());
            session.press(on);
            let is_on = |screen: &str| event(screen) > from;
            shown.push(session.wait("a step on", is_on));
        }
        shown.pop();
        while let Some(expected) = shown.pop() {
            let from = event(&session.contents());
            session.press(back);
            // The footer says so for as long as a step is not made.
            let is_back = |screen: &str| {
                event(screen) < from && !screen.contains("on the way")
            };
            assert_eq!(
                session.wait("a step back", is_back),
                expected,
                "{mode}"
            );
        }
        session.leave("q");
    }
}

#[test]
fn it_plays_to_its_end_and_back_by_itself() {
    let mut session = Recorded::of("blocking", "plays").open(USUAL);
    for (keys, words) in [
        ("++++", "16x"),
        ("-", "8x"),
        (" ", "at the end"),
        ("w", "at the start"),
        ("/ACCEPT\r", "stands"),
        ("/Rumpelstiltskin\r", "\"Rumpelstiltskin\": none"),
        ("g100%\r", "at the end"),
        ("{", "stands"),
    ] {
        session.press_for(keys, words);
    }
    session.leave("q");
}

#[test]
fn the_moment_at_which_all_waited_is_found() {
    let mut session = Recorded::of("serial", "finding").open(USUAL);
    // It is known when the recording has been read.
    let slept = "the only thread has slept in a read of #1";
    let screen = session.press_until("f", slept, |it| it.contains(slept));
    assert!(screen.contains("asleep in read"), "{screen}");
    session.press_for("f", "no finding comes up after this place");
    session.leave("q");
}

#[test]
fn however_it_is_left_the_terminal_is_as_before() {
    let recorded = Recorded::of("selector", "left");
    recorded.open(USUAL).leave("\x03");
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let session = recorded.open(USUAL);
        session.signal(signal);
        assert_eq!(session.finish().code, 0);
    }
}
