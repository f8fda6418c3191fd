//! What drawing a frame costs: `cargo bench --bench draw [-- --quick]`. The
//! figures are the time of one thread on the clock, from the values to the
//! cells that have changed; no terminal is involved.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

#[expect(dead_code, reason = "the other benchmarks use the rest of it")]
mod harness;

use harness::{Effort, Variant, compare};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use sockscope::model::SocketId;
use sockscope::model::view::{Cell, LANE_CELLS, SocketView, View, fixtures};
use sockscope::modes::Mode;
use sockscope::tui::{
    App, Control, Depth, Facts, Glyphs, Look, Measured, Message, Scene, Theme,
    draw, update,
};
use std::time::{Duration, Instant};

/// What a frame may cost.
const MOST: Duration = Duration::from_millis(2);

const SIZE: Size = Size { width: 200, height: 60 };

fn main() {
    let effort = Effort::asked_for(20, Duration::from_millis(200));
    let variant = |name, clients, messages: &'static [Message]| {
        Variant::new(name, move || {
            micros_a_frame(clients, messages, effort.sample)
        })
    };
    let variants = vec![
        variant("500 sockets", 500, &[]),
        variant("500 sockets, by activity", 500, &[Message::Sort]),
        variant("10,000 sockets", 10_000, &[]),
        variant("presenter", 500, &[Message::Presenter]),
        variant("help", 500, &[Message::Help]),
    ];
    compare("draw 200x60", "us/frame", effort.rounds, variants);
    println!("  a frame may cost {} us", MOST.as_micros());
}

/// A view of so many clients, all of them busy for as long as is kept.
fn crowd(clients: u32) -> View {
    let mut view = fixtures::selector();
    let mut one = view.sockets[1].clone();
    one.lane.cells = busy();
    view.turns.lane.cells = busy();
    view.sockets.truncate(1);
    let client = |n: u32| SocketView {
        id: SocketId(n),
        active_at: Duration::from_millis((n * 7_919 % 5_000).into()),
        ..one.clone()
    };
    view.sockets.extend((1..=clients).map(client));
    let entry = view.events[4].clone();
    view.events.resize(1_000, entry);
    view
}

fn busy() -> Vec<Cell> {
    let cells = [Cell::Read, Cell::Echoed, Cell::Asleep, Cell::Ready];
    cells.into_iter().cycle().take(LANE_CELLS).collect()
}

/// The mean over a sample in which time goes on from frame to frame.
fn micros_a_frame(clients: u32, messages: &[Message], sample: Duration) -> f64 {
    let mode = Mode::Selector;
    let facts = Facts {
        mode: mode.name(),
        file: "src/modes/selector.rs",
        source: mode.source(),
        mechanism: "epoll".into(),
        address: "127.0.0.1:40123".parse().unwrap(),
        scenario: "many-clients".into(),
        clients_apart: false,
    };
    let (control, measured) = (Control::default(), Measured::default());
    let (theme, depth) = (Theme::Dark, Depth::True);
    let look = Look { theme, depth, glyphs: &Glyphs::UNICODE };
    let mut app = App::new(look, SIZE);
    let mut view = crowd(clients);
    let backend = TestBackend::new(SIZE.width, SIZE.height);
    let mut terminal = Terminal::new(backend).unwrap();
    let (mut frames, mut spent) = (0, Duration::ZERO);
    while spent < sample {
        view.at += Duration::from_millis(50);
        let scene = Scene {
            facts: &facts,
            view: &view,
            control: &control,
            measured: &measured,
            hand: &[],
            history: &[],
            preview: &[],
        };
        if frames == 0 {
            for message in messages {
                update(&mut app, *message, &scene);
            }
        }
        let began = Instant::now();
        terminal.draw(|frame| draw(&app, &scene, frame)).unwrap();
        spent += began.elapsed();
        frames += 1;
    }
    spent.as_secs_f64() * 1e6 / f64::from(frames)
}
