//! What the figures mean, a sentence a run.
//!
//! Each run is compared with a reference, one of the others, and every number
//! is a figure of these runs. Two modes are said to give the same answers
//! only if their clients connected, got, missed and ended alike.

use super::answers::{differences, got_the_same, same_answers, same_as_in};
use super::figures::APART;
use super::standing::RunStanding;
use crate::run::report::{GroupReport, RunReport};
use crate::units::{plural, show_count, show_time_ns};
use crate::view::Finding;
use std::cmp::Reverse;

/// How long an echo must have taken for its client to have waited.
const LONG_WAIT_NS: u64 = 100_000_000;

/// A wait is attributed to the mode if in another mode it was this many times
/// shorter.
const MODES_FAULT: u64 = 5;

/// Less than this part of a core is hardly any processor time,
const HARDLY: f64 = 0.01;

/// and so is less than this, which starting and ending take where others want
/// the processor as well.
pub(super) const HARDLY_TIME_NS: f64 = 20e6;

/// At most this many groups, or findings, are named for each run.
const MOST_NAMED: usize = 3;

/// The mode that is the reference: the first of these that was run.
const REFERENCES: [&str; 4] = ["selector", "tasks", "blocking", "nonblocking"];

/// Findings that waits stand for, or that are not about the mode.
const NOT_NAMED: [&str; 6] = [
    "starved",
    "events_lost",
    "only_thread_asleep",
    "write_interest",
    "output_stuck",
    "end_of_file_watched",
];

/// A sentence a run, in the order given; none before all are over.
pub(super) fn verdict(all: &[RunStanding]) -> Vec<String> {
    if all.iter().any(|it| !it.run.over) {
        return Vec::new();
    }
    let judged = all.iter().filter(|it| is_judged(it.run));
    let judged: Vec<_> = judged.copied().collect();
    let ran = all.iter().filter(|it| it.run.failure.is_none());
    let ran: Vec<_> = ran.copied().collect();
    let sentence = |it: &RunStanding| {
        let meaning = match &it.run.failure {
            Some(failure) => format!("failed: {failure}"),
            None if is_judged(it.run) => meaning(it, &judged),
            None => not_judged(it, &ran),
        };
        format!("{}: {meaning}", it.run.name)
    };
    all.iter().map(sentence).collect()
}

/// The run that the others of the same course are compared with; none is
/// compared with itself.
fn reference<'a>(
    it: &RunStanding,
    all: &[RunStanding<'a>],
) -> Option<RunStanding<'a>> {
    let of_mode = |mode: &&str| {
        let mut all = all.iter().filter(|other| other.course == it.course);
        let is_of_mode = |other: &&RunStanding| {
            other.run.conditions.mode.as_deref() == Some(*mode)
        };
        all.find(is_of_mode).copied()
    };
    let reference = REFERENCES.iter().find_map(of_mode);
    reference.filter(|other| other.run.name != it.run.name)
}

/// Whether its figures came about undisturbed.
const fn is_judged(run: &RunReport) -> bool {
    run.failure.is_none() && run.interventions.is_empty()
}

/// What can be said all the same of a run that was interfered with: times and
/// prices are not what they would have been, the same answers are.
fn not_judged(it: &RunStanding, ran: &[RunStanding]) -> String {
    let interventions = it.run.interventions.join(" and ");
    let mut clauses = vec![format!("not judged: {interventions}")];
    let same =
        reference(it, ran).filter(|it_is| got_the_same(it.run, it_is.run));
    clauses.extend(same.map(|other| {
        let same = same_as_in(it.run, other.run);
        format!("the scenario's clients got the {same}")
    }));
    let findings = it.run.findings.iter();
    let spinning = findings.filter(|finding| finding.kind == "spinning");
    clauses.extend(spinning.map(|it| it.observation.clone()));
    clauses.join("; ")
}

fn meaning(it: &RunStanding, judged: &[RunStanding]) -> String {
    let mut clauses = waits(it, judged);
    let other = reference(it, judged);
    let against = other.map(|other| against(it, &other)).unwrap_or_default();
    let alone = against.is_empty().then(|| cpu_alone(it.run)).flatten();
    clauses.extend(against.into_iter().chain(alone));
    clauses.extend(longest_echo(it.run));
    let threads = it.run.server.as_ref().map_or(0, |it| it.threads);
    if threads > 1 {
        let threads = show_count(threads);
        clauses.push(format!("up to {threads} threads at once"));
    }
    clauses.extend(found(it.run, judged));
    if clauses.is_empty() {
        return "no findings".into();
    }
    clauses.join("; ")
}

/// A client's wait, and the shortest one of the same group elsewhere.
struct LongWait<'a> {
    time_ns: u64,
    group: &'a GroupReport,
    least_ns: u64,
    elsewhere: RunStanding<'a>,
}

/// The clients that waited here, and not elsewhere, the longest wait first.
/// Of waits without a known cause only the longest: it proves nothing.
fn waits(it: &RunStanding, judged: &[RunStanding]) -> Vec<String> {
    let waited = it.run.groups().iter().filter_map(|group| {
        let time_ns = group.longest_echo_ns()?;
        let (least_ns, elsewhere) = least_elsewhere(it, group, judged)?;
        let is_long = time_ns >= LONG_WAIT_NS
            && time_ns >= least_ns.saturating_mul(MODES_FAULT);
        is_long.then_some(LongWait { time_ns, group, least_ns, elsewhere })
    });
    let mut waited: Vec<_> = waited.collect();
    waited.sort_by_key(|wait| Reverse(wait.time_ns));
    let mut unexplained = 0;
    waited.retain(|wait| {
        let has_cause = has_cause(it.run, wait.group);
        unexplained += u32::from(!has_cause);
        has_cause || unexplained == 1
    });
    waited.iter().take(MOST_NAMED).map(|wait| wait_in_words(it, wait)).collect()
}

