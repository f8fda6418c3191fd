//! A sweep for people: of every figure a chart, its medians and what they
//! show; then what makes it less sure, and the conditions.

use super::grid::AT_LEAST;
use super::words::{
    alerts, crossing_words, fine_print, growth_words, sweep_cautions,
};
use crate::measure::{Figure, Spread, SweepAxis, SweepPoint, SweepResult};
use crate::report::chart::{AxisScale, Canvas, Chart, ChartLine, Dot, draw};
use crate::report::document::{
    Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::text::{NO_BREAK, capital, clean};
use crate::units::{Scale, plural, show_brief};
use itertools::Itertools as _;
use std::iter::once;

/// The figures of a sweep that are reported unless others are chosen.
pub const SWEEP_FIGURES: [Figure; 2] = [Figure::Cpu, Figure::Echoes];

/// Charts are drawn for a terminal alone.
pub(super) fn document(
    result: &SweepResult,
    figures: &[Figure],
    medium: Medium,
    canvas: Canvas,
) -> Document {
    let title = format!("sockscope: sweep of {}", result.swept().title());
    let mut page = Document::new(&title);
    page.paragraph(Tone::Lead, &headline(result));
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    let figures = if figures.is_empty() { &SWEEP_FIGURES } else { figures };
    for figure in figures.iter().copied() {
        let Some(chart) = figure_chart(result, figure, false) else {
            let title = capital(figure.title());
            let words = format!("{title}: not known of any server");
            page.paragraph(Tone::Heading, &words);
            continue;
        };
        if medium == Medium::Terminal {
            page.chart(draw(&chart, canvas.marks, canvas.width));
        }
        add_medians(&mut page, result, figure);
        let words = crossing_words(result, figure).into_iter();
        let words = words.chain(growth_words(result, figure));
        page.list(words.map(ListItem::plain));
    }
    let cautions = sweep_cautions(result).into_iter();
    page.listing("Findings", cautions.map(ListItem::plain));
    page.listing("Conditions", fine_print(result).map(ListItem::plain));
    page
}

/// What was swept, as a title.
pub(super) fn headline(result: &SweepResult) -> String {
    let axis = result.swept();
    let over = match &result.points[..] {
        [] => axis.title().to_owned(),
        [from, ..] => {
            let to = result.points.last().unwrap_or(from);
            format!("{} to {}", axis.show(from.place()), axis.say(to.place()))
        }
    };
    match axis {
        SweepAxis::Size => format!("Echo servers, messages of {over}"),
        _ => format!("Echo servers, {over}"),
    }
}

/// Medians, a row a point, and what the marks among them mean. A cell says
/// what failed; what is not known is a dash; a value of fewer rounds than
/// others has their number.
fn add_medians(page: &mut Document, result: &SweepResult, figure: Figure) {
    let (names, axis) = (result.names(), result.swept());
    let cells = result.points.iter().cartesian_product(&names);
    let medians = cells.filter_map(|(at, name)| at.spread(name, figure));
    let unit = figure.scale(medians.map(|it| it.median));
    let most = most_rounds(result, figure);
    let (mut fewer, mut is_bound, mut is_cut) = (None, false, false);
    let mut cell = |point: &SweepPoint, name: &str| {
        let has_failed = has_failed(point, name);
        let Some(spread) = point.spread(name, figure) else {
            return if has_failed { "failed" } else { NOTHING }.into();
        };
        let mut cell = unit.digits(spread.median);
        if point.is_at_least(name, figure) {
            is_bound = true;
            cell.insert_str(0, AT_LEAST);
        }
        if has_failed {
            is_cut = true;
            cell.push('!');
        }
        if spread.n < most {
            fewer.get_or_insert(spread.n);
            cell.extend([" (", &spread.n.to_string(), ")"]);
        }
        cell
    };
    let headings = once(axis.title()).chain(names.iter().copied());
    let headings = headings.map(|it| format!(">{}", clean(it)));
    let rows = result.points.iter().map(|point| {
        let medians = names.iter().map(|name| cell(point, name));
        once(axis.show(point.place())).chain(medians).collect_vec()
    });
    let table = Table::new(headings).with_rows(rows);
    let unit = match unit.unit {
        "" => String::new(),
        unit => format!(", {unit}"),
    };
    let heading = format!("Medians of {}{unit}", figure.title());
    page.paragraph(Tone::Heading, &heading);
    page.table(table);
    if let Some(n) = fewer {
        let rounds = plural(n as u64, "round");
        let note = format!(
            "({n}) of {rounds} only, not of {most}; such a value is not \
             compared with one of other rounds"
        );
        page.paragraph(Tone::Note, &note);
    }
    if is_bound {
        let note = "≥ at least this long: too many messages that were due had \
                    no echo at the end";
        page.paragraph(Tone::Note, note);
    }
    if is_cut {
        page.paragraph(Tone::Note, "! of the rounds before it failed");
    }
}

fn has_failed(point: &SweepPoint, name: &str) -> bool {
    point.subject(name).is_some_and(|it| it.failure.is_some())
}

/// The most rounds of which a server has a figure at a point.
fn most_rounds(result: &SweepResult, figure: Figure) -> usize {
    let rounds = result.points.iter().flat_map(|point| {
        let subjects = point.subjects.iter();
        subjects.map(|it| point.values(&it.name, figure).len())
    });
    rounds.max().unwrap_or(0)
}

/// The chart of a figure, with the intervals of its medians or without: the
/// scale has room for what is drawn, and for nothing else. `None` if no server
/// has the figure at any point.
pub(super) fn figure_chart(
    result: &SweepResult,
    figure: Figure,
    with_intervals: bool,
) -> Option<Chart> {
    let axis = result.axis?;
    let names = result.names();
    let lines = names.iter().enumerate();
    let mut lines = lines
        .map(|(look, name)| line(result, figure, name, look))
        .collect_vec();
    let is_size = figure.unit().starts_with("bytes");
    let values = lines.iter().flat_map(|it| &it.dots).map(|dot| dot.y);
    let unit = match figure.unit() {
        "ns" => Scale::ONE,
        // Round numbers of bytes are no round numbers of KiB, so that sizes
        // need the unit of the largest one.
        _ if is_size => figure.scale([values.fold(0.0, f64::max)]),
        _ => figure.scale(values),
    };
    for dot in lines.iter_mut().flat_map(|line| &mut line.dots) {
        if !with_intervals {
            (dot.low, dot.high) = (dot.y, dot.y);
        }
        for value in [&mut dot.y, &mut dot.low, &mut dot.high] {
            *value /= unit.size;
        }
    }
    let dots = lines.iter().flat_map(|line| &line.dots);
    let y = AxisScale::of_values(dots.flat_map(|dot| [dot.low, dot.high]))?;
    let y_ticks = match y {
        AxisScale::Log { from, to, .. } if is_size => {
            let ticks = powers_of_two(from * unit.size, to * unit.size);
            ticks.into_iter().map(|it| it / unit.size).collect()
        }
        _ => y.ticks(),
    };
    let y_ticks = y_ticks.into_iter().map(|it| (it, tick(figure, unit, it)));
    let values = result.points.iter().map(SweepPoint::place);
    let x_ticks = values.map(|value| {
        (f64::from(value), axis.show(value).replace(' ', NO_BREAK))
    });
    let x_ticks = x_ticks.collect_vec();
    let x = AxisScale::of_axis(&x_ticks.iter().map(|it| it.0).collect_vec())?;
    let titles = (&*capital(figure.title()), axis.title());
    let y_ticks = y_ticks.collect();
    Some(Chart::new(titles, (x, x_ticks), (y, y_ticks), lines))
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
        let has_failed = has_failed(point, name);
        if let Some(Spread { median: y, low, high, n, .. }) = spread {
            let only = (n < most || has_failed).then_some(n);
            dots.push(Dot { x, y, low, high, joined, only });
            last = point.value;
        } else if has_failed {
            failed.push(x);
        }
        joined = spread.is_some();
    }
    let mut name = clean(name);
    // Of a line that ends early also where.
    let end = result.points.last().and_then(|point| point.value);
    if let Some(last) = last.filter(|_| last != end) {
        name.extend([", to ", &result.swept().show(last)]);
    }
    ChartLine { name, look, dots, failed }
}

