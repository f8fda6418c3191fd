//! A report as Markdown, with tables as GitHub has them.

use super::table::{Align, Table};
use super::{CheckRow, FindingRow, Report, sections, text};
use crate::model::format::clean;

/// How many sockets are listed.
const SOCKETS: usize = 100;

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mode = escaped(&clean(&report.conditions.mode));
    let headline = text::headline(report).join(" ");
    let mut page = format!("# sockscope: {mode}\n\n{}\n", escaped(&headline));
    let mut section = |title: &str, table: &Table| {
        if !table.rows.is_empty() {
            page.extend(["\n## ", title, "\n\n", &set(table)]);
        }
    };
    section("Server", &sections::server(report));
    section("Calls, line by line", &sections::lines(&report.lines));
    section("Sockets", &sections::sockets(&report.sockets, SOCKETS));
    if let Some(clients) = &report.clients {
        section("Clients", &sections::clients(clients));
        let times = sections::echo_times(clients);
        section("Echo times, measured by the clients", &times);
    }
    section("Expectations", &checks(&report.checks));
    section("Findings", &findings(&report.findings));
    section("Conditions", &sections::conditions(&report.conditions));
    page
}

fn checks(checks: &[CheckRow]) -> Table {
    let mut table = Table::new(&["held", "expectation", "wanted", "found"]);
    for check in checks {
        let held = match check.held {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        let CheckRow { says, wanted, found, .. } = check.clone();
        table.row([held.into(), says, wanted, found]);
    }
    table
}

fn findings(findings: &[FindingRow]) -> Table {
    let mut table = Table::new(&["observation", "advice"]);
    for FindingRow { observation, advice } in findings.iter().cloned() {
        table.row([observation, advice]);
    }
    table
}

/// The table, a line a row.
fn set(table: &Table) -> String {
    let headings = table.columns.iter().map(|(heading, _)| (*heading).into());
    let rules = table.columns.iter().map(|(_, align)| match align {
        Align::Left => ":---".into(),
        Align::Right => "---:".into(),
    });
    let rows = table
        .rows
        .iter()
        .map(|row| row_of(row.iter().map(|cell| escaped(cell))));
    [row_of(headings), row_of(rules)].into_iter().chain(rows).collect()
}

fn row_of(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Text that Markdown takes as it is.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut text, c| {
        if matches!(c, '\\' | '|' | '<' | '*' | '_' | '`' | '[' | ']') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}
