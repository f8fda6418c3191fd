//! Where text goes: standard output or a file.

use crate::cli::OutputArgs;
use crate::error::Error;
use std::fs;
use std::io::{self, Write as _};

/// Prints to standard output, colours as the terminal and the user want.
pub(super) fn print(text: &str) -> Result<(), Error> {
    try_print(text).map_err(Error::Output)
}

/// As [`print`], for who handles the error itself.
pub(super) fn try_print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Puts a result where the user wants it.
pub(super) fn deliver(text: &str, args: &OutputArgs) -> Result<(), Error> {
    let Some(path) = &args.output else { return print(text) };
    let plain = anstream::adapter::strip_str(text).to_string();
    let path = path.clone();
    fs::write(&path, plain).map_err(|source| Error::Write { path, source })
}
