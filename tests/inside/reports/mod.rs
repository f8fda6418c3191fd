//! Every format of one fixed report, and the log of fixed events.
//!
//! Goal: what people and programs read changes only on purpose. Method:
//! snapshots of all formats, and for each machine-readable one a test that
//! reads it back.

mod compare;
mod fixed;
mod log;

use fixed::{bare, fixed, load};
use serde_json::Value;
use sockscope::net::Errors;
use sockscope::probe::{Class, Kind, SocketId};
use sockscope::report::{
    AsDocument, Medium, Style, schema_of, to_csv, to_json,
};
use sockscope::run::report::RunReport;

fn text(report: &impl AsDocument) -> String {
    report.document(Medium::Terminal).to_text(Style::Plain)
}

fn coloured(report: &impl AsDocument) -> String {
    report.document(Medium::Terminal).to_text(Style::Colour)
}

fn markdown(report: &impl AsDocument) -> String {
    report.document(Medium::Markdown).to_markdown()
}

// ---- Text --------------------------------------------------------------

#[test]
fn the_summary_reads_so() {
    insta::assert_snapshot!(self::text(&fixed()));
}

#[test]
fn what_the_system_cannot_tell_is_not_zero() {
    let text = self::text(&bare());
    assert_eq!(text.matches("not available on this system").count(), 5);
    insta::assert_snapshot!(text);
}

#[test]
fn colours_add_nothing_but_colours() {
    let coloured = self::coloured(&fixed());
    assert!(coloured.contains("\x1b[1m"), "{coloured}");
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(stripped, self::text(&fixed()));
}

#[test]
fn a_crowd_of_sockets_is_summed_up() {
    let mut crowded = fixed();
    let row = crowded.sockets[1].clone();
    crowded.sockets = vec![row; 1_010];
    for (id, row) in (0..).zip(&mut crowded.sockets) {
        row.count.id = SocketId(id);
    }
    crowded.sockets_not_listed = 8_990;
    let text = self::text(&crowded);
    let (_, from) = text.split_once("Sockets\n").unwrap();
    let (sockets, _) = from.split_once("\n\n").unwrap();
    assert_eq!(sockets.matches("\n  #").count(), 12);
    assert!(sockets.contains("and 998 more"), "{sockets}");
    assert!(sockets.contains("998 end of"), "{sockets}");
    assert!(sockets.contains("8,990 further connections"), "{sockets}");
}

#[test]
fn a_grace_period_that_was_cut_short_is_told_apart() {
    let mut report = fixed();
    report.deadline_at_ns = Some(3_000_000_000);
    let text = self::text(&report);
    assert!(text.contains("(1 left when it was cut short)"), "{text}");
    report.phases[3].connections_left = 0;
    let text = self::text(&report);
    assert!(text.contains("finishing 2.00 s · cancelling"), "{text}");
}

pub(crate) fn widest(text: &str) -> &str {
    text.lines().max_by_key(|line| line.chars().count()).unwrap()
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let mut long = fixed();
    long.conditions.scenario_title = Some("so many words ".repeat(20));
    long.lines[0].source = Some("x".repeat(200));
    for report in [long, bare(), load()] {
        let text = self::text(&report);
        let widest = widest(&text);
        assert!(widest.chars().count() <= 80, "{widest}");
    }
}

#[test]
fn a_column_without_a_single_figure_is_left_out() {
    let mut report = fixed();
    for line in &mut report.lines {
        line.outcomes.remove(&Class::WouldBlock);
    }
    let text = self::text(&report);
    let (_, from) = text.split_once("Calls, line by line").unwrap();
    let (lines, sockets) = from.split_once("\n\n").unwrap();
    assert!(!lines.contains("would"), "{lines}");
    assert!(sockets.contains("would"), "{sockets}");
}

#[test]
fn peers_at_several_hosts_are_named_whole() {
    let mut report = fixed();
    let text = self::text(&report);
    assert!(text.contains(" :50312 "), "{text}");
    report.sockets[2].count.peer = Some("[2001:db8::1]:4711".parse().unwrap());
    let text = self::text(&report);
    assert!(text.contains(" 127.0.0.1:50312 "), "{text}");
    assert!(text.contains(" [2001:db8::1]:4711 "), "{text}");
}

