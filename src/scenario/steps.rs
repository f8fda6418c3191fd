//! The steps of a client: whether they can be done in this order.

use super::diagnostic::Fault;
use super::file::{PiecesEntry, ReadingEntry, RepeatEntry, StepEntry};
use super::quantity::At;
use super::values::{count, positive_time, size};
use crate::load::{Pacing, Payload, Reading, Step, Until};

type Steps = At<Vec<At<StepEntry>>>;

/// The steps of a client, if they can be done.
pub(super) fn steps(entries: &Steps) -> Result<Vec<Step>, Fault> {
    let mut conversation = Conversation::default();
    if entries.value.is_empty() {
        return Err(Fault::at(entries, "a client without steps")
            .help("write at least \"connect\""));
    }
    let mut steps = conversation.steps(entries)?;
    if conversation.state != State::Over {
        steps.push(Step::Close);
    }
    Ok(steps)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unconnected,
    Open,
    HalfClosed,
    Over,
}

/// What is known of a client between two of its steps.
#[derive(Debug, Default)]
struct Conversation {
    state: State,
    deaf: bool,
    repeating: bool,
}

impl Conversation {
    fn steps(&mut self, entries: &Steps) -> Result<Vec<Step>, Fault> {
        entries.value.iter().map(|entry| self.step(entry)).collect()
    }

    fn step(&mut self, entry: &At<StepEntry>) -> Result<Step, Fault> {
        self.check_connection(entry)?;
        self.check_repetition(entry)?;
        self.check_direction(entry)?;
        let step = self.convert(&entry.value)?;
        self.state = match step {
            Step::Connect => State::Open,
            Step::HalfClose => State::HalfClosed,
            Step::AwaitEnd | Step::Close | Step::Reset => State::Over,
            _ => self.state,
        };
        Ok(step)
    }

    fn check_connection(&self, entry: &At<StepEntry>) -> Result<(), Fault> {
        let connects = matches!(entry.value, StepEntry::Connect);
        match self.state {
            State::Unconnected if !connects => {
                Err(Fault::at(entry, "a client that is not connected yet")
                    .help("the first step is \"connect\""))
            }
            State::Over => {
                Err(Fault::at(entry, "a step after the end of the connection")
                    .help(
                        "\"await-end\", \"close\" and \"reset\" are last \
                         steps",
                    ))
            }
            State::Open | State::HalfClosed if connects => {
                Err(Fault::at(entry, "a client connects only once")
                    .help("for more connections, set `count` and `stagger`"))
            }
            _ => Ok(()),
        }
    }

    fn check_repetition(&self, entry: &At<StepEntry>) -> Result<(), Fault> {
        let why = match entry.value {
            _ if !self.repeating => return Ok(()),
            StepEntry::Repeat(_) => "a repetition in a repetition",
            StepEntry::AwaitEnd
            | StepEntry::HalfClose
            | StepEntry::Close
            | StepEntry::Reset => "an end that cannot be repeated",
            _ => return Ok(()),
        };
        Err(Fault::at(entry, why).help("move it behind the repetition"))
    }

    fn check_direction(&self, entry: &At<StepEntry>) -> Result<(), Fault> {
        match entry.value {
            StepEntry::Say(_)
            | StepEntry::Send(_)
            | StepEntry::SayInPieces(_)
            | StepEntry::HalfClose
                if self.state == State::HalfClosed =>
            {
                Err(Fault::at(entry, "the sending side is shut down already")
                    .help("after \"half-close\" a client only receives"))
            }
            StepEntry::AwaitEcho | StepEntry::AwaitEnd if self.deaf => {
                Err(Fault::at(
                    entry,
                    "a client that does not read would wait \
                                      here for ever",
                )
                .help("put `{ reading = \"eager\" }` before it"))
            }
            _ => Ok(()),
        }
    }

