//! The report of one run for people: a sentence, then the figures behind it.

use super::document::{
    AsDocument, Bullet, Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::load::{EchoTime, GroupResult};
use crate::net::{Errors, ServerOptions};
use crate::probe::{Class, End, Kind, LISTENER, Phase};
use crate::run::report::{
    ClientsReport, LineReport, MemoryOf, RunReport, ServerReport, SocketReport,
};
use crate::scenario::ExpectationCheck;
use crate::text::NO_BREAK;
use crate::units::{
    plural, ratio, show_count, show_digits, show_percent, show_size,
    show_time_ns,
};
use itertools::Itertools as _;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::iter::once;

/// Shown in place of a figure that the system does not provide.
pub const NOT_AVAILABLE: &str = "not available on this system";

/// A thread that is preempted this often in a second competes for its core.
const PREEMPTED_A_SECOND: u64 = 10;

/// Headings of the report.
const EXPECTATIONS: &str = "Expectations";
const FINDINGS: &str = "Findings";
const CLIENTS: &str = "Clients";
const CLIENTS_APART: &str = "Clients, in a process of their own";
const CLIENT_ERRORS: &str = "Client errors";
const ECHO_TIMES: &str = "Echo times, measured by the clients";
const SERVER: &str = "Server";

impl AsDocument for RunReport {
    const FIRST: &'static [&'static str] = &[
        FINDINGS,
        EXPECTATIONS,
        CLIENT_ERRORS,
        ECHO_TIMES,
        CLIENTS,
        CLIENTS_APART,
        SERVER,
    ];

    fn document(&self, medium: Medium) -> Document {
        let mode = self.conditions.mode.as_deref().unwrap_or("load");
        let most = match medium {
            Medium::Terminal => 12,
            Medium::Markdown => 100,
        };
        let (did, how) = match (&self.server, &self.clients) {
            (Some(server), _) => server_headline(self, server),
            (None, Some(clients)) => clients_headline(self, &clients.total),
            (None, None) => ("Nothing was done.".into(), String::new()),
        };
        let cautions =
            self.interventions.iter().chain(&self.recording_incomplete);
        let caution = match cautions.format(", that ").to_string() {
            it if it.is_empty() => String::new(),
            all => format!(" Mind that {all}."),
        };
        let ended = format!("{how}The run ended: {}.{caution}", self.outcome);
        let mut page = Document::new(&format!("sockscope: {mode}"));
        page.paragraph(Tone::Lead, &did);
        page.paragraph(Tone::Body, &ended);
        if let Some(server) = &self.server {
            page.section(SERVER, server_table(server, self), "");
        }
        add_lines(&mut page, &self.lines);
        let note = further(self.sockets_not_listed, "connection", "not listed");
        let (table, others) = socket_table(&self.sockets, most);
        let others = further(others, "connection", "not shown");
        let note = [others, note].iter().filter(|it| !it.is_empty()).join("; ");
        page.section("Sockets", table, &note);
        if let Some(clients) = &self.clients {
            add_clients(&mut page, self, clients, most);
        }
        page.listing(EXPECTATIONS, self.checks.iter().map(check_item));
        let findings = self.findings.iter().map(|it| {
            ListItem::new(Bullet::Finding, &it.observation).details(&it.advice)
        });
        page.listing(FINDINGS, findings);
        page.section("Conditions", condition_table(self), "");
        page
    }
}

/// What the server did, and how many calls and how much CPU time it took.
fn server_headline(
    report: &RunReport,
    server: &ServerReport,
) -> (String, String) {
    let echoed = match server.bytes_out {
        0 => "nothing".into(),
        bytes => {
            format!("{} ({})", plural(server.echoes, "time"), show_size(bytes))
        }
    };
    let did = format!(
        "{}: {} echoed {echoed} for {} in {}.",
        report.conditions.mode.as_deref().unwrap_or("server"),
        plural(server.threads, "thread"),
        plural(server.connections, "connection"),
        show_time_ns(report.run_time_ns),
    );
    // A call that sleeps until there is something to do counts as useful.
    let in_vain = match (server.would_blocks, server.calls) {
        (_, 0) => String::new(),
        (0, _) => ", none of them in vain".into(),
        (would_blocks, calls) => {
            let share = show_percent(ratio(would_blocks, calls));
            format!("; {share} of the calls were in vain (would block)")
        }
    };
    let how = format!(
        "It made {} in {}{in_vain}. {}",
        plural(server.calls, "call"),
        plural(server.iterations, "iteration"),
        cpu_share(report, server).unwrap_or_default(),
    );
    (did, how)
}

