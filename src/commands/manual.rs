//! `man` and the end of `--help`: made from the same declarations as the rest
//! of `--help`, without the hidden commands.

use super::completions::visible;
use super::examples::{self, examples};
use super::files::{CommandFiles, ReplaceArgs, ResultFile};
use super::output::print;
use crate::error::Error;
use clap::builder::{StyledStr, Styles};
use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::fmt::Write as _;
use std::fs::create_dir_all;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Every exit status, and what it means.
const EXIT_STATUS: [(&str, &str); 4] = [
    ("0", "It ended as requested, a first SIGINT, SIGTERM or SIGHUP included."),
    ("1", "Something failed; standard error says what, and its causes."),
    ("2", "Wrong usage, or a scenario or settings with an error."),
    (
        "129, 130, 143",
        "A second SIGHUP, SIGINT or SIGTERM cut the grace period short.",
    ),
];

/// When the manual last changed.
const DATE: &str = "2026-11-30";

/// What is read from the environment, beside the variables of options.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("NO_COLOR", "If it is not empty, no colours are used."),
    ("COLORTERM", "With `truecolor` or `24bit` the screen has 24-bit colours."),
    ("TERM", "With `dumb` there is no screen: a run shows its log."),
];

/// The files that are read.
const FILES: [(&str, &str); 3] = [
    (
        "$XDG_CONFIG_HOME/sockscope/config.toml",
        "Settings that stay, if it is there; without that variable \
         `~/.config/sockscope/config.toml`, on Windows \
         `%APPDATA%\\sockscope\\config.toml`. `sockscope help settings` \
         explains it.",
    ),
    (
        "*.toml",
        "Scenarios: what clients do. `sockscope scenario show two-clients` \
         prints one.",
    ),
    ("*.rec", "Recordings, as `--record` makes them."),
];

/// The end of the program's own `--help`.
pub(super) fn end_of_help() -> StyledStr {
    let header = Styles::styled();
    let header = header.get_header();
    let mut text = examples::help("");
    let _ = write!(text, "\n\n{header}Exit status:{header:#}");
    for (status, meaning) in EXIT_STATUS {
        let _ = write!(text, "\n  {status:<13}  {meaning}");
    }
    text
}

/// Writes a manual page for each command into a folder, or prints one page
/// with all commands.
pub(super) fn page(
    whole: &Command,
    folder: Option<&Path>,
    replace: ReplaceArgs,
) -> Result<(), Error> {
    let mut command = visible(whole);
    command.build();
    match folder {
        Some(folder) => {
            let failed = |source| Error::Write { path: folder.into(), source };
            let made = create_dir_all(folder).map_err(|it| match it.kind() {
                ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
                _ => it,
            });
            made.map_err(failed)?;
            let mut files = CommandFiles::default();
            let pages = pages(&command, folder, replace, &mut files)?;
            pages.iter().try_for_each(|(file, page)| file.write(page))
        }
        None => print(&whole_page(&command).map_err(Error::Output)?),
    }
}

/// The pages of a command and of all commands below it, and their files.
fn pages(
    command: &Command,
    folder: &Path,
    replace: ReplaceArgs,
    files: &mut CommandFiles,
) -> Result<Vec<(ResultFile, String)>, Error> {
    let path = folder.join(format!("{}.1", page_name(command)));
    let file = files.result(&path, replace)?;
    let mut all = vec![(file, own_page(command).map_err(Error::Output)?)];
    for below in command.get_subcommands() {
        all.extend(pages(below, folder, replace, files)?);
    }
    Ok(all)
}

/// The name of a command's page, such as `sockscope-compare`.
fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

/// The words of a command, such as `sockscope scenario show`.
fn words(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}

/// The page of one command.
fn own_page(command: &Command) -> io::Result<String> {
    let mut page = beginning(command)?;
    page += &options(command)?.replace(".SS OPTIONS", ".SH OPTIONS");
    let mut below = command.get_subcommands().peekable();
    if below.peek().is_some() {
        let pages = below.map(|it| {
            let about = it.get_about().cloned().unwrap_or_default();
            (format!("{}(1)", page_name(it)), about.to_string())
        });
        page += &section("COMMANDS", pages);
    }
    page += &common_sections(command);
    let own = words(command).trim_start_matches("sockscope").trim_start();
    page += &examples_section(own);
    if own.is_empty() {
        return Ok(page);
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]).text([bold("sockscope"), roman("(1)")]);
    Ok(page + &roff.to_roff())
}

/// One page with the program and all commands.
fn whole_page(command: &Command) -> io::Result<String> {
    let mut page = beginning(command)? + &options(command)?;
    page = page.replace(".SS OPTIONS", ".SH OPTIONS");
    page += ".SH COMMANDS\n";
    let mut known: Vec<(String, &Command)> = Vec::new();
    add_commands(&mut page, command, &mut known)?;
    page += &common_sections(command);
    let mut all = String::new();
    for it in command.get_subcommands() {
        all += examples_section(it.get_name())
            .trim_start_matches(".SH EXAMPLES\n");
    }
    Ok(page + ".SH EXAMPLES\n" + &all)
}

