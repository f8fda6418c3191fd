//! `completions` and `man`: made from the same definitions as `--help`,
//! without the hidden commands.

use super::output::print;
use crate::error::Error;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::{self, Write as _};
use std::path::Path;

/// The program's command, which has only the visible commands below it.
fn visible(whole: &Command) -> Command {
    let shown = whole.get_subcommands().filter(|it| !it.is_hide_set());
    Command::new("sockscope")
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .after_help(whole.get_after_help().cloned().unwrap_or_default())
        .args(whole.get_arguments())
        .subcommands(shown)
        .disable_help_subcommand(true)
}

/// Prints a completion script.
pub(super) fn completions(whole: &Command, shell: Shell) -> Result<(), Error> {
    // Into memory: clap_complete panics if it writes into a closed pipe.
    let mut script = Vec::new();
    let mut command = visible(whole);
    clap_complete::generate(shell, &mut command, "sockscope", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes a manual page for each command into a directory, or prints one page
/// with a section for each.
pub(super) fn page(
    whole: &Command,
    directory: Option<&Path>,
) -> Result<(), Error> {
    let mut command = visible(whole);
    if let Some(path) = directory {
        return clap_mangen::generate_to(command, path)
            .map_err(|source| Error::Write { path: path.to_owned(), source });
    }
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(Error::Output)?;
    let mut subcommands = command.get_subcommands();
    let added = subcommands.try_for_each(|it| add_section(&mut page, it));
    added.map_err(Error::Output)?;
    print(&String::from_utf8_lossy(&page))
}

/// Adds a subcommand's own page as a section of the whole page.
fn add_section(page: &mut Vec<u8>, subcommand: &Command) -> io::Result<()> {
    let mut own = Vec::new();
    let man = Man::new(subcommand.clone());
    man.render_synopsis_section(&mut own)?;
    man.render_description_section(&mut own)?;
    man.render_options_section(&mut own)?;
    let name = subcommand.get_name().to_uppercase();
    let own = String::from_utf8_lossy(&own).replace(".SH ", ".SS ");
    write!(page, "\n.SH {name}\n{own}")?;
    subcommand.get_subcommands().try_for_each(|it| add_section(page, it))
}
