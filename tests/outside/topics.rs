//! `help`: topics and commands, for a terminal, for a pipe and for a word that
//! is neither.

use crate::support::process::{MODES, Program, run, sockscope};
use sockscope::guide::TOPICS;
use unicode_width::UnicodeWidthStr as _;

#[test]
fn every_topic_is_printed_within_80_columns_without_markup() {
    for topic in TOPICS {
        let text = run(&["help", topic.name]).expect_success().stdout.clone();
        assert!(text.starts_with(topic.title()), "{}", topic.name);
        assert!(!text.contains('\x1b'), "{}", topic.name);
        // What follows if the topic is a command, too.
        let command = run(&[topic.name, "--help"]).stdout;
        let text = text.strip_suffix(&*command).unwrap_or(&text);
        for line in text.lines() {
            assert!(line.width() <= 80, "{}: {line}", topic.name);
            let markup = ["**", "```", "<!--", "| ---", "# "];
            let is_comment = line.starts_with("  ");
            let found = markup.iter().find(|it| line.contains(**it));
            assert!(is_comment || found.is_none(), "{}: {line}", topic.name);
        }
    }
}

#[test]
fn a_topic_is_coloured_only_where_that_is_wanted() {
    let colour = run(&["help", "screen", "--color", "always"]);
    let text = &colour.expect_success().stdout;
    assert!(text.contains("\x1b[1mspace\x1b[0m"), "{text}");
    assert!(!text.contains('`'), "code stands out by itself");
    let plain = run(&["help", "screen", "--color", "never"]).stdout;
    assert!(plain.contains("`space`") && !plain.contains('\x1b'));
}

#[test]
fn help_of_a_command_is_its_own_help() {
    for command in [&MODES[..], &["replay", "scenario", "help"]].concat() {
        let help = run(&["help", command]).expect_success().stdout.clone();
        assert_eq!(help, run(&[command, "--help"]).stdout);
    }
    let below = run(&["help", "scenario", "list"]).stdout;
    assert_eq!(below, run(&["scenario", "list", "--help"]).stdout);
    for both in ["compare", "bench"] {
        let help = run(&["help", both]).expect_success().stdout.clone();
        assert!(help.ends_with(&run(&[both, "--help"]).stdout));
    }
}

#[test]
fn help_alone_lists_commands_and_topics() {
    let list = run(&["help"]).expect_success().stdout.clone();
    let topics = TOPICS.iter().map(|it| it.name);
    for name in topics.chain(MODES).chain(["replay", "help"]) {
        let begins = |line: &str| line.starts_with(&format!("  {name} "));
        assert!(list.lines().any(begins), "{name}");
    }
    assert!(!list.contains("measured-"), "{list}");
}

#[test]
fn an_unknown_word_is_answered_with_the_nearest_one() {
    for (word, nearest) in [("scren", "screen"), ("selctor", "selector")] {
        let finished = run(&["help", word]);
        assert_eq!(finished.code(), Some(2), "{finished:?}");
        assert!(finished.stderr.contains(&format!("`{nearest}`?")));
    }
    let finished = run(&["help", "screen", "list"]);
    assert_eq!(finished.code(), Some(2), "{finished:?}");
}

/// Neither an empty variable nor a folder that is none stops a command.
#[test]
fn settings_that_are_not_there_are_no_error() {
    let mut command = sockscope(&["scenario", "list"]);
    command.env("SOCKSCOPE_THEME", "").env("SOCKSCOPE_CONFIG", "");
    command.env("XDG_CONFIG_HOME", "/dev/null");
    Program::spawn(command).finish().expect_success();
}

/// The one who meets the error may not have typed the option.
#[test]
fn a_wrong_value_of_a_variable_is_said_to_be_its() {
    let words = "the value is that of the variable SOCKSCOPE_THEME";
    for (option, is_its) in [(None, true), (Some("--theme=pink"), false)] {
        let mut command = sockscope(&["serial"]);
        command.args(option).env("SOCKSCOPE_THEME", "pink");
        let refused = Program::spawn(command).finish();
        assert_eq!(refused.code(), Some(2), "{refused:?}");
        assert_eq!(refused.stderr.contains(words), is_its, "{refused:?}");
    }
}
