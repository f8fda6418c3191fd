//! Draws charts into an SVG image: lines over an axis, and bars.

use super::{Anchor, Area, Svg};
use crate::measure::Spread;
use crate::report::chart::{Chart, ChartLine, ChartTick, Dot};
use crate::units::plural;

/// The style sheet of every chart: colours after Okabe and Ito without their
/// yellow, which is hard to see on white; dashes, so that lines differ
/// without colours too.
pub(in crate::report) const CSS: &str = include_str!("panel.css");

/// How many line styles the style sheet has.
const LOOKS: usize = 7;

/// The approximate width of a character of the small text.
const CHARACTER: f64 = 6.3;

/// The least distance between the names at the ends of lines.
const NAME_HEIGHT: f64 = 15.0;

/// The space above the lines, for the title, and below, for the axis.
const ABOVE: f64 = 26.0;
const BELOW: f64 = 36.0;

/// The height of a cross, with which crosses are stacked.
const CROSS_HEIGHT: f64 = 9.0;

/// A line with more dots than this is drawn without markers.
const MOST_MARKS: usize = 60;

/// Draws a chart into an area, with rings at the given places.
pub(in crate::report) fn panel(
    svg: &mut Svg,
    chart: &Chart,
    area: Area,
    rings: &[((f64, f64), String)],
) {
    let left = widest(chart.y_ticks.iter().map(|it| &*it.1)) + 10.0;
    let names = chart.lines.iter().filter(|it| !it.dots.is_empty());
    let right = widest(names.map(|it| &*it.name)) * 1.09 + 30.0;
    let plot = Area {
        x: area.x + left,
        y: area.y + ABOVE,
        width: (area.width - left - right).max(80.0),
        height: area.height - ABOVE - BELOW,
    };
    svg.text("head", Anchor::Start, (area.x, area.y + 12.0), &chart.title);
    add_axes(svg, chart, plot);
    for line in &chart.lines {
        let class = format!("band f{}", line.look % LOOKS);
        // A single dot, or a run of intervals of no width, has no band.
        let has_spread = |run: &&[Dot]| {
            run.len() > 1 && run.iter().any(|it| it.low < it.high)
        };
        for run in line.runs().filter(has_spread) {
            let low = run.iter().map(|it| plot.at(it.x, it.low));
            let high = run.iter().map(|it| plot.at(it.x, it.high));
            svg.path(&class, low.chain(high.rev()));
        }
    }
    for line in &chart.lines {
        add_line(svg, line, plot);
    }
    add_failures(svg, chart, plot);
    for ((x, y), words) in rings {
        svg.circle("cross", plot.at(*x, *y), 5.0, words);
    }
    // Names stand at the ends of the lines, moved apart from each other.
    for (line, dot, down) in chart.names(NAME_HEIGHT / plot.height) {
        let end = plot.at(dot.x, dot.y);
        let (x, y) = (plot.right() + 16.0, plot.at(1.0, 1.0 - down).1);
        // A lead from a line that ends early would cross the other lines.
        if end.0 >= plot.right() - 1.0 {
            svg.path("lead", [(end.0 + 5.0, end.1), (x - 6.0, y)]);
        }
        add_mark(svg, line.look, (x, y));
        svg.text("name", Anchor::Start, (x + 8.0, y + 4.0), &line.name);
    }
}

fn add_axes(svg: &mut Svg, chart: &Chart, plot: Area) {
    for (place, words) in &chart.y_ticks {
        let (x, y) = plot.at(0.0, *place);
        svg.path("grid", [(x, y), (plot.right(), y)]);
        svg.text("small", Anchor::End, (x - 6.0, y + 4.0), words);
    }
    let y = plot.bottom();
    svg.path("axis", [(plot.x, y), (plot.right(), y)]);
    for (place, _) in &chart.x_ticks {
        let x = plot.at(*place, 0.0).0;
        svg.path("axis", [(x, y), (x, y + 4.0)]);
    }
    let span = |(place, words): &ChartTick| {
        let (x, half) = (plot.at(*place, 0.0).0, widest([&**words]) / 2.0);
        (x - half - 3.0, x + half + 3.0)
    };
    for (_, (place, words)) in chart.x_labels(span) {
        let place = (plot.at(*place, 0.0).0, y + 16.0);
        svg.text("small", Anchor::Middle, place, words);
    }
    let middle = (plot.x + plot.width / 2.0, y + 31.0);
    svg.text("small", Anchor::Middle, middle, &chart.x_title);
}

fn add_line(svg: &mut Svg, line: &ChartLine, plot: Area) {
    let place = |it: &Dot| plot.at(it.x, it.y);
    let class = format!("line s{}", line.look % LOOKS);
    for run in line.runs().filter(|run| run.len() > 1) {
        svg.path(&class, run.iter().map(place));
    }
    if line.dots.len() <= MOST_MARKS {
        line.dots.iter().for_each(|it| add_mark(svg, line.look, place(it)));
    }
    for dot in &line.dots {
        if let Some(rounds) = dot.only {
            let rounds = plural(rounds as u64, "round");
            let words = format!("{}: {rounds} only", line.name);
            svg.circle("hollow", place(dot), 2.2, &words);
        }
    }
}