#[test]
fn clients_without_a_server_of_ours_read_so() {
    insta::assert_snapshot!(self::text(&load()));
}

#[test]
fn errors_of_handlers_are_told_only_where_there_are_some() {
    let mut report = fixed();
    let text = self::text(&report);
    assert!(!text.contains("handler errors"), "{text}");
    assert!(!text.contains("errors in handlers"), "{text}");
    let options = report.conditions.server.as_mut().unwrap();
    options.errors = Some(Errors::Kept);
    let server = report.server.as_mut().unwrap();
    (server.errors_handled, server.errors_unhandled) = (1, 2);
    let text = self::text(&report);
    assert!(text.contains("3  1 handled, 2 not handled"), "{text}");
    assert!(text.contains("errors in handlers  kept"), "{text}");
}

#[test]
fn one_group_needs_no_total() {
    let mut report = load();
    let clients = report.clients.as_mut().unwrap();
    clients.groups.truncate(1);
    let text = self::text(&report);
    assert!(!text.contains("total"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["clients"]["total"]["name"], "total");
}

#[test]
fn no_format_has_raw_control_characters() {
    let report = fixed();
    let texts = [
        self::text(&report),
        self::markdown(&report),
        to_csv(&report).unwrap(),
        to_json(&report).unwrap(),
    ];
    for text in texts {
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(raw), "{text}");
        assert!(text.contains("deaf"), "{text}");
    }
}

// ---- JSON --------------------------------------------------------------

#[test]
fn the_json_reads_so() {
    insta::assert_snapshot!(to_json(&fixed()).unwrap());
}

#[test]
fn the_json_reads_back_as_the_same_report() {
    for report in [fixed(), bare(), load()] {
        let json = to_json(&report).unwrap();
        let back: RunReport = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
    }
}

/// Others read reports by this file. On a change, write what
/// `schema_of::<RunReport>()` returns into it, and mind the schema version.
#[test]
fn the_schema_in_the_file_is_current() {
    let written = include_str!("report.schema.json");
    let current = schema_of::<RunReport>().unwrap();
    if written != current {
        let path = std::env::temp_dir().join("sockscope.report.schema.json");
        std::fs::write(&path, current).unwrap();
        panic!("report.schema.json is not {}", path.display());
    }
}

#[test]
fn the_json_has_the_fields_of_its_schema_and_no_others() {
    let schema: Value =
        serde_json::from_str(&schema_of::<RunReport>().unwrap()).unwrap();
    for report in [fixed(), bare(), load()] {
        let json = serde_json::to_value(&report).unwrap();
        has_fields_of(&json, &schema, &schema);
    }
}

/// Every field is described, and every described field is there.
pub(crate) fn has_fields_of(value: &Value, schema: &Value, root: &Value) {
    let schema = resolved(schema, root);
    match value {
        Value::Object(fields) => {
            let known = &schema["properties"];
            let open = &schema["additionalProperties"];
            for (name, value) in fields {
                if open == &Value::Bool(true) && known.get(name).is_none() {
                    continue;
                }
                let field = known.get(name).unwrap_or(open);
                assert!(field.is_object(), "{name} is not in the schema");
                has_fields_of(value, field, root);
            }
            let all = known.as_object().into_iter().flatten();
            for (name, _) in all {
                assert!(fields.contains_key(name), "{name} is missing");
            }
        }
        Value::Array(rows) => {
            for row in rows {
                has_fields_of(row, &schema["items"], root);
            }
        }
        _ => {}
    }
}

/// Follows a reference, also one that may be null instead.
fn resolved<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let either = schema.get("anyOf").and_then(Value::as_array);
    let schema = either.map_or(schema, |options| &options[0]);
    let reference = schema.get("$ref").and_then(Value::as_str);
    reference.map_or(schema, |path| {
        root.pointer(path.trim_start_matches('#')).unwrap()
    })
}

// ---- CSV ---------------------------------------------------------------

