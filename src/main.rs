//! The binary: parse, run, report the error, exit status.

use sockscope::commands;
use sockscope::system::outlet;
use sockscope::text::clean_lines;
use std::process::ExitCode;

fn main() -> ExitCode {
    let status = match commands::run(commands::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            outlet::note(&format!(
                "sockscope: {}\n",
                clean_lines(&error.message())
            ));
            ExitCode::from(error.exit_status())
        }
    };
    outlet::finish();
    status
}
