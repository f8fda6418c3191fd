//! The steps of the event loop's turn with their results, and below them a row
//! for each task.

use super::table::{PaneColumn, PaneTable, counted};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, put};
use crate::tui::screen::Pane;
use crate::units::{Nanos, show_count, show_elapsed, show_short, show_time};
use crate::view::{Step, StepState, StepView, TaskCount, TaskNow};
use ratatui::prelude::{Buffer, Constraint, Layout, Line, Rect, Widget as _};
use std::cmp::Reverse;
use unicode_width::UnicodeWidthStr as _;

/// From this width on, the steps have their functions' names.
const ROOMY: u16 = 78;

/// The least width of a step: that of its time.
const STEP: usize = 8;

/// The width between two steps, and of the mark before each.
const GAP: usize = 3;
const MARK: usize = 1;

/// In fewer rows, the steps have no times.
const FEW: u16 = 6;

/// From this height on, the columns have headings.
const TALL: u16 = 7;

/// From this width on, states have more room.
const WIDE: u16 = 100;
const STATE: u16 = 22;
const LONG_STATE: u16 = 33;

/// Short names of the steps, for less room.
const SHORT: [&str; Step::COUNT] =
    ["run", "register", "timeout", "select", "process"];

#[rustfmt::skip]
static COLUMNS: [PaneColumn<TaskCount>; 8] = [
    PaneColumn { heading: "", width: 6, from: 0, cell: |run, it| (plain(it), format!("{}{}", mark(run, it), it.task)) },
    PaneColumn { heading: "task", width: 9, from: 0, cell: |_, it| (plain(it), it.name()) },
    PaneColumn { heading: "state", width: STATE, from: 0, cell: |_, it| (role(it.now), it.now.words()) },
    PaneColumn { heading: "state", width: LONG_STATE, from: WIDE, cell: |_, it| (role(it.now), it.now.words()) },
    PaneColumn { heading: "for", width: 7, from: 0, cell: |run, it| (plain(it), lasts(run, it.since)) },
    PaneColumn { heading: "polls", width: 6, from: 0, cell: |_, it| (plain(it), show_short(it.polls)) },
    PaneColumn { heading: "has run", width: 9, from: ROOMY, cell: |_, it| (plain(it), show_time(it.running.duration())) },
    PaneColumn { heading: "await", width: 12, from: ROOMY, cell: |_, it| (Role::Dim, it.site.map_or(String::new(), |site| site.to_string())) },
];

pub(super) fn title(run: &Track) -> Vec<String> {
    let (view, turn) = (run.view, &run.view.figures.turns);
    let latest = run.state.sockets.by_activity.then_some("latest first");
    vec![
        "tasks".into(),
        format!("ready {}", show_short(turn.ready)),
        format!("timers {}", show_short(turn.timers)),
        format!("paused {}", show_short(view.tasks_paused)),
        format!("turns/s {}", show_short(view.rates.iterations)),
        counted([(turn.not_kept, "not counted")]),
        latest.unwrap_or_default().into(),
    ]
}

pub(super) fn draw(run: &Track, area: Rect, buffer: &mut Buffer) {
    let rows = if area.height < FEW { 2 } else { 3 };
    put(buffer, area, steps(run, area.width, rows));
    let rows = [Constraint::Length(rows), Constraint::Fill(1)];
    let [_, below] = Layout::vertical(rows).areas(area);
    let state = if area.width < WIDE { STATE } else { LONG_STATE };
    let fits = |it: &&PaneColumn<TaskCount>| {
        area.width >= it.from && (it.heading != "state" || it.width == state)
    };
    let table =
        PaneTable { run, columns: COLUMNS.iter().filter(fits).collect() };
    let has_headings = area.height >= TALL;
    let room = usize::from(below.height).saturating_sub(has_headings.into());
    let (tasks, rest) = visible(run, room);
    let rows = tasks.iter().map(|task| {
        let runs = task.now == TaskNow::Running;
        let role = if runs { Role::Here } else { Role::Text };
        table.row(task, None).style(run.look.style(role))
    });
    let heading = has_headings.then(String::new);
    table.widget(rows.collect(), heading).render(below, buffer);
    let last = Rect { y: below.bottom() - 1, height: 1, ..below };
    put(buffer, last.intersection(below), run.say(Role::Dim, rest));
}