/// The CPU time as a share of one core, and what it means. With several
/// threads, a full core does not mean that none of them slept.
fn cpu_share(report: &RunReport, server: &ServerReport) -> Option<String> {
    let share = server.cpu?.share(report.run_time_ns);
    // A thread that seldom sleeps and is often preempted would have used all
    // of its core.
    let seconds = report.run_time_ns / 1_000_000_000 + 1;
    let often = PREEMPTED_A_SECOND.saturating_mul(seconds);
    let preempted = server
        .context_switches
        .filter(|it| it.involuntary > it.voluntary && it.involuntary >= often);
    let meaning = match (share, preempted) {
        (..0.9, Some(it)) if server.threads == 1 => format!(
            " and wanted more: the machine was busy, and it was preempted {}",
            plural(it.involuntary, "time")
        ),
        (..0.05, _) => ": almost always asleep".into(),
        (0.9.., _) if server.threads == 1 => ": almost never asleep".into(),
        _ => String::new(),
    };
    Some(format!("It used {} of one core{meaning}. ", show_percent(share)))
}

/// What the clients of an external server did, and their echo times.
fn clients_headline(
    report: &RunReport,
    total: &GroupResult,
) -> (String, String) {
    let target = report.conditions.address.as_deref();
    let target = target.unwrap_or("the server");
    let time = show_time_ns(report.run_time_ns);
    let all = plural(total.clients, "client");
    if total.connected == 0 {
        let did = "load: none of";
        let did = format!("{did} {all} connected to {target} in {time}.");
        return (did, String::new());
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
    (did, how.unwrap_or_default())
}

/// A row of the server's table: name, value and explanation. A row without a
/// value is left out.
type FigureRow = (&'static str, Option<String>, String);

fn server_table(server: &ServerReport, report: &RunReport) -> Table {
    let rows = counted_rows(server, report).into_iter();
    let rows = rows.chain(usage_rows(server, report.run_time_ns));
    let rows = rows
        .filter_map(|(name, value, note)| Some([name.into(), value?, note]));
    let table = Table::new(["figure", ">value", "of which"]);
    table.without_headings().with_rows(rows)
}

fn counted_rows(server: &ServerReport, report: &RunReport) -> [FigureRow; 15] {
    let count = |n: u64| Some(show_count(n));
    let some = |n: u64| (n > 0).then(|| show_count(n));
    let phases = phases(report);
    let ends = server.ends.iter().map(|(end, n)| (end.as_str(), *n));
    let ends = once(("open", server.connections_open)).chain(ends);
    let by_limit = counted([
        ("at the limit of connections", server.connection_pauses),
        ("out of file descriptors", server.descriptor_pauses),
    ]);
    let by_handling = counted([
        ("handled", server.errors_handled),
        ("not handled", server.errors_unhandled),
        ("reported as never retrieved", server.errors_never_retrieved),
    ]);
    // A polling loop iterates without an accept call when the listener is
    // closed or accepting is paused.
    let more = server.iterations.checked_sub(server.calls_of(Kind::Accept));
    let more = more.and_then(some).filter(|_| server.wake_ups.is_none());
    let more = more.map_or(String::new(), |more| {
        format!("{more} without an accept: at a limit, or stopping")
    });
    let by_kind = |counts: &BTreeMap<Kind, u64>| {
        let kinds = counts.iter().filter(|(_, count)| **count > 0);
        kinds
            .map(|(kind, n)| format!("{} {}", kind.name(), show_count(*n)))
            .join(", ")
    };
    let an_echo = match server.echoes {
        0 => String::new(),
        n => format!("{} calls an echo", show_digits(ratio(server.calls, n))),
    };
    let unsent = match server.unsent_bytes {
        0 => String::new(),
        unsent => format!("{} never echoed", show_size(unsent)),
    };
    let pauses = server.connection_pauses + server.descriptor_pauses;
    let failures = server.failed_calls.iter().map(|it| it.count).sum();
    let by_error = server.failed_calls.iter().map(|it| {
        format!("{}: {} {}", it.call.name(), it.error, show_count(it.count))
    });
    let by_error = by_error.collect_vec().join(", ");
    let errors = server.errors_handled + server.errors_unhandled;
    let wait = "one wait of the selector is several system calls";
    let (calls, would_blocks) =
        (by_kind(&server.calls_by_kind), by_kind(&server.would_blocks_by_kind));
    let peak = Some(show_size(server.pending_peak_bytes));
    let longest = server.longest_write_ns.map(show_time_ns);
    let slept = "asleep, or its task paused, if the client did not read";
    [
        ("phases", (!phases.is_empty()).then(String::new), phases),
        ("connections", count(server.connections), counted(ends)),
        ("accept pauses", some(pauses), by_limit),
        (
            "left waiting",
            server.left_waiting.and_then(some),
            "to be accepted when it stopped: reset".into(),
        ),
        ("failed calls", some(failures), by_error),
        ("handler errors", some(errors), by_handling),
        ("iterations", count(server.iterations), more),
        ("wake-ups", server.wake_ups.map(show_count), wait.into()),
        ("calls", count(server.calls), calls),
        ("would block", count(server.would_blocks), would_blocks),
        ("echoes", count(server.echoes), an_echo),
        ("bytes in", Some(show_size(server.bytes_in)), unsent),
        ("bytes out", Some(show_size(server.bytes_out)), String::new()),
        ("pending output", peak, "at most, on one connection".into()),
        ("longest write", longest, slept.into()),
    ]
}

/// What the server used of the machine, where the system reports it.
fn usage_rows(server: &ServerReport, run_time_ns: u64) -> [FigureRow; 5] {
    let dash = || Some(NOTHING.to_owned());
    let unknown = || NOT_AVAILABLE.to_owned();
    let cpu = server.cpu.map(|cpu| show_time_ns(cpu.total_ns()));
    let share = server.cpu.map(|cpu| {
        let [user, system] = [cpu.user_ns, cpu.system_ns].map(show_time_ns);
        let share = show_percent(cpu.share(run_time_ns));
        format!("{user} user, {system} system: {share} of one core")
    });
    let alone = server.cpu.filter(|_| server.threads == 1);
    let each = alone
        .map(|cpu| known_time(cpu.total_ns().checked_div(server.iterations)));
    let switches = server.context_switches;
    let by_cause = switches.map(|it| {
        let [asleep, preempted] =
            [it.voluntary, it.involuntary].map(show_count);
        format!("{asleep} to sleep, {preempted} preempted")
    });
    let switches = switches.map(|it| show_count(it.voluntary + it.involuntary));
    let memory = server.peak_memory_bytes.map(show_size);
    let whose = memory.as_ref().map(|_| match server.peak_memory_of {
        MemoryOf::Server => "of the server's process".into(),
        MemoryOf::ServerAndClients => {
            "server and clients in one process".into()
        }
    });
    let threads = Some(show_count(server.threads));
    [
        ("threads", threads, "at most, at once".into()),
        ("CPU time", cpu.or_else(dash), share.unwrap_or_else(unknown)),
        ("CPU an iteration", each, "with all its calls".into()),
        (
            "context switches",
            switches.or_else(dash),
            by_cause.unwrap_or_else(unknown),
        ),
        ("peak memory", memory.or_else(dash), whose.unwrap_or_else(unknown)),
    ]
}

/// How long each phase but the last took, and how many connections were left
/// at the deadline: `running 1.20 s · refusing 45.0 µs · finishing 2.00 s (3
/// left at the deadline) · cancelling 0.30 ms`.
fn phases(report: &RunReport) -> String {
    let pairs = report.phases.iter().tuple_windows();
    let mut phases = pairs.map(|(phase, next)| {
        let time = show_time_ns(next.at.since(phase.at).0);
        let cut = match (next.phase, next.left) {
            (Phase::Cancelling, left @ 1..) => {
                format!(" ({} left at the deadline)", show_count(left))
            }
            _ => String::new(),
        };
        format!("{} {time}{cut}", phase.phase.name()).replace(' ', NO_BREAK)
    });
    phases.join(" · ")
}

/// Adds the calls of each line of the mode's source.
fn add_lines(page: &mut Document, lines: &[LineReport]) {
    let file = lines.iter().map(|it| &it.file).all_equal_value().ok();
    let of = file.map_or(String::new(), |it| format!(" of {it}"));
    let rows = lines.iter().map(|it| {
        let times = it.outcomes.get(&Class::WouldBlock);
        let file =
            if of.is_empty() { it.file.clone() + ":" } else { String::new() };
        [
            format!("{file}{}", it.line),
            show_count(it.calls),
            show_count(times.copied().unwrap_or(0)),
            match it.call {
                Kind::Read | Kind::Write => show_size(it.bytes),
                _ => NOTHING.into(),
            },
            it.source.clone().unwrap_or_default(),
        ]
    });
    let headings = [">line", ">calls", ">would\nblock", ">bytes", "source"];
    let table = Table::new(headings).with_rows(rows);
    let table = table.cut_off().without_zeros();
    page.section(&format!("Calls, line by line{of}"), table, "");
}

/// The listener and the sockets with the most echoes and calls, one row each,
/// at most `most` in all; and how many sockets were left out.
fn socket_table(sockets: &[SocketReport], most: usize) -> (Table, u64) {
    let mut all: Vec<_> = sockets.iter().collect();
    let others = all.len().saturating_sub(most);
    if others > 0 {
        all.sort_by_key(|it| {
            let order = Reverse((it.count.echoes, it.calls));
            (it.count.id != LISTENER, order, it.count.id)
        });
    }
    let rows = all.into_iter().take(most).map(|row| {
        let (it, calls) = (&row.count, show_count(row.calls));
        let would_blocks = show_count(it.would_blocks);
        if it.id == LISTENER {
            let mut row = [NOTHING; 9].map(str::to_owned);
            (row[0], row[1]) = (it.id.to_string(), "listener".into());
            (row[2], row[3], row[8]) = (calls, would_blocks, String::new());
            return row;
        }
        // For clients on this machine, the port alone is enough.
        let peer = it.peer.map(|peer| {
            let is_here = peer.ip().is_loopback();
            if is_here { format!(":{}", peer.port()) } else { peer.to_string() }
        });
        [
            it.id.to_string(),
            peer.unwrap_or_default(),
            calls,
            would_blocks,
            show_size(it.bytes_in),
            show_size(it.bytes_out),
            show_count(it.echoes),
            nonzero_size(it.pending_peak_bytes),
            it.end.map_or("open".into(), End::words),
        ]
    });
    let headings = "|peer|>calls|>would\nblock|>in|>out|>echoes|\
                    >peak\npending|end"
        .split('|');
    (Table::new(headings).with_rows(rows).without_zeros(), others as u64)
}

/// Adds what the clients measured, one row per group.
fn add_clients<'a>(
    page: &mut Document,
    report: &RunReport,
    clients: &'a ClientsReport,
    most: usize,
) {
    let heading = if report.server.is_some() && clients.own_process {
        CLIENTS_APART
    } else {
        CLIENTS
    };
    let groups = clients.groups.iter().map(|it| &it.result);
    // Several groups also have a row for their total.
    let with_total = |mut groups: Vec<&'a GroupResult>| {
        groups.extend((groups.len() > 1).then_some(&clients.total));
        groups.into_iter()
    };
    let rows = with_total(groups.clone().collect()).map(|it| {
        let of = format!("{} of", show_count(it.connected));
        [
            it.name.clone(),
            format!("{of} {}", show_count(it.clients)),
            show_size(it.bytes_out),
            show_size(it.bytes_in),
            show_count(it.echoes),
            show_count(it.missing),
            nonzero_size(it.mismatches),
            counted(it.ends.named()),
        ]
    });
    let table = "group|>connected|>sent|>received|>echoes|>missing|>wrong|end";
    let table = Table::new(table.split('|')).with_rows(rows).without_zeros();
    page.section(heading, table, "");
    page.section(CLIENT_ERRORS, error_table(clients), "");
    let measured = groups.clone().filter(|it| it.echo_time.is_some());
    let timed = with_total(measured.collect()).filter_map(|it| {
        let names = [it.name.clone(), it.pacing.name().into()];
        Some(names.into_iter().chain(echo_cells(it.echo_time?)))
    });
    let table = "group|pacing|>timed|>p50|>p90|>p99|>max".split('|');
    let table = Table::new(table).with_rows(timed).without_zeros();
    page.section(ECHO_TIMES, table, "");
    add_echo_times(page, &report.sockets, most);
    let moments = groups.filter(|it| it.connected > 0).map(|it| {
        let at = [
            it.connect_time_max_ns,
            it.first_echo_at_ns,
            it.ended_first_at_ns,
            it.ended_last_at_ns,
        ];
        once(it.name.clone()).chain(at.map(known_time))
    });
    let table = "group|>connected\nwithin|>first\necho|>first\nend|>last\nend";
    let table = table.split('|');
    let table = Table::new(table).with_rows(moments).without_zeros();
    page.section("Moments, from the start of the clients", table, "");
}

