//! What the figures mean, a sentence a run.
//!
//! Each run is compared with a reference, one of the others, and every number
//! is a figure of these runs. Two modes are said to give the same answers
//! only if their clients connected, got, missed and ended alike.

use super::RunStanding;
use super::figures::{APART, HARDLY_NS};
use crate::run::report::{GroupReport, RunReport};
use crate::units::{plural, show_count, show_time_ns};
use crate::view::Finding;
use std::cmp::Reverse;

/// How long an echo must have taken for its client to have waited.
const LONG_WAIT_NS: u64 = 100_000_000;

/// A wait is attributed to the mode if in another mode it was this many times
/// shorter.
const MODES_FAULT: u64 = 5;

/// Less than this part of a core is hardly any processor time.
const HARDLY_PART: f64 = 0.01;

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
    let of = |is_meant: fn(&RunReport) -> bool| -> Vec<_> {
        all.iter().filter(|it| is_meant(it.run)).copied().collect()
    };
    let ran = of(|run| run.failure.is_none());
    // Only the figures of these came about undisturbed.
    let judged =
        of(|run| run.failure.is_none() && run.interventions.is_empty());
    let sentence = |it: &RunStanding| {
        let clauses = match &it.run.failure {
            Some(failure) => vec![format!("failed: {failure}")],
            None if it.run.interventions.is_empty() => meaning(it, &judged),
            None => not_judged(it, &ran),
        };
        format!("{}: {}", it.run.name, clauses.join("; "))
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
        all.find(|other| other.run.conditions.mode.as_deref() == Some(*mode))
    };
    let reference = REFERENCES.iter().find_map(of_mode).copied();
    reference.filter(|other| other.run.name != it.run.name)
}

/// What can be said all the same of a run that was interfered with: times and
/// prices are not what they would have been, the same answers are.
fn not_judged(it: &RunStanding, ran: &[RunStanding]) -> Vec<String> {
    let interventions = it.run.interventions.join(" and ");
    let mut clauses = vec![format!("not judged: {interventions}")];
    let same = reference(it, ran).and_then(|other| {
        let name = &other.run.name;
        match likeness(it.run, other.run) {
            Likeness::Same => Some(format!("same answers as in {name}")),
            Likeness::Alike => {
                Some(format!("right answers, about as many as in {name}"))
            }
            Likeness::Differing(_) => None,
        }
    });
    clauses.extend(
        same.map(|same| format!("the scenario's clients got the {same}")),
    );
    let spinning = it.run.findings.iter().filter(|it| it.kind == "spinning");
    clauses.extend(spinning.map(|it| it.observation.clone()));
    clauses
}

fn meaning(it: &RunStanding, judged: &[RunStanding]) -> Vec<String> {
    let mut clauses = waits(it, judged);
    let other = reference(it, judged);
    let against = other.map(|other| against(it, &other)).unwrap_or_default();
    if against.is_empty()
        && let Some(cpu) = it.run.cpu_ns()
    {
        let [cpu, time] = [cpu, it.run.run_time_ns].map(show_time_ns);
        clauses.push(format!("{cpu} of CPU in {time}"));
    }
    clauses.extend(against);
    clauses.extend(no_long_wait(it.run));
    let threads = it.run.server.as_ref().map_or(0, |it| it.threads);
    if threads > 1 {
        let threads = show_count(threads);
        clauses.push(format!("up to {threads} threads at once"));
    }
    let is_everywhere = |finding: &Finding| {
        judged.iter().all(|other| {
            other.run.findings.iter().any(|other| {
                finding.kind == other.kind
                    && finding.values.get("fate") == other.values.get("fate")
            })
        })
    };
    let own = it.run.findings.iter();
    let own = own.filter(|finding| {
        !NOT_NAMED.contains(&&*finding.kind) && !is_everywhere(finding)
    });
    clauses.extend(own.take(MOST_NAMED).map(|it| it.observation.clone()));
    if clauses.is_empty() {
        clauses.push("no findings".into());
    }
    clauses
}

/// That every client was answered at once, if it was so.
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

/// The longest echo of a group, and where else it took least, and how long.
type LongWait<'a> = (u64, &'a GroupReport, u64, &'a RunReport);

