//! A panic or an error: the terminal is as it was before a word is printed.

use super::session::{Session, USUAL};
use std::env;
use std::process::Command;

const WORDS: &str = "words that belong below the screen";
/// What ends the screen's own part of the stream.
const LEAVES: &str = "\x1b[?1049l";

/// Shows the cursor; it may be said again.
const CURSOR: &str = "\x1b[?25h";

/// Of a thread beside it, too: for a while the screen knows nothing of that.
#[test]
fn the_terminal_is_given_back_before_words_of_an_end() {
    let here = env::current_exe().unwrap();
    let target = here.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", "broken", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the program that breaks is built");
    let program = target.join("debug/examples/broken");
    for (how, last) in [
        ("panic", "panicked at"),
        ("panic-in-a-thread", "the run failed"),
        ("error", WORDS),
    ] {
        let left = Session::of(&program, USUAL, how, &[]).finish();
        assert_ne!(left.code, 0, "{how}");
        assert!(left.contents.contains(WORDS), "{how}: {}", left.contents);
        let (screen, after) = left.raw.split_once(LEAVES).unwrap();
        assert!(screen.contains("serial.rs"), "{how}: a frame was drawn");
        assert!(!screen.contains(WORDS), "{how}: {screen:?}");
        assert!(after.contains(last), "{how}: {after:?}");
        assert_eq!(after.matches(WORDS).count(), 1, "{how}: {after:?}");
        let (modes, words) = after.split_once(WORDS).unwrap();
        assert!(modes.contains(CURSOR), "{how}: {modes:?}");
        let words = words.replace(CURSOR, "");
        assert!(!words.contains('\x1b'), "{how}: nothing follows: {words:?}");
    }
}
