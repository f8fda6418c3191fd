//! A report as JSON, and the schema of that.

use super::{Error, Report};

/// The report as JSON, indented, with a line end after it.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn json(report: &Report) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
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
