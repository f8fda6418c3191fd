//! The parts of a report as tables, for every format made for people.

use super::table::Table;
use super::{
    Clients, Conditions, Cpu, GroupRow, LineRow, MemoryOf, Report, Server,
    SocketRow,
};
use crate::model::format::{bytes, count, nanoseconds, percent};
use std::collections::BTreeMap;

const NOT_AVAILABLE: &str = "not available on this system";

/// How many characters of a line of source are shown.
const SOURCE_WIDTH: usize = 40;

/// The figures of the server: name, value, what belongs to it.
pub(super) fn server(report: &Report) -> Table {
    let server = &report.server;
    let mut table = Table::new(&["figure", ">value", "of which"]);
    let mut row = |name: &str, value: String, note: String| {
        table.row([name.into(), value, note]);
    };
    let none = String::new;
    row("connections", count(server.connections), connections(server));
    row("iterations", count(server.iterations), none());
    if let Some(wake_ups) = server.wake_ups {
        let wait = "one wait of the selector is several system calls";
        row("wake-ups", count(wake_ups), wait.into());
    }
    row("calls", count(server.calls), calls_by_kind(server, |k| k.calls));
    let would_blocks = calls_by_kind(server, |k| k.would_blocks);
    row("would block", count(server.would_blocks), would_blocks);
    row("echoes", count(server.echoes), calls_an_echo(server));
    row("bytes in", bytes(server.bytes_in), unsent(server));
    row("bytes out", bytes(server.bytes_out), none());
    let peak = bytes(server.pending_peak_bytes);
    row("pending output", peak, "at most, on one connection".into());
    table.rows.extend(usage(server, report.run_time_ns).rows);
    table
}

/// What the server used of the machine.
fn usage(server: &Server, run_time_ns: u64) -> Table {
    let mut table = Table::new(&["figure", ">value", "of which"]);
    let mut row = |name: &str, found: Option<(String, String)>| {
        let absent = || ("—".into(), NOT_AVAILABLE.into());
        let (value, note) = found.unwrap_or_else(absent);
        table.row([name.into(), value, note]);
    };
    let (threads, note) = match server.threads_peak {
        Some(peak) => (peak, "at most, at once"),
        None => (server.threads, "that made calls"),
    };
    row("threads", Some((count(threads), note.into())));
    row("CPU time", server.cpu.map(|cpu| cpu_time(cpu, run_time_ns)));
    row(
        "context switches",
        server.context_switches.map(|switches| {
            let (asleep, made_way) = (switches.voluntary, switches.involuntary);
            let note = format!(
                "{} to sleep, {} with its time up",
                count(asleep),
                count(made_way)
            );
            (count(asleep + made_way), note)
        }),
    );
    row(
        "peak memory",
        server.peak_memory_bytes.map(|peak| {
            let of = match server.peak_memory_of {
                MemoryOf::Server => "of the server's process",
                MemoryOf::ServerAndClients => {
                    "server and clients in one process"
                }
            };
            (bytes(peak), of.into())
        }),
    );
    table
}

fn cpu_time(cpu: Cpu, run_time_ns: u64) -> (String, String) {
    let (user, system) = (nanoseconds(cpu.user_ns), nanoseconds(cpu.system_ns));
    let share = percent(cpu.share(run_time_ns));
    let total = nanoseconds(cpu.user_ns + cpu.system_ns);
    (total, format!("{user} user, {system} system: {share} of one core"))
}

impl Cpu {
    /// The share of one core that it is over some time.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share for people, in two or three digits"
    )]
    pub(super) fn share(self, time_ns: u64) -> f64 {
        (self.user_ns + self.system_ns) as f64 / time_ns.max(1) as f64
    }
}

fn connections(server: &Server) -> String {
    let open = server.connections_open;
    let open = (open > 0).then(|| format!("{} open", count(open)));
    let ends = Some(counted(&server.ends)).filter(|ends| !ends.is_empty());
    open.into_iter().chain(ends).collect::<Vec<_>>().join(", ")
}

/// `2 end of file, 1 reset`.
pub(super) fn counted(ends: &BTreeMap<String, u64>) -> String {
    let counts = ends.iter().map(|(end, n)| format!("{} {end}", count(*n)));
    counts.collect::<Vec<_>>().join(", ")
}

fn calls_by_kind(server: &Server, of: fn(&super::KindRow) -> u64) -> String {
    let kinds = server.calls_by_kind.iter().filter(|kind| of(kind) > 0);
    let counts = kinds.map(|kind| format!("{} {}", kind.call, count(of(kind))));
    counts.collect::<Vec<_>>().join(", ")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people, with one place"
)]
fn calls_an_echo(server: &Server) -> String {
    if server.echoes == 0 {
        return String::new();
    }
    let calls = server.calls as f64 / server.echoes as f64;
    format!("{calls:.1} calls an echo")
}

fn unsent(server: &Server) -> String {
    match server.unsent_bytes {
        0 => String::new(),
        unsent => format!("{} never echoed", bytes(unsent)),
    }
}

