//! The report of several runs: the figures that differ, and what they mean.

use super::document::{
    AsDocument, Bullet, Document, ListItem, Medium, Table, Tone, WIDTH,
};
use crate::run::comparison::{Comparison, compare};
use crate::run::conditions::Conditions;
use crate::run::report::{REPORT_VERSION, RecordingOrigin, RunReport};
use crate::scenario::ExpectationCheck;
use crate::text::{clean, listed};
use itertools::Itertools as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::iter::once;

/// The result of a comparison of several runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompareReport {
    /// The version of this format, the same as that of the reports in it.
    pub schema_version: u32,
    /// The conditions of the comparison: those of this program and this
    /// machine. The scenario is missing if the runs had none or different
    /// ones.
    pub conditions: Conditions,
    /// Whether the modes ran one after the other, not all at once.
    pub in_turn: bool,
    /// What differs, and what that means.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The reports of the runs, in the order of the columns.
    pub modes: Vec<RunReport>,
    /// What to bear in mind when the figures are compared.
    pub notes: Vec<String>,
}

impl CompareReport {
    /// Compares runs; `conditions` are those of this command.
    pub fn new(
        conditions: Conditions,
        in_turn: bool,
        modes: Vec<RunReport>,
        notes: Vec<String>,
    ) -> Self {
        let first = modes.first().map(|it| &it.conditions);
        let is_same = |it: &&Conditions| {
            modes.iter().all(|other| other.conditions.scenario == it.scenario)
        };
        let common = first.filter(is_same).cloned().unwrap_or_default();
        Self {
            schema_version: REPORT_VERSION,
            conditions: Conditions {
                scenario: common.scenario,
                scenario_title: common.scenario_title,
                scenario_crc32: common.scenario_crc32,
                ..conditions
            },
            in_turn,
            comparison: compare(&modes),
            modes,
            notes,
        }
    }
}

/// The width of a bar, in characters; with less room there are no bars.
const BAR: std::ops::RangeInclusive<usize> = 4..=16;

/// Blocks that fill 0 to 7 eighths of a character.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Headings of the report.
const VERDICT: &str = "Verdict";
const NOT_HELD: &str = "Expectations that did not hold";
const FIGURES: &str = "Figures that differ";

impl AsDocument for CompareReport {
    const FIRST: &'static [&'static str] = &[VERDICT, NOT_HELD, FIGURES];

    /// On a terminal, figures have bars if there is room for them.
    fn document(&self, medium: Medium) -> Document {
        let Comparison { warnings, differences, verdict, .. } =
            &self.comparison;
        let mut page = Document::new("sockscope: compare");
        page.paragraph(Tone::Lead, &headline(self));
        let alert = |it: &String| ListItem::new(Bullet::Alert, it);
        page.listing("", warnings.iter().map(alert));
        let origins = self.modes.iter().flat_map(|run| {
            let lacks = run.recording_incomplete.as_ref();
            let lacks = lacks.map(|it| format!("{}: {it}", run.name));
            origin(run).into_iter().chain(lacks)
        });
        page.listing("Recordings", origins.map(ListItem::plain));
        let differences = differences.iter().map(|it| {
            let values = it.values.iter().zip(&self.modes);
            let mut values =
                values.map(|(it, run)| format!("{it} in {}", run.name));
            ListItem::plain(format!("{}: {}", it.name, values.join(", ")))
        });
        page.listing("Conditions that differ", differences);
        page.section(FIGURES, figure_table(self, medium), "");
        let failed = self.modes.iter().flat_map(|run| {
            let failed = run.checks.iter().filter(|it| it.held == Some(false));
            failed.map(|it| {
                let ExpectationCheck { says, wanted, found, .. } = it;
                let name = &run.name;
                ListItem::new(
                    Bullet::Failed,
                    &format!("{name}: {says}; wanted {wanted}, found {found}"),
                )
            })
        });
        page.listing(NOT_HELD, failed);
        page.listing(VERDICT, verdict.iter().map(ListItem::plain));
        for note in &self.notes {
            page.paragraph(Tone::Body, note);
        }
        page
    }
}

/// What was compared, in a sentence or two.
fn headline(report: &CompareReport) -> String {
    let names: Vec<_> = report.modes.iter().map(|it| &*it.name).collect();
    let mut scenarios = report.modes.iter().map(|it| &it.conditions.scenario);
    let on = match &report.conditions.scenario {
        Some(scenario) => format!("on {scenario}, "),
        None if scenarios.any(Option::is_some) => {
            "on different scenarios, ".into()
        }
        None => "without clients of ours, ".into(),
    };
    let is_recorded = report.modes.iter().any(|it| it.recording.is_some());
    let how = match report.in_turn {
        _ if is_recorded => "from recordings",
        true => "in turn",
        false => "at once",
    };
    let title = report.conditions.scenario_title.as_deref();
    let title = title.map(|title| format!(" {title}")).unwrap_or_default();
    format!("{}: {on}{how}.{title}", listed(&names))
}

/// Where a run came from if it was recorded: `before: before.rec, selector
/// recorded 2026-11-24T00:20:05Z by sockscope 0.1.0`.
fn origin(run: &RunReport) -> Option<String> {
    let RecordingOrigin { file, ended_early } = run.recording.as_ref()?;
    let Conditions { mode, started_at, sockscope_version, .. } =
        &run.conditions;
    let mode = mode.as_ref().filter(|mode| **mode != run.name);
    let mode = mode.map_or(String::new(), |mode| format!("{mode} "));
    let early = ended_early.as_ref().map(|why| format!("; {why}"));
    Some(format!(
        "{}: {file}, {mode}recorded {started_at} by sockscope \
         {sockscope_version}{}",
        run.name,
        early.unwrap_or_default()
    ))
}

/// One column per mode, on a terminal followed by a column of bars if there is
/// room. A mode without figures keeps its column.
fn figure_table(report: &CompareReport, medium: Medium) -> Table {
    let table = |bar: usize| {
        let with_bar = |cell: String, share| {
            once(cell).chain((bar > 0).then(|| block(share, bar)))
        };
        let modes = report.modes.iter();
        let modes = modes
            .flat_map(|it| with_bar(format!(">{}", clean(&it.name)), None));
        let rows = report.comparison.figures.iter().map(|row| {
            let values = row.values.iter();
            let values =
                values.flat_map(|it| with_bar(it.words.clone(), it.share));
            once(row.title.clone()).chain(values)
        });
        Table::new(once(String::new()).chain(modes)).with_rows(rows)
    };
    let narrow = table(0);
    let left = WIDTH.saturating_sub(narrow.width());
    // Two spaces stand between columns.
    let bar = (left / report.modes.len().max(1)).saturating_sub(2);
    let bar = bar.min(*BAR.end());
    let has_room = medium == Medium::Terminal && BAR.contains(&bar);
    if has_room { table(bar) } else { narrow }
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
