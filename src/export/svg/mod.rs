//! To be written.

use super::{Failure, Out, Subject};

/// To be written.
///
/// # Errors
/// See [`Failure`].
pub fn svg(_: &Subject, _: Out) -> Result<(), Failure> {
    Ok(())
}
