//! Every built-in scenario meets its expectations in every mode, again and
//! again.

use super::process::{Program, run, sockscope};
use std::time::Duration;

/// Rounds: `SOCKSCOPE_ROUNDS`, else 20 where every change is proved, else 2.
fn rounds() -> String {
    let otherwise = if std::env::var_os("CI").is_some() { "20" } else { "2" };
    std::env::var("SOCKSCOPE_ROUNDS").unwrap_or_else(|_| otherwise.into())
}

#[test]
fn all_built_in_scenarios_meet_their_expectations() {
    let rounds = rounds();
    let line = ["scenario", "check", "--rounds", &rounds, "--jobs", "8"];
    let mut check = Program::spawn(sockscope(&line));
    let finished = check.finish_within(Duration::from_secs(900));
    let failed = |line: &&str| !line.starts_with('✓');
    let rest: Vec<_> = finished.stdout.lines().filter(failed).collect();
    println!("{}", rest.join("\n"));
    assert_eq!(finished.code(), Some(0), "{}", rest.join("\n"));
}

/// Ten thousand idle clients in a process of their own, ten active ones:
/// the selector hardly notices.
#[test]
fn the_selector_answers_in_a_big_crowd() {
    let line = ["selector", "--scenario", "big-crowd", "--ui", "none"];
    let finished = run(&[&line[..], &["--report", "json"]].concat());
    let report = finished.expect_success().report();
    let groups = report.0["clients"]["groups"].as_array().unwrap();
    let active = groups.iter().find(|it| it["name"] == "active").unwrap();
    println!("active clients: {}", active["echo_time"]);
    assert_eq!(active["echoes"], 200);
    assert_eq!(report.number("/server/connections"), 10_010);
    let checks = report.0["checks"].as_array().unwrap();
    assert!(checks.iter().all(|it| it["held"] == true), "{checks:?}");
}