/// Draws crosses at the axis where servers failed, stacked at equal values.
fn add_failures(svg: &mut Svg, chart: &Chart, plot: Area) {
    const HALF: f64 = 3.2;
    let mut taken: Vec<f64> = Vec::new();
    for line in &chart.lines {
        let class = format!("failed s{}", line.look % LOOKS);
        for place in &line.failed {
            let (x, bottom) = plot.at(*place, 0.0);
            let same = taken.iter().filter(|it| (*it - x).abs() < 0.5);
            let below = same.map(|_| CROSS_HEIGHT).sum::<f64>();
            let y = bottom - CROSS_HEIGHT / 2.0 - 1.0 - below;
            for half in [HALF, -HALF] {
                svg.path(&class, [(x - HALF, y - half), (x + HALF, y + half)]);
            }
            taken.push(x);
        }
    }
}

/// Draws the marker of a line; the first six lines have different shapes.
fn add_mark(svg: &mut Svg, look: usize, (x, y): (f64, f64)) {
    let class = format!("f{}", look % LOOKS);
    let corners: &[(f64, f64)] = match look % 6 {
        0 => return svg.circle(&class, (x, y), 3.4, ""),
        1 => &[(0.0, -4.4), (4.2, 3.2), (-4.2, 3.2)],
        2 => &[(-3.2, -3.2), (3.2, -3.2), (3.2, 3.2), (-3.2, 3.2)],
        3 => &[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)],
        4 => &[(0.0, 4.4), (4.2, -3.2), (-4.2, -3.2)],
        _ => &[(-4.4, -1.6), (4.4, -1.6), (4.4, 1.6), (-4.4, 1.6)],
    };
    svg.path(&class, corners.iter().map(|it| (x + it.0, y + it.1)));
}

fn widest<'t>(words: impl IntoIterator<Item = &'t str>) -> f64 {
    let widths = words.into_iter().map(|it| it.chars().count());
    let most = u32::try_from(widths.max().unwrap_or(0)).unwrap_or(u32::MAX);
    f64::from(most) * CHARACTER
}

/// The height of a bar with the space around it.
const BAR_HEIGHT: f64 = 24.0;

/// The space above the bars, for the title.
const ABOVE_BARS: f64 = 24.0;

/// One server's bar, and the text beside it.
pub(in crate::report) struct ChartBar {
    pub(in crate::report) name: String,
    /// `None` if the figure is not known: no bar is drawn.
    pub(in crate::report) spread: Option<Spread>,
    /// The value, or why there is none.
    pub(in crate::report) words: String,
}

/// The height of a panel with this many bars.
pub(in crate::report) fn height(bars: usize) -> f64 {
    let bars = u32::try_from(bars).unwrap_or(u32::MAX);
    ABOVE_BARS + f64::from(bars) * BAR_HEIGHT
}

/// Draws bars under a title, each up to the median, with the interval as a
/// whisker. They begin at 0.
pub(in crate::report) fn bars(
    svg: &mut Svg,
    title: &str,
    bars: &[ChartBar],
    area: Area,
) {
    svg.text("head", Anchor::Start, (area.x, area.y + 12.0), title);
    let left = widest(bars.iter().map(|it| &*it.name)) * 1.09 + 8.0;
    let right = widest(bars.iter().map(|it| &*it.words)) + 8.0;
    let room = (area.width - left - right).max(60.0);
    let highs = bars.iter().filter_map(|it| it.spread).map(|it| it.high);
    // Bars of length 0 have no scale: the whole room divided by 0 is infinite.
    let highest = highs.fold(0.0, f64::max);
    let scale = if highest > 0.0 { room / highest } else { 0.0 };
    let (x, mut top) = (area.x + left, area.y + ABOVE_BARS);
    for (look, bar) in bars.iter().enumerate() {
        let y = top + BAR_HEIGHT / 2.0;
        svg.text("name", Anchor::End, (x - 8.0, y + 4.0), &bar.name);
        let (mut end, mut class) = (x, "small");
        if let Some(Spread { median, low, high, n, .. }) = bar.spread {
            let width = median * scale;
            let rect = Area { x, y: y - 8.0, width, height: 16.0 };
            svg.rect(&format!("f{}", look % LOOKS), rect);
            let [low, high] = [low, high].map(|it| x + it * scale);
            if n > 1 {
                svg.path("whisker", [(low, y), (high, y)]);
                for end in [low, high] {
                    svg.path("whisker", [(end, y - 4.0), (end, y + 4.0)]);
                }
            }
            (end, class) = (high, "name");
        }
        svg.text(class, Anchor::Start, (end + 7.0, y + 4.0), &bar.words);
        top += BAR_HEIGHT;
    }
    svg.path("axis", [(x, area.y + ABOVE_BARS), (x, top)]);
}
