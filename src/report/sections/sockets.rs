//! What happened on each socket.

use super::{counted, some_size};
use crate::report::SocketRow;
use crate::report::table::{NOTHING, Table};
use crate::units::{show_count, show_size};
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
    let sum = |of: fn(&SocketRow) -> u64| rows.iter().map(of).sum();
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
    }
}
