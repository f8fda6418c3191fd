//! Help, themes, layouts, sizes and colours.

use super::session::{LARGE, Session, Size, USUAL};
use super::stream::{Sequence, sequences};
use crate::support::process::Folder;
use std::fs;
use vt100::Color;

fn open(size: Size, surroundings: &[(&str, &str)]) -> Session {
    let args = "selector --scenario none --grace 0s";
    let session = Session::with(size, args, surroundings);
    session.wait_for("running");
    session
}

#[test]
fn the_header_names_the_mechanism_as_the_report_does() {
    for mode in ["selector", "tasks"] {
        let folder = Folder::new(&format!("mechanism-{mode}"));
        let path = folder.path("report.txt");
        let args = format!("{mode} --scenario none -o {path}");
        let session = Session::start(&args);
        let screen = session.wait_for("running");
        let mut words = screen.split_whitespace().skip(1);
        assert_eq!(words.next(), Some(mode), "{screen}");
        let built = words.next().unwrap().to_owned();
        session.leave("q");
        let report = fs::read_to_string(path).unwrap();
        let row = report.lines().find(|it| it.contains("selector built on"));
        assert!(row.is_some_and(|it| it.ends_with(&built)), "{report}");
    }
}

/// In front of a class no key has to be pressed first.
#[test]
fn theme_and_presenter_mode_are_options() {
    let args = "selector --scenario none --grace 0s";
    for (options, ground, has_log) in [
        ("", Color::Rgb(0x12, 0x15, 0x1c), true),
        ("--presenter --theme light", Color::Rgb(0xfc, 0xfc, 0xfa), false),
    ] {
        let session = Session::start(&format!("{args} {options}"));
        let screen = session.wait_for("running");
        assert_eq!(screen.contains("─ events"), has_log, "{screen}");
        let cell = session.screen().cell(0, 1).unwrap().bgcolor();
        assert_eq!(cell, ground);
        session.quit();
    }
}

/// As a terminal reports them: button 64 is up, 65 down; places from 1 on.
#[test]
fn the_wheel_scrolls_what_it_is_over_and_a_click_chooses_a_pane() {
    let mut session = open(LARGE, &[]);
    session.press_for("c", "1  open");
    let screen = session.redraw();
    let row_in = |pane: &str| {
        let mut rows = screen.lines();
        rows.position(|row| row.starts_with(pane)).unwrap() + 3
    };
    let (code, row) = (row_in("─ code"), row_in("─ sockets"));
    session.press_for(&format!("\x1b[<64;9;{code}M"), "//! Selector");
    session.press(&format!("\x1b[<65;9;{code}M"));
    session.wait_without("//! Selector");
    session.press(&format!("\x1b[<65;9;{row}M"));
    session.press_for("\r", "all about #1");
    session.press("\x1b");
    session.wait_without("all about");
    // The arrows move where the click was.
    session.press(&format!("\x1b[<0;9;{code}M"));
    session.press_for("\x1b[H", "//! Selector");
    session.quit();
}

#[test]
fn any_size_at_any_time() {
    let mut session = open(USUAL, &[]);
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
    session.press_for("--", "SLOW");
    session.press("++");
    session.wait_without("SLOW");
    session.quit();
}

/// None without colour; a terminal that promises no more gets the sixteen
/// it has.
#[test]
fn colours_are_as_many_as_the_terminal_has() {
    let coloured = |surroundings| {
        let raw = open(USUAL, surroundings).quit().raw;
        let all = sequences(&raw);
        let is_rich = |it: &Sequence| it.parameters.contains("8;2;");
        let colours = all.iter().filter(|it| it.colours()).count();
        (colours > 10, all.iter().any(is_rich))
    };
    assert_eq!(coloured(&[("NO_COLOR", "1")]), (false, false));
    assert_eq!(coloured(&[("COLORTERM", "")]), (true, false));
    assert_eq!(coloured(&[]), (true, true));
}
