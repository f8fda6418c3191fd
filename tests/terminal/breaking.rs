//! A panic or an error: the terminal is as it was before a word is printed.

use super::session::{Session, USUAL};
use std::env;
use std::path::PathBuf;
use std::process::Command;

const WORDS: &str = "words that belong below the screen";
/// What ends the screen's own part of the stream.
const LEAVES: &str = "\x1b[?1049l";

/// Shows the cursor; it may be said again.
const CURSOR: &str = "\x1b[?25h";

/// Builds the program that breaks, beside what this test was built to.
fn build() -> PathBuf {
    let here = env::current_exe().unwrap();
    let target = here.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", "broken", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the program is built");
    target.join("debug/examples/broken")
}

/// Lets it break, and gives what it told after its screen.
#[track_caller]
fn told(how: &str) -> String {
    let session = Session::of(&build(), USUAL, &[how], &[]);
    let left = session.finish();
    assert_ne!(left.code, 0, "{how}");
    assert!(left.contents.contains(WORDS), "{how}: {}", left.contents);
    let raw = String::from_utf8(left.raw).unwrap();
    let (screen, after) = raw.split_once(LEAVES).unwrap();
    assert!(screen.contains("serial.rs"), "{how}: a frame was drawn");
    assert!(!screen.contains(WORDS), "{how}: {screen:?}");
    assert_eq!(after.matches(WORDS).count(), 1, "{how}: {after:?}");
    let (modes, words) = after.split_once(WORDS).unwrap();
    assert!(modes.contains(CURSOR), "{how}: {modes:?}");
    let words = words.replace(CURSOR, "");
    assert!(!words.contains('\x1b'), "{how}: nothing follows: {words:?}");
    words
}

#[test]
fn a_panic_gives_the_terminal_back_before_its_words() {
    told("panic");
}

/// Of the server, say: whoever draws goes on for a while.
#[test]
fn after_a_panic_elsewhere_nothing_is_drawn_over_its_words() {
    let after = told("panic-in-a-thread");
    assert!(after.contains("the run failed"), "{after}");
}

#[test]
fn an_error_is_told_below_the_screen() {
    told("error");
}
