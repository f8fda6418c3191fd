//! What is made of fixed results: who does best, what weakens that, and what
//! changed since an earlier one.

use super::fixed::{Like, MODES, SELECTOR, foreign, result};
use sockscope::measure::{
    Baseline, BaselineError, Caution, CautionKind, Condition, Figure, Ranking,
    RatioVerdict, Rhythm, Sample, SweepResult, cautions, left_out,
    parse_baseline, rankings,
};

fn ranking(result: &SweepResult, figure: Figure) -> Ranking {
    let mut rankings = rankings(&result.points[0]).into_iter();
    rankings.find(|ranking| ranking.figure == figure).unwrap()
}

/// `selector` and another one, so many times slower.
pub(super) fn slower(times: f64, noise: f64, rounds: u32) -> SweepResult {
    let slow = Like {
        name: "slow",
        echoes_per_s: SELECTOR.echoes_per_s / times,
        user_ns: SELECTOR.user_ns * times,
        system_ns: SELECTOR.system_ns * times,
        noise,
        ..SELECTOR
    };
    result(&[slow, Like { noise, ..SELECTOR }], rounds)
}

/// Changes every sample of the first server.
pub(super) fn spoil(result: &mut SweepResult, with: impl Fn(&mut Sample)) {
    result.points[0].subjects[0].samples.iter_mut().for_each(with);
}

pub(super) fn observations(result: &SweepResult) -> Vec<String> {
    cautions(result, &result.points[0])
        .iter()
        .map(|it| it.observation.clone())
        .collect()
}

// ---- Who does best -----------------------------------------------------

#[test]
fn a_clear_difference_is_beyond_the_noise() {
    let result = slower(1.5, 0.01, 10);
    for figure in [Figure::Echoes, Figure::Cpu] {
        let ranking = ranking(&result, figure);
        assert_eq!(ranking.best, "selector");
        assert_eq!(ranking.leaders(), ["selector"]);
        let [against] = &ranking.against[..] else { panic!() };
        assert_eq!(against.verdict, RatioVerdict::Beyond);
        let ratio = against.ratio;
        assert!(ratio.low < 1.5 && 1.5 < ratio.high, "{ratio:?}");
    }
}

#[test]
fn a_small_difference_is_within_the_noise() {
    let result = slower(1.001, 0.02, 10);
    let ranking = ranking(&result, Figure::Echoes);
    assert_eq!(ranking.against[0].verdict, RatioVerdict::WithinTheNoise);
    assert_eq!(ranking.leaders().len(), 2);
}

#[test]
fn few_rounds_are_too_few_to_tell() {
    let result = slower(3.0, 0.0, 5);
    let ranking = ranking(&result, Figure::Echoes);
    assert_eq!(ranking.against[0].verdict, RatioVerdict::TooFewRounds);
    assert!(!ranking.is_enough());
    let expected = "too few rounds to tell differences: 5 rounds";
    assert_eq!(observations(&result), [expected]);
}

#[test]
fn beside_a_wide_spread_small_differences_mean_nothing() {
    let mut result = slower(1.1, 0.0, 10);
    for subject in &mut result.points[0].subjects {
        for (at, sample) in subject.samples.iter_mut().enumerate() {
            // Both are disturbed alike: their quotients stay the same.
            sample.load.echoes /= if at % 2 == 0 { 1 } else { 2 };
        }
    }
    let wide = ranking(&result, Figure::Echoes);
    assert_eq!(wide.against[0].verdict, RatioVerdict::TooWide);
    let wide = observations(&result);
    let wide = wide.iter().filter(|it| it.contains("intervals wide"));
    assert_eq!(wide.count(), 2);
}

#[test]
fn only_rounds_of_both_are_compared() {
    let mut result = slower(1.5, 0.01, 10);
    result.points[0].subjects[0].samples.truncate(9);
    let both = ranking(&result, Figure::Echoes);
    assert_eq!(both.against[0].ratio.n, 9);
    result.points[0].subjects[0].samples.truncate(7);
    assert_eq!(rankings(&result.points[0]), []);
    assert_eq!(left_out(&result.points[0])[0].why, "it has had 7 of 10 rounds");
}

#[test]
fn in_an_open_loop_nobody_is_the_fastest() {
    let mut result = slower(1.5, 0.01, 10);
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 1_000.0 };
    let figures = rankings(&result.points[0]).into_iter().map(|it| it.figure);
    let expected = [Figure::Cpu, Figure::P99];
    assert_eq!(figures.collect::<Vec<_>>(), expected);
}

