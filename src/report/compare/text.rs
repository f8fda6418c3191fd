//! A comparison for people at a terminal of 80 columns.

use super::{CompareReport, FigureRow, ModeResult, headline, unmet};
use crate::report::table::{Table, wrapped};
use crate::report::text::Page;
use crate::report::{Style, WIDTH};
use crate::text::clean;
use anstyle::AnsiColor::{Cyan, Red};

/// A bar is at least so wide, or there is none, and at most so wide.
const BAR: std::ops::RangeInclusive<usize> = 4..=16;

/// What parts of a block there are.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The comparison as text for a terminal: the figures that differ, with bars
/// where there is room, and then what they mean.
#[must_use]
pub fn text(report: &CompareReport, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    let bold = anstyle::Style::new().bold();
    for line in wrapped(&clean(&headline(report)), WIDTH) {
        page.styled(&line, bold);
    }
    origins(&mut page, report);
    figures(&mut page, &table(report));
    let unmet = unmet(report);
    if !unmet.is_empty() {
        page.heading("Expectations that did not hold");
        for it in &unmet {
            page.marked("✗", Red, &clean(it));
        }
    }
    if !report.verdict.is_empty() {
        page.heading("Verdict");
        for sentence in &report.verdict {
            page.marked("•", Cyan, &clean(sentence));
        }
    }
    page.line("");
    report.notes.iter().for_each(|note| page.paragraph(&clean(note), ""));
    page.text
}

/// What to know first, and where the contenders came from.
fn origins(page: &mut Page, report: &CompareReport) {
    for warning in &report.warnings {
        page.marked("!", Red, &clean(warning));
    }
    let origins = report.modes.iter().filter_map(ModeResult::origin);
    let origins: Vec<_> = origins.collect();
    if !origins.is_empty() {
        page.heading("Recordings");
        for it in &origins {
            page.marked("•", Cyan, &clean(it));
        }
    }
    if !report.differences.is_empty() {
        page.heading("Conditions that differ");
        for it in &report.differences {
            page.marked("•", Cyan, &clean(&it.words(&report.modes)));
        }
    }
}

/// A mode that has no figures keeps its column.
fn figures(page: &mut Page, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    page.heading("Counters that differ");
    let dim = anstyle::Style::new().dimmed();
    for line in table.heading_lines() {
        page.styled(&line, dim);
    }
    table.lines().for_each(|line| page.line(&line));
}

fn table(report: &CompareReport) -> Table {
    let narrow = set(report, 0);
    let modes = report.modes.len().max(1);
    let left = WIDTH.saturating_sub(narrow.width());
    // A column stands two spaces from the one before.
    let bar = (left / modes).saturating_sub(2).min(*BAR.end());
    if bar < *BAR.start() { narrow } else { set(report, bar) }
}

/// A column a mode, followed by one of bars if they have a width.
fn set(report: &CompareReport, bar: usize) -> Table {
    let mut headings = vec![String::new()];
    for it in &report.modes {
        headings.push(format!(">{}", it.name));
        headings.extend((bar > 0).then(String::new));
    }
    let headings: Vec<_> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    for row in &report.figures {
        table.row(cells(row, bar));
    }
    table
}

fn cells(row: &FigureRow, bar: usize) -> Vec<String> {
    let mut cells = vec![row.title.clone()];
    for value in &row.values {
        cells.push(value.words.clone());
        cells.extend((bar > 0).then(|| block(value.share, bar)));
    }
    cells
}

/// A bar of so many characters for the largest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "from 0 to the eighths of a few characters"
)]
fn block(share: Option<f32>, room: usize) -> String {
    let share = share.unwrap_or(0.0).clamp(0.0, 1.0);
    let eighths = (share * (room * 8) as f32).round() as usize;
    // What is not nothing shows.
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        let bar = |share| block(Some(share), 4);
        assert_eq!([0.0, 0.0001, 0.5, 1.0].map(bar), ["", "▏", "██", "████"]);
        assert_eq!(bar(0.53), "██▏");
        assert_eq!(block(None, 4), "");
    }
}
