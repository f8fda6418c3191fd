//! The summary for people: first a sentence, then the figures behind it.

use super::headline::headline;
use super::table::{Table, wrapped};
use super::{CheckRow, FindingRow, Report, Style, WIDTH, sections};
use crate::text::clean;
use anstyle::AnsiColor::{Green, Red, Yellow};

/// How many sockets the summary lists.
const SOCKETS: usize = 12;

/// Tables whose first column says enough: no headings.
const LISTS: [&str; 3] = ["Server", "Client errors", "Conditions"];

/// The report as text for a terminal; good at 80 columns.
#[must_use]
pub fn text(report: &Report, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    page.headline(report);
    for section in sections::figures(report, SOCKETS) {
        page.section(&section.title, section.table);
        page.note(&section.note);
    }
    page.checks(&report.checks);
    page.findings(&report.findings);
    page.section("Conditions", sections::conditions(report));
    page.text
}

/// A page for a terminal, as far as it is written.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Page {
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line in a style, if there are styles.
    pub(super) fn styled(&mut self, line: &str, style: anstyle::Style) {
        match self.style {
            Style::Plain => self.line(line),
            Style::Colour => self.line(&format!("{style}{line}{style:#}")),
        }
    }

    pub(super) fn paragraph(&mut self, text: &str, indent: &str) {
        for line in wrapped(text, WIDTH - indent.len()) {
            self.line(&format!("{indent}{line}"));
        }
    }

    pub(super) fn heading(&mut self, title: &str) {
        self.line("");
        self.styled(title, anstyle::Style::new().bold());
    }

    fn headline(&mut self, report: &Report) {
        let [did, how] = headline(report);
        let bold = anstyle::Style::new().bold();
        for line in wrapped(&did, WIDTH) {
            self.styled(&line, bold);
        }
        self.paragraph(&how, "");
    }

    /// A table under its title; nothing if it has no rows.
    pub(super) fn section(&mut self, title: &str, table: Table) {
        if table.rows.is_empty() {
            return;
        }
        self.heading(title);
        let is_list = LISTS.contains(&title);
        let table = if is_list { table } else { table.without_zeros() };
        if !is_list {
            let dim = anstyle::Style::new().dimmed();
            for line in table.heading_lines() {
                self.styled(&line, dim);
            }
        }
        table.lines().for_each(|line| self.line(&line));
    }

    pub(super) fn note(&mut self, note: &str) {
        if !note.is_empty() {
            self.paragraph(note, "  ");
        }
    }

    fn checks(&mut self, checks: &[CheckRow]) {
        if checks.is_empty() {
            return;
        }
        self.heading("Expectations");
        for check in checks {
            let says = clean(&check.says);
            let found = clean(&check.found);
            let wanted = clean(&check.wanted);
            match check.held {
                Some(true) => self.marked("✓", Green, &says),
                Some(false) => {
                    self.marked("✗", Red, &says);
                    let why = format!("wanted {wanted}, found {found}");
                    self.paragraph(&why, "    ");
                }
                None if check.not_judged.is_some() => {
                    self.marked("?", Yellow, &says);
                    let why = check.not_judged.as_deref().unwrap_or_default();
                    let why = clean(why);
                    let why = format!(
                        "not judged: {why}; wanted {wanted}, found {found}"
                    );
                    self.paragraph(&why, "    ");
                }
                None => {
                    let said = format!("{says} (could not be told)");
                    self.marked("?", Yellow, &said);
                }
            }
        }
    }

    fn findings(&mut self, findings: &[FindingRow]) {
        if findings.is_empty() {
            return;
        }
        self.heading("Findings");
        for finding in findings {
            self.marked("•", Yellow, &clean(&finding.observation));
            self.paragraph(&clean(&finding.advice), "    ");
        }
    }

    /// A paragraph behind a coloured mark.
    pub(super) fn marked(
        &mut self,
        mark: &str,
        colour: anstyle::AnsiColor,
        text: &str,
    ) {
        let style = anstyle::Style::new().fg_color(Some(colour.into())).bold();
        let mark = match self.style {
            Style::Plain => mark.into(),
            Style::Colour => format!("{style}{mark}{style:#}"),
        };
        let mut lines = wrapped(text, WIDTH - 4).into_iter();
        let first = lines.next().unwrap_or_default();
        self.line(&format!("  {mark} {first}"));
        lines.for_each(|line| self.line(&format!("    {line}")));
    }
}
