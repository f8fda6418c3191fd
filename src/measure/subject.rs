//! What is measured.

use super::result::SubjectKind;
use crate::modes::Mode;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A server that is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A mode of this program.
    Mode(Mode),
    /// A program that answers as [`answer`](super::answer) does.
    Peer {
        /// What it is called.
        name: String,
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// Any echo server, started anew for each sample by a shell. `{port}` and
    /// `{addr}` in it, and `PORT` and `ADDR` in its environment, are where it
    /// has to listen.
    Command(String),
    /// A server that runs already.
    Address(SocketAddr),
}

impl Subject {
    /// What it is, as results have it.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Mode(_) => SubjectKind::Mode,
            Self::Peer { command, .. } => {
                SubjectKind::Command(command.join(" "))
            }
            Self::Command(command) => SubjectKind::Command(command.clone()),
            Self::Address(address) => SubjectKind::Address(address.to_string()),
        }
    }

    fn plain_name(&self) -> String {
        match self {
            Self::Mode(mode) => mode.name().to_owned(),
            Self::Peer { name, .. } => name.clone(),
            Self::Command(command) => name_of_command(command),
            Self::Address(address) => address.to_string(),
        }
    }
}

/// Their names, each different from those before it.
#[must_use]
pub fn names(subjects: &[Subject]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for subject in subjects {
        let plain = subject.plain_name();
        let numbered = (2_u32..).map(|number| format!("{plain}-{number}"));
        let mut candidates = std::iter::once(plain.clone()).chain(numbered);
        names.extend(candidates.find(|it| !names.contains(it)));
    }
    names
}

/// Who runs what stands behind them.
const RUNNERS: [&str; 14] = [
    "sh", "bash", "env", "exec", "nice", "stdbuf", "taskset", "python",
    "python3", "node", "ruby", "perl", "java", "deno",
];

/// The name of the program in a command, `socat`, or of the script that a
/// program runs: `echo.py` in `python3 -u echo.py {port}`.
fn name_of_command(command: &str) -> String {
    let words = command.split_whitespace().filter(|it| {
        let variable = it.contains('=') && !it.contains('/');
        !it.starts_with('-') && !variable
    });
    let files = words.map(|word| {
        let file = PathBuf::from(word);
        file.file_name().map_or_else(
            || word.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    });
    let mut files = files.peekable();
    let first = files.peek().cloned();
    let named = files.find(|it| !RUNNERS.contains(&it.as_str()));
    let plain = |it: &String| it.chars().all(is_plain);
    named.filter(plain).or(first).unwrap_or_else(|| "command".to_owned())
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "._-+".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_called_after_its_program_or_script() {
        let names = [
            ("socat TCP-LISTEN:{port},fork EXEC:cat", "socat"),
            ("/usr/bin/ncat -l {port}", "ncat"),
            ("python3 -u servers/echo.py {port}", "echo.py"),
            ("LANG=C env ./my-server", "my-server"),
            ("python3 -c 'import socket'", "python3"),
            ("", "command"),
        ];
        for (command, name) in names {
            assert_eq!(name_of_command(command), name, "{command}");
        }
    }

    #[test]
    fn names_differ() {
        let socat = Subject::Command("socat -d".into());
        let peer = Subject::Peer { name: "selector".into(), command: vec![] };
        let ours = Subject::Mode(Mode::Selector);
        let all = [socat.clone(), ours, socat.clone(), peer, socat];
        let wanted = ["socat", "selector", "socat-2", "selector-2", "socat-3"];
        assert_eq!(names(&all), wanted);
    }
}
