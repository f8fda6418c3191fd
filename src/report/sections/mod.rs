//! The parts of a report as tables, for every format made for people.

mod clients;
mod phases;
mod server;
mod sockets;

use super::table::{NOTHING, Table};
use super::{Conditions, Report};
use crate::units::plural;
use crate::units::{show_count, show_size};
use std::collections::BTreeMap;

/// Stands where the system cannot tell a figure.
pub const NOT_AVAILABLE: &str = "not available on this system";

/// A table with its title, and what is to be said below it.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) table: Table,
    pub(super) note: String,
}

/// The tables of figures in the order in which they are told; at most so
/// many sockets have a row.
pub(super) fn figures(report: &Report, sockets_shown: usize) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut add = |title: &str, table, note| {
        sections.push(Section { title: title.into(), table, note });
    };
    let none = String::new;
    if let Some(server) = &report.server {
        add("Server", server::figures(server, report), none());
    }
    let (title, lines) = server::lines(&report.lines);
    add(&title, lines, none());
    let sockets = sockets::table(&report.sockets, sockets_shown);
    add("Sockets", sockets, not_listed(report.sockets_not_listed));
    if let Some(clients) = &report.clients {
        add(clients::title(report), clients::table(clients), none());
        add("Client errors", clients::errors(clients), none());
        let title = "Echo times, measured by the clients";
        add(title, clients::echo_times(clients), none());
        let (times, more) = sockets::echo_times(&report.sockets, sockets_shown);
        add("Echo times by socket", times, not_shown(more));
        let title = "Moments, from the start of the clients";
        add(title, clients::moments(clients), none());
    }
    sections.retain(|section| !section.table.rows.is_empty());
    sections
}

fn not_shown(sockets: usize) -> String {
    match sockets {
        0 => String::new(),
        n => {
            let further = plural(n as u64, "further socket");
            format!("the slowest; {further} not shown")
        }
    }
}

fn not_listed(connections: u64) -> String {
    match connections {
        0 => String::new(),
        n => {
            let further = plural(n, "further connection");
            format!("{further} without a row of their own")
        }
    }
}

/// Under what conditions the figures came about.
pub(super) fn conditions(report: &Report) -> Table {
    let conditions = &report.conditions;
    let mut table = Table::new(&["condition", "value"]);
    let mut row = |name: &str, value: String| table.row([name.into(), value]);
    let kernel = conditions.kernel.clone();
    let address = match report.server {
        Some(_) => "address",
        None => "target",
    };
    row("sockscope", conditions.sockscope_version.clone());
    row("system", conditions.os.clone());
    row("kernel", kernel.unwrap_or_else(|| NOT_AVAILABLE.into()));
    row("processor", processor(conditions));
    if let Some(mode) = &conditions.mode {
        row("mode", mode.clone());
    }
    if let Some(mechanism) = &conditions.mechanism {
        row("selector built on", mechanism.clone());
    }
    if let Some(errors) = &conditions.errors {
        row("errors in handlers", errors.clone());
    }
    if let Some(calls) = &conditions.calls_before_yield {
        row("calls before a yield", calls.clone());
    }
    if let Some(shutdown) = &conditions.shutdown {
        row("shutdown", shutdown.clone());
    }
    row(address, conditions.address.clone());
    row("scenario", scenario(conditions));
    row("options", options(&conditions.options));
    row("started at", conditions.started_at.clone());
    table
}

fn processor(conditions: &Conditions) -> String {
    let cores = match conditions.cores {
        Some(1) => "1 core".into(),
        Some(cores) => format!("{} cores", show_count(cores)),
        None => format!("number of cores {NOT_AVAILABLE}"),
    };
    format!("{}, {cores}", conditions.architecture)
}

fn scenario(conditions: &Conditions) -> String {
    match (&conditions.scenario, &conditions.scenario_title) {
        (Some(name), Some(title)) => format!("{name}: {title}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none: whoever connects is served".into(),
    }
}

fn options(options: &[String]) -> String {
    if options.is_empty() { "none".into() } else { options.join(" ") }
}

/// `2 end of file, 1 reset`.
fn counted(ends: &BTreeMap<String, u64>) -> String {
    let counts =
        ends.iter().map(|(end, n)| format!("{} {end}", show_count(*n)));
    counts.collect::<Vec<_>>().join(", ")
}

/// A size that says nothing if it is zero.
fn some_size(bytes: u64) -> String {
    if bytes == 0 { NOTHING.into() } else { show_size(bytes) }
}
