//! The result of a run as a plain value, at its end or at any moment before.
//!
//! The JSON report is this value as serde writes it. Field names end in
//! their unit; a number without one is a count. A figure that is not known is
//! missing (`null`), never zero.

use super::conditions::Conditions;
use super::engine::{Ended, RunOutcome};
use super::setup::unhandled;
use crate::error::causes_in_words;
use crate::load::{
    ClientResult, EchoTime, GroupResult, LoadResult, Names, Step, Until,
};
use crate::modes::Mode;
use crate::probe::{
    Class, Concerned, Counters, End, Gate, Kind, LineCount, Phase, PhaseMark,
    Site, SocketCount,
};
use crate::scenario::{self, ExpectationCheck, Plan};
use crate::system::signals::Signal;
use crate::system::usage::Usage;
use crate::units::{nanoseconds, show_time};
use crate::view::{Evidence, Finding, Waiting, findings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

/// The version of the form of a [`RunReport`] as JSON.
pub const REPORT_VERSION: u32 = 2;

/// How many sockets a report has rows for, at most.
pub const SOCKETS_LISTED: usize = 16_384;

/// What is known of a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// The version of this form.
    pub schema_version: u32,
    /// What the run is called: its mode, `load`, or in a comparison of
    /// several runs of one mode also a file or a number.
    pub name: String,
    /// Under what conditions the figures came about.
    pub conditions: Conditions,
    /// Whether the run is over.
    pub over: bool,
    /// How it ended, in words: `all clients were done`, `SIGTERM`.
    pub outcome: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// What was done to the run that its scenario does not know of, in words:
    /// it was ended before its clients were done, paused, or slowed down.
    pub interventions: Vec<String>,
    /// How long the run took; zero if it never began.
    pub run_time_ns: u64,
    /// The phases of the server's life, in order; none if it is not ours.
    pub phases: Vec<PhaseReport>,
    /// When the grace period was over, for all connections alike, on the
    /// clock of the phases; missing if the server was not asked to stop.
    pub deadline_at_ns: Option<u64>,
    /// What the server did; missing if it is not ours.
    pub server: Option<ServerReport>,
    /// A row a socket, the listener first.
    pub sockets: Vec<SocketReport>,
    /// Connections without a row because there were too many.
    pub sockets_not_listed: u64,
    /// A row a line of the mode's source that makes calls.
    pub lines: Vec<LineReport>,
    /// What the clients measured; missing without clients of ours.
    pub clients: Option<ClientsReport>,
    /// What the scenario expected.
    pub checks: Vec<ExpectationCheck>,
    /// What is noteworthy.
    pub findings: Vec<FindingReport>,
    /// Events that a log or recording had no room for.
    pub events_lost: u64,
    /// The recording that the report was made from, if it was.
    pub recording: Option<RecordingOrigin>,
}

/// The beginning of a phase of the server's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseReport {
    /// The phase.
    pub phase: Phase,
    /// When it began, from when the server began to run.
    pub at_ns: u64,
    /// How many connections were open then.
    pub connections_left: u64,
}

/// What the server did.
#[derive(Clone, Debug, Default, PartialEq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ServerReport {
    /// Connections accepted.
    pub connections: u64,
    /// Connections still open.
    pub connections_open: u64,
    /// How many connections ended in which way.
    pub ends: BTreeMap<String, u64>,
    /// Errors in connections' handlers that were handled there.
    pub errors_handled: u64,
    /// Errors that left their connection's handler.
    pub errors_unhandled: u64,
    /// Errors of tasks whose result was never retrieved, as the event loop
    /// reported.
    pub errors_never_retrieved: u64,
    /// How often a task kept the thread for more than 0.1 s, so that all
    /// others had to wait.
    pub long_task_runs: u64,
    /// The longest such time.
    pub longest_task_run_ns: u64,
    /// Turns of the server's loop.
    pub iterations: u64,
    /// Returns of the selector's wait; missing in a mode without one.
    pub wake_ups: Option<u64>,
    /// All calls on sockets and the selector; one wait of the selector is
    /// several system calls.
    pub calls: u64,
    /// Those that would have blocked.
    pub would_blocks: u64,
    /// The calls by kind.
    pub calls_by_kind: BTreeMap<Kind, u64>,
    /// Those that would have blocked, by kind.
    pub would_blocks_by_kind: BTreeMap<Kind, u64>,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Messages that were sent back whole: lines in `lines` framing, what
    /// one read brought in `bytes` framing.
    pub echoes: u64,
    /// Bytes received and never sent back.
    pub unsent_bytes: u64,
    /// The most bytes of pending output one connection had.
    pub pending_peak_bytes: u64,
    /// The longest time that a write took which may sleep; missing without
    /// such a write.
    pub longest_write_ns: Option<u64>,
    /// How often accepting paused at the limit of connections.
    pub connection_pauses: u64,
    /// How often accepting paused for want of file descriptors.
    pub descriptor_pauses: u64,
    /// CPU time of the server's threads.
    pub cpu: Option<CpuTime>,
    /// Context switches of the server's threads.
    pub context_switches: Option<ContextSwitches>,
    /// Threads that made calls.
    pub threads: u64,
    /// The most memory the process had resident.
    pub peak_memory_bytes: Option<u64>,
    /// The part of the program that this memory belongs to.
    pub peak_memory_of: MemoryOf,
}

