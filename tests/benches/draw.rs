//! What drawing a frame costs: `cargo bench --bench draw [-- --quick]`. The
//! figures are the time of one thread on the clock, from the values to the
//! cells that have changed; no terminal is involved.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

#[expect(dead_code, reason = "the other benchmarks use the rest of it")]
mod harness;
#[path = "../support/views.rs"]
mod views;

use harness::{Effort, Variant, compare};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use sockscope::modes::Mode;
use sockscope::recording::Header;
use sockscope::run::comparison::{Comparison, DifferingFigure, FigureValue};
use sockscope::tui::{
    Depth, Glyphs, Look, Message, Picture, Screen, Theme, TrackPhase,
    TrackScene, draw, update,
};
use sockscope::view::{
    BUCKET, Cell, Facts, LANE_CELLS, Lane, ROWS_KEPT, Scene, SocketCount,
    SocketId, SocketView, SourceText, View,
};
use std::time::{Duration, Instant};

/// What a frame may cost.
const MOST: Duration = Duration::from_millis(1);

const SIZE: Size = Size { width: 200, height: 60 };

fn main() {
    let effort = Effort::asked_for(20, Duration::from_millis(200));
    let variant = |name, clients, messages: &'static [Message]| {
        Variant::new(name, move || {
            micros_a_frame(&[Mode::Selector], clients, messages, effort.sample)
        })
    };
    let variants = vec![
        variant("500 sockets", 500, &[]),
        variant("500 sockets, by activity", 500, &[Message::Sort]),
        variant("10,000 sockets", 10_000, &[]),
        variant("presenter", 500, &[Message::Presenter]),
        variant("help", 500, &[Message::Help]),
        Variant::new("five modes", move || {
            micros_a_frame(&Mode::ALL, 500, &[], effort.sample)
        }),
    ];
    compare("draw 200x60", "us/frame", effort.rounds, variants, |_| 0);
    println!("  a frame may cost {} us", MOST.as_micros());
}

/// A view of this many clients, all of them busy for as long as is kept.
fn crowd(clients: u32) -> View {
    let mut view = views::of(Mode::Selector);
    let mut one = view.sockets[1].clone();
    one.lane = busy(view.at);
    view.turns.lane = busy(view.at);
    view.sockets.truncate(1);
    let client = |n: u32| SocketView {
        count: SocketCount { id: SocketId(n), ..one.count.clone() },
        active_at: Duration::from_millis((n * 7_919 % 5_000).into()),
        ..one.clone()
    };
    // A view counts the sockets for which it has no row.
    let rows = clients.min(u32::try_from(ROWS_KEPT).expect("few rows"));
    view.sockets.extend((1..=rows).map(client));
    view.sockets_not_shown = (clients - rows).into();
    let entry = view.events[4].clone();
    view.events.resize(1_000, entry);
    view
}

fn busy(at: Duration) -> Lane {
    let cells = [Cell::Read, Cell::Echoed, Cell::Asleep, Cell::Ready];
    let cells: Vec<_> = cells.into_iter().cycle().take(LANE_CELLS).collect();
    let last = at.as_millis() / BUCKET.as_millis();
    Lane::ending(last.try_into().unwrap(), &cells)
}

/// One bucket later, all clients are still as busy.
fn go_on(view: &mut View) {
    view.at += BUCKET;
    view.turns.lane = busy(view.at);
    for socket in &mut view.sockets {
        socket.lane = view.turns.lane.clone();
    }
}

/// A scene of a mode with this many clients.
fn scene(mode: Mode, clients: u32) -> Scene {
    let source = SourceText {
        path: "src/modes/selector.rs".into(),
        text: mode.source().into(),
    };
    let header: Header =
        serde_json::from_str(include_str!("header.json")).unwrap();
    let facts = Facts { mode: mode.name().into(), source, ..header.facts };
    Scene { view: crowd(clients), ..Scene::new(facts) }
}

fn comparison() -> Comparison {
    let value = FigureValue {
        words: "3,604,018".into(),
        value: Some(3_604_018.0),
        share: Some(0.8),
    };
    let figure = DifferingFigure {
        name: "would_blocks".into(),
        title: "would block".into(),
        values: vec![value; Mode::ALL.len()],
    };
    Comparison {
        names: Mode::ALL.map(|it| it.name().to_owned()).to_vec(),
        figures: vec![figure; 10],
        ..Comparison::default()
    }
}

/// The mean over a sample in which time goes on from frame to frame, of modes
/// side by side, each with this many clients.
fn micros_a_frame(
    modes: &[Mode],
    clients: u32,
    messages: &[Message],
    sample: Duration,
) -> f64 {
    let mut scenes: Vec<_> =
        modes.iter().map(|mode| scene(*mode, clients)).collect();
    let (theme, depth) = (Theme::Dark, Depth::True);
    let look = Look { theme, depth, glyphs: &Glyphs::UNICODE };
    let mut screen = Screen::new(look, SIZE, scenes.len());
    let comparison = comparison();
    let backend = TestBackend::new(SIZE.width, SIZE.height);
    let mut terminal = Terminal::new(backend).unwrap();
    let (mut frames, mut spent) = (0, Duration::ZERO);
    while spent < sample {
        for scene in &mut scenes {
            go_on(&mut scene.view);
        }
        let tracks = scenes.iter().map(|scene| TrackScene {
            name: &scene.facts.mode,
            phase: TrackPhase::Running,
            scene,
        });
        let picture = Picture {
            tracks: tracks.collect(),
            comparison: (modes.len() > 1).then_some(&comparison),
            in_turn: false,
            playback: None,
        };
        if frames == 0 {
            for message in messages {
                update(&mut screen, *message, &picture);
            }
        }
        let began = Instant::now();
        terminal.draw(|frame| draw(&screen, &picture, frame)).unwrap();
        spent += began.elapsed();
        frames += 1;
    }
    spent.as_secs_f64() * 1e6 / f64::from(frames)
}
