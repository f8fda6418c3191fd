//! Which scripts make no sense, and why: the only place that knows.

use super::script::{Group, Pacing, Payload, Reading, Step, Until};
use std::time::Duration;

/// Why a group's script cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The steps have no `Connect`, or more than one.
    #[error("a script has exactly one step that connects")]
    Connects,
    /// Before `Connect` only `Pause` and `Reading` have a meaning.
    #[error("only a pause or a way of reading may come before the connect")]
    BeforeConnect,
    /// A step after `AwaitEnd`, `Close` or `Reset`.
    #[error("nothing can follow the end of the connection")]
    AfterEnd,
    /// Something said after `HalfClose`, or a second `HalfClose`.
    #[error("nothing can be said after a half-close")]
    AfterHalfClose,
    /// `AwaitEcho` while nothing is read. (`AwaitEnd` may see a reset.)
    #[error("a client that does not read would wait for ever")]
    Deaf,
    /// A message, a piece or the list of pieces is empty.
    #[error("a message must not be empty")]
    EmptyMessage,
    /// A repetition contains another.
    #[error("a repetition holds no other one")]
    NestedRepetition,
    /// A repetition contains what connects or ends.
    #[error("a repetition holds only what is said, awaited, paused or read")]
    InRepetition,
    /// A closed-loop repetition that neither says anything nor pauses.
    #[error("a closed-loop repetition must say something or pause")]
    IdleRepetition,
    /// A closed-loop repetition for a time that waits for nothing.
    #[error("a closed loop that waits for nothing queues without end")]
    EndlessQueue,
    /// An open loop with an interval of zero.
    #[error("the interval of an open loop must not be zero")]
    ZeroInterval,
    /// Slow reading of no bytes at a time.
    #[error("slow reading must take at least one byte at a time")]
    ZeroRead,
}

/// Checks that the group's script can be run.
///
/// # Errors
/// The first thing that makes no sense.
pub fn check(group: &Group) -> Result<(), Fault> {
    let mut rules = Rules::default();
    group.steps.iter().try_for_each(|step| rules.step(step))?;
    rules.end()
}

