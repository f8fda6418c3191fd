//! The verdicts of a comparison: one sentence for each run.
//!
//! Each run is compared with a reference, another of the runs; all numbers are
//! figures of these runs. Two modes give the same answers only if their clients
//! agree in connections, echoes, missing echoes and ends.

use super::figures::{APART, HARDLY_NS};
use super::{has_same_course, is_on_like_machine};
use crate::run::report::{GroupReport, RunReport};
use crate::units::{plural, ratio, show_count, show_time_ns};
use crate::view::Finding;
use itertools::Itertools as _;
use std::cmp::Reverse;
use std::iter::once;

/// An echo that took at least this long counts as a wait.
const LONG_WAIT_NS: u64 = 100_000_000;

/// A wait is attributed to the mode if it was this many times shorter in
/// another mode.
const MODES_FAULT: u64 = 5;

/// CPU time below this share of one core is negligible.
const HARDLY_PART: f64 = 0.01;

/// At most this many groups, or findings, are named for each run.
const MOST_NAMED: usize = 3;

/// The reference is the run of the first of these modes that took part.
const REFERENCES: [&str; 4] = ["selector", "tasks", "blocking", "nonblocking"];

/// Findings that the waits cover already, or that do not concern the mode.
const NOT_NAMED: [&str; 6] = [
    "starved",
    "events_lost",
    "only_thread_asleep",
    "write_interest",
    "output_stuck",
    "end_of_file_watched",
];

/// One sentence for each run, in their order; empty before all are over.
pub(super) fn verdict(all: &[RunReport]) -> Vec<String> {
    if all.iter().any(|it| !it.over) {
        return Vec::new();
    }
    let ran = all
        .iter()
        .filter(|it| it.failure.is_none() && it.not_served().is_none());
    // Only runs without interventions have figures to compare with.
    let judged = ran.clone().filter(|it| it.interventions.is_empty());
    let (ran, judged) = (ran.collect_vec(), judged.collect_vec());
    let sentence = |it: &RunReport| {
        let clauses = match (&it.failure, it.not_served()) {
            (Some(failure), _) => vec![format!("failed: {failure}")],
            // An end that was asked for explains why no client was served.
            (None, Some(why))
                if it.interventions.is_empty() || it.trouble().is_some() =>
            {
                vec![format!("not judged: {why}")]
            }
            _ if it.interventions.is_empty() => meaning(it, &judged),
            _ => not_judged(it, &ran),
        };
        format!("{}: {}", it.name, clauses.join("; "))
    };
    all.iter().map(sentence).collect()
}

/// The run that `it` is compared with, among those of the same course; `None`
/// without one, or if it is `it` itself.
fn reference<'a>(
    it: &RunReport,
    all: &[&'a RunReport],
) -> Option<&'a RunReport> {
    let same = all.iter().filter(|other| has_same_course(it, other));
    let ranked = same.filter_map(|other| {
        let mode = other.conditions.mode.as_deref()?;
        Some((REFERENCES.iter().position(|it| *it == mode)?, *other))
    });
    let (_, reference) = ranked.min_by_key(|(rank, _)| *rank)?;
    (reference.name != it.name).then_some(reference)
}

/// What can be said of a run with interventions: its times and CPU time are
/// distorted, but its answers can be compared.
fn not_judged(it: &RunReport, ran: &[&RunReport]) -> Vec<String> {
    let interventions = it.interventions.join(" and ");
    let same = reference(it, ran).and_then(|other| {
        let name = &other.name;
        let same = match likeness(it, other) {
            Likeness::Same => format!("same answers as in {name}"),
            Likeness::Alike => {
                format!("right answers, about as many as in {name}")
            }
            Likeness::Differing(_) => return None,
        };
        Some(format!("the scenario's clients got the {same}"))
    });
    let spinning = it.findings.iter().filter(|it| it.kind == "spinning");
    once(format!("not judged: {interventions}"))
        .chain(same)
        .chain(spinning.map(|it| it.observation.clone()))
        .collect()
}

fn meaning(it: &RunReport, judged: &[&RunReport]) -> Vec<String> {
    let mut clauses = waits(it, judged);
    let other = reference(it, judged);
    let against = other.map(|other| against(it, other)).unwrap_or_default();
    if against.is_empty()
        && let Some(cpu) = it.cpu_ns()
    {
        let [cpu, time] = [cpu, it.run_time_ns].map(show_time_ns);
        clauses.push(format!("{cpu} of CPU in {time}"));
    }
    clauses.extend(against);
    clauses.extend(no_long_wait(it));
    let threads = it.server.as_ref().map_or(0, |it| it.threads);
    if threads > 1 {
        let threads = show_count(threads);
        clauses.push(format!("up to {threads} threads at once"));
    }
    let is_everywhere = |finding: &Finding| {
        judged.iter().all(|other| {
            other.findings.iter().any(|other| {
                finding.kind == other.kind
                    && finding.values.get("fate") == other.values.get("fate")
            })
        })
    };
    let own = it.findings.iter();
    let own = own.filter(|finding| {
        !NOT_NAMED.contains(&&*finding.kind) && !is_everywhere(finding)
    });
    clauses.extend(own.take(MOST_NAMED).map(|it| it.observation.clone()));
    if clauses.is_empty() {
        clauses.push("no findings".into());
    }
    clauses
}

