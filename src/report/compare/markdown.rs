//! A comparison as Markdown.

use super::{CompareReport, ModeResult, headline, unmet};
use crate::report::markdown::{escaped, set};
use crate::report::table::Table;
use crate::text::clean;

/// The comparison as Markdown: what it means, then the figures that differ.
#[must_use]
pub fn markdown(report: &CompareReport) -> String {
    let escaped = |text: &str| escaped(&clean(text));
    let origins = report.modes.iter().filter_map(ModeResult::origin);
    let origins: Vec<_> = origins.collect();
    let mut page =
        format!("# sockscope: compare\n\n{}\n", escaped(&headline(report)));
    let mut list = |title: &str, items: &[String]| {
        if items.is_empty() {
            return;
        }
        page.extend(["\n## ", title, "\n\n"]);
        for item in items {
            page.extend(["- ", &escaped(item), "\n"]);
        }
    };
    list("To know first", &report.warnings);
    list("Recordings", &origins);
    list("Verdict", &report.verdict);
    list("Expectations that did not hold", &unmet(report));
    if !report.differences.is_empty() {
        let table = conditions(report);
        page.extend(["\n## Conditions that differ\n\n", &set(&table)]);
    }
    if !report.figures.is_empty() {
        page.extend(["\n## Counters that differ\n\n", &set(&table(report))]);
    }
    for note in &report.notes {
        page.extend(["\n", &escaped(note), "\n"]);
    }
    page
}

fn conditions(report: &CompareReport) -> Table {
    let mut table = empty_table("condition", report);
    for row in &report.differences {
        let values = row.values.iter().cloned();
        table.row([row.name.clone()].into_iter().chain(values));
    }
    table
}

fn empty_table(first: &str, report: &CompareReport) -> Table {
    let names = report.modes.iter().map(|it| format!(">{}", it.name));
    let headings: Vec<_> = [first.into()].into_iter().chain(names).collect();
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    Table::new(&headings)
}

fn table(report: &CompareReport) -> Table {
    let mut table = empty_table("figure", report);
    for row in &report.figures {
        let words = row.values.iter().map(|it| it.words.clone());
        table.row([row.title.clone()].into_iter().chain(words));
    }
    table
}
