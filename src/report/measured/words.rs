//! What a sweep shows, in sentences, what is missing from a measurement, and
//! how it was made.

use crate::load::steady::{Rhythm, Workload};
use crate::measure::{
    Better, COST_OF_A_WAIT, CautionKind, Crossing, ENOUGH, FEW_ECHOES, Figure,
    SweepAxis, SweepPoint, SweepResult, cautions, crossings, growths,
    not_whole, pairs_compared, standing,
};
use crate::text::{capital, clean, listed};
use crate::units::{
    plural, show_brief, show_count, show_digits, show_size_exactly,
    show_time_ns,
};
use itertools::Itertools as _;

/// From this many connections on the price of a wait matters little.
const MANY: u32 = 100;

/// Where servers change places in a figure, and which order they keep; a
/// sentence each.
pub(super) fn crossing_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let axis = result.swept();
    let title = figure.title();
    let found = crossings(result, figure);
    let mut words =
        found.iter().map(|it| crossing(it, axis, figure)).collect_vec();
    if found.is_empty() && pairs_compared(result, figure) > 0 {
        words.push(format!(
            "No two of them change places in {title} beyond the noise."
        ));
    }
    // `At every point, the lowest server CPU time an echo first: selector,
    // then blocking and tasks, then nonblocking.`
    words.extend(standing(result, figure).map(|mut order| {
        let first = match figure.better() {
            Better::More => {
                order.groups.reverse();
                "highest"
            }
            _ => "lowest",
        };
        let but = match &order.unclear[..] {
            [] => String::new(),
            unclear => {
                let at = show_all(axis, unclear);
                format!(" (at {at} not all of it is clear)")
            }
        };
        let all = order.groups.iter().map(|it| listed(it)).join(", then ");
        format!("At every point{but}, the {first} {title} first: {all}.")
    }));
    words
}

/// Values without their noun.
fn show_all(axis: SweepAxis, values: &[u32]) -> String {
    listed(&values.iter().map(|it| axis.show(*it)).collect_vec())
}

/// `From 3,000 clients on, selector uses less CPU an echo than nonblocking (it
/// changes between 1,000 and 3,000).`
pub(super) fn crossing(
    crossing: &Crossing,
    axis: SweepAxis,
    figure: Figure,
) -> String {
    let Crossing { below, above, before, first, last, .. } = crossing;
    let from = match (crossing.to_the_end, first == last) {
        (_, true) => format!("at {}", axis.say(*last)),
        (true, _) => format!("from {} on", axis.say(*first)),
        (false, _) => {
            format!("from {} to {}", axis.show(*first), axis.say(*last))
        }
    };
    let but = match &crossing.unclear[..] {
        [] => String::new(),
        unclear => format!(" (at {} unclear)", show_all(axis, unclear)),
    };
    let (better, worse) = match figure.better() {
        Better::More => (above, below),
        _ => (below, above),
    };
    let does = match (figure, figure.better()) {
        (Figure::Cpu, _) => "uses less CPU an echo".into(),
        (Figure::Echoes, _) => "makes more echoes a second".into(),
        (Figure::Bytes, _) => "carries more bytes a second".into(),
        (Figure::Memory, _) => "needs less memory at its peak".into(),
        (Figure::ConnectionMemory, _) => {
            "needs less memory a connection".into()
        }
        (Figure::Switches, _) => "switches contexts less often an echo".into(),
        (_, Better::More) => format!("has more {}", figure.title()),
        _ => format!("has a smaller {}", figure.title()),
    };
    let [before, first] = [before, first].map(|it| axis.show(*it));
    let sure =
        if crossing.is_sure { "" } else { "; too few rounds to be sure" };
    capital(&format!(
        "{from}{but}, {better} {does} than {worse} (it changes between \
         {before} and {first}{sure})."
    ))
}

