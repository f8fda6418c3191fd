//! A plain table of medians.

use crate::measure::{BenchResult, Sample, SubjectResult};
use crate::units::{show_count, show_time_ns};
use std::fmt::Write as _;

pub(super) fn text(result: &BenchResult) -> String {
    let mut text = format!(
        "{:<16} {:>12} {:>12} {:>12} {:>12}\n",
        "server", "echoes/s", "CPU/echo", "p50", "p99"
    );
    for subject in &result.subjects {
        add(&mut text, subject);
    }
    text
}

fn add(text: &mut String, subject: &SubjectResult) {
    let median = |of: fn(&Sample) -> Option<u64>| {
        let mut all: Vec<_> = subject.samples.iter().filter_map(of).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied()
    };
    let time = |ns: Option<u64>| ns.map_or("-".into(), show_time_ns);
    let rate =
        median(|it| (it.echoes * 1_000_000_000).checked_div(it.window_ns));
    let cpu = median(|it| {
        let used = it.server?;
        (used.user_ns + used.system_ns).checked_div(it.echoes)
    });
    let _ = writeln!(
        text,
        "{:<16} {:>12} {:>12} {:>12} {:>12}  {}",
        subject.name,
        rate.map_or("-".into(), show_count),
        time(cpu),
        time(median(|it| Some(it.echo_time?.p50_ns))),
        time(median(|it| Some(it.echo_time?.p99_ns))),
        subject.failure.as_deref().unwrap_or_default()
    );
}
