//! `export --to svg`: a picture of the timeline.

use super::drawn::long;
use super::language::{exported, recorded};
use crate::support::process::MODES;

#[test]
fn each_mode_has_its_lanes() {
    for mode in MODES {
        let (_folder, file) = recorded(mode, "two-clients", &[]);
        let picture = exported(&file, "svg", &[]);
        assert!(picture.starts_with("<svg "), "{mode}");
        assert!(picture.ends_with("</svg>\n"), "{mode}");
        for name in ["thread 1", "#0 listener", "#1 silent", "#2 talker"] {
            assert!(picture.contains(&format!(">{name}<")), "{mode}: {name}");
        }
        assert_eq!(picture, exported(&file, "svg", &[]), "{mode}");
        assert_eq!(picture.matches("http").count(), 1, "the name space");
        assert!(picture.contains("each drawn on its own"), "{mode}");
    }
}

#[test]
fn a_long_run_makes_a_picture_that_is_bounded_and_says_so() {
    let (_folder, file) = long(100_000, 40);
    let picture = exported(&file, "svg", &[]);
    assert!(picture.matches('<').count() < 4_000);
    assert!(picture.contains("100,081 events drawn as "), "{picture}");
    // The listener has none: nothing was said of it but the first phase.
    assert!(picture.contains("Without a lane: 29 sockets."), "{picture}");
}
