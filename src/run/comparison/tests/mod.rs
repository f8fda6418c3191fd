//! Comparisons of fixed contenders.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod apart;

use super::*;
use crate::load::{EchoTime, Ends, GroupResult};
use crate::run::conditions::Conditions;
use crate::run::report::{
    ClientsBefore, ClientsReport, ContextSwitches, CpuTime, GroupReport,
    ServerReport,
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

fn finding(kind: &str, observation: &str) -> Finding {
    let (kind, observation) = (kind.into(), observation.into());
    Finding { kind, observation, ..Finding::default() }
}

/// A talker with four echoes of which the longest took this many nanoseconds.
fn contender(mode: &str, max_ns: u64) -> RunReport {
    let echo_time = EchoTime {
        count: 4,
        p50_ns: ms(1),
        p99_ns: max_ns,
        max_ns,
        ..EchoTime::default()
    };
    let result = GroupResult {
        name: "talker".into(),
        clients: 1,
        connected: 1,
        echoes: 4,
        bytes_out: 24,
        bytes_in: 24,
        ends: Ends { closed: 1, ..Ends::default() },
        first_echo_at_ns: Some(ms(200) + max_ns),
        echo_time: Some(echo_time),
        ..GroupResult::default()
    };
    let (is_timed, longest_echo_behind) = (false, None);
    let conditions =
        Conditions { mode: Some(mode.into()), ..Conditions::default() };
    RunReport {
        run_time_ns: ms(2_000),
        over: true,
        server: Some(ServerReport {
            threads: 1,
            cpu: Some(cpu(ms(2))),
            context_switches: Some(ContextSwitches {
                voluntary: 9,
                involuntary: 0,
            }),
            ..ServerReport::default()
        }),
        clients: Some(ClientsReport {
            total: result.clone(),
            groups: vec![GroupReport { result, is_timed, longest_echo_behind }],
            own_process: false,
        }),
        ..RunReport::new(mode, conditions)
    }
}

/// Selector, and serial in which the talker waited behind another client.
fn two() -> [RunReport; 2] {
    let mut serial = contender("serial", ms(1_800));
    let only = Some("silent".into());
    let behind = Some(ClientsBefore { clients: 1, only });
    group(&mut serial).longest_echo_behind = behind;
    [serial, contender("selector", ms(2))]
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
}

#[test]
fn measured_figures_less_than_twice_apart_do_not_differ() {
    let rows = |time| {
        let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
        server(&mut two[0]).cpu = Some(cpu(time));
        server(&mut two[1]).cpu = Some(cpu(ms(200)));
        names(&two)
    };
    assert_eq!(rows(ms(399)), [""; 0]);
    assert_eq!(rows(ms(400)), ["cpu_time_ns", "core_share"]);
}

/// So little is the machine's doing, however many times apart.
#[test]
fn measured_figures_that_are_small_do_not_differ() {
    let mut two = [contender("tasks", ms(2)), contender("selector", ms(49))];
    server(&mut two[0]).cpu = Some(cpu(40_000));
    server(&mut two[1]).cpu = Some(cpu(ms(19)));
    server(&mut two[0]).context_switches = None;
    assert_eq!(names(&two), ["first_echo_at_ns"; 0]);
}

#[test]
fn exact_figures_differ_by_one() {
    let mut two = two();
    server(&mut two[1]).iterations = 1;
    assert_eq!(words(&two, "iterations"), ["0", "1"]);
}

#[test]
fn what_is_not_known_has_a_dash_and_no_bar() {
    let mut two = two();
    two[0].clients.as_mut().unwrap().total.echo_time = None;
    group(&mut two[0]).result.echo_time = None;
    server(&mut two[0]).wake_ups = None;
    server(&mut two[1]).wake_ups = Some(7);
    let comparison = compare(&two);
    assert!(comparison.figures.iter().all(|it| it.name != "longest_echo_ns"));
    assert_eq!(words(&two, "wake_ups"), ["—", "7"]);
    let row =
        comparison.figures.iter().find(|it| it.name == "wake_ups").unwrap();
    assert_eq!((row.values[0].value, row.values[0].share), (None, None));
    assert_eq!(row.values[1].value, Some(7.0));
}

#[test]
fn a_mode_that_never_ran_has_dashes_and_makes_no_difference() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[0].run_time_ns = 0;
    all[0].failure = Some("cannot bind".into());
    assert_eq!(names(&all), [""; 0]);
    server(&mut all[1]).threads = 3;
    assert_eq!(words(&all, "threads"), ["—", "3", "1", "1", "1"]);
}

