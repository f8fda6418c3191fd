//! A row an event, for spreadsheets.

use super::language::{exported, exported_lines, of_kind, recorded};
use crate::support::process::MODES;
use serde_json::Value;
use sockscope::export::COLUMNS;
use std::collections::BTreeMap;

/// A value of JSON as a cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Each row is the event of the lines of JSON, no more and no less.
#[test]
fn the_rows_are_the_events() {
    for mode in MODES {
        let (_folder, file) = recorded(mode, "two-clients", &[]);
        for window in [&[][..], &["--from", "500ms", "--until", "1s"]] {
            let json = exported_lines(&file, window);
            let mut events = of_kind(&json, "event").into_iter();
            let text = exported(&file, "csv", window);
            // As RFC 4180 says.
            assert!(
                text.ends_with("\r\n")
                    && !text.replace("\r\n", "").contains('\n')
            );
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert!(reader.headers().unwrap().iter().eq(COLUMNS.split(',')));
            for row in reader.deserialize::<BTreeMap<String, String>>() {
                let (row, event) = (row.unwrap(), events.next().unwrap());
                for (name, found) in &row {
                    assert_eq!(*found, cell(&event[name]), "{name}: {event}");
                }
                let some = row.values().filter(|cell| !cell.is_empty());
                let kind = 1;
                let fields = event.as_object().unwrap().len() - kind;
                assert_eq!(some.count(), fields, "{event}");
            }
            assert_eq!(events.next(), None, "{mode}");
        }
    }
}
