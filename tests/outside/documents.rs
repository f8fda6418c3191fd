//! Every command that README and the guide show is run, as a reader would
//! run it: by a shell, in a folder with a clone's `src` and `scenarios`.
//!
//! A block of `sh` must succeed. What a block of `console` shows must be in the
//! output, but for its figures; `...` stands for anything. A block after a
//! comment `<!-- not run: REASON -->` is not run.

use crate::support::process::{Finished, Folder, Program, Server, sockscope};
use nix::sys::signal::Signal;
use sockscope::guide::TOPICS;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::thread;

const README: &str = include_str!("../../README.md");

/// Long measurements are shortened: what is shown, and what is run instead.
const SHORTER: [(&str, &str); 6] = [
    ("cargo run --release -- ", "sockscope "),
    ("--idle 5000", "--idle 50"),
    ("1..10000", "1..9"),
    ("0..3000", "0..9"),
    ("--clients 1000", "--clients 9"),
    ("--rate 20000", "--rate 1000"),
];

/// The program on the shell's path: measurements have few clients and take
/// little time.
const WRAPPER: &str = r#"#!/bin/sh
case "$*" in
sweep) set -- sweep --clients 1,4 ;;
bench*--clients*) ;;
bench*) set -- "$@" --clients 4 ;;
esac
case "$1" in
bench | sweep) set -- "$@" --rounds 2 --time 0.3s --warm-up 20ms --no-pin --quiet ;;
esac
exec "$SOCKSCOPE" "$@"
"#;

/// The port of the server in the texts.
const PORT: &str = "7007";

/// Programs of others, without which a block is not run.
const TOOLS: [&str; 3] = ["cmp", "nc", "socat"];

/// A block of commands in a text.
#[derive(Debug)]
struct CommandBlock {
    /// The file and the line where it begins.
    place: String,
    /// Whether its output is shown, too.
    is_console: bool,
    text: String,
    /// The reason why it is not run.
    skipped: Option<String>,
}

/// The blocks of commands in a text.
fn blocks(file: &str, text: &str) -> Vec<CommandBlock> {
    let mut blocks = Vec::<CommandBlock>::new();
    let mut reason = None;
    let mut fence = None;
    for (number, line) in (1..).zip(text.lines()) {
        match (fence, line.strip_prefix("```")) {
            (None, Some(language)) => {
                if ["sh", "console"].contains(&language) {
                    blocks.push(CommandBlock {
                        place: format!("{file}:{number}"),
                        is_console: language == "console",
                        text: String::new(),
                        skipped: reason.take(),
                    });
                }
                fence = Some(language);
            }
            (Some(_), Some(_)) => fence = None,
            (Some("sh" | "console"), None) => {
                let block = blocks.last_mut().unwrap();
                block.text.extend([line, "\n"]);
            }
            (Some(_), None) => {}
            (None, None) => {
                let comment = line.strip_prefix("<!-- not run: ");
                let new = comment.and_then(|it| it.strip_suffix(" -->"));
                if new.is_some() || !line.is_empty() {
                    reason = new.map(str::to_owned);
                }
            }
        }
    }
    blocks
}

impl CommandBlock {
    fn run(&self) {
        let mut words = self.text.split_whitespace();
        if let Some(tool) = words.find(|it| TOOLS.contains(it) && !works(it)) {
            println!("skipped: {} needs {tool}", self.place);
            return;
        }
        let folder = Folder::new("documents");
        for name in ["src", "scenarios"] {
            let here = fs::canonicalize(name).unwrap();
            symlink(here, folder.path(name)).unwrap();
        }
        let wrapper = folder.write("sockscope", WRAPPER);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(wrapper, executable).unwrap();
        let short = SHORTER
            .iter()
            .fold(self.text.clone(), |text, (long, it)| text.replace(long, it));
        if short.contains("--scenario none") {
            return self.serve(&short, &folder);
        }
        let server =
            short.contains(PORT).then(|| Server::start("selector", &[]));
        let port = server.as_ref().map(|it| it.address.port().to_string());
        let short = short.replace(PORT, &port.unwrap_or_default());
        if self.is_console {
            self.compare(&short, &folder);
        } else {
            let script = format!("set -e\n{}", differing(&short));
            let finished = Program::spawn(shell(&script, &folder)).finish();
            assert_eq!(finished.code(), Some(0), "{self:?}: {finished:?}");
        }
        server.map(Server::report);
    }

    /// Runs a server that is to be ended by a signal.
    fn serve(&self, command: &str, folder: &Folder) {
        let command = command.replace(PORT, "0");
        let server = Server::spawn(shell(&format!("exec {command}"), folder));
        server.program.signal(Signal::SIGINT);
        assert_eq!(server.program.finish().code(), Some(0), "{self:?}");
    }

