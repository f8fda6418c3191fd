//! The report of one run for people: a sentence, then the figures behind it.

use super::document::{
    AsDocument, Bullet, Document, ListItem, Medium, NOTHING, Table, Tone,
};
use super::ratio;
use crate::load::{EchoTime, GroupResult};
use crate::net::{Errors, ServerOptions};
use crate::probe::{Class, End, Kind, LISTENER, Phase};
use crate::run::report::{
    ClientsReport, LineReport, MemoryOf, RunReport, ServerReport, SocketReport,
};
use crate::scenario::ExpectationCheck;
use crate::text::NO_BREAK;
use crate::units::{plural, show_count, show_percent, show_size, show_time_ns};
use itertools::Itertools as _;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;

/// Stands where the system does not provide a figure.
pub const NOT_AVAILABLE: &str = "not available on this system";

/// A thread that is preempted this often in a second competes for its core.
const PREEMPTED_A_SECOND: u64 = 10;

impl AsDocument for RunReport {
    fn document(&self, medium: Medium) -> Document {
        let mode = self.conditions.mode.as_deref().unwrap_or("load");
        let most = match medium {
            Medium::Terminal => 12,
            Medium::Markdown => 100,
        };
        let (did, how) = match (&self.server, &self.clients) {
            (Some(server), _) => server_headline(self, server),
            (None, Some(clients)) => clients_headline(self, clients),
            (None, None) => ("Nothing was done.".into(), String::new()),
        };
        let ended = format!("{how}The run ended: {}.", self.outcome);
        let caution = match &self.interventions[..] {
            [] => String::new(),
            all => format!(" Mind that {}.", all.join(", that ")),
        };
        let mut page = Document::new(&format!("sockscope: {mode}"));
        page.paragraph(Tone::Lead, &did);
        page.paragraph(Tone::Body, &(ended + &caution));
        if let Some(server) = &self.server {
            page.section("Server", server_table(server, self), "");
        }
        add_lines(&mut page, &self.lines);
        let note = further(self.sockets_not_listed, "connection", "not listed");
        page.section("Sockets", socket_table(&self.sockets, most), &note);
        if let Some(clients) = &self.clients {
            add_clients(&mut page, self, clients, most);
        }
        page.listing("Expectations", self.checks.iter().map(check_item));
        let findings = self.findings.iter().map(|it| {
            ListItem::new(Bullet::Finding, &it.observation).details(&it.advice)
        });
        page.listing("Findings", findings);
        page.section("Conditions", condition_table(self), "");
        page
    }
}

/// What a server did, and how.
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
    // A call that sleeps until there is something to do is not in vain.
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

/// The share of one core, and what it means if there is only one thread: a
/// full core says nothing about the sleep of many threads.
fn cpu_share(report: &RunReport, server: &ServerReport) -> Option<String> {
    let share = server.cpu?.share(report.run_time_ns);
    // A thread that seldom sleeps and is often preempted would have used all
    // of its core.
    let seconds = report.run_time_ns / 1_000_000_000 + 1;
    let often = PREEMPTED_A_SECOND.saturating_mul(seconds);
    let preempted = server.context_switches.map(|it| {
        if it.involuntary > it.voluntary { it.involuntary } else { 0 }
    });
    let meaning = match share {
        ..0.9
            if server.threads == 1
                && preempted.is_some_and(|it| it >= often) =>
        {
            let times = plural(preempted.unwrap_or(0), "time");
            format!(
                " and wanted more: the machine was busy, and it was preempted \
                 {times}"
            )
        }
        ..0.05 => ": almost always asleep".into(),
        0.9.. if server.threads == 1 => ": almost never asleep".into(),
        _ => String::new(),
    };
    Some(format!("It used {} of one core{meaning}. ", show_percent(share)))
}

