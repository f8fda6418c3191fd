//! The steps of a client: whether they can be done in this order.

use super::diagnostic::ScenarioFault;
use super::file::{Located, PiecesEntry, ReadingEntry, RepeatEntry, StepEntry};
use super::validate::{count, positive_time, size};
use crate::load::{Pacing, Payload, Reading, Rules, ScriptFault, Step, Until};
use crate::net::ServerOptions;

type Steps = Located<Vec<Located<StepEntry>>>;

/// The steps of a client, if they can be done.
pub(super) fn steps(entries: &Steps) -> Result<Vec<Step>, ScenarioFault> {
    if entries.is_empty() {
        return Err(ScenarioFault::at(entries, "a client without steps")
            .help("write at least \"connect\""));
    }
    let mut checker = StepChecker(Rules::default());
    let mut steps = checker.steps(entries)?;
    checker.0.end().map_err(|broken| fault(entries, broken))?;
    if !checker.0.has_ended() {
        steps.push(Step::Close);
    }
    Ok(steps)
}

/// What is known of a client between two of its steps.
struct StepChecker(Rules);

impl StepChecker {
    fn steps(&mut self, entries: &Steps) -> Result<Vec<Step>, ScenarioFault> {
        entries.iter().map(|entry| self.step(entry)).collect()
    }

    fn step(
        &mut self,
        entry: &Located<StepEntry>,
    ) -> Result<Step, ScenarioFault> {
        let fault = |broken| fault(entry, broken);
        if let StepEntry::Repeat(_) = **entry {
            self.0.begin_repetition().map_err(fault)?;
            return self.convert(entry);
        }
        let step = self.convert(entry)?;
        self.0.step(&step).map_err(fault)?;
        Ok(step)
    }

    fn convert(&mut self, entry: &StepEntry) -> Result<Step, ScenarioFault> {
        Ok(match entry {
            StepEntry::Connect => Step::Connect,
            StepEntry::Say(said) => Step::Say(Payload::Text(text(said)?)),
            StepEntry::Send(bytes) => {
                Step::Say(Payload::Pattern(size(bytes, u64::MAX)?))
            }
            StepEntry::SayInPieces(entry) => say_in_pieces(entry)?,
            StepEntry::AwaitEcho => Step::AwaitEcho,
            StepEntry::AwaitEnd => Step::AwaitEnd,
            StepEntry::Pause(time) => Step::Pause((**time).0),
            StepEntry::Reading(entry) => reading(entry)?,
            StepEntry::HalfClose => Step::HalfClose,
            StepEntry::Close => Step::Close,
            StepEntry::Reset => Step::Reset,
            StepEntry::Repeat(entry) => self.repeat(entry)?,
        })
    }

    fn repeat(&mut self, entry: &RepeatEntry) -> Result<Step, ScenarioFault> {
        if entry.steps.is_empty() {
            return Err(ScenarioFault::at(&entry.steps, "nothing to repeat")
                .help("write at least one step"));
        }
        let (until, pacing) = (until(entry)?, pacing(entry)?);
        let steps = self.steps(&entry.steps)?;
        let ended = self.0.end_repetition(until, pacing, &steps);
        ended.map_err(|broken| fault(&entry.steps, broken))?;
        Ok(Step::Repeat { until, pacing, steps })
    }
}

fn fault<T>(place: &Located<T>, broken: ScriptFault) -> ScenarioFault {
    ScenarioFault::at(place, broken.problem).help(broken.help)
}

fn reading(entry: &ReadingEntry) -> Result<Step, ScenarioFault> {
    Ok(Step::Reading(match entry {
        ReadingEntry::Eager => Reading::Eager,
        ReadingEntry::Stopped => Reading::Stopped,
        ReadingEntry::Slow(slow) => Reading::Slow {
            bytes: size(&slow.bytes, ServerOptions::LARGEST_BUFFER)?,
            every: positive_time(&slow.every)?,
        },
    }))
}

fn text(said: &Located<String>) -> Result<Vec<u8>, ScenarioFault> {
    if said.is_empty() {
        return Err(ScenarioFault::at(said, "an empty message")
            .help("a message is at least one byte"));
    }
    Ok(said.as_bytes().to_vec())
}

fn say_in_pieces(entry: &PiecesEntry) -> Result<Step, ScenarioFault> {
    if entry.pieces.is_empty() {
        return Err(ScenarioFault::at(&entry.pieces, "a message of no pieces")
            .help("write at least one, such as [\"tes\", \"ting\\n\"]"));
    }
    let pieces = entry.pieces.iter().map(text);
    Ok(Step::SayInPieces {
        pieces: pieces.collect::<Result<_, _>>()?,
        gap: (*entry.gap).0,
    })
}

fn until(entry: &RepeatEntry) -> Result<Until, ScenarioFault> {
    let advice = "write `times = 5` or `for = \"2 s\"`";
    match (&entry.times, &entry.lasting) {
        (Some(times), None) => Ok(Until::Times(count(times, u64::MAX)?)),
        (None, Some(time)) => Ok(Until::Elapsed(positive_time(time)?)),
        (Some(times), Some(time)) => {
            Err(ScenarioFault::at(time, "a repetition with two ends")
                .context(times, "the other one")
                .help(advice))
        }
        (None, None) => {
            Err(ScenarioFault::at(&entry.steps, "a repetition without an end")
                .help(advice))
        }
    }
}

fn pacing(entry: &RepeatEntry) -> Result<Pacing, ScenarioFault> {
    entry.every.as_ref().map_or(Ok(Pacing::Closed), |every| {
        Ok(Pacing::Open { every: positive_time(every)? })
    })
}