fn wait_in_words(it: &RunStanding, wait: &LongWait) -> String {
    let LongWait { group, elsewhere, .. } = wait;
    let [time, least] = [wait.time_ns, wait.least_ns].map(show_time_ns);
    let elsewhere = elsewhere.run;
    let compared = format!("in {} at most {least}", elsewhere.name);
    let name = &group.result.name;
    if !has_cause(it.run, group) {
        let options = [it.run, elsewhere].map(|it| it.conditions.server);
        let perhaps = if options[0] == options[1] {
            "the machine was busy"
        } else {
            "the options that differ, or the machine was busy"
        };
        return format!(
            "an echo of {name} took {time} ({compared}), for no reason seen \
             in this mode: perhaps {perhaps}"
        );
    }
    let client = match group.result.connected {
        0 | 1 => name.clone(),
        _ => format!("a client of {name}"),
    };
    format!("{client} waited {time} {} ({compared})", behind(group))
}

/// Whether it is known what its clients waited for: where one client is
/// served at a time it is the one before, or the server has only one thread
/// and was seen to be busy with another client.
fn has_cause(run: &RunReport, group: &GroupReport) -> bool {
    let name = &*group.result.name;
    let is_starved = |finding: &Finding| {
        let starved = finding.values.get("group");
        finding.kind == "starved"
            && starved.and_then(|it| it.as_str()) == Some(name)
    };
    group.longest_echo_behind.is_some() || run.findings.iter().any(is_starved)
}

/// Where else the group's longest echo took least, as far as times can be
/// compared.
fn least_elsewhere<'a>(
    it: &RunStanding,
    group: &GroupReport,
    judged: &[RunStanding<'a>],
) -> Option<(u64, RunStanding<'a>)> {
    let is_comparable = |other: &&RunStanding| {
        (other.course, other.machine) == (it.course, it.machine)
            && other.run.name != it.run.name
    };
    let times = judged.iter().filter(is_comparable).filter_map(|other| {
        let same = other.run.group(&group.result.name)?;
        Some((same.longest_echo_ns()?, *other))
    });
    times.min_by_key(|(time_ns, other)| (*time_ns, &other.run.name))
}

fn behind(group: &GroupReport) -> String {
    let Some(before) = &group.longest_echo_behind else {
        return "for an echo".into();
    };
    match (&before.only, before.clients) {
        (Some(only), _) => format!("behind {only}"),
        (None, 1) => "behind the client accepted before it".into(),
        (None, n) => {
            format!("behind {} accepted before it", plural(n, "client"))
        }
    }
}

/// How it compares with the reference: what the clients got, and the price.
fn against(it: &RunStanding, other: &RunStanding) -> Vec<String> {
    let price = price(it, other);
    if got_the_same(it.run, other.run) {
        let same = same_answers(it.run, other.run);
        return vec![match price {
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
    let price = match price {
        Some(Price::More(times, both)) => {
            Some(format!("{times} the CPU of {} {both}", other.run.name))
        }
        _ => None,
    };
    let differences = differences(it.run, other.run).into_iter();
    differences.take(MOST_NAMED).chain(price).collect()
}

/// CPU time beside that of the reference, in words; both of them unless there
/// is hardly any.
enum Price {
    Hardly(String),
    Alike(String),
    More(String, String),
    Less(String, String),
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people, in two digits"
)]
fn price(it: &RunStanding, other: &RunStanding) -> Option<Price> {
    if it.machine != other.machine {
        return None;
    }
    let (own, others) = (it.run.cpu_ns()?, other.run.cpu_ns()?);
    let name = &other.run.name;
    let both =
        format!("({}, in {name} {})", show_time_ns(own), show_time_ns(others));
    if hardly_any(it.run)? && hardly_any(other.run)? {
        return Some(Price::Hardly(show_time_ns(own)));
    }
    if own == 0 || others == 0 {
        return None;
    }
    let ratio = own as f64 / others as f64;
    Some(if ratio >= APART {
        Price::More(times(ratio), both)
    } else if ratio * APART <= 1.0 {
        Price::Less(times(1.0 / ratio), both)
    } else {
        Price::Alike(both)
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "compared with a hundredth, exactness is of no use"
)]
fn hardly_any(it: &RunReport) -> Option<bool> {
    let cpu = it.cpu_ns()?;
    let is_small_part = (cpu as f64) < it.run_time_ns as f64 * HARDLY;
    Some((cpu as f64) < HARDLY_TIME_NS || is_small_part)
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
fn longest_echo(it: &RunReport) -> Option<String> {
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

/// What it used, if there is nothing to compare it with.
fn cpu_alone(it: &RunReport) -> Option<String> {
    let cpu = show_time_ns(it.cpu_ns()?);
    Some(format!("{cpu} of CPU in {}", show_time_ns(it.run_time_ns)))
}

/// Whether two findings say the same of their modes.
fn is_alike(one: &Finding, other: &Finding) -> bool {
    one.kind == other.kind && one.values.get("fate") == other.values.get("fate")
}

/// What was found here and not in all runs.
fn found(it: &RunReport, judged: &[RunStanding]) -> Vec<String> {
    let is_own = |finding: &&Finding| {
        let is_said = NOT_NAMED.contains(&&*finding.kind);
        let is_everywhere = judged.iter().all(|other| {
            let mut findings = other.run.findings.iter();
            findings.any(|other| is_alike(finding, other))
        });
        !is_said && !is_everywhere
    };
    let own = it.findings.iter().filter(is_own).take(MOST_NAMED);
    own.map(|finding| finding.observation.clone()).collect()
}
