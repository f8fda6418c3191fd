//! Threads that are held at the gate: paused, stepped or in slow motion.

use super::trace::{Label, Ns, Trace, TraceTrack};
use super::{RUN, SERVER};
use crate::probe::{Before, Speed, ThreadAtGate, ThreadId};
use crate::view::Control;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// The track of what thread 0 is held for has this number, behind those of
/// all threads that there may be.
const FIRST: u32 = 70_000;

/// Draws how long threads were held.
#[derive(Default)]
pub(super) struct GateTracks {
    held: BTreeMap<ThreadId, ThreadAtGate>,
    tracks: BTreeMap<ThreadId, TraceTrack>,
    asked: (bool, Speed),
}

impl GateTracks {
    /// These threads are held now, and no others.
    pub(super) fn take(
        &mut self,
        trace: &mut Trace,
        holds: &Control,
    ) -> io::Result<()> {
        let at = holds.at.0;
        let asked = (holds.paused, holds.speed);
        if self.asked != asked {
            self.asked = asked;
            let label = Label::new("gate", words(asked), Value::Null);
            trace.instant(RUN, at, &label)?;
        }
        let now: BTreeMap<_, _> =
            holds.held.iter().map(|it| (it.thread, *it)).collect();
        let before = std::mem::replace(&mut self.held, now);
        for it in before.into_values() {
            let now = self.held.get(&it.thread);
            if now.is_none_or(|now| *now != it) {
                self.draw(trace, &it, at)?;
            }
        }
        Ok(())
    }

    fn draw(
        &mut self,
        trace: &mut Trace,
        held: &ThreadAtGate,
        until: Ns,
    ) -> io::Result<()> {
        let number = FIRST + u32::from(held.thread.0);
        let own = TraceTrack { pid: SERVER, tid: number };
        self.tracks.insert(held.thread, own);
        let (what, args) = before(&held.before);
        let label = Label::new("gate", format!("held before {what}"), args);
        trace.slice(own, (held.since.0, until), &label)
    }

    /// The recording ends here.
    pub(super) fn end(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        for it in std::mem::take(&mut self.held).into_values() {
            self.draw(trace, &it, at)?;
        }
        for (id, track) in &self.tracks {
            trace.name(*track, &format!("thread {}, held", id.0))?;
        }
        Ok(())
    }
}

fn before(what: &Before) -> (String, Value) {
    match *what {
        Before::Call { kind, socket, site } => {
            let args = json!({
                "line": site.to_string(), "socket": socket.to_string(),
            });
            (kind.name().into(), args)
        }
        Before::Step(step) => (step.name().into(), Value::Null),
        Before::Task(task) => (format!("a run of {task}"), Value::Null),
    }
}

fn words((paused, speed): (bool, Speed)) -> String {
    match (paused, speed.delay()) {
        (true, _) => "paused".into(),
        (false, None) => "full speed".into(),
        (false, Some(delay)) => {
            format!("slow motion: {} ms before each call", delay.as_millis())
        }
    }
}
