//! `completions` and `man`: made from the same definitions as `--help`.

use super::output::print;
use crate::cli::Cli;
use crate::error::Error;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{self, Write as _};

/// Prints a completion script.
pub(super) fn completions(shell: Shell) -> Result<u8, Error> {
    let mut script = Vec::new();
    let mut command = Cli::command();
    clap_complete::generate(shell, &mut command, "sockscope", &mut script);
    print_bytes(&script)
}

/// Prints the manual page: the command, then each of its subcommands.
pub(super) fn page() -> Result<u8, Error> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(Error::Output)?;
    for subcommand in command.get_subcommands().filter(|it| is_ours(it)) {
        add_section(&mut page, subcommand).map_err(Error::Output)?;
    }
    print_bytes(&page)
}

/// A subcommand's own page as a section of the whole one.
fn add_section(page: &mut Vec<u8>, subcommand: &Command) -> io::Result<()> {
    let mut own = Vec::new();
    let man = Man::new(subcommand.clone());
    man.render_synopsis_section(&mut own)?;
    man.render_description_section(&mut own)?;
    man.render_options_section(&mut own)?;
    let name = subcommand.get_name().to_uppercase();
    let own = String::from_utf8_lossy(&own).replace(".SH ", ".SS ");
    write!(page, "\n.SH {name}\n{own}")?;
    let deeper = subcommand.get_subcommands();
    deeper.filter(|it| is_ours(it)).try_for_each(|it| add_section(page, it))
}

/// Not the `help` that clap adds.
fn is_ours(subcommand: &Command) -> bool {
    subcommand.get_name() != "help"
}

fn print_bytes(bytes: &[u8]) -> Result<u8, Error> {
    print(&String::from_utf8_lossy(bytes))?;
    Ok(0)
}
