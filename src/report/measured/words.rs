//! What is missing from a measurement, what weakens it, and how it was made,
//! in sentences.

use crate::load::steady::{Rhythm, Workload};
use crate::measure::{
    Caution, CautionKind, SweepAxis, SweepPoint, SweepResult, not_whole,
};
use crate::report::document::{Bullet, ListItem};
use crate::text::{capital, listed};
use crate::units::{
    plural, show_brief, show_count, show_size_exactly, show_time_ns,
};
use itertools::Itertools as _;

/// The values of an axis without their noun: `10, 100 and 300`.
pub(super) fn show_all(axis: SweepAxis, values: &[u32]) -> String {
    listed(&values.iter().map(|it| axis.show(*it)).collect_vec())
}

/// A sentence for each gap in the result, shown first in every format.
pub(super) fn alerts(result: &SweepResult) -> Vec<String> {
    let (None, Some(point)) = (result.axis, result.points.first()) else {
        let interrupted = "Interrupted: the sweep was ended before all rounds \
                           were over; later points may be missing, or have \
                           fewer rounds than earlier ones.";
        let interrupted = result.interrupted.then(|| interrupted.to_owned());
        let failed = gaps(result).into_iter().map(|it| it + ".");
        return interrupted.into_iter().chain(failed).collect();
    };
    let missing = not_whole(result, point).into_iter().map(|caution| {
        let words = caution.observation.trim_end_matches('.');
        let words = format!("{words}.");
        // All others begin with a server's name, which is not capitalised.
        match caution.kind {
            CautionKind::Interrupted => capital(&words),
            _ => words,
        }
    });
    missing.collect()
}

/// One text for each server that failed and for each trouble of its clients,
/// without a full stop: why it was not measured, and in a sweep at which points.
pub(super) fn gaps(result: &SweepResult) -> Vec<String> {
    let names = result.names().into_iter();
    names.flat_map(|name| gaps_of(result, name)).collect()
}

fn gaps_of(result: &SweepResult, name: &str) -> Vec<String> {
    let all = || {
        let all = result.points.iter();
        all.filter_map(|it| Some((it.place(), it.subject(name)?)))
    };
    let mut gaps = Vec::new();
    let failed = all().filter_map(|(place, it)| {
        Some((place, it.failure.as_deref()?.trim_end_matches('.')))
    });
    let (places, whys): (Vec<_>, Vec<_>) = failed.unzip();
    if let Some(why) = whys.first() {
        gaps.push(match result.axis {
            None => format!("{name}: {why}"),
            Some(_) => {
                format!("{name} failed {}: {why}", at_places(result, &places))
            }
        });
    }
    let troubles = all().flat_map(|(_, it)| it.rounds_in_trouble().into_keys());
    for trouble in troubles.sorted().dedup() {
        let affected = all().filter_map(|(place, it)| {
            let rounds = it.rounds_in_trouble().get(&trouble).copied()?;
            Some((place, rounds, it.rounds_had()))
        });
        let affected = affected.collect_vec();
        let places = affected.iter().map(|it| it.0).collect_vec();
        let places = match result.axis {
            None => String::new(),
            Some(_) => format!(" {}", at_places(result, &places)),
        };
        let rounds: usize = affected.iter().map(|it| it.1).sum();
        let had: usize = affected.iter().map(|it| it.2).sum();
        gaps.push(format!(
            "{name}{places}: {rounds} of {had} rounds left out: {}",
            trouble.words()
        ));
    }
    gaps
}

/// Some of the places of a sweep: `at 10, 100 and 300 clients`, `from 10
/// clients on`.
fn at_places(result: &SweepResult, places: &[u32]) -> String {
    let axis = result.swept();
    let all = result.points.iter().map(SweepPoint::place);
    let after = all.skip_while(|place| Some(place) != places.first());
    let [others @ .., last] = places else { return String::new() };
    if others.is_empty() || after.ne(places.iter().copied()) {
        let others = others.iter().map(|it| axis.show(*it));
        let all = others.chain([axis.say(*last)]).collect_vec();
        format!("at {}", listed(&all))
    } else {
        format!("from {} on", axis.say(others[0]))
    }
}

