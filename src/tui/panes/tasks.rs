//! The steps of the event loop's turn, and below them a row for each task.

use super::step;
use super::table::{PaneColumn, PaneTable, counted};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, put};
use crate::tui::screen::Pane;
use crate::units::{Nanos, show_clock, show_count, show_short, show_time};
use crate::view::{Step, TaskCount, TaskNow};
use ratatui::prelude::{Buffer, Constraint, Layout, Line, Rect, Widget as _};
use std::cmp::Reverse;
use std::time::Duration;

/// From this width on, the steps have their functions' names.
const ROOMY: u16 = 78;

/// The least width of a step: that of its time.
const STEP: usize = 8;

/// From this height on, the columns have headings.
const TALL: u16 = 7;

/// From this width on, states have more room.
const WIDE: u16 = 100;
const STATE: u16 = 22;
const LONG_STATE: u16 = 33;

/// Short names of the steps, for less room.
const SHORT: [&str; Step::COUNT] =
    ["run", "register", "timeout", "select", "process"];

/// Shorter times are shown to three digits.
const BRIEF_TIME: Duration = Duration::from_millis(100);

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
    put(buffer, area, steps(run, area.width));
    let rows = [Constraint::Length(2), Constraint::Fill(1)];
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

/// The steps in order, and below each how long it took the last time; for the
/// current one, how long it has lasted so far, or that it is held.
fn steps(run: &Track, width: u16) -> TextRows {
    let (turn, current) = (&run.view.figures.turns, step::current(run));
    let (mut names, mut times) = (Line::default(), Line::default());
    let now = (run.look.glyphs.mark, Role::Here, Role::Ready);
    let other = (" ", Role::Text, Role::Dim);
    for (at, step) in Step::ALL.into_iter().enumerate() {
        let name = if width < ROOMY { SHORT[at] } else { step.name() };
        let room = name.len().max(STEP);
        let is_now = current == Some(step);
        let (mark, role, of_time) = if is_now { now } else { other };
        let time = match turn.last[at] {
            // Held before another step: this one has just ended.
            _ if turn.now == Some(step) => lasts(run, turn.since),
            _ if is_now => "held".into(),
            Nanos::ZERO => "-".into(),
            time => in_words(time.duration()),
        };
        let (arrow, gap) = if at > 0 { (" → ", "    ") } else { ("", " ") };
        names.extend([
            run.say(Role::Dim, arrow),
            run.say(Role::Key, mark),
            run.say(role, name),
            " ".repeat(room - name.len()).into(),
        ]);
        times.push_span(run.say(of_time, format!("{gap}{time:<room$}")));
    }
    vec![names, times]
}

/// The time that has passed since `since`.
fn lasts(run: &Track, since: Nanos) -> String {
    in_words(run.view.at.saturating_sub(since.duration()))
}

fn in_words(time: Duration) -> String {
    if time < BRIEF_TIME { show_time(time) } else { show_clock(time) }
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
    if runs(run, task) { run.look.glyphs.mark } else { " " }
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
