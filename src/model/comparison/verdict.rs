//! What the figures mean, a sentence a mode.
//!
//! Each mode is held against a yardstick, one of the others, and every
//! number is a figure of these runs. That two modes gave the same answers is
//! said only if their clients connected, got, missed and ended alike.

use super::rows::APART;
use super::{Answers, Contender, ContenderGroup};
use crate::model::Finding;
use crate::units::{show_count, show_time};
use std::mem::discriminant;
use std::time::Duration;

/// How long an echo must have taken for its client to have waited.
const LONG_WAIT: Duration = Duration::from_millis(100);

/// It waited on account of the mode if in another mode it waited so many
/// times less.
const MODES_FAULT: u32 = 5;

/// Less than this part of a core is hardly any processor time,
const HARDLY: f64 = 0.01;

/// and so is less than this: it is what starting and ending take.
const HARDLY_TIME: Duration = Duration::from_millis(10);

/// So many groups, or findings, are told of each mode at most.
const TOLD: usize = 3;

/// Which mode is the yardstick, if it can be: the first of these.
const YARDSTICKS: [&str; 4] = ["selector", "tasks", "blocking", "nonblocking"];

/// A sentence a mode, in the order given; none before all are over.
pub(super) fn verdict(contenders: &[Contender]) -> Vec<String> {
    if contenders.iter().any(|it| !it.over) {
        return Vec::new();
    }
    let judged: Vec<_> = contenders.iter().filter(|it| is_judged(it)).collect();
    let yardstick = YARDSTICKS
        .iter()
        .find_map(|name| judged.iter().find(|it| it.mode == *name).copied());
    let sentence = |it: &Contender| {
        format!("{}: {}", it.mode, meaning(it, yardstick, &judged))
    };
    contenders.iter().map(sentence).collect()
}

/// Whether its figures came about undisturbed.
fn is_judged(contender: &Contender) -> bool {
    contender.failure.is_none() && contender.interventions.is_empty()
}

fn meaning(
    it: &Contender,
    yardstick: Option<&Contender>,
    judged: &[&Contender],
) -> String {
    if let Some(failure) = &it.failure {
        return format!("failed: {failure}");
    }
    if !it.interventions.is_empty() {
        return format!("not judged: {}", it.interventions.join(", "));
    }
    let mut clauses = waits(it, judged);
    let other = yardstick.filter(|other| other.mode != it.mode);
    let against = other.map(|other| against(it, other)).unwrap_or_default();
    let alone = against.is_empty().then(|| cpu_alone(it)).flatten();
    clauses.extend(against.into_iter().chain(alone));
    clauses.extend(nobody_waited(it));
    let threads = it.figures.threads;
    if threads > 1 {
        clauses.push(format!("{} threads", show_count(threads)));
    }
    clauses.extend(found(it, judged));
    if clauses.is_empty() {
        return "nothing to tell".into();
    }
    clauses.join("; ")
}

/// Whose clients waited here, and not elsewhere, the longest wait first.
fn waits(it: &Contender, judged: &[&Contender]) -> Vec<String> {
    let waited = it.groups.iter().filter_map(|group| {
        let time = group.longest_echo.filter(|time| *time >= LONG_WAIT)?;
        let (least, mode) = least_elsewhere(it, group, judged)?;
        (time >= least * MODES_FAULT).then_some((time, group, least, mode))
    });
    let mut waited: Vec<_> = waited.collect();
    waited.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
    let words = |(time, group, least, mode): (_, &ContenderGroup, _, _)| {
        format!(
            "{} waited {} {} (in {mode} at most {})",
            one_of(group),
            show_time(time),
            behind(group),
            show_time(least)
        )
    };
    waited.into_iter().take(TOLD).map(words).collect()
}

/// The mode in which the group's longest echo took least, this one aside.
fn least_elsewhere(
    it: &Contender,
    group: &ContenderGroup,
    judged: &[&Contender],
) -> Option<(Duration, &'static str)> {
    let others = judged.iter().filter(|other| other.mode != it.mode);
    let times = others.filter_map(|other| {
        let same = other.groups.iter().find(|it| it.name == group.name)?;
        Some((same.longest_echo?, other.mode))
    });
    times.min()
}

fn one_of(group: &ContenderGroup) -> String {
    match group.answers.connected {
        0 | 1 => group.name.clone(),
        _ => format!("a client of {}", group.name),
    }
}

fn behind(group: &ContenderGroup) -> String {
    let Some(behind) = &group.behind else { return "for an echo".into() };
    match (&behind.only, behind.clients) {
        (Some(only), _) => format!("behind {only}"),
        (None, 1) => "behind the client accepted before it".into(),
        (None, n) => {
            format!("behind {} clients accepted before it", show_count(n))
        }
    }
}

/// How it compares with the yardstick: what the clients got, and the price.
fn against(it: &Contender, other: &Contender) -> Vec<String> {
    let differences = differences(it, other);
    let known = !it.groups.is_empty() && !other.groups.is_empty();
    if known && differences.is_empty() {
        let name = other.mode;
        return vec![match price(it, other) {
            None => format!("same answers as {name}"),
            Some(Price::Hardly(both)) => {
                format!("same answers as {name} and hardly any CPU {both}")
            }
            Some(Price::Alike(both)) => {
                format!("same answers as {name} for about as much CPU {both}")
            }
            Some(Price::More(times, both)) => {
                format!("same answers as {name} for {times} the CPU {both}")
            }
            Some(Price::Less(times, both)) => {
                format!(
                    "same answers as {name}, which took {times} the CPU {both}"
                )
            }
        }];
    }
    let price = match price(it, other) {
        Some(Price::More(times, both)) => {
            Some(format!("{times} the CPU of {} {both}", other.mode))
        }
        _ => None,
    };
    differences.into_iter().take(TOLD).chain(price).collect()
}

