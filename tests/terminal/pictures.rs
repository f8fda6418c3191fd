//! The pictures of README, from real runs:
//! `SOCKSCOPE_PICTURES=1 cargo test --test terminal pictures` makes them anew.

use super::picture::svg;
use super::replaying::Recorded;
use super::session::{LARGE, Session};
use std::{env, fs};

/// A mode and a moment of it, in seconds: while both clients are there.
const MOMENTS: [(&str, f32); 4] =
    [("serial", 1.2), ("nonblocking", 1.5), ("selector", 1.0), ("tasks", 0.5)];

/// What is compared, and when, in seconds: one waits, one spins, one sleeps.
const COMPARED: [&str; 4] = ["compare", "serial", "nonblocking", "selector"];
const COMPARED_AT: f32 = 1.5;

/// How long it has run, in the header.
pub(crate) fn elapsed(screen: &str) -> Option<f32> {
    let words: Vec<_> = screen.lines().next()?.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "s")?;
    words[at.checked_sub(1)?].parse().ok()
}

/// Without being asked to, only proves that a picture can be made.
#[test]
fn pictures_show_real_runs() {
    for (mode, moment) in MOMENTS {
        let args = [mode, "--scenario", "two-clients", "--grace", "0s"];
        let title = format!("sockscope {mode}, scenario two-clients");
        let picture = taken(&args, &title, moment);
        assert!(picture.contains(&format!("{mode}.rs")), "{picture}");
        keep(mode, &picture);
    }
}

#[test]
fn a_picture_shows_modes_side_by_side() {
    let title = "sockscope compare, scenario two-clients";
    let picture = taken(&COMPARED, title, COMPARED_AT);
    assert!(picture.contains("what differs"), "{picture}");
    keep("compare", &picture);
}

/// The moment to which one goes back: why does nobody get an answer?
#[test]
fn a_picture_shows_a_run_again() {
    let recorded = Recorded::of("serial", "picture");
    let path = recorded.path();
    let mut session = Session::with(LARGE, &["replay", path], &[]);
    session.wait_for("at the start");
    session.press_until("f", "the finding", |screen| {
        screen.contains("1 client waits to be accepted")
    });
    let title = "sockscope replay serial.rec";
    let picture = svg(&session.screen(), title);
    session.press("q");
    session.finish();
    keep("replay", &picture);
}

fn taken(args: &[&str], title: &str, moment: f32) -> String {
    let mut session = Session::with(LARGE, args, &[]);
    session.wait("the moment", |screen| {
        elapsed(screen).is_some_and(|elapsed| elapsed >= moment)
    });
    let picture = svg(&session.screen(), title);
    session.press("qq");
    session.finish();
    picture
}

fn keep(name: &str, picture: &str) {
    assert!(picture.len() < 100_000, "{} bytes", picture.len());
    if env::var_os("SOCKSCOPE_PICTURES").is_some() {
        let root = env!("CARGO_MANIFEST_DIR");
        let path = format!("{root}/tests/pictures/{name}.svg");
        fs::write(path, picture).unwrap();
    }
}
