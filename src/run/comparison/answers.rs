//! What clients got in one mode and in another, times aside.
//!
//! That two modes gave the same answers is said only if their clients
//! connected, got, missed and ended alike.

use super::rows::APART;
use super::{Answers, Contender, ContenderGroup};
use crate::units::show_count;

/// Whether clients of ours got the same in both.
pub(super) fn got_the_same(it: &Contender, other: &Contender) -> bool {
    let known = !it.groups.is_empty() && !other.groups.is_empty();
    known && differences(it, other).is_empty()
}

/// That nothing differs but, where the clock ends what clients do, how much
/// they got.
pub(super) fn same_answers(it: &Contender, other: &Contender) -> String {
    if are_equal(it, other) {
        return format!("same answers as {}", other.name);
    }
    format!("about as many echoes as {}", other.name)
}

/// The same, as an end of a sentence.
pub(super) fn same_as_in(it: &Contender, other: &Contender) -> String {
    if are_equal(it, other) {
        return format!("same answers as in {}", other.name);
    }
    format!("right answers, about as many as in {}", other.name)
}

fn are_equal(it: &Contender, other: &Contender) -> bool {
    pairs(it, other).all(|(group, same)| group.answers == same.answers)
}

/// The groups of one mode with the same in another.
fn pairs<'a>(
    it: &'a Contender,
    other: &'a Contender,
) -> impl Iterator<Item = (&'a ContenderGroup, &'a ContenderGroup)> {
    it.groups.iter().filter_map(|group| {
        let same = other.groups.iter().find(|it| it.name == group.name)?;
        Some((group, same))
    })
}

/// In what the clients' answers differ, a clause a group; how they ended
/// comes last.
pub(super) fn differences(it: &Contender, other: &Contender) -> Vec<String> {
    let pairs = pairs(it, other);
    let mut differing: Vec<_> = pairs
        .filter_map(|(group, same)| Some((differs(group, same)?, group, same)))
        .collect();
    differing.sort_by_key(|(in_what, ..)| matches!(in_what, InWhat::Ends));
    let words = |(in_what, group, same): (InWhat, &ContenderGroup, _)| {
        let same: &ContenderGroup = same;
        let [own, theirs] = [group, same].map(|it| in_what.words(&it.answers));
        let theirs = if theirs.starts_with("no ") { "none" } else { &theirs };
        let name = &group.name;
        let time = if group.for_a_time { " in the same time" } else { "" };
        format!("{name}: {own} (in {} {theirs}{time})", other.name)
    };
    differing.into_iter().map(words).collect()
}

/// One count of the answers.
type Of = fn(&Answers) -> u64;

/// In what two answers differ.
enum InWhat {
    Count(Of, &'static str),
    Ends,
}

impl InWhat {
    fn words(&self, answers: &Answers) -> String {
        match self {
            Self::Count(of, what) => plural(of(answers), what),
            Self::Ends => ends(answers),
        }
    }
}

/// What must be the same, whatever the clock says.
const RIGHT: [(Of, &str); 3] = [
    (|it| it.mismatches, "wrong byte"),
    (|it| it.connected, "connection"),
    (|it| it.missing, "missing echo"),
];

/// How much there was.
const MUCH: [(Of, &str); 3] = [
    (|it| it.echoes, "echo"),
    (|it| it.bytes_in, "byte back"),
    (|it| it.bytes_out, "byte sent"),
];

/// The first thing in which the answers differ, if they do. How much those
/// get that go on for a time is measured, and differs like all that is.
fn differs(group: &ContenderGroup, same: &ContenderGroup) -> Option<InWhat> {
    let (own, theirs) = (&group.answers, &same.answers);
    let measured = group.for_a_time || same.for_a_time;
    let unlike = |(of, _): &&(Of, &str)| of(own) != of(theirs);
    let apart = |(of, _): &&(Of, &str)| {
        let (own, theirs) = (of(own), of(theirs));
        !measured || is_apart(own.max(theirs), own.min(theirs))
    };
    let right = RIGHT.iter().find(unlike);
    let much = || MUCH.iter().filter(unlike).find(apart);
    match right.or_else(much) {
        Some((of, what)) => Some(InWhat::Count(*of, what)),
        None => (own.ends != theirs.ends).then_some(InWhat::Ends),
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
fn ends(answers: &Answers) -> String {
    let ends = answers.ends.iter().map(|(end, n)| {
        let was = if *n == 1 { "was" } else { "were" };
        let how = match end.as_str() {
            "end of file" => "saw the end of file".into(),
            "mismatch" => "left at a wrong byte".into(),
            "reset" | "refused" => format!("{was} {end}"),
            other => other.to_owned(),
        };
        format!("{} {how}", show_count(*n))
    });
    let ends = ends.collect::<Vec<_>>().join(", ");
    if ends.is_empty() { "none ended".into() } else { ends }
}
