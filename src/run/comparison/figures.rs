//! The figures in which runs differ.

use super::verdict::HARDLY_TIME_NS;
use super::{DifferingFigure, FigureValue};
use crate::load::EchoTime;
use crate::run::report::{GroupReport, RunReport, ServerReport};
use crate::units::{show_percent, show_short, show_size, show_time_ns};

/// Measured figures that are less than this many times apart do not differ:
/// instrumented runs beside each other measure no better.
pub(super) const APART: f64 = 2.0;

/// Echo times of which none is longer do not differ either: a client may wait
/// this long, in nanoseconds, for a processor that others use.
const SHORT: f64 = 50e6;

/// Stands for a figure that is not known.
const UNKNOWN: &str = "—";

/// What a figure counts.
#[derive(Clone, Copy)]
enum Unit {
    /// Nanoseconds.
    Time,
    /// Of one core.
    Share,
    Count,
    Bytes,
    Ratio,
}

struct ComparedFigure {
    name: &'static str,
    title: &'static str,
    unit: Unit,
    /// If two runs of the same mode would differ: the largest value that
    /// means nothing.
    noise: Option<f64>,
    of: fn(&RunReport) -> Option<f64>,
}

const fn exact(
    name: &'static str,
    title: &'static str,
    unit: Unit,
    of: fn(&RunReport) -> Option<f64>,
) -> ComparedFigure {
    ComparedFigure { name, title, unit, noise: None, of }
}

const fn measured(
    name: &'static str,
    title: &'static str,
    (unit, noise): (Unit, f64),
    of: fn(&RunReport) -> Option<f64>,
) -> ComparedFigure {
    ComparedFigure { name, title, unit, noise: Some(noise), of }
}

/// First what clients feel, then what they got, what it cost, and why.
const FIGURES: [ComparedFigure; 19] = [
    measured("longest_echo_ns", "longest echo", (Unit::Time, SHORT), |it| {
        echo(it).map(|echo| count(echo.max_ns))
    }),
    measured("echo_p99_ns", "echo p99", (Unit::Time, SHORT), |it| {
        let echo = echo(it).filter(|it| it.p99_ns < it.max_ns);
        echo.map(|echo| count(echo.p99_ns))
    }),
    measured("echo_p50_ns", "echo p50", (Unit::Time, SHORT), |it| {
        let echo = echo(it).filter(|it| it.count > 1);
        echo.map(|echo| count(echo.p50_ns))
    }),
    measured("first_echo_at_ns", "first echo at", (Unit::Time, SHORT), |it| {
        let groups = it.groups().iter();
        groups.filter_map(|it| it.result.first_echo_at_ns).min().map(count)
    }),
    measured("run_time_ns", "run time", (Unit::Time, SHORT), |it| {
        Some(count(it.run_time_ns))
    }),
    exact("echoes", "echoes back", Unit::Count, |it| {
        echo(it).map(|echo| count(echo.count))
    }),
    exact("missing_echoes", "missing echoes", Unit::Count, |it| {
        let missing = it.groups().iter().map(GroupReport::missing_echoes);
        (!it.groups().is_empty()).then(|| count(missing.sum()))
    }),
    exact("connections", "connections", Unit::Count, |it| {
        server(it, |it| it.connections)
    }),
    exact("errors", "errors in handlers", Unit::Count, |it| {
        server(it, |it| it.errors_handled + it.errors_unhandled)
    }),
    measured("cpu_time_ns", "CPU time", (Unit::Time, HARDLY_TIME_NS), |it| {
        it.cpu_ns().map(count)
    }),
    measured("core_share", "of one core", (Unit::Share, 0.01), |it| {
        it.cpu_ns().map(|cpu| count(cpu) / count(it.run_time_ns))
    }),
    exact("would_blocks", "would-blocks", Unit::Count, |it| {
        server(it, |it| it.would_blocks)
    }),
    exact("would_blocks_a_useful_call", "per useful call", Unit::Ratio, |it| {
        it.server.as_ref()?.would_blocks_a_useful_call()
    }),
    exact("iterations", "iterations", Unit::Count, |it| {
        server(it, |it| it.iterations)
    }),
    exact("calls", "calls", Unit::Count, |it| server(it, |it| it.calls)),
    exact("wake_ups", "wake-ups", Unit::Count, |it| {
        it.server.as_ref()?.wake_ups.map(count)
    }),
    exact("threads", "threads", Unit::Count, |it| server(it, |it| it.threads)),
    exact("pending_peak_bytes", "peak pending", Unit::Bytes, |it| {
        server(it, |it| it.pending_peak_bytes)
    }),
    measured(
        "context_switches",
        "context switches",
        (Unit::Count, 20.0),
        |it| {
            let switches = it.server.as_ref()?.context_switches?;
            Some(count(switches.voluntary + switches.involuntary))
        },
    ),
];

