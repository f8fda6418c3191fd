//! Every screen at the sizes at which it looks different.

use super::stage::{Stage, findings};
use insta::assert_snapshot;
use sockscope::modes::Mode;
use sockscope::tui::{Glyphs, Message};
use sockscope::view::{Direction, SocketId};

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const ALL: &[(u16, u16)] = &[SMALL, USUAL, LARGE, (200, 60)];

type Made = fn(u16, u16) -> Stage;

/// A screen's name, the sizes at which it is looked at, and how it is made.
type Sized = (&'static str, &'static [(u16, u16)], Made);

#[rustfmt::skip]
const SCREENS: &[Sized] = &[
    ("serial", ALL, |w, h| mode(Mode::Serial, w, h)),
    ("blocking", ALL, |w, h| mode(Mode::Blocking, w, h)),
    ("nonblocking", ALL, |w, h| mode(Mode::Nonblocking, w, h)),
    ("selector", ALL, |w, h| mode(Mode::Selector, w, h)),
    ("tasks", ALL, |w, h| mode(Mode::Tasks, w, h)),
    ("help", &[SMALL, USUAL, LARGE], |w, h| selector(w, h).after(Message::Help)),
    ("detail", &[SMALL, USUAL, LARGE], detail),
    ("loop-source", &[USUAL, LARGE], |w, h| Stage::of(Mode::Tasks, w, h).after(Message::Source)),
    ("two", ALL, Stage::two),
    ("three", ALL, Stage::three),
    ("five", ALL, Stage::five),
    ("in-turn", ALL, |w, h| Stage::three(w, h).in_turn()),
    ("verdict", ALL, |w, h| Stage::five(w, h).over()),
    ("paused", &[USUAL, LARGE], |w, h| Stage::three(w, h).pause()),
    ("presenter", &[USUAL, LARGE, (200, 60)], |w, h| Stage::three(w, h).after(Message::Presenter)),
    ("presenter-serial", &[USUAL, LARGE], |w, h| presented(Mode::Serial, w, h)),
    ("presenter-nonblocking", &[USUAL, LARGE], |w, h| presented(Mode::Nonblocking, w, h)),
    ("presenter-selector", &[USUAL, LARGE], |w, h| presented(Mode::Selector, w, h)),
    ("presenter-tasks", &[USUAL, LARGE], |w, h| presented(Mode::Tasks, w, h)),
    ("opened", &[USUAL], |w, h| Stage::five(w, h).after(Message::Track(2)).after(Message::Enter)),
    ("five-help", &[USUAL], |w, h| Stage::five(w, h).after(Message::Help)),
    ("columns-ascii", &[USUAL], |w, h| ascii(Stage::three(w, h))),
    ("recorded", ALL, recordings),
    ("recorded-help", &[(200, 60)], |w, h| recordings(w, h).after(Message::Help)),
    ("replay", ALL, |w, h| selector(w, h).recorded()),
    ("replay-plays", ALL, plays),
    ("replay-tasks", &[SMALL, USUAL, LARGE], |w, h| Stage::of(Mode::Tasks, w, h).recorded()),
    ("replay-help", &[SMALL, USUAL, LARGE], |w, h| selector(w, h).recorded().after(Message::Help)),
    ("replay-detail", &[USUAL], |w, h| detail(w, h).recorded()),
    ("replay-ascii", &[SMALL, USUAL], |w, h| ascii(selector(w, h).cut_off())),
];

fn selector(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Selector, width, height)
}

fn mode(mode: Mode, width: u16, height: u16) -> Stage {
    let mut stage = Stage::of(mode, width, height).with_clients();
    stage.hand.truncate(2);
    if mode == Mode::Nonblocking {
        stage.view.findings = findings();
    }
    stage
}

fn detail(width: u16, height: u16) -> Stage {
    let mut stage = selector(width, height);
    stage.track().sockets.selected = Some(SocketId(3));
    stage.after(Message::Enter)
}

fn plays(width: u16, height: u16) -> Stage {
    let mut stage = selector(width, height).recorded();
    stage.playback().plays = Some(Direction::Forwards);
    stage
}

fn presented(mode: Mode, width: u16, height: u16) -> Stage {
    Stage::of(mode, width, height).after(Message::Presenter)
}

fn ascii(mut stage: Stage) -> Stage {
    stage.screen.look.glyphs = &Glyphs::ASCII;
    assert!(stage.text().is_ascii());
    stage
}

fn recordings(width: u16, height: u16) -> Stage {
    let mut stages = Stage::three(width, height).recorded();
    stages.comparison.names[0] = "before".into();
    stages
}

#[test]
fn every_screen_at_every_size() {
    for (name, sizes, make) in SCREENS {
        for (width, height) in *sizes {
            let name = match sizes {
                [_] => (*name).to_owned(),
                _ => format!("{name}-{width}x{height}"),
            };
            assert_snapshot!(name, make(*width, *height).text());
        }
    }
}

#[test]
fn what_is_too_small_says_what_it_needs() {
    for stage in [selector(20, 5), Stage::five(20, 5)] {
        let words = "sockscope\n20x5 is too small\nneeds 60x15\nq quits\n\n";
        assert_eq!(stage.text(), words);
    }
}

#[test]
fn no_size_is_a_panic() {
    for width in [0, 1, 7, 59, 60, 61, 79, 80, 109, 110, 120, 160, 300] {
        for height in [0, 1, 2, 14, 15, 16, 17, 20, 31, 32, 36, 100] {
            let stages = [
                selector(width, height).with_clients(),
                Stage::of(Mode::Tasks, width, height).with_clients(),
                Stage::five(width, height).over(),
                Stage::five(width, height).over().after(Message::Presenter),
                Stage::five(width, height).over().after(Message::Enter),
            ];
            for stage in stages {
                let _ = stage.buffer();
            }
        }
    }
}
