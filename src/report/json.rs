//! A report as JSON, and the schema of that.

use super::{Error, Report, SCHEMA_VERSION};
use serde::Deserialize as _;
use serde_json::Value;

/// The report as JSON, indented, with a line end after it.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn json(report: &Report) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// The report that [`json`] wrote, for it to be put into any form again.
///
/// # Errors
/// If it is newer than [`SCHEMA_VERSION`], or is no report.
pub fn of_json(value: &Value) -> Result<Report, Error> {
    let found = value.get("schema_version").and_then(Value::as_u64);
    if let Some(found) = found.filter(|it| *it > SCHEMA_VERSION.into()) {
        return Err(Error::Newer { found });
    }
    Ok(Report::deserialize(value)?)
}

/// The JSON Schema of [`json`], version [`SCHEMA_VERSION`].
///
/// [`SCHEMA_VERSION`]: super::SCHEMA_VERSION
///
/// # Errors
/// As [`json`].
pub fn schema() -> Result<String, Error> {
    let schema = schemars::schema_for!(Report);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}