/// CPU time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct CpuTime {
    /// In the program.
    pub user_ns: u64,
    /// In the kernel on its behalf.
    pub system_ns: u64,
}

/// How often threads made way for others; see getrusage(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ContextSwitches {
    /// Because they went to sleep.
    pub voluntary: u64,
    /// Because their time was up.
    pub involuntary: u64,
}

/// The part of the program that a figure of memory belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOf {
    /// The server's process, with no clients in it.
    #[default]
    Server,
    /// One process that holds the server and the clients.
    ServerAndClients,
}

/// What happened on one socket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SocketReport {
    /// What the server counted.
    #[serde(flatten)]
    pub count: SocketCount,
    /// System calls on it.
    pub calls: u64,
    /// How long its client's echoes took, as the client measured; missing
    /// without a client of ours, without an echo, and beyond the first 256
    /// clients that had one. Its percentiles are at most 1 % off.
    pub echo_time: Option<EchoTime>,
}

/// What one line of the mode's source did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineReport {
    /// The file, without its folders.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The text of the line, if it is known.
    pub source: Option<String>,
    /// Which call stands there.
    pub call: Kind,
    /// How often the system call was made.
    pub calls: u64,
    /// How often a thread came by, by what came of it; also where no call was
    /// made.
    pub outcomes: BTreeMap<Class, u64>,
    /// Bytes it moved.
    pub bytes: u64,
}

/// What the clients measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsReport {
    /// All groups together; its percentiles are those of all echoes.
    pub total: GroupResult,
    /// A row a group; none while the run goes on.
    pub groups: Vec<GroupReport>,
    /// Whether they ran in a process of their own.
    pub own_process: bool,
}

/// What a group of clients measured, and what a comparison must know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupReport {
    /// What the clients measured.
    #[serde(flatten)]
    pub result: GroupResult,
    /// Whether the clock ends what its clients do, so that how much they get
    /// is measured.
    pub is_timed: bool,
    /// Where one client is served at a time: which clients were accepted
    /// before the one with the longest echo.
    pub longest_echo_behind: Option<ClientsBefore>,
}

/// The clients that were accepted before another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientsBefore {
    /// How many.
    pub clients: u64,
    /// The name of the only one, if it is known.
    pub only: Option<String>,
}

/// A finding, as it reads, and its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingReport {
    /// What kind of finding it is: `spinning`, `output_at_limit`.
    pub kind: String,
    /// What was seen.
    pub observation: String,
    /// What to make of it.
    pub advice: String,
    /// The figures of the observation by name.
    pub values: BTreeMap<String, Value>,
}

/// The recording that a report was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingOrigin {
    /// Its file, as on the command line.
    pub file: String,
    /// Where it ends before its run did, and why, if so: its figures are
    /// those up to there.
    pub ended_early: Option<String>,
}

