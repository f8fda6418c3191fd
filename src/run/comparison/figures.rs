//! The figures in which runs differ.

use super::{DifferingFigure, FigureValue};
use crate::run::report::{GroupReport, RunReport, ServerReport};
use crate::units::{ratio, show_percent, show_short, show_size, show_time_ns};

/// Measured figures differ if one is this many times the other: runs that are
/// instrumented and run at the same time measure no better.
pub(super) const APART: f64 = 2.0;

/// CPU time below this, in nanoseconds, is negligible: on a busy machine the
/// start and the end of a run take as much.
pub(super) const HARDLY_NS: f64 = 20e6;

/// Times do not differ if none is longer than this, in nanoseconds: a client
/// may wait as long for a busy processor.
const SHORT: Option<f64> = Some(50e6);

/// The unit of a figure, which decides how it is shown.
#[derive(Clone, Copy)]
enum Unit {
    /// A time in nanoseconds.
    Time,
    /// A share of one core; 1 is the whole core.
    Share,
    Count,
    Bytes,
    Ratio,
}

/// A figure of one run: its name, title and unit; the noise; and the value, if
/// it is known. The noise is the largest value at which a measured figure does
/// not count as different; `None` means an exact count.
type Figure = (&'static str, &'static str, Unit, Option<f64>, Option<f64>);

/// First what clients notice, then what they got, the cost, and reasons.
fn figures(run: &RunReport) -> [Figure; 19] {
    use Unit::{Bytes, Count, Ratio, Share, Time};
    // With a time limit for clients the number of echoes is measured.
    let is_timed = run.groups().iter().any(|it| it.is_timed);
    let clock = is_timed.then_some(0.0);
    let hardly = Some(HARDLY_NS);

    let echo = run.clients.as_ref().and_then(|it| it.total.echo_time);
    let longest = echo.map(|it| count(it.max_ns));
    let p99 = echo.filter(|it| it.p99_ns < it.max_ns);
    let p99 = p99.map(|it| count(it.p99_ns));
    let p50 = echo.filter(|it| it.count > 1).map(|it| count(it.p50_ns));
    let groups = run.groups().iter();
    let first = groups.clone().filter_map(|it| it.result.first_echo_at_ns);
    let first = first.min().map(count);
    let time = Some(count(run.run_time_ns));
    let echoes = echo.map(|it| count(it.count));
    let missing = groups.map(GroupReport::missing_echoes);
    let missing =
        (!run.groups().is_empty()).then(|| count(missing.sum::<u64>()));
    let server = run.server.as_ref();
    let of = |of: fn(&ServerReport) -> u64| server.map(of).map(count);
    let errors = of(|it| it.errors_handled + it.errors_unhandled);
    let cpu = run.cpu_ns().map(count);
    let core = cpu.map(|cpu| cpu / count(run.run_time_ns));
    let in_vain = server.and_then(ServerReport::would_blocks_a_useful_call);
    let wake_ups = server.and_then(|it| it.wake_ups).map(count);
    let switches = server.and_then(|it| it.context_switches);
    let switches = switches.map(|it| count(it.voluntary + it.involuntary));
    let pending = of(|it| it.pending_peak_bytes);
    [
        ("longest_echo_ns", "longest echo", Time, SHORT, longest),
        ("echo_p99_ns", "echo p99", Time, SHORT, p99),
        ("echo_p50_ns", "echo p50", Time, SHORT, p50),
        ("first_echo_at_ns", "first echo at", Time, SHORT, first),
        ("run_time_ns", "run time", Time, SHORT, time),
        ("echoes", "echoes back", Count, clock, echoes),
        ("missing_echoes", "missing echoes", Count, None, missing),
        ("connections", "connections", Count, None, of(|it| it.connections)),
        ("errors", "errors in handlers", Count, None, errors),
        ("cpu_time_ns", "CPU time", Time, hardly, cpu),
        ("core_share", "CPU, whole run", Share, Some(0.01), core),
        ("would_blocks", "would-blocks", Count, None, of(|it| it.would_blocks)),
        ("would_blocks_a_useful_call", "per useful call", Ratio, None, in_vain),
        ("iterations", "iterations", Count, None, of(|it| it.iterations)),
        ("calls", "calls", Count, None, of(|it| it.calls)),
        ("wake_ups", "wake-ups", Count, None, wake_ups),
        ("threads", "threads used", Count, None, of(|it| it.threads)),
        ("pending_peak_bytes", "peak pending", Bytes, None, pending),
        ("context_switches", "context switches", Count, Some(20.0), switches),
    ]
}

/// The figures in which the runs differ, in a fixed order.
pub(super) fn differing(runs: &[RunReport]) -> Vec<DifferingFigure> {
    let all: Vec<_> = runs.iter().map(figures).collect();
    let figures = all.first().map_or(0, |it| it.len());
    (0..figures).filter_map(|place| row(place, runs, &all)).collect()
}

fn row(
    place: usize,
    runs: &[RunReport],
    all: &[[Figure; 19]],
) -> Option<DifferingFigure> {
    let (name, title, unit, ..) = all[0][place];
    let noise = all.iter().find_map(|it| it[place].3);
    let has_run = |run: &RunReport| run.run_time_ns > 0;
    let values = runs.iter().zip(all);
    let values = values.map(|(it, all)| all[place].4.filter(|_| has_run(it)));
    let values: Vec<_> = values.collect();
    let known = values.iter().flatten().copied();
    let largest = known.clone().fold(0.0, f64::max);
    let differs = if let Some(noise) = noise {
        let smallest = known.fold(f64::INFINITY, f64::min);
        largest >= APART * smallest.max(f64::MIN_POSITIVE) && largest > noise
    } else {
        // A run without the figure differs from one that has it.
        let mut ran = runs.iter().zip(&values).filter(|(it, _)| has_run(it));
        let first = ran.next().and_then(|(_, value)| *value);
        largest > 0.0 && ran.any(|(_, value)| *value != first)
    };
    let value = |value: Option<f64>| FigureValue {
        value,
        words: value.map_or_else(|| "—".into(), |it| words(unit, it)),
        share: value.map(|value| share(value, largest)),
    };
    differs.then(|| DifferingFigure {
        name: name.into(),
        title: title.into(),
        values: values.into_iter().map(value).collect(),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a count, or a time that is not negative"
)]
fn words(unit: Unit, value: f64) -> String {
    let whole = value.round() as u64;
    match unit {
        Unit::Time => show_time_ns(whole),
        Unit::Share => show_percent(value),
        Unit::Bytes => show_size(whole),
        Unit::Ratio if value < 100.0 => format!("{value:.1}"),
        Unit::Count | Unit::Ratio => show_short(whole),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the length of a bar, a few characters"
)]
fn share(value: f64, largest: f64) -> f32 {
    if largest > 0.0 { (value / largest) as f32 } else { 0.0 }
}

const fn count(count: u64) -> f64 {
    ratio(count, 1)
}