fn echo(it: &RunReport) -> Option<EchoTime> {
    it.clients.as_ref()?.total.echo_time
}

fn server(it: &RunReport, of: fn(&ServerReport) -> u64) -> Option<f64> {
    it.server.as_ref().map(|server| count(of(server)))
}

/// The figures that differ.
pub(super) fn differing(runs: &[RunReport]) -> Vec<DifferingFigure> {
    FIGURES.iter().filter_map(|figure| row(figure, runs)).collect()
}

const fn has_run(run: &RunReport) -> bool {
    run.run_time_ns > 0
}

fn row(figure: &ComparedFigure, runs: &[RunReport]) -> Option<DifferingFigure> {
    let values = runs.iter();
    let values =
        values.map(|it| has_run(it).then(|| (figure.of)(it)).flatten());
    let values: Vec<_> = values.collect();
    if !differ(figure, runs, &values) {
        return None;
    }
    let largest = values.iter().flatten().copied().fold(0.0, f64::max);
    let values = values.iter().map(|value| cell(figure.unit, *value, largest));
    Some(DifferingFigure {
        name: figure.name.into(),
        title: figure.title.into(),
        values: values.collect(),
    })
}

/// Whether runs differ in this figure: a run without such a figure differs
/// from one that has it.
fn differ(
    figure: &ComparedFigure,
    runs: &[RunReport],
    values: &[Option<f64>],
) -> bool {
    let known = values.iter().flatten().copied();
    let largest = known.clone().fold(0.0, f64::max);
    let smallest = known.fold(f64::INFINITY, f64::min);
    if let Some(noise) = figure.noise.or_else(|| noise_of_clock(figure, runs)) {
        return largest >= APART * smallest.max(f64::MIN_POSITIVE)
            && largest > noise;
    }
    let mut ran = runs.iter().zip(values).filter(|(run, _)| has_run(run));
    let first = ran.next().and_then(|(_, value)| *value);
    largest > 0.0 && ran.any(|(_, value)| *value != first)
}

/// Where clients go on for a time, how many echoes they get is measured.
fn noise_of_clock(figure: &ComparedFigure, runs: &[RunReport]) -> Option<f64> {
    let mut groups = runs.iter().flat_map(RunReport::groups);
    let is_measured = figure.name == "echoes" && groups.any(|it| it.is_timed);
    is_measured.then_some(0.0)
}

fn cell(unit: Unit, value: Option<f64>, largest: f64) -> FigureValue {
    let words = value.map_or_else(|| UNKNOWN.into(), |it| words(unit, it));
    FigureValue {
        words,
        value,
        share: value.map(|value| share(value, largest)),
    }
}

fn words(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Time => show_time_ns(whole(value)),
        Unit::Share => show_percent(value),
        Unit::Bytes => show_size(whole(value)),
        Unit::Ratio if value < 100.0 => format!("{value:.1}"),
        Unit::Count | Unit::Ratio => show_short(whole(value)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the length of a bar, a few characters"
)]
fn share(value: f64, largest: f64) -> f32 {
    if largest > 0.0 { (value / largest) as f32 } else { 0.0 }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are more than people can compare"
)]
const fn count(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a count, or a time that is not negative"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}