    /// Runs each command, and compares its output with what is shown.
    fn compare(&self, text: &str, folder: &Folder) {
        for session in format!("\n{text}").split("\n$ ").skip(1) {
            let (command, shown) = session.split_once('\n').unwrap();
            let finished = Program::spawn(shell(command, folder)).finish();
            assert_eq!(finished.code(), Some(0), "{self:?}: {finished:?}");
            let output = without_figures(&finished);
            let mut rest = output.as_str();
            // Lines of other kinds may come between any two of them.
            for part in shown.lines().flat_map(|it| it.split("...")) {
                let part = words(part);
                let after = rest.split_once(part.as_str());
                rest = after.map_or_else(
                    || panic!("{}: {part}\nis not in\n{rest}", self.place),
                    |(_, after)| after,
                );
            }
        }
    }
}

fn works(tool: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("command -v {tool}")]);
    shell.stdout(Stdio::null()).status().unwrap().success()
}

/// `diff` ends with status 1 when files differ, as they do here.
fn differing(script: &str) -> String {
    let line = |line: &str| {
        let ending =
            if line.starts_with("diff ") { " || test $? = 1" } else { "" };
        format!("{line}{ending}\n")
    };
    script.lines().map(line).collect()
}

fn shell(script: &str, folder: &Folder) -> Command {
    let mut command = Command::new("sh");
    let path = std::env::var("PATH").unwrap();
    let program = sockscope(&[]).get_program().to_owned();
    let program = fs::canonicalize(program).unwrap();
    command.args(["-c", script]).current_dir(folder.path(""));
    command.env("PATH", format!("{}:{path}", folder.path("")));
    command.env("SOCKSCOPE", program).env_remove("NO_COLOR");
    command.env("XDG_CONFIG_HOME", folder.path("none"));
    command
}

fn without_figures(finished: &Finished) -> String {
    words(&format!("{}{}", finished.stdout, finished.stderr))
}

/// The words with a space between them; figures with their units are `0`.
fn words(text: &str) -> String {
    let units =
        ["ns", "µs", "ms", "s", "min", "B", "KiB", "MiB", "k", "M", "%"];
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let core = word.trim_matches(['(', ')', ',', '.', ':', ';', '<', '>']);
        let number = core.trim_end_matches(char::is_alphabetic);
        let is_figure = core.starts_with(|it: char| it.is_ascii_digit())
            && !number.contains(char::is_alphabetic);
        let is_unit =
            words.last().is_some_and(|it| *it == "0") && units.contains(&core);
        if is_figure {
            words.push("0");
        } else if !is_unit {
            words.push(word);
        }
    }
    words.join(" ")
}

/// Runs all blocks of a text, several at a time: most of them sleep.
fn run_all(blocks: &[CommandBlock]) {
    let run = blocks.iter().filter(|it| it.skipped.is_none());
    let run: Vec<_> = run.collect();
    assert!(!run.is_empty());
    let failed = run.chunks(4).map(|some| {
        thread::scope(|scope| {
            let some = some.iter().map(|block| scope.spawn(|| block.run()));
            let some: Vec<_> = some.collect();
            some.into_iter().filter_map(|it| it.join().err()).count()
        })
    });
    assert_eq!(failed.sum::<usize>(), 0, "blocks failed, as said above");
}

#[test]
fn commands_of_readme_do_what_it_shows() {
    run_all(&blocks("README.md", README));
}

#[test]
fn commands_of_the_guide_do_what_it_shows() {
    let all = TOPICS.iter().flat_map(|it| blocks(it.name, it.text));
    run_all(&all.collect::<Vec<_>>());
}

/// The two commands that a reader looks for first stand in README alone in a
/// block: one runs the main job, one passes the tests.
#[test]
fn readme_is_short_and_shows_how_to_run_and_to_test() {
    let lines = README.lines().count();
    assert!(lines <= 220, "{lines} lines");
    for command in ["cargo run --release -- compare", "cargo test"] {
        let block = format!("\n```sh\n{command}\n```\n");
        assert!(README.contains(&block), "{command}");
    }
}

/// Links within the repository, and files of it that the guide names.
#[test]
fn files_that_the_documents_name_exist() {
    let links = README.split("](").skip(1);
    let links = links.filter_map(|it| Some(it.split_once(')')?.0));
    let links =
        links.filter(|it| !it.starts_with("http") && !it.starts_with('#'));
    let named = TOPICS.iter().flat_map(|it| it.text.split('`'));
    let named =
        named.filter(|it| it.starts_with("src/") || it.starts_with("tests/"));
    // A package has no pictures.
    let has_pictures = fs::exists("tests/pictures").unwrap();
    for file in links.chain(named) {
        if file.starts_with("tests/pictures/") && !has_pictures {
            continue;
        }
        assert!(fs::exists(file).unwrap(), "{file}");
    }
}
