//! A summary for documents.

use super::language::{exported, exported_lines, of_kind, recorded};
use crate::support::process::MODES;
use serde_json::Value;

/// The table under a heading, as cells.
fn table(page: &str, title: &str) -> Vec<Vec<String>> {
    let heading = format!("\n## {title}");
    let (_, rest) = page
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no {title}:\n{page}"));
    let part = rest.split("\n## ").next().unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| "));
    let cells = |row: &str| {
        let row = row.trim_start_matches("| ").trim_end_matches(" |");
        row.split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    rows.skip(2).map(cells).collect()
}

/// The second cell of the row that begins so.
fn value(table: &[Vec<String>], name: &str) -> String {
    let row = table.iter().find(|row| row[0] == name);
    row.unwrap_or_else(|| panic!("no {name}: {table:?}"))[1].clone()
}

#[test]
fn the_summary_is_the_report_and_what_only_a_recording_knows() {
    for mode in MODES {
        let (_folder, file) = recorded(mode, "two-clients", &[]);
        let page = exported(&file, "md", &[]);
        assert!(
            page.starts_with(&format!("# sockscope: {mode}\n\n**{mode}: "))
        );
        let json = exported_lines(&file, &[]);
        let report = &json.last().unwrap()["report"];
        let server = table(&page, "Server");
        assert_eq!(
            value(&server, "echoes"),
            report["server"]["echoes"].to_string()
        );
        for title in
            ["Calls, line by line", "Sockets", "Echo times", "Conditions"]
        {
            assert!(!table(&page, title).is_empty(), "{title}");
        }
        assert!(page.contains("## Expectations\n\n- ✓"), "{page}");
        let findings = report["findings"].as_array().unwrap();
        for finding in findings {
            let advice = finding["advice"].as_str().unwrap();
            let start = advice.split(['(', '`', '_']).next().unwrap();
            assert!(page.contains(start), "{advice}");
        }
        let about = table(&page, "Recording");
        assert_eq!(value(&about, "ending"), "complete");
        assert_eq!(value(&about, "figures from"), "the report of the run");
        expect_lines(&page, &of_kind(&json, "event"), mode);
    }
}

/// Hits and sleeps of each line are those of its events.
fn expect_lines(page: &str, events: &[&Value], mode: &str) {
    let rows = table(page, "Outcomes of each line");
    assert!(!rows.is_empty());
    for row in rows {
        let of_line = |it: &&&Value| {
            let site =
                format!("{}:{}", it["file"].as_str().unwrap_or(""), it["line"]);
            it["event"] == "exit" && site == row[0] && it["call"] == *row[2]
        };
        let calls: Vec<_> = events.iter().filter(of_line).collect();
        let slept = |it: &&&&Value| it["duration_ns"].is_u64();
        let sleeps = calls.iter().filter(slept).count();
        assert_eq!(row[5], sleeps.to_string(), "{mode}: {row:?}");
        let is_empty = sleeps == 0;
        assert_eq!(
            (row[6].is_empty(), row[7].is_empty()),
            (is_empty, is_empty)
        );
        if mode != "nonblocking" && !row[4].contains("would block") {
            assert_eq!(row[3], calls.len().to_string(), "{mode}: {row:?}");
        }
    }
}

#[test]
fn of_a_window_the_figures_are_those_up_to_its_end() {
    let (_folder, file) = recorded("blocking", "two-clients", &[]);
    let page = exported(&file, "md", &["--until", "500ms"]);
    assert!(page.contains("The run ended: not yet at 500 ms."), "{page}");
    let about = table(&page, "Recording");
    assert!(value(&about, "figures from").contains("recorded counters"));
    assert!(page.contains("not in the recording"), "{page}");
    let lines = table(&page, "Outcomes of each line");
    let asleep = |row: &&Vec<String>| row[2] == "read";
    let read = lines.iter().find(asleep).unwrap();
    // The silent client's thread is asleep in it when the window ends.
    assert_ne!(read[5], "0", "{read:?}");
    let window = ["--from", "400ms", "--until", "500ms"];
    let page = exported(&file, "md", &window);
    let lines = table(&page, "Outcomes of each line");
    let accept = lines.iter().find(|row| row[2] == "accept").unwrap();
    assert_eq!(&accept[5..], ["1", "100 ms", "100 ms"]);
}
