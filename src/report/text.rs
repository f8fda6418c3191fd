//! The summary for people: first a sentence, then the figures behind it.

use super::table::Table;
use super::{CheckRow, FindingRow, Report, Style, sections};
use crate::model::format::{bytes, clean, count, nanoseconds, percent};
use anstyle::AnsiColor::{Green, Red, Yellow};

/// How many sockets the summary lists.
const SOCKETS: usize = 12;

/// How wide running text is.
const WIDTH: usize = 80;

/// Tables whose first column says enough: no headings.
const LISTS: [&str; 2] = ["Server", "Conditions"];

/// The report as text for a terminal; good at 80 columns.
#[must_use]
pub fn text(report: &Report, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    page.headline(report);
    page.section("Server", &sections::server(report));
    page.section("Calls, line by line", &sections::lines(&report.lines));
    page.sockets(report);
    if let Some(clients) = &report.clients {
        page.section("Clients", &sections::clients(clients));
        let times = sections::echo_times(clients);
        page.section("Echo times, measured by the clients", &times);
    }
    page.checks(&report.checks);
    page.findings(&report.findings);
    page.section("Conditions", &sections::conditions(&report.conditions));
    page.text
}

/// What the server did, in two or three sentences.
pub(super) fn headline(report: &Report) -> [String; 2] {
    let server = &report.server;
    let threads = server.threads_peak.unwrap_or(server.threads);
    let did = format!(
        "{}: {} echoed {} ({}) for {} in {}.",
        report.conditions.mode,
        plural(threads, "thread"),
        plural(server.echoes, "time"),
        bytes(server.bytes_out),
        plural(server.connections, "connection"),
        nanoseconds(report.run_time_ns),
    );
    let how = format!(
        "It made {} in {}; {}. {}The run ended: {}.",
        plural(server.calls, "call"),
        plural(server.iterations, "iteration"),
        in_vain(server.would_blocks, server.calls),
        cpu_share(report, threads),
        report.outcome,
    );
    [clean(&did), clean(&how)]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share for people, in two or three digits"
)]
fn in_vain(would_blocks: u64, calls: u64) -> String {
    if would_blocks == 0 {
        return "no call would have blocked".into();
    }
    let share = percent(would_blocks as f64 / calls.max(1) as f64);
    format!("{share} of the calls would have blocked")
}

/// Of many threads together a full core says nothing about their sleep.
fn cpu_share(report: &Report, threads: u64) -> String {
    let Some(cpu) = report.server.cpu else { return String::new() };
    let share = cpu.share(report.run_time_ns);
    let meaning = match share {
        ..0.05 => ": almost always asleep",
        0.9.. if threads == 1 => ": almost never asleep",
        _ => "",
    };
    format!("It used {} of one core{meaning}. ", percent(share))
}

fn plural(n: u64, word: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {word}{s}", count(n))
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line in a style, if there are styles.
    fn styled(&mut self, line: &str, style: anstyle::Style) {
        match self.style {
            Style::Plain => self.line(line),
            Style::Colour => self.line(&format!("{style}{line}{style:#}")),
        }
    }

    fn paragraph(&mut self, text: &str, indent: &str) {
        for line in wrapped(text, WIDTH - indent.len()) {
            self.line(&format!("{indent}{line}"));
        }
    }

    fn heading(&mut self, title: &str) {
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
    fn section(&mut self, title: &str, table: &Table) {
        if table.rows.is_empty() {
            return;
        }
        self.heading(title);
        if !LISTS.contains(&title) {
            let dim = anstyle::Style::new().dimmed();
            self.styled(&table.heading_line(), dim);
        }
        table.lines().for_each(|line| self.line(&line));
    }

    fn sockets(&mut self, report: &Report) {
        let table = sections::sockets(&report.sockets, SOCKETS);
        self.section("Sockets", &table);
        if report.sockets_not_listed > 0 {
            let n = plural(report.sockets_not_listed, "further connection");
            self.line(&format!("  {n} without a row of their own"));
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
    fn marked(&mut self, mark: &str, colour: anstyle::AnsiColor, text: &str) {
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

/// The text in lines of at most so many characters, if its words allow it.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if fits(line, word, width) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

fn fits(line: &str, word: &str, width: usize) -> bool {
    line.chars().count() + 1 + word.chars().count() <= width
}
