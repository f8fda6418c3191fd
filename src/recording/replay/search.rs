//! Looks for an event, a piece at a time.

use crate::probe::{Event, Note, Outcome, TaskNow};
use crate::recording::{Block, Error, Recording};
use crate::view::{Direction, Kind, SocketId, Stride};
use std::ops::Range;
use std::time::{Duration, Instant};

/// Whether an event, together with the notes that belong to it, matches. Both
/// describe what a call returned, so no place is between them.
pub type Sought = Box<dyn Fn(&[&Event]) -> bool>;

/// Looks for the next event of a kind, in one direction from a place.
pub struct Search {
    recording: Recording,
    direction: Direction,
    /// The number of events before the place.
    from: u64,
    sought: Sought,
    /// The blocks that are still to be looked through.
    left: Range<usize>,
    looked: usize,
}

impl Search {
    /// Searches from the place after the first `from` events.
    pub fn new(
        recording: &Recording,
        from: u64,
        direction: Direction,
        sought: Sought,
    ) -> Self {
        let blocks = recording.blocks();
        let left = match direction {
            Direction::Forwards => {
                let is_before = |it: &Block| it.next_event() <= from;
                blocks.partition_point(is_before)..blocks.len()
            }
            // The event that ends at the place is not before it.
            Direction::Backwards => {
                let begins = |it: &Block| it.first_event + 1 < from;
                0..blocks.partition_point(begins)
            }
        };
        let recording = recording.clone();
        Self { recording, direction, from, sought, left, looked: 0 }
    }

    /// Continues the search for about `budget`. Returns the number of events up
    /// to and including the one that was found, or `Some(None)` if there is
    /// none; `None` if the search is not done yet.
    ///
    /// # Errors
    /// If a block is damaged; what is behind it is not looked through.
    pub fn go_on(
        &mut self,
        budget: Duration,
    ) -> Result<Option<Option<u64>>, Error> {
        let begun = Instant::now();
        loop {
            let next = match self.direction {
                Direction::Forwards => self.left.next(),
                Direction::Backwards => self.left.next_back(),
            };
            let Some(block) = next else { return Ok(Some(None)) };
            let found =
                self.look_through(block).inspect_err(|_| self.left = 0..0)?;
            if found.is_some() {
                return Ok(Some(found));
            }
            self.looked += 1;
            if begun.elapsed() >= budget && !self.left.is_empty() {
                return Ok(None);
            }
        }
    }

    fn look_through(&self, block: usize) -> Result<Option<u64>, Error> {
        let mut number = self.recording.blocks()[block].first_event;
        let records = self.recording.block(block)?;
        let events: Vec<_> =
            records.iter().filter_map(|record| record.event()).collect();
        let groups = events.chunk_by(|first, next| belongs(first, next));
        let mut found = groups.filter_map(|group| {
            number += group.len() as u64;
            let is_there = match self.direction {
                Direction::Forwards => number > self.from,
                Direction::Backwards => number < self.from,
            };
            (is_there && (self.sought)(group)).then_some(number)
        });
        Ok(match self.direction {
            Direction::Forwards => found.next(),
            Direction::Backwards => found.reduce(|_, later| later),
        })
    }

    /// In which direction.
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Which part of the way has been looked through, from 0 to 1.
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
