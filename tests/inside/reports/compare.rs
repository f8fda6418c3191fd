//! Every format of a fixed comparison.

use super::fixed::{bare, fixed};
use super::{coloured, has_fields_of, markdown, text};
use serde_json::Value;
use sockscope::report::compare::{
    self, CompareConditions, CompareReport, ConditionRow, FigureRow,
    ModeResult, RecordingRow,
};
use sockscope::report::{schema_of, to_csv, to_json};
use sockscope::run::comparison::{Cell, Comparison, Row};

const FIVE: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

fn row(name: &'static str, title: &'static str, cells: &[(&str, f64)]) -> Row {
    let largest = cells.iter().map(|it| it.1).fold(0.0, f64::max);
    let cell = |(words, value): &(&str, f64)| {
        let known = *words != "—";
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let share = (value / largest) as f32;
        Cell {
            words: (*words).into(),
            value: known.then_some(*value),
            share: known.then_some(share),
        }
    };
    Row { name, title, cells: cells.iter().map(cell).collect() }
}

fn rows() -> Vec<Row> {
    vec![
        row(
            "longest_echo_ns",
            "longest echo",
            &[
                ("1.80 s", 1.8e9),
                ("0.40 ms", 4e5),
                ("9.90 ms", 9.9e6),
                ("0.36 ms", 3.6e5),
                ("—", 0.0),
            ],
        ),
        row(
            "would_blocks",
            "would-blocks",
            &[
                ("0", 0.0),
                ("0", 0.0),
                ("588k", 587_513.0),
                ("0", 0.0),
                ("8", 8.0),
            ],
        ),
        row(
            "context_switches",
            "context switches",
            &[("8", 8.0), ("10", 10.0), ("301", 301.0), ("9", 9.0), ("—", 0.0)],
        ),
    ]
}

/// So many modes, the last of which failed if there are more than two.
fn compared(modes: usize) -> CompareReport {
    let mut rows = rows();
    for row in &mut rows {
        row.cells.truncate(modes);
    }
    let comparison = Comparison {
        names: FIVE[..modes].iter().map(|it| (*it).to_owned()).collect(),
        rows,
        verdict: vec![
            "serial: talker waited 1.80 s behind silent (in selector at most \
             0.36 ms); same answers as selector and hardly any CPU (1.49 ms, \
             in selector 1.03 ms)"
                .into(),
            "nonblocking: same answers as selector for 1,777 times the CPU \
             (1.83 s, in selector 1.03 ms)"
                .into(),
        ],
    };
    let result = |(index, mode): (usize, &&str)| ModeResult {
        name: (*mode).into(),
        mode: (*mode).into(),
        recording: None,
        failure: (index > 2).then(|| "the server failed: \u{1b}[2J".into()),
        report: (index <= 2).then(|| if index == 0 { fixed() } else { bare() }),
    };
    CompareReport {
        schema_version: compare::SCHEMA_VERSION,
        warnings: Vec::new(),
        differences: Vec::new(),
        conditions: CompareConditions::new(fixed().conditions, false),
        modes: FIVE[..modes].iter().enumerate().map(result).collect(),
        figures: FigureRow::list(&comparison),
        verdict: comparison.verdict,
        notes: vec!["All is instrumented.".into()],
    }
}

/// The same, the first two from recordings of different scenarios.
fn with_recordings() -> CompareReport {
    let mut report = compared(3);
    report.warnings = vec!["Not all clients had the same to do.".into()];
    report.conditions.scenario = None;
    report.conditions.scenario_title = None;
    let row = |name: &str, values: [&str; 3]| ConditionRow {
        name: name.into(),
        values: values.map(str::to_owned).into(),
    };
    report.differences = vec![
        row("scenario", ["two-clients", "boom", "boom"]),
        row("--max-connections", ["none", "7", "7"]),
    ];
    for (place, name) in ["serial", "before"].into_iter().enumerate() {
        report.modes[place].name = name.into();
        report.modes[place].recording = Some(RecordingRow {
            file: format!("lesson/{name}.rec"),
            started_at: "2026-11-24T00:20:05.123456789Z".into(),
            ended_early: (place == 1).then(|| {
                "it ends at 3.20 s and was not brought to its end (at byte \
                 1,234: \u{1b}[2J)"
                    .into()
            }),
            beside: Vec::new(),
            conditions: (place == 0).then(|| fixed().conditions),
        });
    }
    for row in &mut report.figures {
        row.values[1].mode = "before".into();
    }
    report
}

#[test]
fn of_recordings_it_is_told_where_they_came_from() {
    let text = text(&with_recordings());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn recordings_in_markdown_have_their_origin() {
    insta::assert_snapshot!(markdown(&with_recordings()));
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
    report.figures.clear();
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
    let report = with_recordings();
    for text in [text(&report), markdown(&report), to_csv(&report).unwrap()] {
        assert!(!text.contains('\x1b'), "{text}");
    }
}

#[test]
fn a_comparison_in_json_is_read_back() {
    for report in [compared(5), with_recordings()] {
        let json = to_json(&report).unwrap();
        let back: CompareReport = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
    }
}

#[test]
fn a_comparison_has_the_fields_of_its_schema_and_no_others() {
    let schema: Value =
        serde_json::from_str(&schema_of::<CompareReport>().unwrap()).unwrap();
    for report in [compared(2), compared(5), with_recordings()] {
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
