//! A comparison for people: the figures that differ, and what they mean.

use super::{CompareReport, FigureRow, ModeResult, SCENARIO};
use crate::report::document::{
    AsDocument, Bullet, Document, ListItem, Medium, Table, Tone, WIDTH,
};
use crate::text::listed;

/// How wide a bar may be; with less room there are none.
const BAR: std::ops::RangeInclusive<usize> = 4..=16;

/// The parts of a block, in eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

impl AsDocument for CompareReport {
    /// On a terminal figures have bars where there is room.
    fn document(&self, medium: Medium) -> Document {
        let report = self;
        let mut page = Document::new("sockscope: compare");
        page.paragraph(Tone::Lead, &headline(report));
        let warnings = report.warnings.iter();
        page.list(
            warnings.map(|it| ListItem::new(Bullet::Alert, it)).collect(),
        );
        let origins = report.modes.iter().filter_map(ModeResult::origin);
        page.listing("Recordings", origins.map(|it| plain(&it)).collect());
        let differences = report.differences.iter();
        let differences = differences.map(|it| plain(&it.words(&report.modes)));
        page.listing("Conditions that differ", differences.collect());
        page.section("Figures that differ", figure_table(report, medium), "");
        let failed = failed_checks(report).into_iter();
        let failed = failed.map(|it| ListItem::new(Bullet::Failed, &it));
        page.listing("Expectations that did not hold", failed.collect());
        let verdict = report.verdict.iter().map(|it| plain(it));
        page.listing("Verdict", verdict.collect());
        for note in &report.notes {
            page.paragraph(Tone::Body, note);
        }
        page
    }
}

fn plain(text: &str) -> ListItem {
    ListItem::new(Bullet::Plain, text)
}

/// What was compared, in a sentence or two.
fn headline(report: &CompareReport) -> String {
    let names: Vec<_> = report.modes.iter().map(|it| &*it.name).collect();
    let on = match &report.conditions.scenario {
        Some(scenario) => format!("on {scenario}, "),
        None if report.differ_in(SCENARIO) => "on different scenarios, ".into(),
        None => "without clients of ours, ".into(),
    };
    let how = how(report);
    let title = report.conditions.scenario_title.as_deref();
    let title = title.map(|title| format!(" {title}")).unwrap_or_default();
    format!("{}: {on}{how}.{title}", listed(&names))
}

/// `at once`, `from recordings`; of both `selector from a recording, serial
/// and tasks live, at once`.
fn how(report: &CompareReport) -> String {
    let of = |recorded: bool| {
        let modes = report.modes.iter();
        let these = modes.filter(|it| it.recording.is_some() == recorded);
        these.map(|it| &*it.name).collect::<Vec<_>>()
    };
    let (live, recorded) = (of(false), of(true));
    let together = match (live.len(), report.conditions.in_turn) {
        (0, _) => return "from recordings".into(),
        (_, true) => "in turn",
        (_, false) => "at once",
    };
    let from = match recorded.len() {
        0 => return together.into(),
        1 => "a recording",
        _ => "recordings",
    };
    let words =
        format!("{} from {from}, {} live", listed(&recorded), listed(&live));
    if live.len() < 2 { words } else { format!("{words}, {together}") }
}

/// The expectations that did not hold, each with its mode.
fn failed_checks(report: &CompareReport) -> Vec<String> {
    let of_mode = |it: &ModeResult| {
        let checks = it.report.iter().flat_map(|it| &it.checks);
        let failed = checks.filter(|check| check.held == Some(false));
        let sentence = |check: &crate::report::CheckRow| {
            format!(
                "{}: {}; wanted {}, found {}",
                it.name, check.says, check.wanted, check.found
            )
        };
        failed.map(sentence).collect::<Vec<_>>()
    };
    report.modes.iter().flat_map(of_mode).collect()
}

fn figure_table(report: &CompareReport, medium: Medium) -> Table {
    let narrow = table_with_bars(report, 0);
    let columns = report.modes.len().max(1);
    let left = WIDTH.saturating_sub(narrow.width());
    // Two spaces stand between columns.
    let bar = (left / columns).saturating_sub(2).min(*BAR.end());
    if medium == Medium::Markdown || bar < *BAR.start() {
        return narrow;
    }
    table_with_bars(report, bar)
}

/// A column a mode, followed by one of bars if they have a width. A mode
/// without figures keeps its column.
fn table_with_bars(report: &CompareReport, bar: usize) -> Table {
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

/// A bar that fills `room` for the largest value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "from 0 to the eighths of a few characters"
)]
fn block(share: Option<f32>, room: usize) -> String {
    let share = share.unwrap_or(0.0).clamp(0.0, 1.0);
    let eighths = (share * (room * 8) as f32).round() as usize;
    // A value that is not zero has a bar.
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
