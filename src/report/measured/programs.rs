//! A measurement for other programs: JSON, CSV and HDR histograms.

use super::MeasureReport;
use super::words::alerts;
use crate::load::steady::Rhythm;
use crate::measure::{
    Baseline, Caution, Figure, Ranking, Spread, SubjectResult, SweepResult,
    TroubledRound, cautions, rankings,
};
use crate::report::machine_readable::{Sheet, finished};
use crate::report::{ReportError, to_json};
use crate::text::{clean, foreign};
use crate::units::ratio;
use hdrhistogram::Histogram;
use itertools::Itertools as _;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write as _;

/// Rows for each halving of the distance to 100 %, as `HdrHistogram` and most
/// tools that write this format have.
const TICKS: u32 = 5;

/// The significant digits of histograms, as many as the clients record.
const DIGITS: u8 = 3;

/// The samples as measured, and the figures derived from them.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "MeasureReport")]
struct MeasureJson<'a> {
    #[serde(flatten)]
    result: &'a SweepResult,
    /// The figures derived from the samples, in the order of `points`.
    derived: Vec<DerivedPoint<'a>>,
    /// What changed since an earlier result; null without one.
    baseline: Option<&'a Baseline>,
}

/// The figures derived from the samples of a point.
#[derive(Serialize, JsonSchema)]
struct DerivedPoint<'a> {
    /// The axis's value; null in a bench.
    value: Option<u32>,
    /// One row per server and figure.
    summary: Vec<FigureSummary<'a>>,
    /// The best server of each figure compared with each other one.
    comparisons: Vec<Ranking>,
    /// What limits the trust in the figures, gravest first.
    findings: Vec<Caution>,
}

/// A figure of a server over all rounds.
#[derive(Serialize, JsonSchema)]
struct FigureSummary<'a> {
    /// The name of the server.
    subject: &'a str,
    /// The figure; its name ends in its unit.
    figure: Figure,
    /// The unit of the values.
    unit: &'static str,
    /// The median of the rounds and its 95 % interval; missing if it is not
    /// known. With fewer than six rounds the interval is their whole range.
    #[serde(flatten)]
    spread: Option<Spread>,
    /// Whether the value is only a lower bound: too many messages that were
    /// due had no echo at the end of a window.
    at_least: bool,
    /// Why the figure is not known; null if it is known.
    unknown: Option<&'static str>,
}

/// The JSON Schema of [`MeasureReport::to_json`].
///
/// # Errors
/// As [`to_json`].
pub fn measure_schema() -> Result<String, ReportError> {
    crate::report::schema_of::<MeasureJson<'_>>()
}

/// The columns of a measurement as CSV.
pub const MEASURE_COLUMNS: &str =
    "axis,axis_value,subject,round,figure,unit,value";

impl MeasureReport {
    /// The result as JSON, with the figures derived from it.
    ///
    /// # Errors
    /// As [`to_json`].
    pub fn to_json(&self) -> Result<String, ReportError> {
        let result = &self.result;
        let derived = result.points.iter().map(|point| {
            let cells = point.subjects.iter().cartesian_product(Figure::all());
            let summary = cells.map(|(subject, figure)| FigureSummary {
                subject: &subject.name,
                figure,
                unit: figure.unit(),
                spread: point.spread(&subject.name, figure),
                at_least: point.is_at_least(&subject.name, figure),
                unknown: point.unknown(&subject.name, figure),
            });
            DerivedPoint {
                value: point.value,
                summary: summary.collect(),
                comparisons: rankings(point),
                findings: cautions(result, point),
            }
        });
        let (derived, baseline) = (derived.collect(), self.baseline.as_ref());
        to_json(&MeasureJson { result, derived, baseline })
    }

