//! The clients of a measurement as a process, led over standard streams.

use crate::support::patience::{LIMIT, wait_for};
use crate::support::process::{Server, run, send_signal, sockscope};
use nix::sys::signal::Signal;
use sockscope::load::steady::SteadyResult;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Instant;

/// The process and its standard streams; killed if it is left running.
struct Load {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Load {
    fn start(target: &str, args: &[&str]) -> Self {
        let always =
            ["--size", "128", "--warm-up", "50000000", "--time", "200000000"];
        let args = [&["measured-load", target], &always[..], args].concat();
        let mut command = sockscope(&args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { input: child.stdin.take(), child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn go(&mut self) {
        self.input.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    fn interrupt(&self) {
        send_signal(self.child.id(), Signal::SIGINT);
    }

    /// Ends its standard input, and tells its exit status.
    fn end(&mut self) -> Option<i32> {
        drop(self.input.take());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < LIMIT, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve() -> (Server, String) {
    let server = Server::start("selector", &[]);
    let address = server.address.to_string();
    (server, address)
}

#[test]
fn the_clients_are_led_line_by_line() {
    let (server, target) = serve();
    let args = ["--clients", "20", "--idle", "5", "--pipeline", "2"];
    let mut load = Load::start(&target, &args);
    assert_eq!(load.line(), "connected");
    load.interrupt();
    load.go();
    assert_eq!(load.line(), "begin");
    load.interrupt();
    assert_eq!(load.line(), "end");
    let result: SteadyResult = serde_json::from_str(&load.line()).unwrap();
    assert_eq!(result.clients_served, 20);
    assert_eq!((result.connections_lost, result.mismatches), (0, 0));
    assert!(result.window_ns >= 200_000_000);
    assert_eq!(load.child.try_wait().unwrap(), None, "its input is open");
    load.interrupt();
    assert_eq!(load.end(), Some(0));
    let report = server.stop().report();
    assert_eq!(report.number("/server/connections"), 25);
    assert_eq!(report.ended("reset"), 25);
}

#[test]
fn a_rate_makes_it_an_open_loop() {
    let (_server, target) = serve();
    let args = ["--clients", "3", "--rate", "1000"];
    let mut load = Load::start(&target, &args);
    load.go();
    let lines = [(); 3].map(|()| load.line());
    assert_eq!(lines, ["connected", "begin", "end"]);
    let result: SteadyResult = serde_json::from_str(&load.line()).unwrap();
    assert_eq!((result.due, result.echo_time.unwrap().count), (200, 200));
    assert_eq!(load.end(), Some(0));
}

#[test]
fn the_end_of_its_input_is_its_end_at_any_moment() {
    let (server, target) = serve();
    let mut load = Load::start(&target, &["--clients", "4"]);
    assert_eq!(load.line(), "connected");
    assert_eq!(load.end(), Some(0));
    assert_eq!(load.line(), "", "it has not begun");

    let mut load = Load::start(&target, &["--clients", "4", "--rate", "0.001"]);
    load.go();
    assert_eq!([load.line(), load.line()], ["connected", "begin"]);
    assert_eq!(load.end(), Some(0));
    drop(server);
}

#[test]
fn it_runs_on_the_cores_it_is_given() {
    let (_server, target) = serve();
    let allowed = sockscope::system::cores::allowed();
    let Some([first, ..]) = allowed.as_deref() else { return };
    let args = ["--clients", "1", "--cores", &first.to_string()];
    let mut load = Load::start(&target, &args);
    assert_eq!(load.line(), "connected");
    let status = format!("/proc/{}/status", load.child.id());
    let list = format!("Cpus_allowed_list:\t{first}\n");
    wait_for("the cores", || {
        std::fs::read_to_string(&status).is_ok_and(|it| it.contains(&list))
    });
    assert_eq!(load.end(), Some(0));
}

#[test]
fn what_cannot_be_is_said() {
    let args = |clients: &'static str| {
        ["measured-load", "127.0.0.1:9", "--clients", clients, "--size", "1"]
    };
    let time = ["--warm-up", "0", "--time", "1000000"];
    let nobody = run(&[&args("0")[..], &time].concat());
    assert_eq!(nobody.code(), Some(2));
    let words = "sockscope: measured-load: wanted at least 1 client\n";
    assert_eq!(nobody.stderr, words);
}
