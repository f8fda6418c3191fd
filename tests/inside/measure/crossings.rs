//! What a sweep shows: where servers change places, which order they keep,
//! how a figure grows; also with rounds that a server lacks, or in which it
//! nearly stood still. The snapshot has a page for each case.

use super::fixed::{Does, USUAL, each, failed, subject, sweep, whole};
use super::{markdown, report};
use sockscope::measure::{Figure, Sample, SweepAxis, SweepResult};

const VALUES: [u32; 5] = [1, 10, 100, 1_000, 10_000];

/// One server that always uses 10 µs of CPU an echo, and another one that
/// uses this many times as much at each point; its rounds differ from the
/// first one's by `noise`.
fn against(times: [f64; 5], noise: f64) -> SweepResult {
    sweep(SweepAxis::Clients, &VALUES, |value| {
        let at = VALUES.iter().position(|it| *it == value).unwrap();
        let cpu_ns = USUAL.cpu_ns * times[at];
        let other = Does { cpu_ns, noise, ..USUAL };
        vec![subject("selector", 6, USUAL), subject("blocking", 6, other)]
    })
}

fn clear() -> SweepResult {
    against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0)
}

/// `tasks` and `nonblocking`: the first is slower, but at the last point. The
/// echoes a second of some rounds are replaced.
fn turned(echoes: &[(usize, usize, &[f64])]) -> SweepResult {
    let mut result = sweep(SweepAxis::Size, &[64, 4_096], |value| {
        let echoes_per_s = if value == 64 { 30_000.0 } else { 60_000.0 };
        let does = Does { echoes_per_s, ..USUAL };
        vec![subject("tasks", 3, does), subject("nonblocking", 3, USUAL)]
    });
    for (point, subject, echoes) in echoes {
        let samples = samples(&mut result, *point, *subject);
        samples.truncate(echoes.len());
        for (sample, echoes) in samples.iter_mut().zip(*echoes) {
            sample.load.echoes = whole(*echoes);
        }
    }
    result
}

/// `selector` uses less CPU than `blocking` from 3 clients on.
fn from_three_on() -> SweepResult {
    sweep(SweepAxis::Clients, &[1, 3, 10, 30, 100], |value| {
        let cpu_ns = if value == 1 { 5_000.0 } else { 20_000.0 };
        let blocking = Does { cpu_ns, ..USUAL };
        vec![subject("selector", 6, USUAL), subject("blocking", 6, blocking)]
    })
}

/// `nonblocking` is beaten everywhere, and none change places.
fn beaten() -> SweepResult {
    sweep(SweepAxis::Idle, &[0, 100, 1_000], |value| {
        let cpu = |times: f64| Does { cpu_ns: 1e4 * times, ..USUAL };
        vec![
            subject("nonblocking", 6, cpu(3.0 + f64::from(value))),
            subject("tasks", 6, cpu(1.5)),
            subject("selector", 6, cpu(1.0)),
        ]
    })
}

fn samples(
    result: &mut SweepResult,
    point: usize,
    subject: usize,
) -> &mut Vec<Sample> {
    &mut result.points[point].subjects[subject].samples
}

fn crossings() -> Vec<(&'static str, Figure, SweepResult)> {
    let mut missing = clear();
    missing.points[2].subjects[1] = failed("blocking", "it ended");
    missing.points[1].subjects.remove(0);
    let unknown = each(clear(), |it| {
        if it.name == "blocking" {
            it.samples.iter_mut().for_each(|it| it.server = None);
        }
    });
    let uncommon = each(clear(), |it| {
        let is_first = it.name == "selector";
        it.samples.retain(|it| (it.round <= 3) == is_first);
    });
    let fast = sweep(SweepAxis::Clients, &VALUES, |value| {
        let echoes_per_s = if value < 100 { 4e4 } else { 9e4 };
        let other = Does { echoes_per_s, ..USUAL };
        vec![subject("blocking", 6, USUAL), subject("selector", 6, other)]
    });
    let few = |rounds| each(clear(), |it| it.samples.truncate(rounds));
    let tie = against([0.5, 1.0, 1.0, 1.0, 0.5], 1.0);
    let cases = [
        ("a clear crossing", clear()),
        // Rounds that vary against each other by some per cent hide 1 %.
        ("noise widens the bracket", against([0.5, 0.99, 1.01, 2.0, 3.0], 3.0)),
        (
            "a crossing within the noise is none",
            against([0.99, 0.99, 1.0, 1.01, 1.01], 3.0),
        ),
        ("no crossing", against([0.5, 0.5, 0.6, 0.7, 0.8], 1.0)),
        ("two crossings", against([0.5, 1.5, 1.5, 1.5, 0.5], 1.0)),
        ("equal servers do not cross", against([1.0; 5], 1.0)),
        ("a tie between is no crossing", tie),
        ("a missing point says nothing", missing),
        ("an unknown figure does not cross", unknown),
        ("three rounds are not sure", few(3)),
        ("one round says nothing", few(1)),
        ("no round is common to both", uncommon),
    ];
    let cases = cases.map(|(name, result)| (name, Figure::Cpu, result));
    let more = ("more echoes are better", Figure::Echoes, fast);
    cases.into_iter().chain([more]).collect()
}

