//! What a sweep shows, in sentences, and what is missing from a measurement.

use crate::measure::{
    Better, COST_OF_A_WAIT, Caution, CautionKind, Crossing, ENOUGH, FEW_ECHOES,
    Figure, Growth, Standing, SweepAxis, SweepPoint, SweepResult, cautions,
    crossings, growths, not_whole, pairs_compared, standing,
};
use crate::text::{capital, clean, listed};
use crate::units::plural;
use crate::units::{show_count, show_digits};

/// From this many connections on the price of a wait matters little.
const MANY: u32 = 100;

/// Where two servers change places, each with its sentence.
pub(super) fn crossings_of(
    result: &SweepResult,
    figure: Figure,
) -> Vec<(Crossing, String)> {
    let found = crossings(result, figure).into_iter();
    let described = found.map(|it| {
        let words = crossing(&it, result.swept(), figure);
        (it, words)
    });
    described.collect()
}

/// What a figure shows: where servers change places, which order they keep,
/// and how it grows; a sentence each.
pub(super) fn figure_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let mut words = crossing_words(result, figure);
    words.extend(growth_words(result, figure));
    words
}

/// Where servers change places in a figure, and which order they keep; a
/// sentence each.
pub(super) fn crossing_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let found = crossings(result, figure);
    let words = found.iter().map(|it| crossing(it, result.swept(), figure));
    let mut words: Vec<_> = words.collect();
    if found.is_empty() && pairs_compared(result, figure) > 0 {
        let title = figure.title();
        words.push(format!(
            "No two of them change places in {title} beyond the noise."
        ));
    }
    let order = standing(result, figure);
    words.extend(order.map(|it| order_words(result, figure, &it)));
    words
}

/// `At every point, the lowest server CPU time an echo first: selector,
/// then blocking and tasks, then nonblocking.`
fn order_words(
    result: &SweepResult,
    figure: Figure,
    order: &Standing,
) -> String {
    let first = match figure.better() {
        Better::More => "highest",
        _ => "lowest",
    };
    let mut groups = order.groups.clone();
    if figure.better() == Better::More {
        groups.reverse();
    }
    let groups: Vec<_> = groups.iter().map(|it| listed(it)).collect();
    let but = match &order.unclear[..] {
        [] => String::new(),
        unclear => {
            let at = show_all(result.swept(), unclear);
            format!(" (at {at} not all of it is clear)")
        }
    };
    let all = groups.join(", then ");
    let title = figure.title();
    format!("At every point{but}, the {first} {title} first: {all}.")
}

/// Values without their noun.
fn show_all(axis: SweepAxis, values: &[u32]) -> String {
    let shown: Vec<_> = values.iter().map(|it| axis.show(*it)).collect();
    listed(&shown)
}

fn crossing(crossing: &Crossing, axis: SweepAxis, figure: Figure) -> String {
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
    let better = match figure.better() {
        Better::More => format!("{above} {} than {below}", verb(figure)),
        _ => format!("{below} {} than {above}", verb(figure)),
    };
    let [before, first] = [before, first].map(|it| axis.show(*it));
    let sure =
        if crossing.is_sure { "" } else { "; too few rounds to be sure" };
    capital(&format!(
        "{from}{but}, {better} (it changes between {before} and {first}{sure})."
    ))
}

/// What the better one does, before "than".
fn verb(figure: Figure) -> String {
    match figure {
        Figure::Cpu => "uses less CPU an echo".into(),
        Figure::Echoes => "makes more echoes a second".into(),
        Figure::Bytes => "carries more bytes a second".into(),
        Figure::Memory => "needs less memory at its peak".into(),
        Figure::ConnectionMemory => "needs less memory a connection".into(),
        Figure::Switches => "switches contexts less often an echo".into(),
        _ => match figure.better() {
            Better::More => format!("has more {}", figure.title()),
            _ => format!("has a smaller {}", figure.title()),
        },
    }
}

/// How a figure grows from one end to the other; a sentence for all servers
/// that were measured between the same two points.
pub(super) fn growth_words(
    result: &SweepResult,
    figure: Figure,
) -> Vec<String> {
    let mut growths = growths(result, figure);
    growths.sort_by(|a, b| b.to.cmp(&a.to).then(a.from.cmp(&b.from)));
    let same = |a: &Growth, b: &Growth| (a.from, a.to) == (b.from, b.to);
    growths.chunk_by(same).map(|it| grown(result, figure, it)).collect()
}

fn grown(result: &SweepResult, figure: Figure, growths: &[Growth]) -> String {
    let (from, to) = (growths[0].from, growths[0].to);
    let title = figure.title();
    let clients = show_count(result.workload.clients.into());
    let axis = result.swept();
    let compared = match axis {
        SweepAxis::Idle => {
            let to = show_count(to.into());
            let alone = match from {
                0 => "alone".to_owned(),
                from => format!("among {}", show_count(from.into())),
            };
            let of = plural(result.workload.clients.into(), "client");
            format!("{of} among {to} idle ones, against {clients} {alone}")
        }
        _ => format!("at {}, against {}", axis.say(to), axis.say(from)),
    };
    let each: Vec<_> = growths.iter().map(times).collect();
    capital(&format!("{title}, {compared}: {}.", each.join("; ")))
}

fn times(growth: &Growth) -> String {
    let noise = growth.is_within_the_noise();
    let noise = if noise { ", within the noise" } else { "" };
    let times = match growth.times {
        small if small > 0.0 && small < 0.1 => {
            format!("1/{} of that", show_digits(1.0 / small))
        }
        median => format!("{} times", show_digits(median)),
    };
    format!("{} {times}{noise}", growth.name)
}

