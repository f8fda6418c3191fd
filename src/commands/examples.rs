//! Command lines to copy: the first words of the program, the end of each
//! `--help`, and a section of each manual page.

use clap::builder::{StyledStr, Styles};
use std::fmt::Write as _;

/// A command line after `sockscope`, and what it does.
pub(super) type Example = (&'static str, &'static str);

/// What `sockscope` prints without a command.
pub(super) const BEGINNING: &str = "\
An oscilloscope for sockets: see what a server does while its clients wait.

  sockscope compare     run five servers, alike but for how they wait
  sockscope serial      begin with one of them: a client waits for another
  sockscope selector    see how one thread serves all its clients

`sockscope help` lists all commands, and topics such as `screen`.
";

/// The examples of every command; a line belongs to the command that it begins
/// with.
const EXAMPLES: &[Example] = &[
    ("serial", "One client is silent, another talks: see who waits for whom."),
    (
        "serial --scenario many-clients --speed 0.01",
        "Twenty clients in a queue, in slow motion.",
    ),
    (
        "serial --scenario none --listen 127.0.0.1:7007",
        "Serve clients of your own: run `nc 127.0.0.1 7007` in two terminals.",
    ),
    ("blocking", "Two clients, each with a thread that sleeps in `read`."),
    (
        "blocking --scenario boom --errors dropped",
        "An error in a thread whose handle is dropped: who notices?",
    ),
    (
        "blocking --scenario none --listen 127.0.0.1:7007",
        "Serve clients of your own: run `nc 127.0.0.1 7007`.",
    ),
    ("nonblocking", "One thread asks every socket again and again."),
    (
        "nonblocking --speed step",
        "Begin paused and go on call by call with the key `.`.",
    ),
    (
        "nonblocking --ui none --report json -o report.json",
        "No screen; every figure of the run as JSON.",
    ),
    ("selector", "One thread sleeps until a socket is ready."),
    (
        "selector --scenario none --listen 127.0.0.1:7007",
        "Serve clients of your own: run `nc 127.0.0.1 7007`.",
    ),
    (
        "selector --scenario slow-reader --record run.rec",
        "Watch pending output grow, and keep the run for `replay`.",
    ),
    (
        "selector --report json | jq .server.would_blocks",
        "Only the report goes to standard output.",
    ),
    ("tasks", "A coroutine per client, and the event loop below them."),
    (
        "tasks --scenario starvation --yield never",
        "A task that never pauses starves all others.",
    ),
    (
        "tasks --scenario one-by-one --shutdown sequential",
        "A well-known mistake: tasks are ended one after the other.",
    ),
    ("compare", "All modes side by side, with the same clients."),
    (
        "compare serial blocking selector --scenario idle-crowd",
        "What a hundred idle clients cost in three modes.",
    ),
    (
        "compare --ui none --report markdown -o modes.md",
        "No screen; the table as Markdown.",
    ),
    (
        "compare --record run.rec",
        "Keep every run: run.serial.rec, run.blocking.rec and so on.",
    ),
    (
        "compare run.serial.rec run.selector.rec",
        "Look at recordings side by side.",
    ),
    ("bench", "All modes that serve 100 clients at once, six rounds each."),
    (
        "bench selector tasks --clients 1000 --pipeline 8",
        "Two modes with a thousand busy clients.",
    ),
    (
        "bench selector --against 'socat TCP-LISTEN:{port},fork,reuseaddr PIPE'",
        "Measure another echo server under the same load.",
    ),
    (
        "bench --rate 20000 -o before.json",
        "Open loop; keep the result as JSON.",
    ),
    (
        "bench --rate 20000 --baseline before.json",
        "Which changes since then are larger than the noise?",
    ),
    ("sweep", "From 1 to 1,000 clients: CPU time and echoes a second."),
    (
        "sweep --idle 0..10000 --figure cpu,p99",
        "What idle clients cost; at two figures.",
    ),
    (
        "sweep selector tasks --size 16..64KiB -o sizes.svg",
        "Message sizes, as a chart for slides.",
    ),
    (
        "load 127.0.0.1:7007",
        "Twenty clients for the echo server that listens there.",
    ),
    (
        "load 127.0.0.1:7007 --scenario split-line",
        "Does it put together a line that arrives in pieces?",
    ),
    (
        "load localhost:7007 --duration 10s --report json",
        "At most ten seconds; the result as JSON.",
    ),
    ("replay run.rec", "On the screen, forwards and backwards."),
    ("replay run.rec --from 1.5s", "Begin 1.5 seconds after its start."),
    ("replay run.rec --ui log", "As lines of text."),
    (
        "export run.rec --to html -o run.html",
        "A page with a timeline to zoom, for any browser.",
    ),
    (
        "export run.rec --to perfetto -o run.json",
        "A trace for https://ui.perfetto.dev.",
    ),
    (
        "export run.rec --to csv --from 1s --until 2s",
        "One second of its events, for a spreadsheet.",
    ),
    (
        "export run.rec --to cast --size 80x24 -o run.cast",
        "The screen as a film for asciinema.",
    ),
    ("scenario list", "The names of the built-in scenarios."),
    (
        "scenario show two-clients",
        "The text of a scenario: a beginning for one of your own.",
    ),
    ("scenario show slow-reader > mine.toml", "Copy a scenario, to change it."),
    ("scenario check mine.toml", "Does it run as it expects, in every mode?"),
    (
        "scenario check --modes selector,tasks --rounds 10",
        "All built-in ones in two modes, ten times each.",
    ),
    ("help", "All commands and topics."),
    ("help screen", "Every sign on the screen."),
    ("help scenario check", "All options of a command."),
    ("schema", "The names of the schemas."),
    ("schema report > report.schema.json", "For programs that read reports."),
    (
        "schema scenario > scenario.schema.json",
        "For editors: names and values are completed in scenario files.",
    ),
    (
        "completions bash > ~/.local/share/bash-completion/completions/sockscope",
        "For bash, from the next terminal on.",
    ),
    (
        "completions fish > ~/.config/fish/completions/sockscope.fish",
        "For fish.",
    ),
    (
        "completions zsh > ~/.zfunc/_sockscope",
        "For zsh, if `fpath=(~/.zfunc $fpath)` comes before `compinit`.",
    ),
    ("man | man -l -", "Read the manual now."),
    ("man > sockscope.1", "The whole manual as one page."),
    (
        "man --dir ~/.local/share/man/man1",
        "A page for each command: then `man sockscope-compare`.",
    ),
];

