//! Who does best, and how many times better than each other one.

use super::Section;
use super::grid::{self, FOREIGN, LEFT_OUT};
use crate::measure::{
    Against, BenchResult, Figure, Ranking, Spread, is_foreign, left_out,
    rankings,
};
use crate::report::document::{Medium, NOTHING, Table};
use crate::units::show_interval;

const INTERVAL: &str = "their 95\u{a0}% interval each";

const RANGE: &str = "the least and the most of all rounds: there are too few \
                     for an interval";

/// A table a figure by which servers are compared.
pub(super) fn sections(result: &BenchResult, medium: Medium) -> Vec<Section> {
    let rankings = rankings(result);
    let section = |ranking: &Ranking| Section {
        title: format!("{} {}", ranking.best, ranking.deed()),
        table: table(ranking, medium),
        note: String::new(),
    };
    rankings.iter().map(section).collect()
}

fn table(ranking: &Ranking, medium: Medium) -> Table {
    let mut table = Table::new(&[">ratio", "interval", ""]);
    for against in &ranking.against {
        let Spread { median, low, high, .. } = against.ratio.0;
        let words = words(ranking.figure, against, medium);
        if median < 1.0 {
            let name = grid::name(&against.subject, medium);
            let words = format!("not to be told apart from {name}");
            table.row([NOTHING.into(), String::new(), words]);
            continue;
        }
        let [median, low, high] = show_interval(median, low, high);
        table.row([median, format!("[{low}..{high}]"), words]);
    }
    table
}

fn words(figure: Figure, against: &Against, medium: Medium) -> String {
    let name = grid::name(&against.subject, medium);
    let words = match figure {
        Figure::EchoesPerS => format!("times as many as {name}"),
        Figure::ServerCpu => format!("times as much in {name}"),
        _ => format!("times as long in {name}"),
    };
    match against.verdict.words() {
        "" => words,
        verdict => format!("{words}: {verdict}"),
    }
}

/// What the ratios are, and who is not among them.
pub(super) fn note(result: &BenchResult) -> String {
    let enough = rankings(result).iter().all(Ranking::is_enough);
    let interval = if enough { INTERVAL } else { RANGE };
    let mut note = format!(
        "Ratios are medians of the quotients of the same rounds, with \
         {interval}."
    );
    let left = left_out(result);
    if !left.is_empty() {
        let names: Vec<_> = left.iter().map(|it| &*it.subject).collect();
        note.extend([" Without ", &names.join(", "), "."]);
    }
    note
}

/// What the marks behind a name say.
pub(super) fn left_out_note(result: &BenchResult) -> String {
    let all = left_out(result);
    let told = all.iter().map(|it| format!("{} ({})", it.subject, it.why));
    let mut note = match &told.collect::<Vec<_>>()[..] {
        [] => String::new(),
        told => format!("{LEFT_OUT} not compared: {}. ", told.join(", ")),
    };
    if result.subjects.iter().any(is_foreign) {
        note.extend([FOREIGN, " ran already: not started by sockscope, and not bound to a core by it."]);
    }
    note.trim_end().into()
}
