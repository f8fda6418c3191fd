//! Child processes that answer requests in lines. Each wait has a time limit; a
//! process that is dropped is killed and waited for.

use crate::load::{Cancel, ClientTrouble};
use crate::system::{group, lock};
use crate::units::show_time;
use itertools::Itertools as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What precedes a server's address on its first line.
pub(super) const LISTENING: &str = "listening on ";

/// What precedes a [`ClientTrouble`] in JSON.
const TROUBLE: &str = "trouble ";

/// How long a process may take for a step that includes no waiting.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How often to look whether a process has ended.
const LOOK: Duration = Duration::from_millis(1);

/// How many bytes of a process's standard error are kept, at most.
const KEPT: usize = 4096;

/// How many of the last lines of these are reported, at most.
const REPORTED: usize = 3;

/// Why there is no sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSample {
    /// The user cancelled the measurement.
    Cancelled,
    /// The clients could not do their part, which says nothing about the server.
    Clients(ClientTrouble),
    /// Another reason, in words.
    Because(String),
}

/// The last line of clients that could not do their part.
pub fn line_of_trouble(trouble: ClientTrouble) -> String {
    let name = serde_json::to_string(&trouble).unwrap_or_default();
    format!("{TROUBLE}{name}\n")
}

impl From<String> for NoSample {
    fn from(words: String) -> Self {
        Self::Because(words)
    }
}

/// A message about a process, from the threads that observe it.
enum Heard {
    Line(String),
    End,
    Cancelled,
}

/// A child process, killed when this is dropped.
pub(super) struct Process {
    who: String,
    /// Whether it ends others before it ends itself, once its standard input
    /// has ended, and is given the time to do so.
    pub(super) is_guard: bool,
    child: Child,
    heard: Receiver<Heard>,
    /// The last bytes that it wrote to standard error.
    complaints: Arc<Mutex<Vec<u8>>>,
    /// Disconnected once standard error has ended.
    over: Receiver<()>,
}

impl Process {
    /// Starts it in a group of its own, where Ctrl-C does not reach it: this
    /// process ends it, or the end of its standard input does.
    pub(super) fn start(
        who: &str,
        mut command: Command,
        cancel: &Cancel,
    ) -> Result<Self, NoSample> {
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        group::lead(&mut command);
        let mut child = command
            .spawn()
            .map_err(|error| format!("cannot start {who}: {error}"))?;
        let (sender, heard) = channel();
        if let Some(stdout) = child.stdout.take() {
            let sender = sender.clone();
            thread::spawn(move || {
                let lines = BufReader::new(stdout).lines();
                let lines = lines.map_while(Result::ok).map(Heard::Line);
                // If the receiver is gone, the process is being killed.
                let _ = lines
                    .chain([Heard::End])
                    .try_for_each(|it| sender.send(it));
            });
        }
        cancel.on_cancel(move || {
            let _ = sender.send(Heard::Cancelled);
        });
        let complaints = Arc::<Mutex<Vec<u8>>>::default();
        let (sender, over) = channel();
        if let Some(stderr) = child.stderr.take() {
            let kept = complaints.clone();
            thread::spawn(move || {
                keep_last(stderr, &kept);
                drop(sender);
            });
        }
        let who = who.to_owned();
        Ok(Self { who, is_guard: false, child, heard, complaints, over })
    }

    /// The process group that it leads.
    pub(super) fn group(&self) -> u32 {
        self.child.id()
    }

    /// Whether it was stopped by a signal since the last call.
    pub(super) fn was_stopped(&self) -> bool {
        group::was_stopped(&self.child)
    }

    /// Writes a line to its standard input.
    pub(super) fn say(&mut self, line: &str) -> Result<(), NoSample> {
        let stdin = self.child.stdin.as_mut();
        let said = stdin.is_some_and(|it| writeln!(it, "{line}").is_ok());
        if said { Ok(()) } else { Err(self.ended()) }
    }

    /// The next line of its output; `what` names that line in the error.
    pub(super) fn line(
        &mut self,
        what: &str,
        limit: Duration,
    ) -> Result<String, NoSample> {
        self.line_within(limit)?.ok_or_else(|| {
            let limit = show_time(limit);
            let words = format!("{}: no {what} within {limit}", self.who);
            self.failed(words, Duration::ZERO)
        })
    }

    /// The next line; `None` if there is none within `limit`.
    pub(super) fn line_within(
        &mut self,
        limit: Duration,
    ) -> Result<Option<String>, NoSample> {
        match self.heard.recv_timeout(limit) {
            Ok(Heard::Line(line)) => Ok(Some(line)),
            Ok(Heard::Cancelled) => Err(NoSample::Cancelled),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Ok(Heard::End) | Err(RecvTimeoutError::Disconnected) => {
                Err(self.ended())
            }
        }
    }

    /// Fails unless the next line is this word; `meaning` is for the error.
    pub(super) fn expect(
        &mut self,
        (word, meaning): (&str, &str),
        limit: Duration,
    ) -> Result<(), NoSample> {
        let line = self.line(&format!("word that {meaning}"), limit)?;
        if line == word {
            return Ok(());
        }
        Err(self.confused(&format!("`{word}`"), &line))
    }

    /// Whether a signal has ended it.
    pub(super) fn was_killed(&mut self) -> bool {
        let status = self.child.try_wait();
        matches!(status, Ok(Some(status)) if status.code().is_none())
    }

    /// The error for a line that is not as wanted.
    pub(super) fn confused(&self, wanted: &str, line: &str) -> NoSample {
        let trouble = line.strip_prefix(TROUBLE).map(serde_json::from_str);
        if let Some(Ok(trouble)) = trouble {
            return NoSample::Clients(trouble);
        }
        let line: String = line.chars().take(80).collect();
        format!("{}: wanted {wanted}, not `{line}`", self.who).into()
    }

    /// The error for the end of its output, with its status and last lines.
    fn ended(&mut self) -> NoSample {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(None) if start.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(5));
                }
                status => break status.ok().flatten(),
            }
        };
        let how = status.map(|it| format!(" ({it})")).unwrap_or_default();
        let words = format!("{} ended{how}", self.who);
        self.failed(words, Duration::from_secs(1))
    }

    /// An error with the last lines of standard error. Waits for the end of
    /// standard error for up to `time`, because another process that it started
    /// may hold it open.
    pub(super) fn failed(&self, words: String, time: Duration) -> NoSample {
        let _ = self.over.recv_timeout(time);
        let kept = lock(&self.complaints);
        let text = String::from_utf8_lossy(&kept);
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let last: Vec<_> = lines.rev().take(REPORTED).collect();
        if last.is_empty() {
            return words.into();
        }
        // Our own program says why it ended; so its exit status is left out.
        let why = last[0].strip_prefix("sockscope: the clients failed: ");
        if let Some(why) = why {
            return format!("{} ended: {why}", self.who).into();
        }
        format!("{words}: {}", last.iter().rev().join("; ")).into()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.is_guard {
            drop(self.child.stdin.take());
            let start = Instant::now();
            while start.elapsed() < PATIENCE
                && matches!(self.child.try_wait(), Ok(None))
            {
                thread::sleep(LOOK);
            }
        }
        // Once it was waited for, its process ID could have been reused.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            group::kill(&mut self.child);
        }
        let _ = self.child.wait();
    }
}

/// Keeps the last [`KEPT`] bytes of a process's standard error.
fn keep_last(mut stderr: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        let mut kept = lock(kept);
        kept.extend_from_slice(&buffer[..count]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}
