//! Who may pass the gate, and when.

use super::held::{Before, Held};
use super::{State, Ticket};
use crate::probe::event::Kind;
use std::time::Duration;

#[derive(Clone, Copy)]
pub(super) enum Step {
    /// One call, of the thread that has waited longest or comes first.
    Call,
    /// Every call, until the loop's first call is about to be made (again,
    /// if a thread waits to make it).
    Turn { loop_call: Kind, is_before: bool },
    /// Everything, until the next step of the event loop's turn would begin;
    /// that one, too, if a thread waits to begin it.
    Part { is_before: bool },
    /// Everything, until a task has run and the next task or step would
    /// begin; in the middle of a task, the rest of it.
    Task { is_in_task: bool },
}

/// What a thread at the gate is to do.
pub(super) enum Verdict {
    Pass,
    Wait,
    WaitFor(Duration),
}

impl State {
    /// What the thread is to do; if it passes, its step is taken.
    pub(super) fn judge(&mut self, ticket: Ticket, held: &Held) -> Verdict {
        if self.over {
            return Verdict::Pass;
        }
        let Some(step) = self.step.filter(|_| self.paused) else {
            return if self.paused { Verdict::Wait } else { self.slow(held) };
        };
        match step {
            Step::Call => self.judge_call(ticket, held),
            Step::Turn { loop_call, is_before } => {
                let is_loop_call = held.before.is_call(loop_call);
                let next = Step::Turn { loop_call, is_before: false };
                self.judge_until(held, is_loop_call, is_before, next)
            }
            Step::Part { is_before } => {
                let next = Step::Part { is_before: false };
                self.judge_until(held, held.before.is_step(), is_before, next)
            }
            Step::Task { is_in_task } => self.judge_task(held, is_in_task),
        }
    }

    fn judge_call(&mut self, ticket: Ticket, held: &Held) -> Verdict {
        if !matches!(held.before, Before::Call { .. }) {
            return self.slow(held);
        }
        let first = self.waiting.front().map(|(first, _)| *first);
        if first != Some(ticket) {
            return Verdict::Wait;
        }
        self.step = None;
        Verdict::Pass
    }

    /// Everything passes until it `is_end`, or the second time if somebody
    /// `is_before` it; what is then left of the step is `next`.
    fn judge_until(
        &mut self,
        held: &Held,
        is_end: bool,
        is_before: bool,
        next: Step,
    ) -> Verdict {
        if is_end && !is_before {
            self.step = None;
            return Verdict::Wait;
        }
        let verdict = self.slow(held);
        if is_end && matches!(verdict, Verdict::Pass) {
            self.step = Some(next);
        }
        verdict
    }

    fn judge_task(&mut self, held: &Held, is_in_task: bool) -> Verdict {
        let runs = matches!(held.before, Before::Task(_));
        let is_end =
            if is_in_task { runs || held.before.is_step() } else { runs };
        let next = Step::Task { is_in_task: true };
        self.judge_until(held, is_end, !is_in_task, next)
    }

    /// What slow motion alone has it do.
    fn slow(&self, held: &Held) -> Verdict {
        let delay = self.speed.delay().unwrap_or_default();
        match delay.checked_sub(held.since.elapsed()) {
            None | Some(Duration::ZERO) => Verdict::Pass,
            Some(rest) => Verdict::WaitFor(rest),
        }
    }
}
