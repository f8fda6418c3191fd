//! The event loop: its turn, its tasks, its source.

use super::stage::Stage;
use insta::assert_snapshot;
use sockscope::modes::Mode;
use sockscope::probe::Before;
use sockscope::tui::keys::Move;
use sockscope::tui::{Message, Pane};
use sockscope::view::TaskCount;
use sockscope::view::{Step, TaskId, TaskNow};
use std::sync::Arc;
use std::time::Duration;

fn stage(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Tasks, width, height)
}

/// The row of the screen with this text.
fn row(stage: &Stage, text: &str) -> String {
    let screen = stage.text();
    let row = screen.lines().find(|row| row.contains(text));
    row.unwrap_or_else(|| panic!("{text} is not in\n{screen}")).to_owned()
}

#[test]
fn the_code_says_where_tasks_are_paused_and_where_the_thread_is() {
    let stage = stage(120, 40);
    assert!(
        stage.shows("code · tasks.rs · thread asleep in select, turn.rs:133")
    );
    let read = row(&stage, "tasks.read(client).await?;");
    assert!(read.contains("34 ║") && read.contains("1 paused 0.4 s"), "{read}");
    assert!(!stage.text().contains("▶ "), "the thread is in no line of it");
}

#[test]
fn the_loops_source_follows_the_step() {
    let mut stage = stage(80, 24);
    stage.tell(Message::Source);
    for step in Step::ALL {
        Arc::make_mut(&mut stage.view.figures).turns.now = Some(step);
        let head = row(&stage, &format!("fn {}(", step.name()));
        assert!(head.contains('▌'), "{head}");
    }
    stage.tell(Message::Source);
    assert!(!stage.shows("fn select"));
}

#[test]
fn held_before_a_step_or_a_task_says_so() {
    let mut stage = stage(80, 24);
    stage.control.paused = true;
    stage.hold(None);
    stage.control.stands = true;
    stage.view.threads[0].in_call = false;
    for (before, words) in [
        (Before::Step(Step::Select), "held before step select"),
        (Before::Task(TaskId(2)), "held before t2 runs"),
    ] {
        stage.hold(Some(before));
        assert!(stage.shows(&format!("thread {words}")));
        assert!(stage.shows(&format!("({words}): clients wait, too")));
        assert!(!stage.shows(" 1 held "), "at no call");
    }
    assert_snapshot!("held-before-a-task", stage.text());
}

#[test]
fn presented_its_tasks_come_next() {
    let mut stage = stage(120, 40).after(Message::Presenter);
    stage.tell(Message::NextPane);
    assert_eq!(stage.track().focus, Pane::Tasks);
}

#[test]
fn the_sockets_come_when_they_have_the_focus() {
    let mut stage = stage(80, 24);
    assert!(stage.shows("─ tasks ·") && !stage.shows("─ sockets"));
    stage.tell(Message::NextPane);
    assert!(!stage.shows("─ tasks ·") && stage.shows("─ sockets"));
    stage.tell(Message::NextPane);
    assert_eq!(stage.track().focus, Pane::Tasks);
    assert!(stage.shows("─ tasks ·") && !stage.shows("─ sockets"));
}

#[test]
fn of_many_tasks_those_without_a_row_are_counted() {
    let mut stage = stage(80, 24);
    let one = stage.view.tasks[1];
    let more = (10..100).map(|id| TaskCount { task: TaskId(id), ..one });
    stage.view.tasks.extend(more);
    stage.view.tasks_alive = 10_000;
    stage.track().focus = Pane::Tasks;
    assert!(stage.shows(" paused, 1 ended (↑ ↓)"));
    stage.tell(Message::Move(Move::End));
    assert!(row(&stage, "t99").contains("paused on read of #1"));
    stage.tell(Message::Move(Move::Home));
    assert!(stage.shows("t0    serve"));
    stage.hold(Some(Before::Task(TaskId(50))));
    assert!(stage.shows("▶t50"), "who runs next is in sight");
}

#[test]
fn the_latest_come_first_when_they_are_to() {
    let mut stage = stage(120, 40);
    stage.view.tasks[2].since = stage.view.at.into();
    stage.tell(Message::Sort);
    assert!(stage.track().sockets.by_activity);
    let screen = stage.text();
    let at = |text: &str| screen.find(text).unwrap();
    assert!(at("t2    echo #2") < at("t1    echo #1"));
    assert!(stage.shows("latest first"));
}

#[test]
fn every_state_has_words() {
    let mut stage = stage(120, 40);
    let site = stage.view.tasks[1].site.unwrap();
    let time = Duration::from_millis(1_400);
    for (now, words) in [
        (TaskNow::Running, "running"),
        (
            TaskNow::Sleeping { time: time.into(), site },
            "sleeping, at most 1400 ms",
        ),
        (TaskNow::Joining { task: TaskId(2), site }, "waiting for t2"),
        (TaskNow::Cancelled, "cancelled"),
        (TaskNow::Done, "done"),
    ] {
        stage.view.tasks[1].now = now;
        let row = row(&stage, "echo #1");
        assert!(row.contains(words), "{row}");
    }
    assert!(row(&stage, "echo #4").contains("failed: its handler failed"));
}

/// Sources change, and fixed views do not know.
#[test]
fn the_fixed_views_lines_are_those_of_the_sources() {
    let stage = stage(80, 24);
    let loop_source = stage.facts.loop_source.as_ref().unwrap();
    for line in &stage.view.lines {
        let own = line.site.file == stage.facts.source.path;
        let source = if own { &stage.facts.source } else { loop_source };
        let code =
            source.text.lines().nth(line.site.line as usize - 1).unwrap();
        let call = format!(".{}(", line.kind.name());
        assert!(code.contains(&call), "{}: {code}", line.site);
    }
}