/// Adds every command below this one, with its options or the name of the
/// command that has the same.
fn add_commands<'a>(
    page: &mut String,
    command: &'a Command,
    known: &mut Vec<(String, &'a Command)>,
) -> io::Result<()> {
    for it in command.get_subcommands() {
        let name = words(it);
        let description = rendered(it, Man::render_description_section)?;
        let (synopsis, options) = (synopsis(it), options(it)?);
        let [description, synopsis, options] = [description, synopsis, options]
            .map(|text| {
                let text = text.split_once('\n');
                text.map_or(String::new(), |(_, rest)| rest.to_owned())
            });
        let _ = write!(page, ".SS \"{name}\"\n{synopsis}.PP\n{description}");
        let mut same = known.iter().filter(|(same, _)| *same == options);
        if let Some((_, same)) = same.next() {
            let mut roff = Roff::new();
            roff.control("PP", []).text([
                roman("Its options are those of "),
                bold(words(same)),
                roman("."),
            ]);
            *page += &roff.to_roff();
        } else {
            *page += &options.replace(".SS ", ".PP\n.B ");
            known.push((options, it));
        }
        add_commands(page, it, known)?;
    }
    Ok(())
}

/// A page up to the description.
fn beginning(command: &Command) -> io::Result<String> {
    let mut roff = Roff::new();
    let source = concat!("sockscope ", env!("CARGO_PKG_VERSION"));
    let title = page_name(command).to_uppercase();
    roff.control("TH", [&*title, "1", DATE, source, "User Commands"]);
    Ok(roff.to_roff()
        + &rendered(command, Man::render_name_section)?
        + &synopsis(command)
        + &rendered(command, Man::render_description_section)?)
}

/// How the command is used, as `--help` says it.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim_start();
    let arguments = usage.trim_start_matches(words(command));
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"])
        .text([bold(words(command)), roman(arguments)]);
    roff.to_roff()
}

/// The options of a command, with a subsection for each group.
fn options(command: &Command) -> io::Result<String> {
    let text = rendered(command, Man::render_options_section)?;
    let mut text = text.replace(".SH ", ".SS ");
    for group in command.get_arguments().filter_map(Arg::get_help_heading) {
        text = text.replace(&group.to_uppercase(), group);
    }
    Ok(text)
}

/// Some of a page, as it is made of clap's declarations, without what man(1)
/// and mandoc(1) find wrong: a string that has to be defined, and empty lines.
fn rendered(
    command: &Command,
    render: impl Fn(&Man, &mut dyn io::Write) -> io::Result<()>,
) -> io::Result<String> {
    let mut text = Vec::new();
    render(&Man::new(command.clone()), &mut text)?;
    let text = String::from_utf8_lossy(&text);
    let (_, text) = text.split_once(".el .ds Aq '\n").unwrap_or(("", &*text));
    let text = text
        .replace(r"\*(Aq", r"\(aq")
        .replace(".br\n\n.br\n", ".sp\n")
        .replace("\n\n", "\n.sp\n")
        .replace(".RS 14\n", ".RS 7\n.PD 0\n")
        .replace(".RE\n", ".PD\n.RE\n")
        .replace("\n\\- ", "\n.br\n\\- ");
    Ok(code_in_bold(&text))
}

/// The text with what stands between backticks in bold letters.
fn code_in_bold(text: &str) -> String {
    let mut bold = String::new();
    for (place, part) in text.split('`').enumerate() {
        bold += match place {
            0 => "",
            _ if place % 2 == 1 => r"\fB",
            _ => r"\fR",
        };
        bold += part;
    }
    bold
}

/// A section with a paragraph for each name.
fn section<T: Into<String>>(
    title: &str,
    rows: impl IntoIterator<Item = (T, T)>,
) -> String {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (name, meaning) in rows {
        roff.control("TP", []).text([bold(name)]).text([roman(meaning)]);
    }
    code_in_bold(&roff.to_roff())
}

/// What every page ends with, before its examples.
fn common_sections(command: &Command) -> String {
    let of_options = command.get_arguments().filter_map(|it| {
        let (variable, option) = (it.get_env()?.to_str()?, it.get_long()?);
        let meaning = format!("As `--{option}`, which wins over it.");
        Some((variable.to_owned(), meaning))
    });
    let others = ENVIRONMENT.map(|(name, it)| (name.to_owned(), it.to_owned()));
    section("EXIT STATUS", EXIT_STATUS)
        + &section("ENVIRONMENT", of_options.chain(others))
        + &section("FILES", FILES)
}

fn examples_section(command: &str) -> String {
    let all = examples(command).into_iter();
    section(
        "EXAMPLES",
        all.map(|(line, does)| {
            (format!("sockscope {line}"), (*does).to_owned())
        }),
    )
}
