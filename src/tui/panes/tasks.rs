//! The event loop's turn, step by step, and below it a row a task.

use super::step;
use crate::probe::Before;
use crate::text::cut;
use crate::text::padded;
use crate::tui::frame::TrackView;
use crate::tui::screen::{Pane, SocketOrder};
use crate::tui::theme::Role;
use crate::tui::words::clock;
use crate::units::{show_count, show_short, show_time};
use crate::view::{Step, TaskNow};
use crate::view::{TaskView, TurnView};
use ratatui::text::{Line, Span};
use std::cmp::Reverse;
use std::time::Duration;

/// From this width on, the steps have their functions' names.
const ROOMY: usize = 78;

/// The least width of a step: that of its time.
const STEP: usize = 8;

/// From so many rows on, the columns have headings.
const TALL: usize = 7;

/// Shorter times are told to three digits.
const SHORT: Duration = Duration::from_millis(100);

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Name,
    State,
    For,
    Polls,
    Running,
    Await,
}

use Column::{Await, For, Id, Name, Polls, Running, State};

/// The columns that find room.
const COLUMNS: [(usize, &[Column]); 2] = [
    (ROOMY, &[Id, Name, State, For, Polls, Running, Await]),
    (0, &[Id, Name, State, For, Polls]),
];

impl Column {
    const fn width(self, of: usize) -> usize {
        match self {
            Id => 6,
            Name | Running => 10,
            State if of >= 100 => 34,
            State => 23,
            For => 8,
            Polls => 7,
            Await => 13,
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Id => "",
            Name => "task",
            State => "state",
            For => "for",
            Polls => "polls",
            Running => "has run",
            Await => "await",
        }
    }
}

pub(super) fn title(shown: &TrackView) -> String {
    let dot = shown.look().glyphs.dot;
    let turn = &shown.view.turn;
    let counts = [
        ("ready", turn.ready),
        ("timers", turn.timers),
        ("paused", turn.paused),
        ("turns/s", turn.turns_per_s),
    ];
    let counts = counts.map(|(word, n)| format!("{word} {}", show_short(n)));
    let sort = match shown.track.sockets.sort {
        SocketOrder::Number => String::new(),
        SocketOrder::Activity => format!(" {dot} latest first"),
    };
    let beyond = match turn.not_kept {
        0 => String::new(),
        n => format!(" {dot} {} not counted", show_short(n)),
    };
    let counts = counts.join(&format!(" {dot} "));
    format!("tasks {dot} {counts}{beyond}{sort}")
}

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let columns = COLUMNS.iter().find(|(from, _)| width >= *from);
    let columns = columns.map_or(COLUMNS[1].1, |(_, columns)| columns);
    let mut lines = steps(shown, width);
    if height >= TALL {
        let heading = |it: &Column| padded(it.heading(), it.width(width));
        let words: String = columns.iter().map(heading).collect();
        lines.push(shown.say(Role::Dim, format!(" {words}")).into());
    }
    let room = height.saturating_sub(lines.len());
    let (tasks, rest) = visible(shown, room);
    lines.extend(tasks.iter().map(|task| row(shown, columns, task, width)));
    lines.extend(rest.map(|rest| Line::from(shown.say(Role::Dim, rest))));
    lines
}

/// The steps in their order, and below each how long it took last; the
/// current one, for how long it has lasted, or that it is held back.
fn steps<'a>(shown: &TrackView<'a>, width: usize) -> Vec<Line<'a>> {
    let turn = &shown.view.turn;
    let arrow = shown.say(Role::Dim, " → ");
    let current = step::current(shown);
    let (mut names, mut times) = (Vec::new(), Vec::new());
    for (at, step) in Step::ALL.into_iter().enumerate() {
        let name = if width < ROOMY { short(step) } else { step.name() };
        let room = name.len().max(STEP);
        if at > 0 {
            names.push(arrow.clone());
            times.push(Span::raw("   "));
        }
        let is_now = current == Some(step);
        let glyphs = shown.look().glyphs;
        let mark = if is_now { glyphs.mark } else { " " };
        let role = if is_now { Role::Here } else { Role::Text };
        names.push(shown.say(Role::Key, mark));
        names.push(shown.say(role, name));
        names.push(Span::raw(" ".repeat(room - name.len())));
        let time = match (is_now, turn.now == Some(step)) {
            (true, false) => "held".into(),
            // If it is not the current one, it has just ended.
            (_, true) => lasts(turn.since),
            (false, false) => took(turn, step),
        };
        let role = if is_now { Role::Ready } else { Role::Dim };
        times.push(shown.say(role, format!(" {time:<room$}")));
    }
    vec![names.into(), times.into()]
}

const fn short(step: Step) -> &'static str {
    match step {
        Step::RunReadyTasks => "run",
        Step::Register => "register",
        Step::CalculateTimeout => "timeout",
        Step::Select => "select",
        Step::ProcessEvents => "process",
    }
}

