//! What is made of fixed results: who does best, what weakens that, what is
//! not known, and what changed since an earlier one.

use super::fixed::{MODES, foreign, result, server, slow_down};
use sockscope::measure::{
    Baseline, BaselineError, Figure, RatioVerdict, Rhythm, Sample, SweepResult,
    cautions, left_out, parse_baseline, rankings,
};
use std::fmt::Write as _;

/// What a round differs from the others by.
const NOISE: [f64; 10] = [0.0, 0.6, -0.4, 1.0, -0.9, 0.3, -0.2, 0.8, -0.7, 0.1];

/// `slow`, which takes this many times as long, more or less, and `selector`.
fn slower(times: f64, noise: f64) -> SweepResult {
    let mut result = result(&["selector"], 10);
    let mut slow = server("selector", 10);
    slow.name = "slow".into();
    for (sample, off) in slow.samples.iter_mut().zip(NOISE) {
        slow_down(sample, times * (1.0 + off * noise));
    }
    result.points[0].subjects.insert(0, slow);
    result
}

fn busy() -> SweepResult {
    result(&MODES[2..], 10)
}

/// Changes every sample of the first server.
fn spoil(result: &mut SweepResult, with: impl Fn(&mut Sample)) {
    result.points[0].subjects[0].samples.iter_mut().for_each(with);
}

/// Changes every sample of both.
fn each(result: &mut SweepResult, with: impl Fn(usize, &mut Sample)) {
    for subject in &mut result.points[0].subjects {
        let samples = subject.samples.iter_mut().enumerate();
        samples.for_each(|(at, sample)| with(at, sample));
    }
}

/// An open loop in which this many of 2,000 messages due were sent.
fn open(result: &mut SweepResult, sent: u64, late_p99_ns: u64) {
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 1_000.0 };
    each(result, |_, it| {
        (it.load.due, it.load.sent) = (2_000, sent);
        it.load.late_p99_ns = late_p99_ns;
    });
}

fn truncate(result: &mut SweepResult, at: usize, rounds: usize) {
    result.points[0].subjects[at].samples.truncate(rounds);
}

type Change = fn(&mut SweepResult);

/// Changes of a result in which `slow` is 1.5 times slower.
const CHANGES: [(&str, Change); 32] = [
    ("good", |_| ()),
    ("interrupted", |it| it.interrupted = true),
    ("not optimised", |it| it.conditions.optimized = false),
    ("clients not bound", |it| it.conditions.bound.load_cores = None),
    ("bound to the same cores", |it| {
        it.conditions.bound.load_cores = Some(vec![1, 2]);
    }),
    ("busy machine", |it| it.conditions.load_average = Some(2.5)),
    ("clients at their limit", |it| {
        spoil(it, |it| it.load.cpu_ns = Some(it.load.window_ns / 20 * 19));
    }),
    ("connections lost", |it| spoil(it, |it| it.load.connections_lost = 1)),
    ("wrong bytes", |it| spoil(it, |it| it.load.mismatches = 3)),
    ("1 round", |it| (0..2).for_each(|at| truncate(it, at, 1))),
    ("5 rounds", |it| (0..2).for_each(|at| truncate(it, at, 5))),
    ("one round less", |it| truncate(it, 0, 9)),
    ("three rounds less", |it| truncate(it, 0, 7)),
    ("slow failed", |it| {
        it.points[0].subjects[0].failure = Some("it ended".into());
        truncate(it, 0, 3);
    }),
    ("slow served one of 100 clients", |it| {
        it.points[0].workload.clients = 100;
        each(it, |_, it| it.load.clients_served = 100);
        spoil(it, |it| it.load.clients_served = 1);
    }),
    ("ten of 100 clients had something to send", |it| {
        it.points[0].workload.clients = 100;
        open(it, 10, 0);
        each(it, |_, it| it.load.due = 10);
    }),
    ("selector silent in four rounds", |it| {
        for sample in &mut it.points[0].subjects[1].samples[..4] {
            (sample.load.echoes, sample.load.clients_served) = (0, 0);
            sample.load.echo_time = None;
        }
    }),
    // Both are disturbed alike: their quotients stay the same.
    ("wide spread beside a small difference", |it| {
        *it = slower(1.1, 0.0);
        each(it, |at, it| it.load.echoes /= 1 + at as u64 % 2);
    }),
    ("open loop", |it| open(it, 2_000, 0)),
    ("rate almost kept", |it| open(it, 1_990, 7_000)),
    ("rate not kept", |it| {
        open(it, 1_990, 7_000);
        spoil(it, |it| {
            (it.load.sent, it.load.late_p99_ns) = (1_900, 9_000);
        });
    }),
    ("slow did not keep up", |it| {
        open(it, 2_000, 0);
        spoil(it, |it| it.load.unanswered = 240);
    }),
    ("few messages under way at the end", |it| {
        open(it, 2_000, 0);
        spoil(it, |it| it.load.unanswered = 20);
    }),
    ("another one ran already", |it| {
        it.points[0].subjects.push(foreign(10));
    }),
    ("another one ran already, none bound", |it| {
        it.points[0].subjects.push(foreign(10));
        it.conditions.bound.server_cores = None;
    }),
    // The medians say that one is ahead, the rounds that the other one is.
    ("medians against quotients", |it| {
        let p99s = [[10, 11, 12, 20, 21, 22], [21, 22, 23, 9, 10, 11]];
        for (at, p99s) in p99s.into_iter().enumerate() {
            truncate(it, at, 6);
            let samples = &mut it.points[0].subjects[at].samples;
            for (sample, p99) in samples.iter_mut().zip(p99s) {
                sample.load.echo_time.as_mut().unwrap().p99_ns = p99 * 1_000;
            }
        }
    }),
    ("a little slower", |it| *it = slower(1.001, 0.02)),
    // The price of a wait is named only where busy polling came out ahead,
    // with few connections and epoll.
    ("busy polling ahead", |it| *it = busy()),
    ("busy polling not ahead", |it| {
        *it = busy();
        spoil(it, |it| {
            it.load.echoes /= 2;
            it.load.echo_time.as_mut().unwrap().p99_ns *= 2;
        });
    }),
    ("busy polling with idle clients", |it| {
        *it = busy();
        it.points[0].workload.idle = 1;
    }),
    ("busy polling beside kqueue", |it| {
        *it = busy();
        it.conditions.machine.mechanism = "kqueue".into();
    }),
    ("busy polling absent", |it| *it = result(&MODES[3..], 10)),
];