/// What clients did without a server of ours, and how long it took.
fn clients_headline(
    report: &RunReport,
    clients: &ClientsReport,
) -> (String, String) {
    let total = &clients.total;
    let target = report.conditions.address.as_deref();
    let target = target.unwrap_or("the server");
    let time = show_time_ns(report.run_time_ns);
    let all = plural(total.clients, "client");
    if total.connected == 0 {
        let did =
            format!("load: none of {all} connected to {target} in {time}.");
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

/// The figures of the server: name, value, and what explains it.
fn server_table(server: &ServerReport, report: &RunReport) -> Table {
    let mut table =
        Table::new(["figure", ">value", "of which"]).without_headings();
    let mut row = |name: &str, value: String, note: &str| {
        table.row([name.into(), value, note.into()]);
    };
    let phases = phases(report);
    if !phases.is_empty() {
        row("phases", String::new(), &phases);
    }
    let ends = server.ends.iter().map(|(end, n)| (end.as_str(), *n));
    let ends =
        counted([("open", server.connections_open)].into_iter().chain(ends));
    row("connections", show_count(server.connections), &ends);
    let pauses = server.connection_pauses + server.descriptor_pauses;
    if pauses > 0 {
        let by_limit = counted([
            ("at the limit of connections", server.connection_pauses),
            ("out of file descriptors", server.descriptor_pauses),
        ]);
        row("accept pauses", show_count(pauses), &by_limit);
    }
    let errors = server.errors_handled + server.errors_unhandled;
    if errors > 0 {
        let mut by_handling = counted([
            ("handled", server.errors_handled),
            ("not handled", server.errors_unhandled),
        ]);
        if server.errors_never_retrieved > 0 {
            let lost = show_count(server.errors_never_retrieved);
            by_handling.extend(["; ", &lost, " reported as never retrieved"]);
        }
        row("handler errors", show_count(errors), &by_handling);
    }
    // A busy loop goes on without asking the listener when there is none any
    // more, or when accepting is paused.
    let more = server.iterations.checked_sub(server.calls_of(Kind::Accept));
    let more = more.filter(|more| *more > 0 && server.wake_ups.is_none());
    let more = more.map(|more| {
        let more = show_count(more);
        format!("{more} without an accept: at a limit, or stopping")
    });
    let iterations = show_count(server.iterations);
    row("iterations", iterations, &more.unwrap_or_default());
    if let Some(wake_ups) = server.wake_ups {
        let wait = "one wait of the selector is several system calls";
        row("wake-ups", show_count(wake_ups), wait);
    }
    row("calls", show_count(server.calls), &by_kind(&server.calls_by_kind));
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
    table.with_rows(usage_rows(server, report.run_time_ns))
}

fn calls_an_echo(server: &ServerReport) -> String {
    match (server.calls, server.echoes) {
        (_, 0) => String::new(),
        (calls, echoes) if calls / echoes < 100 => {
            format!("{:.1} calls an echo", ratio(calls, echoes))
        }
        (calls, echoes) => {
            let rounded = (calls + echoes / 2) / echoes;
            format!("{} calls an echo", show_count(rounded))
        }
    }
}

/// How long each phase but the last took, and which connections were left
/// when it was cut: `running 1.20 s · refusing 45.0 µs · finishing 2.00 s (3
/// left at the deadline) · cancelling 0.30 ms`.
fn phases(report: &RunReport) -> String {
    let pairs = report.phases.iter().tuple_windows();
    let mut phases = pairs.map(|(phase, next)| {
        let time = show_time_ns(next.at.since(phase.at).0);
        let is_due = report.deadline_at_ns.is_some_and(|it| next.at.0 >= it);
        let cut = match (next.phase, next.left) {
            (Phase::Cancelling, left @ 1..) => {
                let left = show_count(left);
                let when = if is_due {
                    "at the deadline"
                } else {
                    "when it was cut short"
                };
                format!(" ({left} left {when})")
            }
            _ => String::new(),
        };
        format!("{} {time}{cut}", phase.phase.name()).replace(' ', NO_BREAK)
    });
    phases.join(" · ")
}

/// `read 12, write 3`, without what there was none of.
fn by_kind(counts: &BTreeMap<Kind, u64>) -> String {
    let kinds = counts.iter().filter(|(_, count)| **count > 0);
    kinds
        .map(|(kind, count)| format!("{} {}", kind.name(), show_count(*count)))
        .join(", ")
}

/// What the server used of the machine.
fn usage_rows(server: &ServerReport, run_time_ns: u64) -> Vec<[String; 3]> {
    let cpu = server.cpu.map(|cpu| {
        let [user, system, total] =
            [cpu.user_ns, cpu.system_ns, cpu.total_ns()].map(show_time_ns);
        let share = show_percent(cpu.share(run_time_ns));
        (total, format!("{user} user, {system} system: {share} of one core"))
    });
    let alone = server.cpu.filter(|_| server.threads == 1);
    let each = alone.map(|cpu| {
        let each = cpu.total_ns().checked_div(server.iterations);
        (known_time(each), "with all its calls".to_owned())
    });
    let switches = server.context_switches.map(|switches| {
        let all = show_count(switches.voluntary + switches.involuntary);
        let [asleep, preempted] =
            [switches.voluntary, switches.involuntary].map(show_count);
        (all, format!("{asleep} to sleep, {preempted} preempted"))
    });
    let memory = server.peak_memory_bytes.map(|peak| {
        let whose = match server.peak_memory_of {
            MemoryOf::Server => "of the server's process",
            MemoryOf::ServerAndClients => "server and clients in one process",
        };
        (show_size(peak), whose.to_owned())
    });
    let threads = (show_count(server.threads), "at most, at once".to_owned());
    let absent = || (NOTHING.to_owned(), NOT_AVAILABLE.to_owned());
    let rows = [
        ("threads", Some(threads)),
        ("CPU time", Some(cpu.unwrap_or_else(absent))),
        ("CPU an iteration", each),
        ("context switches", Some(switches.unwrap_or_else(absent))),
        ("peak memory", Some(memory.unwrap_or_else(absent))),
    ];
    let rows = rows.into_iter().filter_map(|(name, found)| {
        let (value, note) = found?;
        Some([name.to_owned(), value, note])
    });
    rows.collect()
}

/// What each line of the mode's source did.
fn add_lines(page: &mut Document, lines: &[LineReport]) {
    let Some(first) = lines.first() else { return };
    let is_one_file = lines.iter().all(|line| line.file == first.file);
    let of =
        if is_one_file { format!(" of {}", first.file) } else { String::new() };
    let place: fn(&&LineReport) -> String = if is_one_file {
        |it| it.line.to_string()
    } else {
        |it| format!("{}:{}", it.file, it.line)
    };
    let table = Table::of(
        lines,
        &[
            (">line", place),
            (">calls", |it| show_count(it.calls)),
            (">would\nblock", |it| {
                let times = it.outcomes.get(&Class::WouldBlock);
                show_count(times.copied().unwrap_or(0))
            }),
            (">bytes", |it| match it.call {
                Kind::Read | Kind::Write => show_size(it.bytes),
                _ => NOTHING.into(),
            }),
            ("source", |it| it.source.clone().unwrap_or_default()),
        ],
    );
    let table = table.cut_off().without_zeros();
    page.section(&format!("Calls, line by line{of}"), table, "");
}

/// A socket, or several that share a row.
struct SocketRow<'a> {
    name: String,
    peer: String,
    sockets: &'a [&'a SocketReport],
}

