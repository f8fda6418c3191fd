//! Searches for an event, for a limited time at each call.

use super::player::Place;
use crate::probe::{Event, Note, Outcome, TaskNow};
use crate::recording::{Block, Error, Recording};
use crate::view::{Direction, Kind, SocketId, Stride};
use std::mem::take;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Whether an event, together with the notes that belong to it, matches. Both
/// describe what a call returned, so there is no place between them.
pub type Sought = Box<dyn Fn(&[&Event]) -> bool>;

/// Searches for the next event of a kind, in one direction from a place.
pub struct Search {
    recording: Recording,
    direction: Direction,
    from: Place,
    sought: Sought,
    /// The blocks that are still to be looked through.
    left: Range<usize>,
    looked: usize,
    /// The place just after the event that was found.
    pub found: Option<Place>,
}

impl Search {
    /// Searches from a place. Backwards, the last event before it counts if
    /// the moment of the place is later than that event.
    pub fn new(
        recording: &Recording,
        from: Place,
        direction: Direction,
        sought: Sought,
    ) -> Self {
        let blocks = recording.blocks();
        let left = match direction {
            Direction::Forwards => {
                let is_before = |it: &Block| it.next_event() <= from.event;
                blocks.partition_point(is_before)..blocks.len()
            }
            Direction::Backwards => {
                let begins = |it: &Block| it.first_event < from.event;
                0..blocks.partition_point(begins)
            }
        };
        let (recording, looked, found) = (recording.clone(), 0, None);
        Self { recording, direction, from, sought, left, looked, found }
    }

    /// Whether the event was found, or there is none.
    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Continues the search for about `budget`.
    ///
    /// # Errors
    /// If a block is damaged; the blocks after it are not searched.
    pub fn go_on(&mut self, budget: Duration) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let next = match self.direction {
                Direction::Forwards => self.left.next(),
                Direction::Backwards => self.left.next_back(),
            };
            let Some(block) = next else { return Ok(()) };
            // The search is over if this block is damaged or has the event.
            let left = take(&mut self.left);
            self.found = self.look_through(block)?;
            self.looked += 1;
            if self.found.is_none() {
                self.left = left;
            }
            if begun.elapsed() >= budget {
                return Ok(());
            }
        }
    }

    fn look_through(&self, block: usize) -> Result<Option<Place>, Error> {
        let mut event = self.recording.blocks()[block].first_event;
        let records = self.recording.block(block)?;
        let events: Vec<_> =
            records.iter().filter_map(|record| record.event()).collect();
        let groups = events.chunk_by(|first, next| belongs(first, next));
        let mut found = groups.filter_map(|group| {
            event += group.len() as u64;
            let at = group.last()?.at().duration();
            let is_there = match self.direction {
                Direction::Forwards => event > self.from.event,
                Direction::Backwards => {
                    (event, at) < (self.from.event, self.from.at)
                }
            };
            (is_there && (self.sought)(group)).then_some(Place { at, event })
        });
        Ok(match self.direction {
            Direction::Forwards => found.next(),
            Direction::Backwards => found.reduce(|_, later| later),
        })
    }

    /// The part of the blocks that has been searched, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share(&self) -> f32 {
        let all = self.looked + self.left.len();
        self.looked as f32 / all.max(1) as f32
    }
}

/// Matches a group in which any event satisfies the predicate.
fn any(is_so: impl Fn(&Event) -> bool + 'static) -> Sought {
    Box::new(move |group| group.iter().any(|event| is_so(event)))
}

/// Whether the second of two events in a row is a detail of the first: a socket
/// that a wait found ready, who was accepted, or what is watched now.
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
