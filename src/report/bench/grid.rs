//! Tables of figures: a row a server, a column a figure.

use super::Section;
use crate::measure::{
    BenchResult, Figure, Spread, SubjectResult, Unknown, Workload, is_foreign,
    left_out,
};
use crate::report::document::{Medium, NOTHING, Table};
use crate::text::cut;
use crate::units::{Scale, show_brief, show_percent};
use std::collections::BTreeMap;

/// A longer name is cut for a terminal.
const NAME_WIDTH: usize = 16;

/// The mark behind the name of a server that is compared with none.
pub(super) const LEFT_OUT: &str = "*";

/// The mark behind the name of a server that ran already.
pub(super) const FOREIGN: &str = "†";

/// What stands for an interval that says less as a part of the median.
const WIDE: &str = "wide";

/// More than this part of the median is such an interval.
const MOST_UNCERTAIN: f64 = 0.5;

/// Before a value that is only known to be at least so large.
pub(super) const AT_LEAST: &str = "≥";

/// Which of a figure's values a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The median of the rounds.
    Median,
    /// The median, and behind it its interval.
    Interval,
    /// The largest of all rounds.
    Largest,
}

/// A column, before it is known for whom: what is measured, its heading
/// without the unit, and what is shown.
pub(super) struct Column {
    pub(super) figure: Figure,
    pub(super) heading: &'static str,
    /// What follows the unit: `/echo`.
    pub(super) per: &'static str,
    pub(super) shown: Shown,
}

impl Column {
    pub(super) const fn new(figure: Figure, heading: &'static str) -> Self {
        Self { figure, heading, per: "", shown: Shown::Median }
    }

    pub(super) const fn per(self, per: &'static str) -> Self {
        Self { per, ..self }
    }

    pub(super) const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }

    fn value(&self, spread: &Spread) -> f64 {
        match self.shown {
            Shown::Largest => spread.max,
            Shown::Median | Shown::Interval => spread.median,
        }
    }

    fn kind(&self) -> Kind {
        (self.figure.unit(), self.per)
    }

    /// The values of all servers.
    fn values<'a>(
        &'a self,
        result: &'a BenchResult,
    ) -> impl Iterator<Item = f64> + 'a {
        let spread = |it: &SubjectResult| {
            it.spread(self.figure, &result.workload).map(|it| self.value(&it))
        };
        result.subjects.iter().filter_map(spread)
    }

    fn title(&self, scale: Scale, medium: Medium) -> String {
        let Self { heading, per, .. } = self;
        let unit = match self.figure.unit() {
            "share" => "",
            _ => scale.unit,
        };
        let between = match medium {
            Medium::Terminal => "\n",
            Medium::Markdown if unit.is_empty() && per.starts_with('/') => "",
            Medium::Markdown => " ",
        };
        format!(">{heading}{between}{unit}{per}").trim_end().to_owned()
    }
}

/// The table of some columns.
pub(super) fn section(
    title: String,
    result: &BenchResult,
    columns: &[Column],
    medium: Medium,
) -> Section {
    let mut grid = Grid { headings: vec![String::new()], rows: Vec::new() };
    let left = left_out(result);
    for subject in &result.subjects {
        let left = left.iter().any(|it| it.subject == subject.name);
        let mark = if left { LEFT_OUT } else { "" };
        let foreign = if is_foreign(subject) { FOREIGN } else { "" };
        grid.rows.push(vec![name(&subject.name, medium) + mark + foreign]);
    }
    let scales = Scales::of(result, columns);
    for column in columns {
        grid.add(column, scales.of_column(column), result, medium);
    }
    let wide = match medium {
        Medium::Terminal => wide(result, columns, &scales),
        Medium::Markdown => String::new(),
    };
    let note = format!("{wide} {}", unknown(result, columns));
    Section { title, table: grid.table(), note: note.trim().into() }
}

fn is_wide(spread: &Spread) -> bool {
    spread.uncertainty().is_some_and(|it| it > MOST_UNCERTAIN)
}

/// The intervals that are too wide for a cell: from where to where.
fn wide(result: &BenchResult, columns: &[Column], scales: &Scales) -> String {
    let mut told = Vec::new();
    let shown = columns.iter().filter(|it| it.shown == Shown::Interval);
    for column in shown {
        let (figure, scale) = (column.figure, scales.of_column(column));
        for subject in &result.subjects {
            let spread = subject.spread(figure, &result.workload);
            let least = subject.is_at_least(figure, &result.workload);
            let Some(spread) = spread.filter(|it| is_wide(it) && !least) else {
                continue;
            };
            let interval = Medium::Markdown.interval(figure, scale, &spread);
            let of = format!("{} of {}", figure.title(), subject.name);
            told.push(format!("{of} {interval} {}", scale.unit));
        }
    }
    let told: Vec<_> = told.iter().map(|it| it.trim_end()).collect();
    match &told[..] {
        [] => String::new(),
        told => format!("{WIDE}: {}.", told.join("; ")),
    }
}

