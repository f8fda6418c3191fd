//! A comparison of several runs: the figures that differ, and verdicts.

mod figures;
#[cfg(test)]
mod tests;
mod verdict;

use super::conditions::Conditions;
use super::report::RunReport;
use crate::units::{plural, show_time_ns};
use itertools::Itertools as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The differences between runs, and a verdict on each run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The names of the runs, in the order of all values below.
    pub names: Vec<String>,
    /// Why some of the runs are not compared with each other.
    pub warnings: Vec<String>,
    /// The conditions that were not the same for all runs.
    pub differences: Vec<DifferingCondition>,
    /// The figures that differ: first what clients notice, then what they got,
    /// what it cost, and reasons.
    pub figures: Vec<DifferingFigure>,
    /// One sentence for each run; empty before all are over.
    pub verdict: Vec<String>,
}

/// A condition that was not the same for all runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferingCondition {
    /// What it concerns: `cores`, `--max-connections`.
    pub name: String,
    /// Its value in each run.
    pub values: Vec<String>,
}

/// A figure in which runs differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DifferingFigure {
    /// Its name, which ends in its unit; without a unit it is a count or a
    /// ratio.
    pub name: String,
    /// The name for people, without a unit.
    pub title: String,
    /// Its value in each run.
    pub values: Vec<FigureValue>,
}

/// A figure of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureValue {
    /// The value; missing if the run has none, or it is not known.
    pub value: Option<f64>,
    /// The value for people, with its unit; `—` if it is missing.
    pub words: String,
    /// The value as a part of the largest one, from 0 to 1.
    pub share: Option<f32>,
}

/// Compares runs, during or after them.
pub fn compare(runs: &[RunReport]) -> Comparison {
    Comparison {
        names: runs.iter().map(|run| run.name.clone()).collect(),
        warnings: warnings(runs),
        differences: differences(runs),
        figures: figures::differing(runs),
        verdict: verdict::verdict(runs),
    }
}

/// Whether the clients of two runs demonstrably had the same to do for the same
/// time. Live runs always have; recorded ones only if their scenario is known.
fn has_same_course(run: &RunReport, other: &RunReport) -> bool {
    let [one, two] = [run, other].map(|it| &it.conditions);
    let are_live = run.recording.is_none() && other.recording.is_none();
    let is_same = one.scenario_crc32.is_some()
        && (&one.scenario, one.scenario_crc32, one.duration_ns)
            == (&two.scenario, two.scenario_crc32, two.duration_ns);
    are_live || is_same
}

/// Whether the times and CPU times of two runs can be compared.
fn is_on_like_machine(run: &RunReport, other: &RunReport) -> bool {
    machine(&run.conditions) == machine(&other.conditions)
}

fn machine(it: &Conditions) -> String {
    let cores =
        it.cores.map_or("cores not known".into(), |it| plural(it, "core"));
    format!("{} {}, {cores}", it.os, it.architecture)
}

fn scenario(it: &Conditions) -> &str {
    it.scenario.as_deref().unwrap_or("none")
}

/// Why some runs are not compared with each other.
fn warnings(runs: &[RunReport]) -> Vec<String> {
    let each = |of: fn(&Conditions) -> String| {
        let each = runs.iter();
        each.map(|it| format!("{}: {}", it.name, of(&it.conditions))).join("; ")
    };
    let mut warnings = Vec::new();
    let mut pairs = runs.iter().tuple_windows();
    if !pairs.clone().all(|(one, two)| has_same_course(one, two)) {
        let each = each(|it| match it.duration_ns {
            Some(ns) => format!("{} for {}", scenario(it), show_time_ns(ns)),
            None => scenario(it).into(),
        });
        warnings.push(format!(
            "Not all clients had the same to do ({each}), as far as can be \
             shown: the figures of such runs stand side by side, but are not \
             compared."
        ));
    }
    if !pairs.all(|(one, two)| is_on_like_machine(one, two)) {
        warnings.push(format!(
            "Not all ran on the same kind of machine ({}): their times and \
             their CPU time are not compared.",
            each(machine)
        ));
    }
    warnings
}

/// The conditions that are not the same for all runs; server options are named
/// as on the command line.
fn differences(runs: &[RunReport]) -> Vec<DifferingCondition> {
    let all = runs.iter().map(|it| conditions(runs, &it.conditions));
    let all = all.collect_vec();
    let names = all.first().into_iter().flatten().map(|it| it.0.clone());
    let rows = names.enumerate().map(|(place, name)| DifferingCondition {
        name,
        values: all.iter().map(|it| it[place].1.clone()).collect(),
    });
    rows.filter(|row| !row.values.iter().all_equal()).collect()
}

/// All conditions of a run by name: the same names in the same order for every
/// run.
fn conditions(runs: &[RunReport], it: &Conditions) -> Vec<(String, String)> {
    let mut others = runs.iter().map(|run| &run.conditions);
    let first = others.find(|other| other.scenario == it.scenario);
    let is_other_text =
        first.is_some_and(|first| first.scenario_crc32 != it.scenario_crc32);
    let mark = if is_other_text { ", another text" } else { "" };
    let unknown = || "not known".to_owned();
    let at_once = match it.beside.len() {
        0 | 1 => "alone".into(),
        modes => format!("{modes} modes"),
    };
    let whose = if it.clients_apart { "another" } else { "the same" };
    let known = [
        ("scenario", format!("{}{mark}", scenario(it))),
        ("sockscope", it.sockscope_version.clone()),
        ("system", it.os.clone()),
        ("kernel", it.kernel.clone().unwrap_or_else(unknown)),
        ("architecture", it.architecture.clone()),
        ("cores", it.cores.map_or_else(unknown, |it| it.to_string())),
        ("at once", at_once),
        ("clients", format!("in {whose} process")),
        ("--duration", it.duration_ns.map_or("none".into(), show_time_ns)),
    ];
    let known = known.map(|(name, value)| (name.to_owned(), value));
    let options = serde_json::to_value(it.server.unwrap_or_default());
    let options = options.ok().and_then(|it| it.as_object().cloned());
    let options = options.into_iter().flatten().map(|(name, value)| {
        let value = match value {
            Value::Null => "none".into(),
            Value::String(text) => text,
            value => value.to_string(),
        };
        (format!("--{name}"), value)
    });
    known.into_iter().chain(options).collect()
}