fn records(report: &RunReport) -> Vec<csv::StringRecord> {
    let text = to_csv(report).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    assert_eq!(headings, vec!["path", "value"]);
    reader.records().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_csv_reads_so() {
    insta::assert_snapshot!(to_csv(&fixed()).unwrap());
}

#[test]
fn the_csv_is_one_rectangle() {
    for report in [fixed(), bare(), load()] {
        assert!(records(&report).iter().all(|record| record.len() == 2));
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

#[test]
fn the_csv_has_every_figure_of_the_json() {
    for report in [fixed(), bare(), load()] {
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(records(&report).len(), leaves(&json));
    }
}

#[test]
fn the_csv_names_each_figure_once() {
    let records = records(&fixed());
    let mut places: Vec<_> = records.iter().map(|record| &record[0]).collect();
    places.sort_unstable();
    let count = places.len();
    places.dedup();
    assert_eq!(places.len(), count);
}

// ---- Markdown ----------------------------------------------------------

#[test]
fn the_markdown_reads_so() {
    insta::assert_snapshot!(self::markdown(&fixed()));
}

#[test]
fn clients_alone_read_so_in_markdown() {
    insta::assert_snapshot!(self::markdown(&load()));
}

#[test]
fn the_rows_of_a_markdown_table_have_equal_numbers_of_cells() {
    let mut report = fixed();
    report.checks[0].says = "a | b \\ c".into();
    let text = self::markdown(&report);
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = |line: &str| {
            line.replace("\\\\", "").replace("\\|", "").matches('|').count()
        };
        let mut rows = table.lines().map(cells);
        let heading = rows.next().unwrap();
        assert!(rows.all(|row| row == heading), "{table}");
    }
}

// ---- What was done to a run ---------------------------------------------

/// A run that somebody left early after a pause.
fn meddled() -> RunReport {
    let mut report = fixed();
    let early = "the run was ended by q after 1.00 s, before its clients \
                 were done";
    let paused = "the server was paused for 3.20 s";
    report.interventions = vec![early.into(), paused.into()];
    report.checks[1].held = None;
    report.checks[1].not_judged = Some(report.interventions.join(", "));
    report
}

#[test]
fn what_was_done_to_a_run_is_told_with_its_expectations() {
    let report = meddled();
    let text = self::text(&report);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let early = "the run was ended by q after 1.00 s, before its clients were \
                 done";
    let paused = "the server was paused for 3.20 s";
    assert!(flat.contains(&format!("Mind that {early}, that {paused}.")));
    let judged = format!("not judged: {early}, {paused}; wanted 0, found");
    assert!(flat.contains(&judged), "{text}");
    assert!(!text.contains('✗'), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["interventions"][1], paused);
    assert!(json["checks"][1]["held"].is_null());
    let markdown = self::markdown(&report);
    assert!(markdown.contains(&format!("not judged: {early}, {paused}")));
    let csv = to_csv(&report).unwrap();
    assert!(csv.contains(&format!("interventions.1,{paused}")), "{csv}");
}

#[test]
fn a_busy_loop_on_a_busy_machine_did_not_choose_to_be_modest() {
    let mut report = fixed();
    let server = report.server.as_mut().unwrap();
    let cpu = server.cpu.as_mut().unwrap();
    (cpu.user_ns, cpu.system_ns) = (100_000_000, 200_000_000);
    let flat = |report: &RunReport| {
        let text = self::text(report);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let modest = "used 15 % of one core and wanted more: the machine was \
                  busy, and it was preempted 1,204 times.";
    assert!(flat(&report).contains(modest), "{}", flat(&report));
    let server = report.server.as_mut().unwrap();
    server.context_switches.as_mut().unwrap().voluntary = 5_000;
    assert!(flat(&report).contains("used 15 % of one core. "));
}

#[test]
fn iterations_without_an_accept_are_told() {
    let mut report = fixed();
    let server = report.server.as_mut().unwrap();
    server.wake_ups = None;
    server.iterations = server.calls_of(Kind::Accept) + 1_500;
    let text = self::text(&report);
    assert!(text.contains("1,500 without an accept"), "{text}");
}
