//! Comparisons of fixed contenders.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::load::GroupResult;
use crate::net::ServerOptions;
use crate::run::report::{
    ClientsBefore, CpuTime, GroupReport, RecordingOrigin, ServerReport,
};
use crate::view::Finding;

const MODES: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

const fn ms(ms: u64) -> u64 {
    ms * 1_000_000
}

const fn cpu(user_ns: u64) -> CpuTime {
    CpuTime { user_ns, system_ns: 0 }
}

fn server(run: &mut RunReport) -> &mut ServerReport {
    run.server.as_mut().unwrap()
}

fn group(run: &mut RunReport) -> &mut GroupReport {
    &mut run.clients.as_mut().unwrap().groups[0]
}

/// Adds a finding, one of whose values is this.
fn found(run: &mut RunReport, kind: &str, observation: &str, value: [&str; 2]) {
    let (kind, observation) = (kind.into(), observation.into());
    let mut finding = Finding { kind, observation, ..Finding::default() };
    finding.values.insert(value[0].into(), value[1].into());
    run.findings.push(finding);
}

/// A talker with four echoes of which the longest took this many nanoseconds.
fn contender(mode: &str, max_ns: u64) -> RunReport {
    let json = include_str!("contender.json");
    let mut run: RunReport = serde_json::from_str(json).unwrap();
    run.name = mode.into();
    run.conditions.mode = Some(mode.into());
    let clients = run.clients.as_mut().unwrap();
    for it in [&mut clients.total, &mut clients.groups[0].result] {
        it.first_echo_at_ns = Some(ms(200) + max_ns);
        let time = it.echo_time.as_mut().unwrap();
        (time.p99_ns, time.max_ns) = (max_ns, max_ns);
    }
    run
}

type Two = [RunReport; 2];

/// This mode and selector, whose longest echoes took this long.
fn beside_selector(mode: &str, max_ns: u64) -> Two {
    [contender(mode, max_ns), contender("selector", ms(2))]
}

/// Selector, and serial in which the talker waited behind another client.
fn two() -> Two {
    let mut two = beside_selector("serial", ms(1_800));
    let only = Some("silent".into());
    let behind = Some(ClientsBefore { clients: 1, only });
    group(&mut two[0]).longest_echo_behind = behind;
    two
}

/// Two recorded runs of the selector, the second of which took much longer.
fn before_and_after() -> Two {
    [("before", 2, 30), ("after", 1_800, 300)].map(|(name, longest, time)| {
        let mut run = contender("selector", ms(longest));
        run.name = name.into();
        run.conditions.scenario = Some("two-clients".into());
        run.conditions.scenario_crc32 = Some(7);
        run.conditions.server = Some(ServerOptions::default());
        let file = format!("{name}.rec");
        run.recording = Some(RecordingOrigin { file, ended_early: None });
        server(&mut run).cpu = Some(cpu(ms(time)));
        run
    })
}

fn verdict(contenders: &[RunReport]) -> Vec<String> {
    compare(contenders).verdict
}

fn names(contenders: &[RunReport]) -> Vec<String> {
    compare(contenders).figures.into_iter().map(|row| row.name).collect()
}

fn words(contenders: &[RunReport], name: &str) -> Vec<String> {
    let comparison = compare(contenders);
    let row = comparison.figures.iter().find(|row| row.name == name).unwrap();
    row.values.iter().map(|cell| cell.words.clone()).collect()
}

// ---- Rows ----------------------------------------------------------------

#[test]
fn only_figures_that_differ_have_rows() {
    let rows = names(&two());
    assert_eq!(rows, ["longest_echo_ns", "first_echo_at_ns"]);
    assert_eq!(words(&two(), "longest_echo_ns"), ["1.80 s", "2.00 ms"]);
    let alike = MODES.map(|mode| contender(mode, ms(2)));
    assert_eq!(names(&alike), [""; 0]);
    let mut without = two().map(|it| RunReport { clients: None, ..it });
    for it in &mut without {
        server(it).cpu = Some(cpu(0));
    }
    assert_eq!(names(&without), [""; 0]);
    assert_eq!(compare(&[]), Comparison::default());
    let mut two = two();
    server(&mut two[1]).iterations = 1;
    assert_eq!(words(&two, "iterations"), ["0", "1"], "exact ones do by one");
}

#[test]
fn measured_figures_that_are_close_or_small_do_not_differ() {
    let rows = |one, other| {
        let mut two = beside_selector("tasks", ms(2));
        server(&mut two[0]).cpu = Some(cpu(one));
        server(&mut two[1]).cpu = Some(cpu(other));
        names(&two)
    };
    assert_eq!(rows(ms(399), ms(200)), [""; 0]);
    assert_eq!(rows(ms(400), ms(200)), ["cpu_time_ns", "core_share"]);
    // So little may be the machine's, however many times apart.
    assert_eq!(rows(40_000, ms(19)), [""; 0]);
    let mut two = beside_selector("tasks", ms(49));
    server(&mut two[0]).context_switches = None;
    assert_eq!(names(&two), [""; 0]);
}

