//! A bench and a sweep as pictures.

use super::figure_chart::{Bands, chart, tick};
use super::fine_print::fine_print;
use super::sweep::headline as sweep_headline;
use super::words::{alerts, crossing_words, crossings_of};
use crate::measure::{
    Crossing, Figure, SubjectResult, SweepPoint, SweepResult,
};
use crate::report::chart::{AxisScale, Chart, ChartLine, Dot};
use crate::report::svg::look::css;
use crate::report::svg::panel::{ChartBar, Pointed, bars, height, panel};
use crate::report::svg::{Anchor, Area, Svg};
use crate::text::{capital, clean, wrap};
use crate::units::Scale as Unit;

/// How wide a picture is.
const WIDTH: f64 = 960.0;

const MARGIN: f64 = 24.0;

/// Where the charts begin if nothing is missing.
const TOP: f64 = 50.0;

/// How many characters of an alert fit into a line.
const ALERT_CHARACTERS: usize = 120;

/// How many characters of the small print fit into a line.
const CHARACTERS: usize = 150;

/// Writes the title, and below it what is missing; returns where the rest
/// begins.
fn top(svg: &mut Svg, title: &str, alerts: &[String]) -> f64 {
    svg.text("title", Anchor::Start, (MARGIN, 32.0), title);
    let mut y = TOP;
    for line in alerts.iter().flat_map(|it| wrap(it, ALERT_CHARACTERS)) {
        svg.text("alert", Anchor::Start, (MARGIN, y + 2.0), &line);
        y += 17.0;
    }
    y
}

/// Writes what the signs mean and the conditions; returns where the picture
/// ends.
fn fine_prints(svg: &mut Svg, y: f64, note: &str, of: &SweepResult) -> f64 {
    let mut y = y + 14.0;
    let note = note.lines().map(str::to_owned);
    let lines = note.chain(fine_print(of));
    for line in lines.flat_map(|it| wrap(&it, CHARACTERS)) {
        svg.text("small", Anchor::Start, (MARGIN, y), &line);
        y += 16.0;
    }
    y + 6.0
}

/// The figures that are drawn, in two columns.
const BENCH_FIGURES: [Figure; 4] =
    [Figure::Echoes, Figure::Cpu, Figure::P50, Figure::P99];

const PERCENTILES: f64 = 300.0;
const BENCH_GAP: f64 = 28.0;

/// A step of a line that is smaller than this part of a decade is not drawn.
const SMALLEST_STEP: f64 = 0.004;

/// The bench as SVG: medians with their intervals, and how long echoes took
/// by percentile.
pub(super) fn bench_svg(result: &SweepResult, point: &SweepPoint) -> String {
    let mut svg = Svg::new(WIDTH);
    let title = "Echo servers side by side";
    let top = top(&mut svg, title, &alerts(result));
    let panel_height = height(point.subjects.len());
    let width = (WIDTH - 2.0 * MARGIN - BENCH_GAP) / 2.0;
    for (at, figure) in BENCH_FIGURES.into_iter().enumerate() {
        let (column, row) = (at % 2, at / 2);
        let x = MARGIN + if column == 0 { 0.0 } else { width + BENCH_GAP };
        let y = top + if row == 0 { 0.0 } else { panel_height + BENCH_GAP };
        let area = Area { x, y, width, height: panel_height };
        let title = capital(figure.title());
        bars(&mut svg, &title, &figure_bars(point, figure), area);
    }
    let mut y = top + 2.0 * (panel_height + BENCH_GAP);
    if let Some(chart) = percentiles(point) {
        let width = WIDTH - 2.0 * MARGIN;
        let area = Area { x: MARGIN, y, width, height: PERCENTILES };
        panel(&mut svg, &chart, area, &[]);
        y += PERCENTILES + BENCH_GAP / 2.0;
    }
    let note = "Bars: medians of the rounds; whiskers: their intervals of \
                95 %, or all rounds if there are fewer than 6. Percentiles: \
                all rounds together.";
    let y = fine_prints(&mut svg, y, note, result);
    svg.finish(y, (title, &medians_description(point)), &css())
}