/// What is missing, a sentence each: it comes before all else, in every form.
pub(super) fn alerts(result: &SweepResult) -> Vec<String> {
    let (None, Some(point)) = (result.axis, result.points.first()) else {
        let interrupted = "Interrupted: the sweep was ended before all rounds \
                           were over; later points may be missing, or have \
                           fewer rounds than earlier ones.";
        let interrupted = result.interrupted.then(|| interrupted.to_owned());
        let failed = sweep_failures(result).into_iter().map(|it| it + ".");
        return interrupted.into_iter().chain(failed).collect();
    };
    let sentence = |caution: Caution| {
        let words = clean(&caution.observation);
        let words = format!("{}.", words.trim_end_matches('.'));
        // The name of a server stays as it is.
        let is_failure = caution.kind == CautionKind::Failed;
        if is_failure { words } else { capital(&words) }
    };
    not_whole(result, point).into_iter().map(sentence).collect()
}

/// What makes the figures of a sweep less sure.
pub(super) fn sweep_cautions(result: &SweepResult) -> Vec<String> {
    let mut found = Vec::new();
    if !result.conditions.optimized {
        found.push(
            "sockscope was built without optimisations; its servers are far \
             slower than they need be."
                .into(),
        );
    }
    found.extend(few_echoes(result));
    found.extend(cost_of_waiting(result));
    let rounds = result.subjects().map(|it| it.samples.len()).max();
    let rounds = rounds.unwrap_or(0);
    if (1..ENOUGH).contains(&rounds) {
        let rounds = match rounds {
            1 => "1 round says".to_owned(),
            _ => format!("{rounds} rounds say"),
        };
        found.push(format!(
            "{rounds} little about the noise; intervals of 95 % need {ENOUGH}."
        ));
    }
    found
}

/// The servers that nearly stood still in some rounds, and where.
fn few_echoes(result: &SweepResult) -> Option<String> {
    let stalled = |name: &&str| {
        let few = |it: &&SweepPoint| it.rounds_of_few_echoes(name) > 0;
        let points: Vec<_> = result.points.iter().filter(few).collect();
        let values: Vec<_> = points.iter().map(|it| it.place()).collect();
        let at = show_all(result.swept(), &values);
        (!values.is_empty()).then(|| format!("{name} at {at}"))
    };
    let names = result.names();
    let found: Vec<_> = names.iter().filter_map(stalled).collect();
    (!found.is_empty()).then(|| {
        format!(
            "Rounds of fewer than {FEW_ECHOES} echoes, where other rounds had \
             over ten times as many, are left out of figures an echo: {}.",
            found.join("; ")
        )
    })
}

/// That with few connections busy polling looks better than it is, at the
/// last point where it does.
fn cost_of_waiting(result: &SweepResult) -> Option<String> {
    let at = |point: &SweepPoint| {
        let mut all = cautions(result, point).into_iter();
        all.find(|it| it.kind == CautionKind::CostOfWaiting)
    };
    let found = result.points.iter().rev().find_map(at)?;
    let observation = found.observation;
    let instead = compare_instead(result);
    Some(capital(&format!("{observation}. {COST_OF_A_WAIT}: {instead}.")))
}

/// Where a wait returns enough events that its price matters little.
fn compare_instead(result: &SweepResult) -> String {
    let many = |it: &&SweepPoint| it.workload.connections() >= MANY;
    match result.points.iter().find(many) {
        Some(point) => {
            let from = result.swept().say(point.place());
            format!("see the figures from {from} on, too")
        }
        None => format!("compare at {MANY} connections too"),
    }
}

/// The servers that failed, at which points, and why, each in words without
/// a full stop.
pub(super) fn sweep_failures(result: &SweepResult) -> Vec<String> {
    let names = result.names().into_iter();
    let failed = names.filter_map(|name| {
        let failed = result.points.iter().filter_map(|point| {
            let failure = point.subject(name)?.failure.as_deref()?;
            Some((point.place(), failure))
        });
        let failed: Vec<_> = failed.collect();
        let why = failed.first()?.1.trim_end_matches('.');
        let values: Vec<_> = failed.iter().map(|it| it.0).collect();
        let at = places(result, &values);
        Some(format!("{name} failed {at}: {why}"))
    });
    failed.collect()
}

/// `at 10, 100 and 300 clients`, `from 10 clients on`.
fn places(result: &SweepResult, values: &[u32]) -> String {
    let Some((last, others)) = values.split_last() else {
        return String::new();
    };
    let after = result.points.iter().filter(|it| it.place() >= values[0]);
    let all_after = after.map(SweepPoint::place).eq(values.iter().copied());
    if all_after && !others.is_empty() {
        return format!("from {} on", result.swept().say(values[0]));
    }
    let axis = result.swept();
    let others = others.iter().map(|it| axis.show(*it));
    let all: Vec<_> = others.chain([axis.say(*last)]).collect();
    format!("at {}", listed(&all))
}

/// The text without our characters that are beyond ASCII.
pub(super) fn ascii(text: &str) -> String {
    let known = [
        ('≥', ">="),
        ('±', "+-"),
        ('†', "+"),
        ('•', "*"),
        ('·', "-"),
        ('×', "x"),
        ('—', "-"),
        ('…', "~"),
        ('µ', "u"),
        ('\u{a0}', " "),
    ];
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match known.iter().find(|it| it.0 == c) {
            Some((_, words)) => out.push_str(words),
            None => out.push(c),
        }
        out
    })
}
