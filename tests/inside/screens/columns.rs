//! A stage with several modes, and its screen as text.

use super::stage::{Stage, grid, rows};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use sockscope::run::comparison::{Cell, Comparison, Row};

use sockscope::modes::Mode;
use sockscope::tui::Effect;
use sockscope::tui::compare::{
    ColumnState, Columns, CompareApp, Target, draw_columns, update_columns,
};
use sockscope::tui::{Message, Playback};
use sockscope::view::Finding;
use std::time::Duration;

/// Everything a screen with several modes is drawn from, owned.
pub(crate) struct Stages {
    pub(crate) app: CompareApp,
    pub(crate) each: Vec<Stage>,
    pub(crate) states: Vec<ColumnState>,
    pub(crate) comparison: Comparison,
    pub(crate) in_turn: bool,
    pub(crate) playback: Option<Playback>,
    pub(crate) ends_in_s: Option<u64>,
}

impl Stages {
    /// The fixed views of these modes, on a terminal of this size.
    pub(crate) fn of(modes: &[Mode], width: u16, height: u16) -> Self {
        let stage = |mode: &Mode| Stage::of(*mode, width, height);
        let mut stages: Vec<_> = modes.iter().map(stage).collect();
        for stage in &mut stages {
            match &*stage.facts.mode {
                "serial" => stage.measured.connected = Some(2),
                "nonblocking" => {
                    let (asked, answered) = (3_604_018, 18);
                    let found = Finding::Spinning { asked, answered };
                    stage.view.findings = vec![found];
                    stage.measured.cpu = Some(0.998);
                    stage.view.rates.would_blocks = 720_800;
                }
                _ => stage.measured.cpu = Some(0.004),
            }
        }
        let look = stages[0].app.look;
        let size = Size { width, height };
        Self {
            app: CompareApp::new(look, size, modes.len()),
            states: vec![ColumnState::Running; modes.len()],
            comparison: comparison(modes),
            each: stages,
            in_turn: false,
            playback: None,
            ends_in_s: None,
        }
    }

    /// All five, in their order.
    pub(crate) fn five(width: u16, height: u16) -> Self {
        Self::of(&Mode::ALL, width, height)
    }

    pub(crate) fn three(width: u16, height: u16) -> Self {
        let modes = [Mode::Serial, Mode::Nonblocking, Mode::Selector];
        Self::of(&modes, width, height)
    }

    pub(crate) fn two(width: u16, height: u16) -> Self {
        Self::of(&[Mode::Serial, Mode::Selector], width, height)
    }

    /// With clients driven by hand in every mode.
    pub(crate) fn with_clients(mut self) -> Self {
        let all = self.each.drain(..).map(Stage::with_clients);
        self.each = all.collect();
        for stage in &mut self.each {
            stage.hand.truncate(2);
            stage.measured.connected = None;
        }
        self
    }

    pub(crate) fn pause(mut self) -> Self {
        for stage in &mut self.each {
            stage.control.paused = true;
        }
        self
    }

    /// All are over, and what that means is known.
    pub(crate) fn over(mut self) -> Self {
        self.states.fill(ColumnState::Over);
        let verdict = [
            "serial: other waited 3.01 s behind silent (in selector at most \
             0.6 ms); same answers as selector and hardly any CPU",
            "blocking: same answers as selector and hardly any CPU (3 ms, in \
             selector 5 ms); nobody waited; 3 threads",
            "nonblocking: same answers as selector for 998 times the CPU; \
             asked 3,604,018 times, answered 18: spinning",
            "selector: 5 ms of CPU in 5.0 s; nobody waited",
            "tasks: same answers as selector and hardly any CPU (7 ms, in \
             selector 5 ms); nobody waited",
        ];
        self.comparison.verdict = verdict.map(Into::into).to_vec();
        self
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns {
            scenes: self.each.iter().map(Stage::scene).collect(),
            states: self.states.clone(),
            comparison: &self.comparison,
            in_turn: self.in_turn,
            playback: self.playback.as_ref(),
            ends_in_s: self.ends_in_s,
        }
    }

    /// Puts a message through and gives what the programs are asked to do.
    pub(crate) fn tell(&mut self, message: Message) -> Vec<(Target, Effect)> {
        let mut app = self.app.clone();
        let effects = update_columns(&mut app, message, &self.columns());
        self.app = app;
        effects
    }

    pub(crate) fn buffer(&self) -> Buffer {
        let Size { width, height } = self.app.size;
        let backend = TestBackend::new(width, height);
        let mut terminal = Terminal::new(backend).unwrap();
        let columns = self.columns();
        terminal
            .draw(|frame| draw_columns(&self.app, &columns, frame))
            .unwrap();
        terminal.backend().buffer().clone()
    }

    pub(crate) fn text(&self) -> String {
        rows(&self.buffer())
    }

    pub(crate) fn styles(&self) -> String {
        grid(&self.buffer())
    }
}

/// What differs, as a run of five seconds might tell it.
fn comparison(modes: &[Mode]) -> Comparison {
    let figures: [(&'static str, [f64; 5], &str); 7] = [
        ("longest wait for an echo", [3_010.0, 0.8, 0.5, 0.6, 0.7], "ms"),
        ("server CPU", [1.0, 3.0, 4_990.0, 5.0, 7.0], "ms"),
        ("would block", [0.0, 0.0, 3_604_000.0, 0.0, 3.0], ""),
        ("threads", [1.0, 3.0, 1.0, 1.0, 1.0], ""),
        ("calls an echo", [2.3, 2.3, 224_000.0, 5.7, 5.9], ""),
        ("wake-ups", [f64::NAN, f64::NAN, f64::NAN, 14.0, 15.0], ""),
        ("echo p99", [3_000.0, 0.8, 0.4, 0.6, 0.7], "ms"),
    ];
    let places: Vec<_> = modes.iter().map(|it| *it as usize).collect();
    let row = |(title, values, unit): &(&'static str, [f64; 5], &str)| {
        let values: Vec<_> = places.iter().map(|at| values[*at]).collect();
        let most = values.iter().copied().fold(0.0, f64::max);
        let cells = values.iter().map(|value| cell(*value, most, unit));
        Row { name: title, title, cells: cells.collect() }
    };
    Comparison {
        names: modes.iter().map(|it| it.name().to_owned()).collect(),
        rows: figures.iter().map(row).collect(),
        verdict: Vec::new(),
    }
}

fn cell(value: f64, most: f64, unit: &str) -> Cell {
    if value.is_nan() {
        return Cell { words: "—".into(), value: None, share: None };
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let share = (value / most.max(f64::MIN_POSITIVE)) as f32;
    let words = format!("{value} {unit}").trim_end().to_owned();
    Cell { words, value: Some(value), share: Some(share) }
}

/// One runs, one is over and the others wait.
pub(crate) fn in_turn(mut stages: Stages) -> Stages {
    stages.in_turn = true;
    stages.states.fill(ColumnState::Waiting);
    stages.states[0] = ColumnState::Over;
    stages.states[1] = ColumnState::Running;
    stages.each[1].view.at -= Duration::from_secs(1);
    for stage in &mut stages.each[2..] {
        stage.view.sockets.clear();
        stage.view.threads.clear();
        stage.view.lines.clear();
        stage.view.at = Duration::ZERO;
    }
    stages
}
