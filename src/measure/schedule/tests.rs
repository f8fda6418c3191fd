//! The schedule with a sampler that measures nothing.

use super::*;
use crate::measure::workload::Pacing;
use crate::measure::{CountedCalls, LoadUsage};
use crate::modes::Mode;

/// Notes what it is asked for, and does as told.
#[derive(Default)]
struct Fake {
    asked: Vec<String>,
    /// This subject fails in this round.
    fails: Option<(Mode, u32)>,
    /// After so many samples somebody wants no more.
    cancelled_after: Option<usize>,
}

impl Sampler for Fake {
    fn sample(
        &mut self,
        subject: &Subject,
        _: &Workload,
        round: u32,
    ) -> Result<(Sample, Buckets), Failed> {
        if self.cancelled_after == Some(self.asked.len()) {
            return Err(Failed::Cancelled);
        }
        let Subject::Mode(mode) = subject else { panic!("no mode") };
        self.asked.push(format!("{} {round}", mode.name()));
        if self.fails == Some((*mode, round)) {
            return Err(Failed::Because("it fell over".into()));
        }
        let round_ns = u64::from(round) * 100;
        Ok((sample(round), Buckets(vec![(50, 1), (round_ns, 2)])))
    }

    fn count(
        &mut self,
        subject: &Subject,
        _: &Workload,
    ) -> Result<Option<CountedCalls>, Failed> {
        let Subject::Mode(mode) = subject else { panic!("no mode") };
        self.asked.push(format!("{} calls", mode.name()));
        let (echoes, calls, would_blocks) = (1, 3, 1);
        let wake_ups = None;
        Ok(Some(CountedCalls { echoes, calls, would_blocks, wake_ups }))
    }
}

fn sample(round: u32) -> Sample {
    Sample {
        round,
        window_ns: 1,
        echoes: 3,
        clients_served: 1,
        echo_time: None,
        server: None,
        load: LoadUsage::default(),
    }
}

fn plan(modes: &[Mode], rounds: u32) -> Plan {
    Plan {
        program: PathBuf::new(),
        subjects: modes.iter().copied().map(Subject::Mode).collect(),
        workload: Workload {
            clients: 1,
            idle: 0,
            size_bytes: 1,
            pipeline: 1,
            pacing: Pacing::Closed,
            warm_up_ns: 200_000_000,
            time_ns: 500_000_000,
        },
        rounds,
        cores: CorePlan::default(),
        count_calls: false,
        command_line: Vec::new(),
    }
}

const THREE: [Mode; 3] = [Mode::Blocking, Mode::Selector, Mode::Tasks];

#[test]
fn rounds_are_interleaved_and_each_begins_with_another() {
    let mut fake = Fake::default();
    let (_, interrupted) = run_with(&mut fake, &plan(&THREE, 4), &mut ());
    assert!(!interrupted);
    let wanted = [
        "blocking 1",
        "selector 1",
        "tasks 1", //
        "selector 2",
        "tasks 2",
        "blocking 2", //
        "tasks 3",
        "blocking 3",
        "selector 3", //
        "blocking 4",
        "selector 4",
        "tasks 4",
    ];
    assert_eq!(fake.asked, wanted);
}

#[test]
fn calls_are_counted_after_the_first_round() {
    let mut fake = Fake::default();
    let plan = Plan { count_calls: true, ..plan(&THREE[..2], 2) };
    let (subjects, _) = run_with(&mut fake, &plan, &mut ());
    let wanted = ["blocking calls", "selector calls"];
    assert_eq!(fake.asked[2..4], wanted);
    assert!(subjects.iter().all(|it| it.calls.is_some()));
}

#[test]
fn who_fails_is_left_alone_and_the_others_complete() {
    let fails = Some((Mode::Selector, 2));
    let mut fake = Fake { fails, ..Fake::default() };
    let (subjects, interrupted) =
        run_with(&mut fake, &plan(&THREE, 4), &mut ());
    assert!(!interrupted);
    let samples: Vec<_> = subjects.iter().map(|it| it.samples.len()).collect();
    assert_eq!(samples, [4, 1, 4]);
    assert_eq!(subjects[1].failure.as_deref(), Some("it fell over"));
    assert_eq!(subjects[0].failure, None);
}

#[test]
fn only_who_never_echoes_in_any_round_has_failed() {
    let silent = || Sample { echoes: 0, ..sample(1) };
    let mut entries = entries(&[Subject::Mode(Mode::Selector)]);
    let mut result = entries.remove(0).result;
    result.judge();
    assert_eq!(result.failure, None);
    result.add((silent(), Buckets::default()));
    let mut never = result.clone();
    never.judge();
    assert!(never.failure.is_some());
    result.add((sample(2), Buckets::default()));
    result.judge();
    assert_eq!((result.failure, result.samples.len()), (None, 2));
}

#[test]
fn a_cancelled_schedule_keeps_what_it_has() {
    let cancelled_after = Some(5);
    let mut fake = Fake { cancelled_after, ..Fake::default() };
    let (subjects, interrupted) =
        run_with(&mut fake, &plan(&THREE, 4), &mut ());
    assert!(interrupted);
    let samples: Vec<_> = subjects.iter().map(|it| it.samples.len()).collect();
    assert_eq!(samples, [1, 2, 2]);
}

#[test]
fn echo_times_of_all_rounds_are_added_up() {
    let mut fake = Fake::default();
    let (subjects, _) = run_with(&mut fake, &plan(&THREE, 2), &mut ());
    let times = [(50, 2), (100, 2), (200, 2)];
    assert_eq!(subjects[0].echo_times.0, times);
}

#[derive(Default)]
struct Told(Vec<(String, Duration)>);

impl Progress for Told {
    fn step(&mut self, step: &Step<'_>) {
        let words = format!("{} of {}", step.round, step.rounds);
        self.0.push((format!("{words}, {}", step.subject), step.left));
    }

    fn failed(&mut self, subject: &str, why: &str) {
        self.0.push((format!("{subject}: {why}"), Duration::ZERO));
    }
}

#[test]
fn progress_is_told_before_each_step() {
    let fails = Some((Mode::Selector, 1));
    let mut fake = Fake { fails, ..Fake::default() };
    let mut told = Told::default();
    run_with(&mut fake, &plan(&THREE[..2], 2), &mut told);
    let words: Vec<_> = told.0.iter().map(|(it, _)| it.as_str()).collect();
    let wanted = [
        "1 of 2, blocking",
        "1 of 2, selector",
        "selector: it fell over",
        "2 of 2, blocking",
    ];
    assert_eq!(words, wanted);
    // Four samples of a second by the plan; the fake takes no time at all.
    assert_eq!(told.0[0].1, Duration::from_secs(4));
    assert!(told.0[3].1 < Duration::from_secs(1), "{:?}", told.0[3]);
}
