//! Every screen at the sizes at which it looks different, and what else a
//! person should have looked at.

use super::stage::{Stage, findings};
use insta::assert_snapshot;
use sockscope::modes::Mode;
use sockscope::probe::{Before, SocketCount, ThreadAtGate};
use sockscope::tui::{Glyphs, Pane};
use sockscope::units::Nanos;
use sockscope::view::{Phase, SocketId, SocketView, TaskId, ThreadView};
use std::sync::Arc;
use std::time::Duration;

const SMALL: (u16, u16) = (60, 15);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const ALL: &[(u16, u16)] = &[SMALL, USUAL, LARGE, (200, 60)];

const MS: Duration = Duration::from_millis(1);

/// A screen's name, the sizes at which it is looked at, and how it is made.
type Sized = (&'static str, &'static [(u16, u16)], fn(u16, u16) -> Stage);

#[rustfmt::skip]
const SCREENS: &[Sized] = &[
    ("serial", ALL, |w, h| mode(Mode::Serial, w, h)),
    ("blocking", ALL, |w, h| mode(Mode::Blocking, w, h)),
    ("nonblocking", ALL, |w, h| mode(Mode::Nonblocking, w, h)),
    ("selector", ALL, |w, h| mode(Mode::Selector, w, h)),
    ("tasks", ALL, |w, h| mode(Mode::Tasks, w, h)),
    ("help", &[SMALL, USUAL, LARGE], |w, h| selector(w, h).after("?")),
    ("detail", &[SMALL, USUAL, LARGE], detail),
    ("loop-source", &[USUAL, LARGE], |w, h| tasks(w, h).after("l")),
    ("tasks-latest-first", &[LARGE], |w, h| tasks(w, h).with(latest).after("s")),
    ("held-before-a-task", &[USUAL], |w, h| tasks(w, h).held(Some(Before::Task(TaskId(2))))),
    ("focus-events", &[USUAL], |w, h| focused(Pane::Events, w, h)),
    ("focus-findings", &[USUAL], |w, h| focused(Pane::Findings, w, h)),
    ("focus-hand", &[USUAL], |w, h| focused(Pane::Hand, w, h)),
    ("hundreds", &[LARGE], hundreds),
    ("two", ALL, Stage::two),
    ("three", ALL, Stage::three),
    ("five", ALL, Stage::five),
    ("in-turn", ALL, |w, h| Stage::three(w, h).in_turn()),
    ("verdict", ALL, |w, h| Stage::five(w, h).over()),
    ("paused", &[USUAL, LARGE], |w, h| Stage::three(w, h).pause()),
    ("five-held", &[USUAL, LARGE, (200, 60)], |w, h| held(Stage::five(w, h))),
    ("presenter", &[USUAL, LARGE, (200, 60)], |w, h| Stage::five(w, h).after("m")),
    ("presenter-verdict", &[USUAL, LARGE], |w, h| Stage::five(w, h).over().after("m")),
    ("presenter-serial", &[USUAL, LARGE, (200, 60)], |w, h| mode(Mode::Serial, w, h).after("m")),
    ("presenter-held", &[USUAL, LARGE], |w, h| mode(Mode::Selector, w, h).held(None).after("m")),
    ("presenter-tasks-sockets", &[LARGE], |w, h| tasks(w, h).after("m⇥")),
    ("presenter-nonblocking", &[USUAL, LARGE], |w, h| Stage::of(Mode::Nonblocking, w, h).after("m")),
    ("presenter-selector", &[USUAL, LARGE], |w, h| selector(w, h).after("m")),
    ("presenter-tasks", &[USUAL, LARGE], |w, h| tasks(w, h).after("m")),
    ("opened", &[USUAL], |w, h| Stage::five(w, h).after("3⏎")),
    ("five-help", &[USUAL], |w, h| Stage::five(w, h).after("?")),
    ("ascii", &[USUAL], |w, h| ascii(selector(w, h).with_clients())),
    ("columns-ascii", &[USUAL], |w, h| ascii(Stage::three(w, h))),
    ("recorded", ALL, recordings),
    ("recorded-help", &[(200, 60)], |w, h| recordings(w, h).after("?")),
    ("replay", ALL, |w, h| selector(w, h).recorded()),
    ("replay-tasks", &[SMALL, USUAL, LARGE], |w, h| tasks(w, h).recorded()),
    ("replay-help", &[SMALL, USUAL, LARGE], |w, h| selector(w, h).recorded().after("?")),
    ("replay-detail", &[USUAL], |w, h| detail(w, h).recorded()),
    ("replay-ascii", &[USUAL], |w, h| ascii(selector(w, h).cut_off())),
    ("replay-presenter", &[USUAL], |w, h| selector(w, h).recorded().after("m")),
    ("replay-cut-off", &[USUAL], |w, h| selector(w, h).cut_off()),
    ("replay-cut-off-end", &[USUAL], |w, h| selector(w, h).cut_off().at_end()),
    ("replay-search", &[SMALL, USUAL], |w, h| selector(w, h).recorded().after("/reset")),
];

