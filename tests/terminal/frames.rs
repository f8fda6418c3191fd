//! How many frames the terminal is sent.

use super::pictures::elapsed;
use super::session::{Session, USUAL};
use std::thread;
use std::time::{Duration, Instant};

/// How long nothing is drawn: many times as long as between two frames in
/// which only the clock moves on.
const QUIET: Duration = Duration::from_secs(2);

const LIMIT: Duration = Duration::from_secs(30);

/// By what begins each of them.
fn frames(session: &Session) -> usize {
    session.raw().matches("\x1b[?2026h").count()
}

fn seconds(session: &Session) -> f32 {
    elapsed(&session.contents()).unwrap()
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let args = "nonblocking --scenario none --speed step";
    let mut session = Session::with(USUAL, args, &[]);
    session.wait_for("(held before ");
    let mut last = (frames(&session), Instant::now());
    session.wait("no more frames", |_| {
        let now = frames(&session);
        if now != last.0 {
            last = (now, Instant::now());
        }
        last.1.elapsed() >= QUIET
    });
    session.press_for(".", "would block");
    assert!(frames(&session) > last.0);
    session.quit();
}

/// However fast the program is, and however many keys are pressed.
#[test]
fn at_most_thirty_frames_a_second_are_drawn() {
    let args = "nonblocking --scenario none";
    let mut session = Session::with(USUAL, args, &[]);
    session.wait_for("running");
    let begun = Instant::now();
    let (before, since) = (frames(&session), seconds(&session));
    while seconds(&session) < since + 2.0 {
        assert!(begun.elapsed() < LIMIT, "the clock stands");
        session.press("t");
        thread::sleep(Duration::from_millis(1));
    }
    let time = seconds(&session) - since;
    let drawn = frames(&session) - before;
    // The clock shows tenths.
    let most = (time + 0.2) * 30.0 + 1.0;
    assert!(f32::from(u16::try_from(drawn).unwrap()) <= most, "{drawn}");
    session.quit();
}
