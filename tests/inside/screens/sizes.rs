//! Every screen at every size.

use super::stage::{Stage, findings};
use insta::assert_snapshot;
use sockscope::modes::Mode;

fn at_every_size(mode: Mode) {
    for (width, height) in [(80, 24), (120, 40), (200, 60), (60, 15)] {
        let mut stage = Stage::of(mode, width, height).with_clients();
        stage.hand.truncate(2);
        if mode == Mode::Nonblocking {
            stage.view.findings = findings();
        }
        let name = format!("{}-{width}x{height}", mode.name());
        assert_snapshot!(name, stage.text());
    }
}

#[test]
fn serial() {
    at_every_size(Mode::Serial);
}

#[test]
fn blocking() {
    at_every_size(Mode::Blocking);
}

#[test]
fn nonblocking() {
    at_every_size(Mode::Nonblocking);
}

#[test]
fn selector() {
    at_every_size(Mode::Selector);
}

#[test]
fn tasks() {
    at_every_size(Mode::Tasks);
}

#[test]
fn what_is_too_small_says_what_it_needs() {
    assert_snapshot!(Stage::of(Mode::Serial, 20, 5).text(), @r"
    sockscope
    20x5 is too small
    needs 60x15
    q quits
    ");
}

#[test]
fn no_size_is_a_panic() {
    for width in [0, 1, 7, 59, 60, 61, 79, 80, 109, 110, 160, 300] {
        for height in [0, 1, 2, 14, 15, 16, 20, 31, 32, 100] {
            let stage = Stage::of(Mode::Selector, width, height);
            let _ = stage.with_clients().buffer();
        }
    }
}
