//! Other processes that are asked and answer in lines. Each wait has a limit;
//! a process that is dropped is killed and waited for.

use crate::load::Cancel;
use crate::system::group;
use crate::units::show_time;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{
    Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio,
};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
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
    stdin: Option<ChildStdin>,
    heard: Receiver<Heard>,
    complaints: Complaints,
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
        let mut child = command.spawn().map_err(|error| {
            NoSample::Because(format!("cannot start {who}: {error}"))
        })?;
        let (sender, heard) = channel();
        if let Some(stdout) = child.stdout.take() {
            let sender = sender.clone();
            thread::spawn(move || hear(stdout, &sender));
        }
        cancel.on_cancel(move || {
            let _ = sender.send(Heard::Cancelled);
        });
        let complaints = Complaints::of(child.stderr.take());
        let stdin = child.stdin.take();
        Ok(Self { who: who.to_owned(), child, stdin, heard, complaints })
    }

    /// The group that it leads.
    pub(super) fn group(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to it.
    pub(super) fn say(&mut self, line: &str) -> Result<(), NoSample> {
        let stdin = self.stdin.as_mut();
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
            self.failed(&words, Duration::ZERO)
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
        let who = &self.who;
        NoSample::Because(format!("{who}: wanted {wanted}, not `{line}`"))
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
        let said = self.complaints.within(Duration::from_secs(1));
        NoSample::Because(format!("{} ended{how}{said}", self.who))
    }

    /// A failure, with what it or a process that it started complained of:
    /// all until it has ended, or what comes within this time.
    pub(super) fn failed(&self, words: &str, time: Duration) -> NoSample {
        let said = self.complaints.within(time);
        NoSample::Because(format!("{words}{said}"))
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

/// Sends what a process says, line by line, and its end.
fn hear(stdout: ChildStdout, sender: &Sender<Heard>) {
    for line in BufReader::new(stdout).lines() {
        let Ok(line) = line else { break };
        if sender.send(Heard::Line(line)).is_err() {
            return;
        }
    }
    let _ = sender.send(Heard::End);
}

/// The end of what a process says on standard error.
struct Complaints {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Its sender is dropped when standard error has ended.
    over: Receiver<()>,
}

impl Complaints {
    fn of(stderr: Option<ChildStderr>) -> Self {
        let kept = Arc::<Mutex<Vec<u8>>>::default();
        let (sender, over) = channel();
        let all = kept.clone();
        thread::spawn(move || {
            let (_sender, Some(mut stderr)) = (sender, stderr) else { return };
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = stderr.read(&mut buffer) {
                let mut kept =
                    all.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..count]);
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            }
        });
        Self { kept, over }
    }

    /// The last lines, after a colon, once standard error has ended or this
    /// time is over: another process may hold it open.
    fn within(&self, time: Duration) -> String {
        let _ = self.over.recv_timeout(time);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let mut last: Vec<_> = lines.rev().take(REPORTED).collect();
        last.reverse();
        if last.is_empty() {
            return String::new();
        }
        format!(": {}", last.join("; "))
    }
}
