//! Reports for other programs: JSON as serde writes it, and that JSON as CSV.

use crate::text::foreign;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// A report could not be written as JSON or CSV.
#[derive(Debug, Error)]
pub enum ReportError {
    #[error("cannot write the report as JSON")]
    Json(#[from] serde_json::Error),
    #[error("cannot write the report as CSV")]
    Csv(#[from] ::csv::Error),
}

/// The report as JSON, indented, with a line end after it.
///
/// # Errors
/// If serialisation fails, which does not happen for plain values.
pub fn to_json(report: &impl Serialize) -> Result<String, ReportError> {
    Ok(foreign::json(&serde_json::to_string_pretty(report)?) + "\n")
}

/// The JSON Schema of a report.
///
/// # Errors
/// As [`to_json`].
pub fn schema_of<Report: JsonSchema>() -> Result<String, ReportError> {
    to_json(&schemars::schema_for!(Report))
}

/// The report as CSV with the columns `path,value`: a row for every value of
/// the JSON that is not a list or an object. The path names the fields that
/// lead to it, and counts the elements of lists from 0:
/// `sockets.1.bytes_in`. A value that is not known is empty.
///
/// # Errors
/// As [`to_json`].
pub fn to_csv(report: &impl Serialize) -> Result<String, ReportError> {
    let mut sheet = ::csv::Writer::from_writer(Vec::new());
    sheet.write_record(["path", "value"])?;
    add_rows(&mut sheet, "", &serde_json::to_value(report)?)?;
    finished(sheet)
}

pub(super) type Sheet = ::csv::Writer<Vec<u8>>;

/// Finishes a sheet and returns its text.
pub(super) fn finished(sheet: Sheet) -> Result<String, ReportError> {
    let bytes = sheet.into_inner().map_err(|error| {
        ::csv::Error::from(std::io::Error::from(error.error().kind()))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn add_rows(
    sheet: &mut Sheet,
    path: &str,
    value: &Value,
) -> Result<(), ReportError> {
    let mut add = |name: &str, value| match path {
        "" => add_rows(sheet, name, value),
        path => add_rows(sheet, &format!("{path}.{name}"), value),
    };
    let value = match value {
        Value::Object(fields) => {
            return fields.iter().try_for_each(|(name, it)| add(name, it));
        }
        Value::Array(elements) => {
            let mut elements = elements.iter().enumerate();
            return elements.try_for_each(|(n, it)| add(&n.to_string(), it));
        }
        Value::Null => String::new(),
        Value::String(text) => foreign::csv(text),
        value => value.to_string(),
    };
    Ok(sheet.write_record([&foreign::csv(path), &value])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_become_a_formula() {
        let report = serde_json::json!({"a": ["=1+1", -1, "x\u{1b}"]});
        let csv = to_csv(&report).unwrap_or_default();
        assert_eq!(csv, "path,value\na.0,'=1+1\na.1,-1\na.2,x\\u{1b}\n");
    }
}
