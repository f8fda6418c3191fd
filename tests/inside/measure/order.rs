//! In which order a bench and a sweep measure, and what is left of one that
//! was ended early or had failures.

use super::fixed::{USUAL, subject, whole_bench};
use sockscope::load::ClientTrouble;
use sockscope::measure::{
    CorePlan, CountedCalls, MeasureStep, NoSample, Progress, Sample, Sampler,
    Subject, SweepAxis, SweepPlan, SweepResult, TroubledRound, Workload,
    run_with,
};
use sockscope::modes::Mode;
use sockscope::probe::Class;
use std::time::Duration;

/// Takes samples from a fixture, and notes which ones.
#[derive(Default)]
struct Fake {
    /// The subject that fails, from how many clients and which round on.
    fails: Option<(Mode, u32, u32)>,
    cancelled_after: Option<usize>,
    /// The last round without an echo.
    silent_until: u32,
    /// The subject whose clients have no ports in this round.
    troubled: Option<(Mode, u32)>,
    taken: Vec<String>,
}

impl Sampler for Fake {
    fn sample(
        &mut self,
        of: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<Sample, NoSample> {
        if self.cancelled_after == Some(self.taken.len()) {
            return Err(NoSample::Cancelled);
        }
        let Subject::Mode(mode) = of else { panic!("no mode") };
        let clients = workload.clients;
        self.taken.push(format!("{round} {clients} {}", mode.name()));
        if let Some((failing, from, in_round)) = self.fails
            && failing == *mode
            && clients >= from
            && round >= in_round
        {
            return Err(NoSample::Because("it ended".into()));
        }
        if self.troubled == Some((*mode, round)) {
            return Err(NoSample::Clients(ClientTrouble::NoPorts));
        }
        let mut sample = subject("fake", 1, USUAL).samples.remove(0);
        sample.round = round;
        sample.load.buckets = vec![(50, 1), (u64::from(round) * 100, 2)];
        if round <= self.silent_until {
            sample.load.echoes = 0;
        }
        Ok(sample)
    }

    fn count(
        &mut self,
        of: &Subject,
        _: &Workload,
    ) -> Result<Option<CountedCalls>, NoSample> {
        let Subject::Mode(mode) = of else { panic!("no mode") };
        self.taken.push(format!("{} calls", mode.name()));
        let outcomes = [(Class::Bytes, 2)].into();
        Ok(Some(CountedCalls { echoes: 1, outcomes }))
    }
}

impl Fake {
    fn run(&mut self, plan: &SweepPlan) -> SweepResult {
        run_with(self, plan, &mut ())
    }
}

const THREE: [Mode; 3] = [Mode::Blocking, Mode::Selector, Mode::Tasks];

fn bench(modes: &[Mode], rounds: u32) -> SweepPlan {
    SweepPlan {
        program: "sockscope".into(),
        subjects: modes.iter().copied().map(Subject::Mode).collect(),
        workload: Workload {
            clients: 1,
            warm_up_ns: 200_000_000,
            time_ns: 500_000_000,
            ..whole_bench().workload
        },
        swept: None,
        rounds,
        histograms: true,
        count_calls: false,
        cores: CorePlan::default(),
        command_line: Vec::new(),
    }
}

fn sweep() -> SweepPlan {
    let swept = Some((SweepAxis::Clients, vec![1, 10, 100]));
    SweepPlan { swept, ..bench(&[Mode::Serial, Mode::Selector], 3) }
}

/// How many samples each server has, point by point.
fn samples(result: &SweepResult) -> Vec<Vec<usize>> {
    let points = result.points.iter().map(|it| it.subjects.iter());
    points.map(|it| it.map(|it| it.samples.len()).collect()).collect()
}

#[test]
fn rounds_are_interleaved_and_the_first_server_changes() {
    let mut fake = Fake::default();
    assert!(!fake.run(&bench(&THREE, 4)).interrupted);
    let wanted = [
        ["1 1 blocking", "1 1 selector", "1 1 tasks"],
        ["2 1 selector", "2 1 tasks", "2 1 blocking"],
        ["3 1 tasks", "3 1 blocking", "3 1 selector"],
        ["4 1 blocking", "4 1 selector", "4 1 tasks"],
    ];
    assert_eq!(fake.taken, wanted.concat());
    let mut fake = Fake::default();
    let result = fake.run(&sweep());
    let wanted = [
        ["1 1 serial", "1 1 selector"],
        ["1 10 selector", "1 10 serial"],
        ["1 100 serial", "1 100 selector"],
        ["2 1 selector", "2 1 serial"],
    ];
    assert_eq!(fake.taken[..8], wanted.concat());
    let at = result.points.iter().map(|it| (it.value, it.workload.clients));
    let wanted = [(Some(1), 1), (Some(10), 10), (Some(100), 100)];
    assert_eq!(at.collect::<Vec<_>>(), wanted);
    assert_eq!(samples(&result), [[3, 3], [3, 3], [3, 3]]);
}

#[test]
fn a_server_that_fails_is_not_measured_there_again() {
    let fails = Some((Mode::Selector, 1, 2));
    let mut fake = Fake { fails, ..Fake::default() };
    let result = fake.run(&bench(&THREE, 4));
    assert!(!result.interrupted);
    assert_eq!(samples(&result), [[4, 1, 4]]);
    let failures = result.subjects().map(|it| it.failure.as_deref());
    let failures: Vec<_> = failures.collect();
    assert_eq!(failures, [None, Some("it ended"), None]);
    let fails = Some((Mode::Serial, 10, 1));
    let mut fake = Fake { fails, ..Fake::default() };
    assert_eq!(samples(&fake.run(&sweep())), [[3, 3], [0, 3], [0, 3]]);
    let at_ten = fake.taken.iter().filter(|it| it.contains(" 10 "));
    assert_eq!(at_ten.count(), 4, "one that failed, three of the other");
}

#[test]
fn a_round_with_clients_in_trouble_is_left_out_and_the_next_is_measured() {
    let troubled = Some((Mode::Selector, 2));
    let mut fake = Fake { troubled, ..Fake::default() };
    let result = fake.run(&bench(&THREE, 4));
    assert_eq!(samples(&result), [[4, 3, 4]]);
    let selector = &result.points[0].subjects[1];
    assert_eq!(selector.failure, None);
    let (round, trouble) = (2, ClientTrouble::NoPorts);
    assert_eq!(selector.troubles, [TroubledRound { round, trouble }]);
    let rounds = selector.samples.iter().map(|it| it.round);
    assert_eq!(rounds.collect::<Vec<_>>(), [1, 3, 4]);
}

#[test]
fn a_server_that_never_echoes_in_any_round_was_not_measured() {
    for (silent_until, samples) in [(1, 2), (2, 0)] {
        let mut fake = Fake { silent_until, ..Fake::default() };
        let result = fake.run(&bench(&THREE[..1], 2));
        let subject = &result.points[0].subjects[0];
        assert_eq!(subject.failure, None);
        assert_eq!(subject.samples.len(), samples);
        let trouble = ClientTrouble::NothingBack;
        let all = [1, 2].map(|round| TroubledRound { round, trouble });
        let troubles = if samples == 0 { &all[..] } else { &[] };
        assert_eq!(subject.troubles, troubles);
        assert_eq!(subject.echo_times.is_empty(), samples == 0);
    }
}

#[test]
fn a_cancelled_measurement_keeps_what_it_has() {
    let cases = [
        (bench(&THREE, 4), 5, vec![vec![1, 2, 2]]),
        (bench(&THREE, 4), 0, vec![vec![0, 0, 0]]),
        (sweep(), 7, vec![vec![1, 2], vec![1, 1], vec![1, 1]]),
        // None at 100.
        (sweep(), 3, vec![vec![1, 1], vec![0, 1]]),
    ];
    for (plan, after, kept) in cases {
        let cancelled_after = Some(after);
        let result = Fake { cancelled_after, ..Fake::default() }.run(&plan);
        assert!(result.interrupted);
        assert_eq!(samples(&result), kept);
    }
}

#[test]
fn echo_times_of_all_rounds_are_added_up_where_histograms_are_kept() {
    for (histograms, wanted) in
        [(true, vec![(50, 3), (100, 2), (200, 2), (300, 2)]), (false, vec![])]
    {
        let plan = SweepPlan { histograms, ..sweep() };
        for subject in Fake::default().run(&plan).subjects() {
            assert_eq!(subject.echo_times, wanted);
            let mut samples = subject.samples.iter();
            assert!(samples.all(|it| it.load.buckets.is_empty()));
        }
    }
}

#[derive(Default)]
struct Shown(Vec<(String, Duration)>);

impl Progress for Shown {
    fn step(&mut self, step: &MeasureStep) {
        let words = format!("{} of {}", step.round, step.rounds);
        self.0.push((format!("{words}, {}", step.subject), step.left));
    }