#[test]
fn bars_are_parts_of_the_largest_and_what_is_not_known_has_none() {
    let mut two = two();
    two[0].clients.as_mut().unwrap().total.echo_time = None;
    server(&mut two[1]).wake_ups = Some(7);
    assert!(!names(&two).contains(&"longest_echo_ns".into()));
    assert_eq!(words(&two, "wake_ups"), ["—", "7"]);
    // The first of them never ran.
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[0].run_time_ns = 0;
    all[0].failure = Some("cannot bind".into());
    assert_eq!(names(&all), [""; 0]);
    for (it, threads) in all.iter_mut().zip([1, 4, 2, 1, 0]) {
        server(it).threads = threads;
    }
    assert_eq!(words(&all, "threads"), ["—", "4", "2", "1", "0"]);
    let row = &compare(&all).figures[0];
    let shares: Vec<_> = row.values.iter().map(|it| it.share).collect();
    assert_eq!(shares, [None, Some(1.0), Some(0.5), Some(0.25), Some(0.0)]);
}

// ---- Verdicts ------------------------------------------------------------

#[test]
fn the_verdict_says_who_waited_and_behind_whom() {
    let [serial, selector] = &verdict(&two())[..] else { panic!() };
    let waited = "serial: talker waited 1.80 s behind silent (in selector at \
                  most 2.00 ms); same answers as selector";
    assert!(serial.starts_with(waited), "{serial}");
    assert_eq!(
        selector,
        "selector: 2.00 ms of CPU in 2.00 s; no client waited: no echo took \
         longer than 2.00 ms"
    );
}

#[test]
fn a_wait_needs_a_cause_in_the_mode() {
    let mut queue = two();
    for it in &mut queue {
        group(it).result.connected = 20;
    }
    let behind = ClientsBefore { clients: 19, only: None };
    group(&mut queue[0]).longest_echo_behind = Some(behind);
    let said = &verdict(&queue)[0];
    let words = "a client of talker waited 1.80 s behind 19 clients accepted";
    assert!(said.contains(words), "{said}");
    // A client that is slow itself is slow in every mode.
    let slow = [contender("serial", ms(1_500)), contender("tasks", ms(1_400))];
    assert!(!verdict(&slow).concat().contains("waited"));
    // A queue is a reason; that an echo took long is none.
    let mut two = beside_selector("tasks", ms(142));
    let said = &verdict(&two)[0];
    let words = "tasks: an echo of talker took 142 ms (in selector at most \
                 2.00 ms), for no reason seen in this mode";
    assert!(said.starts_with(words), "{said}");
    found(&mut two[0], "starved", "it waited", ["group", "talker"]);
    let said = &verdict(&two)[0];
    assert!(said.contains("talker waited 142 ms for an echo"), "{said}");
}

#[test]
fn the_same_answers_have_a_price() {
    let mut two = beside_selector("nonblocking", ms(2));
    for (own, other, words) in [
        (Some(2), 2, "same answers as selector and hardly any CPU (2.00 ms)"),
        (Some(1_800), 2, " for 900 times the CPU (1.80 s, in selector 2.00 m"),
        // No more digits than were measured.
        (Some(2_491), 2, " for 1,200 times the CPU (2.49 s"),
        (Some(1_800), 1_000, "for about as much CPU (1.80 s,"),
        (Some(400), 1_000, "same answers as selector, which took 2.5 times"),
        (None, 2, "nonblocking: same answers as selector;"),
    ] {
        server(&mut two[0]).cpu = own.map(|own| cpu(ms(own)));
        server(&mut two[1]).cpu = Some(cpu(ms(other)));
        let said = &verdict(&two)[0];
        assert!(said.contains(words), "{words}: {said}");
    }
    let two = two.map(|it| RunReport { clients: None, ..it });
    assert_eq!(verdict(&two)[1], "selector: 2.00 ms of CPU in 2.00 s");
}

/// How many echoes fit into a time is measured; nothing else is.
#[test]
fn answers_are_the_same_only_if_all_of_them_are() {
    type Change = fn(&mut GroupResult);
    let changes: [(bool, Change, &str); 10] = [
        (true, |it| it.echoes = 7, "about as many echoes as selector and h"),
        (true, |it| it.echoes = 8, "8 echoes (in selector 4 echoes in the sa"),
        (true, |it| it.missing = 1, "1 missing echo"),
        (false, |it| it.echoes = 3, "talker: 3 echoes (in selector 4 echoes)"),
        (false, |it| it.missing = 1, "1 missing echo (in selector none)"),
        (false, |it| it.bytes_in = 1, "1 byte back (in selector 24 bytes ba"),
        (false, |it| it.bytes_out = 9, "9 bytes sent (in selector 24 bytes "),
        (false, |it| it.mismatches = 1, "1 wrong byte (in selector none)"),
        (false, |it| it.connected = 0, "no connections (in selector 1 conn"),
        (false, |it| it.ends.reset = 1, "1 closed, 1 reset (in selector 1 c"),
    ];
    for (is_timed, change, words) in changes {
        let mut two = beside_selector("tasks", ms(2));
        for it in &mut two {
            group(it).is_timed = is_timed;
        }
        change(&mut group(&mut two[0]).result);
        let said = &verdict(&two)[0];
        assert!(said.contains(words), "{words}: {said}");
        assert!(!said.contains("same answers"), "{said}");
        let waited = words.contains("missing");
        assert_eq!(said.contains("no client waited"), !waited, "{said}");
    }
}

