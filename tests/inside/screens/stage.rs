//! A stage: all that a screen is drawn from, and the screen as text.

use crate::support::views;
use itertools::Itertools as _;
use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use sockscope::load::{EchoTime, HandClient, HandState, LoadSoFar};
use sockscope::modes::Mode;
use sockscope::probe::{Before, Phase, PhaseMark, ThreadAtGate};
use sockscope::run::comparison::{Comparison, DifferingFigure, FigureValue};
use sockscope::tui::keys::message;
use sockscope::tui::{
    Depth, Effect, Glyphs, Look, Message, Picture, Screen, Target, Theme,
    TrackPhase, TrackScene, TrackState, draw_into, update,
};
use sockscope::units::Nanos;
use sockscope::view::{
    Facts, Finding, Measured, Playback, ScenarioText, Scene, SourceText,
    ThreadView,
};
use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// The fixed view of a mode.
fn scene(mode: Mode) -> Scene {
    let view = views::of(mode);
    let (count, p50_ns, p99_ns) = (24, 400_000, 2_250_000);
    let max_ns = p99_ns;
    let echo_time =
        EchoTime { count, p50_ns, p99_ns, max_ns, ..EchoTime::default() };
    let classes = vec![1, 4, 9, 6, 2, 1, 0, 1];
    let load = Some(LoadSoFar { connected: 0, echo_time, classes });
    Scene {
        history: view.events.clone(),
        view,
        measured: Measured { cpu: Some(0.42), load, ..Measured::default() },
        ..Scene::new(facts(mode))
    }
}

/// The keys that have a sign.
const SIGNED: [KeyCode; 12] = {
    use KeyCode::{BackTab, Backspace, Down, End, Enter, Esc, Home, Left};
    use KeyCode::{PageDown, Right, Tab, Up};
    [
        Enter, Tab, BackTab, Esc, Backspace, Up, Down, Left, Right, Home, End,
        PageDown,
    ]
};

/// Everything that a screen is drawn from, owned. Of a single run it is that
/// run as well.
pub(crate) struct Stage {
    pub(crate) screen: Screen,
    pub(crate) runs: Vec<Scene>,
    pub(crate) phases: Vec<TrackPhase>,
    pub(crate) comparison: Comparison,
    pub(crate) in_turn: bool,
}

impl Deref for Stage {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.runs[0]
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Scene {
        &mut self.runs[0]
    }
}

impl Stage {
    /// The fixed view of a mode, on a terminal of this size.
    pub(crate) fn of(mode: Mode, width: u16, height: u16) -> Self {
        Self::of_all(&[mode], width, height)
    }

    fn of_all(modes: &[Mode], width: u16, height: u16) -> Self {
        let (theme, depth) = (Theme::Dark, Depth::True);
        let look = Look { theme, depth, glyphs: &Glyphs::UNICODE };
        Self {
            screen: Screen::new(look, Size { width, height }, modes.len()),
            runs: modes.iter().map(|mode| scene(*mode)).collect(),
            phases: vec![TrackPhase::Running; modes.len()],
            comparison: comparison(modes),
            in_turn: false,
        }
    }

    /// The fixed views of these modes side by side.
    pub(crate) fn several(modes: &[Mode], width: u16, height: u16) -> Self {
        let mut stage = Self::of_all(modes, width, height);
        for run in &mut stage.runs {
            match &*run.facts.mode {
                "serial" => {
                    connect(run, 2);
                    let load = run.measured.load.as_mut().unwrap();
                    load.echo_time.max_ns = 3_010_000_000;
                }
                "nonblocking" => {
                    let seen = "asked 3,604,018 times, answered 18: spinning";
                    let spins = finding(seen, "");
                    let kind = "spinning".into();
                    run.view.findings = vec![Finding { kind, ..spins }];
                    run.measured.cpu = Some(0.998);
                    run.view.rates.would_blocks = 720_800;
                }
                _ => run.measured.cpu = Some(0.004),
            }
        }
        stage
    }

    /// All five, in their order.
    pub(crate) fn five(width: u16, height: u16) -> Self {
        Self::several(&Mode::ALL, width, height)
    }

