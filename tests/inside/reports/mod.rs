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
use sockscope::run::report::{RunReport, ServerReport};

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

fn server(report: &mut RunReport) -> &mut ServerReport {
    report.server.as_mut().unwrap()
}

/// CPU time of an eighth of what it was.
fn use_less(report: &mut RunReport) {
    let cpu = server(report).cpu.as_mut().unwrap();
    (cpu.user_ns, cpu.system_ns) = (100_000_000, 200_000_000);
}

type Change = fn(&mut RunReport);

const UNUSUAL: [(&str, Change); 9] = [
    ("no client left to be cut", |it| it.phases[3].left = 0),
    ("no line would block", |it| {
        for line in &mut it.lines {
            line.outcomes.remove(&Class::WouldBlock);
        }
    }),
    ("errors in handlers", |it| {
        (server(it).errors_handled, server(it).errors_unhandled) = (1, 2);
        let options = it.conditions.server.as_mut().unwrap();
        options.errors = Some(Errors::Kept);
    }),
    ("a single group", |it| {
        it.clients.as_mut().unwrap().groups.truncate(1);
    }),
    ("preempted", use_less),
    ("a peer elsewhere", |it| {
        it.sockets[2].count.peer = "[2001:db8::1]:4711".parse().ok();
    }),
    ("asleep more often than preempted", |it| {
        use_less(it);
        server(it).context_switches.as_mut().unwrap().voluntary = 5_000;
    }),
    ("iterations without an accept", |it| {
        let accepts = server(it).calls_of(Kind::Accept);
        (server(it).wake_ups, server(it).iterations) = (None, accepts + 1_500);
    }),
    ("interventions", |it| {
        let all = ["the run was ended by q", "the server was paused"];
        it.interventions = all.map(str::to_owned).into();
        it.checks[1].held = None;
        it.checks[1].not_judged = Some(all.join(", "));
    }),
];

/// Which lines of the text are others.
#[test]
fn what_is_unusual_is_said_and_nothing_else() {
    let usual = text(&read(FIXED));
    let page = UNUSUAL.map(|(case, change)| {
        let mut report = read(FIXED);
        change(&mut report);
        let text = text(&report);
        let lost = usual.lines().filter(|it| !text.contains(it));
        let new = text.lines().filter(|it| !usual.contains(it));
        let lost = lost.map(|it| format!("- {it}"));
        let lines = lost.chain(new.map(|it| format!("+ {it}")));
        format!("# {case}\n{}\n", lines.format("\n"))
    });
    insta::assert_snapshot!("unusual_runs_read_so", page.join("\n"));
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

/// What the files hold is in the schema; the CSV has every figure of it, once.
#[test]
fn json_and_csv_hold_the_whole_report() {
    let schema = schema_of::<RunReport>().unwrap();
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