fn took(turn: &TurnView, step: Step) -> String {
    match turn.last[step as usize] {
        Duration::ZERO => "-".into(),
        time => lasts(time),
    }
}

fn lasts(time: Duration) -> String {
    if time < SHORT { show_time(time) } else { clock(time) }
}

/// The tasks that find room in so many rows, from the one that the pane is
/// scrolled to on, and in words the others. One that is not scrolled follows
/// the task that runs.
fn visible<'a>(
    shown: &TrackView<'a>,
    room: usize,
) -> (Vec<&'a TaskView>, Option<String>) {
    let mut tasks: Vec<_> = shown.view.tasks.iter().collect();
    if shown.track.sockets.sort == SocketOrder::Activity {
        tasks.sort_by_key(|task| (task.since, Reverse(task.id)));
    }
    let alive = tasks.iter().filter(|task| !task.now.has_ended()).count();
    let without_row = shown.view.turn.alive.saturating_sub(alive as u64);
    if tasks.len() <= room && without_row == 0 {
        return (tasks, None);
    }
    let room = room.saturating_sub(1);
    let first = match shown.track.scroll.tasks {
        0 => {
            let runs = tasks.iter().position(|task| runs(shown, task));
            (runs.unwrap_or(0) + 1).saturating_sub(room)
        }
        scrolled => scrolled.min(tasks.len().saturating_sub(room)),
    };
    let window = first..(first + room).min(tasks.len());
    let hidden = [&tasks[..window.start], &tasks[window.end..]].concat();
    let rest = others(shown, &hidden, without_row);
    (tasks[window].to_vec(), Some(rest))
}

/// Those that have no row: who does what.
fn others(shown: &TrackView, hidden: &[&TaskView], without_row: u64) -> String {
    let count = |such: fn(TaskNow) -> bool| {
        hidden.iter().filter(|task| such(task.now)).count() as u64
    };
    let all = hidden.len() as u64 + without_row;
    let ready = count(|now| matches!(now, TaskNow::Ready));
    let running = count(|now| matches!(now, TaskNow::Running));
    let ended = count(|now| now.has_ended());
    let paused = all - ready - running - ended;
    let parts = [
        (ready, "ready"),
        (running, "running"),
        (paused, "paused"),
        (ended, "ended"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let told = parts.map(|(n, word)| format!("{} {word}", show_count(n)));
    let (told, more) = (told.collect::<Vec<_>>(), shown.look().glyphs.more);
    let scrolls = match shown.track.focus {
        Pane::Tasks => "↑ ↓",
        _ => "tab, ↑ ↓",
    };
    let all = show_count(all);
    format!("{more} {all} more: {} ({scrolls})", told.join(", "))
}

fn row<'a>(
    shown: &TrackView<'a>,
    columns: &[Column],
    task: &TaskView,
    width: usize,
) -> Line<'a> {
    let glyphs = shown.look().glyphs;
    let cell = |column: &Column| {
        let room = column.width(width);
        let (role, text) = said(*column, task);
        let text = cut(&text, room - 1, glyphs.more);
        shown.say(role, format!("{text:<room$}"))
    };
    let mark = if runs(shown, task) { glyphs.mark } else { " " };
    let mark = shown.say(Role::Key, mark);
    let cells = columns.iter().map(cell);
    let line: Line = [mark].into_iter().chain(cells).collect();
    if task.now == TaskNow::Running {
        return line.style(shown.look().style(Role::Here));
    }
    line
}

/// Whether the loop runs the task, or is held before it does.
fn runs(shown: &TrackView, task: &TaskView) -> bool {
    let before = Some(Before::Task(task.id));
    task.now == TaskNow::Running || shown.scene.control.before == before
}

fn said(column: Column, task: &TaskView) -> (Role, String) {
    let role = role(task.now);
    let plain = if task.now.has_ended() { Role::Dim } else { Role::Text };
    match column {
        Id => (plain, task.id.to_string()),
        Name => (plain, task.name()),
        State => (role, task.now.words()),
        For => (plain, lasts(task.since)),
        Polls => (plain, show_short(task.polls)),
        Running => (plain, show_time(task.running)),
        Await => {
            let site = task.site.map(|site| site.to_string());
            (Role::Dim, site.unwrap_or_default())
        }
    }
}

const fn role(now: TaskNow) -> Role {
    match now {
        TaskNow::Ready => Role::Ready,
        TaskNow::Running => Role::Working,
        TaskNow::Failed(_) => Role::Bad,
        TaskNow::Done | TaskNow::Cancelled => Role::Dim,
        TaskNow::Paused { .. }
        | TaskNow::Sleeping { .. }
        | TaskNow::Joining { .. }
        | TaskNow::Waiting => Role::Asleep,
    }
}
