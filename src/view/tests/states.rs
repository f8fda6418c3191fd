//! What each socket is doing, and how the loop spends its time.

use super::language::{Run, play_script};
use crate::view::Cell;

#[test]
fn sockets_lanes_threads_and_lines_are_as_events_say() {
    play_script(include_str!("sockets.txt"));
}

#[test]
fn density_is_how_often_each_was_asked() {
    let mut run = Run::polling();
    let view = run.play("0 open 1; 0-200 idle 4000 1").view(190);
    for bucket in 0..4 {
        let asked = view.sockets[1].lane.cell(bucket);
        assert_eq!(asked, Cell::WouldBlock(1_000));
        let asked = view.turns.lane.cell(bucket);
        assert_eq!(asked, Cell::WouldBlock(2_000));
    }
}

#[test]
fn the_narration_says_what_happens_who_waits_and_what_comes_next() {
    play_script(include_str!("narration.txt"));
}
