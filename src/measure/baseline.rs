//! The comparison of a result with an earlier one.

use super::SCHEMA_VERSION;
use super::figure::Figure;
use super::result::{SweepPoint, SweepResult};
use super::statistics::{RatioVerdict, Shift, Spread};
use itertools::Itertools as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// The figures that are compared.
const COMPARED: [Figure; 5] =
    [Figure::Echoes, Figure::Cpu, Figure::P50, Figure::P99, Figure::Memory];

/// A change by less than this part is small, however certain it is.
pub const SMALL: f64 = 0.05;

/// Why a text cannot be used as a baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is not JSON, or not the JSON of a result.
    #[error("it is not a result of `sockscope bench -o FILE.json`")]
    NotAResult(#[from] serde_json::Error),
    /// It has another schema version than this program reads.
    #[error(
        "it has schema version {found}, this program reads {SCHEMA_VERSION}: \
         measure it anew with this program"
    )]
    OtherVersion {
        /// The schema version of the text.
        found: u32,
    },
    /// It is the result of a `sweep`, or has not exactly one point.
    #[error("it is the result of a `sweep`, not of a `bench`")]
    OfASweep,
}

/// Reads the JSON of an earlier `bench`. Derived figures in it are ignored:
/// they are computed again from the samples.
///
/// # Errors
/// When the text is not such JSON, or has another schema version.
pub fn parse_baseline(text: &str) -> Result<SweepResult, BaselineError> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let Versioned { schema_version: found } = serde_json::from_str(text)?;
    if found != SCHEMA_VERSION {
        return Err(BaselineError::OtherVersion { found });
    }
    let result: SweepResult = serde_json::from_str(text)?;
    if result.axis.is_some() || result.points.len() != 1 {
        return Err(BaselineError::OfASweep);
    }
    Ok(result)
}

/// How a bench differs from an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Baseline {
    /// When the earlier bench began; RFC 3339, UTC.
    pub started_at: String,
    /// The version of sockscope that measured the earlier bench.
    pub version: String,
    /// One change for each server and figure that both results have.
    pub changes: Vec<BaselineChange>,
    /// The differences in workload and conditions.
    pub conditions: Vec<Condition>,
    /// Servers that only the earlier result has.
    pub only_before: Vec<String>,
    /// Servers that only the later result has.
    pub only_now: Vec<String>,
}

/// One figure of one server in both results.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BaselineChange {
    /// The server's name.
    pub subject: String,
    /// The figure; its name ends in its unit.
    pub figure: Figure,
    /// The spread over the rounds of the earlier result.
    pub before: Spread,
    /// The spread over the rounds of the later result.
    pub now: Spread,
    /// The ratio of the later values to the earlier ones.
    #[serde(flatten)]
    pub ratio: Shift,
    /// Whether the two differ beyond the noise.
    pub verdict: RatioVerdict,
}

/// A condition that differs between the two results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// The name of its field in the result.
    pub field: String,
    /// Its value in the earlier result; `none` if it is missing.
    pub before: String,
    /// Its value in the later result; `none` if it is missing.
    pub now: String,
}

impl Baseline {
    /// Compares a bench with an earlier one.
    pub fn new(now: &SweepResult, before: &SweepResult) -> Self {
        let mut changes = Vec::new();
        for (this, that) in now.points.iter().zip(&before.points) {
            let figures = this.subjects.iter().cartesian_product(COMPARED);
            changes.extend(figures.filter_map(|(subject, figure)| {
                change(figure, &subject.name, this, that)
            }));
        }
        let missing = |here: &SweepResult, there: &SweepResult| {
            let there = there.names();
            let names = here.names().into_iter();
            names.filter(|it| !there.contains(it)).map(str::to_owned).collect()
        };
        Self {
            started_at: before.conditions.started_at.clone(),
            version: before.conditions.machine.sockscope_version.clone(),
            changes,
            conditions: conditions(now, before),
            only_before: missing(before, now),
            only_now: missing(now, before),
        }
    }
}

/// The change of a figure that is known exactly in both results.
fn change(
    figure: Figure,
    name: &str,
    now: &SweepPoint,
    before: &SweepPoint,
) -> Option<BaselineChange> {
    if [now, before].iter().any(|it| it.is_at_least(name, figure)) {
        return None;
    }
    let [now, before] = [now, before].map(|it| {
        it.values(name, figure).into_iter().map(|it| it.1).collect_vec()
    });
    let ratio = Shift::of(&now, &before)?;
    Some(BaselineChange {
        subject: name.to_owned(),
        figure,
        before: Spread::of(before)?,
        now: Spread::of(now)?,
        verdict: ratio.verdict(),
        ratio,
    })
}

impl BaselineChange {
    /// Whether the change is less than [`SMALL`], up or down.
    pub fn is_small(&self) -> bool {
        let ratio = self.ratio.ratio;
        ratio.max(1.0 / ratio) < 1.0 + SMALL
    }
}

impl Condition {
    /// In words: `clients: 10 then, 100 now`.
    pub fn words(&self) -> String {
        let Self { field, before, now } = self;
        format!("{field}: {before} then, {now} now")
    }
}

/// Those fields that should be equal for two results to be comparable, and are
/// not.
fn conditions(now: &SweepResult, before: &SweepResult) -> Vec<Condition> {
    let before = comparable(before);
    let now = comparable(now).into_iter();
    let different = now.filter(|(field, it)| before.get(field) != Some(it));
    let condition = |(field, now): (String, Value)| Condition {
        before: shown(before.get(&field)),
        now: shown(Some(&now)),
        field,
    };
    different.map(condition).collect()
}

fn comparable(result: &SweepResult) -> Map<String, Value> {
    let mut fields = Map::new();
    for part in [json!(result.workload), json!(result.conditions)] {
        fields.extend(part.as_object().cloned().unwrap_or_default());
    }
    for moment in
        ["started_at", "load_average", "command_line", "sockscope_version"]
    {
        fields.remove(moment);
    }
    fields.insert("pacing".into(), result.workload.pacing.words().into());
    fields
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "none".into(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
