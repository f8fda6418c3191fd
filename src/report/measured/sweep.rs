//! The report of a sweep for people: for every figure a chart, its medians and
//! what they show; then cautions and the conditions.

use super::MeasureReport;
use super::bench::{AT_LEAST, bound};
use super::words::{alerts, findings, fine_print, show_all};
use crate::measure::{
    Better, CautionKind, Crossing, Figure, Spread, SweepAxis, SweepPoint,
    SweepResult, cautions, crossings, growths, pairs_compared, standing,
};
use crate::report::chart::{AxisScale, Canvas, Chart, ChartLine, Dot, draw};
use crate::report::document::{
    Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::text::{NO_BREAK, capital, clean, listed};
use crate::units::{Scale, plural, show_brief, show_count, show_digits};
use itertools::Itertools as _;
use std::iter::once;

/// The figures of a sweep that are reported unless others are chosen.
pub const SWEEP_FIGURES: [Figure; 2] = [Figure::Cpu, Figure::Echoes];

/// The cautions about a point that hold for the whole sweep.
const ABOUT_ALL: [CautionKind; 6] = [
    CautionKind::NotOptimized,
    CautionKind::TooFewRounds,
    CautionKind::CoresShared,
    CautionKind::NotBound,
    CautionKind::MachineBusy,
    CautionKind::CostOfWaiting,
];

/// Only a terminal gets charts; Markdown has the tables alone.
pub(super) fn document(
    report: &MeasureReport,
    medium: Medium,
    canvas: Canvas,
) -> Document {
    let (result, figures) = (&report.result, &*report.figures);
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
        page.listing("", words.map(ListItem::plain));
    }
    // Of several cautions of the same kind, keep that of the last point.
    let points = result.points.iter().rev();
    let mut found = points.flat_map(|it| cautions(result, it)).collect_vec();
    found.retain(|it| ABOUT_ALL.contains(&it.kind));
    found.sort_by_key(|it| it.kind);
    found.dedup_by_key(|it| it.kind);
    page.listing("Findings", findings(&found));
    page.listing("Conditions", fine_print(result).map(ListItem::plain));
    page
}

/// The title: the axis and the range of its values.
pub(super) fn headline(result: &SweepResult) -> String {
    let axis = result.swept();
    let over = match &result.points[..] {
        [] => axis.title().to_owned(),
        [from, ..] => {
            let to = result.points.last().unwrap_or(from);
            format!("{} to {}", axis.show(from.place()), axis.say(to.place()))
        }
    };
    let of = if axis == SweepAxis::Size { "messages of " } else { "" };
    format!("Echo servers, {of}{over}")
}

/// The medians of every server at every point.
fn medians(result: &SweepResult, of: Figure) -> impl Iterator<Item = f64> {
    let cells = result.points.iter().cartesian_product(result.names());
    let spreads = cells.filter_map(move |(at, name)| at.spread(name, of));
    spreads.map(|it| it.median)
}

/// The marks beside medians, and the note that explains each.
const MARKS: [(&str, &str); 3] = [
    (
        "(",
        "(n) of n rounds only: it failed, the sweep was ended, its clients \
         were in trouble, or a round had hardly an echo; such a value is not \
         compared with one of other rounds",
    ),
    (
        AT_LEAST,
        "≥ at least this long: too many messages that were due had no echo at \
         the end",
    ),
    ("!", "! of the rounds before it failed"),
];

/// Adds the medians, one row per point, and notes on the marks among them. A
/// server that failed has `failed`, an unknown value a dash; a value from fewer
/// rounds than others has their number in parentheses.
fn add_medians(page: &mut Document, result: &SweepResult, figure: Figure) {
    let (names, axis) = (result.names(), result.swept());
    let unit = figure.scale(medians(result, figure));
    let most = most_rounds(result, figure);
    let cell = |point: &SweepPoint, name: &str| {
        let has_failed = has_failed(point, name);
        let Some(spread) = point.spread(name, figure) else {
            return if has_failed { "failed" } else { NOTHING }.into();
        };
        let mark = bound(point, name, figure);
        let failed = if has_failed { "!" } else { "" };
        let few = Some(spread.n).filter(|it| *it < most);
        let few = few.map_or(String::new(), |it| format!(" ({it})"));
        format!("{mark}{}{failed}{few}", unit.digits(spread.median))
    };
    let headings = once(axis.title()).chain(names.iter().copied());
    let headings = headings.map(|it| format!(">{}", clean(it)));
    let rows = result.points.iter().map(|point| {
        let medians = names.iter().map(|name| cell(point, name));
        once(axis.show(point.place())).chain(medians).collect_vec()
    });
    let rows = rows.collect_vec();
    let cells = rows.iter().flatten().join(" ");
    let unit =
        if unit.unit.is_empty() { "" } else { ", " }.to_owned() + unit.unit;
    let heading = format!("Medians of {}{unit}", figure.title());
    page.section(&heading, Table::new(headings).with_rows(rows), "");
    for (_, note) in MARKS.into_iter().filter(|it| cells.contains(it.0)) {
        page.paragraph(Tone::Note, note);
    }
}