/// That no echo took long, if it is so.
fn no_long_wait(it: &RunReport) -> Option<String> {
    let longest = it.clients.as_ref()?.total.echo_time?.max_ns;
    if longest >= LONG_WAIT_NS {
        return None;
    }
    let waited_in_vain = |group: &GroupReport| {
        let ends = &group.result.ends;
        group.missing_echoes() > 0 || ends.timed_out > 0 || ends.refused > 0
    };
    let none = format!("no echo took longer than {}", show_time_ns(longest));
    let groups = it.groups();
    let all = !groups.is_empty() && !groups.iter().any(waited_in_vain);
    Some(if all { format!("no client waited: {none}") } else { none })
}

/// The clients that waited in this run but not in others, the longest wait
/// first. Of waits without a known cause only the longest is named.
fn waits(it: &RunReport, judged: &[&RunReport]) -> Vec<String> {
    let waited = it.groups().iter().filter_map(|group| {
        let time_ns = group.longest_echo_ns()?;
        // Times are compared only with runs of the same course and machine.
        let elsewhere = judged.iter().filter(|other| {
            has_same_course(it, other)
                && is_on_like_machine(it, other)
                && other.name != it.name
        });
        let elsewhere = elsewhere.filter_map(|other| {
            let same = other.group(&group.result.name)?;
            Some((same.longest_echo_ns()?, *other))
        });
        let least =
            elsewhere.min_by_key(|(time_ns, other)| (*time_ns, &other.name))?;
        let is_long = time_ns >= LONG_WAIT_NS
            && time_ns >= least.0.saturating_mul(MODES_FAULT);
        is_long.then_some((time_ns, group, least))
    });
    let mut unexplained = 0;
    let waited = waited.sorted_by_key(|(time_ns, ..)| Reverse(*time_ns));
    let named = waited.filter_map(|(time_ns, group, least)| {
        let has_cause = has_cause(it, group);
        unexplained += u32::from(!has_cause);
        (has_cause || unexplained == 1)
            .then(|| wait_in_words(it, time_ns, group, least))
    });
    named.take(MOST_NAMED).collect()
}

/// A wait as part of a sentence: its time, its group, and the longest wait of
/// that group in another run.
fn wait_in_words(
    run: &RunReport,
    time_ns: u64,
    group: &GroupReport,
    (least_ns, elsewhere): (u64, &RunReport),
) -> String {
    let [time, least] = [time_ns, least_ns].map(show_time_ns);
    let compared = format!("in {} at most {least}", elsewhere.name);
    let name = &group.result.name;
    if !has_cause(run, group) {
        let is_like = run.conditions.server == elsewhere.conditions.server;
        let options = "the options that differ, or ";
        let perhaps = if is_like { "" } else { options };
        return format!(
            "an echo of {name} took {time} ({compared}), for no reason seen \
             in this mode: perhaps {perhaps}the machine was busy"
        );
    }
    let one = if group.result.connected > 1 { "a client of " } else { "" };
    let before = group.longest_echo_behind.as_ref();
    let behind = match before.map(|it| (it.clients, &it.only)) {
        None => "for an echo".into(),
        Some((_, Some(only))) => format!("behind {only}"),
        Some((n, None)) => {
            format!("behind {} accepted before it", plural(n, "client"))
        }
    };
    format!("{one}{name} waited {time} {behind} ({compared})")
}

/// Whether it is known what the group waited for: for clients accepted before
/// where one client is served at a time, or for a server whose only thread was
/// busy with another client.
fn has_cause(run: &RunReport, group: &GroupReport) -> bool {
    let name = &*group.result.name;
    group.longest_echo_behind.is_some()
        || run.findings.iter().any(|it| {
            let starved = it.values.get("group").and_then(|it| it.as_str());
            it.kind == "starved" && starved == Some(name)
        })
}

/// Compares a run with its reference: what the clients got, and the CPU time.
/// Where answers differ, CPU time is named only if it is much more.
fn against(it: &RunReport, other: &RunReport) -> Vec<String> {
    let price = price(it, other);
    let same = match likeness(it, other) {
        Likeness::Differing(differences) => {
            let differences = differences.into_iter().take(MOST_NAMED);
            let more = price.as_deref().and_then(|it| it.strip_prefix(" for "));
            let more = more.filter(|it| it.contains("times"));
            return differences.chain(more.map(str::to_owned)).collect();
        }
        Likeness::Same => "same answers as",
        Likeness::Alike => "about as many echoes as",
    };
    vec![format!("{same} {}{}", other.name, price.unwrap_or_default())]
}

