//! Which scripts can be run, and why the others cannot.

use super::script::{Group, Pacing, Payload, Reading, Step, Until};
use std::time::Duration;

/// Why a group's script cannot be run, and what would be right, in the words
/// of a scenario file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {help}")]
pub struct ScriptFault {
    /// What is wrong.
    pub problem: &'static str,
    /// What would be right.
    pub help: &'static str,
}

fn fault<T>(problem: &'static str, help: &'static str) -> Checked<T> {
    Err(ScriptFault { problem, help })
}

type Checked<T = ()> = Result<T, ScriptFault>;

/// Checks that the group's script can be run.
///
/// # Errors
/// The first thing that makes no sense.
pub fn check(group: &Group) -> Checked {
    let mut rules = Rules::default();
    group.steps.iter().try_for_each(|step| rules.step(step))?;
    rules.end()
}

/// Follows a script step by step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    stage: ScriptStage,
    deaf: bool,
    repeating: bool,
}

/// How far a script has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ScriptStage {
    #[default]
    BeforeConnect,
    Open,
    HalfClosed,
    Ended,
}

impl Rules {
    /// The script goes on with this step.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn step(&mut self, step: &Step) -> Checked {
        if let Step::Repeat { until, pacing, steps } = step {
            self.begin_repetition()?;
            steps.iter().try_for_each(|step| self.step(step))?;
            return self.end_repetition(*until, *pacing, steps);
        }
        self.stage = self.stage.after(step)?;
        if self.repeating && (*step == Step::HalfClose || ends(step)) {
            return fault(
                "an end that cannot be repeated",
                "move it behind the repetition",
            );
        }
        if self.deaf && *step == Step::AwaitEcho {
            return fault(
                "a client that does not read would wait here for ever",
                "put `{ reading = \"eager\" }` before it",
            );
        }
        if let Step::Reading(reading) = step {
            self.deaf = *reading == Reading::Stopped;
        }
        check_values(step)
    }

    /// The script goes on with a repetition, whose steps follow.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn begin_repetition(&mut self) -> Checked {
        // As any step that neither connects nor ends.
        self.stage.after(&Step::AwaitEcho)?;
        if self.repeating {
            return fault(
                "a repetition in a repetition",
                "move it behind the repetition",
            );
        }
        self.repeating = true;
        Ok(())
    }

    /// These were the steps of the repetition.
    ///
    /// # Errors
    /// Why they cannot be repeated so.
    pub fn end_repetition(
        &mut self,
        until: Until,
        pacing: Pacing,
        steps: &[Step],
    ) -> Checked {
        self.repeating = false;
        let endless = matches!(until, Until::Elapsed(_));
        match pacing {
            Pacing::Open { every: Duration::ZERO } => ZERO,
            Pacing::Closed if !steps.iter().any(says_or_pauses) => fault(
                "a closed loop that says nothing and does not pause",
                "add something to say, or a pause",
            ),
            Pacing::Closed if endless && !steps.iter().any(waits) => fault(
                "a closed loop that waits for nothing queues without end",
                "add \"await-echo\" or a pause, or pace it with `every`",
            ),
            _ => Ok(()),
        }
    }

    /// The script has no further steps.
    ///
    /// # Errors
    /// If it never connected.
    pub fn end(&self) -> Checked {
        if self.stage == ScriptStage::BeforeConnect {
            return fault(
                "a client that never connects",
                "write \"connect\" where it is to do so",
            );
        }
        Ok(())
    }

    /// Whether the script itself ends the connection, or awaits its end.
    pub fn has_ended(&self) -> bool {
        self.stage == ScriptStage::Ended
    }
}

impl ScriptStage {
    fn after(self, step: &Step) -> Checked<Self> {
        match (self, step) {
            (Self::BeforeConnect, Step::Connect) => Ok(Self::Open),
            (Self::BeforeConnect, Step::Pause(_) | Step::Reading(_)) => {
                Ok(self)
            }
            (Self::BeforeConnect, _) => fault(
                "a client that is not connected yet",
                "before \"connect\" it can only pause or choose how to read",
            ),
            (Self::Ended, _) => fault(
                "a step after the end of the connection",
                "\"await-end\", \"close\" and \"reset\" are last steps",
            ),
            (_, Step::Connect) => fault(
                "a client connects only once",
                "for more connections, set `count` and `stagger`",
            ),
            (Self::HalfClosed, step)
                if says(step) || *step == Step::HalfClose =>
            {
                fault(
                    "the sending side is shut down already",
                    "after \"half-close\" a client only receives",
                )
            }
            (_, Step::HalfClose) => Ok(Self::HalfClosed),
            (_, step) if ends(step) => Ok(Self::Ended),
            _ => Ok(self),
        }
    }
}

const ZERO: Checked = Err(ScriptFault {
    problem: "this cannot be zero",
    help: "write at least 1",
});

fn says(step: &Step) -> bool {
    matches!(step, Step::Say(_) | Step::SayInPieces { .. })
}

fn ends(step: &Step) -> bool {
    matches!(step, Step::AwaitEnd | Step::Close | Step::Reset)
}

fn says_or_pauses(step: &Step) -> bool {
    says(step) || matches!(step, Step::Pause(time) if !time.is_zero())
}

/// Whether a step takes time by itself.
fn waits(step: &Step) -> bool {
    match step {
        Step::AwaitEcho => true,
        Step::Pause(time) | Step::SayInPieces { gap: time, .. } => {
            !time.is_zero()
        }
        _ => false,
    }
}

fn check_values(step: &Step) -> Checked {
    let empty = match step {
        Step::Say(Payload::Text(text)) => text.is_empty(),
        Step::Say(Payload::Pattern(length)) => *length == 0,
        Step::SayInPieces { pieces, .. } => {
            pieces.is_empty() || pieces.iter().any(Vec::is_empty)
        }
        Step::Reading(Reading::Slow { bytes: 0, .. }) => return ZERO,
        _ => false,
    };
    if empty {
        return fault("an empty message", "a message is at least one byte");
    }
    Ok(())
}