/// The name, as wide as a row allows.
pub(super) fn name(name: &str, medium: Medium) -> String {
    match medium {
        Medium::Terminal => cut(name, NAME_WIDTH, "…"),
        Medium::Markdown => name.into(),
    }
}

/// The units of a table: figures of a kind have the same one.
struct Scales(Vec<(Kind, Scale)>);

/// What a figure is counted in, and for each what.
type Kind = (&'static str, &'static str);

impl Scales {
    fn of(result: &BenchResult, columns: &[Column]) -> Self {
        let scale = |column: &Column| {
            let kind = column.kind();
            let alike = columns.iter().filter(|it| it.kind() == kind);
            let values = alike.flat_map(|alike| alike.values(result));
            (kind, column.figure.scale(values))
        };
        Self(columns.iter().map(scale).collect())
    }

    fn of_column(&self, column: &Column) -> Scale {
        let mut scales = self.0.iter();
        let found = scales.find(|(kind, _)| *kind == column.kind());
        found.map_or(Scale::ONE, |(_, scale)| *scale)
    }
}

struct Grid {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    fn add(
        &mut self,
        column: &Column,
        scale: Scale,
        result: &BenchResult,
        medium: Medium,
    ) {
        let spread =
            |it: &SubjectResult| it.spread(column.figure, &result.workload);
        let spreads: Vec<_> = result.subjects.iter().map(spread).collect();
        self.headings.push(column.title(scale, medium));
        if column.shown == Shown::Interval {
            self.headings.push(medium.interval_heading(&spreads));
        }
        let least = |it: &SubjectResult| {
            it.is_at_least(column.figure, &result.workload)
        };
        let least: Vec<_> = result.subjects.iter().map(least).collect();
        let cells = self.rows.iter_mut().zip(&spreads).zip(least);
        for ((row, spread), least) in cells {
            let mark = if least { AT_LEAST } else { "" };
            row.push(spread.map_or(NOTHING.into(), |it| {
                let value = digits(column.figure, scale, column.value(&it));
                format!("{mark}{value}")
            }));
            if column.shown == Shown::Interval {
                let interval = |it| medium.interval(column.figure, scale, &it);
                let shown = spread.filter(|_| !least);
                row.push(shown.map_or_else(String::new, interval));
            }
        }
    }

    fn table(self) -> Table {
        let headings: Vec<_> =
            self.headings.iter().map(String::as_str).collect();
        let mut table = Table::new(&headings);
        self.rows.into_iter().for_each(|row| table.row(row));
        table
    }
}

impl Medium {
    fn interval_heading(self, spreads: &[Option<Spread>]) -> String {
        let promised = spreads.iter().flatten().all(Spread::is_enough);
        match (self, promised) {
            (Self::Terminal, _) => ">±".into(),
            (Self::Markdown, true) => ">95 % interval".into(),
            (Self::Markdown, false) => ">all rounds".into(),
        }
    }

    fn interval(self, of: Figure, scale: Scale, spread: &Spread) -> String {
        match self {
            Self::Terminal if is_wide(spread) => WIDE.into(),
            Self::Terminal => {
                spread.uncertainty().map(show_percent).unwrap_or_default()
            }
            Self::Markdown => {
                let low = digits(of, scale, spread.low);
                let high = digits(of, scale, spread.high);
                format!("{low}..{high}")
            }
        }
    }
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

/// Why some figures are not told, and of whom: a sentence a reason.
fn unknown(result: &BenchResult, columns: &[Column]) -> String {
    let mut reasons: BTreeMap<&str, Missing> = BTreeMap::new();
    for column in columns {
        for subject in &result.subjects {
            if let Some(why) = why(column.figure, subject, &result.workload) {
                let missing = reasons.entry(why).or_default();
                add(&mut missing.figures, column.figure.title());
                add(&mut missing.subjects, &subject.name);
            }
        }
    }
    let all = result.subjects.len();
    let told = reasons.iter().map(|(why, it)| it.sentence(why, all));
    told.collect::<Vec<_>>().join(" ")
}

fn why(
    figure: Figure,
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<&'static str> {
    if subject.samples.is_empty() {
        return Some("it has not been measured");
    }
    let unknown: Option<Unknown> = subject.unknown(figure, workload);
    unknown.map(|it| it.words(&subject.kind))
}

#[derive(Default)]
struct Missing {
    figures: Vec<String>,
    subjects: Vec<String>,
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|it| it == name) {
        names.push(name.into());
    }
}

impl Missing {
    /// `—: nginx (a server that somebody else started).`
    fn sentence(&self, why: &str, all: usize) -> String {
        if self.subjects.len() < all {
            return format!("—: {} ({why}).", self.subjects.join(", "));
        }
        format!("Not shown: {} ({why}).", self.figures.join(", "))
    }
}
