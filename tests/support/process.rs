//! A small language for tests of the program from outside: start it, talk to
//! it, send it a signal, wait for its end, read its report. Whatever is left
//! running when a test ends is killed.

use super::patience::{LIMIT, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The program, to be given arguments; another build of it if
/// `SOCKSCOPE_PROGRAM` names one.
pub(crate) fn sockscope(args: &[&str]) -> Command {
    let ours = env!("CARGO_BIN_EXE_sockscope").into();
    let program = std::env::var_os("SOCKSCOPE_PROGRAM").unwrap_or(ours);
    let mut command = Command::new(program);
    command.args(args).env("XDG_CONFIG_HOME", "/nonexistent");
    for name in ["NO_COLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    for name in ["CONFIG", "COLOR", "ASCII", "THEME", "PRESENTER", "NO_MOUSE"] {
        command.env_remove(format!("SOCKSCOPE_{name}"));
    }
    command
}

/// What a line says that names the address of a server.
const LISTENING: &str = "listening on ";

/// Runs the program to its end.
pub(crate) fn run(args: &[&str]) -> Finished {
    Program::spawn(sockscope(args)).finish()
}

/// Runs a mode that serves every client that connects, to its end.
pub(crate) fn run_quiet(mode: &str, args: &[&str]) -> Finished {
    Program::spawn(quiet(mode, args)).finish()
}

/// The modes by their names.
pub(crate) const MODES: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

/// Records a run of a scenario to its end and returns the recording's path.
#[track_caller]
pub(crate) fn record(
    folder: &Folder,
    mode: &str,
    scenario: &str,
    options: &[&str],
) -> String {
    let file = folder.path(&format!("{mode}.rec"));
    let args = [mode, "--scenario", scenario, "--ui", "none"];
    let args = [&args[..], &["--record", &file], options].concat();
    let run = run(&args);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let said = &run.stderr;
    assert!(said.contains("sockscope: recorded "), "{mode}: {said}");
    file
}

/// What ends a run by itself, soon.
pub(crate) const DURATION: [&str; 2] = ["--duration", "50ms"];

/// A scenario that is over at once.
pub(crate) const BRIEF: &str = include_str!("brief.toml");

/// Everything that a stream brings, and its lines as soon as they are there.
struct Collected {
    lines: Receiver<String>,
    text: JoinHandle<String>,
}

impl Collected {
    fn from(stream: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        let text = thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let (mut text, mut line) = (Vec::new(), Vec::new());
            while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                let words = String::from_utf8_lossy(&line);
                let _ = sender.send(words.trim_end().to_owned());
                text.append(&mut line);
            }
            String::from_utf8(text).expect("output is UTF-8")
        });
        Self { lines, text }
    }
}

/// A running program.
pub(crate) struct Program {
    pub(crate) child: Child,
    /// Its standard input, unless that is empty.
    pub(crate) input: Option<ChildStdin>,
    stdout: Option<Collected>,
    stderr: Option<Collected>,
}

impl Program {
    /// Starts it with nothing on its standard input.
    pub(crate) fn spawn(command: Command) -> Self {
        Self::start(command, Stdio::null())
    }

    /// Starts it with this on its standard input.
    pub(crate) fn start(mut command: Command, input: Stdio) -> Self {
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdout = child.stdout.take().map(Collected::from);
        let stderr = child.stderr.take().map(Collected::from);
        Self { input: child.stdin.take(), child, stdout, stderr }
    }

    /// Its next line on standard output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        let stdout = self.stdout.as_ref().unwrap();
        stdout.lines.recv_timeout(LIMIT).expect("a line")
    }

    /// The line on standard error that says where it listens.
    #[track_caller]
    pub(crate) fn listening_line(&self) -> String {
        let stderr = self.stderr.as_ref().unwrap();
        loop {
            let line = stderr.lines.recv_timeout(LIMIT);
            let line = line.expect("a line with an address");
            if line.contains(LISTENING) {
                return line;
            }
        }
    }

    /// Its next line on standard error.
    #[track_caller]
    pub(crate) fn error_line(&self) -> String {
        let stderr = self.stderr.as_ref().unwrap();
        stderr.lines.recv_timeout(LIMIT).expect("a line")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send_signal(self.pid(), signal);
    }

    /// Waits for its end and takes everything it printed.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        self.finish_within(LIMIT)
    }

    #[track_caller]
    pub(crate) fn finish_within(&mut self, limit: Duration) -> Finished {
        let status = self.end_within(limit);
        let text = |it: Option<Collected>| it.unwrap().text.join().unwrap();
        let stdout = text(self.stdout.take());
        let stderr = text(self.stderr.take());
        Finished::new(status, stdout, &stderr)
    }

    #[track_caller]
    fn end_within(&mut self, limit: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            let late = start.elapsed() > limit;
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(!late, "it does not end");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that was started by a test.
pub(crate) fn send_signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.try_into().unwrap());
    kill(pid, signal).expect("the process is there");
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    /// Standard error without the lines that say where it listened.
    pub(crate) stderr: String,
    pub(crate) listening: Vec<String>,
}

