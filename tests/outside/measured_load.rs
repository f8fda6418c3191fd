//! The clients of a measurement as a process, led over standard streams.

use crate::support::patience::wait_for;
use crate::support::process::{Server, run, send_signal, sockscope};
use nix::sys::signal::Signal;
use sockscope::load::steady::SteadyResult;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// What the clients do but for what a test adds.
const WORKLOAD: &str = r#"{"idle": 5, "size_bytes": 128, "pipeline": 2,
    "warm_up_ns": 50000000, "time_ns": 200000000, {}}"#;

const CLOSED: &str = r#""pacing": "closed", "clients": 4"#;

/// The process and its standard streams; killed if it is left running.
struct Load {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Load {
    fn start(target: &str, load: &str, args: &[&str]) -> Self {
        let load = WORKLOAD.replace("{}", load);
        let args = [&["measured-load", target, &load], args].concat();
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
        let mut status = None;
        wait_for("its end", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
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
    let twenty = r#""pacing": "closed", "clients": 20"#;
    let mut load = Load::start(&target, twenty, &[]);
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
fn the_end_of_its_input_is_its_end_at_any_moment() {
    let (server, target) = serve();
    let mut load = Load::start(&target, CLOSED, &[]);
    assert_eq!(load.line(), "connected");
    assert_eq!(load.end(), Some(0));
    assert_eq!(load.line(), "", "it has not begun");

    let slow = r#""pacing": {"open": {"rate_per_s": 0.001}}, "clients": 4"#;
    let mut load = Load::start(&target, slow, &[]);
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
    let args = ["--cores", &first.to_string()];
    let mut load = Load::start(&target, CLOSED, &args);
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
    let none = r#""pacing": "closed", "clients": 0"#;
    let none = WORKLOAD.replace("{}", none);
    let nobody = run(&["measured-load", "127.0.0.1:9", &none]);
    assert_eq!(nobody.code(), Some(2));
    let words = "sockscope: measured-load: wanted at least 1 client\n";
    assert_eq!(nobody.stderr, words);
}