/// Follows a script step by step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    place: ScriptStage,
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
    pub fn step(&mut self, step: &Step) -> Result<(), Fault> {
        if let Step::Repeat { until, pacing, steps } = step {
            self.begin_repetition()?;
            steps.iter().try_for_each(|step| self.step(step))?;
            return self.end_repetition(*until, *pacing, steps);
        }
        self.place = self.place.after(step)?;
        if self.repeating && !is_repeatable(step) {
            return Err(Fault::InRepetition);
        }
        if self.deaf && *step == Step::AwaitEcho {
            return Err(Fault::Deaf);
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
    pub fn begin_repetition(&mut self) -> Result<(), Fault> {
        match self.place {
            ScriptStage::BeforeConnect => Err(Fault::BeforeConnect),
            ScriptStage::Ended => Err(Fault::AfterEnd),
            _ if self.repeating => Err(Fault::NestedRepetition),
            _ => {
                self.repeating = true;
                Ok(())
            }
        }
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
    ) -> Result<(), Fault> {
        self.repeating = false;
        let endless = matches!(until, Until::Elapsed(_));
        match pacing {
            Pacing::Open { every: Duration::ZERO } => Err(Fault::ZeroInterval),
            Pacing::Closed if !steps.iter().any(says_or_pauses) => {
                Err(Fault::IdleRepetition)
            }
            Pacing::Closed if endless && !steps.iter().any(waits) => {
                Err(Fault::EndlessQueue)
            }
            _ => Ok(()),
        }
    }

    /// The script has no further steps.
    ///
    /// # Errors
    /// If it never connected.
    pub fn end(&self) -> Result<(), Fault> {
        match self.place {
            ScriptStage::BeforeConnect => Err(Fault::Connects),
            _ => Ok(()),
        }
    }

    /// Whether the script itself ends the connection, or awaits its end.
    pub fn has_ended(&self) -> bool {
        self.place == ScriptStage::Ended
    }
}

impl ScriptStage {
    fn after(self, step: &Step) -> Result<Self, Fault> {
        match (self, step) {
            (Self::BeforeConnect, Step::Connect) => Ok(Self::Open),
            (Self::BeforeConnect, Step::Pause(_) | Step::Reading(_)) => {
                Ok(self)
            }
            (Self::BeforeConnect, _) => Err(Fault::BeforeConnect),
            (Self::Ended, _) => Err(Fault::AfterEnd),
            (_, Step::Connect) => Err(Fault::Connects),
            (_, Step::AwaitEnd | Step::Close | Step::Reset) => Ok(Self::Ended),
            (Self::Open, Step::HalfClose) => Ok(Self::HalfClosed),
            (Self::HalfClosed, step) if says(step) => {
                Err(Fault::AfterHalfClose)
            }
            (_, _) => Ok(self),
        }
    }
}

/// Whether the step needs the sending side.
fn says(step: &Step) -> bool {
    let pieces = matches!(step, Step::SayInPieces { .. });
    pieces || matches!(step, Step::Say(_) | Step::HalfClose)
}

fn is_repeatable(step: &Step) -> bool {
    let ends = [Step::AwaitEnd, Step::HalfClose, Step::Close, Step::Reset];
    *step != Step::Connect && !ends.contains(step)
}

fn says_or_pauses(step: &Step) -> bool {
    let pauses = matches!(step, Step::Pause(time) if !time.is_zero());
    pauses || says(step)
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

fn check_values(step: &Step) -> Result<(), Fault> {
    match step {
        Step::Say(Payload::Text(text)) if text.is_empty() => {
            Err(Fault::EmptyMessage)
        }
        Step::Say(Payload::Pattern(0)) => Err(Fault::EmptyMessage),
        Step::SayInPieces { pieces, .. }
            if pieces.is_empty() || pieces.iter().any(Vec::is_empty) =>
        {
            Err(Fault::EmptyMessage)
        }
        Step::Reading(Reading::Slow { bytes: 0, .. }) => Err(Fault::ZeroRead),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_steps(steps: &[Step]) -> Result<(), Fault> {
        check(&Group {
            name: "group".to_owned(),
            count: 1,
            start: Duration::ZERO,
            stagger: Duration::ZERO,
            send_buffer: None,
            receive_buffer: None,
            steps: steps.to_vec(),
        })
    }

    fn say() -> Step {
        Step::Say(Payload::Text(b"hello".to_vec()))
    }

    fn repeat(pacing: Pacing, steps: Vec<Step>) -> Step {
        Step::Repeat { until: Until::Times(1), pacing, steps }
    }

    #[test]
    fn a_usual_script_is_fine() {
        let turn = repeat(Pacing::Closed, vec![say(), Step::AwaitEcho]);
        let pause = Step::Pause(Duration::from_secs(1));
        let steps =
            [pause, Step::Connect, turn, Step::HalfClose, Step::AwaitEnd];
        assert_eq!(check_steps(&steps), Ok(()));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        use Step::{Close, Connect, HalfClose, Reset};
        let zero = Pacing::Open { every: Duration::ZERO };
        let slow = Reading::Slow { bytes: 0, every: Duration::ZERO };
        let deaf = Step::Reading(Reading::Stopped);
        let once = repeat(Pacing::Closed, vec![say()]);
        let nested = repeat(Pacing::Closed, vec![once]);
        let until = Until::Elapsed(Duration::from_secs(1));
        let (pacing, steps) = (Pacing::Closed, vec![say()]);
        let endless = Step::Repeat { until, pacing, steps };
        let no_pieces =
            Step::SayInPieces { pieces: vec![], gap: Duration::ZERO };
        let cases = [
            (vec![], Fault::Connects),
            (vec![Connect, Connect], Fault::Connects),
            (vec![say(), Connect], Fault::BeforeConnect),
            (vec![Connect, Reset, Close], Fault::AfterEnd),
            (vec![Connect, Step::AwaitEnd, Close], Fault::AfterEnd),
            (vec![Connect, deaf, Step::AwaitEcho], Fault::Deaf),
            (vec![Connect, nested], Fault::NestedRepetition),
            (vec![Connect, endless], Fault::EndlessQueue),
            (vec![Connect, HalfClose, say()], Fault::AfterHalfClose),
            (vec![Connect, HalfClose, HalfClose], Fault::AfterHalfClose),
            (
                vec![Connect, Step::Say(Payload::Pattern(0))],
                Fault::EmptyMessage,
            ),
            (vec![Connect, no_pieces], Fault::EmptyMessage),
            (
                vec![Connect, repeat(Pacing::Closed, vec![Close])],
                Fault::InRepetition,
            ),
            (
                vec![Connect, repeat(Pacing::Closed, vec![Step::AwaitEcho])],
                Fault::IdleRepetition,
            ),
            (vec![Connect, repeat(zero, vec![say()])], Fault::ZeroInterval),
            (vec![Connect, Step::Reading(slow)], Fault::ZeroRead),
        ];
        for (steps, fault) in cases {
            assert_eq!(check_steps(&steps), Err(fault), "{steps:?}");
        }
    }
}
