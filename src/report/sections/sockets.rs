//! What happened on each socket.

use super::{counted, some_size};
use crate::report::table::{NOTHING, Table};
use crate::report::{EchoTime, SocketRow};
use crate::units::{show_count, show_size, show_time_ns};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A row a socket, the listener and the ones with the most echoes and calls;
/// the others as one row.
pub(super) fn table(rows: &[SocketRow], most: usize) -> Table {
    let (heading, host) = peers(rows);
    let headings = [
        "",
        &heading,
        ">calls",
        ">would\nblock",
        ">in",
        ">out",
        ">echoes",
        ">peak\npending",
        "end",
    ];
    let mut table = Table::new(&headings);
    let mut rows = rows.to_vec();
    if rows.len() > most {
        rows.sort_by_key(|row| {
            (row.id != 0, Reverse((row.echoes, row.calls)), row.id)
        });
    }
    let (shown, others) = rows.split_at(rows.len().min(most));
    for row in shown {
        table.row(socket(format!("#{}", row.id), &host, row));
    }
    if !others.is_empty() {
        table.row(socket("…".into(), &host, &sum(others)));
    }
    table
}

/// How long the echoes on each socket took, the slowest of many; and how
/// many more have times. Nothing of a single connection: its group says the
/// same.
pub(super) fn echo_times(rows: &[SocketRow], most: usize) -> (Table, usize) {
    let headings = ["", ">timed", ">p50", ">p90", ">p99", ">max"];
    let mut table = Table::new(&headings);
    let timed = rows.iter().filter_map(|row| Some((row.id, row.echo_time?)));
    let mut timed: Vec<(u32, EchoTime)> = timed.collect();
    if timed.len() > most {
        timed.sort_by_key(|(id, time)| (Reverse(time.max_ns), *id));
    }
    if rows.iter().filter(|row| row.peer.is_some()).count() > 1 {
        for (id, time) in timed.iter().take(most) {
            let shown = [time.p50_ns, time.p90_ns, time.p99_ns, time.max_ns];
            let known = [format!("#{id}"), show_count(time.count)];
            table.row(known.into_iter().chain(shown.map(show_time_ns)));
        }
    }
    (table, timed.len().saturating_sub(most))
}

/// Where all peers are at the same host, it stands in the heading alone.
fn peers(rows: &[SocketRow]) -> (String, String) {
    let peers = rows.iter().filter_map(|row| row.peer.as_deref());
    let mut hosts = peers.filter_map(|peer| Some(peer.rsplit_once(':')?.0));
    let first = hosts.next().unwrap_or_default();
    if first.is_empty() || hosts.any(|host| host != first) {
        return ("peer".into(), String::new());
    }
    (format!("peer at\n{first}"), first.into())
}

fn socket(name: String, host: &str, row: &SocketRow) -> [String; 9] {
    let listens = row.id == 0;
    let moved = |bytes| if listens { NOTHING.into() } else { show_size(bytes) };
    let peer = match &row.peer {
        Some(peer) => peer.strip_prefix(host).unwrap_or(peer).to_owned(),
        None if listens => "listener".into(),
        None => String::new(),
    };
    let end = row.end.clone().unwrap_or_else(|| "open".into());
    let echoes = show_count(row.echoes);
    [
        name,
        peer,
        show_count(row.calls),
        show_count(row.would_blocks),
        moved(row.bytes_in),
        moved(row.bytes_out),
        if listens { NOTHING.into() } else { echoes },
        some_size(row.pending_peak_bytes),
        if listens { String::new() } else { end },
    ]
}

/// Several connections as one: sums, the highest peak, and their ends.
fn sum(rows: &[SocketRow]) -> SocketRow {
    let sum = |of: fn(&SocketRow) -> u64| {
        rows.iter().map(of).fold(0, u64::saturating_add)
    };
    let mut ends = BTreeMap::new();
    let mut calls_by_kind = BTreeMap::new();
    for row in rows {
        let end = row.end.clone().unwrap_or_else(|| "open".into());
        *ends.entry(end).or_default() += 1;
        for (kind, calls) in &row.calls_by_kind {
            *calls_by_kind.entry(kind.clone()).or_default() += calls;
        }
    }
    SocketRow {
        id: u32::MAX,
        peer: Some(format!("and {} more", show_count(rows.len() as u64))),
        calls: sum(|row| row.calls),
        calls_by_kind,
        would_blocks: sum(|row| row.would_blocks),
        bytes_in: sum(|row| row.bytes_in),
        bytes_out: sum(|row| row.bytes_out),
        echoes: sum(|row| row.echoes),
        pending_peak_bytes: rows
            .iter()
            .map(|row| row.pending_peak_bytes)
            .max()
            .unwrap_or(0),
        longest_write_ns: rows
            .iter()
            .filter_map(|row| row.longest_write_ns)
            .max(),
        unsent_bytes: sum(|row| row.unsent_bytes),
        end: Some(counted(&ends)),
        echo_time: None,
    }
}
