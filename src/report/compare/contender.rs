//! Who was compared, and where it came from.

use crate::report::{Conditions, Report};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of one contender: a mode that ran, or the recording of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModeResult {
    /// What it is called in this report: the mode, or if several are of one
    /// mode, a recording's file or a number in addition.
    #[serde(default)]
    pub name: String,
    /// The mode.
    pub mode: String,
    /// Where it came from; missing if it was run for this comparison.
    #[serde(default)]
    pub recording: Option<RecordingRow>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// All that is known of its run; missing if it did not run, or is a
    /// recording that was not ended. CPU time of the server of one that ran
    /// for this comparison is what each of the server's threads read of
    /// itself; its peak memory is missing, as several servers share a
    /// process.
    pub report: Option<Report>,
}

/// A recording that was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingRow {
    /// Its file, as on the command line.
    pub file: String,
    /// When its run began, as RFC 3339 has it.
    pub started_at: String,
    /// Where it ends before its run did, and why, if so: its figures are
    /// those up to there.
    pub ended_early: Option<String>,
    /// The modes that ran at the same time in the same process, this one
    /// among them; none if it ran alone.
    pub beside: Vec<String>,
    /// Under what conditions it ran; missing if that cannot be read.
    pub conditions: Option<Conditions>,
}

/// A condition that was not the same for all contenders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConditionRow {
    /// What it is about: `cores`, `--max-connections`.
    pub name: String,
    /// What it was, a value a contender, in their order.
    pub values: Vec<String>,
}

impl ModeResult {
    /// Where it came from, in words, if it was not run for the comparison:
    /// `before: before.rec, selector recorded 2026-11-24 00:20:05 UTC by
    /// sockscope 0.1.0`.
    pub(super) fn origin(&self) -> Option<String> {
        let Self { name, mode, recording, .. } = self;
        let RecordingRow { file, started_at, ended_early, conditions, .. } =
            recording.as_ref()?;
        let mode = (name != mode).then(|| format!("{mode} "));
        let by = conditions.as_ref().map(|it| &it.sockscope_version);
        let by = by.map(|version| format!(" by sockscope {version}"));
        let early = ended_early.as_ref().map(|words| format!("; {words}"));
        Some(format!(
            "{name}: {file}, {}recorded {}{}{}",
            mode.unwrap_or_default(),
            moment(started_at),
            by.unwrap_or_default(),
            early.unwrap_or_default()
        ))
    }
}

/// A moment without its fractions of a second.
fn moment(rfc3339: &str) -> String {
    match rfc3339.split_at_checked(19) {
        Some((seconds, _)) if rfc3339.ends_with('Z') => {
            format!("{} UTC", seconds.replacen('T', " ", 1))
        }
        _ => rfc3339.to_owned(),
    }
}

impl ConditionRow {
    /// `cores: 2 in before, 8 in after`.
    pub(super) fn words(&self, modes: &[ModeResult]) -> String {
        let values = self.values.iter().zip(modes);
        let values = values.map(|(it, mode)| format!("{it} in {}", mode.name));
        format!("{}: {}", self.name, values.collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_no_fractions() {
        let told = moment("2026-11-24T00:20:05.123456789Z");
        assert_eq!(told, "2026-11-24 00:20:05 UTC");
        assert_eq!(moment("yesterday"), "yesterday");
    }
}