fn figure_bars(point: &SweepPoint, figure: Figure) -> Vec<ChartBar> {
    let workload = &point.workload;
    let spread = |it: &SubjectResult| it.spread(figure, workload);
    let medians = point.subjects.iter().filter_map(spread);
    let unit = figure.scale(medians.map(|it| it.median));
    let bar = |(look, subject): (usize, &SubjectResult)| {
        let unknown = subject.unknown(figure, &point.workload);
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
        ChartBar { name: clean(&subject.name), look, spread, words }
    };
    point.subjects.iter().enumerate().map(bar).collect()
}

/// How long echoes took, by 1 / (1 - percentile).
fn percentiles(point: &SweepPoint) -> Option<Chart> {
    let lines = point.subjects.iter().enumerate().map(|(look, subject)| {
        let dots = dots(&subject.echo_times);
        ChartLine { name: clean(&subject.name), look, dots, failed: Vec::new() }
    });
    let lines: Vec<_> = lines.collect();
    let ends = lines.iter().filter_map(|it| it.dots.last());
    let end = ends.map(|it| it.x).fold(1.0, f64::max);
    let nines = (1..=9).map(|nines| 10_f64.powi(nines));
    let all = [1.0, 2.0].into_iter().chain(nines);
    let ticks = all.take_while(|it| *it <= end).map(|it| (it, percent(it)));
    let title =
        format!("Echo time by percentile ({})", point.workload.pacing.time());
    let titles = (title.as_str(), "so many echoes took at most this long");
    let mut chart = Chart::over(titles, ticks.collect(), lines, |value| {
        tick(Figure::P99, Unit::ONE, value)
    })?;
    chart.x = AxisScale::log(1.0, end);
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

/// One dot a bucket, without those that look the same.
#[expect(
    clippy::cast_precision_loss,
    reason = "places in a picture need far fewer than 53 bits"
)]
fn dots(buckets: &[(u64, u64)]) -> Vec<Dot> {
    let total: u64 = buckets.iter().map(|it| it.1).sum();
    let mut dots: Vec<Dot> = Vec::new();
    let mut before = 0;
    for (time, count) in buckets {
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

/// The medians in words, for readers who cannot see the bars.
fn medians_description(point: &SweepPoint) -> String {
    let figures = BENCH_FIGURES.iter().map(|figure| {
        let bars = figure_bars(point, *figure);
        let bars = bars.iter().map(|it| format!("{} {}", it.name, it.words));
        let bars: Vec<_> = bars.collect();
        format!("{}: {}.", capital(figure.title()), bars.join(", "))
    });
    figures.collect::<Vec<_>>().join(" ")
}

/// The figures of a sweep that are drawn unless others are chosen, in two
/// columns.
const SWEEP_FIGURES: [Figure; 4] =
    [Figure::Cpu, Figure::Echoes, Figure::P99, Figure::Memory];

const HEIGHT: f64 = 270.0;
const GAP: f64 = 26.0;

/// The sweep as SVG: each figure over the axis, with spreads, and rings where
/// servers change places beyond the noise. Without figures these are server
/// CPU time an echo, echoes a second, p99 and peak memory.
pub(super) fn sweep_svg(result: &SweepResult, figures: &[Figure]) -> String {
    let figures = if figures.is_empty() { &SWEEP_FIGURES } else { figures };
    let mut svg = Svg::new(WIDTH);
    let title = sweep_headline(result);
    let y = top(&mut svg, &title, &alerts(result));
    let charts = figures.iter().filter_map(|figure| {
        let chart = chart(result, *figure, Bands::Drawn)?;
        Some((*figure, chart))
    });
    let charts: Vec<_> = charts.collect();
    let width = (WIDTH - 2.0 * MARGIN - GAP) / 2.0;
    let mut area = Area { x: MARGIN, y, width, height: HEIGHT };
    for (at, (figure, chart)) in charts.iter().enumerate() {
        let crossings = pointed(result, *figure, chart);
        panel(&mut svg, chart, area, &crossings);
        let is_last = at + 1 == charts.len();
        if at % 2 == 0 && !is_last {
            area.x += width + GAP;
        } else {
            area.x = MARGIN;
            area.y += HEIGHT + GAP;
        }
    }
    let note = signs_note(figures, &charts);
    let y = fine_prints(&mut svg, area.y, &note, result);
    svg.finish(y, (&title, &crossings_description(result, figures)), &css())
}

/// What the signs mean, and which figures there are none of; some lines.
fn signs_note(figures: &[Figure], charts: &[(Figure, Chart)]) -> String {
    let usual = "Lines: medians; bands: their intervals of 95 %, or all \
                 rounds if there are fewer than 6. Rings: two servers change \
                 places beyond the noise.";
    let mut signs = Vec::new();
    let lines = || charts.iter().flat_map(|it| &it.1.lines);
    if lines().flat_map(|it| &it.dots).any(|it| it.only.is_some()) {
        signs.push("Hollow marks: fewer rounds than elsewhere.");
    }
    if lines().any(|it| !it.failed.is_empty()) {
        signs.push("Crosses at the axis: the server failed there.");
    }
    let drawn: Vec<_> = charts.iter().map(|it| it.0).collect();
    let missing = figures.iter().filter(|it| !drawn.contains(it));
    let missing: Vec<_> = missing.map(|it| it.title()).collect();
    let missing = (!missing.is_empty())
        .then(|| format!("Not known of any server: {}.", missing.join(", ")));
    let signs = (!signs.is_empty()).then(|| signs.join(" "));
    let all = [Some(usual.to_owned()), signs, missing];
    all.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// Where the lines of servers that surely change places meet.
fn pointed(
    result: &SweepResult,
    figure: Figure,
    chart: &Chart,
) -> Vec<Pointed> {
    let names = result.names();
    let line = |name: &str| {
        let look = names.iter().position(|it| *it == name)?;
        chart.lines.iter().find(|it| it.look == look)
    };
    let found = crossings_of(result, figure).into_iter();
    let sure = found.filter(|(crossing, _)| crossing.is_sure);
    let pointed = sure.filter_map(|(crossing, words)| {
        let (below, above) = (line(&crossing.below)?, line(&crossing.above)?);
        let (x, y) = meeting(chart, &crossing, below, above)?;
        Some(Pointed { x, y, words })
    });
    pointed.collect()
}

/// Where two lines meet between the values of a crossing: straight between
/// two dots on the chart, so it is computed in places on it.
fn meeting(
    chart: &Chart,
    crossing: &Crossing,
    below: &ChartLine,
    above: &ChartLine,
) -> Option<(f64, f64)> {
    let within = f64::from(crossing.before)..=f64::from(crossing.first);
    let both = below.dots.iter().filter_map(|dot| {
        let other = above.dots.iter().find(|it| (it.x - dot.x).abs() < 0.5)?;
        within.contains(&dot.x).then_some((dot, other))
    });
    let both: Vec<_> = both.collect();
    let gap = |(dot, other): &(&Dot, &Dot)| {
        chart.y.place(dot.y) - chart.y.place(other.y)
    };
    let two = both
        .windows(2)
        .filter(|two| two[1].0.joined && two[1].1.joined)
        .find(|two| gap(&two[0]) >= 0.0 && gap(&two[1]) <= 0.0)?;
    let (before, after) = (gap(&two[0]), gap(&two[1]));
    let share = if before > after { before / (before - after) } else { 0.5 };
    let between = |a: f64, b: f64| a + (b - a) * share;
    let [from, to] = [two[0].0, two[1].0];
    let x = between(chart.x.place(from.x), chart.x.place(to.x));
    let y = between(chart.y.place(from.y), chart.y.place(to.y));
    Some((x, y))
}

/// The crossings in words, for readers who cannot see the lines.
fn crossings_description(result: &SweepResult, figures: &[Figure]) -> String {
    let words = figures.iter().flat_map(|it| crossing_words(result, *it));
    words.collect::<Vec<_>>().join(" ")
}