impl SocketRow<'_> {
    fn sum(&self, of: fn(&SocketReport) -> u64) -> u64 {
        let all = self.sockets.iter().map(|it| of(it));
        all.fold(0, u64::saturating_add)
    }

    fn unless_listener(&self, text: String) -> String {
        let listens = self.sockets[0].count.id == LISTENER;
        if listens { NOTHING.into() } else { text }
    }

    /// How it ended, or how many of them ended in which way.
    fn end(&self) -> String {
        let ends = self.sockets.iter().map(|it| it.count.end);
        let words = |end: Option<End>| end.map_or("open".into(), End::words);
        match self.sockets {
            [one] if one.count.id == LISTENER => String::new(),
            [one] => words(one.count.end),
            _ => {
                let ends = ends.map(words).counts().into_iter().sorted();
                counted(ends.map(|(end, n)| (end, n as u64)))
            }
        }
    }
}

/// A row for the listener and those sockets with the most echoes and calls,
/// at most `most`; the others share one row.
fn socket_table(sockets: &[SocketReport], most: usize) -> Table {
    let mut all: Vec<_> = sockets.iter().collect();
    if all.len() > most {
        all.sort_by_key(|it| {
            let order = Reverse((it.count.echoes, it.calls));
            (it.count.id != LISTENER, order, it.count.id)
        });
    }
    let (shown, others) = all.split_at(all.len().min(most));
    // Where all peers are at the same host, it stands in the heading alone.
    let hosts = sockets.iter().filter_map(|it| Some(it.count.peer?.ip()));
    let host = hosts.dedup().exactly_one().map_or(String::new(), |host| {
        let host = SocketAddr::new(host, 0).to_string();
        host.trim_end_matches(":0").to_owned()
    });
    let at = if host.is_empty() { "" } else { " at\n" };
    let heading = format!("peer{at}{host}");
    let rows = shown.iter().map(|it| SocketRow {
        name: it.count.id.to_string(),
        peer: match it.count.peer.map(|peer| peer.to_string()) {
            Some(peer) => peer.strip_prefix(&host).unwrap_or(&peer).to_owned(),
            None if it.count.id == LISTENER => "listener".into(),
            None => String::new(),
        },
        sockets: std::slice::from_ref(it),
    });
    let rest = (!others.is_empty()).then(|| SocketRow {
        name: "…".into(),
        peer: format!("and {} more", show_count(others.len() as u64)),
        sockets: others,
    });
    Table::of(
        rows.chain(rest),
        &[
            ("", |it| it.name.clone()),
            (&heading, |it| it.peer.clone()),
            (">calls", |it| show_count(it.sum(|it| it.calls))),
            (">would\nblock", |it| {
                show_count(it.sum(|it| it.count.would_blocks))
            }),
            (">in", |it| {
                it.unless_listener(show_size(it.sum(|it| it.count.bytes_in)))
            }),
            (">out", |it| {
                it.unless_listener(show_size(it.sum(|it| it.count.bytes_out)))
            }),
            (">echoes", |it| {
                it.unless_listener(show_count(it.sum(|it| it.count.echoes)))
            }),
            (">peak\npending", |it| {
                let peaks =
                    it.sockets.iter().map(|it| it.count.pending_peak_bytes);
                nonzero_size(peaks.max().unwrap_or(0))
            }),
            ("end", SocketRow::end),
        ],
    )
    .without_zeros()
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
    page.section(heading, group_table(clients), "");
    page.section("Client errors", error_table(clients), "");
    let timed = with_total(clients, |it| it.echo_time.is_some());
    let timed = timed.filter_map(|it| {
        let names = [it.name.clone(), it.pacing.name().into()];
        Some(names.into_iter().chain(echo_cells(it.echo_time?)))
    });
    let headings = "group|pacing|>timed|>p50|>p90|>p99|>max".split('|');
    let table = Table::new(headings.clone()).with_rows(timed).without_zeros();
    page.section("Echo times, measured by the clients", table, "");
    add_echo_times(page, &report.sockets, most);
    let heading = "Moments, from the start of the clients";
    page.section(heading, moment_table(clients), "");
}

