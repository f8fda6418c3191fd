//! The errors that end a command, as `main` reports them.

use crate::text::clean;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A failure of the whole command. Displayed without its cause: the cause
/// is its [`source`](std::error::Error::source).
#[derive(Debug, Error)]
pub enum Error {
    /// The server's address cannot be used.
    #[error("cannot bind {address}")]
    Bind {
        /// The address in the settings; port 0 lets the system choose.
        address: SocketAddr,
        source: io::Error,
    },
    /// The server failed as a whole.
    #[error("the server failed")]
    Serve(#[source] io::Error),
    /// The clients could not be run.
    #[error("the clients failed")]
    Load(#[source] io::Error),
    /// Not one client could connect.
    #[error("cannot connect to {address}: {cause}")]
    Connect {
        address: SocketAddr,
        /// The first error of a client in plain words, or that none could
        /// connect in time.
        cause: String,
        /// Whether no server listens there.
        is_refused: bool,
    },
    /// A file cannot be written.
    #[error("cannot write {}", shown(path))]
    Write { path: PathBuf, source: io::Error },
    /// The screen cannot be shown.
    #[error("cannot show the screen (`--ui log` needs no terminal)")]
    Screen(#[source] io::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// The system refused something that every run needs.
    #[error("cannot {what}")]
    System {
        /// What was refused, after "cannot": `start a thread`.
        what: &'static str,
        source: io::Error,
    },
    /// A recording cannot be read.
    #[error("cannot read {}: {why}", shown(path))]
    Recording {
        path: PathBuf,
        /// The cause in words.
        why: String,
    },
    /// A scenario is invalid or does not exist; the exit status is 2.
    #[error("{0}")]
    Scenario(String),
    /// The arguments are wrong or contradict each other; the exit status is 2.
    #[error("{0}")]
    Usage(String),
    /// Runs did not meet their scenario's expectations, as printed before.
    #[error("{failed} of {runs} runs did not meet their expectations")]
    Unmet {
        /// The runs of which an expectation did not hold.
        failed: usize,
        /// All runs, those that passed included.
        runs: usize,
    },
    /// Some servers were not measured, or not in all rounds: their names and why.
    #[error("not measured to the end: {0}")]
    Unmeasured(String),
    /// The clients could not do their part: why, and the way out.
    #[error("{0}")]
    Clients(String),
    /// Not everything came back from a foreign server: what is missing.
    #[error("not everything came back: {0}")]
    Incomplete(String),
    /// A foreign server sent back bytes that no client had sent.
    #[error("{clients} clients got bytes that they had not sent")]
    WrongEcho {
        /// The clients that got such bytes.
        clients: u64,
    },
    /// A summary could not be serialized.
    #[error("cannot write the summary")]
    Report(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The clients' process and this one could not exchange a result as JSON.
    #[error("cannot read the clients' result")]
    HandOver(#[source] serde_json::Error),
}

impl Error {
    /// Converts an I/O error to [`Error::System`]; `what` follows "cannot".
    pub fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }

    /// An [`Error::Usage`] with this message.
    pub fn usage(words: impl Into<String>) -> Self {
        Self::Usage(words.into())
    }

    /// The exit status: 1 for a failure, 2 for wrong usage.
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Scenario(_) | Self::Usage(_) => 2,
            _ => 1,
        }
    }

    /// Whether standard output was closed by its reader (`EPIPE`): this is not
    /// reported as a failure.
    pub fn is_closed_pipe(&self) -> bool {
        let Self::Output(error) = self else { return false };
        error.kind() == io::ErrorKind::BrokenPipe
    }

    /// The error and its causes in one line, each in plain words.
    pub fn chain(&self) -> String {
        causes_in_words(self)
    }

    /// As [`chain`](Self::chain), and what can be done about it.
    pub fn message(&self) -> String {
        let causes = self.chain();
        match self.way_out() {
            Some(way_out) => format!("{causes}; {way_out}"),
            None => causes,
        }
    }

    /// What can be done about it, where the cause alone does not say it.
    fn way_out(&self) -> Option<String> {
        use io::ErrorKind::{
            AddrInUse, AddrNotAvailable, IsADirectory, NotFound,
            PermissionDenied,
        };
        Some(match self {
            Self::Bind { source, .. } => match source.kind() {
                AddrInUse => "choose another port, or 0 for any free one",
                AddrNotAvailable => "name an address of this machine",
                PermissionDenied => "choose a port from 1024 on",
                _ => return None,
            }
            .to_owned(),
            Self::Connect { address, is_refused: true, .. } => format!(
                "start a server there first, such as `sockscope selector \
                 --scenario none --listen {address}`"
            ),
            Self::Write { path, source } => match source.kind() {
                NotFound if has_no_folder(path) => "its folder does not exist",
                IsADirectory => "name a file in it",
                _ => return None,
            }
            .to_owned(),
            _ => return None,
        })
    }
}

/// A path for a message, with its control characters escaped.
pub(crate) fn shown(path: &Path) -> String {
    clean(&path.display().to_string())
}

/// An error and its causes in one line, each in plain words.
pub fn causes_in_words(error: &(dyn std::error::Error + 'static)) -> String {
    let words = match error.downcast_ref::<io::Error>() {
        Some(error) => cause_in_words(error),
        None => error.to_string(),
    };
    match error.source() {
        Some(cause) => format!("{words}: {}", causes_in_words(cause)),
        None => words,
    }
}

fn has_no_folder(path: &Path) -> bool {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.is_some_and(|it| !it.exists())
}

/// The cause of a failure in plain words: `permission denied`.
pub fn cause_in_words(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound {
        return "no such file or directory".to_owned();
    }
    // The standard library's own words about a text file.
    if error.kind() == io::ErrorKind::InvalidData
        && error.to_string().ends_with("valid UTF-8")
    {
        return "it is not a text file".to_owned();
    }
    match (error.raw_os_error(), kind_in_words(error.kind())) {
        (Some(_), Some(kind)) => kind,
        (Some(_), None) => in_plain_words(&error.to_string()),
        (None, _) => error.to_string(),
    }
}

/// A kind of error in words; `None` for kinds that the standard library has no
/// name for.
pub fn kind_in_words(kind: io::ErrorKind) -> Option<String> {
    let unnamed = ["uncategorized error", "other error"];
    Some(kind.to_string()).filter(|it| !unnamed.contains(&it.as_str()))
}

/// The system's own words without the number that follows them, as part of
/// a sentence: `Connection refused (os error 111)` is `connection refused`.
pub fn in_plain_words(error: &str) -> String {
    let mut words =
        error.split(" (os error").next().unwrap_or(error).to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_operation_and_the_cause() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let source = io::Error::from_raw_os_error(13);
        let chain = Error::Bind { address, source }.message();
        assert_eq!(
            chain,
            "cannot bind 127.0.0.1:80: permission denied; choose a port from \
             1024 on"
        );
    }

    #[test]
    fn an_error_that_was_a_text_is_in_plain_words_too() {
        let words = in_plain_words("Connection refused (os error 111)");
        assert_eq!(words, "connection refused");
        assert_eq!(in_plain_words(""), "");
    }

    #[test]
    fn a_cause_without_a_kind_is_in_plain_words_too() {
        // EMFILE, which the standard library has no kind for.
        let chain = Error::Serve(io::Error::from_raw_os_error(24)).chain();
        assert_eq!(chain, "the server failed: too many open files");
    }
}