/// The clients that waited here, and not elsewhere, the longest wait first.
/// Of waits without a known cause only the longest: it proves nothing.
fn waits(it: &RunStanding, judged: &[RunStanding]) -> Vec<String> {
    let waited = it.run.groups().iter().filter_map(|group| {
        let time_ns = group.longest_echo_ns()?;
        // As far as times can be compared.
        let elsewhere = judged.iter().filter(|other| {
            (other.course, other.machine) == (it.course, it.machine)
                && other.run.name != it.run.name
        });
        let elsewhere = elsewhere.filter_map(|other| {
            let same = other.run.group(&group.result.name)?;
            Some((same.longest_echo_ns()?, other.run))
        });
        let (least_ns, elsewhere) =
            elsewhere.min_by_key(|(time_ns, other)| (*time_ns, &other.name))?;
        let is_long = time_ns >= LONG_WAIT_NS
            && time_ns >= least_ns.saturating_mul(MODES_FAULT);
        is_long.then_some((time_ns, group, least_ns, elsewhere))
    });
    let mut waited: Vec<_> = waited.collect();
    waited.sort_by_key(|(time_ns, ..)| Reverse(*time_ns));
    let mut unexplained = 0;
    waited.retain(|(_, group, ..)| {
        let has_cause = has_cause(it.run, group);
        unexplained += u32::from(!has_cause);
        has_cause || unexplained == 1
    });
    let words = waited.iter().take(MOST_NAMED);
    words.map(|wait| wait_in_words(it.run, *wait)).collect()
}

/// A wait as part of a sentence: its time and its group, and in which other
/// run it was at most how long.
fn wait_in_words(
    run: &RunReport,
    (time_ns, group, least_ns, elsewhere): LongWait,
) -> String {
    let [time, least] = [time_ns, least_ns].map(show_time_ns);
    let compared = format!("in {} at most {least}", elsewhere.name);
    let name = &group.result.name;
    if !has_cause(run, group) {
        let options = [run, elsewhere].map(|it| it.conditions.server);
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
    let before = group.longest_echo_behind.as_ref();
    let behind = match before.map(|it| (it.clients, &it.only)) {
        None => "for an echo".into(),
        Some((_, Some(only))) => format!("behind {only}"),
        Some((1, None)) => "behind the client accepted before it".into(),
        Some((n, None)) => {
            format!("behind {} accepted before it", plural(n, "client"))
        }
    };
    format!("{client} waited {time} {behind} ({compared})")
}

/// Whether it is known what its clients waited for: where one client is
/// served at a time it is the one before, or the server has only one thread
/// and was seen to be busy with another client.
fn has_cause(run: &RunReport, group: &GroupReport) -> bool {
    let name = &*group.result.name;
    group.longest_echo_behind.is_some()
        || run.findings.iter().any(|it| {
            let starved = it.values.get("group").and_then(|it| it.as_str());
            it.kind == "starved" && starved == Some(name)
        })
}

/// How it compares with the reference: what the clients got, and the price.
fn against(it: &RunStanding, other: &RunStanding) -> Vec<String> {
    let name = &other.run.name;
    let price = price(it, other);
    match likeness(it.run, other.run) {
        Likeness::Differing(differences) => {
            let differences = differences.into_iter().take(MOST_NAMED);
            let more = price.and_then(|(_, more)| more);
            differences.chain(more).collect()
        }
        likeness => {
            let same = match likeness {
                Likeness::Same => "same answers as",
                _ => "about as many echoes as",
            };
            let price = price.map(|(price, _)| price).unwrap_or_default();
            vec![format!("{same} {name}{price}")]
        }
    }
}

/// CPU time beside that of the reference: behind what is the same, and for
/// itself if it is more.
#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio for people, in two digits"
)]
fn price(
    it: &RunStanding,
    other: &RunStanding,
) -> Option<(String, Option<String>)> {
    if it.machine != other.machine {
        return None;
    }
    let [own, others] = [it.run.cpu_ns()?, other.run.cpu_ns()?];
    let is_hardly_any = |cpu: u64, run: &RunReport| {
        let cpu = cpu as f64;
        cpu < HARDLY_NS || cpu < run.run_time_ns as f64 * HARDLY_PART
    };
    let name = &other.run.name;
    let [own_time, others_time] = [own, others].map(show_time_ns);
    let both = format!("({own_time}, in {name} {others_time})");
    let alone = if is_hardly_any(own, it.run)
        && is_hardly_any(others, other.run)
    {
        format!(" and hardly any CPU ({own_time})")
    } else if own == 0 || others == 0 {
        return None;
    } else {
        match own as f64 / others as f64 {
            ratio if ratio >= APART => {
                let times = times(ratio);
                let more = format!("{times} the CPU of {name} {both}");
                return Some((
                    format!(" for {times} the CPU {both}"),
                    Some(more),
                ));
            }
            ratio if ratio * APART <= 1.0 => {
                format!(", which took {} the CPU {both}", times(1.0 / ratio))
            }
            _ => format!(" for about as much CPU {both}"),
        }
    };
    Some((alone, None))
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

/// What clients got in one mode compared with another, times aside.
enum Likeness {
    /// Nothing differs.
    Same,
    /// Nothing but, where the clock ends what clients do, how much they got.
    Alike,
    /// A clause a group; how clients ended comes last.
    Differing(Vec<String>),
}

/// A count of what a group got, for one and for several.
type Count = (fn(&GroupReport) -> u64, &'static str, &'static str);

/// What must be the same, whatever the clock says.
const RIGHT: [Count; 3] = [
    (|it| it.result.mismatches, "wrong byte", "wrong bytes"),
    (|it| it.result.connected, "connection", "connections"),
    (GroupReport::missing_echoes, "missing echo", "missing echoes"),
];

/// How much there was.
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
    let mut differing: Vec<_> = pairs
        .clone()
        .filter_map(|(group, same)| difference(group, same, &other.name))
        .collect();
    let is_known = !it.groups().is_empty() && !other.groups().is_empty();
    if !differing.is_empty() || !is_known {
        differing.sort_by_key(|(is_of_ends, _)| *is_of_ends);
        let words = differing.into_iter().map(|(_, words)| words);
        return Likeness::Differing(words.collect());
    }
    let is_equal = |(group, same): (&GroupReport, &GroupReport)| {
        MUCH.iter().all(|(of, ..)| of(group) == of(same))
    };
    if pairs.clone().all(is_equal) { Likeness::Same } else { Likeness::Alike }
}

