//! The samples of `bench` as one rectangular table: a row a server, round
//! and figure.

use crate::measure::{BenchResult, Figure, Finding, not_whole};
use crate::report::Error;
use crate::text::clean;

const HEADINGS: [&str; 5] = ["subject", "round", "figure", "unit", "value"];

/// The samples as CSV with the columns `subject,round,figure,unit,value`. A
/// figure that is not known has an empty value. Medians are left to whoever
/// reads it; the JSON has them. What is missing comes first, in rows without
/// a round, whose figure is `interrupted` or `failed`, and whose value says
/// more.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn csv(result: &BenchResult) -> Result<String, Error> {
    let mut sheet = ::csv::Writer::from_writer(Vec::new());
    sheet.write_record(HEADINGS)?;
    for finding in not_whole(result) {
        sheet.write_record(missing(&finding))?;
    }
    for subject in &result.subjects {
        let name = clean(&subject.name);
        for sample in &subject.samples {
            let round = sample.round.to_string();
            for figure in Figure::ALL {
                let value = figure.of(sample, &result.workload);
                let value = value.map(|it| it.to_string());
                let (field, unit) = (figure.field(), figure.unit());
                let value = value.as_deref().unwrap_or_default();
                sheet.write_record([&name, &round, field, unit, value])?;
            }
        }
    }
    let bytes = sheet.into_inner().map_err(|error| {
        ::csv::Error::from(std::io::Error::from(error.error().kind()))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn missing(finding: &Finding) -> [String; 5] {
    let (name, figure) = match finding {
        Finding::Failed { subject, .. } => (clean(subject), "failed"),
        _ => (String::new(), "interrupted"),
    };
    let words = clean(&finding.observation());
    [name, String::new(), figure.into(), String::new(), words]
}
