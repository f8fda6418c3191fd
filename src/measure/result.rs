//! What a measurement found: samples as measured, nothing derived from them.

use crate::load::steady::{SteadyResult, Workload};
use crate::measure::SweepAxis;
use crate::modes::Mode;
use crate::probe::Class;
use crate::system::cores;
use crate::system::group::ProcessUsage;
use crate::system::machine::{self, Machine};
use itertools::Itertools as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

/// What came out of `bench` or `sweep`. Medians, ratios, verdicts and
/// crossings are derived from it whenever they are reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepResult {
    /// The version of this form.
    pub schema_version: u32,
    /// Under which conditions.
    pub conditions: SweepConditions,
    /// What the clients did; at each point the axis has another value.
    pub workload: Workload,
    /// What differs from point to point; null in a bench, which has one.
    pub axis: Option<SweepAxis>,
    /// How many rounds were planned.
    pub rounds: u32,
    /// Whether the user ended it before all rounds were over.
    pub interrupted: bool,
    /// The points, by rising values.
    pub points: Vec<SweepPoint>,
}

/// The conditions of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepConditions {
    /// The program and the machine.
    #[serde(flatten)]
    pub machine: Machine,
    /// The cores that both sides were bound to.
    #[serde(flatten)]
    pub bound: CorePlan,
    /// Whether this program was built with optimisations.
    pub optimized: bool,
    /// How busy the machine was before: the load average of the last minute.
    pub load_average: Option<f64>,
    /// The command line, without the program.
    pub command_line: Vec<String>,
    /// When it began; RFC 3339, UTC.
    pub started_at: String,
}

/// The cores that servers and clients are bound to; missing if they are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct CorePlan {
    /// The cores of the servers.
    pub server_cores: Option<Vec<u32>>,
    /// The core of the clients.
    pub load_cores: Option<Vec<u32>>,
}

/// One point of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The axis's value: a number of clients or bytes; null in a bench.
    pub value: Option<u32>,
    /// What the clients did at this point.
    pub workload: Workload,
    /// The servers, in the order of the command line.
    pub subjects: Vec<SubjectResult>,
}

/// What is known of one server at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectResult {
    /// Its name, different from those of the others.
    pub name: String,
    /// What it is.
    pub kind: Subject,
    /// A sample a round; fewer if it failed or was interrupted.
    pub samples: Vec<Sample>,
    /// The echo times of all rounds together: the highest time of a bucket
    /// in nanoseconds and a count, by rising times, without empty buckets.
    /// Empty in a sweep, unless the histograms were asked for.
    pub echo_times: Vec<(u64, u64)>,
    /// Why it was not measured to the end, if it was not.
    pub failure: Option<String>,
    /// How many calls it makes, from a run of its own that was counted and
    /// not measured; missing for servers that are not ours and in a sweep.
    pub calls: Option<CountedCalls>,
}

/// A server that is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A mode of this program.
    Mode(Mode),
    /// A program that answers as [`answer`](super::answer) does, and runs on
    /// the cores that `--cores` names as its last arguments.
    Peer {
        /// Its name in reports.
        name: String,
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// Any echo server, started anew for each sample by a shell. `{port}` and
    /// `{addr}` in it, and `PORT` and `ADDR` in its environment, are where it
    /// has to listen.
    Command(String),
    /// A server that runs already: not started, and not bound to cores, by
    /// sockscope.
    Address(SocketAddr),
}

/// One server under one load for one window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The round, from 1.
    pub round: u32,
    /// What the clients measured.
    pub load: SteadyResult,
    /// What the server's processes used in the window; missing where it is
    /// not known, such as that of a server that ran already.
    pub server: Option<ProcessUsage>,
    /// Memory that they had resident before the first client connected.
    pub memory_before_bytes: Option<u64>,
}

/// The calls of a run that was counted, not measured: an instrumented one,
/// from which no time is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountedCalls {
    /// Echoes in that run.
    pub echoes: u64,
    /// Calls of the mode's source by how they ended; one wait of the selector
    /// counts as one, and ends ready.
    pub outcomes: BTreeMap<Class, u64>,
}

impl SweepConditions {
    /// The conditions of a measurement that begins now.
    pub(super) fn now(bound: CorePlan, command_line: Vec<String>) -> Self {
        let started_at = humantime::format_rfc3339_seconds(SystemTime::now());
        Self {
            machine: Machine::here(),
            bound,
            optimized: !cfg!(debug_assertions),
            load_average: machine::load_average(),
            command_line,
            started_at: started_at.to_string(),
        }
    }
}

impl CorePlan {
    /// The clients get the last core that this process may use and the
    /// servers all others. Neither side is bound where there is but one core,
    /// or where the system does not bind.
    pub fn apart() -> Self {
        Self::split(&cores::allowed().unwrap_or_default())
    }