#[test]
fn a_server_of_unknown_cpu_time_is_ranked_by_the_rest() {
    let mut result = slower(1.5, 0.01, 10);
    result.points[0].subjects.push(foreign(10));
    assert_eq!(ranking(&result, Figure::Cpu).against.len(), 1);
    assert_eq!(ranking(&result, Figure::P99).against.len(), 2);
}

// ---- Who is not compared -----------------------------------------------

#[test]
fn a_failed_server_is_told_and_the_others_are_compared() {
    let mut result = result(&MODES[1..], 10);
    result.points[0].subjects[0].failure =
        Some("it ended with signal 9".into());
    result.points[0].subjects[0].samples.truncate(3);
    let seen = "blocking failed after 3 rounds: it ended with signal 9";
    assert!(observations(&result).contains(&seen.into()));
    let left: Vec<_> = left_out(&result.points[0]).into_iter().collect();
    assert_eq!((left.len(), &*left[0].subject), (1, "blocking"));
    assert_eq!(ranking(&result, Figure::Echoes).against.len(), 2);
}

#[test]
fn a_server_that_serves_few_is_not_the_fastest() {
    let mut result = slower(0.8, 0.01, 10);
    assert_eq!(ranking(&result, Figure::Echoes).best, "slow");
    result.points[0].workload.clients = 100;
    spoil(&mut result, |sample| sample.load.clients_served = 1);
    for sample in &mut result.points[0].subjects[1].samples {
        sample.load.clients_served = 100;
    }
    let seen = "slow: 99 of 100 clients had no echo";
    assert_eq!(observations(&result), [seen]);
    assert_eq!(rankings(&result.points[0]), []);
}

#[test]
fn who_had_nothing_to_send_has_nothing_to_miss() {
    let mut result = slower(1.5, 0.0, 10);
    result.points[0].workload.clients = 100;
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 5.0 };
    for subject in &mut result.points[0].subjects {
        for sample in &mut subject.samples {
            (sample.load.due, sample.load.sent) = (10, 10);
        }
    }
    assert_eq!(observations(&result), Vec::<String>::new());
}

#[test]
fn wrong_bytes_are_no_echo() {
    let mut result = slower(0.8, 0.0, 10);
    spoil(&mut result, |sample| sample.load.mismatches = 3);
    let seen = "slow: 30 bytes came back that had not been sent";
    assert_eq!(observations(&result), [seen]);
    assert_eq!(rankings(&result.points[0]), []);
}

// ---- What weakens the figures ------------------------------------------

#[test]
fn a_good_result_has_no_findings() {
    assert_eq!(observations(&slower(1.5, 0.01, 10)), [""; 0]);
}

#[test]
fn each_weakness_is_found_and_has_advice() {
    type Spoil = fn(&mut SweepResult);
    let weak: [(Spoil, &str); 8] = [
        (|it| it.interrupted = true, "interrupted after 10 of 10 rounds"),
        (
            |it| it.conditions.optimized = false,
            "this program was built without optimisations",
        ),
        (
            |it| it.conditions.bound.load_cores = None,
            "server and clients were not bound to different cores",
        ),
        (
            |it| it.conditions.bound.load_cores = Some(vec![1, 2]),
            "server and clients were bound to the same cores",
        ),
        (
            |it| it.conditions.load_average = Some(2.5),
            "the machine was busy before: load average 2.50, 4 cores",
        ),
        (
            |it| {
                spoil(it, |it| {
                    it.load.cpu_ns = Some(it.load.window_ns / 20 * 19);
                });
            },
            "the clients were the limit for slow: up to 95 % of their core",
        ),
        (
            |it| spoil(it, |it| it.load.connections_lost = 1),
            "slow: 10 connections lost",
        ),
        (
            |it| {
                it.points[0]
                    .subjects
                    .iter_mut()
                    .for_each(|it| it.samples.truncate(1));
            },
            "too few rounds to tell differences: 1 round",
        ),
    ];
    for (spoil, observation) in weak {
        let mut result = slower(1.5, 0.01, 10);
        spoil(&mut result);
        assert_eq!(observations(&result), [observation]);
        assert!(!cautions(&result, &result.points[0])[0].advice.is_empty());
    }
}