fn selector(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Selector, width, height)
}

fn tasks(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Tasks, width, height)
}

fn mode(mode: Mode, width: u16, height: u16) -> Stage {
    Stage::of(mode, width, height).with_clients().with(|it| {
        it.hand.truncate(2);
        if mode == Mode::Nonblocking {
            it.view.findings = findings();
        }
    })
}

fn detail(width: u16, height: u16) -> Stage {
    let stage = selector(width, height).with(|it| {
        it.track().sockets.selected = Some(SocketId(3));
        it.preview = b"hi\x1b[2J\x00\xff \xe2\x80\xae line\r\n".to_vec();
    });
    stage.after("⏎")
}

fn latest(stage: &mut Stage) {
    stage.view.tasks[2].since = stage.view.at.into();
}

fn focused(pane: Pane, width: u16, height: u16) -> Stage {
    Stage::of(Mode::Nonblocking, width, height).with_clients().with(|it| {
        it.view.findings = findings();
        it.track().focus = pane;
    })
}

/// Many sockets, the last one that did something first, a page further down.
fn hundreds(width: u16, height: u16) -> Stage {
    let mut stage = selector(width, height);
    let one = stage.view.sockets[1].clone();
    stage.view.sockets.truncate(1);
    let client = |n: u32| SocketView {
        count: SocketCount {
            id: SocketId(n),
            bytes_in: n.into(),
            ..one.count.clone()
        },
        active_at: n * MS,
        ..one.clone()
    };
    stage.view.sockets.extend((1..=500).map(client));
    stage.view.sockets_not_shown = 1_500;
    Arc::make_mut(&mut stage.view.figures).connections = 2_000;
    stage.after("⇥s↓↓↓⇟")
}

fn ascii(stage: Stage) -> Stage {
    stage.with(|it| {
        it.screen.look.glyphs = &Glyphs::ASCII;
        assert!(it.text().is_ascii());
    })
}

/// All threads are held: nothing is claimed of clients that wait meanwhile.
fn held(stage: Stage) -> Stage {
    stage.pause().with(|it| {
        for run in &mut it.runs {
            let ThreadView { thread, kind, socket, site, .. } =
                run.view.threads[0];
            let (before, since) =
                (Before::Call { kind, socket, site }, Nanos::ZERO);
            run.control.held = vec![ThreadAtGate { thread, before, since }];
            run.control.stands = true;
        }
    })
}

fn recordings(width: u16, height: u16) -> Stage {
    let stage = Stage::three(width, height).recorded();
    stage.with(|it| it.comparison.names[0] = "before".into())
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
fn the_grace_period_is_shown_as_it_happens() {
    let mut stage = Stage::of(Mode::Nonblocking, 80, 24).with_clients();
    let asked = stage.view.at;
    stage.view.deadline = Some(asked + 2_000 * MS);
    let mut headers = String::new();
    for (phase, after, connections) in [
        (Phase::Running, 0, 2),
        (Phase::Refusing, 0, 2),
        (Phase::Finishing, 1, 2),
        (Phase::Finishing, 610, 2),
        (Phase::Finishing, 2_010, 2),
        (Phase::Cancelling, 2_020, 2),
        (Phase::Ended, 2_030, 2),
        (Phase::Ended, 2_030, 0),
    ] {
        stage.view.at = asked + after * MS;
        stage.view.phase = (phase, stage.view.at);
        Arc::make_mut(&mut stage.view.figures).connections = connections;
        headers.extend([stage.text().lines().next().unwrap(), "\n"]);
    }
    assert_snapshot!(headers);
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
                selector(width, height).recorded(),
                tasks(width, height).with_clients(),
                Stage::five(width, height).over(),
                Stage::five(width, height).over().after("m"),
                Stage::five(width, height).after("m"),
                selector(width, height).with_clients().after("m"),
                Stage::five(width, height).over().after("⏎"),
            ];
            for stage in stages {
                let _ = stage.buffer();
            }
        }
    }
}