    /// The samples as CSV, one row per server, round and figure. The axis and
    /// its value are empty in a bench, and so is a value that is not known.
    /// Interruptions, failures and rounds that are left out come first, in rows
    /// whose figure is `interrupted`, `failed` or `clients_in_trouble`.
    ///
    /// # Errors
    /// If writing fails, which does not happen for plain values.
    pub fn to_csv(&self) -> Result<String, ReportError> {
        let mut sheet = Sheet::from_writer(Vec::new());
        sheet.write_record(MEASURE_COLUMNS.split(','))?;
        let axis = self.result.axis.map_or("", |it| it.name());
        if self.result.interrupted {
            sheet.write_record([axis, "", "", "", "interrupted", "", ""])?;
        }
        let mut samples = Vec::new();
        for point in &self.result.points {
            let place = point.value.map_or(String::new(), |it| it.to_string());
            for subject in &point.subjects {
                let name = foreign::csv(&subject.name);
                if let Some(why) = subject.failure.as_deref() {
                    let why = foreign::csv(why);
                    let row = [axis, &place, &name, "", "failed", "", &why];
                    sheet.write_record(row)?;
                }
                for TroubledRound { round, trouble } in &subject.troubles {
                    let (round, why) = (round.to_string(), trouble.words());
                    let kind = "clients_in_trouble";
                    let row = [axis, &place, &name, &round, kind, "", &why];
                    sheet.write_record(row)?;
                }
                let all = subject.samples.iter();
                for (sample, figure) in all.cartesian_product(Figure::all()) {
                    let value = figure.read(sample, &point.workload);
                    samples.push([
                        axis.to_owned(),
                        place.clone(),
                        name.clone(),
                        sample.round.to_string(),
                        figure.field().into(),
                        figure.unit().into(),
                        value.map_or(String::new(), |it| it.to_string()),
                    ]);
                }
            }
        }
        samples.iter().try_for_each(|row| sheet.write_record(row))?;
        finished(sheet)
    }

    /// The echo times of a server in all rounds of a bench by percentile, in
    /// microseconds: the format of `outputPercentileDistribution` of
    /// `HdrHistogram` (`.hgrm`). The first lines name what is missing from the
    /// result, the server and the unit; readers skip lines that begin with
    /// `#`.
    pub fn to_hgrm(&self, subject: usize) -> String {
        let mut text = String::new();
        for alert in alerts(&self.result) {
            text.extend(["#[sockscope: ", &clean(&alert), "]\n"]);
        }
        let subjects = self.result.points.first().map(|it| &it.subjects);
        if let Some(subject) = subjects.and_then(|it| it.get(subject)) {
            let kind = match self.result.workload.pacing {
                Rhythm::Closed => "service times (closed loop)",
                Rhythm::Open { .. } => "response times (open loop)",
            };
            let name = clean(&subject.name);
            let head = format!("{kind} of {name}, all rounds, in microseconds");
            text.extend(["#[sockscope: ", &head, "]\n"]);
            text += &percentiles(subject);
        }
        text
    }
}

/// The percentiles of the echo times, with a row each time the next one is
/// reached, and a footer. Without an echo there is neither: the mean of nothing
/// is no number.
fn percentiles(subject: &SubjectResult) -> String {
    if subject.echo_times.is_empty() {
        return "#[sockscope: no echo time was measured]\n".into();
    }
    let most = subject.echo_times.last().map_or(0, |it| it.0).max(2);
    #[expect(clippy::expect_used, reason = "1 to 2 and more, 3 digits")]
    let mut times = Histogram::<u64>::new_with_bounds(1, most, DIGITS)
        .expect("valid bounds");
    for (time, count) in &subject.echo_times {
        times.saturating_record_n((*time).max(1), *count);
    }
    let us = |ns: u64| ratio(ns, 1_000);
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut count = 0;
    for row in times.iter_quantiles(TICKS) {
        count += row.count_since_last_iteration();
        let (value, quantile) =
            (us(row.value_iterated_to()), row.quantile_iterated_to());
        let _ = write!(text, "{value:12.3} {quantile:2.12} {count:10}");
        if quantile < 1.0 {
            let _ = write!(text, " {:14.2}", 1.0 / (1.0 - quantile));
        }
        text.push('\n');
    }
    let (mean, deviation) = (times.mean() / 1e3, times.stdev() / 1e3);
    let _ = writeln!(
        text,
        "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]\n\
         #[Max     = {:12.3}, Total count    = {:12}]\n\
         #[Buckets = {:12}, SubBuckets     = {:12}]",
        us(times.max()),
        times.len(),
        times.buckets(),
        (2 * 10_u64.pow(DIGITS.into())).next_power_of_two(),
    );
    text
}
