//! The result of `bench` as JSON, and the schema of that.

use crate::measure::{
    Baseline, BenchResult, Change, Figure, Ranking, Verdict, findings, rankings,
};
use crate::report::{Error, FindingRow};
use schemars::JsonSchema;
use serde::Serialize;

/// The samples as measured, and what is derived from them. Whoever reads the
/// result back needs the former alone.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BenchReport")]
struct Told<'a> {
    #[serde(flatten)]
    result: &'a BenchResult,
    /// Derived: the median of each figure of each server.
    summary: Vec<SummaryRow<'a>>,
    /// Derived: the best server of each figure against each other one.
    comparisons: Vec<ComparisonRow>,
    /// Derived: what changed since an earlier result; missing without one.
    baseline: Option<BaselineRow<'a>>,
    /// Derived: what is to be known before figures are believed.
    findings: Vec<FindingRow>,
}

/// A figure of a server over all rounds.
#[derive(Serialize, JsonSchema)]
struct SummaryRow<'a> {
    /// The server.
    subject: &'a str,
    /// The figure; its name ends in its unit.
    figure: &'static str,
    /// The unit of the values.
    unit: &'static str,
    /// The median of the rounds; missing if it is not known.
    median: Option<f64>,
    /// The lower end of its 95 % interval.
    low: Option<f64>,
    /// The upper end of its 95 % interval.
    high: Option<f64>,
    /// The smallest value of a round.
    min: Option<f64>,
    /// The largest value of a round.
    max: Option<f64>,
    /// In how many rounds it is known. With fewer than six the interval is
    /// all that was seen.
    n: usize,
    /// Whether it is only known to be at least so large: too many messages
    /// that were due had no echo at the end of a window.
    at_least: bool,
    /// Why it is not known, if it is not.
    unknown: Option<&'static str>,
}

/// The best server against another one.
#[derive(Serialize, JsonSchema)]
struct ComparisonRow {
    /// The figure.
    figure: &'static str,
    /// The server that does best.
    best: String,
    /// The other one.
    subject: String,
    /// How many times better the best one is: the median of the rounds.
    ratio: f64,
    /// The lower end of its 95 % interval.
    low: f64,
    /// The upper end of its 95 % interval.
    high: f64,
    /// How many rounds both have.
    n: usize,
    /// What can be said of it.
    verdict: Verdict,
}

/// A result against an earlier one.
#[derive(Serialize, JsonSchema)]
struct BaselineRow<'a> {
    /// When the earlier one began; RFC 3339, UTC.
    started_at: &'a str,
    /// The version of sockscope that measured it.
    version: &'a str,
    /// A row a server and figure that both have.
    changes: Vec<ChangeRow<'a>>,
    /// What the clients or the conditions had different, in words.
    different_conditions: Vec<String>,
    /// Servers that only the earlier result has.
    only_before: &'a [String],
    /// Servers that only the later result has.
    only_now: &'a [String],
}

/// A figure of a server, then and now.
#[derive(Serialize, JsonSchema)]
struct ChangeRow<'a> {
    /// The server.
    subject: &'a str,
    /// The figure; its name ends in its unit.
    figure: &'static str,
    /// The median then.
    before: f64,
    /// The median now.
    now: f64,
    /// How many times what it was it is now.
    ratio: f64,
    /// The lower end of its 95 % interval.
    low: f64,
    /// The upper end of its 95 % interval.
    high: f64,
    /// What can be said of it.
    verdict: Verdict,
}

/// The result as JSON, indented, with a line end after it: the fields of
/// [`BenchResult`], and beside them what is derived.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn json(
    result: &BenchResult,
    before: Option<&Baseline>,
) -> Result<String, Error> {
    let finding = |it: &crate::measure::Finding| FindingRow {
        observation: it.observation(),
        advice: it.advice().into(),
    };
    let told = Told {
        result,
        summary: summary(result),
        comparisons: rankings(result).iter().flat_map(comparisons).collect(),
        baseline: before.map(BaselineRow::of),
        findings: findings(result).iter().map(finding).collect(),
    };
    Ok(serde_json::to_string_pretty(&told)? + "\n")
}

/// The JSON Schema of [`json`], version
/// [`measure::SCHEMA_VERSION`](crate::measure::SCHEMA_VERSION).
///
/// # Errors
/// As [`json`].
pub fn schema() -> Result<String, Error> {
    let schema = schemars::schema_for!(Told<'_>);
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}

fn summary(result: &BenchResult) -> Vec<SummaryRow<'_>> {
    let workload = &result.workload;
    let of_subject = |subject| {
        let row = move |figure| SummaryRow::of(subject, figure, workload);
        Figure::ALL.into_iter().map(row)
    };
    result.subjects.iter().flat_map(of_subject).collect()
}

impl<'a> SummaryRow<'a> {
    fn of(
        subject: &'a crate::measure::SubjectResult,
        figure: Figure,
        workload: &crate::measure::Workload,
    ) -> Self {
        let spread = subject.spread(figure, workload);
        let unknown = subject.unknown(figure, workload);
        Self {
            subject: &subject.name,
            figure: figure.field(),
            unit: figure.unit(),
            median: spread.map(|it| it.median),
            low: spread.map(|it| it.low),
            high: spread.map(|it| it.high),
            min: spread.map(|it| it.min),
            max: spread.map(|it| it.max),
            n: spread.map_or(0, |it| it.n),
            at_least: subject.is_at_least(figure, workload),
            unknown: unknown.map(|it| it.words(&subject.kind)),
        }
    }
}

fn comparisons(ranking: &Ranking) -> Vec<ComparisonRow> {
    let row = |against: &crate::measure::Against| {
        let spread = against.ratio.0;
        ComparisonRow {
            figure: ranking.figure.field(),
            best: ranking.best.clone(),
            subject: against.subject.clone(),
            ratio: spread.median,
            low: spread.low,
            high: spread.high,
            n: spread.n,
            verdict: against.verdict,
        }
    };
    ranking.against.iter().map(row).collect()
}

impl<'a> BaselineRow<'a> {
    fn of(before: &'a Baseline) -> Self {
        let words = crate::measure::Condition::words;
        Self {
            started_at: &before.started_at,
            version: &before.version,
            changes: before.changes.iter().map(ChangeRow::of).collect(),
            different_conditions: before.conditions.iter().map(words).collect(),
            only_before: &before.only_before,
            only_now: &before.only_now,
        }
    }
}

impl<'a> ChangeRow<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            subject: &change.subject,
            figure: change.figure.field(),
            before: change.before.median,
            now: change.now.median,
            ratio: change.ratio.ratio,
            low: change.ratio.low,
            high: change.ratio.high,
            verdict: change.verdict,
        }
    }
}
