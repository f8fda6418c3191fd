//! Output that is not read, and pipes without another end: neither holds up
//! the end of a run.

use crate::support::Client;
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::process::{Finished, MODES, send_signal, sockscope};
use nix::sys::signal::Signal;
use std::io::{BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
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

/// Log lines beyond the room for them are counted.
#[test]
fn lines_that_a_slow_reader_misses_are_counted() {
    let mut server = Unread::start(&["selector", "--ui", "log"]);
    // Each has lines of its own: some 750 KiB.
    for _ in 0..3000 {
        Client::connect(server.address).echo("hello\n");
    }
    let mut all = vec![0; 65_536 + 1000];
    server.output.read_exact(&mut all).unwrap();
    server.signal(Signal::SIGTERM);
    let mut rest = String::new();
    server.output.read_to_string(&mut rest).unwrap();
    let missing = "lines not printed: standard output was not read";
    let size = rest.len();
    assert!(rest.contains(missing), "{size}");
    assert!(rest.contains("The run ended: SIGTERM"), "{size}");
    server.finish().expect_success();
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
