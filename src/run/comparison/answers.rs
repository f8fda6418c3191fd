//! What clients got in one mode and in another, times aside.
//!
//! That two modes gave the same answers is said only if their clients
//! connected, got, missed and ended alike.

use super::figures::APART;
use crate::load::Ends;
use crate::run::report::{GroupReport, RunReport};
use crate::units::show_count;

/// Whether clients of ours got the same in both.
pub(super) fn got_the_same(it: &RunReport, other: &RunReport) -> bool {
    let known = !it.groups().is_empty() && !other.groups().is_empty();
    known && differences(it, other).is_empty()
}

/// That nothing differs but, where the clock ends what clients do, how much
/// they got.
pub(super) fn same_answers(it: &RunReport, other: &RunReport) -> String {
    if are_equal(it, other) {
        return format!("same answers as {}", other.name);
    }
    format!("about as many echoes as {}", other.name)
}

/// The same, as an end of a sentence.
pub(super) fn same_as_in(it: &RunReport, other: &RunReport) -> String {
    if are_equal(it, other) {
        return format!("same answers as in {}", other.name);
    }
    format!("right answers, about as many as in {}", other.name)
}

fn are_equal(it: &RunReport, other: &RunReport) -> bool {
    pairs(it, other).all(|(group, same)| {
        let counts = RIGHT.iter().chain(&MUCH);
        let mut counts = counts.map(|(count, _)| count);
        counts.all(|count| count(group) == count(same))
            && group.result.ends == same.result.ends
    })
}

/// The groups of one mode with the same in another.
fn pairs<'a>(
    it: &'a RunReport,
    other: &'a RunReport,
) -> impl Iterator<Item = (&'a GroupReport, &'a GroupReport)> {
    it.groups().iter().filter_map(|group| {
        let same = other.group(&group.result.name)?;
        Some((group, same))
    })
}

/// In what the clients' answers differ, a clause a group; how they ended
/// comes last.
pub(super) fn differences(it: &RunReport, other: &RunReport) -> Vec<String> {
    let pairs = pairs(it, other);
    let mut differing: Vec<_> = pairs
        .filter_map(|(group, same)| Some((differs(group, same)?, group, same)))
        .collect();
    differing.sort_by_key(|(in_what, ..)| matches!(in_what, InWhat::Ends));
    let words = |(in_what, group, same): (InWhat, &GroupReport, _)| {
        let same: &GroupReport = same;
        let [own, theirs] = [group, same].map(|it| in_what.words(it));
        let theirs = if theirs.starts_with("no ") { "none" } else { &theirs };
        let name = &group.result.name;
        let time = if group.is_timed { " in the same time" } else { "" };
        format!("{name}: {own} (in {} {theirs}{time})", other.name)
    };
    differing.into_iter().map(words).collect()
}

/// One count of the answers.
type Of = fn(&GroupReport) -> u64;

/// In what two answers differ.
enum InWhat {
    Count(Of, &'static str),
    Ends,
}

impl InWhat {
    fn words(&self, group: &GroupReport) -> String {
        match self {
            Self::Count(of, what) => plural(of(group), what),
            Self::Ends => ends(&group.result.ends),
        }
    }
}

/// What must be the same, whatever the clock says.
const RIGHT: [(Of, &str); 3] = [
    (|it| it.result.mismatches, "wrong byte"),
    (|it| it.result.connected, "connection"),
    (GroupReport::missing_echoes, "missing echo"),
];

/// How much there was.
const MUCH: [(Of, &str); 3] = [
    (|it| it.result.echoes, "echo"),
    (|it| it.result.bytes_in, "byte back"),
    (|it| it.result.bytes_out, "byte sent"),
];

/// The first thing in which the answers differ, if they do. How much those
/// get that go on for a time is measured, and differs like all that is.
fn differs(group: &GroupReport, same: &GroupReport) -> Option<InWhat> {
    let measured = group.is_timed || same.is_timed;
    let unlike = |(of, _): &&(Of, &str)| of(group) != of(same);
    let apart = |(of, _): &&(Of, &str)| {
        let (own, theirs) = (of(group), of(same));
        !measured || is_apart(own.max(theirs), own.min(theirs))
    };
    let right = RIGHT.iter().find(unlike);
    let much = || MUCH.iter().filter(unlike).find(apart);
    match right.or_else(much) {
        Some((of, what)) => Some(InWhat::Count(*of, what)),
        None => (group.result.ends != same.result.ends).then_some(InWhat::Ends),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are more than enough for a ratio"
)]
fn is_apart(more: u64, less: u64) -> bool {
    more as f64 >= APART * less as f64
}

fn plural(n: u64, what: &str) -> String {
    let (first, rest) = what.split_once(' ').unwrap_or((what, ""));
    let what = match (n, what) {
        (1, _) => what.to_owned(),
        (_, "byte back" | "byte sent") => format!("{first}s {rest}"),
        (_, "echo" | "missing echo") => format!("{what}es"),
        _ => format!("{what}s"),
    };
    match n {
        0 => format!("no {what}"),
        n => format!("{} {what}", show_count(n)),
    }
}

/// How they ended: `1 saw the end of file, 2 were reset`.
fn ends(ends: &Ends) -> String {
    let ends = ends.named().map(|(end, n)| {
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