/// Findings, who is left out, and rankings.
fn page(name: &str, result: &SweepResult) -> String {
    let (point, mut page) = (&result.points[0], format!("==== {name}\n"));
    for it in cautions(result, point) {
        assert!(!it.advice.is_empty());
        let _ = writeln!(page, "{:?}: {}", it.kind, it.observation);
    }
    for it in left_out(point) {
        let _ = writeln!(page, "without {}: {}", it.subject, it.why);
    }
    for ranking in rankings(point) {
        let (figure, leaders) = (ranking.figure.field(), ranking.leaders());
        let _ = write!(page, "{figure}: {}", leaders.join(" and "));
        for it in &ranking.against {
            let (ratio, verdict) = (it.ratio, it.verdict);
            let _ = write!(
                page,
                "; {:.3} [{:.3}..{:.3}] times {} in {}, {verdict:?}",
                ratio.median, ratio.low, ratio.high, it.subject, ratio.n
            );
        }
        page.push('\n');
    }
    page
}

#[test]
fn what_weakens_a_result_is_found_and_kept_out_of_rankings() {
    let pages = CHANGES.map(|(name, change)| {
        let mut result = slower(1.5, 0.01);
        change(&mut result);
        page(name, &result)
    });
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn what_cannot_be_known_has_a_reason() {
    let cases: [(Change, Figure, &str); 2] = [
        (
            |it| {
                spoil(it, |it| {
                    let used = it.server.as_mut().unwrap();
                    (used.user_ns, used.system_ns) = (0, 7_900_000);
                });
            },
            Figure::User,
            "too little CPU time to split: 80 ms in all rounds are needed",
        ),
        (
            |it| {
                it.points[0].workload.clients = 100;
                spoil(it, |it| it.load.clients_served = 99);
            },
            Figure::ConnectionMemory,
            "not all clients had an echo",
        ),
    ];
    for (change, figure, why) in cases {
        let mut result = slower(1.0, 0.0);
        change(&mut result);
        let point = &result.points[0];
        assert_eq!(point.unknown("slow", figure), Some(why));
        assert!(point.spread("slow", Figure::Cpu).is_some());
    }
}

/// Of an overloaded server the longest echo times are lower bounds.
#[test]
fn only_percentiles_among_missing_echoes_are_lower_bounds() {
    let mut result = slower(1.5, 0.0);
    open(&mut result, 2_000, 0);
    spoil(&mut result, |it| it.load.unanswered = 240);
    let point = &result.points[0];
    let bounds = Figure::all().filter(|it| point.is_at_least("slow", *it));
    let wanted =
        [Figure::Mean, Figure::P90, Figure::P99, Figure::P999, Figure::Max];
    assert_eq!(bounds.collect::<Vec<_>>(), wanted);
    let changes = Baseline::new(&result, &result).changes;
    let p99 = changes.iter().filter(|it| it.figure == Figure::P99);
    assert_eq!(p99.count(), 1);
}

#[test]
fn changes_since_a_baseline_are_judged() {
    let before = result(&["selector"], 10);
    let cases = [
        (1.0, RatioVerdict::WithinTheNoise, true),
        (1.04, RatioVerdict::Beyond, true),
        (1.0 / 1.06, RatioVerdict::Beyond, false),
        (1.1, RatioVerdict::Beyond, false),
    ];
    for (times, verdict, is_small) in cases {
        let mut now = before.clone();
        spoil(&mut now, |it| slow_down(it, 1.0 / times));
        let baseline = Baseline::new(&now, &before);
        assert_eq!(baseline.changes.len(), 5);
        assert_eq!(baseline.conditions, []);
        let change = &baseline.changes[0];
        assert_eq!((change.figure, change.verdict), (Figure::Echoes, verdict));
        assert_eq!(change.is_small(), is_small, "{times}");
        let ratio = change.ratio;
        assert!((ratio.ratio - times).abs() < 0.001, "{ratio:?}");
        assert!(0.9 * times < ratio.low && ratio.high < 1.1 * times);
    }
}

#[test]
fn a_text_that_is_no_result_is_refused() {
    for text in ["", "{", "[2]", "{\"schema_version\": 2}"] {
        let error = parse_baseline(text).unwrap_err();
        assert!(matches!(error, BaselineError::NotAResult(_)), "{text}");
    }
    let error = parse_baseline("{\"schema_version\": 99}").unwrap_err();
    assert!(error.to_string().contains("schema version 99"), "{error}");
}
