//! Every format of a fixed comparison.

use super::{FIXED, markdown, read, text, widest};
use crate::support::schema;
use sockscope::report::{CompareReport, schema_of, to_json};
use sockscope::run::report::{ClientsBefore, RecordingOrigin, RunReport};

/// A run whose longest echo took this many nanoseconds.
fn run(mode: &str, longest_ns: u64, would_blocks: u64) -> RunReport {
    let mut report = read(FIXED);
    report.name = mode.into();
    report.conditions.mode = Some(mode.into());
    report.findings.clear();
    let server = report.server.as_mut().unwrap();
    server.would_blocks = would_blocks;
    server.iterations = 12;
    let cpu = server.cpu.as_mut().unwrap();
    (cpu.user_ns, cpu.system_ns) = (1_000_000 + would_blocks * 3_000, 30_000);
    let clients = report.clients.as_mut().unwrap();
    if mode == "serial" {
        let only = Some("silent".into());
        let before = ClientsBefore { clients: 1, only };
        clients.groups[0].longest_echo_behind = Some(before);
    }
    let groups = clients.groups.iter_mut().map(|it| &mut it.result);
    for time in groups.chain([&mut clients.total]) {
        let time = time.echo_time.iter_mut();
        time.for_each(|it| it.max_ns = longest_ns);
    }
    report
}

/// This many modes, the last of which failed if there are more than three.
fn compared(modes: usize) -> CompareReport {
    let conditions = read(FIXED).conditions;
    let mut failed = RunReport::new("tasks", conditions.clone());
    failed.conditions.mode = Some("tasks".into());
    failed.over = true;
    failed.outcome = "it failed".into();
    failed.failure = Some("the server failed: \u{1b}[2J".into());
    let runs = [
        run("serial", 1_800_000_000, 0),
        run("blocking", 400_000, 0),
        run("nonblocking", 9_900_000, 587_513),
        run("selector", 360_000, 8),
        failed,
    ];
    let runs = runs.into_iter().take(modes).collect();
    let notes = vec!["All is instrumented.".into()];
    CompareReport::new(conditions, false, runs, notes)
}

/// Recordings, one of which was cut short; not all of the same scenario, nor
/// made with the same options.
fn recordings() -> CompareReport {
    let CompareReport { modes: mut runs, notes, .. } = compared(3);
    for (run, file) in runs.iter_mut().zip(["serial", "before", "after"]) {
        let file = format!("lesson/{file}.rec");
        run.recording = Some(RecordingOrigin { file, ended_early: None });
    }
    let origin = runs[1].recording.as_mut().unwrap();
    let early = "it ends at 3.20 s and was not brought to its end (at byte \
                 1,234: \u{1b}[2J)";
    origin.ended_early = Some(early.into());
    runs[1].name = "before".into();
    let conditions = &mut runs[1].conditions;
    conditions.scenario = Some("boom".into());
    conditions.server.as_mut().unwrap().max_connections = Some(7);
    CompareReport::new(read(FIXED).conditions, false, runs, notes)
}

#[test]
fn every_form_of_a_comparison_reads_so() {
    for (name, report) in [
        ("recordings_have_their_origin", recordings()),
        ("five_modes_fit_a_terminal", compared(5)),
        ("where_there_is_room_there_are_bars", compared(2)),
    ] {
        let text = text(&report);
        assert!(widest(&text).chars().count() <= 80, "{text}");
        insta::assert_snapshot!(name, text);
    }
    for (name, report) in [
        ("recordings_in_markdown_have_their_origin", recordings()),
        ("a_comparison_in_markdown_reads_so", compared(5)),
    ] {
        insta::assert_snapshot!(name, markdown(&report));
    }
}

#[test]
fn a_comparison_in_json_is_as_its_schema_says_and_is_read_back() {
    let current = schema_of::<CompareReport>().unwrap();
    let schema = serde_json::from_str(&current).unwrap();
    for report in [compared(2), compared(5), recordings()] {
        let json = to_json(&report).unwrap();
        let back: CompareReport = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
        let json = serde_json::to_value(report).unwrap();
        assert_eq!(schema::check(&json, &schema), Ok(()));
    }
}
