//! Settings: from options, the environment and a file; and what the terminal
//! says of its background.

use super::session::{LARGE, Session};
use super::stream::{Sequence, sequences};
use crate::support::process::Folder;
use std::fs;
use vt100::{Color, MouseProtocolMode};

const ARGS: &str = "selector --scenario none --grace 0s";

const DARK: Color = Color::Rgb(0x12, 0x15, 0x1c);
const LIGHT: Color = Color::Rgb(0xfc, 0xfc, 0xfa);
const CONTRAST: Color = Color::Rgb(0, 0, 0);

fn open(options: &str, surroundings: &[(&str, &str)]) -> Session {
    let args = format!("{ARGS} {options}");
    let session = Session::with(LARGE, &args, surroundings);
    session.wait_for("running");
    session
}

fn ground(session: &Session) -> Color {
    session.screen().cell(0, 1).unwrap().bgcolor()
}

/// A file of settings with this text.
fn file(folder: &Folder, text: &str) -> String {
    let path = folder.path("config.toml");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_option_wins_over_the_environment_and_that_over_the_file() {
    let folder = Folder::new("settings");
    let path = file(&folder, "theme = 'light'\npresenter = true");
    let named = format!("--config {path}");
    let none = ("SOCKSCOPE_THEME", "auto");
    for (options, surroundings, ours, has_log) in [
        (&*named, &[][..], DARK, false),
        ("--theme light", &[], LIGHT, true),
        ("--theme contrast", &[("SOCKSCOPE_CONFIG", &*path)], CONTRAST, false),
        ("--presenter=false", &[("SOCKSCOPE_CONFIG", &path)], DARK, true),
        ("", &[("SOCKSCOPE_PRESENTER", "1")], DARK, false),
        (&named, &[("SOCKSCOPE_PRESENTER", "no")], DARK, true),
        ("--presenter", &[none, ("TERM", "screen")], DARK, false),
    ] {
        let session = open(options, surroundings);
        let log = session.contents().contains("─ events");
        let case = format!("{options} {surroundings:?}");
        assert_eq!((ground(&session), log), (ours, has_log), "{case}");
        session.quit();
    }
}

/// Where programs keep their settings; nothing names the file.
#[test]
fn the_file_of_the_user_is_found() {
    let folder = Folder::new("config-home");
    let home = folder.path("");
    fs::create_dir(folder.path("sockscope")).unwrap();
    let text = "[keys]\ntheme = 'f5'\n";
    fs::write(folder.path("sockscope/config.toml"), text).unwrap();
    let mut session =
        open("", &[("XDG_CONFIG_HOME", home.trim_end_matches('/'))]);
    session.press("t\x1b[15~");
    session.wait("the light theme", |_| ground(&session) == LIGHT);
    session.quit();
}

#[test]
fn keys_are_mapped_and_named_wherever_a_text_names_them() {
    let folder = Folder::new("keys");
    let text = "[keys]\n\
        pause = 'p'\nquit = 'Q'\nconnect = ['f2', 'y']\nback = 'f9'\n\
        down = ['down', 'j']\ntheme = []\n";
    let path = file(&folder, text);
    let mut session = open(&format!("--config {path}"), &[]);
    session.wait_for("p pause");
    session.press_for("i", "there is no client by hand: f2 connects one");
    session.press_for("y", "1  open");
    session.press_for(".", "steps are for a paused program: p first");
    session.press_for("p", "p resume");
    let help = session.press_for("?", "─ help");
    for row in ["p          pause or resume", "as SIGINT: like Q"] {
        assert!(help.contains(row), "{row}: {help}");
    }
    assert!(!help.contains("the next theme"), "{help}");
    assert!(help.contains("f9 back  ↑ ↓ scroll"), "{help}");
    session.press("\x1b[20~");
    session.wait_without("─ help");
    // A line that is typed ends as ever.
    session.press_for("i", "by hand 1 says");
    session.press("jqt\x1b");
    session.wait_without("says");
    session.leave("Q").expect_success("the user quit");
}

/// The mouse is the terminal's own, text and all.
#[test]
fn without_the_mouse_nothing_is_captured() {
    let session = open("--no-mouse", &[]);
    let mode = session.screen().mouse_protocol_mode();
    assert_eq!(mode, MouseProtocolMode::None);
    let raw = session.quit().raw;
    assert!(!raw.contains("\x1b[?1000h"), "{raw:?}");
}

/// Not even one that sets a colour back; but bold stays.
#[test]
fn without_colours_no_sequence_names_one() {
    for (options, surroundings) in [
        ("--color never", &[][..]),
        ("", &[("SOCKSCOPE_COLOR", "never")]),
        ("", &[("NO_COLOR", "1")]),
    ] {
        let session = open(options, surroundings);
        let raw = session.quit().raw;
        let all = sequences(&raw);
        let names_colour = |it: &&Sequence| {
            it.colours() || it.last == 'm' && it.parameters.contains("9;")
        };
        assert_eq!(all.iter().filter(names_colour).count(), 0, "{raw:?}");
        let is_bold = |it: &Sequence| it.last == 'm' && it.parameters == "1";
        assert!(all.iter().any(is_bold), "{raw:?}");
    }
}

#[test]
fn with_colours_they_are_used_whatever_the_environment_says() {
    let raw = open("--color always", &[("NO_COLOR", "1")]).quit().raw;
    assert!(sequences(&raw).iter().any(Sequence::colours), "{raw:?}");
}

#[test]
fn a_dumb_terminal_gets_the_log() {
    let args = "serial --duration 100ms";
    let session = Session::with(LARGE, args, &[("TERM", "dumb")]);
    let left = session.finish();
    assert!(!left.raw.contains('\x1b'), "{:?}", left.raw);
    assert!(left.raw.contains("listening on "), "{}", left.raw);
}

/// What asks for the background, and for what every terminal answers.
const QUESTION: &str = "\x1b]11;?\x07\x1b[c";
const WHITE: &str =
    "\x1b]10;rgb:0000/0000/0000\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b\\";
const NAME: &str = "\x1b[?62;22c";

/// A session whose terminal has been asked.
fn asked() -> Session {
    let auto = ("SOCKSCOPE_THEME", "auto");
    let session = Session::with(LARGE, ARGS, &[auto]);
    session.wait("asks", |_| session.raw().contains(QUESTION));
    session
}

#[test]
fn the_theme_suits_the_background() {
    for (answer, theme) in [(WHITE, LIGHT), ("", DARK)] {
        let mut session = asked();
        session.press(&format!("{answer}{NAME}"));
        session.wait_for("running");
        assert_eq!(ground(&session), theme, "{answer:?}");
        session.quit();
    }
}

/// A terminal that answers nothing, or when it is too late.
#[test]
fn a_late_answer_is_not_taken_for_keys() {
    let mut session = asked();
    session.wait_for("running");
    assert_eq!(ground(&session), DARK);
    session.press(&format!("{WHITE}{NAME}"));
    session.press_for("c", "1  open");
    let screen = session.contents();
    // What the keys `r`, `g`, `b` and `f` would have brought.
    for words in ["no client by hand", "this key is for", "go to"] {
        assert!(!screen.contains(words), "{screen}");
    }
    session.quit();
}