/// All that is known of a run that is over.
pub struct RunFacts<'a> {
    /// The way of waiting.
    pub mode: Mode,
    /// Under what conditions it ran.
    pub conditions: Conditions,
    /// What its clients did; `None`: there are none of ours.
    pub plan: Option<&'a Plan>,
    /// What the server did.
    pub counters: Counters,
    /// How it went.
    pub outcome: &'a RunOutcome,
    /// Events that found no room.
    pub events_lost: u64,
    /// What was noteworthy while it lasted.
    pub seen: Vec<Finding>,
    /// Where the run was paused or slowed down, if it could be.
    pub gate: Option<&'a Gate>,
    /// The names of clients by their addresses.
    pub names: Names,
    /// Whether clients by hand took part.
    pub had_hand_clients: bool,
}

impl RunReport {
    /// The report that was written as JSON, if it is one of this version.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        let report = Self::deserialize(value).ok()?;
        (report.schema_version == REPORT_VERSION).then_some(report)
    }

    /// A run that has not begun.
    #[must_use]
    pub fn new(name: &str, conditions: Conditions) -> Self {
        Self {
            schema_version: REPORT_VERSION,
            name: name.into(),
            conditions,
            outcome: "it goes on".into(),
            ..Self::default()
        }
    }

    /// A run that could not be made.
    #[must_use]
    pub fn failed(name: &str, conditions: Conditions, failure: String) -> Self {
        Self {
            over: true,
            outcome: "it failed".into(),
            failure: Some(failure),
            ..Self::new(name, conditions)
        }
    }

    /// What the server did up to a moment; `source` gives the text of a line
    /// if it is known.
    #[must_use]
    pub fn of_counters(
        conditions: Conditions,
        counters: &Counters,
        loop_call: Kind,
        source: impl Fn(Site) -> Option<String>,
    ) -> Self {
        let name = conditions.mode.clone().unwrap_or_default();
        let kept = counters.sockets.iter();
        let sockets = kept.take(SOCKETS_LISTED).map(SocketReport::from);
        let beyond = counters.sockets.len().saturating_sub(SOCKETS_LISTED);
        let lines = counters.lines.iter();
        Self {
            phases: phase_reports(&counters.phases),
            server: Some(ServerReport::new(counters, loop_call)),
            sockets: sockets.collect(),
            sockets_not_listed: counters.sockets_not_kept() + beyond as u64,
            lines: lines.map(|it| line_report(it, &source)).collect(),
            ..Self::new(&name, conditions)
        }
    }

    /// The report of a run that is over.
    #[must_use]
    pub fn of_run(facts: RunFacts) -> Self {
        let counters = &facts.counters;
        let source = |site| source_line(facts.mode, site);
        let mut report = Self::of_counters(
            facts.conditions.clone(),
            counters,
            facts.mode.loop_call(),
            source,
        );
        let outcome = facts.outcome;
        report.over = true;
        report.run_time_ns = nanoseconds(outcome.run_time);
        report.outcome = ended_in_words(outcome);
        let failure = outcome.failure.as_ref();
        report.failure = failure
            .map(|it| format!("the server failed: {}", causes_in_words(it)));
        report.interventions = interventions(&facts);
        report.deadline_at_ns = report.deadline_at_ns();
        if let Some(server) = &mut report.server {
            let is_here = outcome.load.is_some();
            let is_here = is_here && !facts.conditions.clients_apart;
            server.add_usage(outcome.usage, outcome.peak_memory, is_here);
        }
        if let Some(load) = &outcome.load {
            report.add_clients(load, facts.plan);
            if facts.mode == Mode::Serial {
                report.add_clients_before(&load.clients, &facts.names);
            }
        }
        report.add_checks(&facts);
        let evidence = report.evidence(counters, facts.events_lost);
        let found = findings(&evidence).into_iter().chain(facts.seen);
        report.findings = found.map(|it| FindingReport::from(&it)).collect();
        report.events_lost = facts.events_lost;
        report
    }

    /// The report of clients that called a server which is not ours.
    #[must_use]
    pub fn of_load(
        conditions: Conditions,
        plan: &Plan,
        load: &LoadResult,
        signal: Option<Signal>,
    ) -> Self {
        let outcome = match (load.total.ends.timed_out, signal) {
            (1.., Some(signal)) => signal.name(),
            (1.., None) => "its time was over",
            _ if load.total.connected == 0 => "no client could connect",
            _ => "all clients were done",
        };
        let mut report = Self {
            over: true,
            outcome: outcome.into(),
            run_time_ns: load.run_time_ns,
            ..Self::new("load", conditions)
        };
        report.add_clients(load, Some(plan));
        report
    }

    /// Adds what the clients measured.
    pub fn add_clients(&mut self, load: &LoadResult, plan: Option<&Plan>) {
        let ends_by_clock = self.conditions.duration_ns.is_some();
        let group = |result: &GroupResult| GroupReport {
            is_timed: ends_by_clock
                || plan.is_some_and(|it| is_timed(it, &result.name)),
            result: result.clone(),
            longest_echo_behind: None,
        };
        self.clients = Some(ClientsReport {
            total: load.total.clone(),
            groups: load.groups.iter().map(group).collect(),
            own_process: self.conditions.clients_apart,
        });
        add_echo_times(&mut self.sockets, &load.clients);
    }

    /// Adds what is known while the run goes on: how long it has lasted, the
    /// CPU time of the server, and how long echoes took.
    pub fn add_so_far(
        &mut self,
        run_time: Duration,
        cpu: Option<Duration>,
        echo_time: Option<EchoTime>,
    ) {
        self.run_time_ns = nanoseconds(run_time);
        if let Some(server) = &mut self.server {
            server.cpu = cpu
                .map(|cpu| CpuTime { user_ns: nanoseconds(cpu), system_ns: 0 });
        }
        self.clients = echo_time.map(|time| ClientsReport {
            total: GroupResult {
                name: "total".into(),
                echoes: time.count,
                echo_time: (time.count > 0).then_some(time),
                ..GroupResult::default()
            },
            groups: Vec::new(),
            own_process: self.conditions.clients_apart,
        });
    }

    /// Finds out which clients were accepted before the slowest one of each
    /// group, in a mode that serves one after the other.
    fn add_clients_before(&mut self, timed: &[ClientResult], names: &Names) {
        let peers: Vec<_> =
            self.sockets.iter().filter_map(|it| it.count.peer).collect();
        let mut first = 1;
        let groups = self.clients.iter_mut().flat_map(|it| &mut it.groups);
        for group in groups {
            let clients = first..first + group.result.clients;
            first = clients.end;
            let Some(echo_time) = group.result.echo_time else { continue };
            let slowest = timed.iter().find(|it| {
                clients.contains(&it.client.into())
                    && it.echo_time.max_ns == echo_time.max_ns
            });
            group.longest_echo_behind = slowest
                .and_then(|it| clients_before(it.address, &peers, names));
        }
    }

    fn add_checks(&mut self, facts: &RunFacts) {
        let Some(plan) = facts.plan else { return };
        let reason = self.interventions.join(", ");
        let is_judged = self.interventions.is_empty();
        let errors = self.conditions.server.map(|it| it.errors());
        let way = (facts.mode, errors.unwrap_or_default());
        let mut checks = scenario::check(&plan.expectations, way, self);
        for check in &mut checks {
            if !is_judged && check.held == Some(false) {
                check.held = None;
                check.not_judged = Some(reason.clone());
            }
        }
        self.checks = checks;
    }

    /// What the checks for findings look at.
    #[must_use]
    pub fn evidence<'a>(
        &'a self,
        counters: &'a Counters,
        events_lost: u64,
    ) -> Evidence<'a> {
        let options = self.conditions.server.unwrap_or_default();
        let mode = self.conditions.mode.as_deref();
        let mode = Mode::ALL.into_iter().find(|it| Some(it.name()) == mode);
        Evidence {
            figures: counters,
            options,
            waiting: self
                .clients
                .as_ref()
                .filter(|_| mode == Some(Mode::Serial))
                .and_then(longest_wait),
            unhandled: mode.and_then(|it| unhandled(it, options.errors())),
            events_lost,
        }
    }

    /// What each group of clients measured; none without clients of ours.
    #[must_use]
    pub fn groups(&self) -> &[GroupReport] {
        self.clients.as_ref().map_or(&[], |it| &it.groups)
    }

    /// What the clients of the group with this name measured.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&GroupReport> {
        self.groups().iter().find(|it| it.result.name == name)
    }

    /// CPU time of the server.
    #[must_use]
    pub fn cpu_ns(&self) -> Option<u64> {
        self.server.as_ref()?.cpu.map(CpuTime::total_ns)
    }

    /// The one moment at which the grace period is over, if the server was
    /// asked to stop.
    fn deadline_at_ns(&self) -> Option<u64> {
        let grace = nanoseconds(self.conditions.server?.grace());
        let mut phases = self.phases.iter();
        let asked = phases.find(|it| it.phase == Phase::Refusing)?;
        Some(asked.at_ns.saturating_add(grace))
    }
}

