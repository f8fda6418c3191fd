//! Tables of figures: a row a server, a column a figure.

use crate::measure::{Figure, Spread, SubjectResult, SweepPoint, left_out};
use crate::report::document::{Medium, NOTHING, Table};
use crate::text::cut;
use crate::units::{Scale, show_brief, show_percent};
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
    let mut headings = vec![String::new()];
    let mut rows: Vec<_> = point
        .subjects
        .iter()
        .map(|it| vec![row_name(it, point, rounds, medium)])
        .collect();
    let mut wide = Vec::new();
    for column in columns {
        let (figure, heading, shown) = *column;
        let scale = scale(point, columns, figure);
        headings.push(format!(">{}", heading.replace("{}", scale.unit)));
        if shown == CellValue::Interval {
            headings.push(">±".into());
        }
        for (row, subject) in rows.iter_mut().zip(&point.subjects) {
            let spread = subject.spread(figure, &point.workload);
            let is_bound = subject.is_at_least(figure, &point.workload);
            let mark = if is_bound { AT_LEAST } else { "" };
            row.push(spread.map_or(NOTHING.into(), |it| {
                let value = value(&it, shown);
                format!("{mark}{}", digits(figure, scale, value))
            }));
            if shown != CellValue::Interval {
                continue;
            }
            let spread = spread.filter(|_| !is_bound);
            let part = spread.and_then(|it| it.uncertainty());
            if let (Some(spread), Some(MOST_UNCERTAIN..)) = (spread, part) {
                wide.push(from_where_to_where(figure, scale, &spread, subject));
                row.push(WIDE.into());
            } else {
                row.push(part.map(show_percent).unwrap_or_default());
            }
        }
    }

    let mut table = Table::new(&headings);
    for row in rows {
        table.row(row);
    }
    let wide = if wide.is_empty() {
        String::new()
    } else {
        format!("{WIDE}: {}. ", wide.join("; "))
    };
    (table, wide + &unknown(point, columns))
}

const fn value(spread: &Spread, shown: CellValue) -> f64 {
    match shown {
        CellValue::Largest => spread.max,
        CellValue::Median | CellValue::Interval => spread.median,
    }
}

fn from_where_to_where(
    figure: Figure,
    scale: Scale,
    spread: &Spread,
    subject: &SubjectResult,
) -> String {
    let [low, high] =
        [spread.low, spread.high].map(|it| digits(figure, scale, it));
    let (title, name) = (figure.title(), &subject.name);
    let words = format!("{title} of {name} {low}..{high} {}", scale.unit);
    words.trim_end().to_owned()
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
    let left = left_out(point);
    let is_left_out = left.iter().any(|it| it.subject == subject.name);
    let marks = match (is_left_out, subject.is_foreign()) {
        (true, true) => "*†",
        (true, false) => LEFT_OUT,
        (false, true) => FOREIGN,
        (false, false) => "",
    };
    let had = subject.samples.len();
    match rounds {
        Some(rounds) if had != point.rounds_done() && had > 0 => {
            let name = match medium {
                Medium::Terminal => cut(&subject.name, SHORT_NAME, "…"),
                Medium::Markdown => subject.name.clone(),
            };
            format!("{name}{marks} {had} of {rounds}")
        }
        _ => name(&subject.name, medium) + marks,
    }
}

/// The unit of a figure; times in one table have the same one.
fn scale(point: &SweepPoint, columns: &[GridColumn], of: Figure) -> Scale {
    let alike = columns.iter().filter(|(figure, _, _)| {
        *figure == of || (figure.unit() == "ns" && of.unit() == "ns")
    });
    let values = alike.flat_map(|(figure, _, shown)| {
        let subjects = point.subjects.iter();
        subjects.filter_map(move |it| {
            let spread = it.spread(*figure, &point.workload)?;
            Some(value(&spread, *shown))
        })
    });
    of.scale(values)
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
    let mut reasons: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
    for (figure, ..) in columns {
        for subject in &point.subjects {
            let why = match subject.unknown(*figure, &point.workload) {
                _ if subject.samples.is_empty() => "it has not been measured",
                Some(unknown) => unknown.words(&subject.kind),
                None => continue,
            };
            let [figures, subjects] = reasons.entry(why).or_default();
            for (names, name) in
                [(figures, figure.title()), (subjects, &subject.name)]
            {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    let all = point.subjects.len();
    let sentence = |(why, [figures, subjects]): (&&str, &[Vec<&str>; 2])| {
        if subjects.len() < all {
            return format!("—: {} ({why}).", subjects.join(", "));
        }
        format!("Not shown: {} ({why}).", figures.join(", "))
    };
    reasons.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
