//! The report of one run for people: a sentence, then the figures behind it.

use super::document::{
    AsDocument, Bullet, Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::load::EchoTime;
use crate::net::{Errors, ServerOptions};
use crate::probe::{Class, End, Kind, LISTENER, Phase, SocketCount, SocketId};
use crate::run::conditions::Conditions;
use crate::run::report::{
    ClientsReport, CpuTime, LineReport, MemoryOf, PhaseReport, RunReport,
    ServerReport, SocketReport,
};
use crate::scenario::ExpectationCheck;
use crate::text::NO_BREAK;
use crate::units::{plural, show_count, show_percent, show_size, show_time_ns};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Stands where the system does not provide a figure.
pub const NOT_AVAILABLE: &str = "not available on this system";

/// A thread that is preempted this often in a second competes for its core.
const PREEMPTED_A_SECOND: u64 = 10;

impl AsDocument for RunReport {
    fn document(&self, medium: Medium) -> Document {
        let report = self;
        let mode = report.conditions.mode.as_deref().unwrap_or("load");
        let mut page = Document::new(&format!("sockscope: {mode}"));
        let [did, how] = headline(report);
        page.paragraph(Tone::Lead, &did);
        page.paragraph(Tone::Body, &how);
        if let Some(server) = &report.server {
            let figures = server_table(server, report).without_headings();
            page.section("Server", figures, "");
        }
        add_lines(&mut page, &report.lines);
        let most = match medium {
            Medium::Terminal => 12,
            Medium::Markdown => 100,
        };
        let sockets = socket_table(&report.sockets, most).without_zeros();
        let note =
            further(report.sockets_not_listed, "connection", "not listed");
        page.section("Sockets", sockets, &note);
        if let Some(clients) = &report.clients {
            add_clients(&mut page, report, clients, most);
        }
        let checks = report.checks.iter().map(check_item);
        page.listing("Expectations", checks.collect());
        let findings = report.findings.iter().map(|it| {
            ListItem::new(Bullet::Finding, &it.observation).details(&it.advice)
        });
        page.listing("Findings", findings.collect());
        let conditions = condition_table(report).without_headings();
        page.section("Conditions", conditions, "");
        page
    }
}

/// What was done, and how.
fn headline(report: &RunReport) -> [String; 2] {
    let [did, how] = match (&report.server, &report.clients) {
        (Some(server), _) => server_headline(report, server),
        (None, Some(clients)) => clients_headline(report, clients),
        (None, None) => ["Nothing was done.".into(), String::new()],
    };
    let caution = match &report.interventions[..] {
        [] => String::new(),
        all => format!(" Mind that {}.", all.join(", that ")),
    };
    [did, format!("{how}The run ended: {}.{caution}", report.outcome)]
}

fn server_headline(report: &RunReport, server: &ServerReport) -> [String; 2] {
    let threads = server.threads;
    let echoed = match server.bytes_out {
        0 => "nothing".into(),
        bytes => {
            format!("{} ({})", plural(server.echoes, "time"), show_size(bytes))
        }
    };
    let did = format!(
        "{}: {} echoed {echoed} for {} in {}.",
        report.conditions.mode.as_deref().unwrap_or("server"),
        plural(threads, "thread"),
        plural(server.connections, "connection"),
        show_time_ns(report.run_time_ns),
    );
    let how = format!(
        "It made {} in {}{}. {}",
        plural(server.calls, "call"),
        plural(server.iterations, "iteration"),
        calls_in_vain(server.would_blocks, server.calls),
        cpu_share(report, server, threads),
    );
    [did, how]
}

/// A call that sleeps until there is something to do is not in vain.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share for people, in two or three digits"
)]
fn calls_in_vain(would_blocks: u64, calls: u64) -> String {
    match (would_blocks, calls) {
        (_, 0) => String::new(),
        (0, _) => ", none of them in vain".into(),
        _ => {
            let share = show_percent(would_blocks as f64 / calls as f64);
            format!("; {share} of the calls were in vain (would block)")
        }
    }
}

