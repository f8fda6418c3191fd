//! Charts as parts of a picture: lines over an axis, and bars.

use super::look::{cross, fill, mark, stroke};
use super::{Anchor, Area, Svg};
use crate::measure::Spread;
use crate::report::chart::{Chart, ChartLine, Dot, spread_out};

/// About how wide a character of the small text is.
const CHARACTER: f64 = 6.3;

/// How far apart the names at the ends of lines are.
const NAME_HEIGHT: f64 = 15.0;

/// Above and below the lines: the title; the axis, its values, its title.
const ABOVE: f64 = 26.0;
const BELOW: f64 = 36.0;

/// How high a cross is.
const CROSS_HEIGHT: f64 = 9.0;

/// The most places of a line that are marked one by one.
const MOST_MARKS: usize = 60;

/// Something to point out, at a place from 0 to 1 on the chart.
pub(in crate::report) struct Pointed {
    pub(in crate::report) x: f64,
    pub(in crate::report) y: f64,
    pub(in crate::report) words: String,
}

/// Draws a chart into an area.
pub(in crate::report) fn panel(
    svg: &mut Svg,
    chart: &Chart,
    area: Area,
    at: &[Pointed],
) {
    let plot = plot(chart, area);
    svg.text("head", Anchor::Start, (area.x, area.y + 12.0), &chart.title);
    y_axis(svg, chart, plot);
    x_axis(svg, chart, plot);
    for line in &chart.lines {
        let class = format!("band {}", fill(line.look));
        line.runs().for_each(|run| band(svg, chart, (&class, run), plot));
    }
    for line in &chart.lines {
        draw(svg, chart, line, plot);
    }
    failures(svg, chart, plot);
    for it in at {
        let x = plot.x + it.x * plot.width;
        let place = (x, plot.bottom() - it.y * plot.height);
        svg.circle("cross", place, 5.0, &it.words);
    }
    names(svg, chart, plot);
}

/// Where the lines are.
fn plot(chart: &Chart, area: Area) -> Area {
    let left = widest(chart.y_ticks.iter().map(|it| it.1.as_str())) + 10.0;
    let names = chart.lines.iter().filter(|it| !it.dots.is_empty());
    let right = widest(names.map(|it| it.name.as_str())) * 1.09 + 30.0;
    Area {
        x: area.x + left,
        y: area.y + ABOVE,
        width: (area.width - left - right).max(80.0),
        height: area.height - ABOVE - BELOW,
    }
}

fn placed(chart: &Chart, plot: Area, x: f64, y: f64) -> (f64, f64) {
    let (x, y) = chart.place(x, y);
    (plot.x + x * plot.width, plot.bottom() - y * plot.height)
}

fn y_axis(svg: &mut Svg, chart: &Chart, plot: Area) {
    for (value, words) in &chart.y_ticks {
        let y = plot.bottom() - chart.y.place(*value) * plot.height;
        svg.line("grid", (plot.x, y), (plot.right(), y));
        let at = (plot.x - 6.0, y + 4.0);
        svg.text("small", Anchor::End, at, words);
    }
}

fn x_axis(svg: &mut Svg, chart: &Chart, plot: Area) {
    let y = plot.bottom();
    svg.line("axis", (plot.x, y), (plot.right(), y));
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for (value, words) in chart.ticks_by_weight() {
        let x = plot.x + chart.x.place(*value) * plot.width;
        svg.line("axis", (x, y), (x, y + 4.0));
        let half = widest([words.as_str()].into_iter()) / 2.0 + 3.0;
        let (from, to) = (x - half, x + half);
        if taken.iter().all(|it| to <= it.0 || it.1 <= from) {
            svg.text("small", Anchor::Middle, (x, y + 16.0), words);
            taken.push((from, to));
        }
    }
    let middle = (plot.x + plot.width / 2.0, y + 31.0);
    svg.text("small", Anchor::Middle, middle, &chart.x_title);
}

/// The spread of a run of values.
fn band(
    svg: &mut Svg,
    chart: &Chart,
    (class, run): (&str, &[Dot]),
    plot: Area,
) {
    if run.len() < 2 || run.iter().all(|it| it.low >= it.high) {
        return;
    }
    let low = run.iter().map(|it| placed(chart, plot, it.x, it.low));
    let high = run.iter().map(|it| placed(chart, plot, it.x, it.high));
    let around: Vec<_> = low.chain(high.rev()).collect();
    svg.polygon(class, &around);
}

fn draw(svg: &mut Svg, chart: &Chart, line: &ChartLine, plot: Area) {
    let place = |it: &Dot| placed(chart, plot, it.x, it.y);
    for run in line.runs().filter(|run| run.len() > 1) {
        let places: Vec<_> = run.iter().map(place).collect();
        svg.path(&stroke(line.look), &places);
    }
    if line.dots.len() <= MOST_MARKS {
        line.dots.iter().for_each(|it| mark(svg, line.look, place(it)));
    }
    for (dot, rounds) in line.dots.iter().filter_map(|it| Some((it, it.only?)))
    {
        let many = if rounds == 1 { "" } else { "s" };
        let words = format!("{}: {rounds} round{many} only", line.name);
        svg.circle("hollow", place(dot), 2.2, &words);
    }
}

