//! Rounds that a server lacks, or in which it nearly stood still.

use super::fixed::{Does, USUAL, subject, sweep, whole};
use super::{sweep_markdown, sweep_text};
use sockscope::measure::Figure;
use sockscope::measure::{
    SweepAxis, SweepResult, crossings, growths, standing,
};

const VALUES: [u32; 5] = [1, 3, 10, 30, 100];

/// What is said of a figure, in one line.
fn said(result: &SweepResult, figure: Figure) -> String {
    let text = sweep_text(result, &[figure]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces the echoes a second of a server at a point, round by round.
fn set_echoes(
    result: &mut SweepResult,
    (point, subject): (usize, usize),
    echoes: &[f64],
) {
    let samples = &mut result.points[point].subjects[subject].samples;
    samples.truncate(echoes.len());
    for (sample, echoes) in samples.iter_mut().zip(echoes) {
        sample.load.echoes = whole(*echoes);
    }
}

/// `tasks` and `nonblocking`: the first is slower, but at the last point.
fn turned() -> SweepResult {
    sweep(SweepAxis::Size, &[64, 4_096], |value| {
        let echoes_per_s = if value == 64 { 30_000.0 } else { 60_000.0 };
        let does = Does { echoes_per_s, ..USUAL };
        vec![subject("tasks", 3, does), subject("nonblocking", 3, USUAL)]
    })
}

/// Two common rounds in which `tasks` was faster, and a third one that makes
/// the other one's median the larger one.
#[test]
fn what_is_said_of_unequal_rounds_cannot_contradict_the_table() {
    let mut result = turned();
    assert_eq!(crossings(&result, Figure::Bytes).len(), 1);
    set_echoes(&mut result, (1, 0), &[39_000.0, 36_000.0]);
    set_echoes(&mut result, (1, 1), &[38_900.0, 35_000.0, 41_000.0]);
    let values = |name| result.points[1].spread(name, Figure::Bytes);
    let median = |name| values(name).unwrap().median;
    assert!(median("tasks") < median("nonblocking"));
    assert_eq!(crossings(&result, Figure::Bytes), []);
    let said = said(&result, Figure::Bytes);
    assert!(!said.contains("carries more"), "{said}");
    assert!(said.contains(" (2) "), "{said}");
    let legend = "(2) of 2 rounds only, not of 3; such a value is not \
                  compared with one of other rounds";
    assert!(said.contains(legend), "{said}");
    let markdown = sweep_markdown(&result, &[Figure::Bytes]);
    assert!(markdown.contains("(2) of 2 rounds only"), "{markdown}");
}

/// All quotients are above 1, yet the medians are the other way round: the
/// rounds are others.
#[test]
fn other_rounds_are_not_compared() {
    let mut result = turned();
    result.points[1].subjects[0].samples.remove(0);
    result.points[1].subjects[1].samples.remove(2);
    assert_eq!(crossings(&result, Figure::Echoes), []);
}

/// A difference that three digits do not show is none.
#[test]
fn medians_that_look_alike_are_not_told_apart() {
    let mut result = turned();
    set_echoes(&mut result, (1, 0), &[50_100.0, 48_100.0, 51_100.0]);
    set_echoes(&mut result, (1, 1), &[50_000.0, 48_000.0, 51_000.0]);
    assert_eq!(crossings(&result, Figure::Echoes), []);
}

/// `selector` uses less CPU than `blocking` from 3 clients on.
fn from_three_on() -> SweepResult {
    sweep(SweepAxis::Clients, &VALUES, |value| {
        let cpu_ns = if value == 1 { 5_000.0 } else { 20_000.0 };
        let blocking = Does { cpu_ns, ..USUAL };
        vec![subject("selector", 6, USUAL), subject("blocking", 6, blocking)]
    })
}

#[test]
fn an_unclear_point_does_not_end_a_run() {
    let mut result = from_three_on();
    // As much as the other one's, in every second round.
    let samples = &mut result.points[2].subjects[1].samples;
    for sample in samples.iter_mut().step_by(2) {
        let used = sample.server.as_mut().unwrap();
        (used.user_ns, used.system_ns) = (0, 1_000);
    }
    let found = crossings(&result, Figure::Cpu);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].first, found[0].last), (3, 100));
    assert_eq!(found[0].unclear, [10]);
    let said = said(&result, Figure::Cpu);
    let wanted = "From 3 clients on (at 10 unclear), selector uses \
                  less CPU an echo than blocking (it changes between 1 and 3).";
    assert!(said.contains(wanted), "{said}");
}

