//! Tables of figures: a row a server, a column a figure.

use crate::measure::{Figure, Spread, SubjectResult, SweepPoint, left_out};
use crate::report::document::{Medium, NOTHING, Table};
use crate::text::cut;
use crate::units::{Scale, show_brief, show_percent};
use itertools::Itertools as _;
use std::collections::BTreeMap;

/// A terminal cuts off longer names.
const NAME_WIDTH: usize = 16;

/// The same of names with a number of rounds behind them.
const SHORT_NAME: usize = 13;

/// The mark behind the name of a server that is compared with none.
pub(super) const LEFT_OUT: &str = "*";

/// The mark behind the name of a server that ran already.
pub(super) const FOREIGN: &str = "†";

/// What stands for an interval that is no longer readable as a part of the
/// median.
const WIDE: &str = "wide";

/// More than this part of the median is such an interval.
const MOST_UNCERTAIN: f64 = 0.5;

/// Before a value that is only known to be at least this large.
pub(super) const AT_LEAST: &str = "≥";

/// Which of a figure's values a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellValue {
    /// The median of the rounds.
    Median,
    /// The median, and behind it its interval.
    Interval,
    /// The largest of all rounds.
    Largest,
}

/// A column: the figure, its heading, in which `{}` is the unit, and what is
/// shown.
pub(super) type GridColumn = (Figure, &'static str, CellValue);

/// The table of some columns, and what explains it. With `rounds`, those that
/// were planned, rows say how many rounds a server had if others had more.
pub(super) fn grid(
    point: &SweepPoint,
    columns: &[GridColumn],
    rounds: Option<u32>,
    medium: Medium,
) -> (Table, String) {
    let subjects = &point.subjects;
    let names = subjects.iter().map(|it| row_name(it, point, rounds, medium));
    let mut rows = names.map(|name| vec![name]).collect_vec();
    let mut headings = vec![String::new()];
    let mut wide = Vec::new();
    for (figure, heading, shown) in columns.iter().copied() {
        let scale = scale(point, columns, figure);
        headings.push(format!(">{}", heading.replace("{}", scale.unit)));
        let has_interval = shown == CellValue::Interval;
        headings.extend(has_interval.then(|| ">±".into()));
        for (row, subject) in rows.iter_mut().zip(subjects) {
            let spread = point.spread(&subject.name, figure);
            let is_bound = point.is_at_least(&subject.name, figure);
            let mark = if is_bound { AT_LEAST } else { "" };
            row.push(spread.map_or(NOTHING.into(), |it| {
                let value = digits(figure, scale, value(&it, shown));
                format!("{mark}{value}")
            }));
            if !has_interval {
                continue;
            }
            let spread = spread.filter(|_| !is_bound);
            let part = spread.and_then(|it| it.uncertainty());
            if let (Some(spread), Some(MOST_UNCERTAIN..)) = (spread, part) {
                let [low, high] = [spread.low, spread.high]
                    .map(|it| digits(figure, scale, it));
                let (title, name) = (figure.title(), &subject.name);
                let unit = scale.unit;
                let words = format!("{title} of {name} {low}..{high} {unit}");
                wide.push(words.trim_end().to_owned());
                row.push(WIDE.into());
            } else {
                row.push(part.map(show_percent).unwrap_or_default());
            }
        }
    }
    let mut note = unknown(point, columns);
    if !wide.is_empty() {
        note.insert_str(0, &format!("{WIDE}: {}. ", wide.join("; ")));
    }
    (Table::new(headings).with_rows(rows).without_zeros(), note)
}

const fn value(spread: &Spread, shown: CellValue) -> f64 {
    match shown {
        CellValue::Largest => spread.max,
        CellValue::Median | CellValue::Interval => spread.median,
    }
}

/// The name, as wide as a row allows.
pub(super) fn name(name: &str, medium: Medium) -> String {
    match medium {
        Medium::Terminal => cut(name, NAME_WIDTH, "…"),
        Medium::Markdown => name.into(),
    }
}

/// The name of a server with its marks, and how many rounds it had if that
/// is another number than those of most. `rounds` were planned; `None` leaves
/// them out.
fn row_name(
    subject: &SubjectResult,
    point: &SweepPoint,
    rounds: Option<u32>,
    medium: Medium,
) -> String {
    let had = subject.samples.len();
    let rounds = rounds.filter(|_| had != point.rounds_done() && had > 0);
    let mut name = match (rounds, medium) {
        (Some(_), Medium::Terminal) => cut(&subject.name, SHORT_NAME, "…"),
        _ => name(&subject.name, medium),
    };
    if left_out(point).iter().any(|it| it.subject == subject.name) {
        name += LEFT_OUT;
    }
    if subject.is_foreign() {
        name += FOREIGN;
    }
    name + &rounds.map_or(String::new(), |all| format!(" {had} of {all}"))
}

/// The unit of a figure; times in one table have the same one.
fn scale(point: &SweepPoint, columns: &[GridColumn], of: Figure) -> Scale {
    let alike = columns.iter().filter(|(figure, ..)| {
        *figure == of || (figure.unit() == "ns" && of.unit() == "ns")
    });
    let cells = alike.cartesian_product(&point.subjects);
    of.scale(cells.filter_map(|((figure, _, shown), subject)| {
        let spread = point.spread(&subject.name, *figure)?;
        Some(value(&spread, *shown))
    }))
}

/// A value in a column's unit; rates and shares carry their own.
pub(super) fn digits(figure: Figure, scale: Scale, value: f64) -> String {
    match figure.unit() {
        "1/s" => show_brief(value),
        "share" => show_percent(value),
        _ if figure == Figure::Threads => value.to_string(),
        _ => scale.digits(value),
    }
}

/// Why some figures are not known, and of which servers: a sentence a reason.
fn unknown(point: &SweepPoint, columns: &[GridColumn]) -> String {
    let mut reasons: BTreeMap<&str, Vec<(Figure, &str)>> = BTreeMap::new();
    for ((figure, ..), subject) in
        columns.iter().cartesian_product(&point.subjects)
    {
        let why = match point.unknown(&subject.name, *figure) {
            _ if subject.samples.is_empty() => "it has not been measured",
            Some(why) => why,
            None => continue,
        };
        reasons.entry(why).or_default().push((*figure, &subject.name));
    }
    let mut sentences = reasons.iter().map(|(why, cells)| {
        let names = cells.iter().map(|(_, name)| name).unique().collect_vec();
        if names.len() < point.subjects.len() {
            return format!("—: {} ({why}).", names.iter().join(", "));
        }
        let figures = cells.iter().map(|(figure, _)| figure.title()).unique();
        format!("Not shown: {} ({why}).", figures.collect_vec().join(", "))
    });
    sentences.join(" ")
}
