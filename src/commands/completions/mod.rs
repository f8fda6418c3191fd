//! `completions`: scripts that offer what `--help` lists.
//!
//! They are made from the same declarations as `--help`. The generator of
//! `clap_complete` knows either a list of words for a value or files. Where both
//! are possible it is given one word, such as `@scenarios@`, which stands for
//! names and files; a function of the script, in the file `helpers` of its
//! shell, completes these.

use super::output::print;
use crate::error::Error;
use crate::modes::Mode;
use crate::scenario::{self, builtin};
use clap::builder::{PossibleValue, PossibleValuesParser, Resettable};
use clap::{Arg, Command, ValueEnum as _, ValueHint};
use clap_complete::Shell;
use itertools::Itertools as _;
use std::fmt::Write as _;

/// Prints a completion script.
pub(super) fn print_script(whole: &Command, shell: Shell) -> Result<(), Error> {
    let mut command = visible(whole).mut_subcommands(with_kinds);
    // Into memory: clap_complete panics if it writes into a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "sockscope", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    print(&match shell {
        Shell::Bash => bash(&script),
        Shell::Fish => fish(&script, &command),
        Shell::Zsh => zsh(&script),
        // Their scripts complete commands and options, and no values.
        _ => script,
    })
}

/// The program's command, which has only the visible commands below it.
pub(super) fn visible(whole: &Command) -> Command {
    let shown = whole.get_subcommands().filter(|it| !it.is_hide_set());
    Command::new("sockscope")
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .long_about(whole.get_long_about().cloned().unwrap_or_default())
        .args(whole.get_arguments())
        .subcommands(shown)
        .disable_help_subcommand(true)
}

/// The command, with a kind as the only value where names and files are
/// possible, and with nothing to complete where neither is.
fn with_kinds(command: Command) -> Command {
    let command = command.mut_args(|arg| match kind(&arg) {
        Some(kind) => arg
            .default_value(Resettable::Reset)
            .value_parser(PossibleValuesParser::new([kind])),
        None if takes_any_text(&arg) => arg.value_hint(ValueHint::Other),
        None => arg,
    });
    command.mut_subcommands(with_kinds)
}

/// Whether it has a value that is no file.
fn takes_any_text(arg: &Arg) -> bool {
    arg.get_num_args().is_none_or(|it| it.takes_values())
        && arg.get_action().takes_values()
        && arg.get_value_hint() == ValueHint::Unknown
}

/// What an argument names, if that is a scenario or a recording.
fn kind(arg: &Arg) -> Option<&'static str> {
    match arg.get_id().as_str() {
        // Where there is no default, `none` is possible, too.
        "scenario" if !arg.is_positional() => {
            let is_ours = arg.get_default_values().is_empty();
            Some(if is_ours { "@clients@" } else { "@scenarios@" })
        }
        "scenario" | "scenarios" => Some("@scenarios@"),
        "contenders" => Some("@contenders@"),
        "file" | "files" if arg.is_positional() => Some("@recordings@"),
        _ => None,
    }
}

/// The names of the scenarios, with their titles.
fn scenarios() -> Vec<(String, String)> {
    let title = |name: &str| scenario::load(name).map(|it| it.title);
    let all = builtin().iter().map(|it| it.name);
    all.map(|it| (it.to_owned(), title(it).unwrap_or_default())).collect()
}

/// The names of the modes, with what they are.
fn modes() -> Vec<(String, String)> {
    let all = Mode::value_variants().iter().filter_map(Mode::to_possible_value);
    let named = |it: PossibleValue| {
        let help = it.get_help().map(ToString::to_string);
        (it.get_name().to_owned(), help.unwrap_or_default())
    };
    all.map(named).collect()
}

/// The functions of a shell, with the names in them.
fn helpers(
    text: &str,
    show: impl Fn(Vec<(String, String)>) -> String,
) -> String {
    text.replace("SCENARIOS", &show(scenarios()))
        .replace("MODES", &show(modes()))
}

fn bash(script: &str) -> String {
    let names = |all: Vec<(String, String)>| {
        all.into_iter().map(|(name, _)| name).join(" ")
    };
    let helpers = helpers(include_str!("helpers.bash"), names);
    let mut script = script
        .replace(
            r#"COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )"#,
            r#"_sockscope_words "${opts}" "${cur}""#,
        )
        .replace(
            "    prev=\"$3\"\n",
            "    prev=\"$3\"\n    _sockscope_split_at_equals_sign\n",
        );
    script = script.replace(
        r#"COMPREPLY=($(compgen -f "${cur}"))"#,
        r#"_sockscope_words @files@ "${cur}""#,
    );
    for kind in ["clients", "scenarios"] {
        script = script.replace(
            &format!(r#"COMPREPLY=($(compgen -W "@{kind}@" -- "${{cur}}"))"#),
            &format!(r#"_sockscope_words @{kind}@ "${{cur}}""#),
        );
    }
    script + &helpers
}

fn zsh(script: &str) -> String {
    let quoted = |(name, help): (String, String)| {
        format!("'{name}:{}'", help.replace('\'', r"'\''"))
    };
    let helpers = helpers(include_str!("helpers.zsh"), |all| {
        all.into_iter().map(quoted).join(" ")
    });
    // After `*::` the shell would take options for further arguments.
    let mut script = script.replace("'*::", "'*:");
    for kind in ["clients", "scenarios", "contenders", "recordings"] {
        script = script.replace(
            &format!("(@{kind}@)"),
            &format!(" _sockscope_words {kind}"),
        );
    }
    // Before the last lines, which begin to complete.
    match script.rfind("\nif [ ") {
        Some(end) => script.insert_str(end, &helpers),
        None => script += &helpers,
    }
    script
}

fn fish(script: &str, command: &Command) -> String {
    let quoted = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
    let helpers = helpers(include_str!("helpers.fish"), |all| {
        let both = |(name, help): (String, String)| {
            format!("{name} '{}'", quoted(&help))
        };
        all.into_iter().map(both).join(" ")
    });
    let mut script = script.to_owned() + &helpers;
    for kind in ["clients", "scenarios"] {
        script = script.replace(
            &format!(r#""@{kind}@\t''""#),
            &format!(r#""(__sockscope_words {kind})""#),
        );
    }
    // The generator leaves out what is no option.
    for first in command.get_subcommands() {
        let using = "__fish_sockscope_using_subcommand";
        let using = format!("{using} {}", first.get_name());
        fish_arguments(&mut script, first, &using);
        for second in first.get_subcommands() {
            let seen = "__fish_seen_subcommand_from";
            let using = format!("{using}; and {seen} {}", second.get_name());
            fish_arguments(&mut script, second, &using);
        }
    }
    script
}

/// Adds what completes the arguments of a command that are no options.
fn fish_arguments(script: &mut String, command: &Command, condition: &str) {
    for arg in command.get_positionals() {
        let values = arg.get_possible_values();
        let words = kind_of_values(&values).map_or_else(
            || values.iter().map(PossibleValue::get_name).join(" "),
            |kind| format!("(__sockscope_words {kind})"),
        );
        if !words.is_empty() {
            let _ = writeln!(
                script,
                "complete -c sockscope -n \"{condition}\" -a \"{words}\""
            );
        }
    }
}

/// The kind that stands for all values of an argument.
fn kind_of_values(values: &[PossibleValue]) -> Option<&str> {
    let [only] = values else { return None };
    only.get_name().strip_prefix('@')?.strip_suffix('@')
}
