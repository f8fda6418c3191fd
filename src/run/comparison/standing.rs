//! Which runs can be compared with each other, and under what conditions they
//! differ.

use super::DifferingCondition;
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::units::{plural, show_time_ns};
use serde_json::Value;

/// A run and what it can be compared with.
#[derive(Clone, Copy)]
pub(super) struct RunStanding<'a> {
    pub(super) run: &'a RunReport,
    /// Runs whose clients had the same to do for the same time, as far as
    /// that can be shown, have the same number. Others are not compared.
    pub(super) course: usize,
    /// Runs on a machine of the same kind have the same number. Times and
    /// prices of others are not compared.
    pub(super) machine: usize,
}

/// Numbers each run by the first one that it is like.
pub(super) fn standings(runs: &[RunReport]) -> Vec<RunStanding<'_>> {
    let standing = |(place, run): (usize, _)| {
        let first = |is_like: fn(&RunReport, &RunReport) -> bool| {
            let mut before = runs[..place].iter();
            before.position(|other| is_like(run, other)).unwrap_or(place)
        };
        let course = first(has_course_of);
        RunStanding { run, course, machine: first(has_machine_of) }
    };
    runs.iter().enumerate().map(standing).collect()
}

/// Whether it can be shown that clients had the same to do. Nothing is known
/// of clients that are not ours in a recording.
fn has_course_of(run: &RunReport, other: &RunReport) -> bool {
    let [one, two] = [run, other].map(|it| &it.conditions);
    let are_live = run.recording.is_none() && other.recording.is_none();
    let is_same = one.scenario_crc32.is_some()
        && (&one.scenario, one.scenario_crc32, one.duration_ns)
            == (&two.scenario, two.scenario_crc32, two.duration_ns);
    are_live || is_same
}

fn has_machine_of(run: &RunReport, other: &RunReport) -> bool {
    machine(&run.conditions) == machine(&other.conditions)
}

fn machine(it: &Conditions) -> String {
    let cores =
        it.cores.map_or("cores not known".into(), |it| plural(it, "core"));
    format!("{} {}, {cores}", it.os, it.architecture)
}

/// Why some runs are not compared with each other.
pub(super) fn warnings(standings: &[RunStanding]) -> Vec<String> {
    let is_divided = |of: fn(&RunStanding) -> usize| {
        standings.iter().any(|it| of(it) != of(&standings[0]))
    };
    let each = |of: fn(&Conditions) -> String| {
        let each = standings
            .iter()
            .map(|it| format!("{}: {}", it.run.name, of(&it.run.conditions)));
        each.collect::<Vec<_>>().join("; ")
    };
    let mut warnings = Vec::new();
    if is_divided(|it| it.course) {
        let each = each(|it| match it.duration_ns {
            Some(ns) => format!("{} for {}", scenario(it), show_time_ns(ns)),
            None => scenario(it),
        });
        warnings.push(format!(
            "Not all clients had the same to do ({each}), as far as can be \
             shown: the figures of such runs stand side by side, but are not \
             compared."
        ));
    }
    if is_divided(|it| it.machine) {
        warnings.push(format!(
            "Not all ran on the same kind of machine ({}): their times and \
             their CPU time are not compared.",
            each(machine)
        ));
    }
    warnings
}

fn scenario(it: &Conditions) -> String {
    it.scenario.clone().unwrap_or_else(|| "none".into())
}

/// The conditions that are not the same for all runs; the options of the
/// server by their names on the command line.
pub(super) fn differences(runs: &[RunReport]) -> Vec<DifferingCondition> {
    let all: Vec<_> = runs.iter().map(|it| conditions(runs, it)).collect();
    let names = all.first().into_iter().flatten().map(|(name, _)| name);
    let row = |(place, name): (usize, &String)| DifferingCondition {
        name: name.clone(),
        values: all.iter().map(|it| it[place].1.clone()).collect(),
    };
    let rows = names.enumerate().map(row);
    let differs = |row: &DifferingCondition| {
        row.values.iter().any(|it| *it != row.values[0])
    };
    rows.filter(differs).collect()
}

/// All conditions of a run, by their names: the same for every run, and in
/// the same order.
fn conditions(runs: &[RunReport], run: &RunReport) -> Vec<(String, String)> {
    let it = &run.conditions;
    let unknown = || "not known".to_owned();
    let at_once = match it.beside.len() {
        0 | 1 => "alone".into(),
        modes => format!("{modes} modes"),
    };
    let whose = if it.clients_apart { "another" } else { "the same" };
    let duration = it.duration_ns.map_or("none".into(), show_time_ns);
    let known = [
        ("scenario", scenario_and_text(runs, it)),
        ("sockscope", it.sockscope_version.clone()),
        ("system", it.os.clone()),
        ("kernel", it.kernel.clone().unwrap_or_else(unknown)),
        ("architecture", it.architecture.clone()),
        ("cores", it.cores.map_or_else(unknown, |it| it.to_string())),
        ("at once", at_once),
        ("clients", format!("in {whose} process")),
        ("--duration", duration),
    ];
    let known = known.map(|(name, value)| (name.to_owned(), value));
    let options = serde_json::to_value(it.server.unwrap_or_default());
    let options = options.ok().and_then(|it| it.as_object().cloned());
    let option = |(name, value): (String, Value)| {
        let value = match value {
            Value::Null => "none".into(),
            Value::String(text) => text,
            value => value.to_string(),
        };
        (format!("--{name}"), value)
    };
    let options = options.unwrap_or_default().into_iter().map(option);
    known.into_iter().chain(options).collect()
}

/// The scenario's name, marked if its text is not that of the first one with
/// this name.
fn scenario_and_text(runs: &[RunReport], it: &Conditions) -> String {
    let mut all = runs.iter().map(|run| &run.conditions);
    let first = all.find(|first| first.scenario == it.scenario);
    let is_same =
        first.is_none_or(|first| first.scenario_crc32 == it.scenario_crc32);
    let mark = if is_same { "" } else { ", another text" };
    format!("{}{mark}", scenario(it))
}
