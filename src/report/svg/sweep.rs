//! A sweep as a picture: one small chart a figure, all over one axis.

use super::look::css;
use super::panel::{Pointed, panel};
use super::writer::{Area, Svg};
use super::{MARGIN, WIDTH, fine_prints, top};
use crate::measure::Figure;
use crate::measure::sweep::{Crossing, SweepResult};
use crate::report::chart::{Chart, Dot, Line};
use crate::report::sweep::{
    Bands, alerts, chart, crossing_words, crossings_of, headline,
};

/// The figures that are drawn if nobody chose, in two columns.
const USUAL: [Figure; 4] =
    [Figure::ServerCpu, Figure::EchoesPerS, Figure::P99Ns, Figure::PeakMemory];

const HEIGHT: f64 = 270.0;
const GAP: f64 = 26.0;

/// The sweep as SVG: each figure over the axis, with spreads, and rings where
/// servers change places beyond the noise. Without figures these are server
/// CPU time an echo, echoes a second, p99 and peak memory.
#[must_use]
pub fn sweep_svg(result: &SweepResult, figures: &[Figure]) -> String {
    let figures = if figures.is_empty() { &USUAL } else { figures };
    let mut svg = Svg::new(WIDTH);
    let title = headline(result);
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
    let note = note(figures, &charts);
    let y = fine_prints(&mut svg, area.y, &note, &result.into());
    svg.finish(y, (&title, &description(result, figures)), &css())
}

/// What the signs mean, and which figures there are none of; some lines.
fn note(figures: &[Figure], charts: &[(Figure, Chart)]) -> String {
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
/// two dots on the chart, so it is reckoned in places on it.
fn meeting(
    chart: &Chart,
    crossing: &Crossing,
    below: &Line,
    above: &Line,
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

/// The crossings in words, for who cannot see the lines.
fn description(result: &SweepResult, figures: &[Figure]) -> String {
    let words = figures.iter().flat_map(|it| crossing_words(result, *it));
    words.collect::<Vec<_>>().join(" ")
}