fn has_failed(point: &SweepPoint, name: &str) -> bool {
    point.subject(name).is_some_and(|it| it.failure.is_some())
}

/// The most rounds that any server has of a figure at any point.
fn most_rounds(result: &SweepResult, figure: Figure) -> usize {
    let cells = result.points.iter().cartesian_product(result.names());
    let rounds = cells.map(|(at, name)| at.values(name, figure).len());
    rounds.max().unwrap_or(0)
}

/// One sentence for each crossing of two servers in a figure, and one for the
/// order that they keep.
pub(super) fn crossing_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let (axis, title) = (result.swept(), figure.title());
    let found = crossings(result, figure);
    let mut words =
        found.iter().map(|it| crossing(it, axis, figure)).collect_vec();
    if found.is_empty() && pairs_compared(result, figure) > 0 {
        words.push(format!(
            "No two of them change places in {title} beyond the noise."
        ));
    }
    // `At every point, the lowest server CPU time an echo first: selector,
    // then blocking and tasks, then nonblocking.`
    words.extend(standing(result, figure).map(|mut order| {
        let is_more = figure.better() == Better::More;
        if is_more {
            order.groups.reverse();
        }
        let first = if is_more { "highest" } else { "lowest" };
        let but = match &order.unclear[..] {
            [] => String::new(),
            unclear => {
                let at = show_all(axis, unclear);
                format!(" (at {at} not all of it is clear)")
            }
        };
        let all = order.groups.iter().map(|it| listed(it)).join(", then ");
        format!("At every point{but}, the {first} {title} first: {all}.")
    }));
    words
}

/// `From 3,000 clients on, selector uses less CPU an echo than nonblocking (it
/// changes between 1,000 and 3,000).`
pub(super) fn crossing(
    crossing: &Crossing,
    axis: SweepAxis,
    figure: Figure,
) -> String {
    let Crossing { below, above, before, first, last, .. } = crossing;
    let from = match (crossing.to_the_end, first == last) {
        (_, true) => format!("at {}", axis.say(*last)),
        (true, _) => format!("from {} on", axis.say(*first)),
        (false, _) => {
            format!("from {} to {}", axis.show(*first), axis.say(*last))
        }
    };
    let but = match &crossing.unclear[..] {
        [] => String::new(),
        unclear => format!(" (at {} unclear)", show_all(axis, unclear)),
    };
    let (better, worse, amount) = match (figure.better(), figure) {
        (Better::More, _) => (above, below, "more"),
        (_, Figure::Switches) => (below, above, "fewer"),
        _ => (below, above, "less"),
    };
    let does = match figure {
        Figure::Cpu => "uses less CPU an echo".into(),
        Figure::Echoes => "makes more echoes a second".into(),
        _ => format!("has {amount} {}", figure.title()),
    };
    let [before, first] = [before, first].map(|it| axis.show(*it));
    let sure =
        if crossing.is_sure { "" } else { "; too few rounds to be sure" };
    capital(&format!(
        "{from}{but}, {better} {does} than {worse} (it changes between \
         {before} and {first}{sure})."
    ))
}