/// The first thing in which the answers differ, if they do, and whether that
/// is how the clients ended. How much those get that go on for a time is
/// measured, and differs like all that is.
fn difference(
    group: &GroupReport,
    same: &GroupReport,
    other: &str,
) -> Option<(bool, String)> {
    let measured = group.is_timed || same.is_timed;
    let unlike = |(of, ..): &&Count| of(group) != of(same);
    let apart = |(of, ..): &&Count| {
        let (own, theirs) = (of(group), of(same));
        !measured || is_apart(own.max(theirs), own.min(theirs))
    };
    let much = || MUCH.iter().filter(unlike).find(apart);
    let count = RIGHT.iter().find(unlike).or_else(much);
    if count.is_none() && group.result.ends == same.result.ends {
        return None;
    }
    let [own, theirs] = [group, same].map(|it| match count {
        None => ends(it),
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

#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are more than enough for a ratio"
)]
fn is_apart(more: u64, less: u64) -> bool {
    more as f64 >= APART * less as f64
}

/// How they ended: `1 saw the end of file, 2 were reset`.
fn ends(group: &GroupReport) -> String {
    let ends = group.result.ends.named().map(|(end, n)| {
        let was = if n == 1 { "was" } else { "were" };
        let how = match end {
            "end of file" => "saw the end of file".into(),
            "mismatch" => "left at a wrong byte".into(),
            "reset" | "refused" => format!("{was} {end}"),
            other => other.to_owned(),
        };
        format!("{} {how}", show_count(n))
    });
    let ends = ends.collect::<Vec<_>>().join(", ");
    if ends.is_empty() { "none ended".into() } else { ends }
}