/// The share of one core, and what it means if there is only one thread: a
/// full core says nothing about the sleep of many threads.
fn cpu_share(
    report: &RunReport,
    server: &ServerReport,
    threads: u64,
) -> String {
    let Some(cpu) = server.cpu else { return String::new() };
    let share = cpu.share(report.run_time_ns);
    let meaning = match share {
        ..0.9 if threads == 1 && competed_for_core(report, server) => {
            let times = server.context_switches.map_or(0, |it| it.involuntary);
            let times = plural(times, "time");
            return format!(
                "It used {} of one core and wanted more: the machine was busy, \
                 and it was preempted {times}. ",
                show_percent(share)
            );
        }
        ..0.05 => ": almost always asleep",
        0.9.. if threads == 1 => ": almost never asleep",
        _ => "",
    };
    format!("It used {} of one core{meaning}. ", show_percent(share))
}

/// A thread that seldom sleeps and is often preempted would have used all of
/// its core.
fn competed_for_core(report: &RunReport, server: &ServerReport) -> bool {
    let Some(switches) = server.context_switches else { return false };
    let seconds = report.run_time_ns / 1_000_000_000 + 1;
    let often = PREEMPTED_A_SECOND.saturating_mul(seconds);
    let preempted = switches.involuntary;
    preempted > switches.voluntary && preempted >= often
}

fn clients_headline(
    report: &RunReport,
    clients: &ClientsReport,
) -> [String; 2] {
    let total = &clients.total;
    let (target, time) = (
        report.conditions.address.as_deref(),
        show_time_ns(report.run_time_ns),
    );
    let target = target.unwrap_or("the server");
    let all = plural(total.clients, "client");
    if total.connected == 0 {
        let did =
            format!("load: none of {all} connected to {target} in {time}.");
        return [did, String::new()];
    }
    let did = format!(
        "load: {} of {all} connected to {target}, sent {} and had {} in \
         {time}.",
        show_count(total.connected),
        show_size(total.bytes_out),
        plural(total.echoes, "echo"),
    );
    let how = total.echo_time.map(|time| {
        let [half, most] = [time.p50_ns, time.max_ns].map(show_time_ns);
        format!("Half of the echoes took at most {half}, the longest {most}. ")
    });
    [did, how.unwrap_or_default()]
}

/// The figures of the server: name, value, and what explains it.
fn server_table(server: &ServerReport, report: &RunReport) -> Table {
    let mut table = Table::new(&["figure", ">value", "of which"]);
    let mut row = |name: &str, value: String, note: &str| {
        table.row([name.into(), value, note.into()]);
    };
    let phases = phases(report);
    if !phases.is_empty() {
        row("phases", String::new(), &phases);
    }
    row("connections", show_count(server.connections), &connections(server));
    let pauses = server.connection_pauses + server.descriptor_pauses;
    if pauses > 0 {
        let by_limit = nonzero(&[
            (server.connection_pauses, "at the limit of connections"),
            (server.descriptor_pauses, "out of file descriptors"),
        ]);
        row("accept pauses", show_count(pauses), &by_limit);
    }
    let errors = server.errors_handled + server.errors_unhandled;
    if errors > 0 {
        row("handler errors", show_count(errors), &handler_errors(server));
    }
    row("iterations", show_count(server.iterations), &iterations(server));
    if let Some(wake_ups) = server.wake_ups {
        let wait = "one wait of the selector is several system calls";
        row("wake-ups", show_count(wake_ups), wait);
    }
    let calls = by_kind(&server.calls_by_kind);
    row("calls", show_count(server.calls), &calls);
    let would_blocks = by_kind(&server.would_blocks_by_kind);
    row("would block", show_count(server.would_blocks), &would_blocks);
    row("echoes", show_count(server.echoes), &calls_an_echo(server));
    let unsent = match server.unsent_bytes {
        0 => String::new(),
        unsent => format!("{} never echoed", show_size(unsent)),
    };
    row("bytes in", show_size(server.bytes_in), &unsent);
    row("bytes out", show_size(server.bytes_out), "");
    let peak = show_size(server.pending_peak_bytes);
    row("pending output", peak, "at most, on one connection");
    if let Some(longest) = server.longest_write_ns {
        let slept = "asleep, or its task paused, if the client did not read";
        row("longest write", show_time_ns(longest), slept);
    }
    add_usage(&mut table, server, report.run_time_ns);
    table
}

