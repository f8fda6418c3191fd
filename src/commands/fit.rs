//! Whether options make sense in a mode.

use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};

/// Only tasks can yield, or be waited for.
pub(super) fn check_tasks(
    mode: Mode,
    server: &ServerOptions,
) -> Result<(), Error> {
    let given = [
        (server.yield_after.is_some(), "--yield"),
        (server.shutdown.is_some(), "--shutdown"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    match given {
        Some((_, option)) if mode != Mode::Tasks => Err(Error::Usage(format!(
            "`{option}` is for `tasks`: {} has none",
            mode.name()
        ))),
        _ => Ok(()),
    }
}

/// Errors can stay in handles only where there are any.
pub(super) fn check_errors(
    mode: Mode,
    errors: Errors,
    on_the_line: Option<Errors>,
) -> Result<(), Error> {
    if mode.allows(errors) {
        return Ok(());
    }
    let (mode, errors) = (mode.name(), errors.name());
    let option = match on_the_line {
        Some(_) => format!("`--errors {errors}`"),
        None => format!("the scenario's `errors = \"{errors}\"`"),
    };
    Err(Error::Usage(format!(
        "{option}: {mode} has no handles; its one loop handles \
         every client's errors itself"
    )))
}
