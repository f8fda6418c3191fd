//! `help`: the guide's topics, and every command's own help.

use super::output::{print, terminal_size};
use super::{Cli, CliCommand, print_wrong};
use crate::error::Error;
use crate::guide::{TOPICS, Topic};
use crate::report::{Document, Style, Table, WIDTH};
use crate::text::clean;
use crate::text::diagnostic::nearest;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Parser as _};
use std::ffi::OsStr;
use std::io;
use std::process::exit;
use strum::VariantNames as _;

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// What begins the names of the commands that the program gives itself.
const OWN: &str = "measured-";

/// Accepts any word, which [`run`] judges, and has shells complete the names
/// of topics and commands.
#[derive(Clone, Copy, Debug)]
pub(super) struct HelpNames;

impl TypedValueParser for HelpNames {
    type Value = String;

    fn parse_ref(
        &self,
        _: &Command,
        _: Option<&Arg>,
        word: &OsStr,
    ) -> Result<String, clap::Error> {
        Ok(word.to_string_lossy().into())
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let topics = TOPICS.iter();
        let topics =
            topics.map(|it| PossibleValue::new(it.name).help(it.title()));
        Some(Box::new(topics.chain(only_commands().map(PossibleValue::new))))
    }
}

/// The commands that are no topics.
fn only_commands() -> impl Iterator<Item = &'static str> {
    commands().filter(|it| Topic::named(it).is_none())
}

/// The names of the commands for users.
fn commands() -> impl Iterator<Item = &'static str> {
    let all = CliCommand::VARIANTS.iter().copied();
    all.filter(|it| !it.starts_with(OWN))
}

/// Prints a topic, a command's help, or both if both have the name.
pub(super) fn run(name: Option<&str>, below: &[String]) -> Result<(), Error> {
    let Some(name) = name else { return show(&overview()) };
    let topic = Topic::named(name).filter(|_| below.is_empty());
    if let Some(topic) = topic {
        show(&Document::from_markdown(topic.text, style()))?;
    }
    match commands().find(|it| *it == name) {
        Some(name) => of_command(name, below, topic.is_some()),
        None if topic.is_some() => Ok(()),
        None => Err(unknown(name)),
    }
}

/// The answer to a name that cannot be explained.
fn unknown(name: &str) -> Error {
    let names = TOPICS.iter().map(|it| it.name).chain(only_commands());
    let name = &*clean(name);
    Error::usage(match nearest(name, names) {
        Some(same) if same == name => {
            format!("`{name}` is a topic: nothing is below it")
        }
        Some(near) => {
            format!("no topic or command `{name}`: did you mean `{near}`?")
        }
        None => format!(
            "no topic or command `{name}`: `sockscope help` lists all of them"
        ),
    })
}

/// Prints what the command prints if it is given `--help`.
fn of_command(
    name: &str,
    below: &[String],
    is_more: bool,
) -> Result<(), Error> {
    let below = below.iter().map(String::as_str);
    let line = ["sockscope", name].into_iter().chain(below).chain(["--help"]);
    match Cli::try_parse_from(line) {
        Err(help) if help.kind() == ErrorKind::DisplayHelp => {
            let text = help.render().ansi().to_string();
            print(&if is_more { format!("\n{text}") } else { text })
        }
        Err(wrong) => {
            let status = wrong.exit_code();
            print_wrong(wrong);
            exit(status)
        }
        Ok(_) => Ok(()),
    }
}

/// All commands and topics, with a line each.
fn overview() -> Document {
    let program = Cli::command();
    let commands = program.get_subcommands().filter(|it| !it.is_hide_set());
    let commands = commands.map(|it| {
        let about = it.get_about().map(ToString::to_string);
        [it.get_name().to_owned(), about.unwrap_or_default()]
    });
    let topics = TOPICS.iter();
    let topics = topics.map(|it| [it.name.to_owned(), it.title().to_owned()]);
    let table = Table::new(["", ""]).without_headings();
    let mut page = Document::new("sockscope");
    let note = "`sockscope help COMMAND` lists its options.";
    page.section("Commands", table.clone().with_rows(commands), note);
    let note = "`sockscope help TOPIC` explains it.";
    page.section("Topics", table.with_rows(topics), note);
    page
}

fn show(document: &Document) -> Result<(), Error> {
    let width = terminal_size().map_or(WIDTH, |(columns, _)| columns);
    print(&document.to_text_within(width.min(WIDEST), style()))
}

/// With colours if standard output shows them.
fn style() -> Style {
    match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => Style::Plain,
        _ => Style::Colour,
    }
}
