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

/// Prints the manual page: the command and each of its subcommands.
pub(super) fn page() -> Result<u8, Error> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    Man::new(command.clone()).render(&mut page).map_err(Error::Output)?;
    chapters(&command, &mut page).map_err(Error::Output)?;
    print_bytes(&page)
}

/// A chapter for each subcommand: what it does, how it is called, its
/// options.
fn chapters(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let subcommands = command.get_subcommands();
    for subcommand in subcommands.filter(|it| it.get_name() != "help") {
        let name = subcommand.get_bin_name().unwrap_or_default();
        writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
        let chapter = Man::new(subcommand.clone());
        let mut sections = Vec::new();
        chapter.render_description_section(&mut sections)?;
        chapter.render_synopsis_section(&mut sections)?;
        chapter.render_options_section(&mut sections)?;
        // Sections of a chapter, not of the page.
        let text = String::from_utf8_lossy(&sections);
        page.extend(text.replace("\n.SH ", "\n.SS ").as_bytes());
        chapters(subcommand, page)?;
    }
    Ok(())
}

fn print_bytes(bytes: &[u8]) -> Result<u8, Error> {
    print(&String::from_utf8_lossy(bytes))?;
    Ok(0)
}
