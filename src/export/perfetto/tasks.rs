//! A track a task of the event loop: what it does and what it waits for.

use super::lane::Lane;
use super::sockets::OWN_TRACKS;
use super::trace::{Label, Ns, Place, Trace};
use crate::probe::{TaskId, TaskNow};
use crate::units::show_time;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// The group of tasks.
pub(super) const TASKS: u32 = 3;

/// Task 0 has this number.
const FIRST: u32 = 300_000;

/// The tasks of the run.
#[derive(Default)]
pub(super) struct Tasks {
    known: BTreeMap<TaskId, Task>,
    some_are_missing: bool,
}

struct Task {
    lane: Lane,
    /// What it does, and since when.
    now: Option<(Ns, TaskNow)>,
}

impl Tasks {
    /// A task comes to do something else.
    pub(super) fn take(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        (id, now): (TaskId, TaskNow),
    ) -> io::Result<()> {
        if id.0 >= OWN_TRACKS {
            self.some_are_missing = true;
            return Ok(());
        }
        let place = Place { pid: TASKS, tid: FIRST + id.0 };
        let new = || Task { lane: Lane::new(place), now: None };
        let it = self.known.entry(id).or_insert_with(new);
        it.draw(trace, at)?;
        if now.has_ended() {
            it.now = None;
            return it.lane.instant(trace, at, &label(now));
        }
        it.now = Some((at, now));
        Ok(())
    }

    /// Whether some tasks had no track.
    pub(super) const fn some_are_missing(&self) -> bool {
        self.some_are_missing
    }

    /// Whether there are any.
    pub(super) fn are_any(&self) -> bool {
        self.known.values().any(|it| it.lane.is_used())
    }

    /// The recording ends here.
    pub(super) fn end(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        for (id, it) in &mut self.known {
            it.draw(trace, at)?;
            if it.lane.is_used() {
                trace.name(it.lane.place, &format!("task {id}"))?;
            }
        }
        Ok(())
    }
}

impl Task {
    /// What it did until now.
    fn draw(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        match self.now.take() {
            Some((since, now)) => {
                self.lane.slice(trace, (since, at), &label(now))
            }
            None => Ok(()),
        }
    }
}

fn label(now: TaskNow) -> Label {
    let mut args = now
        .site()
        .map_or(Value::Null, |site| json!({"line": site.to_string()}));
    let name = match now {
        TaskNow::Sleeping { time, .. } => {
            args["at most"] = show_time(time.duration()).into();
            "sleeping".into()
        }
        now => now.words(),
    };
    Label::new("task", name, args)
}
