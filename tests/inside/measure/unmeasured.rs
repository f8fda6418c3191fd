//! What was not measured is no number in any form of a report.

use super::fixed::{USUAL, each, failed, idle, subject, sweep, whole_bench};
use super::{forms, report};
use crate::support::numbers::expect_no_empty_number;
use crate::support::svg::check;
use sockscope::load::ClientTrouble;
use sockscope::load::steady::SteadyResult;
use sockscope::measure::{
    Figure, Rhythm, SubjectResult, SweepAxis, SweepResult, TroubledRound,
};

#[track_caller]
fn expect_no_empty_numbers(result: &SweepResult) {
    let all: Vec<_> = Figure::all().collect();
    for figures in [&[][..], &all] {
        let report = report(result, figures);
        for text in forms(&report) {
            expect_no_empty_number(&text);
        }
        let svg = report.to_svg();
        check(&svg);
        expect_no_empty_number(&svg);
    }
}

/// Its windows passed without anything in them.
fn empty_windows(subject: &mut SubjectResult) {
    subject.echo_times.clear();
    for sample in &mut subject.samples {
        sample.load = SteadyResult::default();
        sample.server = None;
    }
}

/// It was connected to, and did nothing.
fn still_server(subject: &mut SubjectResult) {
    subject.echo_times.clear();
    for sample in &mut subject.samples {
        let window_ns = sample.load.window_ns;
        sample.load = SteadyResult { window_ns, ..SteadyResult::default() };
        if let Some(used) = &mut sample.server {
            (used.user_ns, used.system_ns) = (0, 0);
            (used.voluntary_switches, used.threads) = (Some(0), Some(0));
            used.involuntary_switches = Some(0);
        }
    }
}

fn left_out(subject: &mut SubjectResult) {
    subject.echo_times.clear();
    let rounds = subject.samples.drain(..).map(|it| it.round);
    let trouble = ClientTrouble::NoPorts;
    subject.troubles =
        rounds.map(|round| TroubledRound { round, trouble }).collect();
}

const CHANGES: [fn(&mut SubjectResult); 4] = [
    empty_windows,
    still_server,
    left_out,
    // One round, with no other to compare it with.
    |it| it.samples.truncate(1),
];

#[test]
fn no_form_of_a_bench_has_a_number_for_nothing() {
    for change in CHANGES {
        for pacing in [Rhythm::Closed, Rhythm::Open { rate_per_s: 0.001 }] {
            let mut result = whole_bench();
            result.workload.pacing = pacing;
            result.points[0].workload.pacing = pacing;
            // First one of several, then all of them.
            change(&mut result.points[0].subjects[1]);
            expect_no_empty_numbers(&result);
            expect_no_empty_numbers(&each(result, change));
        }
    }
    let mut without = whole_bench();
    without.points[0].subjects.clear();
    expect_no_empty_numbers(&without);
}

#[test]
fn no_form_of_a_sweep_has_a_number_for_nothing() {
    for change in CHANGES {
        let mut result = idle();
        change(&mut result.points[0].subjects[0]);
        expect_no_empty_numbers(&result);
        expect_no_empty_numbers(&each(result, change));
    }
    let failures = sweep(SweepAxis::Size, &[16, 64], |size| {
        vec![
            failed("tasks", "it ended"),
            match size {
                16 => subject("selector", 6, USUAL),
                _ => failed("selector", "it ended"),
            },
        ]
    });
    expect_no_empty_numbers(&failures);
    expect_no_empty_numbers(&sweep(SweepAxis::Size, &[], |_| Vec::new()));
}