    fn failed(&mut self, subject: &str) {
        self.0.push((format!("{subject} failed"), Duration::ZERO));
    }

    fn left_out(&mut self, step: &MeasureStep, trouble: ClientTrouble) {
        let words = format!("{}: {}", step.subject, trouble.what());
        self.0.push((words, Duration::ZERO));
    }
}

#[test]
fn progress_is_shown_before_each_step() {
    let fails = Some((Mode::Selector, 1, 1));
    let mut fake = Fake { fails, ..Fake::default() };
    let mut shown = Shown::default();
    run_with(&mut fake, &bench(&THREE[..2], 2), &mut shown);
    let words: Vec<_> = shown.0.iter().map(|(it, _)| it.as_str()).collect();
    let wanted = [
        "1 of 2, blocking",
        "1 of 2, selector",
        "selector failed",
        "2 of 2, blocking",
    ];
    assert_eq!(words, wanted);
    // Four samples of a second by the plan; the fake takes no time at all.
    assert_eq!(shown.0[0].1, Duration::from_secs(4));
    assert!(shown.0[3].1 < Duration::from_secs(1), "{:?}", shown.0[3]);
    let troubled = Some((Mode::Selector, 1));
    let mut fake = Fake { troubled, ..Fake::default() };
    let mut shown = Shown::default();
    run_with(&mut fake, &bench(&THREE[..2], 2), &mut shown);
    assert_eq!(shown.0[2].0, "selector: ran out of local ports");
    let mut shown = Shown::default();
    run_with(&mut Fake::default(), &sweep(), &mut shown);
    assert_eq!(shown.0[2].0, "1 of 3, selector, 10 clients");
}
