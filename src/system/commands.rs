//! Other programs: the shell that reads a line of theirs, and becoming one.

use std::io;
use std::process::Command;

/// What runs a line of the shell that follows.
pub const SHELL: [&str; 2] =
    if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };

/// Becomes another program; see execve(2).
///
/// # Errors
/// If it cannot; otherwise it does not return.
#[cfg(unix)]
pub fn become_program(mut command: Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt as _;

    Err(command.exec())
}

/// Runs another program to its end: 0 if it succeeded, else 1.
///
/// # Errors
/// If it cannot be run.
#[cfg(not(unix))]
pub fn become_program(mut command: Command) -> io::Result<u8> {
    Ok(u8::from(!command.status()?.success()))
}