    fn split(allowed: &[u32]) -> Self {
        match allowed {
            [servers @ .., clients] if !servers.is_empty() => Self {
                server_cores: Some(servers.to_vec()),
                load_cores: Some(vec![*clients]),
            },
            _ => Self::default(),
        }
    }
}

impl SweepResult {
    /// The names of the servers, in the order in which they first occur.
    pub fn names(&self) -> Vec<&str> {
        self.subjects().map(|it| it.name.as_str()).unique().collect()
    }

    /// What differs from point to point; clients in a bench, which has one.
    pub fn swept(&self) -> SweepAxis {
        self.axis.unwrap_or(SweepAxis::Clients)
    }

    /// The servers at all points.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectResult> {
        self.points.iter().flat_map(|point| &point.subjects)
    }
}

impl SweepPoint {
    /// A server at this point, by its name.
    pub fn subject(&self, name: &str) -> Option<&SubjectResult> {
        self.subjects.iter().find(|subject| subject.name == name)
    }

    /// The axis's value; 0 in a bench.
    pub fn place(&self) -> u32 {
        self.value.unwrap_or(0)
    }

    /// Rounds that every server has had, without those that failed.
    pub fn rounds_done(&self) -> usize {
        let whole = self.subjects.iter().filter(|it| it.failure.is_none());
        let least = whole.map(|it| it.samples.len()).min();
        let most = self.subjects.iter().map(|it| it.samples.len()).max();
        least.or(most).unwrap_or(0)
    }
}

impl SubjectResult {
    /// Whether it ran already, started and bound by others.
    pub const fn is_foreign(&self) -> bool {
        matches!(self.kind, Subject::Address(_))
    }
}

impl CountedCalls {
    /// What was counted since.
    pub(super) fn since(mut self, begin: &Self) -> Self {
        self.echoes -= begin.echoes;
        for (class, before) in &begin.outcomes {
            self.outcomes.entry(*class).and_modify(|it| *it -= before);
        }
        self
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.outcomes.values().sum()
    }
}

/// The names of subjects, each different from those before it.
pub fn names(subjects: &[Subject]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for subject in subjects {
        let plain = match subject {
            Subject::Mode(mode) => mode.name().to_owned(),
            Subject::Peer { name, .. } => name.clone(),
            Subject::Command(command) => name_of_command(command),
            Subject::Address(address) => address.to_string(),
        };
        let numbered = (2_u32..).map(|number| format!("{plain}-{number}"));
        let mut candidates = std::iter::once(plain.clone()).chain(numbered);
        names.extend(candidates.find(|it| !names.contains(it)));
    }
    names
}

/// Programs that run the one that is named after them.
const RUNNERS: [&str; 14] = [
    "sh", "bash", "env", "exec", "nice", "stdbuf", "taskset", "python",
    "python3", "node", "ruby", "perl", "java", "deno",
];

/// The name of the program in a command, `socat`, or of the script that a
/// program runs: `echo.py` in `python3 -u echo.py {port}`.
fn name_of_command(command: &str) -> String {
    let words = command.split_whitespace().filter(|it| {
        let variable = it.contains('=') && !it.contains('/');
        !it.starts_with('-') && !variable
    });
    let mut files = words.map(|word| {
        let name = Path::new(word).file_name().unwrap_or(word.as_ref());
        name.to_string_lossy()
    });
    let first = files.clone().next();
    let plain = |it: &str| {
        it.chars().all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
    };
    let named = files.find(|it| !RUNNERS.contains(&&**it));
    let named = named.filter(|it| plain(it)).or(first);
    named.map_or_else(|| "command".to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_called_after_its_program_or_script() {
        let names = [
            ("socat TCP-LISTEN:{port},fork EXEC:cat", "socat"),
            ("/usr/bin/ncat -l {port}", "ncat"),
            ("python3 -u servers/echo.py {port}", "echo.py"),
            ("LANG=C env ./my-server", "my-server"),
            ("python3 -c 'import socket'", "python3"),
            ("", "command"),
        ];
        for (command, name) in names {
            assert_eq!(name_of_command(command), name, "{command}");
        }
    }

    #[test]
    fn names_differ() {
        let socat = Subject::Command("socat -d".into());
        let peer = Subject::Peer { name: "selector".into(), command: vec![] };
        let ours = Subject::Mode(Mode::Selector);
        let all = [socat.clone(), ours, socat.clone(), peer, socat];
        let wanted = ["socat", "selector", "socat-2", "selector-2", "socat-3"];
        assert_eq!(names(&all), wanted);
    }

    #[test]
    fn the_clients_get_the_last_core_unless_it_is_the_only_one() {
        let plan = CorePlan::split(&[0, 2, 5]);
        assert_eq!(plan.server_cores, Some(vec![0, 2]));
        assert_eq!(plan.load_cores, Some(vec![5]));
        assert_eq!(CorePlan::split(&[3]), CorePlan::default());
        assert_eq!(CorePlan::split(&[]), CorePlan::default());
    }
}