/// How long each phase but the last took, and which connections were left
/// when it was cut: `running 1.20 s · refusing 45.0 µs · finishing 2.00 s (3
/// left at the deadline) · cancelling 0.30 ms`.
fn phases(report: &RunReport) -> String {
    let phase = |pair: &[PhaseReport]| {
        let [phase, next] = pair else { return String::new() };
        let time = show_time_ns(next.at_ns.saturating_sub(phase.at_ns));
        let left = show_count(next.connections_left);
        let is_due = report.deadline_at_ns.is_some_and(|it| next.at_ns >= it);
        let cut = match (next.phase, next.connections_left) {
            (Phase::Cancelling, 1..) if is_due => {
                format!(" ({left} left at the deadline)")
            }
            (Phase::Cancelling, 1..) => {
                format!(" ({left} left when it was cut short)")
            }
            _ => String::new(),
        };
        format!("{} {time}{cut}", phase.phase.name()).replace(' ', NO_BREAK)
    };
    let phases = report.phases.windows(2).map(phase);
    phases.collect::<Vec<_>>().join(" · ")
}

fn connections(server: &ServerReport) -> String {
    let open = server.connections_open;
    let open = (open > 0).then(|| format!("{} open", show_count(open)));
    let ends = Some(counted(&server.ends)).filter(|ends| !ends.is_empty());
    open.into_iter().chain(ends).collect::<Vec<_>>().join(", ")
}

fn handler_errors(server: &ServerReport) -> String {
    let errors = nonzero(&[
        (server.errors_handled, "handled"),
        (server.errors_unhandled, "not handled"),
    ]);
    match server.errors_never_retrieved {
        0 => errors,
        n => {
            format!("{errors}; {} reported as never retrieved", show_count(n))
        }
    }
}

/// A busy loop goes on without asking the listener when there is none any
/// more, or when accepting is paused.
fn iterations(server: &ServerReport) -> String {
    match server.iterations.checked_sub(server.calls_of(Kind::Accept)) {
        Some(more @ 1..) if server.wake_ups.is_none() => {
            let more = show_count(more);
            format!("{more} without an accept: at a limit, or stopping")
        }
        _ => String::new(),
    }
}

fn by_kind(counts: &BTreeMap<Kind, u64>) -> String {
    let kinds = counts.iter().filter(|(_, count)| **count > 0);
    let counts = kinds
        .map(|(kind, count)| format!("{} {}", kind.name(), show_count(*count)));
    counts.collect::<Vec<_>>().join(", ")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people, with one place"
)]
fn calls_an_echo(server: &ServerReport) -> String {
    if server.echoes == 0 {
        return String::new();
    }
    let calls = server.calls as f64 / server.echoes as f64;
    if calls < 100.0 {
        return format!("{calls:.1} calls an echo");
    }
    let calls = (server.calls + server.echoes / 2) / server.echoes;
    format!("{} calls an echo", show_count(calls))
}

/// What the server used of the machine.
fn add_usage(table: &mut Table, server: &ServerReport, run_time_ns: u64) {
    let mut row = |name: &str, found: Option<(String, String)>| {
        let absent = || (NOTHING.into(), NOT_AVAILABLE.into());
        let (value, note) = found.unwrap_or_else(absent);
        table.row([name.into(), value, note]);
    };
    let threads = show_count(server.threads);
    row("threads", Some((threads, "at most, at once".into())));
    row("CPU time", server.cpu.map(|cpu| cpu_time(cpu, run_time_ns)));
    if let Some(cpu) = server.cpu.filter(|_| server.threads == 1) {
        let each = cpu.total_ns().checked_div(server.iterations);
        let each = each.map_or(NOTHING.into(), show_time_ns);
        row("CPU an iteration", Some((each, "with all its calls".into())));
    }
    let switches = server.context_switches.map(|switches| {
        let [asleep, preempted] = [switches.voluntary, switches.involuntary];
        let all = show_count(asleep + preempted);
        let [asleep, preempted] = [asleep, preempted].map(show_count);
        (all, format!("{asleep} to sleep, {preempted} preempted"))
    });
    row("context switches", switches);
    let memory = server.peak_memory_bytes.map(|peak| {
        let whose = match server.peak_memory_of {
            MemoryOf::Server => "of the server's process",
            MemoryOf::ServerAndClients => "server and clients in one process",
        };
        (show_size(peak), whose.into())
    });
    row("peak memory", memory);
}

