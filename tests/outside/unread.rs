//! Output that is not read, and pipes without another end: neither holds up
//! the end of a run.

use crate::support::Client;
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::process::{
    BRIEF, Finished, Folder, MODES, Program, Server, quiet, record,
    run as run_program, run_quiet, send_signal, sockscope,
};
use nix::sys::signal::Signal;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What fills a pipe, whatever its size.
fn full_pipe() -> (PipeReader, std::io::PipeWriter) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b'x'; 65_536]).unwrap();
    (reader, writer)
}

/// A server whose standard output is not read, and is full from the beginning.
struct Unread {
    child: Child,
    output: PipeReader,
    stderr: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Unread {
    fn start(args: &[&str]) -> Self {
        let (output, full) = full_pipe();
        let mut command = sockscope(args);
        command.args(["--color", "never", "--scenario", "none"]);
        command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The command holds the pipe, too.
        drop(command);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap();
        let address = address.trim_end().parse().unwrap();
        Self { child, output, stderr, address }
    }

    fn signal(&self, signal: Signal) {
        send_signal(self.child.id(), signal);
    }

    fn wait_until_refused(&self) {
        let address = self.address;
        wait_for("connects are refused", || {
            TcpStream::connect(address).is_err()
        });
    }

    /// Waits for its end, still without reading its output.
    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        wait_for("it ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Waits for its end, and then reads what it printed.
    fn finish(mut self) -> Finished {
        let status = self.end();
        self.finish_after(status)
    }

    fn finish_after(mut self, status: ExitStatus) -> Finished {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.output.read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        Finished::new(status, stdout, &stderr)
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_signal_ends_a_run_whose_output_is_not_read() {
    for mode in MODES {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            let args = [mode, "--ui", "log", "--grace", "100ms"];
            let mut server = Unread::start(&args);
            Client::connect(server.address).echo("served\n");
            server.signal(signal);
            server.wait_until_refused();
            let status = server.end();
            let words = server.finish_after(status).stderr;
            assert_eq!(status.code(), Some(1), "{mode}: {words}");
            let unread = " not printed: standard output was not read\n";
            assert!(words.contains(unread), "{mode}: {words}");
            let cause = "cannot write to standard output: it was not read\n";
            assert!(words.contains(cause), "{mode}: {words}");
        }
    }
}

/// However long it takes: a pager may be slow.
#[test]
fn without_a_signal_the_whole_output_waits_for_its_reader() {
    let args = ["selector", "--ui", "log", "--duration", "300ms"];
    let mut server = Unread::start(&args);
    server.wait_until_refused();
    assert_eq!(server.child.try_wait().unwrap(), None);
    let mut all = String::new();
    server.output.read_to_string(&mut all).unwrap();
    assert!(all.contains("running: clients are served"), "{all}");
    assert!(all.contains("The run ended: its time was over"), "{all}");
    server.finish().expect_success();
}

/// The run is over, and only its report is left to be read.
#[test]
fn a_first_signal_ends_the_wait_for_a_reader() {
    let server = Unread::start(&["tasks", "--ui", "none", "--duration", "0s"]);
    server.wait_until_refused();
    server.signal(Signal::SIGTERM);
    let finished = server.finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
}

#[test]
fn a_second_signal_ends_it_within_a_fifth_of_a_second() {
    let signals = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
    for (signal, status) in signals.into_iter().zip([130, 143, 129]) {
        holds_undisturbed("it ends at once", || {
            let args = ["selector", "--ui", "log", "--grace", "1h"];
            let mut server = Unread::start(&args);
            let _client = Client::connect(server.address);
            server.signal(Signal::SIGINT);
            server.wait_until_refused();
            let start = Instant::now();
            server.signal(signal);
            let ended = server.end().code();
            let took = start.elapsed();
            assert_eq!(ended, Some(status));
            holds(took < Duration::from_millis(200), format!("{took:?}"))
        });
    }
}

/// Notes, the address and errors go there.
#[test]
fn a_standard_error_that_is_not_read_holds_up_nothing() {
    let (_reader, full) = full_pipe();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = taken.local_addr().unwrap();
    drop(taken);
    let address = free.to_string();
    let mut command = sockscope(&["selector", "--listen", &address]);
    command.args(["--scenario", "none", "--ui", "log", "--report", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(full);
    let mut child = command.spawn().unwrap();
    wait_for("it listens", || TcpStream::connect(free).is_ok());
    Client::connect(free).echo("served\n");
    send_signal(child.id(), Signal::SIGTERM);
    let mut report = String::new();
    child.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    assert!(report.contains("\"outcome\": \"SIGTERM\""), "{report}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A named pipe in a folder.
fn named_pipe(folder: &Folder, name: &str) -> String {
    let path = folder.path(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// The check beforehand must not open and close it: that is the end for its
/// reader.
#[test]
fn a_report_reaches_the_reader_of_a_named_pipe_whole() {
    let folder = Folder::new("pipe");
    let path = named_pipe(&folder, "p");
    let server = Server::start("selector", &["-o", &path]);
    let reader = thread::spawn(move || std::fs::read_to_string(path).unwrap());
    Client::connect(server.address).echo("served\n");
    let finished = server.stop();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let report: serde_json::Value =
        serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(report["outcome"], "SIGTERM");
}

/// The rest of the run is kept: its report comes on standard output.
#[test]
fn the_wait_for_a_reader_is_announced_and_ends_with_a_signal() {
    let folder = Folder::new("no-reader");
    let path = named_pipe(&folder, "p");
    let waiting = format!("sockscope: waiting for a reader of {path}");
    for option in ["-o", "--record"] {
        let args = [option, &path, "--duration", "0s"];
        let program = Program::spawn(quiet("selector", &args));
        while program.error_line() != waiting {}
        program.signal(Signal::SIGTERM);
        let finished = program.finish();
        let words = "it has no reader";
        assert!(finished.stderr.contains(words), "{option}: {finished:?}");
        finished.report();
    }
}

#[test]
fn a_recording_goes_into_a_named_pipe() {
    let folder = Folder::new("recorded-pipe");
    let path = named_pipe(&folder, "p");
    let reader = thread::spawn({
        let path = path.clone();
        move || std::fs::read(path).unwrap()
    });
    let run = run_quiet("selector", &["--record", &path, "--duration", "0s"]);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let copy = folder.write("copy.rec", reader.join().unwrap());
    let replay = run_program(&["replay", &copy]);
    replay.expect_success();
}

/// The reader is there, and takes nothing.
#[test]
fn a_recording_that_is_not_read_does_not_hold_up_the_end() {
    let folder = Folder::new("stalled-pipe");
    let path = named_pipe(&folder, "p");
    let both = OpenOptions::new().read(true).write(true).open(&path);
    let mut both = both.unwrap();
    both.write_all(&vec![b'x'; 65_536]).unwrap();
    let server = Server::start("tasks", &["--record", &path]);
    Client::connect(server.address).echo("served\n");
    let finished = server.stop();
    let words = "its reader takes nothing";
    assert!(finished.stderr.contains(words), "{finished:?}");
    assert_eq!(finished.report().text("/outcome"), "SIGTERM");
}

#[test]
fn a_scenario_comes_through_a_named_pipe() {
    let folder = Folder::new("scenario-pipe");
    let path = named_pipe(&folder, "brief.toml");
    let args = ["serial", "--scenario", &path, "--ui", "none"];
    let program = Program::spawn(sockscope(&args));
    let waiting = format!("sockscope: waiting for a writer of {path}");
    while program.error_line() != waiting {}
    std::fs::write(&path, BRIEF).unwrap();
    let finished = program.finish();
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let program = Program::spawn(interruptible(&args));
    while program.error_line() != waiting {}
    program.signal(Signal::SIGINT);
    assert_eq!(program.finish().status.signal(), Some(2));
}

/// The program with the usual action for SIGINT: a shell has its jobs in the
/// background ignore it.
fn interruptible(args: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal=INT");
    let own = sockscope(args);
    command.arg(own.get_program()).args(own.get_args());
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command
}

/// The text is handed on: the pipe has it only once.
#[test]
fn a_scenario_from_a_named_pipe_reaches_the_processes_of_a_run() {
    let folder = Folder::new("scenario-handed-on");
    let path = named_pipe(&folder, "brief.toml");
    // With a limit of descriptors the clients have a process of their own.
    let apart = BRIEF.replacen(
        "[[clients]]",
        "[server]\ndescriptors = 64\n[[clients]]",
        1,
    );
    for (text, args) in [
        (BRIEF, &["scenario", "check", &path][..]),
        (&apart, &["selector", "--scenario", &path, "--ui", "none"]),
        (&apart, &["scenario", "check", "--modes", "tasks", &path]),
        (BRIEF, &["scenario", "show", &path]),
    ] {
        let program = Program::spawn(sockscope(args));
        std::fs::write(&path, text).unwrap();
        let finished = program.finish();
        assert_eq!(finished.code(), Some(0), "{args:?}: {finished:?}");
        let passed = ["0 failed\n", "✓ the word comes back", "title ="];
        let is_good = passed.iter().any(|it| finished.stdout.contains(it));
        assert!(is_good, "{args:?}: {finished:?}");
    }
}

#[test]
fn settings_and_a_baseline_come_through_named_pipes() {
    let folder = Folder::new("read-pipes");
    let path = named_pipe(&folder, "p");
    let base = folder.path("base.json");
    let bench = ["bench", "selector", "--clients", "1", "--rounds", "1"];
    let bench = [&bench[..], &["--time", "50ms", "-q"]].concat();
    let first = run_program(&[&bench[..], &["-o", &base]].concat());
    assert_eq!(first.code(), Some(0), "{first:?}");
    let base = std::fs::read_to_string(base).unwrap();
    let list = ["scenario", "list", "--config", &path];
    let compared = [&bench[..], &["--baseline", &path]].concat();
    let waiting = format!("sockscope: waiting for a writer of {path}");
    for (text, args) in [("theme = \"dark\"\n", &list[..]), (&base, &compared)]
    {
        let program = Program::spawn(interruptible(args));
        while program.error_line() != waiting {}
        program.signal(Signal::SIGINT);
        assert_eq!(program.finish().status.signal(), Some(2), "{args:?}");
        let program = Program::spawn(sockscope(args));
        std::fs::write(&path, text).unwrap();
        let finished = program.finish();
        assert_eq!(finished.code(), Some(0), "{args:?}: {finished:?}");
    }
    // What has no end is not read without one.
    let endless = [&bench[..], &["--baseline", "/dev/zero"]].concat();
    let refused = run_program(&endless);
    assert_eq!(refused.code(), Some(2), "{refused:?}");
    assert!(refused.stderr.contains("it is larger than 64 MiB"), "{refused:?}");
}

#[test]
fn an_export_goes_into_a_named_pipe() {
    let folder = Folder::new("exported-pipe");
    let brief = folder.write("brief.toml", BRIEF);
    let recording = record(&folder, "tasks", &brief, &[]);
    let path = named_pipe(&folder, "p");
    let args = ["export", &recording, "--to", "html"];
    let wanted = run_program(&args).expect_success().stdout.clone();
    let args = [&args[..], &["-o", &path]].concat();
    let program = Program::spawn(sockscope(&args));
    let got = std::fs::read_to_string(&path).unwrap();
    program.finish().expect_success();
    assert!(got == wanted, "the whole page");
    // Without a reader it waits, and says so.
    let program = Program::spawn(interruptible(&args));
    let waiting = format!("sockscope: waiting for a reader of {path}");
    while program.error_line() != waiting {}
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    assert_eq!(finished.code(), Some(130), "{finished:?}");
    // A reader that leaves does not get all of it.
    let program = Program::spawn(sockscope(&args));
    drop(OpenOptions::new().read(true).open(&path).unwrap());
    let finished = program.finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    assert!(finished.stderr.contains("broken pipe"), "{finished:?}");
}