/// How long the echoes on each socket took, the slowest ones of many. A single
/// connection has none: its group says the same.
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
    let rows = timed
        .into_iter()
        .take(most)
        .map(|(id, time)| [id.to_string()].into_iter().chain(echo_cells(time)));
    let table = Table::new(["", ">timed", ">p50", ">p90", ">p99", ">max"]);
    let note = match further(others as u64, "socket", "not shown") {
        none if none.is_empty() => none,
        further => format!("the slowest; {further}"),
    };
    page.section("Echo times by socket", table.with_rows(rows), &note);
}

fn echo_cells(time: EchoTime) -> impl Iterator<Item = String> {
    let times = [time.p50_ns, time.p90_ns, time.p99_ns, time.max_ns];
    [show_count(time.count)].into_iter().chain(times.map(show_time_ns))
}

/// The groups for which something holds, and all together if these are
/// several.
fn with_total(
    clients: &ClientsReport,
    holds: impl Fn(&GroupResult) -> bool,
) -> impl Iterator<Item = &GroupResult> {
    let groups = clients.groups.iter().map(|it| &it.result);
    let groups: Vec<_> = groups.filter(|it| holds(it)).collect();
    let total = (groups.len() > 1).then_some(&clients.total);
    groups.into_iter().chain(total)
}