fn cpu_time(cpu: CpuTime, run_time_ns: u64) -> (String, String) {
    let [user, system, total] =
        [cpu.user_ns, cpu.system_ns, cpu.total_ns()].map(show_time_ns);
    let share = show_percent(cpu.share(run_time_ns));
    (total, format!("{user} user, {system} system: {share} of one core"))
}

/// What each line of the mode's source did.
fn add_lines(page: &mut Document, lines: &[LineReport]) {
    let Some(first) = lines.first() else { return };
    let is_one_file = lines.iter().all(|line| line.file == first.file);
    let headings = [">line", ">calls", ">would\nblock", ">bytes", "source"];
    let mut table = Table::new(&headings).cut_off();
    for line in lines {
        let place = if is_one_file {
            line.line.to_string()
        } else {
            format!("{}:{}", line.file, line.line)
        };
        let moved = match line.call {
            Kind::Read | Kind::Write => show_size(line.bytes),
            _ => NOTHING.into(),
        };
        let calls = show_count(line.calls);
        let would_blocks = line.outcomes.get(&Class::WouldBlock);
        let would_blocks = show_count(would_blocks.copied().unwrap_or(0));
        let source = line.source.clone().unwrap_or_default();
        table.row([place, calls, would_blocks, moved, source]);
    }
    let of =
        if is_one_file { format!(" of {}", first.file) } else { String::new() };
    let heading = format!("Calls, line by line{of}");
    page.section(&heading, table.without_zeros(), "");
}

/// A row for the listener and those sockets with the most echoes and calls,
/// at most `most`; the others share one row.
fn socket_table(rows: &[SocketReport], most: usize) -> Table {
    let (heading, host) = peer_heading(rows);
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
        rows.sort_by_key(|SocketReport { count, calls, .. }| {
            (count.id != LISTENER, Reverse((count.echoes, *calls)), count.id)
        });
    }
    let (shown, others) = rows.split_at(rows.len().min(most));
    for SocketReport { count, calls, .. } in shown {
        let peer = match count.peer.map(|peer| peer.to_string()) {
            Some(peer) => peer.strip_prefix(&host).unwrap_or(&peer).to_owned(),
            None if count.id == LISTENER => "listener".into(),
            None => String::new(),
        };
        let names = [count.id.to_string(), peer];
        table.row(socket_cells(names, count, *calls, end_of(count)));
    }
    if !others.is_empty() {
        let (count, calls) = sum_of(others);
        let mut ends = BTreeMap::new();
        for row in others {
            *ends.entry(end_of(&row.count)).or_default() += 1;
        }
        let more = show_count(others.len() as u64);
        let names = ["…".into(), format!("and {more} more")];
        table.row(socket_cells(names, &count, calls, counted(&ends)));
    }
    table
}

fn end_of(count: &SocketCount) -> String {
    count.end.map_or_else(|| "open".into(), End::words)
}

/// Where all peers are at the same host, it stands in the heading alone.
fn peer_heading(rows: &[SocketReport]) -> (String, String) {
    let mut peers = rows.iter().filter_map(|row| row.count.peer);
    match peers.next() {
        Some(first) if peers.all(|peer| peer.ip() == first.ip()) => {
            let host = SocketAddr::new(first.ip(), 0).to_string();
            let host = host.trim_end_matches(":0").to_owned();
            (format!("peer at\n{host}"), host)
        }
        _ => ("peer".into(), String::new()),
    }
}

fn socket_cells(
    [name, peer]: [String; 2],
    count: &SocketCount,
    calls: u64,
    end: String,
) -> [String; 9] {
    let listens = count.id == LISTENER;
    let moved = |bytes| if listens { NOTHING.into() } else { show_size(bytes) };
    let echoes = show_count(count.echoes);
    [
        name,
        peer,
        show_count(calls),
        show_count(count.would_blocks),
        moved(count.bytes_in),
        moved(count.bytes_out),
        if listens { NOTHING.into() } else { echoes },
        nonzero_size(count.pending_peak_bytes),
        if listens { String::new() } else { end },
    ]
}

/// Several connections as one, and their calls: sums and the highest peak.
fn sum_of(rows: &[SocketReport]) -> (SocketCount, u64) {
    let mut sum = SocketCount::new(SocketId(u32::MAX), None);
    let mut all_calls = 0_u64;
    for SocketReport { count, calls, .. } in rows {
        all_calls = all_calls.saturating_add(*calls);
        for (sum, more) in [
            (&mut sum.would_blocks, count.would_blocks),
            (&mut sum.bytes_in, count.bytes_in),
            (&mut sum.bytes_out, count.bytes_out),
            (&mut sum.echoes, count.echoes),
        ] {
            *sum = sum.saturating_add(more);
        }
        let peak = &mut sum.pending_peak_bytes;
        *peak = count.pending_peak_bytes.max(*peak);
    }
    (sum, all_calls)
}

