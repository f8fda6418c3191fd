//! A report as Markdown, with tables as GitHub has them.

use super::headline::headline;
use super::sections::Section;
use super::table::{Align, NO_BREAK, Table};
use super::{CheckRow, FindingRow, Report, sections};
use crate::text::clean;

/// How many sockets are listed.
const SOCKETS: usize = 100;

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mode = report.conditions.mode.as_deref().unwrap_or("load");
    let (mode, headline) =
        (escaped(&clean(mode)), escaped(&headline(report).join(" ")));
    let mut page = format!("# sockscope: {mode}\n\n{headline}\n");
    let mut section = |title: &str, table: &Table, note: &str| {
        if !table.rows.is_empty() {
            page.extend(["\n## ", title, "\n\n", &set(table)]);
        }
        if !note.is_empty() {
            page.extend(["\n", note, "\n"]);
        }
    };
    for Section { title, table, note } in sections::figures(report, SOCKETS) {
        section(&escaped(&title), &table, &note);
    }
    section("Expectations", &checks(&report.checks), "");
    section("Findings", &findings(&report.findings), "");
    section("Conditions", &sections::conditions(report), "");
    page
}

/// A table of other figures beside a report. A heading that begins with `>`
/// stands on the right, and so do its cells: numbers.
#[must_use]
pub fn markdown_table<const N: usize>(
    headings: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new(headings);
    rows.for_each(|row| table.row(row));
    set(&table)
}

fn checks(checks: &[CheckRow]) -> Table {
    let mut table = Table::new(&["held", "expectation", "wanted", "found"]);
    for check in checks {
        let held = match check.held {
            Some(true) => "✓",
            Some(false) => "✗",
            None => "?",
        };
        let CheckRow { says, wanted, found, not_judged, .. } = check.clone();
        let why = not_judged.map(|why| format!(" (not judged: {why})"));
        let found = found + &why.unwrap_or_default();
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
pub(super) fn set(table: &Table) -> String {
    let headings =
        table.columns.iter().map(|(it, _)| escaped(it).replace('\n', " "));
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

/// Sentences that are not to be missed, in bold, a paragraph each.
pub(super) fn alarmed(sentences: &[String]) -> String {
    let bold = |it: &String| format!("\n**{}**\n", escaped(&clean(it)));
    sentences.iter().map(bold).collect()
}

/// Text that Markdown takes as it is.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace(NO_BREAK, " ");
    text.chars().fold(String::with_capacity(text.len()), |mut text, c| {
        if matches!(c, '\\' | '|' | '<' | '*' | '_' | '`' | '[' | ']') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}
