//! Rounds of samples: each subject once a round, in turn first.

use super::conditions::conditions;
use super::cores::CorePlan;
use super::process::Failed;
use super::result::{BenchResult, SubjectResult};
use super::sample::{Buckets, Sample};
use super::sampler::{Processes, Sampler};
use super::subject::{Subject, names};
use super::workload::Workload;
use crate::load::Cancel;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What to measure, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program that has the clients and our modes.
    pub program: PathBuf,
    /// The servers.
    pub subjects: Vec<Subject>,
    /// What their clients do.
    pub workload: Workload,
    /// How often each is measured.
    pub rounds: u32,
    /// The cores of both sides.
    pub cores: CorePlan,
    /// Whether the calls of our modes are counted, after the first round.
    pub count_calls: bool,
    /// The command line, without the program, for the result.
    pub command_line: Vec<String>,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The round, from 1.
    pub round: u32,
    /// Of how many.
    pub rounds: u32,
    /// Whose turn it is.
    pub subject: &'a str,
    /// Whether its calls are counted; if not, a sample is taken.
    pub counting: bool,
    /// About how long all that is left takes, this step included.
    pub left: Duration,
}

/// Who wants to know how it goes.
pub trait Progress {
    /// This is done next.
    fn step(&mut self, step: &Step<'_>);

    /// This subject failed; the others go on.
    fn failed(&mut self, subject: &str, why: &str);
}

/// Nobody wants to know.
impl Progress for () {
    fn step(&mut self, _: &Step<'_>) {}

    fn failed(&mut self, _: &str, _: &str) {}
}

/// Measures them all. A subject that fails has what was measured before, and
/// the others complete; so has everybody when it is cancelled.
pub fn run(
    plan: &Plan,
    cancel: &Cancel,
    progress: &mut impl Progress,
) -> BenchResult {
    let mut sampler = Processes {
        program: plan.program.clone(),
        cores: plan.cores.clone(),
        cancel: cancel.clone(),
    };
    let conditions = conditions(&plan.cores, plan.command_line.clone());
    let (subjects, interrupted) = run_with(&mut sampler, plan, progress);
    BenchResult {
        schema_version: super::SCHEMA_VERSION,
        conditions,
        workload: plan.workload.clone(),
        rounds: plan.rounds,
        interrupted,
        subjects,
    }
}

/// The same with any sampler: the subjects' results, and whether it was
/// cancelled.
pub fn run_with(
    sampler: &mut impl Sampler,
    plan: &Plan,
    progress: &mut impl Progress,
) -> (Vec<SubjectResult>, bool) {
    let mut schedule = Schedule {
        sampler,
        plan,
        progress,
        entries: entries(&plan.subjects),
        clock: Clock::new(plan),
    };
    let interrupted = schedule.run().is_err();
    let mut subjects: Vec<_> =
        schedule.entries.into_iter().map(|entry| entry.result).collect();
    subjects.iter_mut().for_each(SubjectResult::judge);
    (subjects, interrupted)
}

/// A subject and what is known of it so far.
struct Entry<'a> {
    subject: &'a Subject,
    result: SubjectResult,
}

fn entries(subjects: &[Subject]) -> Vec<Entry<'_>> {
    let empty = |(subject, name): (_, String)| Entry {
        subject,
        result: SubjectResult {
            name,
            kind: Subject::kind(subject),
            samples: Vec::new(),
            echo_times: Buckets::default(),
            failure: None,
            calls: None,
        },
    };
    subjects.iter().zip(names(subjects)).map(empty).collect()
}

struct Schedule<'a, S, P> {
    sampler: &'a mut S,
    plan: &'a Plan,
    progress: &'a mut P,
    entries: Vec<Entry<'a>>,
    clock: Clock,
}

/// Somebody wants no more.
struct Cancelled;

