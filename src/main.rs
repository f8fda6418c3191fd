//! The binary: parse, run, report the error, exit status.

use sockscope::commands;
use std::io::{Write as _, stderr};
use std::process::ExitCode;

fn main() -> ExitCode {
    match commands::run(commands::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed, too; there is no other place to
            // report that.
            let _ = writeln!(stderr(), "sockscope: {}", error.message());
            ExitCode::from(error.exit_status())
        }
    }
}
