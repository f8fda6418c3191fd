//! What the clients saw, a row a group.

use super::{counted, some_size};
use crate::report::table::{NOTHING, Table};
use crate::report::{Clients, GroupRow, Report};
use crate::units::plural;
use crate::units::{show_count, show_size, show_time_ns};

pub(super) fn title(report: &Report) -> &'static str {
    let apart = report.clients.as_ref().is_some_and(|it| it.own_process);
    if report.server.is_some() && apart {
        "Clients, in a process of their own"
    } else {
        "Clients"
    }
}

/// The groups, and all together if there are several.
fn groups(clients: &Clients) -> impl Iterator<Item = &GroupRow> {
    let total = (clients.groups.len() > 1).then_some(&clients.total);
    clients.groups.iter().chain(total)
}

/// What each group of clients sent and got back.
pub(super) fn table(clients: &Clients) -> Table {
    let headings = [
        "group",
        ">connected",
        ">sent",
        ">received",
        ">echoes",
        ">missing",
        ">wrong",
        "end",
    ];
    let mut table = Table::new(&headings);
    for group in groups(clients) {
        let connected = show_count(group.connected);
        table.row([
            group.name.clone(),
            format!("{connected} of {}", show_count(group.clients)),
            show_size(group.bytes_out),
            show_size(group.bytes_in),
            show_count(group.echoes),
            show_count(group.missing),
            some_size(group.mismatches),
            counted(&group.ends),
        ]);
    }
    table
}

/// What went wrong for each group of clients, a row a matter.
pub(super) fn errors(clients: &Clients) -> Table {
    let mut table = Table::new(&["group", "what"]);
    for group in &clients.groups {
        let first = |what: &str, error: &Option<String>| {
            error.as_ref().map(|error| format!("first {what}: {error}"))
        };
        let some = |n: u64, what: &str, words: &str| {
            (n > 0).then(|| format!("{} {words}", plural(n, what)))
        };
        let errors = [
            first("error", &group.first_error),
            first("wrong byte", &group.first_mismatch),
            some(group.unsent, "message", "never sent"),
            some(group.overdue_turns, "turn", "due that never began"),
        ];
        for error in errors.into_iter().flatten() {
            table.row([group.name.clone(), error]);
        }
    }
    table
}

/// How long the echoes of each group took.
pub(super) fn echo_times(clients: &Clients) -> Table {
    let headings =
        ["group", "pacing", ">timed", ">p50", ">p90", ">p99", ">max"];
    let mut table = Table::new(&headings);
    let timed = |group: &GroupRow| {
        let time = group.echo_time?;
        let times = [time.p50_ns, time.p90_ns, time.p99_ns, time.max_ns];
        let pacing = group.pacing.clone();
        let known = [group.name.clone(), pacing, show_count(time.count)];
        Some(known.into_iter().chain(times.map(show_time_ns)))
    };
    let several = clients.groups.iter().filter_map(timed).count() > 1;
    let total = several.then_some(&clients.total);
    for row in clients.groups.iter().chain(total).filter_map(timed) {
        table.row(row);
    }
    table
}

/// When what happened to each group of clients.
pub(super) fn moments(clients: &Clients) -> Table {
    let headings = [
        "group",
        ">connected\nwithin",
        ">first\necho",
        ">first\nend",
        ">last\nend",
    ];
    let mut table = Table::new(&headings);
    for group in clients.groups.iter().filter(|it| it.connected > 0) {
        let moments = [
            group.connect_time_max_ns,
            group.first_echo_at_ns,
            group.ended_first_at_ns,
            group.ended_last_at_ns,
        ];
        let shown =
            moments.map(|at| at.map_or_else(|| NOTHING.into(), show_time_ns));
        table.row([group.name.clone()].into_iter().chain(shown));
    }
    table
}