/// Adds the echo times of each socket, or of the slowest ones. A single
/// connection has no such table, as its group has the same times.
fn add_echo_times(page: &mut Document, sockets: &[SocketReport], most: usize) {
    if sockets.iter().filter(|it| it.count.peer.is_some()).count() < 2 {
        return;
    }
    let timed = sockets.iter();
    let timed = timed.filter_map(|it| Some((it.count.id, it.echo_time?)));
    let mut timed = timed.collect_vec();
    let others = timed.len().saturating_sub(most);
    if others > 0 {
        timed.sort_by_key(|(id, time)| (Reverse(time.max_ns), *id));
    }
    let rows = timed.into_iter().take(most);
    let rows = rows.map(|(id, it)| once(id.to_string()).chain(echo_cells(it)));
    let table = Table::new(["", ">timed", ">p50", ">p90", ">p99", ">max"]);
    let others = further(others as u64, "socket", "not shown");
    let slowest = if others.is_empty() { "" } else { "the slowest; " };
    let note = format!("{slowest}{others}");
    page.section("Echo times by socket", table.with_rows(rows), &note);
}

fn echo_cells(time: EchoTime) -> impl Iterator<Item = String> {
    let times = [time.p50_ns, time.p90_ns, time.p99_ns, time.max_ns];
    once(show_count(time.count)).chain(times.map(show_time_ns))
}

