//! A comparison for spreadsheets.

use super::CompareReport;
use crate::model::clean;
use crate::report::Error;
use crate::report::csv::{HEADINGS, text, unit_of};
use serde_json::Value;

/// The comparison as CSV with the columns of every report,
/// `section,item,figure,unit,value`: a figure of a mode a row, then how each
/// mode failed that did, then the verdict. A figure that is not known has an
/// empty value.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn csv(report: &CompareReport) -> Result<String, Error> {
    let mut sheet = ::csv::Writer::from_writer(Vec::new());
    sheet.write_record(HEADINGS)?;
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
            let record = ["modes", &it.mode, "failure", "", failure];
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
