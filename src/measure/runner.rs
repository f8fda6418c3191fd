//! Runs a measurement: rounds of samples, interleaved.

use super::process::NoSample;
use super::result::{
    CorePlan, Sample, Subject, SubjectResult, SweepConditions, SweepPoint,
    SweepResult, TroubledRound, names,
};
use super::sampler::{Processes, Sampler};
use super::{SCHEMA_VERSION, SweepAxis};
use crate::load::steady::Workload;
use crate::load::{Cancel, ClientTrouble};
use std::collections::BTreeMap;
use std::mem::take;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The time of a sample besides its window: two processes, and connects.
const OVERHEAD: Duration = Duration::from_millis(300);

/// What to measure, and how.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    /// The program that contains the clients and our modes.
    pub program: PathBuf,
    /// The servers to measure.
    pub subjects: Vec<Subject>,
    /// What their clients do; the axis has another value at each point.
    pub workload: Workload,
    /// The axis and its values, in ascending order; `None` in a bench, which
    /// has one point.
    pub swept: Option<(SweepAxis, Vec<u32>)>,
    /// How many times each server is measured at each point.
    pub rounds: u32,
    /// Whether the histograms of echo times are kept in the result.
    pub histograms: bool,
    /// Whether the calls of our modes are counted, after the first round.
    pub count_calls: bool,
    /// The cores of servers and clients.
    pub cores: CorePlan,
    /// The arguments of the command line, for the result.
    pub command_line: Vec<String>,
}

/// A step of a measurement, for its progress display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureStep {
    /// The number of the round, from 1.
    pub round: u32,
    /// The number of rounds planned.
    pub rounds: u32,
    /// The server, and in a sweep the value of the axis.
    pub subject: String,
    /// Whether its calls are counted; otherwise a sample is taken.
    pub counting: bool,
    /// An estimate of the time left, including this step.
    pub left: Duration,
}

/// Shows the progress of a measurement.
pub trait Progress {
    /// Called before each step.
    fn step(&mut self, step: &MeasureStep);

    /// Called when a subject has failed; the others continue.
    fn failed(&mut self, subject: &str);

    /// Called when a round is left out because of the clients.
    fn left_out(&mut self, step: &MeasureStep, trouble: ClientTrouble);
}

/// Shows no progress.
impl Progress for () {
    fn step(&mut self, _: &MeasureStep) {}

    fn failed(&mut self, _: &str) {}

    fn left_out(&mut self, _: &MeasureStep, _: ClientTrouble) {}
}

/// Measures every server at every point. A server that fails at a point keeps
/// its samples and is not measured there again; everything else continues. A
/// round in which the clients were in trouble is left out. A cancelled
/// measurement keeps the samples it has.
pub fn run(
    plan: &SweepPlan,
    cancel: &Cancel,
    progress: &mut impl Progress,
) -> SweepResult {
    let mut sampler = Processes {
        program: plan.program.clone(),
        cores: plan.cores.clone(),
        cancel: cancel.clone(),
    };
    run_with(&mut sampler, plan, progress)
}

/// Like [`run`], with any sampler.
pub fn run_with(
    sampler: &mut impl Sampler,
    plan: &SweepPlan,
    progress: &mut impl Progress,
) -> SweepResult {
    let conditions =
        SweepConditions::now(plan.cores.clone(), plan.command_line.clone());
    let mut points = plan.points();
    let interrupted = is_cancelled(sampler, plan, progress, &mut points);
    for subject in points.iter_mut().flat_map(|it| &mut it.subjects) {
        subject.leave_out_if_silent();
    }
    // An interrupted sweep leaves out the points that it did not reach.
    points.retain(|point| {
        let is_known =
            |it: &SubjectResult| it.rounds_had() > 0 || it.failure.is_some();
        plan.swept.is_none() || point.subjects.iter().any(is_known)
    });
    SweepResult {
        schema_version: SCHEMA_VERSION,
        conditions,
        workload: plan.workload.clone(),
        axis: plan.swept.as_ref().map(|it| it.0),
        rounds: plan.rounds,
        interrupted,
        points,
    }
}

impl SweepPlan {
    fn points(&self) -> Vec<SweepPoint> {
        let at = |value, workload| {
            let named = names(&self.subjects).into_iter().zip(&self.subjects);
            let subjects = named.map(|(name, kind)| SubjectResult {
                name,
                kind: kind.clone(),
                samples: Vec::new(),
                troubles: Vec::new(),
                echo_times: Vec::new(),
                failure: None,
                calls: None,
            });
            SweepPoint { value, workload, subjects: subjects.collect() }
        };
        match &self.swept {
            None => vec![at(None, self.workload.clone())],
            Some((axis, values)) => values
                .iter()
                .map(|it| at(Some(*it), axis.at(*it, &self.workload)))
                .collect(),
        }
    }

