//! `schema`, the reports in JSON, and that nothing else is printed where a
//! program reads a report.

use crate::support::process::{BRIEF, Folder, Server, record, run};
use crate::support::schema::check;
use serde_json::Value;
use std::fs::read_to_string;

/// Each schema and the file in the repository by which others read.
const FILES: [(&str, &str); 6] = [
    ("report", "tests/inside/reports/report.schema.json"),
    ("compare", "tests/inside/reports/compare.schema.json"),
    ("bench", "tests/inside/measure/measure.schema.json"),
    ("sweep", "tests/inside/measure/measure.schema.json"),
    ("scenario", "scenarios/schema.json"),
    ("events", "tests/outside/exports/jsonl.schema.json"),
];

fn printed(name: &str) -> String {
    run(&["schema", name]).expect_success().stdout.clone()
}

/// On a change, copy what is printed to where the failure says, and mind the
/// schema version.
#[test]
fn each_schema_is_valid_and_is_the_one_in_the_repository() {
    for (name, file) in FILES {
        let schema = printed(name);
        let value = serde_json::from_str(&schema).unwrap();
        jsonschema::meta::validate(&value)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        if read_to_string(file).unwrap() != schema {
            let path = format!("sockscope.{name}.schema.json");
            let path = std::env::temp_dir().join(path);
            std::fs::write(&path, schema).unwrap();
            panic!("{file} is not {}", path.display());
        }
    }
}

#[test]
fn the_names_of_the_schemas_are_listed() {
    let list = run(&["schema"]).expect_success().stdout.clone();
    let names = list.lines().map(|line| {
        let (name, meaning) = line.split_once(' ').unwrap();
        assert!(!meaning.trim().is_empty(), "{line}");
        name
    });
    assert!(names.eq(FILES.map(|(name, _)| name)), "{list}");
    let finished = run(&["schema", "reprot"]);
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    assert!(finished.stderr.contains("'report'"), "{finished:?}");
}

/// Every value of a command's standard output is as this schema says.
#[track_caller]
fn expect_json_alone(name: &str, line: &[&str]) -> Vec<Value> {
    let finished = run(line);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let values = serde_json::Deserializer::from_str(&finished.stdout);
    let values = values.into_iter::<Value>().collect::<Result<Vec<_>, _>>();
    let values = values.unwrap_or_else(|error| {
        panic!("{line:?}: {error}: {}", finished.stdout)
    });
    let schema = serde_json::from_str(&printed(name)).unwrap();
    for value in &values {
        assert_eq!(check(value, &schema), Ok(()), "{line:?}");
    }
    values
}

#[test]
fn a_report_for_programs_is_alone_on_standard_output() {
    let folder = Folder::new("json-alone");
    let brief = folder.write("brief.toml", BRIEF);
    let with_brief = ["--scenario", &brief, "--report", "json"];
    let server = Server::start("selector", &[]);
    let address = server.address.to_string();
    let soon = "--rounds 1 --time 300ms --warm-up 1ms --report json";
    let soon: Vec<_> = soon.split(' ').collect();
    for (name, command, options) in [
        ("report", &["selector"][..], &with_brief[..]),
        ("report", &["selector", "--ui", "log"], &with_brief),
        ("report", &["load", &address], &with_brief),
        ("compare", &["compare", "serial", "tasks"], &with_brief),
        (
            "compare",
            &["compare", "serial", "tasks", "--ui", "log"],
            &with_brief,
        ),
        ("bench", &["bench", "selector", "--clients", "2"], &soon),
        ("sweep", &["sweep", "selector", "--clients", "1,2"], &soon),
    ] {
        let values = expect_json_alone(name, &[command, options].concat());
        assert_eq!(values.len(), 1, "{command:?}");
    }
    // The log is not lost where it is wanted.
    let line = [&["selector", "--ui", "log"][..], &with_brief].concat();
    let finished = run(&line);
    assert!(finished.stderr.contains(" accept "), "{finished:?}");
    let file = record(&folder, "selector", &brief, &[]);
    let line = ["export", &file, "--to", "jsonl"];
    assert!(expect_json_alone("events", &line).len() > 10);
}

/// Other forms are read by programs, too.
#[test]
fn a_report_in_any_form_but_text_is_alone_on_standard_output() {
    let folder = Folder::new("form-alone");
    let brief = folder.write("brief.toml", BRIEF);
    for (form, begins) in [("csv", "path,value\n"), ("markdown", "# ")] {
        let finished = run(&["tasks", "--scenario", &brief, "--report", form]);
        let text = &finished.expect_success().stdout;
        assert!(text.starts_with(begins), "{text}");
    }
}
