//! `--speed` on the command line.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

fn sockscope(words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockscope"));
    command.args(words.split(' '));
    command
}

fn output(words: &str) -> Output {
    sockscope(words).output().unwrap()
}

#[test]
fn a_speed_is_a_factor_or_step() {
    for speed in ["0", "-1", "1.5", "0.0001", "NaN", "slow", "1/2"] {
        let run = output(&format!("serial --ui none --speed={speed}"));
        let words = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{speed}");
        assert!(words.contains("from 0.0005"), "{words}");
    }
}

#[test]
fn steps_need_a_screen() {
    let run = output("serial --ui none --speed step");
    let words = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stdout.is_empty());
    assert!(words.contains("only the screen"), "{words}");
}

#[test]
fn a_busy_loop_in_slow_motion_makes_few_calls() {
    let words = "nonblocking --scenario none --duration 300ms --ui none \
                 --grace 0s --report json --speed 0.05";
    let start = Instant::now();
    let run = output(words);
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success());
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    // One call in 20 ms of real time, and one that is let go at the end. The
    // run's own clock goes on by 10 ms with each call that found nothing.
    let most = start.elapsed().as_millis() / 20 + 1;
    let iterations = report["server"]["iterations"].as_u64().unwrap();
    assert!(u128::from(iterations) <= most, "{iterations} in {text}");
}

/// At one call in two seconds, the end does not wait for calls.
#[test]
fn a_signal_ends_slow_motion() {
    let words = "nonblocking --scenario none --ui none --speed 0.0005";
    let mut command = sockscope(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = command.spawn().unwrap();
    let mut text = run.stdout.take().unwrap();
    let mut messages = BufReader::new(run.stderr.take().unwrap());
    messages.read_line(&mut String::new()).unwrap();
    let process = Pid::from_raw(i32::try_from(run.id()).unwrap());
    kill(process, Signal::SIGINT).unwrap();
    let mut summary = String::new();
    text.read_to_string(&mut summary).unwrap();
    assert!(run.wait().unwrap().success());
    assert!(summary.contains("SIGINT"), "{summary}");
}
