//! Every format of fixed reports, and the log of fixed events.
//!
//! Goal: what people and programs read changes only on purpose. Method:
//! reports in files, snapshots of all formats, and for each machine-readable
//! one a test that reads it back.

mod compare;
mod log;

use crate::support::schema;
use itertools::Itertools as _;
use serde_json::Value;
use sockscope::net::Errors;
use sockscope::probe::{Class, Kind, SocketId};
use sockscope::report::{
    AsDocument, Medium, Style, schema_of, to_csv, to_json,
};
use sockscope::run::report::RunReport;

/// A busy loop with two clients: one talks, one never reads.
const FIXED: &str = include_str!("fixed.json");

/// A run without clients of ours on a system that provides few figures.
const BARE: &str = include_str!("bare.json");

/// Clients of two kinds that called a server which is not ours.
const LOAD: &str = include_str!("load.json");

fn read(json: &str) -> RunReport {
    serde_json::from_str(json).unwrap()
}

fn text(report: &impl AsDocument) -> String {
    report.document(Medium::Terminal).to_text(Style::Plain)
}

fn markdown(report: &impl AsDocument) -> String {
    report.document(Medium::Markdown).to_markdown()
}

/// The words of a text without its line ends and columns.
fn flat(text: &str) -> String {
    text.split_whitespace().join(" ")
}

pub(crate) fn widest(text: &str) -> &str {
    text.lines().max_by_key(|line| line.chars().count()).unwrap()
}

#[test]
fn every_form_for_people_reads_so() {
    let [fixed, bare, load] = [FIXED, BARE, LOAD].map(read);
    let missing = text(&bare).matches("not available on this system").count();
    assert_eq!(missing, 5, "what the system cannot tell is not zero");
    for (name, text) in [
        ("the_summary_reads_so", text(&fixed)),
        ("what_the_system_cannot_tell_is_not_zero", text(&bare)),
        ("clients_without_a_server_of_ours_read_so", text(&load)),
        ("the_markdown_reads_so", markdown(&fixed)),
        ("clients_alone_read_so_in_markdown", markdown(&load)),
        ("the_csv_reads_so", to_csv(&fixed).unwrap()),
    ] {
        insta::assert_snapshot!(name, text);
    }
}

