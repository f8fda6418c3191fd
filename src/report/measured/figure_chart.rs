//! A figure of a sweep as a chart.

use crate::measure::{Figure, Spread, SweepPoint, SweepResult};
use crate::report::chart::AxisScale::Log;
use crate::report::chart::{Chart, ChartLine, Dot};
use crate::text::{capital, clean};
use crate::units::{Scale, show_brief};

/// Whether the intervals of the medians are drawn: the scale has room for
/// what is drawn, and for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bands {
    Drawn,
    LeftOut,
}

/// The chart of a figure; `None` if no server has it at any point.
pub(super) fn chart(
    result: &SweepResult,
    figure: Figure,
    bands: Bands,
) -> Option<Chart> {
    let axis = result.axis?;
    let x_ticks = result.points.iter().map(|point| {
        let value = point.place();
        (f64::from(value), axis.show(value).replace(' ', "\u{a0}"))
    });
    let names = result.names();
    let all = names.iter().enumerate();
    let all = all.map(|(look, name)| line(result, figure, name, look));
    let mut lines: Vec<_> = all.collect();
    let unit = unit(figure, &lines);
    for dot in lines.iter_mut().flat_map(|line| &mut line.dots) {
        if bands == Bands::LeftOut {
            (dot.low, dot.high) = (dot.y, dot.y);
        }
        dot.y /= unit.size;
        dot.low /= unit.size;
        dot.high /= unit.size;
    }
    let mut chart = Chart::over(
        (&capital(figure.title()), axis.title()),
        x_ticks.collect(),
        lines,
        |value| tick(figure, unit, value),
    )?;
    if let (true, Log { from, to }) =
        (figure.unit().starts_with("bytes"), chart.y)
    {
        let ticks = powers_of_two(from * unit.size, to * unit.size);
        let ticks = ticks.map(|it| it / unit.size);
        chart.y_ticks = ticks.map(|it| (it, tick(figure, unit, it))).collect();
    }
    Some(chart)
}

fn line(
    result: &SweepResult,
    figure: Figure,
    name: &str,
    look: usize,
) -> ChartLine {
    let (mut dots, mut failed) = (Vec::new(), Vec::new());
    let most = most_rounds(result, figure);
    let (mut joined, mut last) = (false, None);
    for point in &result.points {
        let spread = point.spread(name, figure);
        let x = point.place().into();
        let has_failed =
            point.subject(name).is_some_and(|it| it.failure.is_some());
        if let Some(Spread { median: y, low, high, n, .. }) = spread {
            let only = (n < most || has_failed).then_some(n);
            dots.push(Dot { x, y, low, high, joined, only });
            last = Some(point.place());
        } else if has_failed {
            failed.push(x);
        }
        joined = spread.is_some();
    }
    ChartLine { name: label(result, name, last), look, dots, failed }
}

/// The name; of a line that ends early also where.
fn label(result: &SweepResult, name: &str, last: Option<u32>) -> String {
    let name = clean(name);
    let end = result.points.last().map(SweepPoint::place);
    match last {
        Some(last) if Some(last) != end => {
            let last = result.axis.map(|it| it.show(last)).unwrap_or_default();
            format!("{name}, to {last}")
        }
        _ => name,
    }
}

/// The unit in which values are drawn. Round numbers of bytes are no round
/// numbers of KiB, so that sizes need the unit of the largest one.
fn unit(figure: Figure, lines: &[ChartLine]) -> Scale {
    let values = lines.iter().flat_map(|it| &it.dots).map(|dot| dot.y);
    match figure.unit() {
        "ns" => Scale::ONE,
        "bytes" | "bytes/s" => figure.scale([values.fold(0.0, f64::max)]),
        _ => figure.scale(values),
    }
}

/// A round value at an axis: `10 µs`, `20k`, `8 MiB`.
pub(super) fn tick(figure: Figure, unit: Scale, value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let (digits, unit) = match figure.unit() {
        "ns" => {
            let unit = Scale::of_times([value]);
            (unit.digits(value), unit.unit)
        }
        "bytes" | "bytes/s" => {
            let per = figure.unit().trim_start_matches("bytes");
            return format!("{}{per}", size(value * unit.size));
        }
        _ => (brief(value), unit.unit),
    };
    format!("{} {unit}", without_zeros(&digits)).trim_end().to_owned()
}

/// Powers of two between two sizes, as many as an axis has room for.
fn powers_of_two(from: f64, to: f64) -> impl Iterator<Item = f64> {
    const MOST: usize = 6;
    let within = move |every: i32| {
        let all = (0..).map(move |at| 2_f64.powi(at * every));
        let all = all.take_while(move |it| *it <= to * 1.000_1);
        all.filter(move |it| *it >= from * 0.999_9)
    };
    let fits = (1..=10).find(|every| within(*every).count() <= MOST);
    within(fits.unwrap_or(10))
}

/// A size in the unit that suits it: of a tenth of a MiB, KiB.
fn size(bytes: f64) -> String {
    let unit = Scale::of_sizes([bytes]);
    format!("{} {}", without_zeros(&unit.digits(bytes)), unit.unit)
}

fn brief(value: f64) -> String {
    let text = show_brief(value);
    match text.strip_suffix(|it: char| it.is_ascii_alphabetic()) {
        Some(digits) => {
            format!("{}{}", without_zeros(digits), &text[digits.len()..])
        }
        None => without_zeros(&text).to_owned(),
    }
}

fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') {
        return digits.trim_end_matches('0').trim_end_matches('.');
    }
    digits
}

/// The most rounds of which a server has a figure at a point.
pub(super) fn most_rounds(result: &SweepResult, figure: Figure) -> usize {
    let rounds = result.points.iter().flat_map(|point| {
        let subjects = point.subjects.iter();
        subjects.map(|it| it.values(figure, &point.workload).len())
    });
    rounds.max().unwrap_or(0)
}