/// The cautions as list items. Advice that several in a row share is shown
/// once, below the last of them.
pub(super) fn findings(all: &[Caution]) -> impl Iterator<Item = ListItem> {
    all.iter().enumerate().map(|(at, it)| {
        let next = all.get(at + 1).map(|it| &it.advice);
        let is_last = next != Some(&it.advice);
        let item = ListItem::new(Bullet::Finding, &it.observation);
        if is_last { item.details(&it.advice) } else { item }
    })
}

/// How a measurement was made: what the clients did, how it was measured, and
/// on what machine.
pub(super) fn fine_print(result: &SweepResult) -> [String; 3] {
    let Workload { clients, idle, size_bytes, pipeline, pacing, .. } =
        result.workload;
    let is_fixed = |axis| result.axis != Some(axis);
    let idle = show_count(idle.into());
    let size = show_size_exactly(size_bytes.into());
    let clients = [
        is_fixed(SweepAxis::Clients).then(|| plural(clients.into(), "client")),
        (is_fixed(SweepAxis::Idle) && idle != "0")
            .then(|| format!("{idle} idle ones")),
        is_fixed(SweepAxis::Size).then(|| format!("messages of {size}")),
        (pipeline > 1).then(|| format!("{pipeline} under way per client")),
        Some(match pacing {
            Rhythm::Closed => "closed loop: service time".into(),
            Rhythm::Open { rate_per_s } => format!(
                "open loop, {} messages a second: response time",
                show_brief(rate_per_s)
            ),
        }),
    ];
    // `4 to 5 of 6 rounds` of an interrupted sweep.
    let done = result.points.iter().map(SweepPoint::rounds_done);
    let done = match done.minmax().into_option().unwrap_or_default() {
        _ if !result.interrupted => String::new(),
        (fewest, most) if fewest < most => format!("{fewest} to {most} of "),
        (_, most) => format!("{most} of "),
    };
    let rounds = plural(result.rounds.into(), "round");
    let [time, warm_up] =
        [result.workload.time_ns, result.workload.warm_up_ns].map(show_time_ns);
    let conditions = &result.conditions;
    let cores = |side: &str, cores: &Option<Vec<u32>>| {
        let cores = cores.as_ref()?;
        let many = if cores.len() == 1 { "" } else { "s" };
        Some(format!("{side} on core{many} {}", cores.iter().join(",")))
    };
    let bound = [
        cores("server", &conditions.bound.server_cores),
        cores("clients", &conditions.bound.load_cores),
    ];
    let bound = match bound.into_iter().flatten().join(", ") {
        none if none.is_empty() => "not bound to cores".into(),
        bound => bound,
    };
    let machine = &conditions.machine;
    let kernel = machine.kernel.as_deref().unwrap_or_default();
    let load = conditions.load_average;
    let machine = [
        Some(format!("sockscope {}", machine.sockscope_version)),
        Some(format!("{} {kernel}", machine.os).trim_end().to_owned()),
        machine.cores.map(|cores| plural(cores, "core")),
        Some(machine.mechanism.clone()),
        load.map(|it| format!("load average {it:.1} before")),
        (!conditions.optimized).then(|| "built without optimisations".into()),
        Some(conditions.started_at.clone()),
    ];
    [
        clients.into_iter().flatten().join(" · "),
        format!(
            "{done}{rounds} of {time} after a warm-up of {warm_up} · {bound}"
        ),
        machine.into_iter().flatten().join(" · "),
    ]
}

/// Replaces sockscope's own characters beyond ASCII by ASCII ones.
pub(super) fn ascii(text: &str) -> String {
    let own = "≥±•·×—…µ\u{a0}".chars();
    let plain = [">=", "+-", "*", "-", "x", "-", "~", "u", " "];
    own.zip(plain)
        .fold(text.to_owned(), |text, (own, plain)| text.replace(own, plain))
}
