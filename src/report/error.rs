//! What can go wrong between a report and its text.

use thiserror::Error;

/// A report could not be put into a format.
#[derive(Debug, Error)]
pub enum Error {
    /// As JSON.
    #[error("cannot write the report as JSON")]
    Json(#[from] serde_json::Error),
    /// It is in a form that is not known here.
    #[error("the report is in form {found}, which is newer than this program")]
    Newer {
        /// Its version.
        found: u64,
    },
    /// As CSV.
    #[error("cannot write the report as CSV")]
    Csv(#[from] ::csv::Error),
}
