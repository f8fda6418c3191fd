//! The stream of events to the screen, and what of it there is time for.

use crate::probe::{Clock, Tap, TapReceiver};
use crate::view::Scope;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Events are folded for so long in a tick, at most: the screen must not take
/// the processor from what it shows. Under a flood the stream then fills up,
/// and what finds no room costs its thread next to nothing.
const FOLDED: Duration = Duration::from_millis(1);

/// After so many events one looks at the clock.
const LOOKED: usize = 64;

/// Events that are so late when there is time for them are skipped with all
/// that wait behind them: better a gap than a picture of the past.
const STALE: Duration = Duration::from_millis(500);

/// How many events wait to be folded, at most: few, so that under a flood the
/// picture is not late.
const ROOM: usize = 8_192;

/// Events on their way to the screen.
pub(super) struct Stream {
    receiver: TapReceiver,
    clock: Clock,
    /// Events for which there was no time.
    skipped: u64,
}

impl Stream {
    /// A stream of events by this clock, and the tap that fills it.
    pub(super) fn new(clock: Clock) -> (Arc<Tap>, Self) {
        let (tap, receiver) = Tap::new(ROOM, clock.clone());
        (tap, Self { receiver, clock, skipped: 0 })
    }

    /// The present.
    pub(super) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// A moment of the run.
    pub(super) fn time(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.clock.origin())
    }

    /// Folds the events that have come, for as long as there is time; tells
    /// how many.
    pub(super) fn fold(&mut self, scope: &mut Scope) -> usize {
        let begun = Instant::now();
        let (now, mut last) = (self.now(), None);
        let mut events = 0;
        for event in self.receiver.drain() {
            last = Some(event.at().duration());
            scope.take(&event);
            events += 1;
            if events % LOOKED == 0 && begun.elapsed() >= FOLDED {
                break;
            }
        }
        if last.is_some_and(|last| now.saturating_sub(last) > STALE) {
            // Under a flood new ones come as fast.
            let late = self.receiver.drain().take(ROOM);
            self.skipped += late.count() as u64;
        }
        events
    }

    /// Has a run of would-block calls that goes on told now; see
    /// [`TapReceiver::finish`].
    pub(super) fn finish(&self) {
        self.receiver.finish();
    }

    /// The same if it has gone on for long.
    pub(super) fn tell_long_run(&self) {
        self.receiver.tell_long_run();
    }

    /// How many were not shown: there was no room for them, or no time.
    pub(super) fn lost(&self) -> u64 {
        self.receiver.lost() + self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::ServerOptions;
    use crate::probe::{Kind, LISTENER, Note, SharedProbe as _};
    use crate::view::ScopeSettings;

    fn scope() -> Scope {
        Scope::new(ScopeSettings {
            loop_call: Kind::Wait,
            polls: false,
            options: ServerOptions::default(),
            rows_kept: 1,
            unhandled: None,
        })
    }

    /// The events of so many notes, each taken in or counted as lost.
    fn folded(
        stream: &mut Stream,
        tap: &Tap,
        notes: u64,
        late: Duration,
    ) -> [u64; 2] {
        for _ in 0..notes {
            tap.note(&Note::Opened { socket: LISTENER, peer: None });
        }
        std::thread::sleep(late);
        let mut scope = scope();
        let first = stream.fold(&mut scope);
        let left = stream.fold(&mut scope);
        [first, left].map(|events| events as u64)
    }

    #[test]
    fn what_comes_in_time_is_folded() {
        let (tap, mut stream) = Stream::new(Clock::wall());
        let [first, left] = folded(&mut stream, &tap, 9, Duration::ZERO);
        assert_eq!((first, left, stream.lost()), (9, 0, 0));
    }

    #[test]
    fn what_comes_too_late_is_skipped_and_counted() {
        let (tap, mut stream) = Stream::new(Clock::wall());
        let notes = ROOM as u64;
        let [first, left] = folded(&mut stream, &tap, notes + 5, 2 * STALE);
        assert_eq!(left, 0, "nothing is left of the past");
        assert_eq!(first + stream.lost(), notes + 5);
    }
}