/// How a figure grows from one end to the other; a sentence for all servers
/// that were measured between the same two points.
pub(super) fn growth_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let axis = result.swept();
    let mut growths = growths(result, figure);
    growths.sort_by(|a, b| b.to.cmp(&a.to).then(a.from.cmp(&b.from)));
    let alike = growths.chunk_by(|a, b| (a.from, a.to) == (b.from, b.to));
    let sentences = alike.map(|alike| {
        let (from, to) = (alike[0].from, alike[0].to);
        let compared = if axis == SweepAxis::Idle {
            let [to, from] = [to, from].map(|it| show_count(it.into()));
            let clients = result.workload.clients.into();
            let beside = match alike[0].from {
                0 => "alone".into(),
                _ => format!("among {from}"),
            };
            let (all, number) =
                (plural(clients, "client"), show_count(clients));
            format!("{all} among {to} idle ones, against {number} {beside}")
        } else {
            format!("at {}, against {}", axis.say(to), axis.say(from))
        };
        let each = alike.iter().map(|growth| {
            let times = match growth.times {
                small if small > 0.0 && small < 0.1 => {
                    format!("1/{} of that", show_digits(1.0 / small))
                }
                median => format!("{} times", show_digits(median)),
            };
            let noise = growth.is_within_the_noise();
            let noise = if noise { ", within the noise" } else { "" };
            format!("{} {times}{noise}", growth.name)
        });
        let each = each.collect_vec().join("; ");
        capital(&format!("{}, {compared}: {each}.", figure.title()))
    });
    sentences.collect()
}

/// What is missing, a sentence each: it comes before all else, in every form.
pub(super) fn alerts(result: &SweepResult) -> Vec<String> {
    let (None, Some(point)) = (result.axis, result.points.first()) else {
        let interrupted = "Interrupted: the sweep was ended before all rounds \
                           were over; later points may be missing, or have \
                           fewer rounds than earlier ones.";
        let interrupted = result.interrupted.then(|| interrupted.to_owned());
        let failed = failures(result).into_iter().map(|it| it + ".");
        return interrupted.into_iter().chain(failed).collect();
    };
    let missing = not_whole(result, point).into_iter().map(|caution| {
        let words = clean(&caution.observation);
        let words = format!("{}.", words.trim_end_matches('.'));
        // The name of a server stays as it is.
        let is_failure = caution.kind == CautionKind::Failed;
        if is_failure { words } else { capital(&words) }
    });
    missing.collect()
}

/// What makes the figures of a sweep less sure.
pub(super) fn sweep_cautions(result: &SweepResult) -> Vec<String> {
    let axis = result.swept();
    let optimized = (!result.conditions.optimized).then(|| {
        "sockscope was built without optimisations; its servers are far \
         slower than they need be."
            .to_owned()
    });
    // The servers that nearly stood still in some rounds, and where.
    let stalled = result.names().into_iter().filter_map(|name| {
        let points = result.points.iter();
        let few = points.filter(|it| it.rounds_of_few_echoes(name) > 0);
        let values = few.map(SweepPoint::place).collect_vec();
        let at = show_all(axis, &values);
        (!values.is_empty()).then(|| format!("{name} at {at}"))
    });
    let stalled = stalled.collect_vec();
    let few_echoes = (!stalled.is_empty()).then(|| {
        format!(
            "Rounds of fewer than {FEW_ECHOES} echoes, where other rounds had \
             over ten times as many, are left out of figures an echo: {}.",
            stalled.join("; ")
        )
    });
    // With few connections busy polling looks better than it is: said of the
    // last point where it does, with where a wait returns enough events.
    let found = result.points.iter().rev().find_map(|point| {
        let mut all = cautions(result, point).into_iter();
        all.find(|it| it.kind == CautionKind::CostOfWaiting)
    });
    let cost_of_waiting = found.map(|caution| {
        let mut points = result.points.iter();
        let many = points.find(|it| it.workload.connections() >= MANY);
        let instead = match many.map(|point| axis.say(point.place())) {
            Some(from) => format!("see the figures from {from} on, too"),
            None => format!("compare at {MANY} connections too"),
        };
        let observation = caution.observation;
        capital(&format!("{observation}. {COST_OF_A_WAIT}: {instead}."))
    });
    let rounds = result.subjects().map(|it| it.samples.len()).max();
    let too_few = rounds.filter(|it| (1..ENOUGH).contains(it)).map(|rounds| {
        let say = if rounds == 1 { "says" } else { "say" };
        let rounds = plural(rounds as u64, "round");
        format!(
            "{rounds} {say} little about the noise; intervals of 95 % need \
             {ENOUGH}."
        )
    });
    let found = [optimized, few_echoes, cost_of_waiting, too_few];
    found.into_iter().flatten().collect()
}