#[test]
fn a_rate_that_was_not_kept_is_found() {
    let mut result = slower(1.5, 0.0, 10);
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 1_000.0 };
    for subject in &mut result.points[0].subjects {
        for sample in &mut subject.samples {
            (sample.load.due, sample.load.sent) = (2_000, 1_990);
            sample.load.late_p99_ns = 7_000;
        }
    }
    assert_eq!(observations(&result), Vec::<String>::new());
    spoil(&mut result, |sample| {
        sample.load.sent = 1_900;
        sample.load.late_p99_ns = 9_000;
    });
    let seen = observations(&result);
    assert_eq!(seen[0], "slow: 95 % of the messages due were sent");
    assert!(seen[1].contains("up to 9.00 µs late (p99)"), "{seen:?}");
    assert_eq!(seen.len(), 2);
}

/// Only where busy polling came out ahead.
#[test]
fn the_price_of_a_wait_is_told_with_the_figure() {
    let mut result = result(&MODES[2..], 10);
    let seen = "with 10 connections nonblocking was ahead of tasks in echoes \
                a second: the price of a wait counts";
    assert_eq!(observations(&result), [seen]);
    spoil(&mut result, |sample| {
        sample.load.echoes /= 2;
        sample.load.echo_time.as_mut().unwrap().p99_ns *= 2;
    });
    assert_eq!(observations(&result), Vec::<String>::new());
}

#[test]
fn the_price_of_a_wait_is_told_where_it_matters() {
    let told = |result: &SweepResult| {
        let is_it = |it: &Caution| it.kind == CautionKind::CostOfWaiting;
        cautions(result, &result.points[0]).iter().any(is_it)
    };
    let mut result = result(&MODES[2..], 10);
    assert!(told(&result));
    result.points[0].workload.idle = 1;
    assert!(!told(&result));
    result.points[0].workload.idle = 0;
    result.conditions.machine.mechanism = "kqueue".into();
    assert!(!told(&result));
    result.conditions.machine.mechanism = "epoll".into();
    result.points[0].subjects.remove(0);
    assert!(!told(&result));
}

// ---- Against an earlier result -----------------------------------------

#[test]
fn the_same_again_is_within_the_noise() {
    let result = result(&MODES, 10);
    let baseline = Baseline::new(&result, &result);
    assert_eq!(baseline.changes.len(), 25);
    for change in &baseline.changes {
        assert_eq!(change.verdict, RatioVerdict::WithinTheNoise);
        assert!((change.ratio.ratio - 1.0).abs() < 1e-9, "{change:?}");
    }
    assert_eq!(baseline.conditions, []);
}

#[test]
fn a_tenth_with_a_small_spread_is_beyond_the_noise() {
    let before = result(&[SELECTOR], 10);
    let faster = Like { echoes_per_s: SELECTOR.echoes_per_s * 1.1, ..SELECTOR };
    let baseline = Baseline::new(&result(&[faster], 10), &before);
    let change = &baseline.changes[0];
    assert_eq!(change.figure, Figure::Echoes);
    assert_eq!(change.verdict, RatioVerdict::Beyond);
    let ratio = change.ratio;
    assert!((ratio.ratio - 1.1).abs() < 0.001, "{ratio:?}");
    assert!(1.0 < ratio.low && ratio.high < 1.2, "{ratio:?}");
}

#[test]
fn what_was_not_alike_is_named() {
    let before = result(&MODES[..4], 10);
    let mut now = result(&MODES[1..], 3);
    now.workload.clients = 20;
    now.conditions.machine.kernel = Some("6.19.0".into());
    let baseline = Baseline::new(&now, &before);
    let words: Vec<_> =
        baseline.conditions.iter().map(Condition::words).collect();
    let expected =
        ["clients: 10 then, 20 now", "kernel: 6.18.0 then, 6.19.0 now"];
    assert_eq!(words, expected);
    assert_eq!(baseline.only_before, ["serial"]);
    assert_eq!(baseline.only_now, ["tasks"]);
}

#[test]
fn a_text_that_is_no_result_is_refused() {
    for text in ["", "{", "[2]", "{\"schema_version\": 2}"] {
        let error = parse_baseline(text).unwrap_err();
        assert!(matches!(error, BaselineError::NotAResult(_)), "{text}");
    }
    let error = parse_baseline("{\"schema_version\": 99}").unwrap_err();
    let words = error.to_string();
    assert!(words.contains("schema version 99"), "{words}");
}
