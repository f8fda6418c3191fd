//! Which scripts make no sense, and why.

use super::script::{Group, Pacing, Payload, Reading, Step};
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
    /// A step after `Close` or `Reset`.
    #[error("nothing can follow a close or a reset")]
    AfterEnd,
    /// Something said after `HalfClose`, or a second `HalfClose`.
    #[error("nothing can be said after a half-close")]
    AfterHalfClose,
    /// A message, a piece or the list of pieces is empty.
    #[error("a message must not be empty")]
    EmptyMessage,
    /// A repetition contains another, or what connects or ends.
    #[error("a repetition holds only what is said, awaited, paused or read")]
    InRepetition,
    /// A closed-loop repetition that neither says anything nor pauses.
    #[error("a closed-loop repetition must say something or pause")]
    IdleRepetition,
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
    let steps = &group.steps;
    if steps.iter().filter(|step| **step == Step::Connect).count() != 1 {
        return Err(Fault::Connects);
    }
    let mut place = Place::BeforeConnect;
    for step in steps {
        check_step(step)?;
        place = place.after(step)?;
    }
    Ok(())
}

/// How far a script has come.
#[derive(Clone, Copy)]
enum Place {
    BeforeConnect,
    Open,
    HalfClosed,
    Ended,
}

impl Place {
    fn after(self, step: &Step) -> Result<Self, Fault> {
        match (self, step) {
            (Self::BeforeConnect, Step::Connect) => Ok(Self::Open),
            (Self::BeforeConnect, Step::Pause(_) | Step::Reading(_)) => {
                Ok(self)
            }
            (Self::BeforeConnect, _) => Err(Fault::BeforeConnect),
            (Self::Ended, _) => Err(Fault::AfterEnd),
            (_, Step::Close | Step::Reset) => Ok(Self::Ended),
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
    match step {
        Step::Say(_) | Step::SayInPieces { .. } | Step::HalfClose => true,
        Step::Repeat { steps, .. } => steps.iter().any(says),
        _ => false,
    }
}

fn check_step(step: &Step) -> Result<(), Fault> {
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
        Step::Repeat { pacing, steps, .. } => check_repeat(*pacing, steps),
        _ => Ok(()),
    }
}

fn check_repeat(pacing: Pacing, steps: &[Step]) -> Result<(), Fault> {
    for step in steps {
        match step {
            Step::Connect
            | Step::Repeat { .. }
            | Step::HalfClose
            | Step::Close
            | Step::Reset => return Err(Fault::InRepetition),
            step => check_step(step)?,
        }
    }
    match pacing {
        Pacing::Open { every: Duration::ZERO } => Err(Fault::ZeroInterval),
        Pacing::Closed if !steps.iter().any(takes_time) => {
            Err(Fault::IdleRepetition)
        }
        _ => Ok(()),
    }
}

fn takes_time(step: &Step) -> bool {
    matches!(step, Step::Say(_) | Step::SayInPieces { .. } | Step::AwaitEnd)
        || matches!(step, Step::Pause(time) if *time > Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::super::script::Until;
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
        let no_pieces =
            Step::SayInPieces { pieces: vec![], gap: Duration::ZERO };
        let cases = [
            (vec![], Fault::Connects),
            (vec![Connect, Connect], Fault::Connects),
            (vec![say(), Connect], Fault::BeforeConnect),
            (vec![Connect, Reset, Close], Fault::AfterEnd),
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