/// A round value at an axis: `10 µs`, `20k`, `8 MiB`.
pub(super) fn tick(figure: Figure, unit: Scale, value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let bytes = value * unit.size;
    let (number, unit) = match figure.unit() {
        "ns" => {
            let unit = Scale::of_times([value]);
            (unit.digits(value), unit.unit.to_owned())
        }
        // In the unit that suits it: of a tenth of a MiB, KiB.
        per @ ("bytes" | "bytes/s") => {
            let unit = Scale::of_sizes([bytes]);
            let per = per.trim_start_matches("bytes");
            (unit.digits(bytes), format!("{}{per}", unit.unit))
        }
        _ => (show_brief(value), unit.unit.to_owned()),
    };
    let bare = number.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let (mut digits, letter) = number.split_at(bare.len());
    if digits.contains('.') {
        digits = digits.trim_end_matches('0').trim_end_matches('.');
    }
    format!("{digits}{letter} {unit}").trim_end().to_owned()
}

/// Powers of two between two sizes, as many as an axis has room for.
fn powers_of_two(from: f64, to: f64) -> Vec<f64> {
    const MOST: usize = 6;
    let every = |step: i32| {
        let all = (0..).map(|at| 2_f64.powi(at * step));
        let all = all.take_while(|it| *it <= to * 1.000_1);
        all.filter(|it| *it >= from * 0.999_9).collect_vec()
    };
    let mut steps = (1..=10).map(every);
    steps.find(|it| it.len() <= MOST).unwrap_or_else(|| every(10))
}
