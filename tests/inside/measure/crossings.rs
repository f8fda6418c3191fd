//! Where servers change places.

use super::fixed::{Does, USUAL, failed, idle, subject, sweep};
use super::sweep_text;
use sockscope::measure::Figure;
use sockscope::measure::{
    Crossing, SweepAxis, SweepResult, crossings, growths,
};

const VALUES: [u32; 5] = [1, 10, 100, 1_000, 10_000];

/// One server that always uses 10 µs of CPU an echo, and another one that
/// uses so many times as much at each point; its rounds differ from the
/// first one's by `noise`.
fn against(times: [f64; 5], noise: f64) -> SweepResult {
    sweep(SweepAxis::Clients, &VALUES, |value| {
        let at = VALUES.iter().position(|it| *it == value).unwrap();
        let cpu_ns = USUAL.cpu_ns * times[at];
        let other = Does { cpu_ns, noise, ..USUAL };
        vec![subject("selector", 6, USUAL), subject("blocking", 6, other)]
    })
}

fn found(result: &SweepResult) -> Vec<Crossing> {
    crossings(result, Figure::Cpu)
}

fn places(result: &SweepResult) -> Vec<(String, u32, u32, u32, bool)> {
    let found = found(result).into_iter();
    found
        .map(|it| (it.below, it.before, it.first, it.last, it.to_the_end))
        .collect()
}

/// What is said of CPU time, in one line.
fn said(result: &SweepResult) -> String {
    let figures = &[Figure::Cpu];
    let text = sweep_text(result, figures);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_clear_crossing_has_its_bracket() {
    let result = against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0);
    let wanted = [("selector".to_owned(), 10, 100, 10_000, true)];
    assert_eq!(places(&result), wanted);
    let said = said(&result);
    let wanted = "From 100 clients on, selector uses less CPU an echo than \
                  blocking (it changes between 10 and 100).";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn what_lies_within_the_noise_widens_the_bracket() {
    // Rounds that vary against each other by some per cent hide 1 %.
    let result = against([0.5, 0.99, 1.01, 2.0, 3.0], 3.0);
    let wanted = [("selector".to_owned(), 1, 1_000, 10_000, true)];
    assert_eq!(places(&result), wanted);
}

#[test]
fn a_crossing_within_the_noise_is_none() {
    let result = against([0.99, 0.99, 1.0, 1.01, 1.01], 3.0);
    assert_eq!(found(&result), []);
    assert!(!said(&result).contains("change"), "nothing can be compared");
}

#[test]
fn without_a_crossing_that_is_said() {
    let result = against([0.5, 0.5, 0.6, 0.7, 0.8], 1.0);
    assert_eq!(found(&result), []);
    let said = said(&result);
    assert!(said.contains("No two of them change places in"), "{said}");
}

#[test]
fn there_can_be_two() {
    let result = against([0.5, 1.5, 1.5, 1.5, 0.5], 1.0);
    let wanted = [
        ("selector".to_owned(), 1, 10, 1_000, false),
        ("blocking".to_owned(), 1_000, 10_000, 10_000, true),
    ];
    assert_eq!(places(&result), wanted);
    let said = said(&result);
    assert!(said.contains("From 10 to 1,000 clients, selector uses"), "{said}");
    assert!(said.contains("At 10,000 clients, blocking uses"), "{said}");
}

#[test]
fn servers_that_are_equal_do_not_cross() {
    assert_eq!(found(&against([1.0; 5], 1.0)), []);
    let tie = against([0.5, 1.0, 1.0, 1.0, 0.5], 1.0);
    assert_eq!(found(&tie), []);
}

#[test]
fn a_missing_point_says_nothing() {
    let mut result = against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0);
    result.points[2].subjects[1] = failed("blocking", "it ended");
    result.points[1].subjects.remove(0);
    let wanted = [("selector".to_owned(), 1, 1_000, 10_000, true)];
    assert_eq!(places(&result), wanted);
    let said = said(&result);
    assert!(said.contains("blocking failed at 100 clients: it ended."));
}

#[test]
fn a_figure_that_is_not_known_does_not_cross() {
    let mut result = against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0);
    let subjects = result.points.iter_mut().map(|it| &mut it.subjects[1]);
    for sample in subjects.flat_map(|it| &mut it.samples) {
        sample.server = None;
    }
    assert_eq!(found(&result), []);
    assert_eq!(growths(&result, Figure::Cpu).len(), 1);
}

#[test]
fn few_rounds_that_agree_are_not_sure_and_one_says_nothing() {
    let mut result = against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0);
    assert!(found(&result)[0].is_sure);
    let rounds = |result: &mut SweepResult, n| {
        let all = result.points.iter_mut().flat_map(|it| &mut it.subjects);
        all.for_each(|it| it.samples.truncate(n));
    };
    rounds(&mut result, 3);
    assert!(!found(&result)[0].is_sure);
    assert!(said(&result).contains("too few rounds to be sure"));
    rounds(&mut result, 1);
    assert_eq!(found(&result), []);
}

#[test]
fn only_common_rounds_are_compared() {
    let mut result = against([0.5, 0.8, 1.5, 2.0, 3.0], 1.0);
    for point in &mut result.points {
        point.subjects[0].samples.truncate(3);
        point.subjects[1].samples.drain(..3);
    }
    assert_eq!(found(&result), [], "no round is common to both");
}

#[test]
fn more_is_better_in_echoes_a_second() {
    let result = sweep(SweepAxis::Clients, &VALUES, |value| {
        let echoes_per_s = if value < 100 { 4e4 } else { 9e4 };
        let other = Does { echoes_per_s, ..USUAL };
        vec![subject("blocking", 6, USUAL), subject("selector", 6, other)]
    });
    let figures = &[Figure::Echoes];
    let text = sweep_text(&result, figures);
    let wanted = "From 100 clients on, selector makes more echoes a second";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn growth_among_idle_clients_is_told_in_times() {
    let said = said(&idle());
    let wanted = "Server CPU time an echo, 10 clients among 10,000 idle ones, \
                  against 10 alone: nonblocking 640 times; selector 1.00 \
                  times, within the noise.";
    assert!(said.contains(wanted), "{said}");
}
