//! A sweep as JSON, and the schema of that.

use crate::measure::sweep::SweepResult;
use crate::report::Error;

/// The sweep as JSON, indented, with a line end after it.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn sweep_json(result: &SweepResult) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(result)? + "\n")
}

/// The JSON Schema of [`sweep_json`], version
/// [`SWEEP_SCHEMA_VERSION`](crate::measure::sweep::SWEEP_SCHEMA_VERSION).
///
/// # Errors
/// As [`sweep_json`].
pub fn sweep_schema() -> Result<String, Error> {
    let schema = schemars::schema_for!(SweepResult);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}
