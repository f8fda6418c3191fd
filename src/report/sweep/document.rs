//! A sweep for people.

use super::charts::{Bands, chart};
use super::conditions::fine_print;
use super::tables::{legend, medians};
use super::words::{alerts, cautions, headline, told_words};
use crate::measure::Figure;
use crate::measure::sweep::SweepResult;
use crate::report::Marks;
use crate::report::chart::draw;
use crate::report::document::{Bullet, Document, ListItem, Style, Tone};
use crate::text::capital;

/// Which figures of a sweep are shown, and on which terminal.
#[derive(Clone, Copy, Debug)]
pub struct SweepView<'f> {
    /// Whether there are colours.
    pub style: Style,
    /// Which characters there are.
    pub marks: Marks,
    /// How many columns a chart may have; words have 80.
    pub width: u16,
    /// Which figures, one after the other.
    pub figures: &'f [Figure],
}

/// The sweep as text: what was swept, and what is missing; of every figure
/// a chart, its medians and what they show; then what to be careful about,
/// and the conditions.
#[must_use]
pub fn sweep_text(result: &SweepResult, view: &SweepView) -> String {
    let text = document(result, view.figures, Some(view)).to_text(view.style);
    match view.marks {
        Marks::Unicode => text,
        Marks::Ascii => ascii(&text),
    }
}

/// The sweep as Markdown: of every figure its medians, and what they show.
#[must_use]
pub fn sweep_markdown(result: &SweepResult, figures: &[Figure]) -> String {
    document(result, figures, None).to_markdown()
}

/// Charts are drawn for a terminal alone.
fn document(
    result: &SweepResult,
    figures: &[Figure],
    terminal: Option<&SweepView>,
) -> Document {
    let title = format!("sockscope: sweep of {}", result.axis.title());
    let mut page = Document::new(&title);
    page.paragraph(Tone::Lead, &headline(result));
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    for figure in figures {
        add_figure(&mut page, result, *figure, terminal);
    }
    page.listing("Findings", plain_list(cautions(result)));
    page.heading("Conditions");
    for line in fine_print(&result.into()) {
        page.paragraph(Tone::Note, &line);
    }
    page
}

fn plain_list(items: impl IntoIterator<Item = String>) -> Vec<ListItem> {
    let items = items.into_iter();
    items.map(|it| ListItem::new(Bullet::Plain, &it)).collect()
}

fn add_figure(
    page: &mut Document,
    result: &SweepResult,
    figure: Figure,
    terminal: Option<&SweepView>,
) {
    let Some(chart) = chart(result, figure, Bands::LeftOut) else {
        let title = capital(figure.title());
        page.heading(&format!("{title}: not known of any server"));
        return;
    };
    if let Some(SweepView { style, marks, width, .. }) = terminal {
        page.chart(draw(&chart, (*style, *marks), *width));
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
    page.list(plain_list(told_words(result, figure)));
}

/// The text without our characters that are beyond ASCII.
fn ascii(text: &str) -> String {
    let known = [
        ('≥', ">="),
        ('•', "*"),
        ('·', "-"),
        ('—', "-"),
        ('…', "~"),
        ('µ', "u"),
        ('\u{a0}', " "),
    ];
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match known.iter().find(|it| it.0 == c) {
            Some((_, words)) => out.push_str(words),
            None => out.push(c),
        }
        out
    })
}
