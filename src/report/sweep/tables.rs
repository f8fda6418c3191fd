//! The medians of a figure, a row a point.

use crate::measure::Figure;
use crate::measure::sweep::{SweepPoint, SweepResult};
use crate::model::clean;
use crate::report::table::{NOTHING, Table};
use crate::units::Scale;

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

/// What the mark behind a median says, if there is one.
pub(super) fn mark_note(result: &SweepResult) -> Option<&'static str> {
    let mut all = result.points.iter().flat_map(|it| &it.subjects);
    all.any(|it| it.failure.is_some() && !it.samples.is_empty())
        .then_some("! of the rounds before it failed")
}

fn median(point: &SweepPoint, name: &str, figure: Figure) -> Option<f64> {
    let spread = point.subject(name)?.spread(figure, &point.workload);
    spread.map(|it| it.median)
}

fn cell(point: &SweepPoint, name: &str, figure: Figure, unit: Scale) -> String {
    let failed = point.subject(name).is_some_and(|it| it.failure.is_some());
    match median(point, name, figure) {
        Some(median) if failed => format!("{}!", unit.digits(median)),
        Some(median) => unit.digits(median),
        None if failed => "failed".into(),
        None => NOTHING.into(),
    }
}
