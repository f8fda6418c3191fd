//! What the server did: in all, and line by line.

use super::{NOT_AVAILABLE, counted, phases};
use crate::report::table::{NOTHING, Table};
use crate::report::{Cpu, KindRow, LineRow, MemoryOf, Report, Server};
use crate::units::{show_count, show_percent, show_size, show_time_ns};

/// The figures of the server: name, value, what belongs to it.
pub(super) fn figures(server: &Server, report: &Report) -> Table {
    let mut table = Table::new(&["figure", ">value", "of which"]);
    let mut row = |name: &str, value: String, note: String| {
        table.row([name.into(), value, note]);
    };
    let none = String::new;
    let told = phases::told(report);
    if !told.is_empty() {
        row("phases", none(), told);
    }
    row("connections", show_count(server.connections), connections(server));
    let pauses = server.connection_pauses + server.descriptor_pauses;
    if pauses > 0 {
        row("accept pauses", show_count(pauses), pauses_by_limit(server));
    }
    let errors = server.errors_handled + server.errors_unhandled;
    if errors > 0 {
        row("handler errors", show_count(errors), errors_by_fate(server));
    }
    row("iterations", show_count(server.iterations), iterations(server));
    if let Some(wake_ups) = server.wake_ups {
        let wait = "one wait of the selector is several system calls";
        row("wake-ups", show_count(wake_ups), wait.into());
    }
    let calls = calls_by_kind(server, |kind| kind.calls);
    row("calls", show_count(server.calls), calls);
    let would_blocks = calls_by_kind(server, |kind| kind.would_blocks);
    row("would block", show_count(server.would_blocks), would_blocks);
    row("echoes", show_count(server.echoes), calls_an_echo(server));
    row("bytes in", show_size(server.bytes_in), unsent(server));
    row("bytes out", show_size(server.bytes_out), none());
    let peak = show_size(server.pending_peak_bytes);
    row("pending output", peak, "at most, on one connection".into());
    if let Some(longest) = server.longest_write_ns {
        let slept = "asleep if the client did not read";
        row("longest write", show_time_ns(longest), slept.into());
    }
    table.rows.extend(usage(server, report.run_time_ns).rows);
    table
}

/// A busy loop turns on when there is no listener to ask, or when it may not
/// be asked.
fn iterations(server: &Server) -> String {
    let mut kinds = server.calls_by_kind.iter();
    let asked = kinds.find(|kind| kind.call == "accept");
    let asked = asked.map_or(0, |kind| kind.calls);
    match server.iterations.checked_sub(asked) {
        Some(more @ 1..) if server.wake_ups.is_none() => {
            let more = show_count(more);
            format!("{more} without an accept: at a limit, or stopping")
        }
        _ => String::new(),
    }
}

fn pauses_by_limit(server: &Server) -> String {
    some_of([
        (server.connection_pauses, "at the limit of connections"),
        (server.descriptor_pauses, "out of file descriptors"),
    ])
}

fn never_retrieved(server: &Server) -> String {
    match server.errors_never_retrieved {
        0 => String::new(),
        n => format!("; {} reported as never retrieved", show_count(n)),
    }
}

fn errors_by_fate(server: &Server) -> String {
    some_of([
        (server.errors_handled, "handled"),
        (server.errors_unhandled, "not handled"),
    ]) + &never_retrieved(server)
}

/// `2 of this, 3 of that`, without what there was none of.
fn some_of(counts: [(u64, &str); 2]) -> String {
    let some = counts.into_iter().filter(|(times, _)| *times > 0);
    let words = some.map(|(times, of)| format!("{} {of}", show_count(times)));
    words.collect::<Vec<_>>().join(", ")
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
    row("threads", Some((show_count(threads), note.into())));
    row("CPU time", server.cpu.map(|cpu| cpu_time(cpu, run_time_ns)));
    if let Some(cpu) = server.cpu.filter(|_| threads == 1) {
        row("CPU an iteration", Some(cpu_an_iteration(cpu, server.iterations)));
    }
    row(
        "context switches",
        server.context_switches.map(|switches| {
            let (asleep, made_way) = (switches.voluntary, switches.involuntary);
            let note = format!(
                "{} to sleep, {} preempted",
                show_count(asleep),
                show_count(made_way)
            );
            (show_count(asleep + made_way), note)
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
            (show_size(peak), of.into())
        }),
    );
    table
}

fn cpu_time(cpu: Cpu, run_time_ns: u64) -> (String, String) {
    let (user, system) =
        (show_time_ns(cpu.user_ns), show_time_ns(cpu.system_ns));
    let share = show_percent(cpu.share(run_time_ns));
    let total = show_time_ns(cpu.user_ns + cpu.system_ns);
    (total, format!("{user} user, {system} system: {share} of one core"))
}

/// What an iteration of the one thread's loop costs: much with a crowd, in a
/// mode that asks everybody.
fn cpu_an_iteration(cpu: Cpu, iterations: u64) -> (String, String) {
    let total = cpu.user_ns + cpu.system_ns;
    let each = total.checked_div(iterations).map(show_time_ns);
    (each.unwrap_or("—".into()), "with all its calls".into())
}

impl Cpu {
    /// The share of one core that it is over some time.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share for people, in two or three digits"
    )]
    pub(in crate::report) fn share(self, time_ns: u64) -> f64 {
        (self.user_ns + self.system_ns) as f64 / time_ns.max(1) as f64
    }
}

fn connections(server: &Server) -> String {
    let open = server.connections_open;
    let open = (open > 0).then(|| format!("{} open", show_count(open)));
    let ends = Some(counted(&server.ends)).filter(|ends| !ends.is_empty());
    open.into_iter().chain(ends).collect::<Vec<_>>().join(", ")
}

fn calls_by_kind(server: &Server, of: fn(&KindRow) -> u64) -> String {
    let kinds = server.calls_by_kind.iter().filter(|kind| of(kind) > 0);
    let counts =
        kinds.map(|kind| format!("{} {}", kind.call, show_count(of(kind))));
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
    if calls < 100.0 {
        return format!("{calls:.1} calls an echo");
    }
    let calls = (server.calls + server.echoes / 2) / server.echoes;
    format!("{} calls an echo", show_count(calls))
}

fn unsent(server: &Server) -> String {
    match server.unsent_bytes {
        0 => String::new(),
        unsent => format!("{} never echoed", show_size(unsent)),
    }
}

/// What each line of the mode's source did, and in which file if it is one.
pub(super) fn lines(lines: &[LineRow]) -> (String, Table) {
    let title = "Calls, line by line";
    let file = lines.first().map_or("", |line| &line.file);
    let is_one = lines.iter().all(|line| line.file == file);
    let title = if is_one && !lines.is_empty() {
        format!("{title} of {file}")
    } else {
        title.into()
    };
    let headings = [">line", ">calls", ">would\nblock", ">bytes", "source"];
    let mut table = Table::new(&headings).cut_off();
    for line in lines {
        let own = line.line.to_string();
        let place = if is_one { own } else { format!("{}:{own}", line.file) };
        let moved = match line.call.as_str() {
            "read" | "write" => show_size(line.bytes),
            _ => NOTHING.into(),
        };
        let calls = show_count(line.calls);
        let would_blocks = show_count(line.would_blocks);
        let source = line.source.clone().unwrap_or_default();
        table.row([place, calls, would_blocks, moved, source]);
    }
    (title, table)
}
