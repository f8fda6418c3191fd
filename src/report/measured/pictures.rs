//! Draws a bench or a sweep as an SVG image.

use super::MeasureReport;
use super::bench::bound;
use super::sweep::{crossing, crossing_words, figure_chart, headline, tick};
use super::words::{alerts, fine_print};
use crate::measure::{
    Figure, SubjectResult, SweepPoint, SweepResult, crossings,
};
use crate::report::chart::{AxisScale, Chart, ChartLine, Dot};
use crate::report::svg::panel::{CSS, ChartBar, bars, height, panel};
use crate::report::svg::{Anchor, Area, Svg};
use crate::text::{capital, clean, wrap};
use crate::units::{Scale, ratio};
use itertools::{Either, Itertools as _};

/// The width of an image.
const WIDTH: f64 = 960.0;

const MARGIN: f64 = 24.0;

/// Where the charts begin if there are no alerts.
const TOP: f64 = 50.0;

/// How many characters of an alert fit into a line.
const ALERT_CHARACTERS: usize = 120;

/// How many characters of the small print fit into a line.
const CHARACTERS: usize = 150;

impl MeasureReport {
    /// Draws the report as an SVG image.
    pub fn to_svg(&self) -> String {
        match self.bench() {
            Some(point) => bench_svg(&self.result, point),
            None => sweep_svg(&self.result, &self.figures),
        }
    }
}

/// An image: the title, the alerts, what `draw` adds between the heights that
/// it is given and returns, the notes and the conditions.
fn picture(
    result: &SweepResult,
    (title, description): (&str, &str),
    notes: &[String],
    draw: impl FnOnce(&mut Svg, f64) -> f64,
) -> String {
    let mut svg = Svg::new(WIDTH);
    svg.text("title", Anchor::Start, (MARGIN, 32.0), title);
    let mut y = TOP;
    let alerts = alerts(result);
    for line in alerts.iter().flat_map(|it| wrap(it, ALERT_CHARACTERS)) {
        svg.text("alert", Anchor::Start, (MARGIN, y + 2.0), &line);
        y += 17.0;
    }
    y = draw(&mut svg, y) + 14.0;
    let notes = notes.iter().chain(&fine_print(result)).cloned().collect_vec();
    for line in notes.iter().flat_map(|it| wrap(it, CHARACTERS)) {
        svg.text("small", Anchor::Start, (MARGIN, y), &line);
        y += 16.0;
    }
    svg.finish(y + 6.0, (title, description), CSS)
}

/// The area of the panel with this number, from 0, in two columns.
fn panel_area(at: usize, top: f64, height: f64, gap: f64) -> Area {
    let width = (WIDTH - 2.0 * MARGIN - gap) / 2.0;
    let x = MARGIN + if at.is_multiple_of(2) { 0.0 } else { width + gap };
    let y = top + ratio(at as u64 / 2, 1) * (height + gap);
    Area { x, y, width, height }
}

/// The figures of a bench that are drawn.
const BENCH_FIGURES: [Figure; 4] =
    [Figure::Echoes, Figure::Cpu, Figure::P50, Figure::P99];

const PERCENTILES: f64 = 300.0;
const BENCH_GAP: f64 = 28.0;

/// A dot that is closer to the one before, in decades, is not drawn.
const SMALLEST_STEP: f64 = 0.004;