#[test]
fn bars_are_parts_of_the_largest() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    for (it, threads) in all.iter_mut().zip([1, 4, 2, 1, 0]) {
        server(it).threads = threads;
    }
    let row = &compare(&all).figures[0];
    let shares: Vec<_> = row.values.iter().filter_map(|it| it.share).collect();
    assert_eq!(shares, [0.25, 1.0, 0.5, 0.25, 0.0]);
}

#[test]
fn ties_and_nothing_at_all_have_no_rows() {
    let mut two = two().map(|it| RunReport { clients: None, ..it });
    for it in &mut two {
        server(it).cpu = Some(cpu(0));
    }
    assert_eq!(names(&two), [""; 0]);
    assert_eq!(compare(&[]).verdict, [""; 0]);
}

// ---- Verdicts ------------------------------------------------------------

#[test]
fn who_waited_is_told_with_whom_for() {
    let [serial, selector] = &verdict(&two())[..] else { panic!() };
    assert!(
        serial.starts_with(
            "serial: talker waited 1.80 s behind silent (in selector at most \
             2.00 ms); same answers as selector"
        ),
        "{serial}"
    );
    assert_eq!(
        selector,
        "selector: 2.00 ms of CPU in 2.00 s; no client waited: no echo took \
         longer than 2.00 ms"
    );
}

#[test]
fn a_queue_is_counted() {
    let mut two = two();
    group(&mut two[0]).result.connected = 20;
    group(&mut two[1]).result.connected = 20;
    let behind = Some(ClientsBefore { clients: 19, only: None });
    group(&mut two[0]).longest_echo_behind = behind;
    let said = &verdict(&two)[0];
    let queue = "a client of talker waited 1.80 s behind 19 clients accepted";
    assert!(said.contains(queue), "{said}");
}

/// A client that is slow itself is slow in every mode.
#[test]
fn who_waits_everywhere_does_not_wait_on_account_of_the_mode() {
    let two =
        [contender("serial", ms(1_500)), contender("selector", ms(1_400))];
    for sentence in verdict(&two) {
        assert!(!sentence.contains("waited"), "{sentence}");
    }
}

#[test]
fn the_same_answers_have_a_price() {
    let mut two =
        [contender("nonblocking", ms(2)), contender("selector", ms(2))];
    let said = |two: &[RunReport]| verdict(two)[0].clone();
    assert!(
        said(&two)
            .contains("same answers as selector and hardly any CPU (2.00 ms)")
    );
    server(&mut two[0]).cpu = Some(cpu(ms(1_800)));
    assert!(said(&two).contains(
        "same answers as selector for 900 times the CPU (1.80 s, in selector \
         2.00 ms)"
    ));
    server(&mut two[1]).cpu = Some(cpu(ms(1_000)));
    assert!(said(&two).contains("for about as much CPU (1.80 s,"));
    server(&mut two[0]).cpu = Some(cpu(ms(400)));
    assert!(said(&two).contains("same answers as selector, which took 2.5 t"));
    server(&mut two[0]).cpu = None;
    assert!(said(&two).starts_with("nonblocking: same answers as selector;"));
}

#[test]
fn no_more_digits_are_told_than_were_measured() {
    let mut two =
        [contender("nonblocking", ms(2)), contender("selector", ms(2))];
    server(&mut two[0]).cpu = Some(cpu(ms(2_491)));
    let said = &verdict(&two)[0];
    assert!(said.contains("for 1,200 times the CPU (2.49 s"), "{said}");
}

/// A queue is a reason; that an echo took long is none.
#[test]
fn a_wait_without_a_cause_is_not_laid_at_the_modes_door() {
    let two = [contender("tasks", ms(142)), contender("selector", ms(2))];
    let said = &verdict(&two)[0];
    assert!(!said.contains("waited"), "{said}");
    assert!(
        said.starts_with(
            "tasks: an echo of talker took 142 ms (in selector at most 2.00 \
             ms), for no reason seen in this mode"
        ),
        "{said}"
    );
    let mut two = two;
    let words = "a client of talker waited 142 ms for its echo";
    let mut starved = finding("starved", words);
    starved.values.insert("group".into(), "talker".into());
    two[0].findings = vec![starved];
    let said = &verdict(&two)[0];
    assert!(said.contains("talker waited 142 ms for an echo"), "{said}");
}

