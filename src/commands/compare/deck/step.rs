//! The next step of any of several recorded runs.

use crate::probe::Kind;
use crate::recording::Recording;
use crate::recording::replay::{Search, ends};
use crate::view::{Direction, Stride};
use std::task::Poll;
use std::time::Duration;

/// For so long one looks before the keys are looked at.
const WORK: Duration = Duration::from_millis(5);

/// A step that is looked for in every run.
pub(super) struct Step {
    pub(super) direction: Direction,
    looking: Vec<Looking>,
}

/// One of them.
struct Looking {
    recording: Recording,
    search: Search,
    /// How many events there are up to and with the end of the step, if
    /// there is one.
    found: Poll<Option<u64>>,
}

/// The nearest end of a step, in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) at: Duration,
    /// In which run.
    pub(super) place: usize,
    pub(super) event: u64,
}

impl Step {
    /// A step from this moment, before which there are so many events in
    /// each.
    pub(super) fn new<'a>(
        places: impl Iterator<Item = (&'a Recording, u64)>,
        at: Duration,
        (stride, direction): (Stride, Direction),
    ) -> Self {
        let looking = |(recording, events): (&Recording, u64)| {
            let sought = ends(stride, loop_call(recording));
            // Where the last event is over for a while, going back to it is
            // a step.
            let back = direction == Direction::Backwards
                && time_of(recording, events).is_some_and(|it| it < at);
            let from = events + u64::from(back);
            let search = Search::new(recording, from, direction, sought);
            Looking {
                recording: recording.clone(),
                search,
                found: Poll::Pending,
            }
        };
        Self { direction, looking: places.map(looking).collect() }
    }

    /// Looks on for a while; tells the nearest one, if there is any.
    pub(super) fn look_on(&mut self) -> Poll<Option<Found>> {
        for it in &mut self.looking {
            if it.found.is_pending() {
                // What cannot be read has no steps.
                let found = it.search.go_on(WORK).unwrap_or(Some(None));
                it.found = found.map_or(Poll::Pending, Poll::Ready);
            }
        }
        if self.looking.iter().any(|it| it.found.is_pending()) {
            return Poll::Pending;
        }
        let all = self.looking.iter().enumerate();
        let all = all.filter_map(|(place, it)| {
            let Poll::Ready(Some(event)) = it.found else { return None };
            let at = time_of(&it.recording, event)?;
            Some(Found { at, place, event })
        });
        Poll::Ready(match self.direction {
            Direction::Forwards => all.min(),
            Direction::Backwards => all.max(),
        })
    }
}

/// The first call of the mode's loop.
fn loop_call(recording: &Recording) -> Kind {
    let name = &recording.header().shape.loop_call;
    let mut kinds = Kind::ALL.into_iter();
    kinds.find(|it| it.name() == name).unwrap_or(Kind::Accept)
}

/// When the last of so many events was.
fn time_of(recording: &Recording, events: u64) -> Option<Duration> {
    let Some(before) = events.checked_sub(1) else {
        return Some(Duration::ZERO);
    };
    let mut cursor = recording.from_event(before).ok()?;
    loop {
        let record = cursor.step().ok()??;
        if let Some(event) = record.event() {
            return Some(event.at().duration());
        }
    }
}