/// The examples of a command, such as `scenario show`; of the program itself
/// those that [`BEGINNING`] names.
pub(super) fn examples(command: &str) -> Vec<&'static Example> {
    let is_its = |line: &str| match command {
        "" => ["compare", "serial", "selector"].contains(&line),
        _ => line
            .strip_prefix(command)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')),
    };
    EXAMPLES.iter().filter(|(line, _)| is_its(line)).collect()
}

/// The end of a command's `--help`.
pub(super) fn help(command: &str) -> StyledStr {
    let styles = Styles::styled();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let mut text = StyledStr::new();
    let _ = write!(text, "{header}Examples:{header:#}");
    for (line, does) in examples(command) {
        let _ = write!(
            text,
            "\n  {literal}sockscope {line}{literal:#}\n      {does}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Cli;
    use clap::{Command, CommandFactory as _};

    /// The words of a line up to a pipe or a redirection, as a shell makes
    /// them.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec!["sockscope".to_owned()];
        for (place, part) in line.split('\'').enumerate() {
            if place % 2 == 1 {
                words.push(part.to_owned());
                continue;
            }
            let part = part.split(" | ").next().unwrap_or_default();
            let part = part.split(" > ").next().unwrap_or_default();
            words.extend(part.split_whitespace().map(str::to_owned));
        }
        words
    }

    #[test]
    fn every_example_is_a_valid_command_line() {
        for (line, does) in EXAMPLES {
            let parsed = Cli::command().try_get_matches_from(words(line));
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
            assert!(line.len() < 72 && does.len() < 74, "too wide: {line}");
            assert!(does.ends_with(['.', '?']), "{does}");
        }
    }

    #[test]
    fn every_command_shows_three_to_five_examples_at_the_end_of_its_help() {
        let mut root = Cli::command();
        root.build();
        let shown = |it: &&mut Command| !it.is_hide_set();
        for command in root.get_subcommands_mut().filter(shown) {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            let (_, last) =
                help.rsplit_once("\nExamples:\n").expect("examples");
            let lines = last.matches("\n  sockscope ").count()
                + usize::from(last.starts_with("  sockscope "));
            assert!((3..=5).contains(&lines), "{name}: {lines}");
        }
    }
}