impl<S: Sampler, P: Progress> Schedule<'_, S, P> {
    fn run(&mut self) -> Result<(), Cancelled> {
        for round in 1..=self.plan.rounds {
            for at in order(round, self.entries.len()) {
                self.sample(at, round)?;
            }
            if round == 1 && self.plan.count_calls {
                self.count_calls()?;
            }
        }
        Ok(())
    }

    fn sample(&mut self, at: usize, round: u32) -> Result<(), Cancelled> {
        let entry = &mut self.entries[at];
        if entry.result.failure.is_some() {
            return Ok(());
        }
        let name = &entry.result.name;
        self.progress.step(&self.clock.step(name, round, false));
        let begun = Instant::now();
        let workload = &self.plan.workload;
        match self.sampler.sample(entry.subject, workload, round) {
            Ok(taken) => entry.result.add(taken),
            Err(Failed::Cancelled) => return Err(Cancelled),
            Err(Failed::Because(why)) => {
                self.progress.failed(name, &why);
                entry.result.failure = Some(why);
                self.clock.skip(self.plan.rounds - round);
            }
        }
        self.clock.took(begun.elapsed());
        Ok(())
    }

    /// That a count fails says nothing of the samples: it stays unknown.
    fn count_calls(&mut self) -> Result<(), Cancelled> {
        for entry in &mut self.entries {
            if !matches!(entry.subject, Subject::Mode(_)) {
                continue;
            }
            if entry.result.failure.is_some() {
                self.clock.counted();
                continue;
            }
            let name = &entry.result.name;
            self.progress.step(&self.clock.step(name, 1, true));
            let workload = &self.plan.workload;
            match self.sampler.count(entry.subject, workload) {
                Ok(calls) => entry.result.calls = calls,
                Err(Failed::Cancelled) => return Err(Cancelled),
                Err(Failed::Because(_)) => {}
            }
            self.clock.counted();
        }
        Ok(())
    }
}

impl SubjectResult {
    /// A window without an echo is a sample; never an echo is a failure.
    pub(super) fn judge(&mut self) {
        let silent = self.samples.iter().all(|sample| sample.echoes == 0);
        if self.failure.is_none() && !self.samples.is_empty() && silent {
            let why = "not one echo came back in any round";
            self.failure = Some(why.into());
        }
    }

    /// Adds a sample and its echo times.
    pub(super) fn add(&mut self, (sample, buckets): (Sample, Buckets)) {
        self.samples.push(sample);
        let times = &mut self.echo_times.0;
        let mut sums: BTreeMap<_, u64> = times.drain(..).collect();
        for (time, count) in buckets.0 {
            *sums.entry(time).or_default() += count;
        }
        times.extend(sums);
    }
}

/// Who comes when in a round: each round somebody else first.
fn order(round: u32, count: usize) -> impl Iterator<Item = usize> {
    let first = round as usize - 1;
    (0..count).map(move |place| (first + place) % count)
}

/// What a sample takes beside its window: two processes, and connects.
const OVERHEAD: Duration = Duration::from_millis(300);

/// About how long it takes to count a server's calls.
const COUNTING: Duration = Duration::from_millis(900);

/// How long samples take, and how many are left.
struct Clock {
    rounds: u32,
    guess: Duration,
    /// How many servers' calls are still to be counted.
    counts: u32,
    spent: Duration,
    done: u32,
    left: u32,
}

impl Clock {
    fn new(plan: &Plan) -> Self {
        let Workload { warm_up_ns, time_ns, .. } = plan.workload;
        let window = Duration::from_nanos(warm_up_ns.saturating_add(time_ns));
        let subjects = u32::try_from(plan.subjects.len()).unwrap_or(u32::MAX);
        let ours = |it: &&Subject| matches!(it, Subject::Mode(_));
        let counts = if plan.count_calls {
            plan.subjects.iter().filter(ours).count()
        } else {
            0
        };
        Self {
            counts: u32::try_from(counts).unwrap_or(u32::MAX),
            rounds: plan.rounds,
            guess: window.saturating_add(OVERHEAD),
            spent: Duration::ZERO,
            done: 0,
            left: subjects.saturating_mul(plan.rounds),
        }
    }

    fn step<'s>(
        &self,
        subject: &'s str,
        round: u32,
        counting: bool,
    ) -> Step<'s> {
        let mean = self.spent.checked_div(self.done).unwrap_or(self.guess);
        let counts = COUNTING.min(self.guess).saturating_mul(self.counts);
        let left = mean.saturating_mul(self.left).saturating_add(counts);
        Step { round, rounds: self.rounds, subject, counting, left }
    }

    fn took(&mut self, time: Duration) {
        self.spent += time;
        self.done += 1;
        self.left -= 1;
    }

    fn counted(&mut self) {
        self.counts -= 1;
    }

    fn skip(&mut self, samples: u32) {
        self.left -= samples;
    }
}

#[cfg(test)]
mod tests;