/// The bench as SVG: medians with their intervals, and echo times by
/// percentile.
fn bench_svg(result: &SweepResult, point: &SweepPoint) -> String {
    let figures =
        BENCH_FIGURES.map(|it| (capital(it.title()), figure_bars(point, it)));
    let note = "Bars: medians of the rounds; whiskers: their intervals of \
                95 %, or all rounds if there are fewer than 6. Percentiles: \
                all rounds together.";
    // The medians in words, for readers who cannot see the bars.
    let mut description = figures.iter().map(|(title, bars)| {
        let bars = bars.iter().map(|it| format!("{} {}", it.name, it.words));
        format!("{title}: {}.", bars.collect_vec().join(", "))
    });
    let titles = ("Echo servers side by side", &*description.join(" "));
    picture(result, titles, &[note.into()], |svg, top| {
        let panel_height = height(point.subjects.len());
        for (at, (title, rows)) in figures.iter().enumerate() {
            let area = panel_area(at, top, panel_height, BENCH_GAP);
            bars(svg, title, rows, area);
        }
        let y = top + 2.0 * (panel_height + BENCH_GAP);
        let Some(chart) = percentiles(point) else { return y };
        let width = WIDTH - 2.0 * MARGIN;
        let area = Area { x: MARGIN, y, width, height: PERCENTILES };
        panel(svg, &chart, area, &[]);
        y + PERCENTILES + BENCH_GAP / 2.0
    })
}

fn figure_bars(point: &SweepPoint, figure: Figure) -> Vec<ChartBar> {
    let spread = |it: &SubjectResult| point.spread(&it.name, figure);
    let medians = point.subjects.iter().filter_map(spread);
    let unit = figure.scale(medians.map(|it| it.median));
    let bars = point.subjects.iter().map(|subject| {
        let SubjectResult { name, failure, .. } = subject;
        let spread = spread(subject);
        let words = match (spread.map(|it| unit.show(it.median)), failure) {
            (Some(median), Some(_)) => format!("{median}, then failed"),
            (Some(it), None) => bound(point, name, figure).to_owned() + &it,
            (None, Some(_)) => "failed".into(),
            (None, None) => {
                point.unknown(name, figure).unwrap_or("not measured").into()
            }
        };
        ChartBar { name: clean(name), spread, words }
    });
    bars.collect()
}

/// The echo times over 1 / (1 - percentile); `None` without echoes.
fn percentiles(point: &SweepPoint) -> Option<Chart> {
    let lines = point.subjects.iter().enumerate().map(|(look, subject)| {
        let dots = percentile_dots(&subject.echo_times);
        ChartLine { name: clean(&subject.name), look, dots, failed: Vec::new() }
    });
    let lines = lines.collect_vec();
    let dots = lines.iter().flat_map(|it| &it.dots);
    let y = AxisScale::of_values(dots.clone().map(|dot| dot.y))?;
    let y_ticks = y.ticks().into_iter();
    let y_ticks = y_ticks.map(|it| (it, tick(Figure::P99, Scale::ONE, it)));
    let end = dots.map(|dot| dot.x).fold(1.0, f64::max);
    let x = AxisScale::Log { from: 1.0, to: end, to_zero: 0.0 };
    // `90 %` at 10, `99.9 %` at 1,000.
    let nines = (1..=9).map(|nines| (10_f64.powi(nines), nines - 2));
    let x_ticks = [(1.0, 0), (2.0, 0)].into_iter().chain(nines);
    let x_ticks = x_ticks.take_while(|(rest, _)| *rest <= end);
    let x_ticks = x_ticks.map(|(rest, places)| {
        let places = usize::try_from(places).unwrap_or(0);
        (rest, format!("{:.places$} %", 100.0 - 100.0 / rest))
    });
    let title =
        format!("Echo time by percentile ({})", point.workload.pacing.time());
    let titles = (&*title, "share of echoes that took at most this long");
    let (x, y) = ((x, x_ticks.collect()), (y, 1.0, y_ticks.collect()));
    Some(Chart::new(titles, x, y, lines))
}

/// One dot per bucket, without those too close to the one before.
fn percentile_dots(buckets: &[(u64, u64)]) -> Vec<Dot> {
    let total: u64 = buckets.iter().map(|it| it.1).sum();
    let mut dots: Vec<Dot> = Vec::new();
    let mut before = 0;
    for (time, count) in buckets {
        let x = ratio(total, total - before);
        let y = ratio((*time).max(1), 1);
        before += count;
        let is_near = |last: &Dot| {
            (x / last.x).log10() < SMALLEST_STEP
                && (y / last.y).log10() < SMALLEST_STEP
        };
        if !dots.last().is_some_and(is_near) {
            let (low, high, joined, only) = (y, y, true, None);
            dots.push(Dot { x, y, low, high, joined, only });
        }
    }
    let end = dots.last().map(|last| Dot { x: ratio(total, 1), ..*last });
    dots.extend(end);
    dots
}