/// What the clients saw, a row a group.
fn add_clients(
    page: &mut Document,
    report: &RunReport,
    clients: &ClientsReport,
    most: usize,
) {
    let heading = if report.server.is_some() && clients.own_process {
        "Clients, in a process of their own"
    } else {
        "Clients"
    };
    page.section(heading, group_table(clients).without_zeros(), "");
    let errors = error_table(clients).without_headings();
    page.section("Client errors", errors, "");
    let heading = "Echo times, measured by the clients";
    page.section(heading, echo_table(clients).without_zeros(), "");
    let (times, others) = socket_echo_table(&report.sockets, most);
    let note = further(others, "socket", "not shown");
    let note = if others > 0 { format!("the slowest; {note}") } else { note };
    page.section("Echo times by socket", times, &note);
    let heading = "Moments, from the start of the clients";
    page.section(heading, moment_table(clients).without_zeros(), "");
}

/// What each group of clients sent and got back; all together if there are
/// several groups.
fn group_table(clients: &ClientsReport) -> Table {
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
    let total = (clients.groups.len() > 1).then_some(&clients.total);
    for group in clients.groups.iter().map(|it| &it.result).chain(total) {
        let connected = show_count(group.connected);
        table.row([
            group.name.clone(),
            format!("{connected} of {}", show_count(group.clients)),
            show_size(group.bytes_out),
            show_size(group.bytes_in),
            show_count(group.echoes),
            show_count(group.missing),
            nonzero_size(group.mismatches),
            nonzero(
                &group
                    .ends
                    .named()
                    .map(|(end, n)| (n, end))
                    .collect::<Vec<_>>(),
            ),
        ]);
    }
    table
}