/// Crosses at the axis where servers failed, one above the other.
fn failures(svg: &mut Svg, chart: &Chart, plot: Area) {
    let mut taken: Vec<f64> = Vec::new();
    for line in &chart.lines {
        for value in &line.failed {
            let same = taken.iter().filter(|it| (*it - value).abs() < 0.5);
            let below = same.map(|_| CROSS_HEIGHT).sum::<f64>();
            let x = plot.x + chart.x.place(*value) * plot.width;
            let y = plot.bottom() - CROSS_HEIGHT / 2.0 - 1.0 - below;
            cross(svg, line.look, (x, y));
            taken.push(*value);
        }
    }
}

/// The names of the lines at their ends, apart from each other.
fn names(svg: &mut Svg, chart: &Chart, plot: Area) {
    let ends = chart.lines.iter().filter_map(|line| {
        let dot = line.dots.last()?;
        Some((line, placed(chart, plot, dot.x, dot.y)))
    });
    let ends: Vec<_> = ends.collect();
    let heights: Vec<_> = ends.iter().map(|(_, end)| end.1).collect();
    let bounds = (plot.y, plot.bottom());
    let heights = spread_out(&heights, NAME_HEIGHT, bounds);
    for ((line, end), y) in ends.into_iter().zip(heights) {
        let x = plot.right() + 16.0;
        // A line that ends early is not led to its name across the others.
        if end.0 >= plot.right() - 1.0 {
            svg.path("lead", &[(end.0 + 5.0, end.1), (x - 6.0, y)]);
        }
        mark(svg, line.look, (x, y));
        let at = (x + 8.0, y + 4.0);
        svg.text("name", Anchor::Start, at, &line.name);
    }
}

fn widest<'t>(words: impl Iterator<Item = &'t str>) -> f64 {
    let widths = words.map(|it| it.chars().count());
    let most = u32::try_from(widths.max().unwrap_or(0)).unwrap_or(u32::MAX);
    f64::from(most) * CHARACTER
}

/// A bar and the room about it.
const BAR_HEIGHT: f64 = 24.0;

/// The title above the bars.
const ABOVE_BARS: f64 = 24.0;

/// A server's bar.
pub(in crate::report) struct ChartBar {
    pub(in crate::report) name: String,
    pub(in crate::report) look: usize,
    /// `None` where there is nothing to draw.
    pub(in crate::report) spread: Option<Spread>,
    /// The value, or why there is none.
    pub(in crate::report) words: String,
}

/// How high a panel of bars is.
pub(in crate::report) fn height(bars: usize) -> f64 {
    let bars = u32::try_from(bars).unwrap_or(u32::MAX);
    ABOVE_BARS + f64::from(bars) * BAR_HEIGHT
}

/// Draws bars under a title. They begin at 0.
pub(in crate::report) fn bars(
    svg: &mut Svg,
    title: &str,
    bars: &[ChartBar],
    area: Area,
) {
    svg.text("head", Anchor::Start, (area.x, area.y + 12.0), title);
    let left = widest(bars.iter().map(|it| it.name.as_str())) * 1.09 + 8.0;
    let right = widest(bars.iter().map(|it| it.words.as_str())) + 8.0;
    let room = (area.width - left - right).max(60.0);
    let highs = bars.iter().filter_map(|it| it.spread).map(|it| it.high);
    let most = highs.fold(f64::MIN_POSITIVE, f64::max);
    let mut y = area.y + ABOVE_BARS;
    for bar in bars {
        let middle = y + BAR_HEIGHT / 2.0;
        let at = (area.x + left - 8.0, middle + 4.0);
        svg.text("name", Anchor::End, at, &bar.name);
        let from = area.x + left;
        let end = match bar.spread {
            Some(spread) => {
                let scale = room / most;
                draw_bar(svg, bar.look, &spread, (from, middle), scale);
                from + spread.high * scale
            }
            None => from,
        };
        let at = (end + 7.0, middle + 4.0);
        let class = if bar.spread.is_some() { "name" } else { "small" };
        svg.text(class, Anchor::Start, at, &bar.words);
        y += BAR_HEIGHT;
    }
    let left = area.x + left;
    svg.line("axis", (left, area.y + ABOVE_BARS), (left, y));
}

/// A bar up to the median, with the interval as a whisker.
fn draw_bar(
    svg: &mut Svg,
    look: usize,
    spread: &Spread,
    (x, y): (f64, f64),
    scale: f64,
) {
    let width = spread.median * scale;
    let bar = Area { x, y: y - 8.0, width, height: 16.0 };
    svg.rect(&fill(look), bar);
    if spread.n > 1 {
        let (low, high) = (x + spread.low * scale, x + spread.high * scale);
        svg.line("whisker", (low, y), (high, y));
        for end in [low, high] {
            svg.line("whisker", (end, y - 4.0), (end, y + 4.0));
        }
    }
}