/// The errors of the groups of clients, one row per error.
fn error_table(clients: &ClientsReport) -> Table {
    let rows = clients.groups.iter().map(|it| &it.result).flat_map(|group| {
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
        errors.into_iter().flatten().map(|it| [group.name.clone(), it])
    });
    Table::new(["group", "what"]).without_headings().with_rows(rows)
}

fn known_time(ns: Option<u64>) -> String {
    ns.map_or(NOTHING.into(), show_time_ns)
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
            ListItem::new(Bullet::Unknown, &format!("{says} (not known)"))
        }
    }
}

/// The conditions under which the figures were measured.
fn condition_table(report: &RunReport) -> Table {
    let it = &report.conditions;
    let cores = match it.cores {
        Some(cores) => plural(cores, "core"),
        None => format!("number of cores {NOT_AVAILABLE}"),
    };
    let server = it.server.as_ref();
    let errors = server.map(ServerOptions::errors);
    let errors = errors.filter(|it| *it != Errors::default());
    let tasks = server.filter(|_| it.mode.as_deref() == Some("tasks"));
    let calls = tasks.map(|it| match it.calls_before_yield() {
        Some(calls) => calls.to_string(),
        None => "never".into(),
    });
    let address = if report.server.is_some() { "address" } else { "target" };
    let scenario = match (&it.scenario, &it.scenario_title) {
        (Some(name), Some(title)) => format!("{name}: {title}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none: every client that connects is served".into(),
    };
    let options = match &it.options[..] {
        [] => "none".into(),
        options => options.join(" "),
    };
    let unknown = || NOT_AVAILABLE.to_owned();
    let rows = [
        ("sockscope", Some(it.sockscope_version.clone())),
        ("system", Some(it.os.clone())),
        ("kernel", Some(it.kernel.clone().unwrap_or_else(unknown))),
        ("processor", Some(format!("{}, {cores}", it.architecture))),
        ("mode", it.mode.clone()),
        ("selector built on", it.mechanism.clone()),
        ("errors in handlers", errors.map(|it| it.name().to_owned())),
        ("calls before a yield", calls),
        ("shutdown", tasks.map(|it| it.shutdown().name().to_owned())),
        (address, it.address.clone()),
        ("scenario", Some(scenario)),
        ("options", Some(options)),
        ("started at", Some(it.started_at.clone())),
    ];
    let rows = rows.into_iter();
    let rows = rows.filter_map(|(name, value)| Some([name.into(), value?]));
    Table::new(["condition", "value"]).without_headings().with_rows(rows)
}

/// `3 further connections not listed`; empty for 0.
fn further(n: u64, what: &str, how: &str) -> String {
    match n {
        0 => String::new(),
        n => format!("{} {how}", plural(n, &format!("further {what}"))),
    }
}

/// `2 end of file, 1 reset`; counts of zero are left out.
fn counted<Name: Display>(
    counts: impl IntoIterator<Item = (Name, u64)>,
) -> String {
    let some = counts.into_iter().filter(|(_, times)| *times > 0);
    some.map(|(what, times)| format!("{} {what}", show_count(times))).join(", ")
}

/// A size, or a dash if it is zero.
fn nonzero_size(bytes: u64) -> String {
    if bytes == 0 { NOTHING.into() } else { show_size(bytes) }
}
