//! Several modes on the same scenario, compared.

mod answers;
mod rows;
#[cfg(test)]
mod tests;
mod verdict;

use crate::view::{Counters, Finding, Kind};
use std::collections::BTreeMap;
use std::time::Duration;

/// What is known of one mode's run, while it lasts or at its end.
#[derive(Clone, Debug)]
pub struct Contender {
    /// What it is called here, each by another name: that of its mode, where
    /// no other is of the same mode.
    pub name: String,
    /// The mode's name.
    pub mode: String,
    /// Whose clients had the same to do for the same time, as far as that can
    /// be shown, has the same number. Others are not held against each other.
    pub course: usize,
    /// Who ran on a machine of the same kind has the same number. Times and
    /// prices of others are not held against each other.
    pub machine: usize,
    /// Whose server had the same options has the same number.
    pub options: usize,
    /// How long it has run.
    pub run_time: Duration,
    /// Whether it is over.
    pub over: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// What was done to the run that its scenario does not know of, in words.
    pub interventions: Vec<String>,
    /// The first call of its mode's loop.
    pub loop_call: Kind,
    /// The exact counters.
    pub figures: Counters,
    /// CPU time of its server; `None` where it cannot be told.
    pub cpu: Option<Duration>,
    /// How often its threads made way for others; `None` where it cannot be
    /// told, and before its end.
    pub context_switches: Option<u64>,
    /// How long its clients' echoes took; `None` without one.
    pub echo: Option<ContenderEchoes>,
    /// What its clients had; none before their end, or without clients of
    /// ours.
    pub groups: Vec<ContenderGroup>,
    /// What is worth telling.
    pub findings: Vec<Finding>,
}

/// What one group of clients had in one mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContenderGroup {
    /// Its name, the same in every mode.
    pub name: String,
    /// What its clients got: the same in two modes if these are.
    pub answers: Answers,
    /// They go on for a time: how much they get is measured, not told.
    pub for_a_time: bool,
    /// When its first echo was complete, from the clients' start.
    pub first_echo: Option<Duration>,
    /// The longest time that an echo took.
    pub longest_echo: Option<Duration>,
    /// Where one client is served at a time: who was accepted before the
    /// client with that echo.
    pub behind: Option<Behind>,
}

/// What the clients of a group got, times aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many connected.
    pub connected: u64,
    /// Messages that came back whole.
    pub echoes: u64,
    /// Messages that did not, or were never sent.
    pub missing: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes that came back and differed from those sent.
    pub mismatches: u64,
    /// How many clients ended in which way.
    pub ends: BTreeMap<String, u64>,
}

/// Who was accepted before a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// How many clients.
    pub clients: u64,
    /// What the one is called, if it is only one and known.
    pub only: Option<String>,
}

/// How long echoes took, as the clients measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContenderEchoes {
    /// How many.
    pub count: u64,
    /// Half of them took at most so long.
    pub p50: Duration,
    /// 99 % of them took at most so long.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

/// The figures that differ, and what they mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What the contenders are called, in the order of the columns.
    pub names: Vec<String>,
    /// The figures that differ, most telling first.
    pub rows: Vec<Row>,
    /// What it means: sentences in plain words, made from findings and
    /// figures; only once all are over.
    pub verdict: Vec<String>,
}

/// One figure of every mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name in machine-readable reports, with its unit: `cpu_time_ns`.
    pub name: &'static str,
    /// What it counts, for people.
    pub title: &'static str,
    /// A cell a mode.
    pub cells: Vec<Cell>,
}

/// One figure of one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The value with its unit, or a dash where it is not known.
    pub words: String,
    /// The exact value, in the unit that the row's name ends with; `None` where it
    /// is not known.
    pub value: Option<f64>,
    /// Its part of the largest in the row, from 0 to 1, for a bar.
    pub share: Option<f32>,
}

/// The figures in which the modes differ, and, once all are over, what they
/// mean.
#[must_use]
pub fn compare(contenders: &[Contender]) -> Comparison {
    Comparison {
        names: contenders.iter().map(|it| it.name.clone()).collect(),
        rows: rows::rows(contenders),
        verdict: verdict::verdict(contenders),
    }
}
