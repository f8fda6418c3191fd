//! The table of the figures in which the runs differ.

use super::rows::SHOWN;
use crate::run::comparison::{Comparison, DifferingFigure, FigureValue};
use crate::text::cut;
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::{TextRows, filled};
use ratatui::prelude::Line;

/// Width of a value, without the space before its bar.
const VALUE: usize = 10;

/// The least width at which a bar is drawn.
const BAR: usize = 4;

/// Figures of which more is better, by their names.
const BETTER_IF_MORE: [&str; 1] = ["echoes"];

/// Figures that are neither good nor bad: they tell modes apart.
const NEUTRAL: [&str; 3] = ["connections", "wake_ups", "threads"];

/// Values that differ by less than this factor are alike.
const ALIKE: f64 = 2.0;

/// A value is good, too, if the worst one is this many times it.
const FAR: f64 = 10.0;

/// The figures of the comparison, without those that each run's row has.
fn figures(it: &Comparison) -> impl Iterator<Item = &DifferingFigure> {
    it.figures.iter().filter(|it| !SHOWN.contains(&&*it.name))
}

/// The titles of the figures that differ, in the order of the comparison.
pub(super) fn titles(look: &Look, it: &Comparison, width: usize) -> TextRows {
    let title = |title: &str| {
        let title = cut(title, width.saturating_sub(1), look.glyphs.more);
        look.line(Role::Dim, title)
    };
    let titles: TextRows = figures(it).map(|it| title(&it.title)).collect();
    if titles.is_empty() { vec![title("nothing so far")] } else { titles }
}

/// The values of a run, each with a bar if that fits.
pub(super) fn values(run: &Track, it: &Comparison, width: usize) -> TextRows {
    let rows = figures(it).filter_map(|figure| {
        let value = figure.values.get(run.place)?;
        Some(row(run.look, value, judged(figure, value), width))
    });
    rows.collect()
}

/// The role of a value: near the best one, near the worst one, or between.
fn judged(figure: &DifferingFigure, value: &FigureValue) -> Role {
    let all = || figure.values.iter().filter_map(|it| it.value);
    let least = all().fold(f64::INFINITY, f64::min);
    let most = all().fold(0.0, f64::max);
    let Some(value) = value.value else { return Role::Dim };
    if most < least * ALIKE || NEUTRAL.contains(&&*figure.name) {
        return Role::Text;
    }
    let is_least = value <= least || value < least * ALIKE;
    let is_most = value * ALIKE > most;
    if BETTER_IF_MORE.contains(&&*figure.name) {
        return if is_most { Role::Working } else { Role::Bad };
    }
    match (is_least || value * FAR < most, is_most) {
        (true, _) => Role::Working,
        (_, true) => Role::Bad,
        _ => Role::Text,
    }
}

fn row(
    look: &Look,
    value: &FigureValue,
    role: Role,
    width: usize,
) -> Line<'static> {
    let words = cut(&value.words, width.saturating_sub(1), look.glyphs.more);
    let padded = look.say(role, format!("{words:<VALUE$} "));
    let room = width.saturating_sub(padded.width());
    let Some(share) = value.share.filter(|_| room >= BAR) else {
        return look.line(role, words);
    };
    let filled = filled(share, room).max((share > 0.0).into());
    let bar = look.glyphs.bar[0].repeat(filled);
    let of_bar = if role == Role::Text { Role::Dim } else { role };
    Line::from(vec![padded, look.say(of_bar, bar)])
}