    pub(crate) fn three(width: u16, height: u16) -> Self {
        let modes = [Mode::Serial, Mode::Nonblocking, Mode::Selector];
        Self::several(&modes, width, height)
    }

    pub(crate) fn two(width: u16, height: u16) -> Self {
        Self::several(&[Mode::Serial, Mode::Selector], width, height)
    }

    /// What the screen remembers of the first run.
    pub(crate) fn track(&mut self) -> &mut TrackState {
        &mut self.screen.tracks[0]
    }

    /// With a client driven by hand at the other end of socket 1, one that
    /// does not read, and in a single run one that connects.
    pub(crate) fn with_clients(mut self) -> Self {
        let client = |number, state| HandClient {
            number,
            local_addr: None,
            state,
            sent: 12,
            unsent: 0,
            received: 12,
            reading: true,
            last_received: b"hello\r\n".to_vec(),
        };
        let several = self.runs.len() > 1;
        for run in &mut self.runs {
            let local_addr = run.view.sockets[1].count.peer;
            let one = HandClient { local_addr, ..client(1, HandState::Open) };
            let other =
                HandClient { reading: false, ..client(2, HandState::Open) };
            run.hand = vec![one, other, client(3, HandState::Connecting)];
            if several {
                run.hand.truncate(2);
                connect(run, 0);
            }
        }
        self
    }

    /// The same as moments of recordings, which stand.
    pub(crate) fn recorded(mut self) -> Self {
        let s = Duration::from_secs_f64;
        let playback = Playback {
            name: "lesson-1.rec".into(),
            at: s(5.000_042),
            length: s(12.9),
            event: 12_345,
            events: 1_234_567,
            speed: 1.0,
            shape: shape(),
            marks: vec![s(1.2), s(4.1), s(9.6)],
            phases: vec![PhaseMark {
                phase: Phase::Refusing,
                at: s(12.2).into(),
                left: 1,
            }],
            read: s(12.9),
            ..Playback::default()
        };
        for run in &mut self.runs {
            run.playback = Some(playback.clone());
        }
        self.phases.fill(TrackPhase::Running);
        self
    }

    /// As a recording that lost events, is not all read yet and was cut off.
    pub(crate) fn cut_off(self) -> Self {
        let mut stage = self.recorded();
        let playback = stage.playback();
        playback.lost = 1_234;
        playback.read = Duration::from_secs(9);
        let ends = "it ends here, at 12.9 s: the file is cut off at byte 4711";
        playback.ends = Some(ends.into());
        stage
    }

    /// At the end of the recording, all of which has been read.
    pub(crate) fn at_end(self) -> Self {
        self.with(|it| {
            let playback = it.playback();
            (playback.read, playback.at) = (playback.length, playback.length);
            playback.event = playback.events;
        })
    }

    /// After this has been changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// After these keys.
    pub(crate) fn after(self, keys: &str) -> Self {
        self.with(|it| _ = it.typed(keys))
    }

    /// Where the first recording stands; all stand there.
    pub(crate) fn playback(&mut self) -> &mut Playback {
        self.playback.as_mut().unwrap()
    }

    /// A thread is held before its next call, or before something else.
    pub(crate) fn hold(&mut self, before: Option<Before>) {
        let ThreadView { thread, kind, socket, site, .. } =
            self.view.threads[0];
        let before = before.unwrap_or(Before::Call { kind, socket, site });
        let since = Nanos::ZERO;
        self.control.held = vec![ThreadAtGate { thread, before, since }];
    }

    /// The program is paused, and its thread is held.
    pub(crate) fn held(self, before: Option<Before>) -> Self {
        self.pause().with(|it| {
            it.control.stands = true;
            let thread = &mut it.view.threads[0];
            (thread.in_call, thread.is_held) = (false, true);
            it.hold(before);
        })
    }

    pub(crate) fn pause(mut self) -> Self {
        for run in &mut self.runs {
            run.control.paused = true;
        }
        self
    }

