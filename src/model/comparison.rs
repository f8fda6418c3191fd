//! Several modes on the same scenario, compared.

use super::{Figures, Finding};
use std::time::Duration;

/// What is known of one mode's run, while it lasts or at its end.
#[derive(Clone, Debug)]
pub struct Contender {
    /// The mode's name.
    pub mode: &'static str,
    /// How long it has run.
    pub run_time: Duration,
    /// Whether it is over.
    pub over: bool,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// The exact counters.
    pub figures: Figures,
    /// CPU time of its server; `None` where it cannot be told.
    pub cpu: Option<Duration>,
    /// How long its clients' echoes took; `None` without one.
    pub echo: Option<ContenderEchoes>,
    /// What is worth telling.
    pub findings: Vec<Finding>,
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
    /// The modes, in the order of the columns.
    pub modes: Vec<&'static str>,
    /// The figures that differ, most telling first.
    pub rows: Vec<Row>,
    /// What it means: sentences in plain words, made from findings and
    /// figures; only once all are over.
    pub verdict: Vec<String>,
}

/// One figure of every mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it counts, with its unit if it has one.
    pub title: &'static str,
    /// A cell a mode.
    pub cells: Vec<Cell>,
}

/// One figure of one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The value with its unit, or a dash where it is not known.
    pub words: String,
    /// The exact value, in the unit of the row's JSON name; `None` where it
    /// is not known.
    pub value: Option<f64>,
    /// Its part of the largest in the row, from 0 to 1, for a bar.
    pub share: Option<f32>,
}
