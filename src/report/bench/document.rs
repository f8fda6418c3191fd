//! The result of `bench` for people.

use super::headline::{alerts, headline};
use super::{Section, baseline, calls, compared, conditions, tables};
use crate::measure::{Baseline, BenchResult, findings};
use crate::report::document::{
    Bullet, Document, ListItem, Medium, Style, Tone,
};

/// The result as text, against an earlier one if there is one; 80 columns.
#[must_use]
pub fn bench_text(
    result: &BenchResult,
    before: Option<&Baseline>,
    style: Style,
) -> String {
    document(result, before, Medium::Terminal).to_text(style)
}

/// The result as Markdown, against an earlier one if there is one.
#[must_use]
pub fn bench_markdown(
    result: &BenchResult,
    before: Option<&Baseline>,
) -> String {
    document(result, before, Medium::Markdown).to_markdown()
}

fn document(
    result: &BenchResult,
    before: Option<&Baseline>,
    medium: Medium,
) -> Document {
    let mut page = Document::new("sockscope: bench");
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    let [best, did] = headline(result);
    page.paragraph(Tone::Lead, &best);
    page.paragraph(Tone::Body, &did);
    measured(&mut page, result, medium);
    rankings(&mut page, result, medium);
    if let Some(before) = before {
        add(&mut page, baseline::section(before, medium));
    }
    page.listing("Findings", findings_of(result));
    add(&mut page, calls::section(result, medium));
    let conditions = conditions::table(result).without_headings();
    page.section("Conditions", conditions, "");
    page
}

fn add(page: &mut Document, section: Section) {
    let Section { title, table, note } = section;
    page.section(&title, table.without_zeros(), &note);
}

fn measured(page: &mut Document, result: &BenchResult, medium: Medium) {
    let sections = tables::measured(result, medium).into_iter();
    for (number, section) in sections.enumerate() {
        let interval = tables::interval(result, &section.table);
        add(page, section);
        if number == 0 {
            page.paragraph(Tone::Note, &interval);
            page.paragraph(Tone::Note, &compared::left_out_note(result));
        }
    }
}

/// The rankings under one heading; their columns need no names.
fn rankings(page: &mut Document, result: &BenchResult, medium: Medium) {
    let sections = compared::sections(result, medium);
    if sections.is_empty() {
        return;
    }
    page.heading("Compared");
    for Section { title, table, .. } in sections {
        page.subheading(&title);
        page.table(table.without_headings());
    }
    page.paragraph(Tone::Note, &compared::note(result));
}

fn findings_of(result: &BenchResult) -> Vec<ListItem> {
    let findings = findings(result);
    let mut items = Vec::new();
    let mut findings = findings.iter().peekable();
    while let Some(finding) = findings.next() {
        let item = ListItem::new(Bullet::Finding, &finding.observation());
        let advice = finding.advice();
        // Advice that holds for several servers stands once, below the last.
        let is_last = findings.peek().is_none_or(|it| it.advice() != advice);
        items.push(if is_last { item.details(advice) } else { item });
    }
    items
}
