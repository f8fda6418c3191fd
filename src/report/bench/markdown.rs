//! The result of `bench` as Markdown, to be pasted into a document.

use super::grid::Room;
use super::headline::{alerts, headline};
use super::{baseline, calls, compared, conditions, tables};
use crate::measure::{Baseline, BenchResult, findings};
use crate::report::markdown::{alarmed, escaped, set};
use crate::report::sections::Section;
use crate::report::table::Table;
use crate::text::clean;

/// The result as Markdown, against an earlier one if there is one.
#[must_use]
pub fn markdown(result: &BenchResult, before: Option<&Baseline>) -> String {
    let [best, did] = headline(result).map(|it| escaped(&it));
    let mut page = String::from("# sockscope bench\n");
    page.push_str(&alarmed(&alerts(result)));
    page.extend(["\n**", &best, "** ", &did, "\n"]);
    let room = Room::Document;
    add(&mut page, "##", &plain("Conditions", conditions::table(result)));
    for section in tables::measured(result, room) {
        add(&mut page, "##", &section);
    }
    let left_out = compared::left_out_note(result);
    if !left_out.is_empty() {
        page.extend(["\n", &escaped(&clean(&left_out)), "\n"]);
    }
    let ratios = compared::sections(result, room);
    if !ratios.is_empty() {
        let note = escaped(&clean(&compared::note(result)));
        page.extend(["\n## Compared\n\n", &note, "\n"]);
    }
    for section in &ratios {
        add(&mut page, "###", section);
    }
    if let Some(before) = before {
        add(&mut page, "##", &baseline::section(before, room));
    }
    add(&mut page, "##", &plain("Findings", told(result)));
    add(&mut page, "##", &calls::section(result, room));
    page
}

fn plain(title: &str, table: Table) -> Section {
    Section { title: title.into(), table, note: String::new() }
}

fn add(page: &mut String, level: &str, section: &Section) {
    let Section { title, table, note } = section;
    if table.rows.is_empty() {
        return;
    }
    let title = escaped(&clean(title));
    let table = set(&table.clone().without_zeros());
    page.extend(["\n", level, " ", &title, "\n\n", &table]);
    if !note.is_empty() {
        page.extend(["\n", &escaped(&clean(note)), "\n"]);
    }
}

fn told(result: &BenchResult) -> Table {
    let mut table = Table::new(&["observation", "advice"]);
    for finding in findings(result) {
        table.row([finding.observation(), finding.advice().into()]);
    }
    table
}
