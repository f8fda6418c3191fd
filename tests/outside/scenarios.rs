//! Every built-in scenario meets its expectations in every mode, again and
//! again.

use crate::support::patience::{holds, holds_undisturbed};
use crate::support::process::{Folder, Program, Report, run, sockscope};
use serde_json::Value;
use std::time::Duration;

/// Rounds: `SOCKSCOPE_ROUNDS`, else 20 where every change is proved, else 2.
fn rounds() -> String {
    let otherwise = if std::env::var_os("CI").is_some() { "20" } else { "2" };
    std::env::var("SOCKSCOPE_ROUNDS").unwrap_or_else(|_| otherwise.into())
}

#[test]
fn all_built_in_scenarios_meet_their_expectations() {
    let rounds = rounds();
    let line = ["scenario", "check", "--rounds", &rounds, "--jobs", "6"];
    let mut check = Program::spawn(sockscope(&line));
    let finished = check.finish_within(Duration::from_secs(2400));
    let failed = |line: &&str| !line.starts_with('✓');
    let rest: Vec<_> = finished.stdout.lines().filter(failed).collect();
    println!("{}", rest.join("\n"));
    assert_eq!(finished.code(), Some(0), "{}", rest.join("\n"));
}

/// The ten active clients of `big-crowd`, without the crowd.
const TEN_ALONE: &str = include_str!("ten_alone.toml");

/// The report of a run, and its group `active`.
fn active(scenario: &str) -> (Report, Value) {
    let line = ["selector", "--scenario", scenario, "--ui", "none"];
    let finished = run(&[&line[..], &["--report", "json"]].concat());
    let report = finished.expect_success().report();
    let groups = report.0["clients"]["groups"].as_array().unwrap();
    let active = groups.iter().find(|it| it["name"] == "active").unwrap();
    assert_eq!(active["echoes"], 200);
    let active = active.clone();
    (report, active)
}

/// Ten thousand idle clients in a process of their own, ten active ones:
/// the selector hardly notices.
#[test]
fn the_selector_answers_in_a_big_crowd() {
    let folder = Folder::new("ten-alone");
    let ten_alone = folder.write("ten-alone.toml", TEN_ALONE);
    holds_undisturbed("a crowd costs less than ten times", || {
        let (report, crowded) = active("big-crowd");
        assert_eq!(report.number("/server/connections"), 10_010);
        let (_, alone) = active(&ten_alone);
        println!("with the crowd:    {}", crowded["echo_time"]);
        println!("without the crowd: {}", alone["echo_time"]);
        let checks = report.0["checks"].as_array().unwrap();
        let held = checks.iter().all(|it| it["held"] == true);
        holds(held, format!("{checks:?}"))?;
        let p50 = |of: &Value| of["echo_time"]["p50_ns"].as_u64();
        let (crowded, alone) = (p50(&crowded).unwrap(), p50(&alone).unwrap());
        holds(crowded <= alone * 10, format!("{crowded} to {alone} ns"))
    });
}

/// Clients know their own ends, which the server sees as its peers.
#[test]
fn each_socket_has_the_echo_times_of_its_client() {
    let line = ["selector", "--scenario", "many-clients", "--ui", "none"];
    let finished = run(&[&line[..], &["--report", "json"]].concat());
    let report = finished.expect_success().report();
    let sockets = report.0["sockets"].as_array().unwrap();
    let clients = sockets.iter().filter(|it| it["peer"].is_string());
    let timed = clients.map(|it| it["echo_time"]["count"].as_u64().unwrap());
    let all = report.number("/clients/total/echo_time/count");
    assert_eq!(timed.sum::<u64>(), all);
    let slowest =
        sockets.iter().filter_map(|it| it["echo_time"]["max_ns"].as_u64());
    let all = report.number("/clients/total/echo_time/max_ns");
    assert_eq!(slowest.max(), Some(all));
}