/// The clock of the phases begins with the first.
fn phase_reports(marks: &[PhaseMark]) -> Vec<PhaseReport> {
    let start = marks.first().map_or(Duration::ZERO, |mark| mark.at.duration());
    let report = |mark: &PhaseMark| PhaseReport {
        phase: mark.phase,
        at_ns: nanoseconds(mark.at.duration().saturating_sub(start)),
        connections_left: mark.left,
    };
    marks.iter().map(report).collect()
}

impl ServerReport {
    /// What was counted; `loop_call` is the first call of the server's loop.
    #[must_use]
    pub fn new(counters: &Counters, loop_call: Kind) -> Self {
        let many = |it: Option<Concerned>| it.map_or(0, |it| it.connections);
        let ends = counters.ends.iter();
        let calls = Kind::OF_MODES.map(|kind| (kind, counters.calls(kind)));
        let would_blocks = Kind::OF_MODES
            .map(|kind| (kind, counters.count(kind, Class::WouldBlock)));
        let would_blocks = would_blocks.into_iter().filter(|(_, n)| *n > 0);
        Self {
            connections: counters.connections,
            connections_open: counters.open(),
            ends: ends.map(|(end, it)| (end.words(), it.connections)).collect(),
            errors_handled: many(counters.errors_handled),
            errors_unhandled: many(counters.errors_unhandled),
            errors_never_retrieved: counters.never_retrieved,
            long_task_runs: counters.long_runs,
            longest_task_run_ns: counters.longest_run.0,
            iterations: counters.iterations(loop_call),
            wake_ups: counters.wake_ups(loop_call),
            calls: counters.all_calls(),
            would_blocks: counters.would_blocks(),
            calls_by_kind: calls.into(),
            would_blocks_by_kind: would_blocks.collect(),
            bytes_in: counters.bytes_in(),
            bytes_out: counters.bytes_out(),
            echoes: counters.echoes,
            unsent_bytes: counters.unsent_bytes,
            pending_peak_bytes: counters.pending_peak_bytes,
            longest_write_ns: counters.longest_write_ns.map(|it| it.0),
            connection_pauses: counters.connection_pauses,
            descriptor_pauses: counters.descriptor_pauses,
            threads: counters.threads.len() as u64,
            ..Self::default()
        }
    }