    /// All are over, and what that means is known.
    pub(crate) fn over(mut self) -> Self {
        self.phases.fill(TrackPhase::Over);
        let kind = "starved".into();
        self.view.findings = vec![Finding { kind, ..findings().remove(1) }];
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

    /// One runs, one is over and the others wait.
    pub(crate) fn in_turn(mut self) -> Self {
        self.in_turn = true;
        self.phases.fill(TrackPhase::Waiting);
        self.phases[0] = TrackPhase::Over;
        self.phases[1] = TrackPhase::Running;
        self.runs[1].view.at -= Duration::from_secs(1);
        for run in &mut self.runs[2..] {
            run.view.sockets.clear();
            run.view.threads.clear();
            run.view.lines.clear();
            run.view.at = Duration::ZERO;
        }
        self
    }

    fn picture(&self) -> Picture<'_> {
        let names = &self.comparison.names;
        let tracks = itertools::izip!(names, &self.phases, &self.runs);
        let tracks = tracks.map(|(name, phase, scene)| TrackScene {
            name,
            phase: phase.clone(),
            scene,
        });
        Picture {
            tracks: tracks.collect(),
            comparison: Some(&self.comparison),
            in_turn: self.in_turn,
            playback: self.runs[0].playback.as_ref(),
        }
    }

    /// Puts a message through; gives what each program is asked to do.
    pub(crate) fn tell(&mut self, message: Message) -> Vec<(Target, Effect)> {
        let mut screen = self.screen.clone();
        let effects = update(&mut screen, message, &self.picture());
        self.screen = screen;
        effects
    }

    /// Puts an event of the terminal through.
    pub(crate) fn event(&mut self, event: &Event) -> Vec<(Target, Effect)> {
        let message = message(event, &self.screen);
        message.map(|it| self.tell(it)).unwrap_or_default()
    }

    /// Types keys as a terminal brings them and gives what the last one asks
    /// for; a sign stands for each key that has none of its own.
    pub(crate) fn typed(&mut self, keys: &str) -> Vec<(Target, Effect)> {
        let press = |key| {
            let mut signs = "⏎⇥⇤⎋⌫↑↓←→⇱⇲⇟".chars().zip(SIGNED);
            let signed = signs.find(|(sign, _)| *sign == key);
            let code = signed.map_or(KeyCode::Char(key), |(_, code)| code);
            self.event(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
        };
        keys.chars().map(press).last().unwrap()
    }

    pub(crate) fn buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.screen.size.into());
        draw_into(&self.screen, &self.picture(), &mut buffer);
        buffer
    }

    /// The screen as text, without the blanks at the end of rows.
    pub(crate) fn text(&self) -> String {
        let (buffer, width) = (self.buffer(), self.screen.size.width.into());
        let rows = buffer.content.chunks(width).map(|row| {
            let row = row.iter().map(Cell::symbol).collect::<String>();
            row.trim_end().to_owned() + "\n"
        });
        rows.collect()
    }

    /// The whole screen has this text in it.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// A row of the screen, counted from below: the footer is 0.
    pub(crate) fn row(&self, from_below: usize) -> String {
        let text = self.text();
        text.lines().rev().nth(from_below).unwrap().to_owned()
    }

    /// The styles of all cells: a letter for each, and what it stands for.
    pub(crate) fn styles(&self) -> String {
        let (buffer, width) = (self.buffer(), self.screen.size.width.into());
        let known: Vec<_> =
            buffer.content.iter().map(Cell::style).unique().collect();
        let letter = |cell: &Cell| {
            ('a'..).zip(&known).find(|(_, it)| **it == cell.style()).unwrap().0
        };
        let rows = buffer.content.chunks(width);
        let mut grid = rows
            .map(|row| row.iter().map(letter).collect::<String>())
            .join("\n");
        for (letter, style) in ('a'..).zip(&known) {
            let (fg, bg) = (style.fg.unwrap(), style.bg.unwrap());
            let modifier = style.add_modifier;
            let _ = write!(grid, "\n{letter}: {fg} on {bg} {modifier:?}");
        }
        grid
    }
}

/// Events per part: bursts, and times in which nothing happens.
fn shape() -> Vec<u64> {
    let burst = |at: u64| 1_000 / (1 + (at % 60) * (at % 60) / 20);
    (0..240).map(|at| if at % 100 > 80 { 0 } else { burst(at) }).collect()
}