/// The CPU time compared with that of the reference, as a clause.
fn price(it: &RunReport, other: &RunReport) -> Option<String> {
    if !is_on_like_machine(it, other) {
        return None;
    }
    let [own, others] = [it.cpu_ns()?, other.cpu_ns()?];
    let is_hardly_any = |cpu: u64, run: &RunReport| {
        let part = ratio(run.run_time_ns, 1) * HARDLY_PART;
        ratio(cpu, 1) < part.max(HARDLY_NS)
    };
    let [own_time, others_time] = [own, others].map(show_time_ns);
    let both = format!("({own_time}, in {} {others_time})", other.name);
    if is_hardly_any(own, it) && is_hardly_any(others, other) {
        return Some(format!(" and hardly any CPU ({own_time})"));
    }
    Some(match ratio(own, others) {
        _ if own == 0 || others == 0 => return None,
        more @ APART.. => format!(" for {} the CPU {both}", times(more)),
        less if less * APART <= 1.0 => {
            format!(", which took {} the CPU {both}", times(1.0 / less))
        }
        _ => format!(" for about as much CPU {both}"),
    })
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
        // More digits would claim more precision than was measured.
        _ => {
            let unit = 10_f64.powi(ratio.log10().floor() as i32 - 1);
            let rounded = (ratio / unit).round() * unit;
            format!("{} times", show_count(rounded.round() as u64))
        }
    }
}

/// How what clients got compares with another run, apart from times.
enum Likeness {
    /// All counts and ends are equal.
    Same,
    /// Only the amounts differ, in groups that a time limit ends.
    Alike,
    /// A clause for each group that differs; those about ends come last.
    Differing(Vec<String>),
}

/// A count of a group's results, with its singular and plural.
type Count = (fn(&GroupReport) -> u64, &'static str, &'static str);

/// Counts that must be equal even in groups that a time limit ends.
const RIGHT: [Count; 3] = [
    (|it| it.result.mismatches, "wrong byte", "wrong bytes"),
    (|it| it.result.connected, "connection", "connections"),
    (GroupReport::missing_echoes, "missing echo", "missing echoes"),
];

/// Amounts, which are measured figures in groups with a time limit.
const MUCH: [Count; 3] = [
    (|it| it.result.echoes, "echo", "echoes"),
    (|it| it.result.bytes_in, "byte back", "bytes back"),
    (|it| it.result.bytes_out, "byte sent", "bytes sent"),
];

fn likeness(it: &RunReport, other: &RunReport) -> Likeness {
    let pairs = it.groups().iter().filter_map(|group| {
        let same = other.group(&group.result.name)?;
        Some((group, same))
    });
    let differing = pairs
        .clone()
        .filter_map(|(group, same)| difference(group, same, &other.name));
    let mut differing = differing.collect_vec();
    let is_known = !it.groups().is_empty() && !other.groups().is_empty();
    if !differing.is_empty() || !is_known {
        differing.sort_by_key(|(is_of_ends, _)| *is_of_ends);
        let words = differing.into_iter().map(|(_, words)| words);
        return Likeness::Differing(words.collect());
    }
    let mut all = pairs.cartesian_product(&MUCH);
    let is_equal = all.all(|((one, other), (of, ..))| of(one) == of(other));
    if is_equal { Likeness::Same } else { Likeness::Alike }
}

/// The first difference between the answers, if there is one, and whether it
/// concerns how the clients ended. In groups with a time limit the amounts may
/// differ by less than [`APART`] times.
fn difference(
    group: &GroupReport,
    same: &GroupReport,
    other: &str,
) -> Option<(bool, String)> {
    let measured = group.is_timed || same.is_timed;
    let unlike = |(of, ..): &&Count| of(group) != of(same);
    let apart = |(of, ..): &&Count| {
        let (own, theirs) = (of(group), of(same));
        !measured || ratio(own.max(theirs), own.min(theirs)) >= APART
    };
    let much = || MUCH.iter().filter(unlike).find(apart);
    let count = RIGHT.iter().find(unlike).or_else(much);
    if count.is_none() && group.result.ends == same.result.ends {
        return None;
    }
    let [own, theirs] = [group, same].map(|it| match count {
        None => {
            let ends = it.result.ends.named();
            let ends = ends.map(|(end, n)| format!("{} {end}", show_count(n)));
            Some(ends.collect_vec().join(", "))
                .filter(|it| !it.is_empty())
                .unwrap_or_else(|| "none ended".into())
        }
        Some((of, one, many)) => match of(it) {
            0 => format!("no {many}"),
            1 => format!("1 {one}"),
            n => format!("{} {many}", show_count(n)),
        },
    });
    let theirs = if theirs.starts_with("no ") { "none" } else { &theirs };
    let name = &group.result.name;
    let time = if group.is_timed { " in the same time" } else { "" };
    let words = format!("{name}: {own} (in {other} {theirs}{time})");
    Some((count.is_none(), words))
}
