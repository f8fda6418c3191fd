//! `completions` and `man`: made from the same definitions as `--help`.

use super::output::print;
use crate::cli::Cli;
use crate::error::Error;
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

/// Prints a completion script.
pub(super) fn completions(shell: Shell) -> Result<u8, Error> {
    let mut script = Vec::new();
    let mut command = Cli::command();
    clap_complete::generate(shell, &mut command, "sockscope", &mut script);
    print_bytes(&script)
}

/// Prints the manual page: the command and each of its subcommands.
pub(super) fn page() -> Result<u8, Error> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    Man::new(command).render(&mut page).map_err(Error::Output)?;
    print_bytes(&page)
}

fn print_bytes(bytes: &[u8]) -> Result<u8, Error> {
    print(&String::from_utf8_lossy(bytes))?;
    Ok(0)
}