/// How many echoes fit into a time is measured.
#[test]
fn clients_that_go_on_for_a_time_get_about_as_much() {
    let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
    for it in &mut two {
        group(it).is_timed = true;
    }
    group(&mut two[0]).result.echoes = 7;
    let said = &verdict(&two)[0];
    let about = "about as many echoes as selector and hardly any CPU";
    assert!(said.contains(about), "{said}");
    group(&mut two[0]).result.echoes = 8;
    let said = &verdict(&two)[0];
    let apart = "talker: 8 echoes (in selector 4 echoes in the same time)";
    assert!(said.contains(apart), "{said}");
    group(&mut two[0]).result.echoes = 7;
    group(&mut two[0]).result.missing = 1;
    let said = &verdict(&two)[0];
    assert!(said.contains("1 missing echo"), "no byte may be lost: {said}");
}

type Change = fn(&mut GroupResult);

#[test]
fn answers_are_the_same_only_if_all_of_them_are() {
    let changes: [(Change, &str); 7] = [
        (|it| it.echoes = 3, "talker: 3 echoes (in selector 4 echoes)"),
        (|it| it.missing = 1, "1 missing echo (in selector none)"),
        (|it| it.bytes_in = 1, "1 byte back (in selector 24 bytes back)"),
        (|it| it.bytes_out = 9, "9 bytes sent (in selector 24 bytes sent)"),
        (|it| it.mismatches = 1, "1 wrong byte (in selector none)"),
        (|it| it.connected = 0, "no connections (in selector 1 connection)"),
        (
            |it| it.ends = Ends { reset: 1, ..Ends::default() },
            "talker: 1 was reset (in selector 1 closed)",
        ),
    ];
    for (change, words) in changes {
        let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
        change(&mut group(&mut two[0]).result);
        let said = &verdict(&two)[0];
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("same answers"), "{said}");
    }
}

#[test]
fn who_got_no_echo_did_wait() {
    let mut two = two();
    group(&mut two[1]).result.missing = 1;
    let said = &verdict(&two)[1];
    assert!(!said.contains("no client waited"), "{said}");
    assert!(said.contains("no echo took longer than 2.00 ms"), "{said}");
}

#[test]
fn without_clients_of_ours_nothing_is_said_of_them() {
    let two = two().map(|it| RunReport { clients: None, ..it });
    let said = verdict(&two);
    assert_eq!(said[0], "serial: 2.00 ms of CPU in 2.00 s");
    assert_eq!(said[1], "selector: 2.00 ms of CPU in 2.00 s");
}

#[test]
fn findings_are_told_of_the_modes_that_have_them_alone() {
    let mut two = two();
    let [everywhere, spinning] = [
        finding("reset", "3 connections were reset"),
        finding("spinning", "asked 5,000 times, answered 12: spinning"),
    ];
    two[0].findings = vec![spinning, everywhere.clone()];
    two[1].findings = vec![everywhere];
    let said = verdict(&two);
    assert!(said[0].ends_with("asked 5,000 times, answered 12: spinning"));
    assert!(!said[1].contains("reset"), "{}", said[1]);
}

#[test]
fn one_error_can_have_two_fates() {
    let mut two = two();
    for (it, became) in
        two.iter_mut().zip(["nobody was told", "was never retrieved"])
    {
        let words = format!("the handler of connection #2 failed and {became}");
        let mut finding = finding("error_unhandled", &words);
        finding.values.insert("fate".into(), became.into());
        it.findings = vec![finding];
    }
    let said = verdict(&two);
    assert!(said[0].ends_with("failed and nobody was told"), "{}", said[0]);
    assert!(said[1].ends_with("was never retrieved"), "{}", said[1]);
}

#[test]
fn a_mode_that_failed_says_so_and_is_no_yardstick() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[3].failure = Some("cannot bind 127.0.0.1:7: address in use".into());
    let said = verdict(&all);
    assert_eq!(
        said[3],
        "selector: failed: cannot bind 127.0.0.1:7: address in use"
    );
    assert!(said[0].contains("same answers as tasks"), "{}", said[0]);
    assert!(said[4].starts_with("tasks: 2.00 ms of CPU"), "{}", said[4]);
}

#[test]
fn meddled_times_are_not_judged() {
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
}

#[test]
fn there_is_no_verdict_before_all_are_over() {
    let mut two = two();
    two[1].over = false;
    assert_eq!(verdict(&two), [""; 0]);
    assert_eq!(names(&two).len(), 2, "but there are figures");
}