/// What went wrong for each group of clients, a row each.
fn error_table(clients: &ClientsReport) -> Table {
    let mut table = Table::new(&["group", "what"]);
    for group in clients.groups.iter().map(|it| &it.result) {
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
fn echo_table(clients: &ClientsReport) -> Table {
    let headings =
        ["group", "pacing", ">timed", ">p50", ">p90", ">p99", ">max"];
    let mut table = Table::new(&headings);
    let several = clients
        .groups
        .iter()
        .filter(|it| it.result.echo_time.is_some())
        .count()
        > 1;
    let total = several.then_some(&clients.total);
    for group in clients.groups.iter().map(|it| &it.result).chain(total) {
        if let Some(time) = group.echo_time {
            let names = [group.name.clone(), group.pacing.name().into()];
            table.row(names.into_iter().chain(echo_cells(time)));
        }
    }
    table
}

fn echo_cells(time: EchoTime) -> impl Iterator<Item = String> {
    let times = [time.p50_ns, time.p90_ns, time.p99_ns, time.max_ns];
    [show_count(time.count)].into_iter().chain(times.map(show_time_ns))
}

/// How long the echoes on each socket took, the slowest ones of many; and how
/// many more have times. A single connection has none: its group says the
/// same.
fn socket_echo_table(rows: &[SocketReport], most: usize) -> (Table, u64) {
    let headings = ["", ">timed", ">p50", ">p90", ">p99", ">max"];
    let mut table = Table::new(&headings);
    let timed =
        rows.iter().filter_map(|row| Some((row.count.id, row.echo_time?)));
    let mut timed: Vec<(SocketId, EchoTime)> = timed.collect();
    if timed.len() > most {
        timed.sort_by_key(|(id, time)| (Reverse(time.max_ns), *id));
    }
    if rows.iter().filter(|row| row.count.peer.is_some()).count() > 1 {
        for (id, time) in timed.iter().take(most) {
            let name = [id.to_string()];
            table.row(name.into_iter().chain(echo_cells(*time)));
        }
    }
    (table, timed.len().saturating_sub(most) as u64)
}

/// When each group of clients connected, had its first echo, and ended.
fn moment_table(clients: &ClientsReport) -> Table {
    let headings = [
        "group",
        ">connected\nwithin",
        ">first\necho",
        ">first\nend",
        ">last\nend",
    ];
    let mut table = Table::new(&headings);
    let groups = clients.groups.iter().map(|it| &it.result);
    for group in groups.filter(|it| it.connected > 0) {
        let moments = [
            group.connect_time_max_ns,
            group.first_echo_at_ns,
            group.ended_first_at_ns,
            group.ended_last_at_ns,
        ];
        let shown = moments.map(|at| at.map_or(NOTHING.into(), show_time_ns));
        table.row([group.name.clone()].into_iter().chain(shown));
    }
    table
}

fn check_item(check: &ExpectationCheck) -> ListItem {
    let ExpectationCheck { says, wanted, found, .. } = check;
    let why = format!("wanted {wanted}, found {found}");
    match (check.held, &check.not_judged) {
        (Some(true), _) => ListItem::new(Bullet::Held, says),
        (Some(false), _) => ListItem::new(Bullet::Failed, says).details(&why),
        (None, Some(reason)) => ListItem::new(Bullet::Unknown, says)
            .details(&format!("not judged: {reason}; {why}")),
        (None, None) => {
            let text = format!("{says} (not known)");
            ListItem::new(Bullet::Unknown, &text)
        }
    }
}

/// Under what conditions the figures came about.
fn condition_table(report: &RunReport) -> Table {
    let conditions = &report.conditions;
    let mut table = Table::new(&["condition", "value"]);
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.row([name.into(), value]);
        }
    };
    let kernel = conditions.kernel.clone();
    let address = match report.server {
        Some(_) => "address",
        None => "target",
    };
    let cores = match conditions.cores {
        Some(cores) => plural(cores, "core"),
        None => format!("number of cores {NOT_AVAILABLE}"),
    };
    row("sockscope", Some(conditions.sockscope_version.clone()));
    row("system", Some(conditions.os.clone()));
    row("kernel", kernel.or_else(|| Some(NOT_AVAILABLE.into())));
    row("processor", Some(format!("{}, {cores}", conditions.architecture)));
    row("mode", conditions.mode.clone());
    row("selector built on", conditions.mechanism.clone());
    if let Some(options) = &conditions.server {
        let errors = options.errors();
        let errors = (errors != Errors::default()).then(|| errors.name());
        row("errors in handlers", errors.map(str::to_owned));
        let has_tasks = conditions.mode.as_deref() == Some("tasks");
        for (name, value) in task_options(options) {
            row(name, Some(value).filter(|_| has_tasks));
        }
    }
    row(address, conditions.address.clone());
    row("scenario", Some(scenario(conditions)));
    let options = conditions.options.join(" ");
    let is_empty = options.is_empty();
    row("options", Some(if is_empty { "none".into() } else { options }));
    row("started at", Some(conditions.started_at.clone()));
    table
}

fn task_options(options: &ServerOptions) -> [(&'static str, String); 2] {
    let calls = options.calls_before_yield();
    let calls = calls.map_or("never".into(), |calls| calls.to_string());
    let shutdown = options.shutdown().name();
    [("calls before a yield", calls), ("shutdown", shutdown.into())]
}

fn scenario(conditions: &Conditions) -> String {
    match (&conditions.scenario, &conditions.scenario_title) {
        (Some(name), Some(title)) => format!("{name}: {title}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none: every client that connects is served".into(),
    }
}

/// `3 further connections not listed`, if there are some.
fn further(n: u64, what: &str, how: &str) -> String {
    match n {
        0 => String::new(),
        n => format!("{} {how}", plural(n, &format!("further {what}"))),
    }
}

/// `2 of this, 3 of that`, without what there was none of.
fn nonzero(counts: &[(u64, &str)]) -> String {
    let some = counts.iter().filter(|(times, _)| *times > 0);
    let words = some.map(|(times, of)| format!("{} {of}", show_count(*times)));
    words.collect::<Vec<_>>().join(", ")
}

/// `2 end of file, 1 reset`.
fn counted(ends: &BTreeMap<String, u64>) -> String {
    let ends: Vec<_> = ends.iter().map(|(end, n)| (*n, &**end)).collect();
    nonzero(&ends)
}

/// A size, or a dash if it is zero.
fn nonzero_size(bytes: u64) -> String {
    if bytes == 0 { NOTHING.into() } else { show_size(bytes) }
}
