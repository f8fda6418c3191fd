//! Every built-in scenario meets its expectations in every mode, again and
//! again.

use super::patience::{holds, holds_undisturbed};
use super::process::{Folder, Program, Report, run, sockscope};
use serde_json::Value;
use std::time::Duration;

/// Rounds: `SOCKSCOPE_ROUNDS`, else 20 where every change is proved, else 2.
fn rounds() -> usize {
    let otherwise = if std::env::var_os("CI").is_some() { 20 } else { 2 };
    let wanted = std::env::var("SOCKSCOPE_ROUNDS").ok();
    wanted.map_or(otherwise, |rounds| rounds.parse().unwrap())
}

/// A run that did not meet its expectations.
#[derive(Debug)]
struct Unmet {
    scenario: String,
    mode: String,
    /// Its own line, and a line for each expectation that failed.
    lines: Vec<String>,
}

impl Unmet {
    fn new(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (scenario, mode) = (words.next().unwrap(), words.next().unwrap());
        Self { scenario, mode, lines: vec![line.to_owned()] }
    }

    /// Whether a machine that was away for long at the wrong moment can have
    /// spoiled it: a bound, which is of a time or of what threads did in a
    /// time. What a figure equals does not depend on that, except where a
    /// plan has moments that are half a second apart.
    fn may_be_spoiled(&self) -> bool {
        let bound = |line: &String| {
            let words = ["(wanted at most ", "(wanted at least ", " to "];
            words.iter().any(|it| line.contains(it))
        };
        let failed = &self.lines[1..];
        let hangs_on_moments = self.scenario == "goodbye";
        !failed.is_empty() && (hangs_on_moments || failed.iter().all(bound))
    }
}

/// Runs scenarios and tells which runs did not meet their expectations.
fn check(args: &[&str]) -> Vec<Unmet> {
    let line = [&["scenario", "check"], args].concat();
    let mut check = Program::spawn(sockscope(&line));
    let finished = check.finish_within(Duration::from_secs(2400));
    let mut unmet = Vec::<Unmet>::new();
    for line in finished.stdout.lines() {
        if let Some(run) = line.strip_prefix("✗ ") {
            unmet.push(Unmet::new(run));
        } else if line.trim_start().starts_with("failed: ") {
            unmet.last_mut().unwrap().lines.push(line.to_owned());
        }
    }
    println!("{unmet:#?}");
    let code = i32::from(!unmet.is_empty());
    assert_eq!(finished.code(), Some(code), "{finished:?}");
    unmet
}

/// What a busy machine may have spoiled, in a few rounds of many, is so when
/// nothing else runs beside it.
#[test]
fn all_built_in_scenarios_meet_their_expectations() {
    let rounds = rounds();
    let unmet = check(&["--rounds", &rounds.to_string(), "--jobs", "8"]);
    let failed = unmet.iter().find(|it| !it.may_be_spoiled());
    assert!(failed.is_none(), "{failed:#?}");
    for Unmet { scenario, mode, .. } in &unmet {
        let same = |it: &&Unmet| (&it.scenario, &it.mode) == (scenario, mode);
        let times = unmet.iter().filter(same).count();
        assert!(
            times <= 1 + rounds / 10,
            "{scenario} in {mode}: {times} times"
        );
        holds_undisturbed("by itself it meets its expectations", || {
            let unmet = check(&[scenario, "--modes", mode]);
            holds(unmet.is_empty(), format!("{unmet:?}"))
        });
    }
}

#[test]
fn a_wrong_figure_is_never_spoiled() {
    let unmet = |scenario, failed: &[&str]| {
        let mut unmet = Unmet::new(&format!("{scenario} serial 1 of 3 held"));
        unmet.lines.extend(failed.iter().map(|it| (*it).to_owned()));
        unmet.may_be_spoiled()
    };
    let late = "failed: soon (wanted at most 1.00 s, found 1.20 s)";
    let wrong = "failed: all come back (wanted 5, found 4)";
    assert!(unmet("boom", &[late]));
    assert!(!unmet("boom", &[wrong]));
    assert!(!unmet("boom", &[late, wrong]));
    assert!(unmet("goodbye", &[wrong]));
    assert!(!unmet("goodbye", &[]), "it did not run to its end");
}

/// The ten active clients of `big-crowd`, without the crowd.
const TEN_ALONE: &str = r#"
title = "Ten clients are active, and nobody else is there"
[[clients]]
name = "active"
count = 10
stagger = "10 ms"
steps = [
    "connect",
    { repeat = { times = 20, steps = [
        { say = "tick\n" },
        "await-echo",
        { pause = "50 ms" },
    ] } },
]
"#;

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