/// CPU time beside that of the yardstick; both in words.
enum Price {
    Hardly(String),
    Alike(String),
    More(String, String),
    Less(String, String),
}

fn price(it: &Contender, other: &Contender) -> Option<Price> {
    let (own, others) = (it.cpu?, other.cpu?);
    let both = format!(
        "({}, in {} {})",
        show_time(own),
        other.mode,
        show_time(others)
    );
    if hardly_any(it)? && hardly_any(other)? {
        return Some(Price::Hardly(both));
    }
    if own.is_zero() || others.is_zero() {
        return None;
    }
    let ratio = own.as_secs_f64() / others.as_secs_f64();
    Some(if ratio >= APART {
        Price::More(times(ratio), both)
    } else if ratio * APART <= 1.0 {
        Price::Less(times(1.0 / ratio), both)
    } else {
        Price::Alike(both)
    })
}

fn hardly_any(it: &Contender) -> Option<bool> {
    let (cpu, time) = (it.cpu?, it.run_time);
    Some(cpu < HARDLY_TIME || cpu < time.mul_f64(HARDLY))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "how many times: positive, and rounded for people"
)]
fn times(ratio: f64) -> String {
    match ratio {
        ..9.95 => format!("{ratio:.1} times"),
        _ => format!("{} times", show_count(ratio.round() as u64)),
    }
}

/// In what the clients' answers differ, a clause a group.
fn differences(it: &Contender, other: &Contender) -> Vec<String> {
    let pairs = it.groups.iter().filter_map(|group| {
        let same = other.groups.iter().find(|it| it.name == group.name);
        let theirs = &same?.answers;
        (group.answers != *theirs).then_some((group, theirs))
    });
    let words = |(group, theirs): (&ContenderGroup, &Answers)| {
        let [own, theirs] = difference(&group.answers, theirs);
        format!("{}: {own} (in {} {theirs})", group.name, other.mode)
    };
    pairs.map(words).collect()
}

/// One count of the answers.
type Of = fn(&Answers) -> u64;

/// The first thing in which two answers differ, as both have it.
fn difference(own: &Answers, theirs: &Answers) -> [String; 2] {
    let counts: [(Of, &str); 6] = [
        (|it| it.mismatches, "wrong byte"),
        (|it| it.connected, "connection"),
        (|it| it.echoes, "echo"),
        (|it| it.missing, "missing echo"),
        (|it| it.bytes_in, "byte back"),
        (|it| it.bytes_out, "byte sent"),
    ];
    let differs = counts.iter().find(|(of, _)| of(own) != of(theirs));
    match differs {
        Some((of, what)) => [own, theirs].map(|it| plural(of(it), what)),
        None => [own, theirs].map(ends),
    }
}

fn plural(n: u64, what: &str) -> String {
    let (first, rest) = what.split_once(' ').unwrap_or((what, ""));
    let what = match (n, what) {
        (1, _) => what.to_owned(),
        (_, "byte back" | "byte sent") => format!("{first}s {rest}"),
        (_, "echo" | "missing echo") => format!("{what}es"),
        _ => format!("{what}s"),
    };
    format!("{} {what}", show_count(n))
}

fn ends(answers: &Answers) -> String {
    let ends = answers.ends.iter();
    let ends = ends.map(|(end, n)| format!("{} {end}", show_count(*n)));
    ends.collect::<Vec<_>>().join(", ")
}

/// That every client was answered at once, if it was so.
fn nobody_waited(it: &Contender) -> Option<String> {
    let longest = it.echo?.max;
    if longest >= LONG_WAIT {
        return None;
    }
    let in_vain = |group: &ContenderGroup| {
        let ends = &group.answers.ends;
        group.answers.missing > 0
            || ends.contains_key("timed out")
            || ends.contains_key("refused")
    };
    let none = format!("no echo took longer than {}", show_time(longest));
    let all = !it.groups.is_empty() && !it.groups.iter().any(in_vain);
    Some(if all { format!("nobody waited: {none}") } else { none })
}

/// What it used, if there is nothing to hold it against.
fn cpu_alone(it: &Contender) -> Option<String> {
    let (cpu, time) = (show_time(it.cpu?), show_time(it.run_time));
    Some(format!("{cpu} of CPU in {time}"))
}

/// Whether two findings say the same of their modes.
fn is_alike(one: &Finding, other: &Finding) -> bool {
    match (one, other) {
        (
            Finding::ErrorUnhandled { fate: one, .. },
            Finding::ErrorUnhandled { fate: other, .. },
        ) => one == other,
        _ => discriminant(one) == discriminant(other),
    }
}

/// What was found here and not in all modes.
fn found(it: &Contender, judged: &[&Contender]) -> Vec<String> {
    let is_told = |finding: &&Finding| {
        let said = matches!(
            finding,
            Finding::Starved { .. }
                | Finding::EventsLost { .. }
                | Finding::Live(_)
                | Finding::Seen(_)
        );
        let everywhere = judged.iter().all(|other| {
            other.findings.iter().any(|other| is_alike(finding, other))
        });
        !said && !everywhere
    };
    let told = it.findings.iter().filter(is_told).take(TOLD);
    told.map(ToString::to_string).collect()
}
