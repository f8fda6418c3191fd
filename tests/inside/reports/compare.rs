//! Every format of a fixed comparison.

use super::fixed::{conditions, fixed};
use super::{coloured, has_fields_of, markdown, text};
use serde_json::Value;
use sockscope::load::EchoTime;
use sockscope::report::{CompareReport, schema_of, to_csv, to_json};
use sockscope::run::conditions::Conditions;
use sockscope::run::report::{ClientsBefore, RecordingOrigin, RunReport};

const FIVE: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

/// A run whose longest echo took this many nanoseconds.
fn run(mode: &str, longest_ns: u64, would_blocks: u64) -> RunReport {
    let mut report = fixed();
    report.name = mode.into();
    report.conditions.mode = Some(mode.into());
    report.findings.clear();
    let server = report.server.as_mut().unwrap();
    server.would_blocks = would_blocks;
    server.iterations = 12;
    let cpu = server.cpu.as_mut().unwrap();
    (cpu.user_ns, cpu.system_ns) = (1_000_000 + would_blocks * 3_000, 30_000);
    let clients = report.clients.as_mut().unwrap();
    let timed = |time: EchoTime| EchoTime { max_ns: longest_ns, ..time };
    if mode == "serial" {
        let only = Some("silent".into());
        let before = ClientsBefore { clients: 1, only };
        clients.groups[0].longest_echo_behind = Some(before);
    }
    let groups = clients.groups.iter_mut().map(|it| &mut it.result);
    for group in groups.chain([&mut clients.total]) {
        group.echo_time = group.echo_time.map(timed);
    }
    report
}

/// This many modes, the last of which failed if there are more than three.
fn modes(number: usize) -> Vec<RunReport> {
    let runs = [
        run(FIVE[0], 1_800_000_000, 0),
        run(FIVE[1], 400_000, 0),
        run(FIVE[2], 9_900_000, 587_513),
        run(FIVE[3], 360_000, 8),
        RunReport {
            over: true,
            outcome: "it failed".into(),
            failure: Some("the server failed: \u{1b}[2J".into()),
            ..RunReport::new(
                FIVE[4],
                Conditions { mode: Some(FIVE[4].into()), ..conditions() },
            )
        },
    ];
    runs.into_iter().take(number).collect()
}

fn compared(number: usize) -> CompareReport {
    let notes = vec!["All is instrumented.".into()];
    CompareReport::new(conditions(), false, modes(number), notes)
}

/// Recordings, one of which was cut short; not all of the same scenario, nor
/// made with the same options.
fn recordings() -> CompareReport {
    let mut runs = modes(3);
    for (run, file) in runs.iter_mut().zip(["serial", "before", "after"]) {
        run.recording = Some(RecordingOrigin {
            file: format!("lesson/{file}.rec"),
            ended_early: None,
        });
    }
    let origin = runs[1].recording.as_mut().unwrap();
    origin.ended_early = Some(
        "it ends at 3.20 s and was not brought to its end (at byte 1,234: \
         \u{1b}[2J)"
            .into(),
    );
    runs[1].name = "before".into();
    let conditions = &mut runs[1].conditions;
    conditions.scenario = Some("boom".into());
    conditions.server.as_mut().unwrap().max_connections = Some(7);
    let notes = vec!["All is instrumented.".into()];
    CompareReport::new(super::fixed::conditions(), false, runs, notes)
}

#[test]
fn recordings_have_their_origin() {
    let text = text(&recordings());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn recordings_in_markdown_have_their_origin() {
    insta::assert_snapshot!(markdown(&recordings()));
}

#[test]
fn five_modes_fit_a_terminal() {
    let text = text(&compared(5));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn where_there_is_room_there_are_bars() {
    let text = text(&compared(2));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn modes_that_do_not_differ_have_no_table() {
    let mut report = compared(2);
    report.comparison.figures.clear();
    let text = text(&report);
    assert!(!text.contains("Figures"), "{text}");
    assert!(!markdown(&report).contains("Figures"));
}

#[test]
fn colours_of_a_comparison_add_nothing_but_colours() {
    let coloured = coloured(&compared(5));
    assert!(coloured.contains("\x1b[1m"), "{coloured}");
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, text(&compared(5)));
}

#[test]
fn a_comparison_in_markdown_reads_so() {
    insta::assert_snapshot!(markdown(&compared(5)));
}

#[test]
fn no_format_of_a_comparison_has_raw_control_characters() {
    let report = recordings();
    for text in [text(&report), markdown(&report), to_csv(&report).unwrap()] {
        assert!(!text.contains('\x1b'), "{text}");
    }
}

#[test]
fn a_comparison_in_json_is_read_back() {
    for report in [compared(5), recordings()] {
        let json = to_json(&report).unwrap();
        let back: CompareReport = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
    }
}

#[test]
fn a_comparison_has_the_fields_of_its_schema_and_no_others() {
    let schema: Value =
        serde_json::from_str(&schema_of::<CompareReport>().unwrap()).unwrap();
    for report in [compared(2), compared(5), recordings()] {
        let json = serde_json::to_value(report).unwrap();
        has_fields_of(&json, &schema, &schema);
    }
}

/// After a change of the form: copy what is written to where the test says,
/// and mind the schema version.
#[test]
fn the_schema_of_a_comparison_in_the_file_is_current() {
    let written = include_str!("compare.schema.json");
    let current = schema_of::<CompareReport>().unwrap();
    if written != current {
        let path = std::env::temp_dir().join("sockscope.compare.schema.json");
        std::fs::write(&path, current).unwrap();
        panic!("compare.schema.json is not {}", path.display());
    }
}