    fn add_usage(
        &mut self,
        used: Option<Usage>,
        peak_memory_bytes: Option<u64>,
        has_clients: bool,
    ) {
        self.cpu = used.map(|used| CpuTime {
            user_ns: nanoseconds(used.user),
            system_ns: nanoseconds(used.system),
        });
        self.context_switches = used.map(|used| ContextSwitches {
            voluntary: used.voluntary,
            involuntary: used.involuntary,
        });
        self.peak_memory_bytes = peak_memory_bytes;
        if has_clients {
            self.peak_memory_of = MemoryOf::ServerAndClients;
        }
    }

    /// How many connections ended so.
    #[must_use]
    pub fn ended(&self, end: End) -> u64 {
        self.ends.get(&end.words()).copied().unwrap_or_default()
    }

    /// How often calls of this kind were made.
    #[must_use]
    pub fn calls_of(&self, kind: Kind) -> u64 {
        self.calls_by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// How many calls would have blocked for each one that did not; `None`
    /// without one.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a ratio for people: 53 bits are more than they can read"
    )]
    pub fn would_blocks_a_useful_call(&self) -> Option<f64> {
        let useful = self.calls.saturating_sub(self.would_blocks);
        (useful > 0).then(|| self.would_blocks as f64 / useful as f64)
    }
}

impl CpuTime {
    /// In the program and in the kernel.
    #[must_use]
    pub const fn total_ns(self) -> u64 {
        self.user_ns + self.system_ns
    }