/// Its CPU time an echo would be thousands of times the usual one.
#[test]
fn a_round_that_nearly_stood_still_tells_nothing_an_echo() {
    let mut result = from_three_on();
    result.points[2].subjects[0].samples[1].load.echoes = 10;
    let point = &result.points[2];
    assert_eq!(point.values("selector", Figure::Cpu).len(), 5);
    assert_eq!(point.values("selector", Figure::Echoes).len(), 6);
    assert_eq!(point.rounds_of_few_echoes("selector"), 1);
    let said = said(&result, Figure::Cpu);
    assert!(said.contains("From 3 clients on (at 10 unclear"), "{said}");
    assert!(said.contains("10.0 (5) "), "{said}");
    let finding = "Rounds of fewer than 100 echoes, where other rounds had \
                   over ten times as many, are left out of figures an echo: \
                   selector at 10.";
    assert!(said.contains(finding), "{said}");
}

/// Few echoes in every round are what the server can do.
#[test]
fn a_slow_server_keeps_its_figures() {
    let slow = Does { echoes_per_s: 20.0, ..USUAL };
    let result = sweep(SweepAxis::Size, &[64, 4_096], |_| {
        vec![subject("selector", 6, slow)]
    });
    assert_eq!(result.points[0].rounds_of_few_echoes("selector"), 0);
    assert_eq!(result.points[0].values("selector", Figure::Cpu).len(), 6);
}

/// `nonblocking` is beaten everywhere, and nobody changes places.
fn beaten() -> SweepResult {
    sweep(SweepAxis::Idle, &[0, 100, 1_000], |value| {
        let cpu = |times: f64| Does { cpu_ns: 1e4 * times, ..USUAL };
        let busy = 3.0 + f64::from(value);
        vec![
            subject("nonblocking", 6, cpu(busy)),
            subject("tasks", 6, cpu(1.5)),
            subject("selector", 6, cpu(1.0)),
        ]
    })
}

#[test]
fn an_order_that_is_the_same_everywhere_is_named() {
    let said = said(&beaten(), Figure::Cpu);
    let wanted = "At every point, the lowest server CPU time an echo first: \
                  selector, then tasks, then nonblocking.";
    assert!(said.contains(wanted), "{said}");
    let wanted = "10 clients among 1,000 idle ones, against 10 alone: \
                  nonblocking 334 times; tasks 1.00 times, within the noise";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn an_order_is_named_only_where_it_is_beyond_the_noise() {
    let mut result = beaten();
    for point in &mut result.points {
        let tasks = point.subjects[2].samples.clone();
        point.subjects[1].samples = tasks;
    }
    let found = standing(&result, Figure::Cpu).unwrap();
    assert_eq!(found.groups, [vec!["tasks", "selector"], vec!["nonblocking"]]);
    let all_alike = standing(&result, Figure::Memory);
    assert_eq!(all_alike, None);
    result.points[1].subjects[0].samples.truncate(5);
    let said = said(&result, Figure::Cpu);
    let wanted = "At every point (at 100 not all of it is clear), the \
                  lowest server CPU time an echo first: tasks and selector, \
                  then nonblocking.";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn the_larger_figure_comes_first_where_more_is_better() {
    let result = turned();
    assert_eq!(standing(&result, Figure::Echoes), None, "they cross");
    let result = sweep(SweepAxis::Size, &[64, 4_096], |_| {
        let fast = Does { echoes_per_s: 9e4, ..USUAL };
        vec![subject("tasks", 6, USUAL), subject("selector", 6, fast)]
    });
    let said = said(&result, Figure::Echoes);
    let wanted = "At every point, the highest echoes a second first: \
                  selector, then tasks.";
    assert!(said.contains(wanted), "{said}");
}

/// The median of the quotients of rounds is 4, but the table shows 10 and 20.
#[test]
fn growth_is_that_of_the_medians_shown() {
    let mut result = turned();
    set_echoes(&mut result, (0, 0), &[5.0, 10.0, 50.0]);
    set_echoes(&mut result, (1, 0), &[20.0, 100.0, 10.0]);
    let said = said(&result, Figure::Echoes);
    assert!(said.contains("tasks 2.00 times, within the noise"), "{said}");
}

/// A sweep that was ended has fewer rounds at its later points.
#[test]
fn growth_is_between_points_of_as_many_rounds() {
    let mut result = beaten();
    for subject in &mut result.points[2].subjects {
        subject.samples.truncate(5);
    }
    let to: Vec<_> =
        growths(&result, Figure::Cpu).iter().map(|it| it.to).collect();
    assert_eq!(to, [100, 100, 100]);
}
