//! Which scripts can be run, and why the others cannot.

use super::script::{Group, Reading, Repeat, Step};
use std::time::Duration;

/// Why a group's script cannot be run, and what would be right, in the words
/// of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {help}")]
pub struct ScriptFault {
    pub problem: &'static str,
    pub help: &'static str,
    /// The place of the step, then of the step in that repetition; empty for
    /// the script as a whole.
    pub place: Vec<usize>,
}

fn fault<T>(problem: &'static str, help: &'static str) -> Checked<T> {
    Err(ScriptFault { problem, help, place: Vec::new() })
}

type Checked<T = ()> = Result<T, ScriptFault>;

/// Checks that the group's script can be run.
///
/// # Errors
/// The first fault.
pub fn check(group: &Group) -> Checked {
    if group.steps.is_empty() {
        return fault("a client without steps", "write at least \"connect\"");
    }
    let mut rules = Rules::default();
    rules.steps(&group.steps)?;
    match rules.stage {
        ScriptStage::BeforeConnect => fault(
            "a client that never connects",
            "write \"connect\" where it is to do so",
        ),
        _ => Ok(()),
    }
}

/// Follows a script step by step.
#[derive(Clone, Copy, Debug, Default)]
struct Rules {
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
    fn steps(&mut self, steps: &[Step]) -> Checked {
        for (place, step) in steps.iter().enumerate() {
            self.step(step).map_err(|mut fault| {
                fault.place.insert(0, place);
                fault
            })?;
        }
        Ok(())
    }

    /// Checks the next step, which may move the stage on.
    fn step(&mut self, step: &Step) -> Checked {
        if let Step::Repeat(repeat) = step {
            return self.repeat(repeat);
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

    fn repeat(&mut self, repeat: &Repeat) -> Checked {
        // Allowed where any step is that neither connects nor ends.
        self.stage.after(&Step::AwaitEcho)?;
        if self.repeating {
            return fault(
                "a repetition in a repetition",
                "move it behind the repetition",
            );
        }
        let problem = match (repeat.times, repeat.lasting) {
            (Some(_), Some(_)) => "a repetition with two ends",
            (None, None) => "a repetition without an end",
            _ => "",
        };
        if !problem.is_empty() {
            return fault(problem, "write `times = 5` or `for = \"2 s\"`");
        }
        if repeat.steps.is_empty() {
            return fault("nothing to repeat", "write at least one step");
        }
        let times = [repeat.lasting, repeat.every];
        let is_zero = times.into_iter().flatten().any(|it| it.0.is_zero());
        if is_zero || repeat.times == Some(0) {
            return ZERO;
        }
        self.repeating = true;
        self.steps(&repeat.steps)?;
        self.repeating = false;
        let turn = &repeat.steps;
        match (repeat.every, repeat.lasting) {
            (None, _) if !turn.iter().any(says_or_pauses) => fault(
                "a closed loop that says nothing and does not pause",
                "add something to say, or a pause",
            ),
            (None, Some(_)) if !turn.iter().any(waits) => fault(
                "a closed loop that waits for nothing queues without end",
                "add \"await-echo\" or a pause, or pace it with `every`",
            ),
            _ => Ok(()),
        }
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
    place: Vec::new(),
});

fn says(step: &Step) -> bool {
    matches!(step, Step::Say(_) | Step::Send(_) | Step::SayInPieces { .. })
}

fn ends(step: &Step) -> bool {
    matches!(step, Step::AwaitEnd | Step::Close | Step::Reset)
}

fn says_or_pauses(step: &Step) -> bool {
    says(step) || matches!(step, Step::Pause(time) if !time.0.is_zero())
}

/// Whether a step takes time by itself.
fn waits(step: &Step) -> bool {
    match step {
        Step::AwaitEcho => true,
        Step::Pause(time) | Step::SayInPieces { gap: time, .. } => {
            !time.0.is_zero()
        }
        _ => false,
    }
}

fn check_values(step: &Step) -> Checked {
    let empty = match step {
        Step::Say(text) => text.is_empty(),
        Step::Send(size) => size.0 == 0,
        Step::SayInPieces { pieces, .. } => {
            pieces.is_empty() || pieces.iter().any(String::is_empty)
        }
        Step::Reading(Reading::Slow { bytes, every })
            if bytes.0 == 0 || every.0 == Duration::ZERO =>
        {
            return ZERO;
        }
        _ => false,
    };
    if empty {
        return fault("an empty message", "a message is at least one byte");
    }
    Ok(())
}
