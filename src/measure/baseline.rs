//! A result against an earlier one.

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

/// A change by less than this part is small, however sure it is.
pub const SMALL: f64 = 0.05;

/// Why a text is no earlier result.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is not JSON, or not that of a result.
    #[error("the baseline is not the JSON of a `bench` result")]
    NotAResult(#[from] serde_json::Error),
    /// It has another form than this program knows.
    #[error(
        "the baseline has schema version {found}, this program reads \
         {SCHEMA_VERSION}: measure it anew with this program"
    )]
    OtherVersion {
        /// The version of the text.
        found: u32,
    },
    /// It has several points.
    #[error("the baseline is the result of a `sweep`, not of a `bench`")]
    OfASweep,
}

/// Reads what an earlier `bench` wrote as JSON. Derived figures in it are
/// ignored: they are derived anew from the samples.
///
/// # Errors
/// When the text is no such JSON, or of another schema version.
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
    /// When the earlier one began; RFC 3339, UTC.
    pub started_at: String,
    /// The version of sockscope that measured it.
    pub version: String,
    /// A change a server and figure that both have.
    pub changes: Vec<BaselineChange>,
    /// What the clients or the conditions had different.
    pub conditions: Vec<Condition>,
    /// Servers that only the earlier result has.
    pub only_before: Vec<String>,
    /// Servers that only the later result has.
    pub only_now: Vec<String>,
}

/// One figure of one server, then and now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BaselineChange {
    /// The server.
    pub subject: String,
    /// The figure; its name ends in its unit.
    pub figure: Figure,
    /// Then.
    pub before: Spread,
    /// Now.
    pub now: Spread,
    /// The ratio of now to then.
    #[serde(flatten)]
    pub ratio: Shift,
    /// What can be said of it.
    pub verdict: RatioVerdict,
}

/// A condition that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// The name of its field in the result.
    pub field: String,
    /// Then.
    pub before: String,
    /// Now.
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

/// A change of a figure that is known exactly then and now.
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
    /// Whether it is less than [`SMALL`], up or down.
    pub fn is_small(&self) -> bool {
        let ratio = self.ratio.ratio;
        ratio.max(1.0 / ratio) < 1.0 + SMALL
    }
}

impl Condition {
    /// `clients: 10 then, 100 now`.
    pub fn words(&self) -> String {
        let Self { field, before, now } = self;
        format!("{field}: {before} then, {now} now")
    }
}

/// The fields of what must be alike for two results to be comparable, but
/// are not.
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
