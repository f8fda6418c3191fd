//! A sweep for documents.

use super::conditions::fine_print;
use super::tables::{legend, medians};
use super::words::{alerts, cautions, told_words};
use crate::measure::Figure;
use crate::measure::sweep::SweepResult;
use crate::report::headline::capital;
use crate::report::markdown::{alarmed, escaped, set};
use crate::text::clean;
use std::fmt::Write as _;

/// The sweep as Markdown: of every figure what it shows, and its medians.
#[must_use]
pub fn sweep_markdown(result: &SweepResult, figures: &[Figure]) -> String {
    let mut page = format!("# sockscope: sweep of {}\n", result.axis.title());
    page.push_str(&alarmed(&alerts(result)));
    for figure in figures {
        section(&mut page, result, *figure);
    }
    let cautions = cautions(result);
    if !cautions.is_empty() {
        page.push_str("\n## Findings\n\n");
        items(&mut page, cautions);
    }
    page.push_str("\n## Conditions\n\n");
    items(&mut page, fine_print(&result.into()));
    page
}

fn section(page: &mut String, result: &SweepResult, figure: Figure) {
    let title = capital(figure.title());
    let (unit, table) = medians(result, figure);
    let unit = match unit.unit {
        "" => String::new(),
        unit => format!(", {unit}"),
    };
    let _ = write!(page, "\n## {title}{unit}\n\n{}\n", set(&table));
    for words in legend(result, figure) {
        let _ = writeln!(page, "{}\n", escaped(&clean(&words)));
    }
    items(page, told_words(result, figure));
}

fn items(page: &mut String, items: impl IntoIterator<Item = String>) {
    for item in items {
        let _ = writeln!(page, "- {}", escaped(&clean(&item)));
    }
}
