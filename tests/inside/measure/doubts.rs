//! What fixed results of `bench` do not tell, and say so.

use super::fixed::{Like, SELECTOR, foreign, result};
use super::verdicts::{observations, slower, spoil};
use sockscope::measure::{
    Baseline, BaselineChange, Figure, RatioVerdict, Rhythm, SweepResult,
    Unknown, left_out, rankings,
};

// ---- A server that does not keep up ------------------------------------

/// An open loop of two servers, the first of which leaves a part of the
/// messages without an echo in every round.
fn overloaded(unanswered: u64) -> SweepResult {
    let mut result = slower(1.5, 0.0, 10);
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 1_000.0 };
    for subject in &mut result.points[0].subjects {
        for sample in &mut subject.samples {
            (sample.load.due, sample.load.sent) = (2_000, 2_000);
        }
    }
    spoil(&mut result, |sample| sample.load.unanswered = unanswered);
    result
}

#[test]
fn who_does_not_keep_up_has_lower_bounds_that_nobody_ranks() {
    let result = overloaded(240);
    let slow = &result.points[0].subjects[0];
    let least = |figure| slow.is_at_least(figure, &result.points[0].workload);
    assert!(least(Figure::Max) && least(Figure::P90));
    assert!(!least(Figure::P50) && !least(Figure::Cpu));
    let seen = "slow: the server did not keep up: 12 % of the messages that \
                were due had no echo when a round ended";
    assert_eq!(observations(&result), [seen]);
    let figures = rankings(&result.points[0]).into_iter().map(|it| it.figure);
    assert_eq!(figures.collect::<Vec<_>>(), [Figure::Cpu]);
    let baseline = Baseline::new(&result, &result);
    let p99 = |it: &&BaselineChange| it.figure == Figure::P99;
    assert_eq!(baseline.changes.iter().filter(p99).count(), 1);
}

#[test]
fn few_messages_under_way_at_the_end_are_no_overload() {
    let result = overloaded(20);
    assert!(
        !result.points[0].subjects[0]
            .is_at_least(Figure::Max, &result.points[0].workload)
    );
    assert_eq!(observations(&result), Vec::<String>::new());
}

// ---- Rounds without an echo --------------------------------------------

#[test]
fn a_round_without_an_echo_counts_and_is_told() {
    let mut result = slower(1.5, 0.0, 6);
    for sample in &mut result.points[0].subjects[1].samples[..4] {
        (sample.load.echoes, sample.load.clients_served) = (0, 0);
        sample.load.echo_time = None;
    }
    let stalls = &result.points[0].subjects[1];
    let median = |figure| {
        stalls.spread(figure, &result.points[0].workload).map(|it| it.median)
    };
    assert_eq!(median(Figure::Echoes), Some(0.0));
    assert!(median(Figure::Cpu).is_some());
    let seen = "selector: no echo at all in 4 of 6 rounds";
    assert_eq!(observations(&result)[0], seen);
    assert_eq!(rankings(&result.points[0]), []);
    assert_eq!(left_out(&result.points[0])[0].why, &seen["selector: ".len()..]);
}

/// The medians say that one is ahead, the rounds that the other one is.
#[test]
fn whoever_is_named_the_best_has_no_ratio_that_says_the_opposite() {
    let mut result = slower(1.0, 0.0, 6);
    let p99s = [[10, 11, 12, 20, 21, 22], [21, 22, 23, 9, 10, 11]];
    let p99s = p99s.map(|it| it.map(|ns| ns * 1_000));
    for (subject, p99s) in result.points[0].subjects.iter_mut().zip(p99s) {
        for (sample, p99_ns) in subject.samples.iter_mut().zip(p99s) {
            sample.load.echo_time.as_mut().unwrap().p99_ns = p99_ns;
        }
    }
    for ranking in rankings(&result.points[0]) {
        for against in ranking.against {
            let sure = against.verdict == RatioVerdict::Beyond;
            assert!(!sure || against.ratio.median >= 1.0, "{against:?}");
        }
    }
}

// ---- What cannot be told -----------------------------------------------

#[test]
fn few_ticks_of_cpu_time_are_not_split() {
    let mut result = slower(1.0, 0.0, 6);
    spoil(&mut result, |sample| {
        let used = sample.server.as_mut().unwrap();
        (used.user_ns, used.system_ns) = (0, 13_000_000);
    });
    let subject = &result.points[0].subjects[0];
    let told =
        |figure| subject.spread(figure, &result.points[0].workload).is_some();
    assert!(told(Figure::Cpu) && !told(Figure::User));
    let why = subject.unknown(Figure::User, &result.points[0].workload);
    assert_eq!(why, Some(Unknown::FewTicks));
}

#[test]
fn memory_of_clients_that_were_not_served_is_not_shared_out() {
    let mut result = slower(1.0, 0.0, 6);
    result.points[0].workload.clients = 100;
    spoil(&mut result, |sample| sample.load.clients_served = 99);
    let why = result.points[0].subjects[0]
        .unknown(Figure::ConnectionMemory, &result.points[0].workload);
    assert_eq!(why, Some(Unknown::NotAllServed));
}

#[test]
fn a_server_that_ran_already_is_not_bound_as_the_others_are() {
    let mut result = result(&[SELECTOR], 10);
    result.points[0].subjects.push(foreign(10));
    let seen = "10.0.0.7:7007 was not bound to a core, and the others were";
    assert_eq!(observations(&result), [seen]);
    result.conditions.bound.server_cores = None;
    assert!(!observations(&result).contains(&seen.into()));
}

#[test]
fn a_change_of_less_than_a_twentieth_is_small() {
    let before = result(&[SELECTOR], 10);
    let small = |times: f64| {
        let echoes_per_s = SELECTOR.echoes_per_s * times;
        let now = result(&[Like { echoes_per_s, ..SELECTOR }], 10);
        Baseline::new(&now, &before).changes[0].is_small()
    };
    assert!(small(1.04) && small(1.0 / 1.04));
    assert!(!small(1.06) && !small(1.0 / 1.06));
}