/// What each line of the mode's source did.
pub(super) fn lines(lines: &[LineRow]) -> Table {
    let headings = ["line", ">calls", ">would block", ">bytes", "source"];
    let mut table = Table::new(&headings);
    for line in lines {
        let moved = match line.call.as_str() {
            "read" | "write" => bytes(line.bytes),
            _ => "—".into(),
        };
        table.row([
            format!("{}:{}", line.file, line.line),
            count(line.calls),
            count(line.would_blocks),
            moved,
            cut(line.source.as_deref().unwrap_or(""), SOURCE_WIDTH),
        ]);
    }
    table
}

/// The text, or its beginning and an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.into();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// A row a socket, the first of them; the others as one row.
pub(super) fn sockets(rows: &[SocketRow], most: usize) -> Table {
    let headings = [
        "socket",
        "peer",
        ">calls",
        ">would block",
        ">in",
        ">out",
        ">echoes",
        ">pending",
        "end",
    ];
    let mut table = Table::new(&headings);
    let (shown, others) = rows.split_at(rows.len().min(most));
    for row in shown {
        table.row(socket(format!("#{}", row.id), row));
    }
    if !others.is_empty() {
        table.row(socket("…".into(), &sum(others)));
    }
    table
}

fn socket(name: String, row: &SocketRow) -> [String; 9] {
    let peer = match (row.id, &row.peer) {
        (0, None) => "listener".into(),
        (_, peer) => peer.clone().unwrap_or_default(),
    };
    let end = row.end.clone().unwrap_or_else(|| "open".into());
    let end = if row.id == 0 { String::new() } else { end };
    [
        name,
        peer,
        count(row.calls),
        count(row.would_blocks),
        bytes(row.bytes_in),
        bytes(row.bytes_out),
        count(row.echoes),
        bytes(row.pending_peak_bytes),
        end,
    ]
}

/// Several connections as one: sums, the highest peak, and their ends.
fn sum(rows: &[SocketRow]) -> SocketRow {
    let sum = |of: fn(&SocketRow) -> u64| rows.iter().map(of).sum();
    let mut ends = BTreeMap::new();
    for row in rows {
        let end = row.end.clone().unwrap_or_else(|| "open".into());
        *ends.entry(end).or_default() += 1;
    }
    SocketRow {
        id: u32::MAX,
        peer: Some(format!("and {} more", count(rows.len() as u64))),
        calls: sum(|row| row.calls),
        would_blocks: sum(|row| row.would_blocks),
        bytes_in: sum(|row| row.bytes_in),
        bytes_out: sum(|row| row.bytes_out),
        echoes: sum(|row| row.echoes),
        pending_peak_bytes: rows
            .iter()
            .map(|row| row.pending_peak_bytes)
            .max()
            .unwrap_or(0),
        unsent_bytes: sum(|row| row.unsent_bytes),
        end: Some(counted(&ends)),
    }
}

/// What each group of clients sent and got back.
pub(super) fn clients(clients: &Clients) -> Table {
    let headings = [
        "group",
        ">connected",
        ">refused",
        ">sent",
        ">received",
        ">echoes",
        ">missing",
        ">wrong",
        "end",
    ];
    let mut table = Table::new(&headings);
    for group in &clients.groups {
        let own = if group.own_process { " (own process)" } else { "" };
        table.row([
            format!("{}{own}", group.name),
            format!("{} of {}", count(group.connected), count(group.clients)),
            count(group.refused),
            bytes(group.bytes_out),
            bytes(group.bytes_in),
            count(group.echoes),
            count(group.missing),
            bytes(group.mismatches),
            counted(&group.ends),
        ]);
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
        let pacing = group.pacing.clone().unwrap_or_else(|| "—".into());
        let known = [group.name.clone(), pacing, count(time.count)];
        Some(known.into_iter().chain(times.map(nanoseconds)))
    };
    for row in clients.groups.iter().filter_map(timed) {
        table.row(row);
    }
    table
}

/// Under what conditions the figures came about.
pub(super) fn conditions(conditions: &Conditions) -> Table {
    let mut table = Table::new(&["condition", "value"]);
    let mut row = |name: &str, value: String| table.row([name.into(), value]);
    let or_not = |text: &Option<String>| match text {
        Some(text) => text.clone(),
        None => NOT_AVAILABLE.into(),
    };
    row("sockscope", conditions.sockscope_version.clone());
    row("system", conditions.os.clone());
    row("kernel", or_not(&conditions.kernel));
    row("processor", processor(conditions));
    row("mode", conditions.mode.clone());
    if let Some(mechanism) = &conditions.mechanism {
        row("selector built on", mechanism.clone());
    }
    row("address", conditions.address.clone());
    row("scenario", scenario(conditions));
    row("options", options(&conditions.options));
    row("started at", conditions.started_at.clone());
    table
}

fn processor(conditions: &Conditions) -> String {
    let cores = match conditions.cores {
        Some(1) => "1 core".into(),
        Some(cores) => format!("{} cores", count(cores)),
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
