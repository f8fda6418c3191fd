//! The medians of a figure, a row a point.

use crate::measure::sweep::{SweepPoint, SweepResult};
use crate::measure::{Figure, SubjectResult, Workload};
use crate::model::clean;
use crate::report::table::{NOTHING, Table};
use crate::units::Scale;

/// What `≥` says.
const AT_LEAST: &str = "≥: at least so long; too many messages that were due \
                        had no echo at the end.";

/// What `!` says.
const FAILED_LATER: &str =
    "!: it failed in a later round; the median is of those before.";

/// A figure at every point: its unit, and medians in it. What failed says
/// so; what is not known is a dash.
pub(super) fn medians(result: &SweepResult, figure: Figure) -> (Scale, Table) {
    let names = result.names();
    let medians = result.points.iter().flat_map(|point| {
        names.iter().filter_map(move |name| median(point, name, figure))
    });
    let unit = figure.scale(medians);
    let axis = format!(">{}", result.axis.title());
    let headings = names.iter().map(|name| format!(">{}", clean(name)));
    let headings: Vec<_> = [axis].into_iter().chain(headings).collect();
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    for point in &result.points {
        let cells = names.iter().map(|name| cell(point, name, figure, unit));
        let value = result.axis.show(point.value);
        table.row([value].into_iter().chain(cells));
    }
    (unit, table)
}

fn median(point: &SweepPoint, name: &str, figure: Figure) -> Option<f64> {
    let spread = point.subject(name)?.spread(figure, &point.workload);
    spread.map(|it| it.median)
}

fn cell(point: &SweepPoint, name: &str, figure: Figure, unit: Scale) -> String {
    let failed = point.subject(name).is_some_and(|it| it.failure.is_some());
    let least = point
        .subject(name)
        .is_some_and(|it| it.is_at_least(figure, &point.workload));
    let least = if least { "≥" } else { "" };
    match median(point, name, figure) {
        Some(median) if failed => format!("{least}{}!", unit.digits(median)),
        Some(median) => format!("{least}{}", unit.digits(median)),
        None if failed => "failed".into(),
        None => NOTHING.into(),
    }
}

/// What marks at the medians of a figure say.
pub(super) fn marks(
    result: &SweepResult,
    figure: Figure,
) -> impl Iterator<Item = &'static str> {
    let all = |is: fn(&SubjectResult, Figure, &Workload) -> bool| {
        result.points.iter().any(|point| {
            let mut subjects = point.subjects.iter();
            subjects.any(|it| is(it, figure, &point.workload))
        })
    };
    let least = all(SubjectResult::is_at_least);
    let failed = all(|it, figure, workload| {
        it.failure.is_some() && it.spread(figure, workload).is_some()
    });
    let least = least.then_some(AT_LEAST);
    least.into_iter().chain(failed.then_some(FAILED_LATER))
}