fn rounds() -> Vec<(&'static str, Figure, SweepResult)> {
    let mut other_rounds = turned(&[]);
    samples(&mut other_rounds, 1, 0).remove(0);
    samples(&mut other_rounds, 1, 1).remove(2);
    let mut unclear = from_three_on();
    // As much as the other one's, in every second round.
    for sample in samples(&mut unclear, 2, 1).iter_mut().step_by(2) {
        let used = sample.server.as_mut().unwrap();
        (used.user_ns, used.system_ns) = (0, 1_000);
    }
    // Its CPU time an echo would be thousands of times the usual one.
    let mut stood_still = from_three_on();
    samples(&mut stood_still, 2, 0)[1].load.echoes = 10;
    let slow = sweep(SweepAxis::Size, &[64, 4_096], |_| {
        vec![subject("selector", 6, Does { echoes_per_s: 20.0, ..USUAL })]
    });
    let mut alike = beaten();
    for point in &mut alike.points {
        let samples = point.subjects[2].samples.clone();
        point.subjects[1].samples = samples;
    }
    samples(&mut alike, 1, 0).truncate(5);
    let faster = sweep(SweepAxis::Size, &[64, 4_096], |_| {
        let fast = Does { echoes_per_s: 9e4, ..USUAL };
        vec![subject("tasks", 6, USUAL), subject("selector", 6, fast)]
    });
    let mut ended = beaten();
    for subject in 0..3 {
        samples(&mut ended, 2, subject).truncate(5);
    }
    vec![
        ("tasks turns", Figure::Bytes, turned(&[])),
        // Two common rounds in which `tasks` was faster, and a third one that
        // makes the other one's median the larger one.
        (
            "unequal rounds cannot contradict the table",
            Figure::Bytes,
            turned(&[
                (1, 0, &[39_000.0, 36_000.0]),
                (1, 1, &[38_900.0, 35_000.0, 41_000.0]),
            ]),
        ),
        ("other rounds are not compared", Figure::Echoes, other_rounds),
        // A difference that three digits do not show is none.
        (
            "medians that look alike are not told apart",
            Figure::Echoes,
            turned(&[
                (1, 0, &[50_100.0, 48_100.0, 51_100.0]),
                (1, 1, &[50_000.0, 48_000.0, 51_000.0]),
            ]),
        ),
        ("an unclear point does not end a run", Figure::Cpu, unclear),
        ("a round nearly stood still", Figure::Cpu, stood_still),
        ("a slow server keeps its figures", Figure::Cpu, slow),
        ("the same order everywhere", Figure::Cpu, beaten()),
        ("an order beyond the noise only", Figure::Cpu, alike),
        ("all alike have no order", Figure::Memory, beaten()),
        ("the larger figure first", Figure::Echoes, faster),
        // The median of the quotients of rounds is 4, but the table shows 10
        // and 20.
        (
            "growth of the medians shown",
            Figure::Echoes,
            turned(&[(0, 0, &[5.0, 10.0, 50.0]), (1, 0, &[20.0, 100.0, 10.0])]),
        ),
        ("growth between points of as many rounds", Figure::Cpu, ended),
    ]
}

/// Each case's name, and its page without the conditions.
fn pages(cases: Vec<(&str, Figure, SweepResult)>) -> String {
    let page = |(name, figure, result): (&str, Figure, SweepResult)| {
        let page = markdown(&report(&result, &[figure]));
        let (page, _) = page.split_once("\n## Conditions").unwrap();
        let (_, page) = page.split_once("\n\n").unwrap();
        format!("==== {name}\n\n{page}")
    };
    cases.into_iter().map(page).collect::<Vec<_>>().join("\n")
}

#[test]
fn servers_that_change_places_are_named() {
    insta::assert_snapshot!(pages(crossings()));
}

#[test]
fn only_rounds_that_can_be_compared_say_something() {
    insta::assert_snapshot!(pages(rounds()));
}
