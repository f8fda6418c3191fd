//! `--speed` on the command line.

use crate::support::process::{Program, run, sockscope};
use nix::sys::signal::Signal;
use std::time::Instant;

const BUSY: [&str; 5] = ["nonblocking", "--scenario", "none", "--ui", "none"];

#[test]
fn a_speed_is_a_factor_or_step_which_needs_a_screen() {
    let mut cases = ["0", "-1", "1.5", "0.0001", "NaN", "slow", "1/2"]
        .map(|it| (it, "from 0.0005"))
        .to_vec();
    cases.push(("step", "only the screen"));
    for (speed, words) in cases {
        let speed = format!("--speed={speed}");
        let finished = run(&["serial", "--ui", "none", &speed]);
        assert_eq!(finished.code(), Some(2), "{speed}");
        assert_eq!(finished.stdout, "", "{speed}");
        assert!(finished.stderr.contains(words), "{finished:?}");
    }
}

#[test]
fn a_busy_loop_in_slow_motion_makes_few_calls() {
    let slow = ["--duration", "300ms", "--grace", "0s", "--speed", "0.05"];
    let line = [&BUSY[..], &slow, &["--report", "json"]].concat();
    let start = Instant::now();
    let report = run(&line).expect_success().report();
    // One call in 20 ms of real time, and one that is let go at the end. The
    // run's own clock goes on by 10 ms with each call that found nothing.
    let most = start.elapsed().as_millis() / 20 + 1;
    let iterations = report.number("/server/iterations");
    assert!(u128::from(iterations) <= most, "{iterations} in {report:?}");
}

/// At one call in two seconds, the end does not wait for calls.
#[test]
fn a_signal_ends_slow_motion() {
    let line = [&BUSY[..], &["--speed", "0.0005"]].concat();
    let program = Program::spawn(sockscope(&line));
    program.listening_line();
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    assert!(finished.expect_success().stdout.contains("SIGINT"));
}
