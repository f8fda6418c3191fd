//! `export --to svg`: a picture of the timeline.

use super::drawn::{busy, cut_short, hostile, hostile_header, written};
use super::language::{export, exported};
use crate::support::process::{Folder, MODES, record};
use std::fs;

#[test]
fn each_mode_has_its_lanes() {
    let folder = Folder::new("svg");
    for mode in MODES {
        let file = record(&folder, mode, "two-clients", &[]);
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
    let folder = Folder::new("svg-long");
    let header = hostile_header(&folder);
    let file = folder.path("long.rec");
    fs::write(&file, written(&header, busy(100_000, 40))).unwrap();
    let picture = exported(&file, "svg", &[]);
    assert!(picture.matches('<').count() < 4_000);
    assert!(picture.contains("100,081 events drawn as "), "{picture}");
    // The listener has none: nothing was said of it but the first phase.
    assert!(picture.contains("Without a lane: 29 sockets."), "{picture}");
}

#[test]
fn what_somebody_made_up_stays_text() {
    let folder = Folder::new("svg-hostile");
    let picture = exported(&hostile(&folder), "svg", &[]);
    assert!(!picture.contains("<script"), "{picture}");
    assert!(!picture.contains("<img"), "{picture}");
}

#[test]
fn a_truncated_recording_says_so() {
    let folder = Folder::new("svg-cut");
    let file = record(&folder, "serial", "two-clients", &[]);
    cut_short(&file);
    let picture = export(&file, "svg", &[]).stdout;
    assert!(picture.contains("Not whole: it ends at byte "), "{picture}");
}