    /// The steps in order. Rounds are outermost, so that a measurement that
    /// ends early has every point once rather than some points several times.
    /// The first server changes from round to round and from point to point, so
    /// that a machine that has warmed up does not always favour the same ones.
    fn steps(&self) -> Vec<PlannedStep> {
        let points = self.swept.as_ref().map_or(1, |it| it.1.len());
        let subjects = self.subjects.len();
        let mut steps = Vec::new();
        for round in 1..=self.rounds {
            for point in 0..points {
                let first = round as usize - 1 + point;
                steps.extend((first..first + subjects).map(|turn| {
                    let subject = turn % subjects;
                    PlannedStep { round, point, subject, counting: false }
                }));
            }
            if round > 1 || !self.count_calls {
                continue;
            }
            for (subject, kind) in self.subjects.iter().enumerate() {
                if matches!(kind, Subject::Mode(_)) {
                    steps.extend((0..points).map(|point| PlannedStep {
                        round,
                        point,
                        subject,
                        counting: true,
                    }));
                }
            }
        }
        steps
    }
}

/// One sample or one count of calls.
struct PlannedStep {
    round: u32,
    point: usize,
    subject: usize,
    counting: bool,
}

/// Takes all steps, and returns whether the user cancelled them.
fn is_cancelled(
    sampler: &mut impl Sampler,
    plan: &SweepPlan,
    progress: &mut impl Progress,
    points: &mut [SweepPoint],
) -> bool {
    let steps = plan.steps();
    let Workload { warm_up_ns, time_ns, .. } = plan.workload;
    let window = Duration::from_nanos(warm_up_ns.saturating_add(time_ns));
    let guess = window.saturating_add(OVERHEAD);
    let (begun, mut done) = (Instant::now(), 0);
    for (at, step) in steps.iter().enumerate() {
        let point = &mut points[step.point];
        let result = &mut point.subjects[step.subject];
        if result.failure.is_some() {
            continue;
        }
        let mean = begun.elapsed().checked_div(done).unwrap_or(guess);
        let ahead = u32::try_from(steps.len() - at).unwrap_or(u32::MAX);
        let subject = match (&plan.swept, point.value) {
            (Some((axis, _)), Some(value)) => {
                format!("{}, {}", result.name, axis.say(value))
            }
            _ => result.name.clone(),
        };
        let shown = MeasureStep {
            round: step.round,
            rounds: plan.rounds,
            subject,
            counting: step.counting,
            left: mean.saturating_mul(ahead),
        };
        progress.step(&shown);
        let (kind, workload) = (&plan.subjects[step.subject], &point.workload);
        let outcome = if step.counting {
            let calls = sampler.count(kind, workload);
            calls.map(|calls| result.calls = calls)
        } else {
            let sample = sampler.sample(kind, workload, step.round);
            sample.map(|sample| result.add(sample, plan.histograms))
        };
        match outcome {
            Ok(()) => {}
            Err(NoSample::Cancelled) => return true,
            // A failed count is left unknown; the samples are still valid.
            Err(_) if step.counting => {}
            Err(NoSample::Clients(trouble)) => {
                progress.left_out(&shown, trouble);
                let round = step.round;
                result.troubles.push(TroubledRound { round, trouble });
            }
            Err(NoSample::Because(why)) => {
                progress.failed(&shown.subject);
                result.failure = Some(why);
            }
        }
        done += 1;
    }
    false
}

impl SubjectResult {
    /// Adds a sample, and its histogram to the histogram of all rounds.
    fn add(&mut self, mut sample: Sample, histograms: bool) {
        let buckets = take(&mut sample.load.buckets);
        self.samples.push(sample);
        if !histograms {
            return;
        }
        let mut sums: BTreeMap<_, u64> = self.echo_times.drain(..).collect();
        for (time, count) in buckets {
            *sums.entry(time).or_default() += count;
        }
        self.echo_times.extend(sums);
    }

    /// A window without an echo is a sample, but if all are without one, nothing
    /// was measured.
    fn leave_out_if_silent(&mut self) {
        let is_silent = self.samples.iter().all(|it| it.load.echoes == 0);
        if self.failure.is_some() || !is_silent {
            return;
        }
        self.echo_times.clear();
        let rounds = self.samples.drain(..).map(|it| it.round);
        let trouble = ClientTrouble::NothingBack;
        let silent = rounds.map(|round| TroubledRound { round, trouble });
        self.troubles.extend(silent);
    }
}