/// The steps in order, below each how long it took the last time, and below
/// that what it did. What is left from the turn before is dimmed.
fn steps(run: &Track, width: u16, rows: u16) -> TextRows {
    let names: Vec<_> = Step::ALL
        .into_iter()
        .map(
            |step| {
                if width < ROOMY { SHORT[step as usize] } else { step.name() }
            },
        )
        .collect();
    let gaps = GAP * (Step::COUNT - 1) + MARK * Step::COUNT;
    let rooms = shared(&names, usize::from(width).saturating_sub(gaps));
    let mut lines = vec![Line::default(); 3];
    for at in 0..Step::COUNT {
        let (name, room) = (names[at], rooms[at]);
        let (mark, role, [time, result]) = match run.view.steps.get(at) {
            Some(step) => step_words(run, step, room),
            None => (" ", Role::Text, [String::from("-"), String::new()]),
        };
        let is_here = mark != " ";
        let of_name = if is_here { Role::Here } else { Role::Text };
        let (arrow, gap) = if at > 0 { (" → ", "   ") } else { ("", "") };
        lines[0].extend([
            run.say(Role::Dim, arrow),
            run.say(Role::Key, mark),
            run.say(of_name, name),
            " ".repeat(room.saturating_sub(name.len())).into(),
        ]);
        for (line, words) in lines[1..].iter_mut().zip([time, result]) {
            line.push_span(run.say(role, format!("{gap} {words:<room$}")));
        }
    }
    // Where there is little room, what the steps did says more than how long.
    if rows < 3 {
        lines.remove(1);
    }
    lines
}

/// Shares the width among the names: the shortest get more first.
fn shared(names: &[&str], width: usize) -> Vec<usize> {
    let mut rooms: Vec<_> = names.iter().map(|it| it.len().max(STEP)).collect();
    for _ in rooms.iter().sum()..width {
        if let Some(least) = rooms.iter_mut().min() {
            *least += 1;
        }
    }
    rooms
}

/// The mark of a step, the role of its words, its time and its result.
fn step_words(
    run: &Track,
    step: &StepView,
    room: usize,
) -> (&'static str, Role, [String; 2]) {
    let (mark, role) = match step.state {
        StepState::Now => (run.look.glyphs.inside, Role::Ready),
        StepState::Next => (run.look.glyphs.before, Role::Ready),
        StepState::Done => (" ", Role::Text),
        StepState::Never | StepState::LastTurn => (" ", Role::Dim),
    };
    let time = match step.state {
        StepState::Next => "next".into(),
        StepState::Never => "-".into(),
        _ => show_elapsed(step.time),
    };
    let fits = step.results.iter().find(|it| it.width() <= room);
    let result = fits.or(step.results.last()).cloned().unwrap_or_default();
    (mark, role, [time, result])
}

/// The time that has passed since `since`.
fn lasts(run: &Track, since: Nanos) -> String {
    show_elapsed(run.view.at.saturating_sub(since.duration()))
}

/// The tasks that fit, from the one that the pane is scrolled to, and a summary
/// of the others. A pane that is not scrolled follows the running task.
fn visible<'a>(run: &Track<'a>, room: usize) -> (Vec<&'a TaskCount>, String) {
    let mut tasks: Vec<_> = run.view.tasks.iter().collect();
    if run.state.sockets.by_activity {
        tasks.sort_by_key(|task| Reverse((task.since, task.task)));
    }
    let alive = tasks.iter().filter(|task| !task.now.has_ended()).count();
    let without_row = run.view.tasks_alive.saturating_sub(alive as u64);
    if tasks.len() <= room && without_row == 0 {
        return (tasks, String::new());
    }
    let room = room.saturating_sub(1);
    let runs = || tasks.iter().position(|task| runs(run, task)).unwrap_or(0);
    let first = match run.state.scroll.tasks {
        0 => (runs() + 1).saturating_sub(room),
        scrolled => scrolled.min(tasks.len().saturating_sub(room)),
    };
    let end = tasks.len().min(first + room);
    let shown = tasks.drain(first..end).collect();
    (shown, others(run, &tasks, without_row))
}

/// Counts the tasks that are not shown, by what they are doing.
fn others(run: &Track, hidden: &[&TaskCount], without_row: u64) -> String {
    let count = |such: fn(TaskNow) -> bool| {
        hidden.iter().filter(|task| such(task.now)).count() as u64
    };
    let all = hidden.len() as u64 + without_row;
    let ready = count(|now| now == TaskNow::Ready);
    let running = count(|now| now == TaskNow::Running);
    let ended = count(|now| now.has_ended());
    let parts = counted([
        (ready, "ready"),
        (running, "running"),
        (all - ready - running - ended, "paused"),
        (ended, "ended"),
    ]);
    let is_focus = run.state.focus == Pane::Tasks;
    let scrolls = if is_focus { "↑ ↓" } else { "tab, ↑ ↓" };
    let (more, all) = (run.look.glyphs.more, show_count(all));
    format!("{more} {all} more: {parts} ({scrolls})")
}

/// Whether the loop runs the task, or is held before it does.
fn runs(run: &Track, task: &TaskCount) -> bool {
    let before = Some(Before::Task(task.task));
    task.now == TaskNow::Running || run.scene.control.before() == before
}

fn mark(run: &Track, task: &TaskCount) -> &'static str {
    if runs(run, task) { run.look.glyphs.inside } else { " " }
}

const fn plain(task: &TaskCount) -> Role {
    if task.now.has_ended() { Role::Dim } else { Role::Text }
}

const fn role(now: TaskNow) -> Role {
    match now {
        TaskNow::Ready => Role::Ready,
        TaskNow::Running => Role::Working,
        TaskNow::Failed(_) => Role::Bad,
        TaskNow::Done | TaskNow::Cancelled => Role::Dim,
        _ => Role::Asleep,
    }
}
