//! The result of `bench` for people at a terminal.

use super::grid::Room;
use super::headline::{alerts, headline};
use super::{baseline, calls, compared, conditions, tables};
use crate::measure::{Baseline, BenchResult, Finding, findings};
use crate::report::sections::Section;
use crate::report::text::Page;
use crate::report::{Style, WIDTH, wrapped};
use crate::text::clean;
use anstyle::AnsiColor::Yellow;

/// The result as text, against an earlier one if there is one; 80 columns.
#[must_use]
pub fn text(
    result: &BenchResult,
    before: Option<&Baseline>,
    style: Style,
) -> String {
    let mut page = Page { text: String::new(), style };
    alarm(&mut page, &alerts(result));
    let [best, did] = headline(result);
    for line in wrapped(&best, WIDTH) {
        page.styled(&line, anstyle::Style::new().bold());
    }
    page.paragraph(&did, "");
    measured(&mut page, result);
    compared(&mut page, result);
    if let Some(before) = before {
        add(&mut page, baseline::section(before, Room::Terminal));
    }
    told(&mut page, &findings(result));
    add(&mut page, calls::section(result, Room::Terminal));
    page.section("Conditions", conditions::table(result));
    page.text
}

fn alarm(page: &mut Page, sentences: &[String]) {
    let style = anstyle::Style::new().fg_color(Some(Yellow.into())).bold();
    for line in sentences.iter().flat_map(|it| wrapped(it, WIDTH)) {
        page.styled(&line, style);
    }
}

fn add(page: &mut Page, section: Section) {
    if section.table.rows.is_empty() {
        return;
    }
    page.section(&section.title, section.table);
    page.note(&clean(&section.note));
}

fn measured(page: &mut Page, result: &BenchResult) {
    let left_out = compared::left_out_note(result);
    for (index, section) in
        tables::measured(result, Room::Terminal).into_iter().enumerate()
    {
        let interval = tables::interval(result, &section.table);
        add(page, section);
        if index == 0 {
            page.note(&interval);
            page.note(&clean(&left_out));
        }
    }
}

/// The rankings under one heading; their columns need no names.
fn compared(page: &mut Page, result: &BenchResult) {
    let sections = compared::sections(result, Room::Terminal);
    if sections.is_empty() {
        return;
    }
    page.heading("Compared");
    for Section { title, table, .. } in sections {
        page.line(&format!("  {}", clean(&title)));
        table.lines().for_each(|line| page.line(&format!("  {line}")));
    }
    page.note(&clean(&compared::note(result)));
}

fn told(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    page.heading("Findings");
    let mut findings = findings.iter().peekable();
    while let Some(finding) = findings.next() {
        page.marked("•", Yellow, &clean(&finding.observation()));
        let advice = finding.advice();
        // What holds for several servers is said once, below the last.
        if findings.peek().is_none_or(|next| next.advice() != advice) {
            page.paragraph(advice, "    ");
        }
    }
}
