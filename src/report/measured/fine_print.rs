//! How a measurement was made, in three lines under every chart.

use crate::load::steady::{Rhythm, Workload};
use crate::measure::{SweepAxis, SweepConditions, SweepResult};
use crate::units::plural;
use crate::units::{show_brief, show_count, show_size_exactly, show_time_ns};

/// What the clients did, how it was measured, and on what machine.
pub(super) fn fine_print(result: &SweepResult) -> [String; 3] {
    [clients(result), measuring(result), machine(&result.conditions)]
}

fn clients(result: &SweepResult) -> String {
    let Workload { clients, idle, size_bytes, pipeline, pacing, .. } =
        result.workload;
    let is_fixed = |axis| result.axis != Some(axis);
    let mut parts = Vec::new();
    if is_fixed(SweepAxis::Clients) {
        parts.push(plural(clients.into(), "client"));
    }
    if is_fixed(SweepAxis::Idle) && idle > 0 {
        parts.push(format!("{} idle ones", show_count(idle.into())));
    }
    if is_fixed(SweepAxis::Size) {
        let size = show_size_exactly(size_bytes.into());
        parts.push(format!("messages of {size}"));
    }
    if pipeline > 1 {
        parts.push(format!("{pipeline} under way per client"));
    }
    parts.push(match pacing {
        Rhythm::Closed => "closed loop: service time".into(),
        Rhythm::Open { rate_per_s } => format!(
            "open loop, {} messages a second: response time",
            show_brief(rate_per_s)
        ),
    });
    parts.join(" · ")
}

/// `6 rounds`; of an interrupted measurement the fewest and the most rounds
/// of servers that did not fail, `4 to 5 of 6 rounds`.
fn rounds(result: &SweepResult) -> String {
    let rounds = plural(result.rounds.into(), "round");
    if !result.interrupted {
        return rounds;
    }
    let whole = result.subjects().filter(|it| it.failure.is_none());
    let done: Vec<_> = whole.map(|it| it.samples.len()).collect();
    let (fewest, most) = (done.iter().min(), done.iter().max());
    match (fewest.unwrap_or(&0), most.unwrap_or(&0)) {
        (fewest, most) if fewest == most => format!("{most} of {rounds}"),
        (fewest, most) => format!("{fewest} to {most} of {rounds}"),
    }
}

fn measuring(result: &SweepResult) -> String {
    let rounds = rounds(result);
    let time = show_time_ns(result.workload.time_ns);
    let warm_up = show_time_ns(result.workload.warm_up_ns);
    let cores = |side: &str, cores: &Option<Vec<u32>>| {
        let words: Vec<_> =
            cores.as_ref()?.iter().map(u32::to_string).collect();
        let many = if words.len() == 1 { "" } else { "s" };
        Some(format!("{side} on core{many} {}", words.join(",")))
    };
    let bound = &result.conditions.bound;
    let server = cores("server", &bound.server_cores);
    let load = cores("clients", &bound.load_cores);
    let both: Vec<_> = server.into_iter().chain(load).collect();
    let bound = if both.is_empty() {
        "not bound to cores".to_owned()
    } else {
        both.join(", ")
    };
    format!("{rounds} of {time} after a warm-up of {warm_up} · {bound}")
}

fn machine(conditions: &SweepConditions) -> String {
    let machine = &conditions.machine;
    let kernel = machine.kernel.as_deref().unwrap_or_default();
    let mut parts = vec![
        format!("sockscope {}", machine.sockscope_version),
        format!("{} {kernel}", machine.os).trim_end().to_owned(),
    ];
    parts.extend(machine.cores.map(|cores| plural(cores, "core")));
    parts.push(machine.mechanism.clone());
    let load = conditions.load_average;
    parts.extend(load.map(|it| format!("load average {it:.1} before")));
    if !conditions.optimized {
        parts.push("built without optimisations".into());
    }
    parts.push(conditions.started_at.clone());
    parts.join(" · ")
}
