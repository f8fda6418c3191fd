//! When the turns of a repetition begin: closed loop or open loop.

use super::message::Time;
use super::script::{Pacing, Step, Until};
use std::time::Duration;

/// The turns of one repetition.
#[derive(Debug)]
pub(super) struct PacedTurns {
    until: Until,
    pacing: Pacing,
    started: Time,
    begun: u64,
    /// Open loop: when the next turn is due.
    next_due: Time,
}

/// What comes next in a repetition.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PacedTurn {
    /// A turn; in an open loop it was due at this time.
    Begins(Option<Time>),
    /// Nothing until this time.
    At(Time),
    /// The repetition is over.
    Over,
}

impl PacedTurns {
    pub(super) fn new(until: Until, pacing: Pacing, now: Time) -> Self {
        Self { until, pacing, started: now, begun: 0, next_due: now }
    }

    /// Begins the next turn if its time has come.
    pub(super) fn next(&mut self, now: Time) -> PacedTurn {
        let Pacing::Open { every } = self.pacing else {
            return self.begin(now, None);
        };
        let due = self.next_due;
        if now < due && !self.is_over_at(due) {
            return PacedTurn::At(due);
        }
        let turn = self.begin(due, Some(due));
        if turn != PacedTurn::Over {
            self.next_due = due.saturating_add(every);
        }
        turn
    }

    fn begin(&mut self, time: Time, due: Option<Time>) -> PacedTurn {
        if self.is_over_at(time) {
            return PacedTurn::Over;
        }
        self.begun += 1;
        PacedTurn::Begins(due)
    }

    fn is_over_at(&self, time: Time) -> bool {
        match self.until {
            Until::Times(times) => self.begun >= times,
            Until::Elapsed(limit) => time.saturating_sub(self.started) >= limit,
        }
    }

    /// Open loop: how many turns were due before now and have not begun.
    pub(super) fn overdue(&self, now: Time) -> u64 {
        let Pacing::Open { every } = self.pacing else { return 0 };
        let (now, most) = match self.until {
            Until::Times(times) => (now, times - self.begun),
            Until::Elapsed(limit) => {
                (now.min(self.started.saturating_add(limit)), u64::MAX)
            }
        };
        let late = now.saturating_sub(self.next_due).as_nanos();
        let due = late.div_ceil(every.as_nanos().max(1));
        u64::try_from(due).unwrap_or(u64::MAX).min(most)
    }
}

/// Where a client is in its script.
#[derive(Debug)]
pub(super) struct Script<'s> {
    steps: &'s [Step],
    at: usize,
    repetition: Option<Repetition<'s>>,
}

#[derive(Debug)]
struct Repetition<'s> {
    steps: &'s [Step],
    at: usize,
    turns: PacedTurns,
    /// Open loop: when the step at `at` was due.
    intended: Option<Time>,
}

/// What comes next in a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'s> {
    /// This step; never a `Repeat`.
    Step(&'s Step),
    /// Nothing until this time.
    At(Time),
    /// There is no other step.
    Over,
}

impl<'s> Script<'s> {
    pub(super) const fn new(steps: &'s [Step]) -> Self {
        Self { steps, at: 0, repetition: None }
    }

    pub(super) fn next(&mut self, now: Time) -> Next<'s> {
        if let Some(repetition) = &mut self.repetition {
            match repetition.next(now) {
                Next::Over => self.repetition = None,
                next => return next,
            }
        }
        let Some(step) = self.steps.get(self.at) else { return Next::Over };
        self.at += 1;
        if let Step::Repeat { until, pacing, steps } = step {
            let turns = PacedTurns::new(*until, *pacing, now);
            let at = steps.len();
            let repetition = Repetition { steps, at, turns, intended: None };
            self.repetition = Some(repetition);
            return self.next(now);
        }
        Next::Step(step)
    }

    /// In an open loop: when the present step was due.
    pub(super) fn intended(&self) -> Option<Time> {
        self.repetition.as_ref()?.intended
    }

    /// The following steps of the turn are due so much later.
    pub(super) fn delay(&mut self, time: Duration) {
        let repetition = self.repetition.as_mut();
        if let Some(due) = repetition.and_then(|r| r.intended.as_mut()) {
            *due = due.saturating_add(time);
        }
    }

    /// Open loop: how many turns were due before now and have not begun.
    pub(super) fn overdue(&self, now: Time) -> u64 {
        self.repetition.as_ref().map_or(0, |r| r.turns.overdue(now))
    }
}