    /// The share of one core that it is over some time.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share for people, in two or three digits"
    )]
    pub fn share(self, time_ns: u64) -> f64 {
        self.total_ns() as f64 / time_ns.max(1) as f64
    }
}

impl From<&SocketCount> for SocketReport {
    fn from(count: &SocketCount) -> Self {
        let calls = count.calls();
        Self { count: count.clone(), calls, echo_time: None }
    }
}

fn line_report(
    count: &LineCount,
    source: impl Fn(Site) -> Option<String>,
) -> LineReport {
    let outcomes = Class::ALL.map(|class| (class, count.of(class))).into_iter();
    LineReport {
        file: count.site.name().into(),
        line: count.site.line,
        source: source(count.site).map(|text| text.trim().into()),
        call: count.kind,
        calls: count.calls(),
        outcomes: outcomes.filter(|(_, times)| *times > 0).collect(),
        bytes: count.bytes,
    }
}

impl GroupReport {
    /// Messages that did not come back whole, or were never sent.
    #[must_use]
    pub const fn missing_echoes(&self) -> u64 {
        let GroupResult { missing, unsent, overdue_turns, .. } = self.result;
        missing + unsent + overdue_turns
    }

    /// The longest time that an echo took.
    #[must_use]
    pub fn longest_echo_ns(&self) -> Option<u64> {
        self.result.echo_time.map(|it| it.max_ns)
    }
}

impl From<&Finding> for FindingReport {
    fn from(finding: &Finding) -> Self {
        let values = finding.values().into_iter();
        Self {
            kind: finding.kind().into(),
            observation: finding.to_string(),
            advice: finding.advice().into(),
            values: values.map(|(name, it)| (name.into(), it)).collect(),
        }
    }
}

/// Gives each socket the echo times that its client measured; they are known
/// to belong together by the address of the client's end. Where an address
/// came up twice, neither has them.
fn add_echo_times(sockets: &mut [SocketReport], clients: &[ClientResult]) {
    let peers = occurrences(sockets.iter().filter_map(|it| it.count.peer));
    let addresses = occurrences(clients.iter().map(|it| it.address));
    let is_clear = |peer: &SocketAddr| {
        (peers.get(peer), addresses.get(peer)) == (Some(&1), Some(&1))
    };
    let times = clients.iter().map(|it| (it.address, it.echo_time));
    let times: HashMap<_, _> = times.collect();
    for socket in sockets {
        let peer = socket.count.peer.filter(is_clear);
        let time = peer.and_then(|peer| times.get(&peer).copied());
        socket.echo_time = time.filter(|time| time.count > 0);
    }
}

fn occurrences(
    addresses: impl Iterator<Item = SocketAddr>,
) -> HashMap<SocketAddr, u32> {
    let mut counts = HashMap::new();
    addresses.for_each(|address| *counts.entry(address).or_default() += 1);
    counts
}

/// The clients that were accepted before the one at this address; `None` if
/// it was the first, or its address came up twice.
fn clients_before(
    address: SocketAddr,
    peers: &[SocketAddr],
    names: &Names,
) -> Option<ClientsBefore> {
    let times = peers.iter().filter(|peer| **peer == address).count();
    let before = peers.iter().position(|peer| *peer == address)?;
    if before == 0 || times > 1 {
        return None;
    }
    let only = (before == 1).then(|| names.get(&peers[0]).cloned()).flatten();
    Some(ClientsBefore { clients: before as u64, only })
}

/// Whether the clock ends what the clients of this group do.
fn is_timed(plan: &Plan, group: &str) -> bool {
    let timed = |step: &Step| {
        matches!(step, Step::Repeat { until: Until::Elapsed(_), .. })
    };
    let mut own = plan.groups.iter().filter(|it| it.name == group);
    own.any(|it| it.steps.iter().any(timed))
}

fn longest_wait(clients: &ClientsReport) -> Option<Waiting<'_>> {
    let groups = clients.groups.iter().map(|it| &it.result);
    let timed = groups.filter_map(|it| Some((it.echo_time?.max_ns, &it.name)));
    let (max_ns, group) = timed.max_by_key(|(max_ns, _)| *max_ns)?;
    let time = Duration::from_nanos(max_ns);
    (clients.total.clients > 1).then_some(Waiting { group, time })
}

