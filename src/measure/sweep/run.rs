//! A sweep as it runs.

use super::{
    Axis, SWEEP_SCHEMA_VERSION, Step, SweepPoint, SweepResult, schedule,
};
use crate::load::Cancel;
use crate::measure::conditions::conditions;
use crate::measure::{
    self, Buckets, CorePlan, Failed, Processes, Progress, Sampler, Subject,
    SubjectResult, Workload, names,
};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a measurement takes beside its window.
const OVERHEAD: Duration = Duration::from_millis(300);

/// What to measure, and where.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    /// The program that has the clients and our modes.
    pub program: PathBuf,
    /// The servers.
    pub subjects: Vec<Subject>,
    /// What their clients do; the axis's value is replaced at each point.
    pub workload: Workload,
    /// What differs from point to point.
    pub axis: Axis,
    /// Its values, rising.
    pub values: Vec<u32>,
    /// How often each server is measured at each point.
    pub rounds: u32,
    /// Whether the results keep the histograms of echo times.
    pub histograms: bool,
    /// The cores of both sides.
    pub cores: CorePlan,
    /// The command line, without the program, for the result.
    pub command_line: Vec<String>,
}

/// Measures every server at every point. One that fails at a point is not
/// measured there again; the others, and the other points, go on.
pub fn run_sweep(
    plan: &SweepPlan,
    cancel: &Cancel,
    progress: &mut impl Progress,
) -> SweepResult {
    let conditions = conditions(&plan.cores, plan.command_line.clone());
    let mut sampler = Processes {
        program: plan.program.clone(),
        cores: plan.cores.clone(),
        cancel: cancel.clone(),
    };
    let (points, interrupted) = run_sweep_with(&mut sampler, plan, progress);
    SweepResult {
        schema_version: SWEEP_SCHEMA_VERSION,
        conditions,
        workload: plan.workload.clone(),
        axis: plan.axis,
        rounds: plan.rounds,
        interrupted,
        points,
    }
}

/// The same with any sampler: the points at which something was measured,
/// and whether it was cancelled.
pub fn run_sweep_with(
    sampler: &mut impl Sampler,
    plan: &SweepPlan,
    progress: &mut impl Progress,
) -> (Vec<SweepPoint>, bool) {
    let mut run = Run { sampler, plan, progress, points: points(plan) };
    let (at, subjects) = (plan.values.len(), plan.subjects.len());
    let steps: Vec<_> = schedule(plan.rounds, at, subjects).collect();
    let mut clock = Clock { begun: Instant::now(), done: 0 };
    let mut interrupted = false;
    for (done, step) in steps.iter().enumerate() {
        let left = clock.left(plan, steps.len() - done);
        let begun = run.measure(*step, left);
        let Ok(measured) = begun else {
            interrupted = true;
            break;
        };
        clock.done += u32::from(measured);
    }
    let all = run.points.iter_mut().flat_map(|it| &mut it.subjects);
    all.for_each(SubjectResult::judge);
    let told =
        |it: &SubjectResult| !it.samples.is_empty() || it.failure.is_some();
    run.points.retain(|point| point.subjects.iter().any(told));
    (run.points, interrupted)
}

fn points(plan: &SweepPlan) -> Vec<SweepPoint> {
    let subject = |(subject, name): (&Subject, String)| SubjectResult {
        name,
        kind: subject.kind(),
        samples: Vec::new(),
        echo_times: Buckets::default(),
        failure: None,
        calls: None,
    };
    let named = || plan.subjects.iter().zip(names(&plan.subjects));
    let point = |value: &u32| SweepPoint {
        value: *value,
        workload: plan.axis.at(*value, &plan.workload),
        subjects: named().map(subject).collect(),
    };
    plan.values.iter().map(point).collect()
}

struct Run<'a, S, P> {
    sampler: &'a mut S,
    plan: &'a SweepPlan,
    progress: &'a mut P,
    points: Vec<SweepPoint>,
}

/// Somebody wants no more.
struct Cancelled;

impl<S: Sampler, P: Progress> Run<'_, S, P> {
    /// Takes a sample, unless the server has failed here before; whether it
    /// did.
    fn measure(
        &mut self,
        step: Step,
        left: Duration,
    ) -> Result<bool, Cancelled> {
        let point = &mut self.points[step.point];
        let result = &mut point.subjects[step.subject];
        if result.failure.is_some() {
            return Ok(false);
        }
        let place = self.plan.axis.say(point.value);
        let words = format!("{}, {place}", result.name);
        self.progress.step(&measure::Step {
            round: step.round,
            rounds: self.plan.rounds,
            subject: &words,
            counting: false,
            left,
        });
        let subject = &self.plan.subjects[step.subject];
        match self.sampler.sample(subject, &point.workload, step.round) {
            Ok((sample, times)) if self.plan.histograms => {
                result.add((sample, times));
            }
            Ok((sample, _)) => result.samples.push(sample),
            Err(Failed::Cancelled) => return Err(Cancelled),
            Err(Failed::Because(why)) => {
                self.progress.failed(&words, &why);
                result.failure = Some(why);
            }
        }
        Ok(true)
    }
}

/// How long samples take.
struct Clock {
    begun: Instant,
    done: u32,
}

impl Clock {
    /// How long so many more take, about.
    fn left(&self, plan: &SweepPlan, steps: usize) -> Duration {
        let Workload { warm_up_ns, time_ns, .. } = plan.workload;
        let window = Duration::from_nanos(warm_up_ns.saturating_add(time_ns));
        let mean = self.begun.elapsed().checked_div(self.done);
        let mean = mean.unwrap_or(window.saturating_add(OVERHEAD));
        mean.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
    }
}
