//! Scenario files, settings and command lines.

use super::{Random, fuzz};
use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};
use sockscope::commands::Cli;
use sockscope::guide::Topic;
use sockscope::scenario;
use sockscope::tui::ScreenSettings;

/// A text made of one of these, with pieces of another.
fn text(random: &mut Random, corpus: &[&str]) -> String {
    let mut bytes = random.choose(corpus).as_bytes().to_vec();
    let other = random.choose(corpus).as_bytes();
    random.change(&mut bytes, other);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn scenario_files() {
    let corpus: Vec<_> =
        scenario::builtin().iter().map(|it| it.source).collect();
    fuzz("scenario files", 200, |random, input| {
        *input = text(random, &corpus);
        match scenario::parse("fuzz", "fuzz.toml", input) {
            Ok(plan) => _ = (plan.clients(), format!("{plan:?}")),
            Err(error) => assert!(!error.message().is_empty()),
        }
    });
}

#[test]
fn settings_files() {
    let guide = Topic::named("settings").unwrap().text;
    let (_, example) = guide.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let mistakes = include_str!("../wrong_settings.txt");
    let corpus: Vec<_> =
        mistakes.split("\n## ").chain([example, example]).collect();
    fuzz("settings files", 250, |random, input| {
        *input = text(random, &corpus);
        match ScreenSettings::parse("fuzz.toml", input) {
            Ok(settings) => _ = settings.look(|_| None),
            Err(error) => assert!(!error.message().is_empty()),
        }
    });
}

/// The words that a command line can have: commands, options, their values.
fn words_of(command: &Command, words: &mut Vec<String>) {
    words.push(command.get_name().to_owned());
    for argument in command.get_arguments() {
        words.extend(argument.get_long().map(|it| format!("--{it}")));
        words.extend(argument.get_short().map(|it| format!("-{it}")));
        words.extend(values_of(argument));
    }
    command.get_subcommands().for_each(|it| words_of(it, words));
}

fn values_of(argument: &Arg) -> Vec<String> {
    let defaults = argument.get_default_values().iter();
    let defaults = defaults.map(|it| it.to_string_lossy().into_owned());
    let possible = argument.get_possible_values().into_iter();
    defaults.chain(possible.map(|it| it.get_name().to_owned())).collect()
}

const VALUES: [&str; 16] = [
    "1",
    "0",
    "-1",
    "10s",
    "1..100",
    "64 KiB",
    "127.0.0.1:0",
    "[::1]:9",
    "--",
    "",
    "=",
    "1e999",
    "18446744073709551616",
    "serial:never",
    "x.toml",
    "\u{202e}",
];

#[test]
fn command_lines() {
    let mut command = Cli::command();
    command.build();
    let mut words = Vec::new();
    words_of(&command, &mut words);
    let modes = ["serial", "selector", "compare", "bench", "sweep", "load"];
    let commands: Vec<_> =
        command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let commands: Vec<_> =
        commands.iter().map(String::as_str).chain(modes).collect();
    let mut parser = Cli::command();
    fuzz("command lines", 200, |random, input| {
        let mut line = vec!["sockscope".to_owned()];
        line.push(random.choose(&commands).to_owned());
        for _ in 0..random.below(8) {
            let from = if random.one_in(3) { &VALUES[..] } else { &words };
            let word = random.choose(from);
            let is_changed = random.one_in(6);
            let word = if is_changed {
                text(random, &[word])
            } else {
                word.to_owned()
            };
            line.push(word.replace('\0', ""));
        }
        *input = format!("{line:?}");
        match parser.try_get_matches_from_mut(&line) {
            Ok(matches) => {
                let read = Cli::from_arg_matches(&matches);
                _ = read.map(|it| format!("{it:?}"));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}
