//! A sweep for people at a terminal.

use super::charts::{Bands, chart};
use super::conditions::fine_print;
use super::tables::{legend, medians};
use super::words::{alerts, cautions, headline, told_words};
use crate::measure::Figure;
use crate::measure::sweep::SweepResult;
use crate::report::chart::draw;
use crate::report::headline::capital;
use crate::report::{Marks, Style, WIDTH, wrapped};
use crate::text::clean;
use anstyle::AnsiColor;
use std::fmt::Write as _;

/// What of a sweep is told, and for which terminal.
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
/// a chart, its medians and what they
/// show; then what to be careful about, and the conditions.
#[must_use]
pub fn sweep_text(result: &SweepResult, view: &SweepView) -> String {
    let mut page = Page { text: String::new(), style: view.style };
    page.top(result);
    for figure in view.figures {
        page.figure(result, *figure, view);
    }
    let cautions = cautions(result);
    if !cautions.is_empty() {
        page.heading("Findings");
        for words in &cautions {
            page.item(words);
        }
    }
    page.heading("Conditions");
    for line in fine_print(&result.into()) {
        page.paragraph(&line, "  ", "  ");
    }
    match view.marks {
        Marks::Unicode => page.text,
        Marks::Ascii => ascii(&page.text),
    }
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn top(&mut self, result: &SweepResult) {
        let bold = anstyle::Style::new().bold();
        self.styled(&clean(&headline(result)), bold);
        let alert = bold.fg_color(Some(AnsiColor::Yellow.into()));
        for words in alerts(result) {
            for line in wrapped(&clean(&words), WIDTH) {
                self.styled(&line, alert);
            }
        }
    }

    fn figure(
        &mut self,
        result: &SweepResult,
        figure: Figure,
        view: &SweepView,
    ) {
        let Some(chart) = chart(result, figure, Bands::LeftOut) else {
            let title = capital(figure.title());
            self.heading(&format!("{title}: not known of any server"));
            return;
        };
        let drawn = draw(&chart, (view.style, view.marks), view.width);
        self.gap();
        self.text.push_str(&drawn);
        let (unit, table) = medians(result, figure);
        let unit = match unit.unit {
            "" => String::new(),
            unit => format!(", {unit}"),
        };
        self.heading(&format!("Medians of {}{unit}", figure.title()));
        for line in table.heading_lines() {
            self.styled(&line, anstyle::Style::new().dimmed());
        }
        table.lines().for_each(|line| self.line(&line));
        for words in legend(result, figure) {
            self.paragraph(&words, "  ", "  ");
        }
        self.gap();
        for words in told_words(result, figure) {
            self.item(&words);
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn styled(&mut self, line: &str, style: anstyle::Style) {
        match self.style {
            Style::Plain => self.line(line),
            Style::Colour => self.line(&format!("{style}{line}{style:#}")),
        }
    }

    /// An empty line between two parts.
    fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, title: &str) {
        self.gap();
        self.styled(title, anstyle::Style::new().bold());
    }

    fn item(&mut self, words: &str) {
        self.paragraph(words, "  • ", "    ");
    }

    fn paragraph(&mut self, words: &str, first: &str, others: &str) {
        let room = WIDTH - others.chars().count();
        let mut before = first;
        for line in wrapped(&clean(words), room) {
            let _ = writeln!(self.text, "{before}{line}");
            before = others;
        }
    }
}

/// The text without the characters of ours that are beyond ASCII.
fn ascii(text: &str) -> String {
    let known = [
        ('≥', ">="),
        ('•', "*"),
        ('·', "-"),
        ('—', "-"),
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