/// A change of a report, words that its text has then, and words that it has
/// only with the change or only without it.
type Case = (fn(&mut RunReport), &'static str, &'static [&'static str]);

const UNUSUAL: [Case; 9] = [
    (
        |it| it.deadline_at_ns = Some(3_000_000_000),
        "(1 left when it was cut short)",
        &["(1 left at the deadline)"],
    ),
    (
        |it| it.phases[3].left = 0,
        "finishing 2.00 s · cancelling",
        &["left at the deadline"],
    ),
    (
        |it| {
            for line in &mut it.lines {
                line.outcomes.remove(&Class::WouldBlock);
            }
        },
        "of nonblocking.rs line calls bytes source",
        &["of nonblocking.rs would line calls block bytes source"],
    ),
    (
        |it| {
            let server = it.server.as_mut().unwrap();
            (server.errors_handled, server.errors_unhandled) = (1, 2);
            let options = it.conditions.server.as_mut().unwrap();
            options.errors = Some(Errors::Kept);
        },
        "handler errors 3 1 handled, 2 not handled",
        &["errors in handlers kept"],
    ),
    (
        |it| it.clients.as_mut().unwrap().groups.truncate(1),
        "talker 1 of 1",
        &["total 2 of 2"],
    ),
    (
        |it| {
            let server = it.server.as_mut().unwrap();
            let cpu = server.cpu.as_mut().unwrap();
            (cpu.user_ns, cpu.system_ns) = (100_000_000, 200_000_000);
        },
        "used 15 % of one core and wanted more: the machine was busy, and \
             it was preempted 1,204 times.",
        &["almost never asleep"],
    ),
    (
        |it| {
            let server = it.server.as_mut().unwrap();
            let cpu = server.cpu.as_mut().unwrap();
            (cpu.user_ns, cpu.system_ns) = (100_000_000, 200_000_000);
            server.context_switches.as_mut().unwrap().voluntary = 5_000;
        },
        "used 15 % of one core. ",
        &["almost never asleep"],
    ),
    (
        |it| {
            let server = it.server.as_mut().unwrap();
            server.wake_ups = None;
            server.iterations = server.calls_of(Kind::Accept) + 1_500;
        },
        "1,500 without an accept",
        &[],
    ),
    (
        |it| {
            let all = ["the run was ended by q", "the server was paused"];
            it.interventions = all.map(str::to_owned).into();
            it.checks[1].held = None;
            it.checks[1].not_judged = Some(all.join(", "));
        },
        "not judged: the run was ended by q, the server was paused; \
             wanted 0, found",
        &[
            "Mind that the run was ended by q, that the server was \
               paused.",
            "✗",
        ],
    ),
];

/// Each change makes its words appear, and the others differ from usual.
#[test]
fn what_is_unusual_is_said_and_nothing_else() {
    let usual = flat(&text(&read(FIXED)));
    for (change, words, differing) in UNUSUAL {
        let mut report = read(FIXED);
        change(&mut report);
        let text = flat(&text(&report));
        assert!(text.contains(words), "{words}: {text}");
        for words in differing {
            let differs = text.contains(words) != usual.contains(words);
            assert!(differs, "{words}: {text}");
        }
    }
}

#[test]
fn a_crowd_of_sockets_is_summed_up() {
    let mut crowded = read(FIXED);
    let row = crowded.sockets[1].clone();
    crowded.sockets = (0..1_010)
        .map(|id| {
            let mut row = row.clone();
            row.count.id = SocketId(id);
            row
        })
        .collect();
    crowded.sockets_not_listed = 8_990;
    let text = text(&crowded);
    let (_, from) = text.split_once("Sockets\n").unwrap();
    let (sockets, _) = from.split_once("\n\n").unwrap();
    assert_eq!(sockets.matches("\n  #").count(), 12);
    for words in
        ["998 further connections not shown", "8,990 further connections"]
    {
        assert!(sockets.contains(words), "{sockets}");
    }
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let mut long = read(FIXED);
    long.conditions.scenario_title = Some("so many words ".repeat(20));
    long.lines[0].source = Some("x".repeat(200));
    for report in [long, read(BARE), read(LOAD)] {
        let text = text(&report);
        let widest = widest(&text);
        assert!(widest.chars().count() <= 80, "{widest}");
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    let report = read(FIXED);
    let coloured = report.document(Medium::Terminal).to_text(Style::Colour);
    assert!(coloured.contains("\x1b[1m"), "{coloured}");
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, text(&report));
}

#[test]
fn no_format_has_raw_control_characters() {
    let report = read(FIXED);
    let (csv, json) = (to_csv(&report).unwrap(), to_json(&report).unwrap());
    for text in [text(&report), markdown(&report), csv, json] {
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(raw), "{text}");
        assert!(text.contains("deaf"), "{text}");
    }
}

#[test]
fn the_rows_of_a_markdown_table_have_equal_numbers_of_cells() {
    let mut report = read(FIXED);
    report.conditions.scenario_title = Some("a | b \\ c".into());
    let text = markdown(&report);
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        let mut cells = table.lines().map(|line| {
            line.replace("\\\\", "").replace("\\|", "").matches('|').count()
        });
        assert!(cells.all_equal(), "{table}");
    }
}

/// Values that are not lists or objects.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.values().map(leaves).sum(),
        Value::Array(rows) => rows.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// The files are what is written, and what they hold is in the schema; the
/// CSV has every figure of it, once.
#[test]
fn json_and_csv_hold_the_whole_report() {
    let schema = schema_of::<RunReport>().unwrap();
    schema::expect_current(
        "report",
        include_str!("report.schema.json"),
        &schema,
    );
    let schema = serde_json::from_str(&schema).unwrap();
    for file in [FIXED, BARE, LOAD] {
        let report = read(file);
        assert_eq!(to_json(&report).unwrap(), file);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(schema::check(&json, &schema), Ok(()));
        let csv = to_csv(&report).unwrap();
        let mut csv = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(csv.headers().unwrap(), vec!["path", "value"]);
        let paths = csv.records().map(|row| row.unwrap()[0].to_owned());
        assert_eq!(paths.unique().count(), leaves(&json));
    }
}
