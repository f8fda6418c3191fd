//! What the figures mean, a sentence a mode.
//!
//! Each mode is held against a yardstick, one of the others, and every
//! number is a figure of these runs. That two modes gave the same answers is
//! said only if their clients connected, got, missed and ended alike.

use super::answers::{differences, got_the_same, same_answers, same_as_in};
use super::rows::APART;
use super::{Contender, ContenderGroup};
use crate::units::{show_count, show_time};
use crate::view::Finding;
use std::mem::discriminant;
use std::time::Duration;

/// How long an echo must have taken for its client to have waited.
const LONG_WAIT: Duration = Duration::from_millis(100);

/// It waited on account of the mode if in another mode it waited so many
/// times less.
const MODES_FAULT: u32 = 5;

/// Less than this part of a core is hardly any processor time,
const HARDLY: f64 = 0.01;

/// and so is less than this: it is what starting and ending take where others
/// want the processor as well.
pub(super) const HARDLY_TIME: Duration = Duration::from_millis(20);

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
    let ran: Vec<_> =
        contenders.iter().filter(|it| it.failure.is_none()).collect();
    let sentence = |it: &Contender| {
        let meaning = match &it.failure {
            Some(failure) => format!("failed: {failure}"),
            None if is_judged(it) => meaning(it, &judged),
            None => meddled_with(it, &ran),
        };
        format!("{}: {meaning}", it.name)
    };
    contenders.iter().map(sentence).collect()
}

/// The one of these that the others of the same course are held against; no
/// one is held against itself.
fn yardstick<'a>(
    it: &Contender,
    all: &[&'a Contender],
) -> Option<&'a Contender> {
    let of_mode = |mode: &&str| {
        let mut all = all.iter().filter(|other| other.course == it.course);
        all.find(|other| other.mode == **mode).copied()
    };
    YARDSTICKS.iter().find_map(of_mode).filter(|other| other.name != it.name)
}

/// Whether its figures came about undisturbed.
fn is_judged(contender: &Contender) -> bool {
    contender.failure.is_none() && contender.interventions.is_empty()
}

/// What can be said all the same where somebody meddled: times and prices
/// are not what they would have been, the same answers are.
fn meddled_with(it: &Contender, ran: &[&Contender]) -> String {
    let told = it.interventions.join(" and ");
    let mut clauses = vec![format!("not judged: {told}")];
    let other = yardstick(it, ran);
    let same = other.filter(|other| got_the_same(it, other));
    clauses.extend(same.map(|other| {
        format!("the scenario's clients got the {}", same_as_in(it, other))
    }));
    let spins = |it: &&Finding| matches!(it, Finding::Spinning { .. });
    let spinning = it.findings.iter().filter(spins);
    clauses.extend(spinning.map(ToString::to_string));
    clauses.join("; ")
}

fn meaning(it: &Contender, judged: &[&Contender]) -> String {
    let mut clauses = waits(it, judged);
    let other = yardstick(it, judged);
    let against = other.map(|other| against(it, other)).unwrap_or_default();
    let alone = against.is_empty().then(|| cpu_alone(it)).flatten();
    clauses.extend(against.into_iter().chain(alone));
    clauses.extend(nobody_waited(it));
    let threads = it.figures.threads.len() as u64;
    if threads > 1 {
        let threads = show_count(threads);
        clauses.push(format!("up to {threads} threads at once"));
    }
    clauses.extend(found(it, judged));
    if clauses.is_empty() {
        return "nothing to tell".into();
    }
    clauses.join("; ")
}

