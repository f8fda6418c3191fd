//! The figures in which modes differ, a row each.

use super::verdict::HARDLY_TIME;
use super::{Cell, Contender, Row};
use crate::units::{show_percent, show_short, show_size, show_time_ns};
use crate::view::Concerned;
use std::time::Duration;

/// Measured figures that are less than this many times apart do not differ:
/// instrumented runs beside each other measure no better.
pub(super) const APART: f64 = 2.0;

/// And times of echoes of which none takes longer do not either: so long a
/// client may wait for a processor that others use.
const SHORT: f64 = 50e6;

/// Nor CPU time of which there is hardly any.
const HARDLY: f64 = HARDLY_TIME.as_secs_f64() * 1e9;

/// What a cell says of a figure that is not known.
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

struct Figure {
    name: &'static str,
    title: &'static str,
    unit: Unit,
    /// If two runs of the same mode would differ: the least value by which
    /// they cannot.
    noise: Option<f64>,
    of: fn(&Contender) -> Option<f64>,
}

const fn exact(
    name: &'static str,
    title: &'static str,
    of: fn(&Contender) -> Option<f64>,
) -> Figure {
    Figure { name, title, unit: Unit::Count, noise: None, of }
}

const fn measured(
    name: &'static str,
    title: &'static str,
    (unit, noise): (Unit, f64),
    of: fn(&Contender) -> Option<f64>,
) -> Figure {
    Figure { name, title, unit, noise: Some(noise), of }
}

/// First what clients feel, then what they got, what it cost, and why.
const FIGURES: [Figure; 19] = [
    measured("longest_echo_ns", "longest echo", (Unit::Time, SHORT), |it| {
        it.echo.map(|echo| time(echo.max))
    }),
    measured("echo_p99_ns", "echo p99", (Unit::Time, SHORT), |it| {
        it.echo.filter(|echo| echo.p99 < echo.max).map(|it| time(it.p99))
    }),
    measured("echo_p50_ns", "echo p50", (Unit::Time, SHORT), |it| {
        it.echo.filter(|echo| echo.count > 1).map(|it| time(it.p50))
    }),
    measured("first_echo_at_ns", "first echo at", (Unit::Time, SHORT), |it| {
        it.groups.iter().filter_map(|it| it.first_echo).min().map(time)
    }),
    measured("run_time_ns", "run time", (Unit::Time, SHORT), |it| {
        Some(time(it.run_time))
    }),
    exact("echoes", "echoes back", |it| it.echo.map(|echo| count(echo.count))),
    exact("missing_echoes", "missing echoes", |it| {
        let missing = it.groups.iter().map(|it| it.answers.missing);
        (!it.groups.is_empty()).then(|| count(missing.sum()))
    }),
    exact("connections", "connections", |it| {
        Some(count(it.figures.connections))
    }),
    exact("errors", "errors in handlers", |it| {
        let figures = &it.figures;
        let all = [figures.errors_handled, figures.errors_unhandled];
        Some(count(all.into_iter().map(many).sum()))
    }),
    measured("cpu_time_ns", "CPU time", (Unit::Time, HARDLY), |it| {
        it.cpu.map(time)
    }),
    measured("core_share", "of one core", (Unit::Share, 0.01), |it| {
        it.cpu.map(|cpu| cpu.as_secs_f64() / it.run_time.as_secs_f64())
    }),
    exact("would_blocks", "would-blocks", |it| {
        Some(count(it.figures.would_blocks()))
    }),
    Figure {
        name: "would_blocks_a_useful_call",
        title: "per useful call",
        unit: Unit::Ratio,
        noise: None,
        of: |it| it.figures.would_blocks_a_useful_call(),
    },
    exact("iterations", "iterations", |it| {
        Some(count(it.figures.iterations(it.loop_call)))
    }),
    exact("calls", "calls", |it| Some(count(it.figures.all_calls()))),
    exact("wake_ups", "wake-ups", |it| {
        it.figures.wake_ups(it.loop_call).map(count)
    }),
    exact("threads", "threads", |it| {
        Some(count(it.figures.threads.len() as u64))
    }),
    Figure {
        name: "pending_peak_bytes",
        title: "peak pending",
        unit: Unit::Bytes,
        noise: None,
        of: |it| Some(count(it.figures.pending_peak_bytes)),
    },
    measured(
        "context_switches",
        "context switches",
        (Unit::Count, 20.0),
        |it| it.context_switches.map(count),
    ),
];

/// The rows of the figures that differ.
pub(super) fn rows(contenders: &[Contender]) -> Vec<Row> {
    FIGURES.iter().filter_map(|figure| row(figure, contenders)).collect()
}

fn row(figure: &Figure, contenders: &[Contender]) -> Option<Row> {
    let values = contenders.iter().map(|it| {
        // One that never ran has no figures.
        let value = (!it.run_time.is_zero()).then(|| (figure.of)(it));
        value.flatten()
    });
    let values: Vec<_> = values.collect();
    if !differ(figure, contenders, &values) {
        return None;
    }
    let largest = values.iter().flatten().copied().fold(0.0, f64::max);
    let cells = values.iter().map(|value| cell(figure.unit, *value, largest));
    let Figure { name, title, .. } = *figure;
    Some(Row { name, title, cells: cells.collect() })
}

/// Whether modes that have run differ in this: one in which there is no such
/// figure differs from one that has it.
fn differ(
    figure: &Figure,
    contenders: &[Contender],
    values: &[Option<f64>],
) -> bool {
    let known = values.iter().flatten().copied();
    let largest = known.clone().fold(0.0, f64::max);
    let smallest = known.fold(f64::INFINITY, f64::min);
    if let Some(noise) = figure.noise.or_else(|| of_clock(figure, contenders)) {
        return largest >= APART * smallest.max(f64::MIN_POSITIVE)
            && largest > noise;
    }
    let ran = contenders.iter().map(|it| !it.run_time.is_zero());
    let mut ran = ran.zip(values).filter(|(ran, _)| *ran).map(|(_, it)| *it);
    let first = ran.next().flatten();
    largest > 0.0 && ran.any(|value| value != first)
}

/// Where clients go on for a time, echoes are measured as well.
fn of_clock(figure: &Figure, contenders: &[Contender]) -> Option<f64> {
    let mut groups = contenders.iter().flat_map(|it| &it.groups);
    let measured = figure.name == "echoes" && groups.any(|it| it.for_a_time);
    measured.then_some(0.0)
}

fn cell(unit: Unit, value: Option<f64>, largest: f64) -> Cell {
    let words = value.map_or_else(|| UNKNOWN.into(), |it| words(unit, it));
    Cell { words, value, share: value.map(|value| share(value, largest)) }
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

fn time(time: Duration) -> f64 {
    count(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
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

fn many(concerned: Option<Concerned>) -> u64 {
    concerned.map_or(0, |it| it.connections)
}