/// What each group of clients sent and got back.
fn group_table(clients: &ClientsReport) -> Table {
    Table::of(
        with_total(clients, |_| true),
        &[
            ("group", |it| it.name.clone()),
            (">connected", |it| {
                let connected = show_count(it.connected);
                format!("{connected} of {}", show_count(it.clients))
            }),
            (">sent", |it| show_size(it.bytes_out)),
            (">received", |it| show_size(it.bytes_in)),
            (">echoes", |it| show_count(it.echoes)),
            (">missing", |it| show_count(it.missing)),
            (">wrong", |it| nonzero_size(it.mismatches)),
            ("end", |it| counted(it.ends.named())),
        ],
    )
    .without_zeros()
}

/// What went wrong for each group of clients, a row each.
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

/// When each group of clients connected, had its first echo, and ended.
fn moment_table(clients: &ClientsReport) -> Table {
    let groups = clients.groups.iter().map(|it| &it.result);
    Table::of(
        groups.filter(|it| it.connected > 0),
        &[
            ("group", |it| it.name.clone()),
            (">connected\nwithin", |it| known_time(it.connect_time_max_ns)),
            (">first\necho", |it| known_time(it.first_echo_at_ns)),
            (">first\nend", |it| known_time(it.ended_first_at_ns)),
            (">last\nend", |it| known_time(it.ended_last_at_ns)),
        ],
    )
    .without_zeros()
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

/// Under what conditions the figures came about.
fn condition_table(report: &RunReport) -> Table {
    let conditions = &report.conditions;
    let kernel = conditions.kernel.clone();
    let cores = match conditions.cores {
        Some(cores) => plural(cores, "core"),
        None => format!("number of cores {NOT_AVAILABLE}"),
    };
    let server = conditions.server.as_ref();
    let errors = server.map(ServerOptions::errors);
    let errors = errors.filter(|it| *it != Errors::default());
    let is_tasks = conditions.mode.as_deref() == Some("tasks");
    let tasks = server.filter(|_| is_tasks);
    let calls = tasks.map(ServerOptions::calls_before_yield);
    let calls =
        calls.map(|it| it.map_or("never".into(), |calls| calls.to_string()));
    let address = if report.server.is_some() { "address" } else { "target" };
    let scenario = match (&conditions.scenario, &conditions.scenario_title) {
        (Some(name), Some(title)) => format!("{name}: {title}"),
        (Some(name), None) => name.clone(),
        (None, _) => "none: every client that connects is served".into(),
    };
    let options = match &conditions.options[..] {
        [] => "none".into(),
        options => options.join(" "),
    };
    let rows = [
        ("sockscope", Some(conditions.sockscope_version.clone())),
        ("system", Some(conditions.os.clone())),
        ("kernel", kernel.or_else(|| Some(NOT_AVAILABLE.into()))),
        ("processor", Some(format!("{}, {cores}", conditions.architecture))),
        ("mode", conditions.mode.clone()),
        ("selector built on", conditions.mechanism.clone()),
        ("errors in handlers", errors.map(|it| it.name().to_owned())),
        ("calls before a yield", calls),
        ("shutdown", tasks.map(|it| it.shutdown().name().to_owned())),
        (address, conditions.address.clone()),
        ("scenario", Some(scenario)),
        ("options", Some(options)),
        ("started at", Some(conditions.started_at.clone())),
    ];
    let rows = rows.into_iter();
    let rows = rows.filter_map(|(name, value)| Some([name.into(), value?]));
    Table::new(["condition", "value"]).without_headings().with_rows(rows)
}

/// `3 further connections not listed`, if there are some.
fn further(n: u64, what: &str, how: &str) -> String {
    match n {
        0 => String::new(),
        n => format!("{} {how}", plural(n, &format!("further {what}"))),
    }
}

/// `2 end of file, 1 reset`, without what there was none of.
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
