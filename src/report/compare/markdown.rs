//! A comparison as Markdown.

use super::{CompareReport, headline, unmet};
use crate::model::clean;
use crate::report::markdown::{escaped, set};
use crate::report::table::Table;

/// The comparison as Markdown: what it means, then the figures that differ.
#[must_use]
pub fn markdown(report: &CompareReport) -> String {
    let escaped = |text: &str| escaped(&clean(text));
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
    list("Verdict", &report.verdict);
    list("Expectations that did not hold", &unmet(report));
    if !report.figures.is_empty() {
        page.extend(["\n## Figures that differ\n\n", &set(&table(report))]);
    }
    for note in &report.notes {
        page.extend(["\n", &escaped(note), "\n"]);
    }
    page
}

fn table(report: &CompareReport) -> Table {
    let modes = report.modes.iter().map(|it| format!(">{}", it.mode));
    let headings: Vec<_> = ["figure".into()].into_iter().chain(modes).collect();
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    for row in &report.figures {
        let words = row.values.iter().map(|it| it.words.clone());
        table.row([row.title.clone()].into_iter().chain(words));
    }
    table
}
