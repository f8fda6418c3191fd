//! A sweep for people: of every figure a chart, its medians and what they
//! show; then what makes it less sure, and the conditions.

use super::figure_chart::{Bands, chart, most_rounds};
use super::fine_print::fine_print;
use super::words::{alerts, figure_words, sweep_cautions};
use crate::measure::{Figure, SweepAxis, SweepPoint, SweepResult};
use crate::report::chart::{Canvas, draw};
use crate::report::document::{
    Bullet, Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::text::{capital, clean};
use crate::units::Scale;
use crate::units::plural;

/// What `≥` means.
const AT_LEAST: &str = "≥ at least this long: too many messages that were due \
                        had no echo at the end";

/// The figures of a sweep that are reported unless others are chosen.
pub const SWEEP_FIGURES: [Figure; 2] = [Figure::Cpu, Figure::Echoes];

pub(super) fn document(
    result: &SweepResult,
    figures: &[Figure],
    medium: Medium,
    canvas: Canvas,
) -> Document {
    let title = format!("sockscope: sweep of {}", result.swept().title());
    let mut page = Document::new(&title);
    page.paragraph(Tone::Lead, &headline(result));
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    let figures = match figures {
        [] => &SWEEP_FIGURES,
        chosen => chosen,
    };
    for figure in figures {
        let canvas = (medium == Medium::Terminal).then_some(canvas);
        add_figure(&mut page, result, *figure, canvas);
    }
    page.listing("Findings", plain_list(sweep_cautions(result)));
    page.listing("Conditions", plain_list(fine_print(result)));
    page
}

/// What was swept, as a title.
pub(super) fn headline(result: &SweepResult) -> String {
    let axis = result.swept();
    let over = match (result.points.first(), result.points.last()) {
        (Some(from), Some(to)) => {
            format!("{} to {}", axis.show(from.place()), axis.say(to.place()))
        }
        _ => axis.title().to_owned(),
    };
    match axis {
        SweepAxis::Size => format!("Echo servers, messages of {over}"),
        _ => format!("Echo servers, {over}"),
    }
}

fn plain_list(items: impl IntoIterator<Item = String>) -> Vec<ListItem> {
    let items = items.into_iter();
    items.map(|it| ListItem::new(Bullet::Plain, &it)).collect()
}

/// Charts are drawn on a canvas alone.
fn add_figure(
    page: &mut Document,
    result: &SweepResult,
    figure: Figure,
    canvas: Option<Canvas>,
) {
    let Some(chart) = chart(result, figure, Bands::LeftOut) else {
        let title = capital(figure.title());
        page.heading(&format!("{title}: not known of any server"));
        return;
    };
    if let Some(canvas) = canvas {
        page.chart(draw(&chart, canvas));
    }
    let (unit, table) = medians(result, figure);
    let unit = match unit.unit {
        "" => String::new(),
        unit => format!(", {unit}"),
    };
    page.heading(&format!("Medians of {}{unit}", figure.title()));
    page.table(table);
    for words in legend(result, figure) {
        page.paragraph(Tone::Note, &words);
    }
    page.list(plain_list(figure_words(result, figure)));
}

/// Medians, a row a point, and their unit. A cell says what failed; what is
/// not known is a dash; a value of fewer rounds than others has their number.
fn medians(result: &SweepResult, figure: Figure) -> (Scale, Table) {
    let names = result.names();
    let medians = result.points.iter().flat_map(|point| {
        names.iter().filter_map(move |name| point.spread(name, figure))
    });
    let unit = figure.scale(medians.map(|it| it.median));
    let most = most_rounds(result, figure);
    let axis = result.swept();
    let headings: Vec<_> = std::iter::once(axis.title())
        .chain(names.iter().copied())
        .map(|it| format!(">{}", clean(it)))
        .collect();

    let mut table = Table::new(&headings);
    for point in &result.points {
        let cell = |name: &&str| {
            let failed = has_failed(point, name);
            let Some(spread) = point.spread(name, figure) else {
                return if failed { "failed" } else { NOTHING }.into();
            };
            let mark = if failed { "!" } else { "" };
            let fewer = match spread.n {
                n if n < most => format!(" ({n})"),
                _ => String::new(),
            };
            let is_bound = point.is_at_least(name, figure);
            let least = if is_bound { "≥" } else { "" };
            format!("{least}{}{mark}{fewer}", unit.digits(spread.median))
        };
        let value = axis.show(point.place());
        table.row(std::iter::once(value).chain(names.iter().map(cell)));
    }
    (unit, table)
}

fn has_failed(point: &SweepPoint, name: &str) -> bool {
    point.subject(name).is_some_and(|it| it.failure.is_some())
}

/// What the marks in the table of a figure mean, a line each.
fn legend(result: &SweepResult, figure: Figure) -> Vec<String> {
    let most = most_rounds(result, figure);
    let (mut fewer, mut is_bound, mut is_cut) = (None, false, false);
    for point in &result.points {
        for subject in &point.subjects {
            let spread = subject.spread(figure, &point.workload);
            let Some(spread) = spread else { continue };
            fewer = fewer.or((spread.n < most).then_some(spread.n));
            is_bound |= subject.is_at_least(figure, &point.workload);
            is_cut |= subject.failure.is_some();
        }
    }
    let fewer = fewer.map(|n| {
        let rounds = plural(n as u64, "round");
        format!(
            "({n}) of {rounds} only, not of {most}; such a value is not \
             compared with one of other rounds"
        )
    });
    let is_cut = is_cut.then(|| "! of the rounds before it failed".to_owned());
    let is_bound = is_bound.then(|| AT_LEAST.to_owned());
    fewer.into_iter().chain(is_bound).chain(is_cut).collect()
}
