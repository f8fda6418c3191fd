//! Comparisons of fixed reports.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::load::GroupResult;
use crate::net::ServerOptions;
use crate::run::report::{
    ClientsBefore, ContextSwitches, CpuTime, GroupReport, RecordingOrigin,
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

/// Adds a finding with one value.
fn found(run: &mut RunReport, kind: &str, observation: &str, value: [&str; 2]) {
    let (kind, observation) = (kind.into(), observation.into());
    let mut finding = Finding { kind, observation, ..Finding::default() };
    finding.values.insert(value[0].into(), value[1].into());
    run.findings.push(finding);
}

/// A talker with four echoes, the longest of which took `max_ns`.
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

/// This mode with a longest echo of `max_ns`, and the selector.
fn beside_selector(mode: &str, max_ns: u64) -> Two {
    [contender(mode, max_ns), contender("selector", ms(2))]
}

/// Serial, in which the talker waited behind another client, and selector.
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
    // CPU times below 20 ms do not count, however many times apart they are.
    assert_eq!(rows(40_000, ms(19)), [""; 0]);
    let mut two = beside_selector("tasks", ms(49));
    server(&mut two[0]).context_switches = None;
    assert_eq!(names(&two), [""; 0]);
    let few = |voluntary| ContextSwitches { voluntary, involuntary: 0 };
    server(&mut two[0]).context_switches = Some(few(1));
    server(&mut two[1]).context_switches = Some(few(20));
    assert_eq!(names(&two), [""; 0]);
}

#[test]
fn bars_are_parts_of_the_largest_and_what_is_not_known_has_none() {
    let mut two = two();
    two[0].clients.as_mut().unwrap().total.echo_time = None;
    server(&mut two[1]).wake_ups = Some(7);
    assert!(!names(&two).contains(&"longest_echo_ns".into()));
    assert_eq!(words(&two, "wake_ups"), ["—", "7"]);
    // The first run was never started.
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

/// The texts about some runs after a change: warnings, conditions that differ,
/// and one sentence for each run.
fn said(
    case: &str,
    mut runs: impl AsMut<[RunReport]>,
    change: impl FnOnce(&mut [RunReport]),
) -> String {
    let runs = runs.as_mut();
    change(runs);
    let Comparison { warnings, differences, verdict, .. } = compare(runs);
    let differences = differences.iter();
    let differences =
        differences.map(|it| format!("{}: {}", it.name, it.values.join(", ")));
    let lines = warnings.into_iter().chain(differences).chain(verdict);
    format!("# {case}\n{}\n", lines.format("\n"))
}

#[test]
fn waits_prices_and_findings_read_so() {
    let tasks = || beside_selector("tasks", ms(2));
    let mut page = vec![
        said("behind one client", two(), |_| {}),
        said("behind several", two(), |it| {
            for it in it.iter_mut() {
                group(it).result.connected = 20;
            }
            let behind = ClientsBefore { clients: 19, only: None };
            group(&mut it[0]).longest_echo_behind = Some(behind);
        }),
        said("a client that is slow itself", two(), |it| {
            it[1] = contender("tasks", ms(1_400));
        }),
        said("no cause", beside_selector("tasks", ms(142)), |_| {}),
        said("a cause", beside_selector("tasks", ms(142)), |it| {
            found(&mut it[0], "starved", "it waited", ["group", "talker"]);
        }),
        said("findings of one and of all", tasks(), |it| {
            found(&mut it[0], "spinning", "it spins", ["asked", "5"]);
            for it in it.iter_mut() {
                found(it, "reset", "one was reset", ["", ""]);
            }
        }),
        said("one error handled in two ways", tasks(), |it| {
            for (it, fate) in it.iter_mut().zip(["dropped", "reported"]) {
                found(it, "error_unhandled", fate, ["fate", fate]);
            }
        }),
        said("without clients", tasks(), |it| {
            for it in it.iter_mut() {
                it.clients = None;
            }
        }),
    ];
    for (own, other) in
        [(2, 2), (1_800, 2), (2_491, 2), (1_800, 1_000), (400, 1_000), (0, 2)]
    {
        page.push(said(&format!("{own} ms and {other} ms"), tasks(), |it| {
            server(&mut it[0]).cpu = (own > 0).then_some(cpu(ms(own)));
            server(&mut it[1]).cpu = Some(cpu(ms(other)));
        }));
    }
    insta::assert_snapshot!(page.join("\n"));
}

/// The number of echoes in a given time is measured; all else is exact.
#[test]
fn answers_that_differ_read_so() {
    type Change = fn(&mut GroupResult);
    let changes: [(&str, Change); 10] = [
        ("timed, 7 echoes", |it| it.echoes = 7),
        ("timed, 8 echoes", |it| it.echoes = 8),
        ("timed, one missing", |it| it.missing = 1),
        ("3 echoes", |it| it.echoes = 3),
        ("one missing", |it| it.missing = 1),
        ("1 byte back", |it| it.bytes_in = 1),
        ("9 bytes sent", |it| it.bytes_out = 9),
        ("one wrong byte", |it| it.mismatches = 1),
        ("not connected", |it| it.connected = 0),
        ("another end", |it| it.ends.reset = 1),
    ];
    let page = changes.map(|(case, change)| {
        said(case, beside_selector("tasks", ms(2)), |it| {
            let is_timed = case.starts_with("timed");
            for it in it.iter_mut() {
                group(it).is_timed = is_timed;
            }
            change(&mut group(&mut it[0]).result);
        })
    });
    insta::assert_snapshot!(page.join("\n"));
}

#[test]
fn runs_that_cannot_be_compared_read_so() {
    let page = [
        said("the reference failed", MODES.map(|it| contender(it, ms(2))), {
            |it| it[3].failure = Some("cannot bind 127.0.0.1:7".into())
        }),
        said("one was paused", two(), |it| {
            it[0].interventions = vec!["it was paused for 3.00 s".into()];
        }),
        said("one goes on", two(), |it| it[1].over = false),
        said("two of one mode", before_and_after(), |_| {}),
        said("with other options", before_and_after(), |it| {
            let options = it[1].conditions.server.as_mut().unwrap();
            options.max_connections = Some(7);
        }),
        said("another text", before_and_after(), |it| {
            it[1].conditions.scenario_crc32 = Some(8);
        }),
        said("another text, and ended by q", before_and_after(), |it| {
            it[1].conditions.scenario_crc32 = Some(8);
            it[1].interventions = vec!["q".into()];
        }),
        said("another duration", before_and_after(), |it| {
            it[1].conditions.duration_ns = Some(ms(1_500));
        }),
        said("unknown clients", before_and_after(), |it| {
            for it in it.iter_mut() {
                it.conditions.scenario_crc32 = None;
            }
        }),
        said("another machine", before_and_after(), |it| {
            it[1].conditions.cores = Some(3);
        }),
    ];
    insta::assert_snapshot!(page.join("\n"));
}
