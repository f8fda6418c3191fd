//! In which order a sweep measures, and what is left of one that was ended
//! early or had failures.

use super::fixed::{USUAL, subject, workload};
use sockscope::measure::sweep::{
    Axis, SweepPlan, SweepPoint, run_sweep_with, schedule,
};
use sockscope::measure::{
    Buckets, CorePlan, CountedCalls, Failed, Sample, Sampler, Subject, Workload,
};
use sockscope::modes::Mode;

#[test]
fn rounds_are_outermost_and_the_first_server_changes() {
    let steps = schedule(2, 2, 3).map(|it| (it.round, it.point, it.subject));
    let wanted = [
        (1, 0, 0),
        (1, 0, 1),
        (1, 0, 2),
        (1, 1, 1),
        (1, 1, 2),
        (1, 1, 0),
        (2, 0, 1),
        (2, 0, 2),
        (2, 0, 0),
        (2, 1, 2),
        (2, 1, 0),
        (2, 1, 1),
    ];
    assert_eq!(steps.collect::<Vec<_>>(), wanted);
    assert_eq!(schedule(3, 4, 0).count(), 0);
}

/// Takes samples from a fixture; fails and is cancelled as told.
struct Fake {
    fails: fn(&Subject, u32) -> bool,
    cancelled_after: usize,
    taken: Vec<(u32, u32)>,
}

impl Sampler for Fake {
    fn sample(
        &mut self,
        of: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<(Sample, Buckets), Failed> {
        if self.taken.len() >= self.cancelled_after {
            return Err(Failed::Cancelled);
        }
        self.taken.push((round, workload.clients));
        if (self.fails)(of, workload.clients) {
            return Err(Failed::Because("it ended".into()));
        }
        let sample = subject("fake", 1, USUAL).samples.remove(0);
        Ok((Sample { round, ..sample }, Buckets(vec![(10, 1)])))
    }

    fn count(
        &mut self,
        _: &Subject,
        _: &Workload,
    ) -> Result<Option<CountedCalls>, Failed> {
        Ok(None)
    }
}

fn plan() -> SweepPlan {
    SweepPlan {
        program: "sockscope".into(),
        subjects: [Mode::Serial, Mode::Selector].map(Subject::Mode).into(),
        workload: workload(),
        axis: Axis::Clients,
        values: vec![1, 10, 100],
        rounds: 3,
        histograms: true,
        cores: CorePlan::default(),
        command_line: Vec::new(),
    }
}

fn samples(point: &SweepPoint) -> Vec<usize> {
    point.subjects.iter().map(|it| it.samples.len()).collect()
}

fn never(_: &Subject, _: u32) -> bool {
    false
}

#[test]
fn every_point_has_its_own_workload_and_all_rounds() {
    let mut fake =
        Fake { fails: never, cancelled_after: usize::MAX, taken: vec![] };
    let (points, interrupted) = run_sweep_with(&mut fake, &plan(), &mut ());
    assert!(!interrupted);
    for (point, clients) in points.iter().zip([1, 10, 100]) {
        assert_eq!((point.value, point.workload.clients), (clients, clients));
        assert_eq!(samples(point), [3, 3]);
        assert_eq!(point.subjects[0].echo_times.0, [(10, 3)]);
    }
}

#[test]
fn histograms_are_kept_for_whoever_asks() {
    let mut fake =
        Fake { fails: never, cancelled_after: usize::MAX, taken: vec![] };
    let plan = SweepPlan { histograms: false, ..plan() };
    let (points, _) = run_sweep_with(&mut fake, &plan, &mut ());
    for subject in points.iter().flat_map(|it| &it.subjects) {
        assert_eq!(subject.echo_times, Buckets::default());
        assert_eq!(subject.samples.len(), 3);
    }
}

#[test]
fn a_sweep_that_is_ended_early_has_every_point_once() {
    let mut fake = Fake { fails: never, cancelled_after: 7, taken: vec![] };
    let (points, interrupted) = run_sweep_with(&mut fake, &plan(), &mut ());
    assert!(interrupted);
    let samples: Vec<_> = points.iter().map(samples).collect();
    assert_eq!(samples, [[1, 2], [1, 1], [1, 1]]);
    fake = Fake { fails: never, cancelled_after: 3, taken: vec![] };
    let (points, _) = run_sweep_with(&mut fake, &plan(), &mut ());
    let values: Vec<_> = points.iter().map(|it| it.value).collect();
    assert_eq!(values, [1, 10], "nothing was measured at 100");
}

#[test]
fn what_fails_at_a_point_is_not_tried_there_again() {
    let serial_with_many = |of: &Subject, clients| {
        *of == Subject::Mode(Mode::Serial) && clients > 1
    };
    let mut fake = Fake {
        fails: serial_with_many,
        cancelled_after: usize::MAX,
        taken: vec![],
    };
    let (points, _) = run_sweep_with(&mut fake, &plan(), &mut ());
    let samples: Vec<_> = points.iter().map(samples).collect();
    assert_eq!(samples, [[3, 3], [0, 3], [0, 3]]);
    let failure = points[1].subjects[0].failure.as_deref();
    assert_eq!(failure, Some("it ended"));
    let at_ten = fake.taken.iter().filter(|it| it.1 == 10).count();
    assert_eq!(at_ten, 4, "one that failed and three of the other");
}
