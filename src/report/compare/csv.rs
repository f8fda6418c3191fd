//! A comparison for spreadsheets.

use super::CompareReport;
use crate::report::Error;
use crate::report::csv::{HEADINGS, text, unit_of};
use crate::text::clean;
use serde_json::Value;

/// The comparison as CSV with the columns of every report,
/// `section,item,figure,unit,value`: a figure of a mode a row, then how each
/// mode failed that did, then the verdict. With recordings, what is to be
/// known first, where they came from and the conditions that differ stand
/// before all that. A figure that is not known has an empty value.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn csv(report: &CompareReport) -> Result<String, Error> {
    let mut sheet = ::csv::Writer::from_writer(Vec::new());
    sheet.write_record(HEADINGS)?;
    for [section, item, figure, value] in origins(report) {
        let record = [&*section, &item, &figure, "", &value];
        sheet.write_record(record.map(clean))?;
    }
    for row in &report.figures {
        for value in &row.values {
            let number = Value::from(value.value.unwrap_or_default());
            let (figure, unit) = unit_of(&row.name, &number);
            let value_words = value.value.map(|it| it.to_string());
            let value_words = value_words.unwrap_or_default();
            let mode = &value.mode;
            let record = ["figures", mode, figure, unit, &value_words];
            sheet.write_record(record.map(clean))?;
        }
    }
    for it in &report.modes {
        if let Some(failure) = &it.failure {
            let record = ["modes", &it.name, "failure", "", failure];
            sheet.write_record(record.map(clean))?;
        }
    }
    for (number, sentence) in (1..).zip(&report.verdict) {
        let number = number.to_string();
        let record = ["verdict", &number, "", "", sentence];
        sheet.write_record(record.map(clean))?;
    }
    text(sheet)
}

/// What to know first, and where the contenders came from: section, item,
/// figure and value.
fn origins(report: &CompareReport) -> Vec<[String; 4]> {
    let words = |words: &str| words.to_owned();
    let numbered = (1..).zip(&report.warnings);
    let warnings = numbered.map(|(number, warning): (u32, _)| {
        [words("warnings"), number.to_string(), String::new(), warning.clone()]
    });
    let mut rows: Vec<_> = warnings.collect();
    for it in &report.modes {
        let Some(from) = &it.recording else { continue };
        let early = from.ended_early.iter().map(|it| ("ended_early", it));
        let told = [
            ("mode", &it.mode),
            ("file", &from.file),
            ("started_at", &from.started_at),
        ];
        for (figure, value) in told.into_iter().chain(early) {
            let name = it.name.clone();
            rows.push([
                words("recordings"),
                name,
                words(figure),
                value.clone(),
            ]);
        }
    }
    for row in &report.differences {
        for (it, value) in report.modes.iter().zip(&row.values) {
            let (name, condition) = (it.name.clone(), row.name.clone());
            rows.push([words("conditions"), name, condition, value.clone()]);
        }
    }
    rows
}