    fn convert(&mut self, entry: &StepEntry) -> Result<Step, Fault> {
        Ok(match entry {
            StepEntry::Connect => Step::Connect,
            StepEntry::Say(said) => Step::Say(Payload::Text(text(said)?)),
            StepEntry::Send(bytes) => {
                Step::Say(Payload::Pattern(size(bytes, u64::MAX)?))
            }
            StepEntry::SayInPieces(entry) => say_in_pieces(entry)?,
            StepEntry::AwaitEcho => Step::AwaitEcho,
            StepEntry::AwaitEnd => Step::AwaitEnd,
            StepEntry::Pause(time) => Step::Pause(time.value.0),
            StepEntry::Repeat(entry) => self.repeat(entry)?,
            StepEntry::Reading(entry) => self.reading(&entry.value)?,
            StepEntry::HalfClose => Step::HalfClose,
            StepEntry::Close => Step::Close,
            StepEntry::Reset => Step::Reset,
        })
    }

    fn reading(&mut self, entry: &ReadingEntry) -> Result<Step, Fault> {
        let reading = match entry {
            ReadingEntry::Eager => Reading::Eager,
            ReadingEntry::Stopped => Reading::Stopped,
            ReadingEntry::Slow(slow) => Reading::Slow {
                bytes: size(&slow.bytes, super::Plan::LARGEST_BUFFER)?,
                every: positive_time(&slow.every)?,
            },
        };
        self.deaf = reading == Reading::Stopped;
        Ok(Step::Reading(reading))
    }

    fn repeat(&mut self, entry: &RepeatEntry) -> Result<Step, Fault> {
        if entry.steps.value.is_empty() {
            return Err(Fault::at(&entry.steps, "nothing to repeat")
                .help("write at least one step"));
        }
        let (until, pacing) = (until(entry)?, pacing(entry)?);
        self.repeating = true;
        let steps = self.steps(&entry.steps)?;
        self.repeating = false;
        let endless = matches!(until, Until::Elapsed(_));
        if endless && pacing == Pacing::Closed && !steps.iter().any(waits) {
            return Err(Fault::at(
                &entry.steps,
                "a closed loop that waits for nothing queues without end",
            )
            .help("add \"await-echo\" or a pause, or pace it with `every`"));
        }
        Ok(Step::Repeat { until, pacing, steps })
    }
}

fn text(said: &At<String>) -> Result<Vec<u8>, Fault> {
    if said.value.is_empty() {
        return Err(Fault::at(said, "an empty message")
            .help("a message is at least one byte"));
    }
    Ok(said.value.clone().into_bytes())
}

fn say_in_pieces(entry: &PiecesEntry) -> Result<Step, Fault> {
    if entry.pieces.value.is_empty() {
        return Err(Fault::at(&entry.pieces, "a message of no pieces")
            .help("write at least one, such as [\"tes\", \"ting\\n\"]"));
    }
    let pieces = entry.pieces.value.iter().map(text);
    Ok(Step::SayInPieces {
        pieces: pieces.collect::<Result<_, _>>()?,
        gap: entry.gap.value.0,
    })
}

fn until(entry: &RepeatEntry) -> Result<Until, Fault> {
    let advice = "write `times = 5` or `for = \"2 s\"`";
    match (&entry.times, &entry.lasting) {
        (Some(times), None) => Ok(Until::Times(count(times, u64::MAX)?)),
        (None, Some(time)) => Ok(Until::Elapsed(positive_time(time)?)),
        (Some(times), Some(time)) => {
            Err(Fault::at(time, "a repetition with two ends")
                .context(times, "the other one")
                .help(advice))
        }
        (None, None) => {
            Err(Fault::at(&entry.steps, "a repetition without an end")
                .help(advice))
        }
    }
}

fn pacing(entry: &RepeatEntry) -> Result<Pacing, Fault> {
    entry.every.as_ref().map_or(Ok(Pacing::Closed), |every| {
        Ok(Pacing::Open { every: positive_time(every)? })
    })
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
