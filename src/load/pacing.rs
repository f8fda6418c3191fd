//! Where a client is in its script, and when the turns of a repetition begin:
//! closed loop or open loop.

use super::script::{Repeat, Step};
use std::slice::Iter;
use std::time::Duration;

/// Where a client is in its script.
#[derive(Debug)]
pub(super) struct Script<'s> {
    /// The steps that are left.
    steps: Iter<'s, Step>,
    repetition: Option<Repetition<'s>>,
}

#[derive(Debug)]
struct Repetition<'s> {
    repeat: &'s Repeat,
    /// The steps that are left of this turn.
    left: Iter<'s, Step>,
    started: Duration,
    begun: u64,
    /// Open loop: when the next turn is due.
    next_due: Duration,
    /// Open loop: when the present step was due.
    intended: Option<Duration>,
}

/// What comes next in a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'s> {
    /// This step; never a `Repeat`.
    Step(&'s Step),
    /// No step is due before this time.
    At(Duration),
    /// The script has no more steps.
    Over,
}

impl<'s> Script<'s> {
    pub(super) fn new(steps: &'s [Step]) -> Self {
        Self { steps: steps.iter(), repetition: None }
    }

    pub(super) fn next(&mut self, now: Duration) -> Next<'s> {
        if let Some(repetition) = &mut self.repetition {
            match repetition.next(now) {
                Next::Over => self.repetition = None,
                next => return next,
            }
        }
        match self.steps.next() {
            Some(Step::Repeat(repeat)) => {
                self.repetition = Some(Repetition {
                    repeat,
                    left: [].iter(),
                    started: now,
                    begun: 0,
                    next_due: now,
                    intended: None,
                });
                self.next(now)
            }
            step => step.map_or(Next::Over, Next::Step),
        }
    }

    /// In an open loop: when the present step was due.
    pub(super) fn intended(&self) -> Option<Duration> {
        self.repetition.as_ref()?.intended
    }

    /// Makes the following steps of the turn due this much later.
    pub(super) fn delay(&mut self, time: Duration) {
        let repetition = self.repetition.as_mut();
        if let Some(due) = repetition.and_then(|r| r.intended.as_mut()) {
            *due = due.saturating_add(time);
        }
    }

    /// Open loop: how many turns were due before now and have not begun.
    pub(super) fn overdue(&self, now: Duration) -> u64 {
        self.repetition.as_ref().map_or(0, |it| it.overdue(now))
    }
}

impl<'s> Repetition<'s> {
    fn next(&mut self, now: Duration) -> Next<'s> {
        if let Some(step) = self.left.next() {
            return Next::Step(step);
        }
        let every = self.repeat.every;
        let due = if every.is_some() { self.next_due } else { now };
        if self.is_over_at(due) {
            return Next::Over;
        }
        if now < due {
            return Next::At(due);
        }
        self.begun += 1;
        if let Some(every) = every {
            self.intended = Some(due);
            self.next_due = due.saturating_add(every.0);
        }
        self.left = self.repeat.steps.iter();
        self.left.next().map_or(Next::Over, Next::Step)
    }

    fn is_over_at(&self, time: Duration) -> bool {
        let Repeat { times, lasting, .. } = self.repeat;
        let passed = time.saturating_sub(self.started);
        times.is_some_and(|times| self.begun >= times)
            || lasting.is_some_and(|limit| passed >= limit.0)
    }

    fn overdue(&self, now: Duration) -> u64 {
        let Repeat { times, lasting, every: Some(every), .. } = self.repeat
        else {
            return 0;
        };
        let most = times.map_or(u64::MAX, |times| times - self.begun);
        let now = lasting
            .map_or(now, |it| now.min(self.started.saturating_add(it.0)));
        let late = now.saturating_sub(self.next_due).as_nanos();
        let due = late.div_ceil(every.0.as_nanos().max(1));
        u64::try_from(due).unwrap_or(u64::MAX).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Time;

    const fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    /// An open loop with this number of turns, or for this time.
    fn repeat(times: Option<u64>, lasting: Option<u64>) -> [Step; 1] {
        let (every, steps) = (Some(Time(ms(10))), vec![Step::AwaitEcho]);
        let lasting = lasting.map(|it| Time(ms(it)));
        [Step::Repeat(Repeat { times, lasting, every, steps })]
    }

    /// Compares what comes next at each of these times; `None` stands for the
    /// step of a turn.
    #[track_caller]
    fn check(script: &mut Script<'_>, expected: &[(u64, Option<Next<'_>>)]) {
        for (now, next) in expected {
            let found = script.next(ms(*now));
            match next {
                Some(next) => assert_eq!(found, *next, "at {now} ms"),
                None => assert_eq!(found, Next::Step(&Step::AwaitEcho)),
            }
        }
    }

    #[test]
    fn an_open_loop_keeps_its_schedule_however_late_it_is() {
        let steps = repeat(Some(4), None);
        let mut script = Script::new(&steps);
        let at = |time| Some(Next::At(ms(time)));
        check(&mut script, &[(100, None), (101, at(110)), (125, None)]);
        assert_eq!(script.intended(), Some(ms(110)));
        check(&mut script, &[(125, None), (125, at(130))]);
        assert_eq!(script.overdue(ms(500)), 1);
        check(&mut script, &[(500, None)]);
        assert_eq!(script.intended(), Some(ms(130)));
        script.delay(ms(2));
        assert_eq!(script.intended(), Some(ms(132)));
        assert_eq!(script.overdue(ms(500)), 0);
        check(&mut script, &[(500, Some(Next::Over))]);
    }

    #[test]
    fn an_open_loop_for_a_time_has_the_turns_due_in_it() {
        let steps = repeat(None, Some(25));
        let mut script = Script::new(&steps);
        check(&mut script, &[(0, None)]);
        assert_eq!(script.overdue(ms(1000)), 2);
        check(&mut script, &[(1000, None), (1000, None)]);
        check(&mut script, &[(1000, Some(Next::Over))]);
        // It does not wait for a turn beyond its end.
        let steps = repeat(None, Some(5));
        let expected = [(0, None), (1, Some(Next::Over))];
        check(&mut Script::new(&steps), &expected);
    }
}
