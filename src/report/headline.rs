//! A run in two or three sentences, before any figure stands alone.

use super::{Clients, Report, Server};
use crate::text::clean;
use crate::units::{plural, show_count, show_percent, show_size, show_time_ns};

/// Preempted so often a second, a thread is held up by others.
const PREEMPTED_A_SECOND: u64 = 10;

/// What was done, and how.
pub(super) fn headline(report: &Report) -> [String; 2] {
    let [did, how] = match (&report.server, &report.clients) {
        (Some(server), _) => of_server(report, server),
        (None, Some(clients)) => of_clients(report, clients),
        (None, None) => ["Nothing was done.".into(), String::new()],
    };
    let meddled = match &report.interventions[..] {
        [] => String::new(),
        all => format!(" Mind that {}.", all.join(", that ")),
    };
    let how = format!("{how}The run ended: {}.{meddled}", report.outcome);
    [clean(&did), clean(&how)]
}

fn of_server(report: &Report, server: &Server) -> [String; 2] {
    let threads = server.threads_peak.unwrap_or(server.threads);
    let did = format!(
        "{}: {} echoed {} for {} in {}.",
        report.conditions.mode.as_deref().unwrap_or("server"),
        plural(threads, "thread"),
        echoed(server),
        plural(server.connections, "connection"),
        show_time_ns(report.run_time_ns),
    );
    let how = format!(
        "It made {} in {}{}. {}",
        plural(server.calls, "call"),
        plural(server.iterations, "iteration"),
        in_vain(server.would_blocks, server.calls),
        cpu_share(report, server, threads),
    );
    [did, how]
}

fn echoed(server: &Server) -> String {
    if server.bytes_out == 0 {
        return "nothing".into();
    }
    let times = plural(server.echoes, "time");
    format!("{times} ({})", show_size(server.bytes_out))
}

/// A call that sleeps until there is something to do is not in vain.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share for people, in two or three digits"
)]
fn in_vain(would_blocks: u64, calls: u64) -> String {
    match (would_blocks, calls) {
        (_, 0) => String::new(),
        (0, _) => ", none of them in vain".into(),
        _ => {
            let share = show_percent(would_blocks as f64 / calls as f64);
            format!("; {share} of the calls were in vain (would block)")
        }
    }
}

/// Of many threads together a full core says nothing about their sleep.
fn cpu_share(report: &Report, server: &Server, threads: u64) -> String {
    let Some(cpu) = server.cpu else { return String::new() };
    let share = cpu.share(report.run_time_ns);
    let meaning = match share {
        ..0.9 if threads == 1 && wanted_more(report, server) => {
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

/// A thread that seldom sleeps and often has to make way for others would
/// have used all of its core.
fn wanted_more(report: &Report, server: &Server) -> bool {
    let Some(switches) = server.context_switches else { return false };
    let asleep = switches.voluntary;
    let seconds = report.run_time_ns / 1_000_000_000 + 1;
    let often = PREEMPTED_A_SECOND.saturating_mul(seconds);
    switches.involuntary > asleep && switches.involuntary >= often
}

fn of_clients(report: &Report, clients: &Clients) -> [String; 2] {
    let total = &clients.total;
    if total.connected == 0 {
        let all = plural(total.clients, "client");
        let (target, time) =
            (&report.conditions.address, show_time_ns(report.run_time_ns));
        let did =
            format!("load: none of {all} connected to {target} in {time}.");
        return [did, String::new()];
    }
    let did = format!(
        "load: {} of {} connected to {}, sent {} and had {} in {}.",
        show_count(total.connected),
        plural(total.clients, "client"),
        report.conditions.address,
        show_size(total.bytes_out),
        echoes(total.echoes),
        show_time_ns(report.run_time_ns),
    );
    let how = total.echo_time.map(|time| {
        let (half, most) = (show_time_ns(time.p50_ns), time.max_ns);
        let most = show_time_ns(most);
        format!("Half of the echoes took at most {half}, the longest {most}. ")
    });
    [did, how.unwrap_or_default()]
}

fn echoes(count: u64) -> String {
    match count {
        1 => "1 echo".into(),
        count => format!("{} echoes", show_count(count)),
    }
}

/// With its first letter as at the beginning of a sentence.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