/// The text of a line of the mode's own source.
fn source_line(mode: Mode, site: Site) -> Option<String> {
    let own = site.name().strip_suffix(".rs") == Some(mode.name());
    let index = (site.line as usize).checked_sub(1).filter(|_| own)?;
    mode.source().lines().nth(index).map(str::to_owned)
}

fn ended_in_words(outcome: &RunOutcome) -> String {
    let ended = match outcome.ended {
        Ended::ClientsDone => "all clients were done",
        Ended::DurationOver => "its time was over",
        Ended::Signal(signal) => signal.name(),
        Ended::Quit => "the user quit",
        Ended::ServerFailed => "the server failed",
    };
    if let Some(cause) = &outcome.failure {
        return format!("{ended}: {}", causes_in_words(cause));
    }
    match outcome.cut_short {
        Some(by) => format!("{ended}, cut short by {}", by.name()),
        None => ended.to_owned(),
    }
}

/// What was done to the run that its scenario does not know of.
fn interventions(facts: &RunFacts) -> Vec<String> {
    let paused = facts.gate.map_or(Duration::ZERO, Gate::paused_for);
    let paused = (!paused.is_zero())
        .then(|| format!("the server was paused for {}", show_time(paused)));
    let slow = facts.gate.is_some_and(Gate::was_slow);
    let slow = slow.then(|| "the server ran in slow motion".to_owned());
    let early = cut_off(facts.outcome, facts.plan);
    let by_hand = facts.had_hand_clients && facts.plan.is_some();
    let by_hand = by_hand.then(|| "clients by hand took part".to_owned());
    early.into_iter().chain(paused).chain(slow).chain(by_hand).collect()
}

/// What ended the run before the scenario's clients were done; nothing if
/// that is a signal which the scenario itself sends.
fn cut_off(outcome: &RunOutcome, plan: Option<&Plan>) -> Option<String> {
    let planned = |signal| {
        plan.is_some_and(|it| it.signals.iter().any(|it| it.signal == signal))
    };
    let by = match outcome.ended {
        Ended::ClientsDone | Ended::ServerFailed => return None,
        Ended::Signal(signal) if planned(signal) => return None,
        Ended::Signal(signal) => signal.name(),
        Ended::DurationOver => "--duration",
        Ended::Quit => "q",
    };
    let after = show_time(outcome.ended_at);
    outcome.clients_left.then(|| {
        format!(
            "the run was ended by {by} after {after}, before its clients \
             were done"
        )
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::probe::SocketId;

    fn at(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn echo_times_stand_with_the_socket_of_their_client() {
        let ports = [None, Some(51), Some(52), Some(53), Some(54), Some(54)];
        let socket = |(id, port): (u32, Option<u16>)| {
            SocketReport::from(&SocketCount::new(SocketId(id), port.map(at)))
        };
        let mut sockets: Vec<_> = (0..).zip(ports).map(socket).collect();
        let client = |client: u32, port| ClientResult {
            client,
            address: at(port),
            echo_time: EchoTime { count: client.into(), ..Default::default() },
        };
        let clients = [(7, 53), (8, 51), (9, 54), (1, 52), (2, 52)];
        let clients = clients.map(|(number, port)| client(number, port));
        add_echo_times(&mut sockets, &clients);
        let counts = sockets.iter().map(|it| it.echo_time.map(|it| it.count));
        let expected = [None, Some(8), None, Some(7), None, None];
        assert_eq!(counts.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn clients_before_another_are_counted_in_the_order_of_accepting() {
        let peers = [at(1), at(2), at(3), at(3)];
        let names = Names::new([(at(1), "silent".to_owned())].into());
        let before = |port| clients_before(at(port), &peers, &names);
        assert_eq!(before(1), None, "the first one");
        let only = Some("silent".to_owned());
        assert_eq!(before(2), Some(ClientsBefore { clients: 1, only }));
        assert_eq!(before(3), None, "its address came up twice");
        assert_eq!(before(4), None, "it was not accepted");
    }

    #[test]
    fn a_report_of_another_version_is_not_read() {
        let mut report = RunReport::new("load", Conditions::default());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(RunReport::from_json(&json), Some(report.clone()));
        report.schema_version += 1;
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(RunReport::from_json(&json), None);
    }
}
