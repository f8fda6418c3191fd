//! A stage: all that a screen is drawn from, and the screen as text.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::style::Style;
use sockscope::modes::Mode;
use sockscope::tui::{
    App, Control, Depth, EchoTimes, Effect, Facts, Glyphs, HandClient, HandId,
    HandState, Look, Measured, Message, Playback, Scene, Theme, draw, update,
};
use sockscope::view::{Entry, Finding};
use sockscope::view::{View, fixtures};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Everything a screen is drawn from, owned.
pub(crate) struct Stage {
    pub(crate) app: App,
    pub(crate) facts: Facts,
    pub(crate) view: View,
    pub(crate) control: Control,
    pub(crate) measured: Measured,
    pub(crate) hand: Vec<HandClient>,
    pub(crate) history: Vec<Entry>,
    pub(crate) preview: Vec<u8>,
    pub(crate) playback: Option<Playback>,
}

impl Stage {
    /// The fixed view of a mode, on a terminal of this size.
    pub(crate) fn of(mode: Mode, width: u16, height: u16) -> Self {
        let view = match mode {
            Mode::Serial => fixtures::serial(),
            Mode::Blocking => fixtures::blocking(),
            Mode::Nonblocking => fixtures::nonblocking(),
            Mode::Tasks => fixtures::tasks(),
            Mode::Selector => fixtures::selector(),
        };
        let (theme, depth) = (Theme::Dark, Depth::True);
        let look = Look { theme, depth, glyphs: &Glyphs::UNICODE };
        let histogram = vec![1, 4, 9, 6, 2, 1, 0, 1];
        let (p50, p99) =
            (Duration::from_micros(400), Duration::from_micros(2_250));
        Self {
            app: App::new(look, Size { width, height }),
            facts: facts(mode),
            history: view.events.clone(),
            view,
            control: Control::default(),
            measured: Measured {
                cpu: Some(0.42),
                connected: None,
                waiting: None,
                names: Arc::default(),
                echo: Some(EchoTimes { p50, p99, histogram }),
            },
            hand: Vec::new(),
            preview: Vec::new(),
            playback: None,
        }
    }

    /// With a client driven by hand at the other end of socket 1, and one
    /// that does not read.
    pub(crate) fn with_clients(mut self) -> Self {
        let client = |id, state| HandClient {
            id: HandId(id),
            address: None,
            state,
            reads: true,
            sent: 12,
            received: 12,
            heard: b"hello\r\n".to_vec(),
        };
        let address = self.view.sockets[1].peer;
        let one = HandClient { address, ..client(1, HandState::Open) };
        let other = HandClient { reads: false, ..client(2, HandState::Open) };
        self.hand = vec![one, other, client(3, HandState::Connecting)];
        self
    }

    /// The same as a moment of a recording, which stands.
    pub(crate) fn recorded(mut self) -> Self {
        let s = Duration::from_secs_f64;
        self.app = App::of_recording(self.app.look, self.app.size);
        self.playback = Some(Playback {
            name: "lesson-1.rec".into(),
            at: s(5.000_042),
            length: s(12.9),
            event: 12_345,
            events: 1_234_567,
            speed: 1.0,
            shape: shape(),
            marks: vec![s(1.2), s(4.1), s(9.6)],
            read: s(12.9),
            ..Playback::default()
        });
        self
    }

    /// Its playback.
    pub(crate) fn playback(&mut self) -> &mut Playback {
        self.playback.as_mut().unwrap()
    }

    pub(crate) fn scene(&self) -> Scene<'_> {
        Scene {
            facts: &self.facts,
            view: &self.view,
            control: &self.control,
            measured: &self.measured,
            hand: &self.hand,
            history: &self.history,
            preview: &self.preview,
            playback: self.playback.as_ref(),
        }
    }

    /// Puts a message through and gives what the program is asked to do.
    pub(crate) fn tell(&mut self, message: Message) -> Vec<Effect> {
        let mut app = self.app.clone();
        let effects = update(&mut app, message, &self.scene());
        self.app = app;
        effects
    }

    pub(crate) fn buffer(&self) -> Buffer {
        let Size { width, height } = self.app.size;
        let backend = TestBackend::new(width, height);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal.draw(|frame| draw(&self.app, &self.scene(), frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen as text, without the blanks at the end of rows.
    pub(crate) fn text(&self) -> String {
        rows(&self.buffer())
    }

    /// The styles of all cells: a letter for each, and what it stands for.
    pub(crate) fn styles(&self) -> String {
        grid(&self.buffer())
    }
}

/// A buffer as text, without the blanks at the end of rows.
pub(crate) fn rows(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.area.rows() {
        let cells = row.positions().map(|at| buffer[at].symbol());
        let line: String = cells.collect();
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The styles of all cells: a letter for each, and what it stands for.
pub(crate) fn grid(buffer: &Buffer) -> String {
    let mut known: Vec<Style> = Vec::new();
    let mut grid = String::new();
    for row in buffer.area.rows() {
        for at in row.positions() {
            let style = buffer[at].style();
            let place = known.iter().position(|it| *it == style);
            let place = place.unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            grid.push(char::from(b'a' + u8::try_from(place).unwrap()));
        }
        grid.push('\n');
    }
    for (letter, style) in ('a'..).zip(known) {
        let (fg, bg) = (style.fg.unwrap(), style.bg.unwrap());
        let _ =
            writeln!(grid, "{letter}: {fg} on {bg} {:?}", style.add_modifier);
    }
    grid
}

/// Events per part: bursts, and times in which nothing happens.
fn shape() -> Vec<u64> {
    let burst = |at: u64| 1_000 / (1 + (at % 60) * (at % 60) / 20);
    (0..240).map(|at| if at % 100 > 80 { 0 } else { burst(at) }).collect()
}

fn facts(mode: Mode) -> Facts {
    let (file, mechanism) = match mode {
        Mode::Serial => ("src/modes/serial.rs", "read(2)"),
        Mode::Blocking => ("src/modes/blocking.rs", "read(2)"),
        Mode::Nonblocking => ("src/modes/nonblocking.rs", "asking"),
        Mode::Tasks => ("src/modes/tasks.rs", "epoll"),
        Mode::Selector => ("src/modes/selector.rs", "epoll"),
    };
    Facts {
        mode: mode.name().into(),
        file: file.into(),
        source: mode.source().into(),
        loop_source: mode
            .loop_source()
            .map(|(path, text)| (path.into(), text.into())),
        mechanism: mechanism.into(),
        address: "127.0.0.1:40123".parse().unwrap(),
        scenario: "two-clients".into(),
        clients_apart: false,
    }
}

/// Two findings whose words are long.
pub(crate) fn findings() -> Vec<Finding> {
    let group = "slow".into();
    let time = Duration::from_millis(2_100);
    vec![
        Finding::Spinning { asked: 3_600_018, answered: 18 },
        Finding::Starved { group, time },
    ]
}
