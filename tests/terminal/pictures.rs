//! The pictures and the film of README, from real runs:
//! `SOCKSCOPE_PICTURES=1 cargo test --test terminal pictures` makes them anew.

use super::drawing::{film, still};
use super::replaying::Recorded;
use super::session::{LARGE, Session};
use crate::support::cast::Cast;
use crate::support::process::{Folder, run};
use crate::support::svg;
use std::{env, fs};
use vt100::Screen;

/// How long it has run, in the header.
pub(crate) fn elapsed(screen: &str) -> Option<f32> {
    let words: Vec<_> = screen.lines().next()?.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "s")?;
    words[at.checked_sub(1)?].parse().ok()
}

/// Moments in which both clients are there. Without being asked to, only
/// proves that a picture can be made.
#[test]
fn pictures_show_real_runs() {
    for (name, args, moment, shows) in [
        ("serial", "serial --grace 0s", 1.2, "serial.rs"),
        ("nonblocking", "nonblocking --grace 0s", 1.5, "nonblocking.rs"),
        ("selector", "selector --grace 0s", 0.9, "talker"),
        ("tasks", "tasks --grace 0s", 0.5, "tasks.rs"),
        // One waits, one spins, one sleeps.
        ("compare", "compare serial nonblocking selector", 1.5, "differs"),
    ] {
        let session = Session::start(&format!("{args} --scenario two-clients"));
        session.wait("the moment", |it| elapsed(it) >= Some(moment));
        let picture = keep(name, &session);
        assert!(picture.contains(shows), "{picture}");
        session.leave("qq");
    }
}

/// The moment to which one goes back: why are there no echoes?
#[test]
fn a_picture_shows_a_run_again() {
    let recorded = Recorded::of("serial", "picture");
    let mut session = recorded.open(LARGE);
    let finding = "1 client waits to be accepted";
    session.press_until("f", finding, |screen| screen.contains(finding));
    keep("replay", &session);
    session.leave("q");
}

/// How many times as long as the runs the film takes, which are over too soon
/// to be read.
const SLOWED: f64 = 3.0;

/// One waits, one spins, one sleeps: the recordings of a comparison, exported
/// as a cast, which a terminal plays.
#[test]
fn a_film_in_pictures_is_of_real_runs() {
    let folder = Folder::new("film");
    let modes = ["serial", "nonblocking", "selector"];
    let record = ["--record", &folder.path("run.rec"), "--ui", "none"];
    let compared = run(&[&["compare"], &modes[..], &record].concat());
    assert_eq!(compared.code(), Some(0), "{compared:?}");
    let files = modes.map(|it| folder.path(&format!("run.{it}.rec")));
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let form = ["--to", "cast", "--size", "100x28"];
    let cast = run(&[&["export"], &files[..], &form].concat());
    cast.expect_success();
    let mut screens = Cast::of(&cast.stdout).screens();
    // It begins when all three serve clients; before the first frame there is
    // an empty screen.
    let starting = |(_, screen): &(f64, Screen)| {
        let words = screen.contents();
        words.is_empty() || words.contains("·· starting")
    };
    let begins = screens.iter().position(|it| !starting(it)).unwrap();
    screens.drain(..begins);
    let start = screens[0].0;
    for (at, _) in &mut screens {
        *at = (*at - start) * SLOWED;
    }
    let seen = |screen: &Screen| {
        screen.contents().contains("talker waits: not accepted")
    };
    let problem = screens.iter().find(|(_, screen)| seen(screen)).unwrap();
    assert!(problem.0 < 5.0, "{}", problem.0);
    let (end, last) = screens.last().unwrap();
    assert!(*end < 12.0, "{end}");
    let words = last.contents();
    assert!(words.contains("─ verdict"), "{words}");
    let title = format!("sockscope compare {}", modes.join(" "));
    let film = film(&screens, &title);
    svg::check(&film);
    assert!(film.contains(&*title) && film.contains("class=\"goes\""));
    assert!(film.len() < 300_000, "{} bytes", film.len());
    write("film", &film);
}

fn keep(name: &str, session: &Session) -> String {
    let picture = still(&session.screen(), &format!("sockscope {name}"));
    svg::check(&picture);
    assert!(picture.len() < 100_000, "{} bytes", picture.len());
    write(name, &picture);
    picture
}

fn write(name: &str, svg: &str) {
    if env::var_os("SOCKSCOPE_PICTURES").is_some() {
        let root = env!("CARGO_MANIFEST_DIR");
        let path = format!("{root}/tests/pictures/{name}.svg");
        fs::write(path, svg).unwrap();
    }
}
