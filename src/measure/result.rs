//! The result of a measurement: samples as measured, nothing derived.

use crate::load::ClientTrouble;
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

/// The result of `bench` or `sweep`. Medians, ratios, verdicts and crossings
/// are derived from it whenever they are reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepResult {
    /// The version of this format.
    pub schema_version: u32,
    /// The machine and the circumstances of the measurement.
    pub conditions: SweepConditions,
    /// What the clients did; the axis has another value at each point.
    pub workload: Workload,
    /// What differs between the points; null in a bench, which has one point.
    pub axis: Option<SweepAxis>,
    /// How many rounds were planned.
    pub rounds: u32,
    /// Whether the user ended it before all rounds were over.
    pub interrupted: bool,
    /// The points, by ascending values.
    pub points: Vec<SweepPoint>,
}

/// The conditions of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepConditions {
    /// The program and the machine.
    #[serde(flatten)]
    pub machine: Machine,
    /// The cores that servers and clients were bound to.
    #[serde(flatten)]
    pub bound: CorePlan,
    /// Whether this program was built with optimisations.
    pub optimized: bool,
    /// The load average of the minute before; missing if not reported.
    pub load_average: Option<f64>,
    /// The arguments of the command line, without the program.
    pub command_line: Vec<String>,
    /// When the measurement began; RFC 3339, UTC.
    pub started_at: String,
}

/// The cores that servers and clients are bound to; missing if unbound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct CorePlan {
    /// The cores of the servers, numbered from 0.
    pub server_cores: Option<Vec<u32>>,
    /// The cores of the clients, numbered from 0.
    pub load_cores: Option<Vec<u32>>,
}

/// One point of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// The value of the axis: clients or bytes; null in a bench.
    pub value: Option<u32>,
    /// What the clients did at this point.
    pub workload: Workload,
    /// The servers, in the order of the command line.
    pub subjects: Vec<SubjectResult>,
}

/// The samples of one server at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectResult {
    /// The server's name, which no other server has.
    pub name: String,
    /// What kind of server it is, and how it is started.
    pub kind: Subject,
    /// One sample for each round; fewer after a failure, an interruption or a
    /// trouble of the clients.
    pub samples: Vec<Sample>,
    /// The rounds that are left out, because they say nothing about the server.
    #[serde(default)]
    pub troubles: Vec<TroubledRound>,
    /// The echo times of all rounds together, by ascending times: the upper
    /// bound of a bucket in nanoseconds and a count. Empty buckets are left
    /// out. Empty in a sweep, unless the histograms were asked for.
    pub echo_times: Vec<(u64, u64)>,
    /// Why it was not measured to the end; missing if it was.
    pub failure: Option<String>,
    /// The calls of a separate run, which is not measured; missing in a sweep,
    /// for servers that are not ours, and if counting failed.
    pub calls: Option<CountedCalls>,
}

/// A round in which the clients could not do their part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct TroubledRound {
    /// The number of the round, from 1.
    pub round: u32,
    /// Why they could not.
    pub trouble: ClientTrouble,
}

/// A server to measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A mode of this program.
    Mode(Mode),
    /// A program that answers as [`answer`](super::answer) does, and runs on
    /// the cores that its last arguments, `--cores LIST`, name.
    Peer {
        /// The server's name in reports.
        name: String,
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// Any echo server, started by a shell for each sample. `{port}` and
    /// `{addr}` in the command, and `PORT` and `ADDR` in its environment, are
    /// where it must listen.
    Command(String),
    /// A server that runs already: sockscope does not start it and does not
    /// bind it to cores.
    Address(SocketAddr),
}

/// One server under one load for one window of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The number of the round, from 1.
    pub round: u32,
    /// What the clients measured.
    pub load: SteadyResult,
    /// What the server's processes used in the window; missing if this is not
    /// known, such as for a server that ran already.
    pub server: Option<ProcessUsage>,
    /// Their resident memory before the first client connected, if known.
    pub memory_before_bytes: Option<u64>,
}

/// The calls of a run that was counted, not measured: it was instrumented, so
/// that its times are not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountedCalls {
    /// Echoes that were sent back in that run.
    pub echoes: u64,
    /// The calls of the mode's source by their result; one wait of the selector
    /// counts as one call, with the result `ready`.
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
    /// Gives the clients the last core that this process may use, and the
    /// servers all others. Neither side is bound if there is only one core, or
    /// if the system cannot bind.
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

    /// What differs between the points; in a bench the number of clients.
    pub fn swept(&self) -> SweepAxis {
        self.axis.unwrap_or(SweepAxis::Clients)
    }

    /// The servers at all points, point by point.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectResult> {
        self.points.iter().flat_map(|point| &point.subjects)
    }
}

impl SweepPoint {
    /// A server at this point, by its name.
    pub fn subject(&self, name: &str) -> Option<&SubjectResult> {
        self.subjects.iter().find(|subject| subject.name == name)
    }

    /// The value of the axis; 0 in a bench.
    pub fn place(&self) -> u32 {
        self.value.unwrap_or(0)
    }

    /// Rounds that all servers have completed, leaving out those that failed
    /// and those whose clients were in trouble.
    pub fn rounds_done(&self) -> usize {
        let is_whole = |it: &&SubjectResult| {
            it.failure.is_none() && it.troubles.is_empty()
        };
        let whole = self.subjects.iter().filter(is_whole);
        let least = whole.map(|it| it.samples.len()).min();
        let most = self.subjects.iter().map(|it| it.samples.len()).max();
        least.or(most).unwrap_or(0)
    }
}

impl SubjectResult {
    /// Whether it ran already, so that sockscope neither started nor bound it.
    pub const fn is_foreign(&self) -> bool {
        matches!(self.kind, Subject::Address(_))
    }

    /// How many rounds it has had, those that are left out included.
    pub const fn rounds_had(&self) -> usize {
        self.samples.len() + self.troubles.len()
    }

    /// The rounds that are left out, by the trouble of the clients.
    pub fn rounds_in_trouble(&self) -> BTreeMap<ClientTrouble, usize> {
        let mut rounds = BTreeMap::new();
        for TroubledRound { trouble, .. } in &self.troubles {
            *rounds.entry(*trouble).or_default() += 1;
        }
        rounds
    }
}

impl CountedCalls {
    /// The difference from an earlier count of the same run.
    pub(super) fn since(mut self, begin: &Self) -> Self {
        self.echoes -= begin.echoes;
        for (class, before) in &begin.outcomes {
            self.outcomes.entry(*class).and_modify(|it| *it -= before);
        }
        self
    }

    /// The total number of calls.
    pub fn calls(&self) -> u64 {
        self.outcomes.values().sum()
    }
}

/// The names of subjects; equal names are numbered from 2.
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

/// Programs that run another program or a script, which gives the name.
const RUNNERS: [&str; 14] = [
    "sh", "bash", "env", "exec", "nice", "stdbuf", "taskset", "python",
    "python3", "node", "ruby", "perl", "java", "deno",
];

/// The name of the program in a command, `socat`, or of the script that it
/// runs: `echo.py` in `python3 -u echo.py {port}`.
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
    fn calls_are_those_between_two_counts() {
        let outcomes = |n| [(Class::Bytes, n)].into();
        let of = |echoes, n| CountedCalls { echoes, outcomes: outcomes(n) };
        assert_eq!(of(11, 30).since(&of(1, 10)), of(10, 20));
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