/// Whose clients waited here, and not elsewhere, the longest wait first. Of
/// waits without a known cause only the longest: it proves nothing.
fn waits(it: &Contender, judged: &[&Contender]) -> Vec<String> {
    let waited = it.groups.iter().filter_map(|group| {
        let time = group.longest_echo.filter(|time| *time >= LONG_WAIT)?;
        let (least, other) = least_elsewhere(it, group, judged)?;
        (time >= least * MODES_FAULT).then_some((time, group, least, other))
    });
    let mut waited: Vec<_> = waited.collect();
    waited.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
    let has_cause = |group: &ContenderGroup| is_explained(it, group);
    let mut unexplained = 0;
    waited.retain(|(_, group, ..)| {
        unexplained += u32::from(!has_cause(group));
        has_cause(group) || unexplained == 1
    });
    let words = |(time, group, least, other): Wait<'_>| {
        let (time, least) = (show_time(time), show_time(least));
        let name = &other.name;
        if !has_cause(group) {
            return format!(
                "an echo of {} took {time} (in {name} at most {least}), for \
                 no reason seen in this mode: perhaps {}",
                group.name,
                perhaps(it, other)
            );
        }
        format!(
            "{} waited {time} {} (in {name} at most {least})",
            one_of(group),
            behind(group)
        )
    };
    waited.into_iter().take(TOLD).map(words).collect()
}

/// How long a client of a group waited, and the least elsewhere.
type Wait<'a> = (Duration, &'a ContenderGroup, Duration, &'a Contender);

/// What a wait without a known cause may be due to.
fn perhaps(it: &Contender, other: &Contender) -> &'static str {
    if it.options == other.options {
        return "the machine was busy";
    }
    "the options that differ, or the machine was busy"
}

/// Whether it is known what its clients waited for: where one client is
/// served at a time it is the one before, or the server has only one thread
/// and was seen to be busy with somebody else.
fn is_explained(it: &Contender, group: &ContenderGroup) -> bool {
    let starved = |finding: &Finding| {
        matches!(finding, Finding::Starved { group: name, .. }
            if *name == group.name)
    };
    group.behind.is_some() || it.findings.iter().any(starved)
}

/// Where else the group's longest echo took least, as far as times can be
/// held against each other.
fn least_elsewhere<'a>(
    it: &Contender,
    group: &ContenderGroup,
    judged: &[&'a Contender],
) -> Option<(Duration, &'a Contender)> {
    let comparable = |other: &&&Contender| {
        let same = (other.course, other.machine) == (it.course, it.machine);
        same && other.name != it.name
    };
    let times = judged.iter().filter(comparable).filter_map(|other| {
        let same = other.groups.iter().find(|it| it.name == group.name)?;
        Some((same.longest_echo?, *other))
    });
    times.min_by(|one, two| (one.0, &one.1.name).cmp(&(two.0, &two.1.name)))
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
    if got_the_same(it, other) {
        let same = same_answers(it, other);
        return vec![match price(it, other) {
            None => same,
            Some(Price::Hardly(own)) => {
                format!("{same} and hardly any CPU ({own})")
            }
            Some(Price::Alike(both)) => {
                format!("{same} for about as much CPU {both}")
            }
            Some(Price::More(times, both)) => {
                format!("{same} for {times} the CPU {both}")
            }
            Some(Price::Less(times, both)) => {
                format!("{same}, which took {times} the CPU {both}")
            }
        }];
    }
    let price = match price(it, other) {
        Some(Price::More(times, both)) => {
            Some(format!("{times} the CPU of {} {both}", other.name))
        }
        _ => None,
    };
    differences(it, other).into_iter().take(TOLD).chain(price).collect()
}

/// CPU time beside that of the yardstick, in words; both of them unless
/// there is hardly any.
enum Price {
    Hardly(String),
    Alike(String),
    More(String, String),
    Less(String, String),
}

fn price(it: &Contender, other: &Contender) -> Option<Price> {
    if it.machine != other.machine {
        return None;
    }
    let (own, others) = (it.cpu?, other.cpu?);
    let both = format!(
        "({}, in {} {})",
        show_time(own),
        other.name,
        show_time(others)
    );
    if hardly_any(it)? && hardly_any(other)? {
        return Some(Price::Hardly(show_time(own)));
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
        ..100.0 => format!("{ratio:.0} times"),
        // More digits would promise more than was measured.
        _ => {
            let unit = 10_f64.powi(ratio.log10().floor() as i32 - 1);
            let rounded = (ratio / unit).round() * unit;
            format!("{} times", show_count(rounded.round() as u64))
        }
    }
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