impl<'s> Repetition<'s> {
    fn next(&mut self, now: Time) -> Next<'s> {
        if self.at == self.steps.len() {
            match self.turns.next(now) {
                PacedTurn::Begins(due) => self.intended = due,
                PacedTurn::At(time) => return Next::At(time),
                PacedTurn::Over => return Next::Over,
            }
            self.at = 0;
        }
        self.at += 1;
        self.steps.get(self.at - 1).map_or(Next::Over, Next::Step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(time: u64) -> Time {
        Time::from_millis(time)
    }

    const EVERY_10: Pacing = Pacing::Open { every: ms(10) };

    #[test]
    fn a_closed_loop_begins_a_turn_whenever_it_is_asked() {
        let mut turns = PacedTurns::new(Until::Times(2), Pacing::Closed, ms(3));
        assert_eq!(turns.next(ms(3)), PacedTurn::Begins(None));
        assert_eq!(turns.next(ms(900)), PacedTurn::Begins(None));
        assert_eq!(turns.next(ms(900)), PacedTurn::Over);
    }

    #[test]
    fn an_open_loop_keeps_its_schedule_however_late_it_is() {
        let mut turns = PacedTurns::new(Until::Times(4), EVERY_10, ms(100));
        assert_eq!(turns.next(ms(100)), PacedTurn::Begins(Some(ms(100))));
        assert_eq!(turns.next(ms(101)), PacedTurn::At(ms(110)));
        assert_eq!(turns.next(ms(125)), PacedTurn::Begins(Some(ms(110))));
        assert_eq!(turns.next(ms(125)), PacedTurn::Begins(Some(ms(120))));
        assert_eq!(turns.next(ms(125)), PacedTurn::At(ms(130)));
        assert_eq!(turns.overdue(ms(500)), 1);
        assert_eq!(turns.next(ms(500)), PacedTurn::Begins(Some(ms(130))));
        assert_eq!(turns.next(ms(500)), PacedTurn::Over);
        assert_eq!(turns.overdue(ms(500)), 0);
    }

    #[test]
    fn an_open_loop_for_a_time_has_the_turns_due_in_it() {
        let until = Until::Elapsed(ms(25));
        let mut turns = PacedTurns::new(until, EVERY_10, ms(0));
        assert_eq!(turns.next(ms(0)), PacedTurn::Begins(Some(ms(0))));
        assert_eq!(turns.overdue(ms(1000)), 2);
        assert_eq!(turns.next(ms(1000)), PacedTurn::Begins(Some(ms(10))));
        assert_eq!(turns.next(ms(1000)), PacedTurn::Begins(Some(ms(20))));
        assert_eq!(turns.next(ms(1000)), PacedTurn::Over);
    }

    #[test]
    fn an_open_loop_does_not_wait_for_a_turn_beyond_its_end() {
        let until = Until::Elapsed(ms(5));
        let mut turns = PacedTurns::new(until, EVERY_10, ms(0));
        assert_eq!(turns.next(ms(0)), PacedTurn::Begins(Some(ms(0))));
        assert_eq!(turns.next(ms(1)), PacedTurn::Over);
    }

    #[test]
    fn a_script_goes_through_its_repetition() {
        let body = vec![Step::AwaitEcho, Step::Pause(ms(1))];
        let repeat = Step::Repeat {
            until: Until::Times(2),
            pacing: Pacing::Closed,
            steps: body.clone(),
        };
        let steps = [Step::Connect, repeat, Step::Close];
        let mut script = Script::new(&steps);
        let mut seen = Vec::new();
        while let Next::Step(step) = script.next(ms(0)) {
            seen.push(step.clone());
        }
        let turns = [body.clone(), body].concat();
        let ends = [vec![Step::Connect], turns, vec![Step::Close]].concat();
        assert_eq!(seen, ends);
    }

    #[test]
    fn pauses_move_what_is_due_in_an_open_loop_turn() {
        let steps = [Step::Repeat {
            until: Until::Times(1),
            pacing: EVERY_10,
            steps: vec![Step::AwaitEcho],
        }];
        let mut script = Script::new(&steps);
        script.next(ms(7));
        assert_eq!(script.intended(), Some(ms(7)));
        script.delay(ms(2));
        assert_eq!(script.intended(), Some(ms(9)));
    }
}
