//! What stands in small print under every chart.

use crate::measure::sweep::{Axis, SweepResult};
use crate::measure::{
    BenchConditions, BenchResult, Pacing, SubjectResult, Workload,
};
use crate::units::{show_brief, show_count, show_size_exactly, show_time_ns};

/// What charts of a measurement say of how it was made.
pub(in crate::report) struct FinePrint<'r> {
    pub(in crate::report) conditions: &'r BenchConditions,
    pub(in crate::report) workload: &'r Workload,
    pub(in crate::report) rounds: u32,
    /// The fewest and the most rounds that a server had at a point, if
    /// somebody ended it early.
    pub(in crate::report) rounds_done: Option<(usize, usize)>,
    /// What differs from point to point, of a sweep.
    pub(in crate::report) axis: Option<Axis>,
}

impl<'r> From<&'r SweepResult> for FinePrint<'r> {
    fn from(result: &'r SweepResult) -> Self {
        Self {
            conditions: &result.conditions,
            workload: &result.workload,
            rounds: result.rounds,
            rounds_done: result.interrupted.then(|| {
                done(result.points.iter().flat_map(|it| &it.subjects))
            }),
            axis: Some(result.axis),
        }
    }
}

impl<'r> From<&'r BenchResult> for FinePrint<'r> {
    fn from(result: &'r BenchResult) -> Self {
        Self {
            conditions: &result.conditions,
            workload: &result.workload,
            rounds: result.rounds,
            rounds_done: result
                .interrupted
                .then(|| done(result.subjects.iter())),
            axis: None,
        }
    }
}

/// The fewest and the most rounds of those that did not fail.
fn done<'s>(
    subjects: impl Iterator<Item = &'s SubjectResult>,
) -> (usize, usize) {
    let whole = subjects.filter(|it| it.failure.is_none());
    let rounds: Vec<_> = whole.map(|it| it.samples.len()).collect();
    let (fewest, most) = (rounds.iter().min(), rounds.iter().max());
    (fewest.copied().unwrap_or(0), most.copied().unwrap_or(0))
}

fn rounds(of: &FinePrint) -> String {
    let many = if of.rounds == 1 { "" } else { "s" };
    let rounds = format!("{} round{many}", of.rounds);
    match of.rounds_done {
        None => rounds,
        Some((fewest, most)) if fewest == most => {
            format!("{most} of {rounds}")
        }
        Some((fewest, most)) => format!("{fewest} to {most} of {rounds}"),
    }
}

/// Three lines: what the clients did, how it was measured, and on what.
pub(in crate::report) fn fine_print(of: &FinePrint) -> [String; 3] {
    [clients(of), measuring(of), machine(of.conditions)]
}

fn clients(of: &FinePrint) -> String {
    let Workload { clients, idle, size_bytes, pipeline, .. } = *of.workload;
    let fixed = |axis| of.axis != Some(axis);
    let many = |n: u32| if n == 1 { "" } else { "s" };
    let mut parts = Vec::new();
    if fixed(Axis::Clients) {
        parts.push(format!(
            "{} client{}",
            show_count(clients.into()),
            many(clients)
        ));
    }
    if fixed(Axis::Idle) && idle > 0 {
        parts.push(format!("{} idle ones", show_count(idle.into())));
    }
    if fixed(Axis::Size) {
        let size = show_size_exactly(size_bytes.into());
        parts.push(format!("messages of {size}"));
    }
    if pipeline > 1 {
        parts.push(format!("{pipeline} under way per client"));
    }
    parts.push(match of.workload.pacing {
        Pacing::Closed => "closed loop: service time".into(),
        Pacing::Open { rate_per_s } => format!(
            "open loop, {} messages a second: response time",
            show_brief(rate_per_s)
        ),
    });
    parts.join(" · ")
}

fn measuring(of: &FinePrint) -> String {
    let rounds = rounds(of);
    let time = show_time_ns(of.workload.time_ns);
    let warm_up = show_time_ns(of.workload.warm_up_ns);
    let cores = |of: &str, cores: &Option<Vec<u32>>| {
        let cores = cores.as_deref()?;
        let words: Vec<_> = cores.iter().map(u32::to_string).collect();
        let many = if words.len() == 1 { "" } else { "s" };
        Some(format!("{of} on core{many} {}", words.join(",")))
    };
    let server = cores("server", &of.conditions.server_cores);
    let load = cores("clients", &of.conditions.load_cores);
    let bound = match (server, load) {
        (None, None) => "not bound to cores".to_owned(),
        (server, load) => {
            let both: Vec<_> = server.into_iter().chain(load).collect();
            both.join(", ")
        }
    };
    format!("{rounds} of {time} after a warm-up of {warm_up} · {bound}")
}

fn machine(conditions: &BenchConditions) -> String {
    let kernel = conditions.kernel.as_deref().unwrap_or_default();
    let mut parts = vec![
        format!("sockscope {}", conditions.version),
        format!("{} {kernel}", conditions.system).trim_end().to_owned(),
    ];
    parts.extend(conditions.cores.map(|cores| match cores {
        1 => "1 core".to_owned(),
        _ => format!("{cores} cores"),
    }));
    parts.push(conditions.mechanism.clone());
    let load = conditions.load_average;
    parts.extend(load.map(|it| format!("load average {it:.1} before")));
    if !conditions.optimized {
        parts.push("built without optimisations".into());
    }
    parts.push(conditions.started_at.clone());
    parts.join(" · ")
}
