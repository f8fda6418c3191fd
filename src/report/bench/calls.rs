//! Counted calls: from runs of their own, and never beside a time.

use super::Section;
use super::grid::name;
use crate::measure::{BenchResult, CountedCalls};
use crate::report::document::{Medium, NOTHING, Table};
use crate::units::{show_count, show_digits};

const TITLE: &str = "Calls, counted in a run of their own (instrumented; no \
                     time is taken from it)";

const A_WAIT: &str = "One wait of the selector counts as one call here; \
                      through the polling crate it is several system calls.";

/// What each of our servers calls for an echo.
pub(super) fn section(result: &BenchResult, medium: Medium) -> Section {
    let mut table = Table::new(&[
        "",
        ">echoes",
        ">calls\n/echo",
        ">would block\n/echo",
        ">wake-ups\n/echo",
    ]);
    let mut waits = false;
    for subject in &result.subjects {
        let Some(calls) = subject.calls else { continue };
        waits |= calls.wake_ups.is_some();
        table.row(
            [name(&subject.name, medium)].into_iter().chain(cells(&calls)),
        );
    }
    let note = if waits { A_WAIT } else { "" };
    Section { title: TITLE.into(), table, note: note.into() }
}

fn cells(calls: &CountedCalls) -> [String; 4] {
    let per_echo = |count| per(count, calls.echoes);
    [
        show_count(calls.echoes),
        per_echo(Some(calls.calls)),
        per_echo(Some(calls.would_blocks)),
        per_echo(calls.wake_ups),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people, in three digits"
)]
fn per(count: Option<u64>, echoes: u64) -> String {
    match count {
        Some(count) if echoes > 0 => show_digits(count as f64 / echoes as f64),
        _ => NOTHING.into(),
    }
}