impl Finished {
    pub(crate) fn new(
        status: ExitStatus,
        stdout: String,
        stderr: &str,
    ) -> Self {
        let (listening, rest): (Vec<_>, Vec<_>) = stderr
            .split_inclusive('\n')
            .partition(|line| line.contains(LISTENING));
        let listening = listening.iter().map(|line| line.trim_end().to_owned());
        let listening = listening.collect();
        Self { status, stdout, stderr: rest.concat(), listening }
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// It ended as asked and complained of nothing.
    #[track_caller]
    pub(crate) fn expect_success(&self) -> &Self {
        assert_eq!(self.code(), Some(0), "{self:?}");
        assert_eq!(self.stderr, "");
        self
    }

    /// The report in JSON on standard output.
    #[track_caller]
    pub(crate) fn report(&self) -> Report {
        let value = serde_json::from_str(&self.stdout);
        Report(value.expect("a report in JSON"))
    }
}

/// A report as the program has written it.
#[derive(Debug)]
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// The number at this place, such as `/server/connections`.
    #[track_caller]
    pub(crate) fn number(&self, place: &str) -> u64 {
        let value = self.0.pointer(place).and_then(Value::as_u64);
        value.unwrap_or_else(|| panic!("no number at {place}"))
    }

    /// The text at this place.
    #[track_caller]
    pub(crate) fn text(&self, place: &str) -> &str {
        let value = self.0.pointer(place).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {place}"))
    }

    /// Calls of this kind, and how many of them would have blocked.
    #[track_caller]
    pub(crate) fn calls(&self, kind: &str) -> (u64, u64) {
        let server = &self.0["server"];
        let calls = server["calls_by_kind"][kind].as_u64();
        let would_blocks = server["would_blocks_by_kind"][kind].as_u64();
        (calls.unwrap(), would_blocks.unwrap_or(0))
    }

    /// What was found, a line each.
    pub(crate) fn findings(&self) -> String {
        let rows = self.0["findings"].as_array().unwrap().iter();
        let words = rows.map(|row| row["observation"].as_str().unwrap());
        words.collect::<Vec<_>>().join("\n")
    }

    /// How many connections ended in this way.
    pub(crate) fn ended(&self, way: &str) -> u64 {
        self.0["server"]["ends"][way].as_u64().unwrap_or(0)
    }
}

/// The program serving every client that connects.
pub(crate) struct Server {
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it without clients of its own; its report will be JSON.
    pub(crate) fn start(mode: &str, args: &[&str]) -> Self {
        Self::spawn(quiet(mode, args))
    }

    /// Starts a command that is to serve.
    pub(crate) fn spawn(command: Command) -> Self {
        let program = Program::spawn(command);
        let line = program.listening_line();
        let address = line.strip_prefix("listening on ");
        let address = address.expect("the address").parse().unwrap();
        Self { program, address }
    }

    /// Ends it with SIGTERM.
    #[track_caller]
    pub(crate) fn stop(self) -> Finished {
        self.program.signal(Signal::SIGTERM);
        self.program.finish()
    }

    /// Ends it and reads its report.
    #[track_caller]
    pub(crate) fn report(self) -> Report {
        let finished = self.stop();
        finished.expect_success().report()
    }

    pub(crate) fn process(&self) -> Proc {
        Proc(self.program.pid())
    }
}

/// A mode that serves every client that connects and reports in JSON.
pub(crate) fn quiet(mode: &str, args: &[&str]) -> Command {
    let mut command = sockscope(&[mode]);
    command.args(["--scenario", "none", "--ui", "none", "--report", "json"]);
    command.args(args);
    command
}

/// What Linux tells of a process; see proc(5).
#[derive(Clone, Copy)]
pub(crate) struct Proc(pub(crate) u32);

impl Proc {
    fn read(self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.0);
        std::fs::read_to_string(path).expect("the process is there")
    }

    /// CPU time so far, in ticks of 10 ms.
    #[cfg(target_os = "linux")]
    pub(crate) fn cpu_ticks(self) -> u64 {
        let stat = self.read("stat");
        // The name in parentheses may hold anything.
        let (_, rest) = stat.rsplit_once(')').unwrap();
        let number = |word: &str| word.parse::<u64>().unwrap();
        let times = rest.split_whitespace().skip(11).take(2);
        times.map(number).sum()
    }

    fn status(self, name: &str) -> u64 {
        let status = self.read("status");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let word = line.and_then(|rest| rest.split_whitespace().nth(1));
        word.expect("a figure").parse().unwrap()
    }

    /// Resident memory, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(self) -> u64 {
        self.status("VmRSS") * 1024
    }

    pub(crate) fn threads(self) -> u64 {
        self.status("Threads")
    }

    /// How many descriptors are open.
    #[cfg(target_os = "linux")]
    pub(crate) fn descriptors(self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.0)).unwrap().count()
    }

    /// Whether all of its threads are asleep.
    pub(crate) fn is_asleep(self) -> bool {
        let tasks = format!("/proc/{}/task", self.0);
        std::fs::read_dir(tasks).unwrap().all(|task| {
            let stat =
                std::fs::read_to_string(task.unwrap().path().join("stat"));
            stat.is_ok_and(|stat| stat.contains(") S "))
        })
    }

    /// Whether it is stopped by a signal.
    pub(crate) fn is_stopped(self) -> bool {
        self.read("stat").contains(") T ")
    }

    /// Waits until all of its threads are asleep.
    pub(crate) fn wait_until_asleep(self) {
        wait_for("all threads are asleep", || self.is_asleep());
    }
}

/// Whether a tool is here.
pub(crate) fn have(tool: &str) -> bool {
    works(&["sh", "-c", &format!("command -v {tool}")])
}

/// Whether a tool does this. Where it must, it is a failure if it does not.
pub(crate) fn works(line: &[&str]) -> bool {
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    let works = command.status().is_ok_and(|status| status.success());
    let must = std::env::var_os("CI").is_some();
    assert!(works || !must, "{line:?} does not work");
    if !works {
        println!("skipped: {line:?} does not work");
    }
    works
}

/// A directory of one test, gone when it ends.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let prefix = format!("sockscope-{name}-");
        Self(tempfile::Builder::new().prefix(&prefix).tempdir().unwrap())
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}
