//! The clients of a measurement as a process, led over standard streams.

#[cfg(target_os = "linux")]
use super::troubles::limited;
use crate::support::patience::wait_for;
use crate::support::process::{Finished, Program, Server, run, sockscope};
use nix::sys::signal::Signal;
use serde_json::Value;
use sockscope::load::steady::SteadyResult;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

/// What the clients do but for what a test adds.
const WORKLOAD: &str = r#"{"idle": 5, "size_bytes": 128, "pipeline": 2,
    "warm_up_ns": 50000000, "time_ns": 200000000, {}}"#;

const CLOSED: &str = r#""pacing": "closed", "clients": 4"#;

fn start(server: &Server, load: &str, args: &[&str]) -> Program {
    let (target, load) =
        (server.address.to_string(), WORKLOAD.replace("{}", load));
    let args = [&["measured-load", &target, &load], args].concat();
    Program::start(sockscope(&args), Stdio::piped())
}

fn go(load: &mut Program) {
    load.input.as_mut().unwrap().write_all(b"go\n").unwrap();
}

/// Ends its standard input, which is its end.
#[track_caller]
fn end(mut load: Program) -> Finished {
    drop(load.input.take());
    let finished = load.finish();
    assert_eq!(finished.code(), Some(0));
    finished
}

#[test]
fn the_clients_are_led_line_by_line() {
    let server = Server::start("selector", &[]);
    let twenty = r#""pacing": "closed", "clients": 20"#;
    let mut load = start(&server, twenty, &[]);
    assert_eq!(load.line(), "connected");
    load.signal(Signal::SIGINT);
    go(&mut load);
    assert_eq!(load.line(), "begin");
    load.signal(Signal::SIGINT);
    assert_eq!(load.line(), "end");
    let result: SteadyResult = serde_json::from_str(&load.line()).unwrap();
    assert_eq!(result.clients_served, 20);
    assert_eq!((result.connections_lost, result.mismatches), (0, 0));
    assert!(result.window_ns >= 200_000_000);
    assert_eq!(load.child.try_wait().unwrap(), None, "its input is open");
    load.signal(Signal::SIGINT);
    end(load);
    let report = server.stop().report();
    assert_eq!(report.number("/server/connections"), 25);
    assert_eq!(report.ended("reset"), 25);
}

#[test]
fn the_end_of_its_input_is_its_end_at_any_moment() {
    let server = Server::start("selector", &[]);
    let load = start(&server, CLOSED, &[]);
    assert_eq!(load.line(), "connected");
    assert_eq!(end(load).stdout, "connected\n", "it has not begun");
    let slow = r#""pacing": {"open": {"rate_per_s": 0.001}}, "clients": 4"#;
    let mut load = start(&server, slow, &[]);
    go(&mut load);
    assert_eq!([load.line(), load.line()], ["connected", "begin"]);
    end(load);
}

#[test]
fn it_runs_on_the_cores_it_is_given() {
    let server = Server::start("selector", &[]);
    let allowed = sockscope::system::cores::allowed();
    let Some([first, ..]) = allowed.as_deref() else { return };
    let load = start(&server, CLOSED, &["--cores", &first.to_string()]);
    assert_eq!(load.line(), "connected");
    let status = format!("/proc/{}/status", load.pid());
    let list = format!("Cpus_allowed_list:\t{first}\n");
    wait_for("the cores", || {
        std::fs::read_to_string(&status).is_ok_and(|it| it.contains(&list))
    });
    end(load);
}

/// They stood still for most of the window, and sent all of it late.
#[test]
fn clients_that_fall_behind_say_so_instead_of_a_result() {
    let server = Server::start("selector", &[]);
    let (target, window) = (server.address.to_string(), Duration::from_secs(3));
    let load = r#""pacing": {"open": {"rate_per_s": 100.0}}, "clients": 4"#;
    let load = WORKLOAD.replace("{}", load).replace("200000000", "3000000000");
    let args = ["measured-load", &target, &load];
    let mut load = Program::start(sockscope(&args), Stdio::piped());
    go(&mut load);
    assert_eq!([load.line(), load.line()], ["connected", "begin"]);
    load.signal(Signal::SIGSTOP);
    // How long they stand still is what is tested.
    std::thread::sleep(window.mul_f64(0.7));
    load.signal(Signal::SIGCONT);
    assert_eq!([load.line(), load.line()], ["end", "trouble \"late\""]);
    end(load);
}

/// The process that leads does not blame the server for it.
#[cfg(target_os = "linux")]
#[test]
fn clients_without_descriptors_say_so_in_their_last_line() {
    let server = Server::start("selector", &[]);
    let load = WORKLOAD.replace("{}", CLOSED);
    let address = server.address.to_string();
    let args = ["measured-load", &address, &load];
    let Some(command) = limited(&["prlimit", "--nofile=9:9"], &args) else {
        return;
    };
    let load = Program::start(command, Stdio::piped());
    assert_eq!(load.line(), "trouble \"no_descriptors\"");
    let finished = load.finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "sockscope: the clients failed: too many open files\n";
    assert_eq!(finished.stderr, words);
}

#[test]
fn a_workload_beyond_a_limit_is_refused() {
    let rate = r#"{"open": {"rate_per_s": 0}}"#;
    for (key, value, words) in [
        ("clients", "0", "wanted at least 1 client"),
        ("idle", "100000", "wanted at most 100000 clients, 100004 are"),
        ("size_bytes", "0", "wanted messages of 1 to 16777216 bytes, not 0"),
        ("pipeline", "1001", "wanted a pipeline of 1 to 1000 messages"),
        ("pacing", rate, "a rate of 0 messages a second is not possible"),
        ("time_ns", "0", "wanted more than no time to measure"),
        (
            "warm_up_ns",
            "3600000000001",
            "warm up and measure for at most 60 min 00 s each",
        ),
    ] {
        let load = WORKLOAD.replace("{}", CLOSED);
        let mut load: Value = serde_json::from_str(&load).unwrap();
        load[key] = serde_json::from_str(value).unwrap();
        let run = run(&["measured-load", "127.0.0.1:9", &load.to_string()]);
        assert_eq!(run.code(), Some(2), "{run:?}");
        let words = format!("sockscope: measured-load: {words}");
        assert!(run.stderr.starts_with(&words), "{}", run.stderr);
    }
}
