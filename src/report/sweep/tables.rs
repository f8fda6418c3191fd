//! The medians of a figure, a row a point.

use crate::measure::Figure;
use crate::measure::sweep::{SweepPoint, SweepResult};
use crate::report::document::{NOTHING, Table};
use crate::text::clean;
use crate::units::Scale;

/// What `≥` says.
const AT_LEAST: &str = "≥ at least so long: too many messages that were due \
                        had no echo at the end";

/// A figure at every point: its unit, and medians in it. What failed says
/// so; what is not known is a dash; what is of fewer rounds than other values
/// has their number.
pub(super) fn medians(result: &SweepResult, figure: Figure) -> (Scale, Table) {
    let names = result.names();
    let medians = result.points.iter().flat_map(|point| {
        names.iter().filter_map(move |name| median(point, name, figure))
    });
    let unit = figure.scale(medians);
    let most = most_rounds(result, figure);
    let axis = format!(">{}", result.axis.title());
    let headings = names.iter().map(|name| format!(">{}", clean(name)));
    let headings: Vec<_> = [axis].into_iter().chain(headings).collect();
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    for point in &result.points {
        let told = (figure, most);
        let cells = names.iter().map(|name| cell(point, name, told, unit));
        let value = result.axis.show(point.value);
        table.row([value].into_iter().chain(cells));
    }
    (unit, table)
}

fn median(point: &SweepPoint, name: &str, figure: Figure) -> Option<f64> {
    point.spread(name, figure).map(|it| it.median)
}

fn cell(
    point: &SweepPoint,
    name: &str,
    (figure, most): (Figure, usize),
    unit: Scale,
) -> String {
    let failed = point.subject(name).is_some_and(|it| it.failure.is_some());
    let Some(spread) = point.spread(name, figure) else {
        return if failed { "failed" } else { NOTHING }.into();
    };
    let mark = if failed { "!" } else { "" };
    let fewer = match spread.n {
        n if n < most => format!(" ({n})"),
        _ => String::new(),
    };
    let least = if is_at_least(point, name, figure) { "≥" } else { "" };
    format!("{least}{}{mark}{fewer}", unit.digits(spread.median))
}

fn is_at_least(point: &SweepPoint, name: &str, figure: Figure) -> bool {
    let subject = point.subject(name);
    subject.is_some_and(|it| it.is_at_least(figure, &point.workload))
}

/// The most rounds of which a server has a figure at a point.
pub(in crate::report) fn most_rounds(
    result: &SweepResult,
    figure: Figure,
) -> usize {
    let names = result.names();
    let rounds = result.points.iter().flat_map(|point| {
        names.iter().map(|name| point.values(name, figure).len())
    });
    rounds.max().unwrap_or(0)
}

/// What the marks in the table of a figure mean, a line each.
pub(super) fn legend(result: &SweepResult, figure: Figure) -> Vec<String> {
    let most = most_rounds(result, figure);
    let names = result.names();
    let told = result.points.iter().flat_map(|point| {
        names.iter().filter_map(move |name| {
            let n = point.spread(name, figure)?.n;
            Some((n, point.subject(name)?.failure.is_some()))
        })
    });
    let told: Vec<_> = told.collect();
    let mut parts = Vec::new();
    if let Some((n, _)) = told.iter().find(|it| it.0 < most) {
        let many = if *n == 1 { "" } else { "s" };
        parts.push(format!(
            "({n}) of {n} round{many} only, not of {most}; such a value is \
             not compared with one of other rounds"
        ));
    }
    let mut cells = result.points.iter().flat_map(|point| {
        names.iter().map(move |name| is_at_least(point, name, figure))
    });
    if cells.any(|it| it) {
        parts.push(AT_LEAST.to_owned());
    }
    if told.iter().any(|it| it.1) {
        parts.push("! of the rounds before it failed".to_owned());
    }
    parts
}
