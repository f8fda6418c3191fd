//! Looks for an event, a piece at a time.

use super::player::Place;
use crate::probe::{Event, Note, Outcome, TaskNow};
use crate::recording::{Error, Recording};
use crate::view::{Direction, Kind, SocketId, Stride};
use std::time::{Duration, Instant};

/// Whether an event, together with the notes that belong to it, matches. Both
/// describe what a call returned, so no place is between them.
pub type Sought = Box<dyn Fn(&[&Event]) -> bool>;

/// Looks for the next event of a kind, in one direction from a place.
pub struct Search {
    recording: Recording,
    direction: Direction,
    from: Place,
    sought: Sought,
    /// The block that is looked through next; `None`: the search is over.
    block: Option<usize>,
    looked: usize,
    /// The place just after the event that was found.
    pub found: Option<Place>,
}

impl Search {
    /// Searches from a place. Where its moment is later than its last event,
    /// that event is a step back from there.
    pub fn new(
        recording: &Recording,
        from: Place,
        direction: Direction,
        sought: Sought,
    ) -> Self {
        let before = match direction {
            Direction::Forwards => from.event,
            Direction::Backwards => from.event.saturating_sub(1),
        };
        let blocks = recording.blocks();
        let block = blocks.partition_point(|it| {
            it.first_event + u64::from(it.events) <= before
        });
        let last = blocks.len().checked_sub(1);
        let block = match direction {
            Direction::Forwards => last.filter(|last| block <= *last),
            Direction::Backwards => last.filter(|_| from.event > 0),
        }
        .map(|last| block.min(last));
        let recording = recording.clone();
        let (looked, found) = (0, None);
        Self { recording, direction, from, sought, block, looked, found }
    }

    /// Whether the event was found, or there is none.
    pub const fn is_over(&self) -> bool {
        self.block.is_none()
    }

    /// Continues the search for about `budget`.
    ///
    /// # Errors
    /// If a block is damaged; what is behind it is not looked through.
    pub fn go_on(&mut self, budget: Duration) -> Result<(), Error> {
        let begun = Instant::now();
        while let Some(block) = self.block.take() {
            self.found = self.look_through(block)?;
            self.looked += 1;
            if self.found.is_none() {
                self.block = self.next(block);
            }
            if begun.elapsed() >= budget {
                break;
            }
        }
        Ok(())
    }

    fn next(&self, block: usize) -> Option<usize> {
        match self.direction {
            Direction::Forwards => {
                let blocks = self.recording.blocks().len();
                Some(block + 1).filter(|next| *next < blocks)
            }
            Direction::Backwards => block.checked_sub(1),
        }
    }

    fn look_through(&self, block: usize) -> Result<Option<Place>, Error> {
        let mut event = self.recording.blocks()[block].first_event;
        let records = self.recording.block(block)?;
        let events: Vec<_> =
            records.iter().filter_map(|record| record.event()).collect();
        let mut found = None;
        for group in events.chunk_by(|first, next| belongs(first, next)) {
            event += group.len() as u64;
            let at = group[group.len() - 1].at().duration();
            let is_there = match self.direction {
                Direction::Forwards => event > self.from.event,
                Direction::Backwards => {
                    event < self.from.event
                        || event == self.from.event && at < self.from.at
                }
            };
            if is_there && (self.sought)(group) {
                found = Some(Place { at, event });
                if self.direction == Direction::Forwards {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Which part of the way has been looked through, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self) -> f32 {
        let left = match (self.block, self.direction) {
            (None, _) => 0,
            (Some(block), Direction::Forwards) => {
                self.recording.blocks().len() - block
            }
            (Some(block), Direction::Backwards) => block + 1,
        };
        self.looked as f32 / (self.looked + left).max(1) as f32
    }
}

/// Matches a group in which any event satisfies the predicate.
fn any(is_so: impl Fn(&Event) -> bool + 'static) -> Sought {
    Box::new(move |group| group.iter().any(|event| is_so(event)))
}

/// Whether the second of two events in a row tells more of the first: which
/// sockets a wait found ready, who was accepted, what is watched now.
fn belongs(first: &Event, next: &Event) -> bool {
    let Event::Note { thread: who, note, .. } = next else { return false };
    match (first, note) {
        (
            Event::Exit { thread, kind: Kind::Wait, .. }
            | Event::Note { thread, note: Note::Ready { .. }, .. },
            Note::Ready { .. },
        )
        | (
            Event::Exit { thread, kind: Kind::Accept, .. },
            Note::Opened { .. },
        )
        | (
            Event::Exit { thread, kind: Kind::Watch, .. },
            Note::Interest { .. },
        ) => who == thread,
        _ => false,
    }
}

/// The events at which a stride ends, in a mode whose loop begins with this
/// call.
pub fn ends(stride: Stride, loop_call: Kind) -> Sought {
    any(move |event| match (stride, event) {
        (Stride::Event, _)
        | (
            Stride::Call,
            Event::Enter { .. } | Event::Exit { .. } | Event::Idle { .. },
        ) => true,
        (Stride::Iteration, Event::Exit { kind, .. }) => *kind == loop_call,
        (Stride::Iteration, Event::Idle { passes, .. }) => *passes > 0,
        (Stride::LoopStep, Event::Note { note, .. }) => {
            matches!(note, Note::Step(_))
        }
        (Stride::Task, Event::Note { note: Note::Task { now, .. }, .. }) => {
            matches!(now, TaskNow::Running)
        }
        _ => false,
    })
}

/// The events of one socket.
pub fn of_socket(socket: SocketId) -> Sought {
    any(move |event| match *event {
        Event::Enter { socket: it, kind, .. } => {
            it == socket && kind != Kind::Wait
        }
        Event::Exit { socket: it, kind, outcome, .. } => match outcome {
            Outcome::Accepted(new) => new == socket || it == socket,
            _ => it == socket && kind != Kind::Wait,
        },
        Event::Idle { .. } => false,
        Event::Note { note, .. } => note.socket() == Some(socket),
    })
}