/// The servers that failed, in a sweep at which points, and why, each in words
/// without a full stop.
pub(super) fn failures(result: &SweepResult) -> Vec<String> {
    let failed = result.names().into_iter().filter_map(|name| {
        let failed = result.points.iter().filter_map(|point| {
            Some((point.place(), point.subject(name)?.failure.as_deref()?))
        });
        let (values, whys): (Vec<_>, Vec<_>) = failed.unzip();
        let why = whys.first()?;
        if result.axis.is_none() {
            return Some(format!("{name}: {why}"));
        }
        let why = why.trim_end_matches('.');
        Some(format!("{name} failed {}: {why}", places(result, &values)))
    });
    failed.collect()
}

/// `at 10, 100 and 300 clients`, `from 10 clients on`.
fn places(result: &SweepResult, values: &[u32]) -> String {
    let axis = result.swept();
    let all = result.points.iter().map(SweepPoint::place);
    let after = all.skip_while(|place| Some(place) != values.first());
    match values {
        [first, _, ..] if after.eq(values.iter().copied()) => {
            format!("from {} on", axis.say(*first))
        }
        [others @ .., last] => {
            let others = others.iter().map(|it| axis.show(*it));
            let all = others.chain([axis.say(*last)]).collect_vec();
            format!("at {}", listed(&all))
        }
        [] => String::new(),
    }
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
    let bound = match &bound.into_iter().flatten().collect_vec()[..] {
        [] => "not bound to cores".into(),
        both => both.join(", "),
    };
    let time = show_time_ns(result.workload.time_ns);
    let warm_up = show_time_ns(result.workload.warm_up_ns);
    let rounds = rounds(result);
    let measuring =
        format!("{rounds} of {time} after a warm-up of {warm_up} · {bound}");
    let machine = &conditions.machine;
    let kernel = machine.kernel.as_deref().unwrap_or_default();
    let load = conditions.load_average;
    let slow = "built without optimisations";
    let machine = [
        Some(format!("sockscope {}", machine.sockscope_version)),
        Some(format!("{} {kernel}", machine.os).trim_end().to_owned()),
        machine.cores.map(|cores| plural(cores, "core")),
        Some(machine.mechanism.clone()),
        load.map(|it| format!("load average {it:.1} before")),
        (!conditions.optimized).then(|| slow.into()),
        Some(conditions.started_at.clone()),
    ];
    [
        clients.into_iter().flatten().join(" · "),
        measuring,
        machine.into_iter().flatten().join(" · "),
    ]
}

/// `6 rounds`; of an interrupted measurement how many of them there were, in a
/// sweep the fewest and the most of servers that did not fail: `4 to 5 of 6
/// rounds`.
fn rounds(result: &SweepResult) -> String {
    let rounds = plural(result.rounds.into(), "round");
    if !result.interrupted {
        return rounds;
    }
    let whole = result.subjects().filter(|it| it.failure.is_none());
    let done = whole.map(|it| it.samples.len()).minmax().into_option();
    match (done.unwrap_or_default(), &result.points[..]) {
        (_, [point]) => format!("{} of {rounds}", point.rounds_done()),
        ((fewest, most), _) if fewest < most => {
            format!("{fewest} to {most} of {rounds}")
        }
        ((_, most), _) => format!("{most} of {rounds}"),
    }
}

/// The text without our characters that are beyond ASCII.
pub(super) fn ascii(text: &str) -> String {
    let own = "≥±†•·×—…µ\u{a0}".chars();
    let plain = [">=", "+-", "+", "*", "-", "x", "-", "~", "u", " "];
    own.zip(plain)
        .fold(text.to_owned(), |text, (own, plain)| text.replace(own, plain))
}