/// This many clients of the scenario have had their connection.
pub(crate) fn connect(run: &mut Scene, clients: u64) {
    run.measured.load.as_mut().unwrap().connected = clients;
}

fn facts(mode: Mode) -> Facts {
    let mechanism = match mode {
        Mode::Serial | Mode::Blocking => "read(2)",
        Mode::Nonblocking => "asking",
        Mode::Tasks | Mode::Selector => "epoll",
    };
    let text = |(path, text): (&str, &str)| SourceText {
        path: path.into(),
        text: text.into(),
    };
    let path = format!("src/modes/{}.rs", mode.name());
    let (name, title) = ("two-clients".into(), String::new());
    Facts {
        mode: mode.name().into(),
        source: text((&path, mode.source())),
        loop_source: mode.loop_source().map(text),
        mechanism: mechanism.into(),
        address: "127.0.0.1:40123".parse().unwrap(),
        scenario: Some(ScenarioText {
            name,
            title,
            watch: Vec::new(),
            text: None,
        }),
        clients_apart: false,
    }
}

fn finding(observation: &str, advice: &str) -> Finding {
    let (observation, advice) = (observation.into(), advice.into());
    Finding { observation, advice, ..Finding::default() }
}

/// Two findings whose words are long.
pub(crate) fn findings() -> Vec<Finding> {
    vec![
        finding(
            "asked 3,600,018 times, answered 18: spinning",
            "A selector asks once and sleeps until a socket is ready.",
        ),
        finding(
            "a client of slow waited 2.10 s for its echo",
            "The only thread serves one client at a time; a thread each \
             (blocking) or one sleep on all (selector) serves the others \
             meanwhile.",
        ),
    ]
}

/// What differs, as a run of five seconds might tell it.
fn comparison(modes: &[Mode]) -> Comparison {
    let figures: [(&'static str, &str, [f64; 5], &str); 8] = [
        (
            "longest_echo_ns",
            "longest echo",
            [3_010.0, 0.8, 0.5, 0.6, 0.7],
            "ms",
        ),
        ("echo_p99_ns", "echo p99", [3_000.0, 0.8, 0.4, 0.6, 0.7], "ms"),
        ("echoes", "echoes back", [4.0, 24.0, 24.0, 24.0, 24.0], ""),
        ("cpu_time_ns", "CPU time", [1.0, 3.0, 4_990.0, 5.0, 7.0], "ms"),
        ("would_blocks", "would-blocks", [0.0, 0.0, 3_604_000.0, 0.0, 3.0], ""),
        ("calls", "calls", [9.0, 60.0, 3_604_018.0, 80.0, 90.0], ""),
        (
            "wake_ups",
            "wake-ups",
            [f64::NAN, f64::NAN, f64::NAN, 14.0, 15.0],
            "",
        ),
        ("threads", "threads", [1.0, 3.0, 1.0, 1.0, 1.0], ""),
    ];
    let places: Vec<_> = modes.iter().map(|it| *it as usize).collect();
    let row = |(name, title, values, unit): &(&str, &str, [f64; 5], &str)| {
        let values: Vec<_> = places.iter().map(|at| values[*at]).collect();
        let most = values.iter().copied().fold(0.0, f64::max);
        let values = values.iter().map(|value| cell(*value, most, unit));
        let values = values.collect();
        let [name, title] = [name, title].map(|it| (*it).to_owned());
        DifferingFigure { name, title, values }
    };
    Comparison {
        names: modes.iter().map(|it| it.name().to_owned()).collect(),
        figures: figures.iter().map(row).collect(),
        ..Comparison::default()
    }
}

fn cell(value: f64, most: f64, unit: &str) -> FigureValue {
    if value.is_nan() {
        return FigureValue { words: "—".into(), value: None, share: None };
    }
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let share = (value / most.max(f64::MIN_POSITIVE)) as f32;
    let words = format!("{value} {unit}").trim_end().to_owned();
    FigureValue { words, value: Some(value), share: Some(share) }
}