/// The figures of a sweep that are drawn unless others are chosen: a picture
/// has room for more of them than a terminal.
const DRAWN_FIGURES: [Figure; 4] =
    [Figure::Cpu, Figure::Echoes, Figure::P99, Figure::Memory];

/// Explains the marks in the charts of a sweep.
const LEGEND: &str = "Lines: medians; bands: their intervals of 95 %, or all \
                      rounds if there are fewer than 6. Rings: two servers \
                      change places beyond the noise. Hollow marks: fewer \
                      rounds than elsewhere. Crosses at the axis: the server \
                      failed there.";

const HEIGHT: f64 = 270.0;
const GAP: f64 = 26.0;

/// The sweep as SVG: each figure over the axis, with intervals, and rings where
/// servers change places beyond the noise. If `figures` is empty, they are
/// [`DRAWN_FIGURES`].
fn sweep_svg(result: &SweepResult, figures: &[Figure]) -> String {
    let figures = if figures.is_empty() { &DRAWN_FIGURES } else { figures };
    let (charts, missing): (Vec<_>, Vec<_>) =
        figures.iter().partition_map(|it| {
            match figure_chart(result, *it, true) {
                Some(chart) => Either::Left((*it, chart)),
                None => Either::Right(it.title()),
            }
        });
    // The crossings in words, for readers who cannot see the lines.
    let mut words = figures.iter().flat_map(|it| crossing_words(result, *it));
    let (title, description) = (headline(result), words.join(" "));
    let mut notes = vec![LEGEND.to_owned()];
    let missing = missing.join(", ");
    notes.extend(
        (!missing.is_empty())
            .then(|| format!("Not known of any server: {missing}.")),
    );
    picture(result, (&title, &description), &notes, |svg, top| {
        for (at, (figure, chart)) in charts.iter().enumerate() {
            let area = panel_area(at, top, HEIGHT, GAP);
            panel(svg, chart, area, &rings(result, *figure, chart));
        }
        panel_area(charts.len() + charts.len() % 2, top, HEIGHT, GAP).y
    })
}

/// Where the lines of servers that surely change places cross, interpolated
/// between two dots, and a sentence about each crossing.
fn rings(
    result: &SweepResult,
    figure: Figure,
    chart: &Chart,
) -> Vec<((f64, f64), String)> {
    let names = result.names();
    let line =
        |name: &str| chart.lines.get(names.iter().position(|it| *it == name)?);
    let place = |value: u32| {
        let at = result.points.iter().position(|it| it.place() == value)?;
        Some(chart.x_ticks.get(at)?.0)
    };
    let sure = crossings(result, figure).into_iter().filter(|it| it.is_sure);
    let rings = sure.filter_map(|it| {
        let within = place(it.before)?..=place(it.first)?;
        let above = &line(&it.above)?.dots;
        let dots = line(&it.below)?.dots.iter();
        let both =
            dots.filter(|dot| within.contains(&dot.x)).filter_map(|dot| {
                let is_above = |it: &&Dot| (it.x - dot.x).abs() < f64::EPSILON;
                let other = above.iter().find(is_above)?;
                Some((dot, dot.y - other.y, dot.joined && other.joined))
            });
        let ((from, before, _), (to, after, _)) = both
            .tuple_windows()
            .find(|(from, to)| to.2 && from.1 >= 0.0 && to.1 <= 0.0)?;
        let gap = before - after;
        let share = if gap > 0.0 { before / gap } else { 0.5 };
        let between = |a: f64, b: f64| a + (b - a) * share;
        let place = (between(from.x, to.x), between(from.y, to.y));
        Some((place, crossing(&it, result.swept(), figure)))
    });
    rings.collect()
}