/// How a figure grows from the first point to the last: one sentence for all
/// servers that were measured between the same two points.
fn growth_words(result: &SweepResult, figure: Figure) -> Vec<String> {
    let axis = result.swept();
    let mut growths = growths(result, figure);
    growths.sort_by(|a, b| b.to.cmp(&a.to).then(a.from.cmp(&b.from)));
    let alike = growths.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to));
    let sentences = alike.map(|alike| {
        let (from, to) = (alike[0].from, alike[0].to);
        let compared = if axis == SweepAxis::Idle {
            let clients = result.workload.clients.into();
            let [among, number] = [to.into(), clients].map(show_count);
            let all = plural(clients, "client");
            let beside = match show_count(from.into()) {
                zero if zero == "0" => "alone".into(),
                from => format!("among {from}"),
            };
            format!("{all} among {among} idle ones, against {number} {beside}")
        } else {
            format!("at {}, against {}", axis.say(to), axis.say(from))
        };
        let mut each = alike.iter().map(|growth| {
            let times = match growth.times {
                small if small > 0.0 && small < 0.1 => {
                    format!("1/{} of that", show_digits(1.0 / small))
                }
                median => format!("{} times", show_digits(median)),
            };
            let noise = growth.is_within_the_noise();
            let noise = if noise { ", within the noise" } else { "" };
            format!("{} {times}{noise}", growth.name)
        });
        let each = each.join("; ");
        capital(&format!("{}, {compared}: {each}.", figure.title()))
    });
    sentences.collect()
}

/// The chart of a figure. The scale fits what is drawn: the medians and, if
/// wanted, their intervals. `None` if no server has the figure at any point.
pub(super) fn figure_chart(
    result: &SweepResult,
    figure: Figure,
    with_intervals: bool,
) -> Option<Chart> {
    let axis = result.axis?;
    let is_size = figure.unit().starts_with("bytes");
    let medians = medians(result, figure);
    let unit = match figure.unit() {
        "ns" => Scale::ONE,
        // Round numbers of bytes are not round in KiB, so sizes are in the
        // unit of the largest one.
        _ if is_size => figure.scale([medians.fold(0.0, f64::max)]),
        _ => figure.scale(medians),
    };
    let names = result.names().into_iter().enumerate();
    let lines = names
        .map(|(look, name)| line(result, figure, name, look))
        .collect_vec();
    let ends = lines.iter().flat_map(|line| &line.dots).flat_map(|dot| {
        if with_intervals { [dot.low, dot.high] } else { [dot.y, dot.y] }
    });
    let y = AxisScale::of_values(ends.map(|it| it / unit.size))?;
    let y_ticks = match y {
        AxisScale::Log { from, to, .. } if is_size => {
            let ticks = powers_of_two(from * unit.size, to * unit.size);
            ticks.into_iter().map(|it| it / unit.size).collect()
        }
        _ => y.ticks(),
    };
    let y_ticks = y_ticks.into_iter().map(|it| (it, tick(figure, unit, it)));
    let values = result.points.iter().map(SweepPoint::place);
    let x_ticks = values
        .map(|it| (f64::from(it), axis.show(it).replace(' ', NO_BREAK)))
        .collect_vec();
    let x = AxisScale::of_axis(&x_ticks.iter().map(|it| it.0).collect_vec())?;
    let titles = (&*capital(figure.title()), axis.title());
    let y = (y, unit.size, y_ticks.collect());
    Some(Chart::new(titles, (x, x_ticks), y, lines))
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
    // The name of a line that ends early also says where it ends.
    let end = result.points.last().and_then(|point| point.value);
    if let Some(last) = last.filter(|_| last != end) {
        name.extend([", to ", &result.swept().show(last)]);
    }
    ChartLine { name, look, dots, failed }
}

/// The label of a tick: `10 µs`, `20k`, `8 MiB`.
pub(super) fn tick(figure: Figure, unit: Scale, value: f64) -> String {
    let value = value * unit.size;
    // Each label has the unit that suits it: KiB for a tenth of a MiB.
    let (unit, per) = match figure.unit() {
        _ if value == 0.0 => return "0".into(),
        "ns" => (Scale::of_times([value]), ""),
        "bytes" => (Scale::of_sizes([value]), ""),
        "bytes/s" => (Scale::of_sizes([value]), "/s"),
        _ => (unit, ""),
    };
    let is_bare = unit.unit.is_empty();
    let number = if is_bare { show_brief(value) } else { unit.digits(value) };
    let bare = number.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let (mut digits, letter) = number.split_at(bare.len());
    if digits.contains('.') {
        digits = digits.trim_end_matches('0').trim_end_matches('.');
    }
    format!("{digits}{letter} {}{per}", unit.unit).trim_end().to_owned()
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
