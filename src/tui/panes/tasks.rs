//! The event loop's turn, step by step, and below it a row a task.

use super::step;
use super::table::{PaneColumn, PaneRows};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{TextRows, put};
use crate::tui::screen::Pane;
use crate::units::{Nanos, show_clock, show_count, show_short, show_time};
use crate::view::{Step, TaskCount, TaskNow};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use ratatui::widgets::{Row, Widget as _};
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

/// Shorter times are shown to three digits.
const SHORT: Duration = Duration::from_millis(100);

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

pub(super) fn title(run: &Track) -> String {
    let (dot, turn) = (run.look.glyphs.dot, &run.view.figures.turns);
    let counts = [
        ("ready", turn.ready),
        ("timers", turn.timers),
        ("paused", run.view.tasks_paused),
        ("turns/s", run.view.rates.iterations),
    ];
    let counts = counts.map(|(word, n)| format!("{word} {}", show_short(n)));
    let mut parts = [vec!["tasks".into()], counts.to_vec()].concat();
    if turn.not_kept > 0 {
        parts.push(format!("{} not counted", show_short(turn.not_kept)));
    }
    if run.state.sockets.by_activity {
        parts.push("latest first".into());
    }
    parts.join(&format!(" {dot} "))
}

pub(super) fn draw(run: &Track, area: Rect, buffer: &mut Buffer) {
    put(buffer, area, steps(run, area.width));
    let taken = area.height.min(2);
    let below = Rect { y: area.y + taken, height: area.height - taken, ..area };
    let state = if area.width < WIDE { STATE } else { LONG_STATE };
    let fits = |it: &&PaneColumn<TaskCount>| {
        area.width >= it.from && (it.heading != "state" || it.width == state)
    };
    let pane = PaneRows { run, columns: COLUMNS.iter().filter(fits).collect() };
    let has_headings = area.height >= TALL;
    let room = usize::from(below.height).saturating_sub(has_headings.into());
    let (tasks, rest) = visible(run, room);
    let rows = tasks.iter().map(|task| {
        let row: Row = pane.row(task, None, None);
        match task.now {
            TaskNow::Running => row.style(run.look.style(Role::Here)),
            _ => row,
        }
    });
    let heading = has_headings.then(String::new);
    pane.table(rows.collect(), heading).render(below, buffer);
    if let Some(rest) = rest.filter(|_| below.height > 0) {
        let last = Rect { y: below.bottom() - 1, height: 1, ..below };
        put(buffer, last, run.say(Role::Dim, rest));
    }
}

/// The steps in their order, and below each how long it took last; the
/// current one, for how long it has lasted, or that it is held back.
fn steps(run: &Track, width: u16) -> TextRows {
    let (turn, current) = (&run.view.figures.turns, step::current(run));
    let (mut names, mut times) = (Vec::new(), Vec::new());
    for (at, step) in Step::ALL.into_iter().enumerate() {
        let name = match step {
            _ if width >= ROOMY => step.name(),
            Step::RunReadyTasks => "run",
            Step::Register => "register",
            Step::CalculateTimeout => "timeout",
            Step::Select => "select",
            Step::ProcessEvents => "process",
        };
        let room = name.len().max(STEP);
        if at > 0 {
            names.push(run.say(Role::Dim, " → "));
            times.push(Span::raw("   "));
        }
        let is_now = current == Some(step);
        let (mark, role, of_time) = if is_now {
            (run.look.glyphs.mark, Role::Here, Role::Ready)
        } else {
            (" ", Role::Text, Role::Dim)
        };
        names.push(run.say(Role::Key, mark));
        names.push(run.say(role, name));
        names.push(Span::raw(" ".repeat(room - name.len())));
        let time = match (is_now, turn.now == Some(step)) {
            (true, false) => "held".into(),
            // If it is not the current one, it has just ended.
            (_, true) => lasts(run, turn.since),
            (false, false) => match turn.last[step as usize] {
                Nanos::ZERO => "-".into(),
                time => in_words(time.duration()),
            },
        };
        times.push(run.say(of_time, format!(" {time:<room$}")));
    }
    vec![names.into(), times.into()]
}

/// How long something has lasted.
fn lasts(run: &Track, since: Nanos) -> String {
    in_words(run.view.at.saturating_sub(since.duration()))
}

fn in_words(time: Duration) -> String {
    if time < SHORT { show_time(time) } else { show_clock(time) }
}

/// The tasks that find room, from the one that the pane is scrolled to on,
/// and in words the others. A pane that is not scrolled follows the task that
/// runs.
fn visible<'a>(
    run: &Track<'a>,
    room: usize,
) -> (Vec<&'a TaskCount>, Option<String>) {
    let mut tasks: Vec<_> = run.view.tasks.iter().collect();
    if run.state.sockets.by_activity {
        tasks.sort_by_key(|task| Reverse((task.since, task.task)));
    }
    let alive = tasks.iter().filter(|task| !task.now.has_ended()).count();
    let without_row = run.view.tasks_alive.saturating_sub(alive as u64);
    if tasks.len() <= room && without_row == 0 {
        return (tasks, None);
    }
    let room = room.saturating_sub(1);
    let first = match run.state.scroll.tasks {
        0 => {
            let runs = tasks.iter().position(|task| runs(run, task));
            (runs.unwrap_or(0) + 1).saturating_sub(room)
        }
        scrolled => scrolled.min(tasks.len().saturating_sub(room)),
    };
    let mut hidden = tasks.split_off(first);
    let shown = hidden.drain(..room.min(hidden.len())).collect();
    hidden.extend(tasks);
    (shown, Some(others(run, &hidden, without_row)))
}

/// What the tasks without a row do.
fn others(run: &Track, hidden: &[&TaskCount], without_row: u64) -> String {
    let count = |such: fn(TaskNow) -> bool| {
        hidden.iter().filter(|task| such(task.now)).count() as u64
    };
    let all = hidden.len() as u64 + without_row;
    let ready = count(|now| matches!(now, TaskNow::Ready));
    let running = count(|now| matches!(now, TaskNow::Running));
    let ended = count(|now| now.has_ended());
    let parts = [
        (ready, "ready"),
        (running, "running"),
        (all - ready - running - ended, "paused"),
        (ended, "ended"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts = parts.map(|(n, word)| format!("{} {word}", show_count(n)));
    let parts = parts.collect::<Vec<_>>().join(", ");
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
        TaskNow::Paused { .. }
        | TaskNow::Sleeping { .. }
        | TaskNow::Joining { .. }
        | TaskNow::Waiting => Role::Asleep,
    }
}
