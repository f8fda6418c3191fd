//! A sweep for spreadsheets: a value a row.

use crate::measure::sweep::{SweepPoint, SweepResult};
use crate::measure::{Figure, SubjectResult};
use crate::report::Error;
use crate::text::clean;

const HEADINGS: [&str; 6] =
    ["axis", "axis_value", "subject", "round", "figure", "value"];

/// The sweep as CSV: what was swept and its value, the server, the round,
/// the figure with its unit at the end of its name, and its value. A figure
/// that is not known has an empty value. What is missing comes first, in rows
/// without a round, whose figure is `interrupted` or `failed`.
///
/// # Errors
/// What writing to memory reports; plain values give it no cause.
pub fn sweep_csv(result: &SweepResult) -> Result<String, Error> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(HEADINGS)?;
    let axis = result.axis.name();
    for row in missing(axis, result) {
        csv.write_record(row)?;
    }
    for point in &result.points {
        for subject in &point.subjects {
            for row in rows(axis, point, subject) {
                csv.write_record(row)?;
            }
        }
    }
    let bytes = csv
        .into_inner()
        .map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn missing(axis: &str, result: &SweepResult) -> Vec<[String; 6]> {
    let row = |value: String, name: &str, figure: &str, words: &str| {
        let axis = axis.to_owned();
        [axis, value, clean(name), String::new(), figure.into(), clean(words)]
    };
    let interrupted =
        result.interrupted.then(|| row(String::new(), "", "interrupted", ""));
    let mut rows: Vec<_> = interrupted.into_iter().collect();
    for point in &result.points {
        let failed = point.subjects.iter().filter_map(|it| {
            let why = it.failure.as_deref()?;
            Some(row(point.value.to_string(), &it.name, "failed", why))
        });
        rows.extend(failed);
    }
    rows
}

fn rows<'p>(
    axis: &'p str,
    point: &'p SweepPoint,
    subject: &'p SubjectResult,
) -> impl Iterator<Item = [String; 6]> + 'p {
    subject.samples.iter().flat_map(move |sample| {
        Figure::ALL.iter().map(move |figure| {
            let value = figure.of(sample, &point.workload);
            [
                axis.to_owned(),
                point.value.to_string(),
                clean(&subject.name),
                sample.round.to_string(),
                figure.field().to_owned(),
                value.map(|it| it.to_string()).unwrap_or_default(),
            ]
        })
    })
}
