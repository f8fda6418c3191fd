//! A bench as a picture: bars of its figures, and echo times by percentile.

use super::bars::{Bar, bars, height};
use super::look::css;
use super::panel::panel;
use super::writer::{Area, Svg};
use super::{MARGIN, WIDTH, fine_prints, top};
use crate::measure::{BenchResult, Buckets, Figure, SubjectResult};
use crate::report::bench::alerts;
use crate::report::chart::{Chart, Dot, Line, Scale};
use crate::report::sweep::tick;
use crate::text::capital;
use crate::text::clean;
use crate::units::Scale as Unit;

/// The figures that are drawn, in two columns.
const FIGURES: [Figure; 4] =
    [Figure::EchoesPerS, Figure::ServerCpu, Figure::P50Ns, Figure::P99Ns];

const PERCENTILES: f64 = 300.0;
const GAP: f64 = 28.0;

/// A step of a line that is smaller than this part of a decade is not drawn.
const SMALLEST_STEP: f64 = 0.004;

/// The bench as SVG: medians with their intervals, and how long echoes took
/// by percentile.
#[must_use]
pub fn bench_svg(result: &BenchResult) -> String {
    let mut svg = Svg::new(WIDTH);
    let title = "Echo servers side by side";
    let top = top(&mut svg, title, &alerts(result));
    let panel_height = height(result.subjects.len());
    let width = (WIDTH - 2.0 * MARGIN - GAP) / 2.0;
    for (at, figure) in FIGURES.into_iter().enumerate() {
        let (column, row) = (at % 2, at / 2);
        let x = MARGIN + if column == 0 { 0.0 } else { width + GAP };
        let y = top + if row == 0 { 0.0 } else { panel_height + GAP };
        let area = Area { x, y, width, height: panel_height };
        let title = capital(figure.title());
        bars(&mut svg, &title, &figure_bars(result, figure), area);
    }
    let mut y = top + 2.0 * (panel_height + GAP);
    if let Some(chart) = percentiles(result) {
        let width = WIDTH - 2.0 * MARGIN;
        let area = Area { x: MARGIN, y, width, height: PERCENTILES };
        panel(&mut svg, &chart, area, &[]);
        y += PERCENTILES + GAP / 2.0;
    }
    let note = "Bars: medians of the rounds; whiskers: their intervals of \
                95 %, or all rounds if there are fewer than 6. Percentiles: \
                all rounds together.";
    let y = fine_prints(&mut svg, y, note, &result.into());
    svg.finish(y, (title, &description(result)), &css())
}

fn figure_bars(result: &BenchResult, figure: Figure) -> Vec<Bar> {
    let workload = &result.workload;
    let spread = |it: &SubjectResult| it.spread(figure, workload);
    let medians = result.subjects.iter().filter_map(spread);
    let unit = figure.scale(medians.map(|it| it.median));
    let bar = |(look, subject): (usize, &SubjectResult)| {
        let unknown = subject.unknown(figure, &result.workload);
        let failed = subject.failure.is_some();
        let spread = spread(subject);
        let words = match (spread, unknown) {
            (Some(spread), _) if failed => {
                format!("{}, then failed", unit.show(spread.median))
            }
            (Some(spread), _) if subject.is_at_least(figure, workload) => {
                format!("≥{}", unit.show(spread.median))
            }
            (Some(spread), _) => unit.show(spread.median),
            (None, _) if failed => "failed".into(),
            (None, Some(why)) => why.words(&subject.kind).into(),
            (None, None) => "not measured".into(),
        };
        Bar { name: clean(&subject.name), look, spread, words }
    };
    result.subjects.iter().enumerate().map(bar).collect()
}

/// How long echoes took, by 1 / (1 - percentile).
fn percentiles(result: &BenchResult) -> Option<Chart> {
    let lines = result.subjects.iter().enumerate().map(|(look, subject)| {
        let dots = dots(&subject.echo_times);
        Line { name: clean(&subject.name), look, dots, failed: Vec::new() }
    });
    let lines: Vec<_> = lines.collect();
    let ends = lines.iter().filter_map(|it| it.dots.last());
    let end = ends.map(|it| it.x).fold(1.0, f64::max);
    let nines = (1..=9).map(|nines| 10_f64.powi(nines));
    let all = [1.0, 2.0].into_iter().chain(nines);
    let ticks = all.take_while(|it| *it <= end).map(|it| (it, percent(it)));
    let title =
        format!("Echo time by percentile ({})", result.workload.pacing.time());
    let titles = (title.as_str(), "so many echoes took at most this long");
    let mut chart = Chart::over(titles, ticks.collect(), lines, |value| {
        tick(Figure::P99Ns, Unit::ONE, value)
    })?;
    chart.x = Scale::log(1.0, end);
    Some(chart)
}

/// `90 %` of 10, `99.9 %` of 1,000.
fn percent(rest: f64) -> String {
    let mut places = 0_usize;
    let mut reached = 1_000.0;
    while reached <= rest * 1.000_1 {
        places += 1;
        reached *= 10.0;
    }
    format!("{:.places$} %", 100.0 - 100.0 / rest)
}

/// One dot a bucket, without those that nobody could tell apart.
#[expect(
    clippy::cast_precision_loss,
    reason = "places in a picture need far fewer than 53 bits"
)]
fn dots(buckets: &Buckets) -> Vec<Dot> {
    let total: u64 = buckets.0.iter().map(|it| it.1).sum();
    let mut dots: Vec<Dot> = Vec::new();
    let mut before = 0;
    for (time, count) in &buckets.0 {
        let x = total as f64 / (total - before) as f64;
        before += count;
        let y = (*time).max(1) as f64;
        let near = dots.last().is_some_and(|last| {
            (x / last.x).log10() < SMALLEST_STEP
                && (y / last.y).log10() < SMALLEST_STEP
        });
        if !near {
            let (low, high, joined, only) = (y, y, true, None);
            dots.push(Dot { x, y, low, high, joined, only });
        }
    }
    let end = dots.last().map(|last| Dot { x: total as f64, ..*last });
    dots.extend(end);
    dots
}

/// The medians in words, for who cannot see the bars.
fn description(result: &BenchResult) -> String {
    let figures = FIGURES.iter().map(|figure| {
        let bars = figure_bars(result, *figure);
        let bars = bars.iter().map(|it| format!("{} {}", it.name, it.words));
        let bars: Vec<_> = bars.collect();
        format!("{}: {}.", capital(figure.title()), bars.join(", "))
    });
    figures.collect::<Vec<_>>().join(" ")
}
