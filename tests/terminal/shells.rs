//! Completions in the shells that complete them: a line is typed, the tab key
//! is pressed, and what the shell offers is read.

use crate::session::{LARGE, Session};
use crate::support::process::{Folder, have, run};
use std::process::Command;

/// A line, what must be offered at its end, and what must not.
struct Case {
    line: &'static str,
    offered: &'static [&'static str],
    not_offered: &'static [&'static str],
}

const fn case(
    line: &'static str,
    offered: &'static [&'static str],
    not_offered: &'static [&'static str],
) -> Case {
    Case { line, offered, not_offered }
}

const CASES: [Case; 13] = [
    case(
        "sockscope ",
        &["compare", "scenario", "selector", "man"],
        &["measured-", "run.rec"],
    ),
    case(
        "sockscope selector --scenario ",
        &["none", "two-clients", "big-crowd", "mine.toml", "runs/"],
        &["notes.txt", "run.rec"],
    ),
    case(
        "sockscope load localhost:7 --scenario ",
        &["two-clients", "mine.toml"],
        &["none", "notes.txt"],
    ),
    case(
        "sockscope scenario show s",
        &["slow-reader", "split-line", "starvation"],
        &["two-clients", "--help"],
    ),
    case(
        "sockscope scenario check two-clients ",
        &["slow-reader", "mine.toml"],
        &["notes.txt"],
    ),
    case("sockscope replay ", &["run.rec", "runs/"], &["notes.txt", "mine"]),
    case("sockscope export ", &["run.rec", "runs/"], &["notes.txt", "mine"]),
    case(
        "sockscope compare serial ",
        &["nonblocking", "run.rec", "runs/"],
        &["notes.txt", "mine"],
    ),
    case(
        "sockscope export run.rec --to ",
        &["perfetto", "jsonl", "cast"],
        &["notes.txt"],
    ),
    case(
        "sockscope compare serial tasks --ui ",
        &["screen", "log"],
        &["run.rec", "blocking"],
    ),
    case("sockscope tasks --ui=", &["screen", "log"], &["notes.txt"]),
    case(
        "sockscope tasks --re",
        &["--record", "--report", "--recv-size"],
        &["--listen"],
    ),
    case("sockscope bench -o ", &["notes.txt", "runs/"], &[]),
];

/// A folder with files of every kind, and the completion script of a shell.
fn folder(shell: &str, script: &str) -> Folder {
    let folder = Folder::new(shell);
    for name in ["run.rec", "mine.toml", "notes.txt"] {
        folder.write(name, "");
    }
    for name in ["runs", ".functions"] {
        std::fs::create_dir(folder.path(name)).unwrap();
    }
    let made = run(&["completions", shell]).expect_success().stdout.clone();
    folder.write(script, made);
    folder
}

/// A shell that waits for lines.
struct Prompt {
    session: Session,
    lines: usize,
}

impl Prompt {
    /// Starts a shell and has it run these commands.
    fn open(shell: &str, args: &str, commands: &[&str]) -> Self {
        let session =
            Session::of(shell.as_ref(), LARGE, args, &[("HOME", "/")]);
        let mut prompt = Self { session, lines: 0 };
        for command in commands {
            prompt.run(command);
        }
        prompt
    }

    /// Runs a command, and returns what the terminal shows up to its end.
    fn run(&mut self, command: &str) -> String {
        let before = self.session.raw().len();
        self.lines += 1;
        let (end, separator) =
            (self.lines, if command.is_empty() { "" } else { "; " });
        self.session.press(&format!("{command}{separator}echo e''nd-{end}\r"));
        self.wait_for(before, &format!("end-{end}"))
    }

    /// Presses the tab key at the end of a line, waits for some words, and
    /// returns all that is shown then.
    fn complete(&mut self, line: &str, words: &[&str]) -> String {
        let before = self.session.raw().len();
        self.session.press(&format!("{line}\t"));
        for word in words {
            self.wait_for(before, word);
        }
        // The line is erased, and another one shows that all was said.
        self.session.press("\x15");
        self.run("");
        self.session.raw()[before..].to_owned()
    }

    fn wait_for(&self, before: usize, words: &str) -> String {
        let raw = || self.session.raw()[before..].to_owned();
        self.session
            .wait(&format!("{words} in {}", raw()), |_| raw().contains(words));
        raw()
    }

    fn check_all(&mut self) {
        for Case { line, offered, not_offered } in &CASES {
            let shown = self.complete(line, offered);
            for word in *not_offered {
                assert!(!shown.contains(word), "{line}: {word} in {shown}");
            }
        }
    }
}

#[test]
fn bash_completes() {
    if !have("bash") {
        return;
    }
    let folder = folder("bash", ".script");
    folder.write("a run.rec", "");
    let mut prompt = Prompt::open(
        "bash",
        "--norc --noprofile -i",
        &[
            &format!("cd {}", folder.path("")),
            "source .script",
            "bind 'set show-all-if-ambiguous on'",
            "bind 'set bell-style none'",
        ],
    );
    prompt.check_all();
    prompt.complete("sockscope replay a", &[r"a\ run.rec"]);
}

/// The script is a function that the shell loads at the first tab.
#[test]
fn zsh_completes() {
    if !have("zsh") {
        return;
    }
    let folder = folder("zsh", ".functions/_sockscope");
    let mut prompt = Prompt::open(
        "zsh",
        "-f -i",
        &[
            &format!("cd {}", folder.path("")),
            "fpath=($PWD/.functions $fpath)",
            "autoload -U compinit",
            "compinit -u -D",
            "unsetopt list_ambiguous",
        ],
    );
    prompt.check_all();
}

#[test]
fn fish_completes() {
    if !have("fish") {
        return;
    }
    let folder = folder("fish", ".script");
    for Case { line, offered, not_offered } in &CASES {
        let script = format!("source .script; complete -C '{line}'");
        let output = Command::new("fish")
            .args(["--no-config", "-c", &script])
            .current_dir(folder.path(""))
            .env("HOME", folder.path(""))
            .output()
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        for word in *offered {
            assert!(shown.contains(word), "{line}: no {word} in {shown}");
        }
        for word in *not_offered {
            assert!(!shown.contains(word), "{line}: {word} in {shown}");
        }
    }
}
