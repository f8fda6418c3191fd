//! The phases of a server's life in one row.

use crate::report::table::NO_BREAK;
use crate::report::{PhaseRow, Report};
use crate::units::{show_count, show_time_ns};

/// How long each phase but the last took, and who was left when it was cut:
/// `running 1.20 s · refusing 45.0 µs · finishing 2.00 s (3 left at the
/// deadline) · cancelling 0.30 ms`.
pub(super) fn told(report: &Report) -> String {
    let pairs = report.phases.windows(2);
    let parts = pairs.map(|pair| part(&pair[0], &pair[1], report));
    let whole = parts.map(|part| part.replace(' ', NO_BREAK));
    whole.collect::<Vec<_>>().join(" · ")
}

fn part(phase: &PhaseRow, next: &PhaseRow, report: &Report) -> String {
    let time = next.at_ns.saturating_sub(phase.at_ns);
    let left = show_count(next.connections_left);
    let cut = match (next.phase.as_str(), next.connections_left) {
        ("cancelling", 1..) if is_due(next, report) => {
            format!(" ({left} left at the deadline)")
        }
        ("cancelling", 1..) => format!(" ({left} left when it was cut short)"),
        _ => String::new(),
    };
    format!("{} {}{cut}", phase.phase, show_time_ns(time))
}

/// Whether the grace period was over by then.
fn is_due(phase: &PhaseRow, report: &Report) -> bool {
    report.deadline_at_ns.is_some_and(|deadline| phase.at_ns >= deadline)
}