#[test]
fn findings_are_reported_of_the_modes_that_have_them_alone() {
    let mut runs = two();
    let spins = "asked 5,000 times, answered 12: spinning";
    for it in &mut runs {
        found(it, "reset", "3 connections were reset", ["connections", "3"]);
    }
    found(&mut runs[0], "spinning", spins, ["asked", "5,000"]);
    let said = verdict(&runs);
    assert!(said[0].ends_with(spins), "{}", said[0]);
    assert!(!said[1].contains("reset"), "{}", said[1]);
    // One error can be handled in two ways.
    let mut runs = two();
    for (it, fate) in runs.iter_mut().zip(["dropped", "reported"]) {
        found(it, "error_unhandled", fate, ["fate", fate]);
    }
    let said = verdict(&runs);
    assert!(said[0].ends_with("; dropped"), "{}", said[0]);
    assert!(said[1].ends_with("; reported"), "{}", said[1]);
}

#[test]
fn runs_that_failed_or_were_meddled_with_are_not_judged() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[3].failure = Some("cannot bind 127.0.0.1:7: address in use".into());
    let said = verdict(&all);
    let failed = "selector: failed: cannot bind 127.0.0.1:7: address in use";
    assert_eq!(said[3], failed);
    assert!(said[0].contains("same answers as tasks"), "{}", said[0]);
    assert!(said[4].starts_with("tasks: 2.00 ms of CPU"), "{}", said[4]);
    let mut two = two();
    let paused = "the server was paused for 3.00 s".to_owned();
    two[0].interventions = vec![paused];
    let said = verdict(&two);
    assert_eq!(
        said[0],
        "serial: not judged: the server was paused for 3.00 s; the scenario's \
         clients got the same answers as in selector"
    );
    assert!(said[1].starts_with("selector: 2.00 ms of CPU"), "{}", said[1]);
    two[1].over = false;
    assert_eq!(verdict(&two), [""; 0]);
    assert_eq!(names(&two).len(), 2, "but there are figures");
}

// ---- Runs that had not the same course, machine or options ----------------

#[test]
fn two_runs_of_one_mode_are_distinguished_by_name() {
    let two = before_and_after();
    assert_eq!(compare(&two).names, ["before", "after"]);
    let said = verdict(&two);
    assert!(said[0].starts_with("before: 30.0 ms of CPU"), "{}", said[0]);
    let after = "after: an echo of talker took 1.80 s (in before at most \
                 2.00 ms), for no reason seen in this mode: perhaps the \
                 machine was busy; same answers as before for 10 times the \
                 CPU (300 ms, in before 30.0 ms)";
    assert_eq!(said[1], after);
}

#[test]
fn of_other_courses_or_machines_little_is_concluded() {
    let mut two = before_and_after();
    two[1].conditions.scenario_crc32 = Some(8);
    let said = verdict(&two);
    assert!(said[1].starts_with("after: 300 ms of CPU"), "{}", said[1]);
    for words in ["same", "before", "took"] {
        assert!(!said[1].contains(words), "{}", said[1]);
    }
    two[1].interventions = vec!["q".into()];
    assert_eq!(verdict(&two)[1], "after: not judged: q");
    let mut two = before_and_after();
    two[1].conditions.cores = Some(3);
    assert_eq!(verdict(&two)[1], "after: same answers as before");
}

#[test]
fn the_same_scenario_is_recognised_by_its_text_and_its_duration() {
    let mut two = before_and_after();
    assert_eq!(compare(&two).warnings, [""; 0]);
    two[1].conditions.scenario_crc32 = Some(8);
    let comparison = compare(&two);
    assert_eq!(comparison.warnings.len(), 1);
    let row = &comparison.differences[0];
    assert_eq!(row.values, ["two-clients", "two-clients, another text"]);
    let mut two = before_and_after();
    two[1].conditions.duration_ns = Some(ms(1_500));
    let warning = &compare(&two).warnings[0];
    assert!(warning.contains("after: two-clients for 1.50 s"), "{warning}");
    for it in &mut two {
        it.conditions.scenario_crc32 = None;
        it.conditions.duration_ns = None;
    }
    assert_eq!(compare(&two).warnings.len(), 1, "clients are not known");
}

#[test]
fn options_that_differ_have_their_names_on_the_command_line() {
    let mut two = before_and_after();
    let options = two[1].conditions.server.as_mut().unwrap();
    options.max_connections = Some(7);
    let differences = compare(&two).differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].name, "--max-connections");
    assert_eq!(differences[0].values, ["none", "7"]);
    let said = &verdict(&two)[1];
    let words = "perhaps the options that differ, or the machine was busy";
    assert!(said.contains(words), "{said}");
}
