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

/// The name of the one figure of which more is better.
const ECHOES: &str = "echoes";

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
        Some(row(run.look, value, judged(it, figure, run.place), width))
    });
    rows.collect()
}

/// Whether a run has echoed about as much as any other: what it used is judged
/// beside that of others only if it served its clients as well.
fn is_served(it: &Comparison, place: usize) -> bool {
    let echoes = it.figures.iter().find(|it| it.name == ECHOES);
    echoes.is_none_or(|it| {
        let all = it.values.iter().filter_map(|it| it.value);
        let value = it.values.get(place).and_then(|it| it.value);
        value.is_some_and(|value| value * ALIKE > all.fold(0.0, f64::max))
    })
}

/// The role of a run's value: near the best one, near the worst one, or
/// between.
fn judged(it: &Comparison, figure: &DifferingFigure, place: usize) -> Role {
    let is_echoes = figure.name == ECHOES;
    let is_judged = |place| is_echoes || is_served(it, place);
    let all = || {
        let all = figure.values.iter().enumerate();
        all.filter(|(place, _)| is_judged(*place))
            .filter_map(|(_, it)| it.value)
    };
    let least = all().fold(f64::INFINITY, f64::min);
    let most = all().fold(0.0, f64::max);
    let value = figure.values.get(place).and_then(|it| it.value);
    let Some(value) = value else { return Role::Dim };
    let is_neutral = NEUTRAL.contains(&&*figure.name);
    if is_neutral || !is_judged(place) || most < least * ALIKE {
        return Role::Text;
    }
    let is_least = value <= least || value < least * ALIKE;
    let is_most = value * ALIKE > most;
    if is_echoes {
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
