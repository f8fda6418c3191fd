//! Other processes that are asked and answer in lines. Each wait has a limit;
//! a process that is dropped is killed and waited for.

use crate::load::Cancel;
use crate::system::{group, lock};
use crate::units::show_time;
use itertools::Itertools as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What comes before a server's address on its first line.
pub(super) const LISTENING: &str = "listening on ";

/// How long a process may take for what needs no waiting.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes of what a process wrote on standard error are kept.
const KEPT: usize = 4096;

/// How many lines of that are reported.
const REPORTED: usize = 3;

/// Why there is no sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSample {
    /// The user cancelled the measurement.
    Cancelled,
    /// In words.
    Because(String),
}

impl From<String> for NoSample {
    fn from(words: String) -> Self {
        Self::Because(words)
    }
}

/// What comes from a process.
enum Heard {
    Line(String),
    End,
    Cancelled,
}

/// A process that was started here, and ends when this does.
pub(super) struct Process {
    who: String,
    child: Child,
    heard: Receiver<Heard>,
    /// The end of what it says on standard error.
    complaints: Arc<Mutex<Vec<u8>>>,
    /// Its sender is dropped when standard error has ended.
    over: Receiver<()>,
}

impl Process {
    /// Starts it in a group of its own, where a Ctrl-C does not reach it: it
    /// is ended from here, or by the end of its standard input.
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
                // If this is not heard any more, the process is ended.
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
        Ok(Self { who, child, heard, complaints, over })
    }

    /// The group that it leads.
    pub(super) fn group(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to it.
    pub(super) fn say(&mut self, line: &str) -> Result<(), NoSample> {
        let stdin = self.child.stdin.as_mut();
        let said = stdin.is_some_and(|it| writeln!(it, "{line}").is_ok());
        if said { Ok(()) } else { Err(self.ended()) }
    }

    /// Its next line.
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

    /// Its next line, if it comes within this time.
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

    /// Its next line is this word, which means something.
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

    /// It said something else than what was wanted.
    pub(super) fn confused(&self, wanted: &str, line: &str) -> NoSample {
        let line: String = line.chars().take(80).collect();
        format!("{}: wanted {wanted}, not `{line}`", self.who).into()
    }

    /// Its standard output has ended: how, and what it said last.
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

    /// A failure, with the last lines that it or a process that it started
    /// complained in, once standard error has ended or this time is over:
    /// another process may hold it open.
    pub(super) fn failed(&self, words: String, time: Duration) -> NoSample {
        let _ = self.over.recv_timeout(time);
        let kept = lock(&self.complaints);
        let text = String::from_utf8_lossy(&kept);
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let last: Vec<_> = lines.rev().take(REPORTED).collect();
        if last.is_empty() {
            return words.into();
        }
        format!("{words}: {}", last.iter().rev().join("; ")).into()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Once it was waited for, its number may be that of another one.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            group::kill(&mut self.child);
        }
        let _ = self.child.wait();
    }
}

/// Keeps the last of what a process says on standard error.
fn keep_last(mut stderr: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer) {
        let mut kept = lock(kept);
        kept.extend_from_slice(&buffer[..count]);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
    }
}
