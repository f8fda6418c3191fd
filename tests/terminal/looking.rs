//! Help, themes, layouts, sizes and colours.

use super::session::{LARGE, Session, USUAL};
use super::stream::{Sequence, sequences};
use crate::support::process::run;

fn open(surroundings: &[(&str, &str)]) -> Session {
    let args = ["selector", "--scenario", "none"];
    let session = Session::with(USUAL, &args, surroundings);
    session.wait_for("running");
    session
}

#[test]
fn the_header_names_the_mechanism_as_the_report_does() {
    for mode in ["selector", "tasks"] {
        let session = Session::start(&[mode, "--scenario", "none"]);
        let screen = session.wait_for("running");
        let words: Vec<_> = screen.lines().next().unwrap().split(' ').collect();
        let mut words = words.into_iter().filter(|word| !word.is_empty());
        assert_eq!(words.nth(1), Some(mode), "{screen}");
        let named = words.next().unwrap();
        let raw = String::from_utf8(session.quit().raw).unwrap();
        let line = raw.lines().find(|line| line.contains("selector built on"));
        assert_eq!(line.unwrap().split_whitespace().last(), Some(named));
    }
}

fn open_with_client() -> Session {
    let args = ["selector", "--scenario", "none", "--grace", "0s"];
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait_for("running");
    session.press_for("c", "1  open");
    session
}

/// As a terminal reports them: button 64 is up, 65 down; places from 1 on.
#[test]
fn the_wheel_scrolls_what_it_is_over_and_a_click_chooses_a_pane() {
    let mut session = open_with_client();
    session.press_for("\x1b[<64;9;4M", "//! Selector");
    session.press("\x1b[<65;9;4M");
    session.wait_without("//! Selector");
    let row = |screen: &str, title: &str| {
        screen.lines().position(|it| it.starts_with(title)).unwrap() + 3
    };
    let sockets = row(&session.redraw(), "─ sockets");
    session.press(&format!("\x1b[<65;9;{sockets}M"));
    session.press_for("\r", "all about #1");
    session.press("\x1b");
    session.wait_without("all about");
    // The arrows move where the click was.
    session.press("\x1b[<0;9;4M");
    session.press_for("\x1b[H", "//! Selector");
    session.quit();
}

#[test]
fn any_size_at_any_time() {
    let mut session = open(&[]);
    session.resize((120, 40));
    session.wait_for("─ findings");
    session.resize((60, 15));
    session.wait("few panes", |screen| {
        !screen.contains("─ findings") && screen.contains("─ sockets")
    });
    session.resize((20, 5));
    session.wait_for("needs 60x15");
    session.resize((1, 1));
    session.resize(USUAL);
    session.wait_for("─ events");
    session.quit();
}

/// None without colour; a terminal that promises no more gets the sixteen
/// it has.
#[test]
fn colours_are_as_many_as_the_terminal_has() {
    let coloured = |surroundings| {
        let raw = open(surroundings).quit().raw;
        let all = sequences(&raw);
        let rich = |it: &&Sequence| it.parameters.contains("8;2;");
        let colours = all.iter().filter(|it| it.colours()).count();
        (colours > 10, all.iter().filter(rich).count() > 0)
    };
    assert_eq!(coloured(&[("NO_COLOR", "1")]), (false, false));
    assert_eq!(coloured(&[("COLORTERM", "")]), (true, false));
    assert_eq!(coloured(&[]), (true, true));
}

#[test]
fn without_a_unicode_locale_all_is_ascii() {
    let mut session = open(&[("LANG", "C")]);
    session.press_for("?", "all keys");
    session.press("\x1b");
    let screen = session.wait_without("all keys");
    assert!(screen.is_ascii(), "{screen}");
    session.quit();
}

#[test]
fn into_a_pipe_goes_the_log() {
    let line = ["selector", "--scenario", "none", "--duration", "100ms"];
    let finished = run(&line);
    let text = &finished.expect_success().stdout;
    assert!(text.contains("The run ended") && !text.contains('\x1b'), "{text}");
}
