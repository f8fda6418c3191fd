//! Builds a report from the counters, the clients' results and the outcome of
//! the run.

use super::{
    ClientsBefore, ClientsReport, ContextSwitches, CpuTime, FailedCallsReport,
    GroupReport, LineReport, MemoryOf, RunReport, SOCKETS_LISTED, ServerReport,
    SocketReport,
};
use crate::error::causes_in_words;
use crate::load::{ClientResult, GroupResult, LoadResult, Names, Step};
use crate::modes::Mode;
use crate::net::Errors;
use crate::probe::{
    Class, Concerned, Counters, Gate, Kind, Phase, PhaseMark, Site, TapReceiver,
};
use crate::run::conditions::Conditions;
use crate::run::engine::{CutBy, Ended, RunOutcome};
use crate::run::session::{RunState, SessionRun};
use crate::run::setup::{RunSetup, unhandled};
use crate::run::watch::RunWatch;
use crate::scenario::{self, Plan};
use crate::system::signals::Signal;
use crate::units::{nanoseconds, show_time};
use crate::view::{Evidence, Finding, findings};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

impl SessionRun {
    /// The report of the run so far, or at its end.
    pub fn report(
        &self,
        command: &str,
        setup: &RunSetup,
        watch: Option<&RunWatch>,
    ) -> RunReport {
        let conditions = self.conditions(command, setup);
        match &self.state {
            RunState::Waiting => RunReport::new(self.mode.name(), conditions),
            RunState::Running => self.report_so_far(conditions, watch),
            RunState::Failed(error) => RunReport {
                over: true,
                outcome: "it failed".into(),
                failure: Some(error.chain()),
                ..RunReport::new(self.mode.name(), conditions)
            },
            RunState::Over(outcome) => {
                self.report_at_end(conditions, setup, watch, outcome)
            }
        }
    }

    /// The report of a run in progress: of the moment that its watch shows, so
    /// that both have the same figures, or else of now.
    fn report_so_far(
        &self,
        conditions: Conditions,
        watch: Option<&RunWatch>,
    ) -> RunReport {
        let shown = watch.map(|it| &it.scene);
        let counters = shown.map_or_else(
            || Arc::new(self.tally.totals()),
            |it| it.view.figures.clone(),
        );
        let now = shown.map_or_else(|| self.now(), |it| it.view.at);
        let own_process = conditions.clients_apart;
        let loop_call = self.mode.loop_call();
        let mut report =
            RunReport::of_counters(conditions, &counters, loop_call, |_| None);
        report.run_time_ns = nanoseconds(now);
        if let Some(server) = &mut report.server {
            let cpu = self.meters.threads.cpu_so_far();
            let cpu = cpu.map(nanoseconds);
            server.cpu = cpu.map(|user_ns| CpuTime { user_ns, system_ns: 0 });
        }
        let load = match shown {
            Some(it) => it.measured.load.clone(),
            None => self.meters.load.latest(),
        };
        report.clients = load.map(|load| ClientsReport {
            total: GroupResult {
                name: "total".into(),
                echoes: load.echo_time.count,
                echo_time: Some(load.echo_time).filter(|it| it.count > 0),
                ..GroupResult::default()
            },
            groups: Vec::new(),
            own_process,
        });
        report
    }

    fn report_at_end(
        &self,
        conditions: Conditions,
        setup: &RunSetup,
        watch: Option<&RunWatch>,
        outcome: &RunOutcome,
    ) -> RunReport {
        let (mode, plan) = (self.mode, setup.plan.as_ref());
        let counters = self.tally.snapshot();
        let lost = self.watch.as_ref().map_or(0, TapReceiver::lost);
        let lost = watch.map_or(lost, |it| it.lost);
        let facts = setup.facts(mode);
        let by_hand = watch.is_some_and(RunWatch::has_had_hand_clients);
        let mut report = RunReport {
            over: true,
            outcome: ended_in_words(outcome),
            failure: outcome.failure.as_ref().map(|it| {
                format!("the server failed: {}", causes_in_words(it))
            }),
            interventions: interventions(
                outcome,
                plan,
                (self.gate.as_deref(), self.clock.stopped()),
                by_hand,
            ),
            run_time_ns: nanoseconds(outcome.run_time),
            events_lost: lost,
            ..RunReport::of_counters(
                conditions,
                &counters,
                mode.loop_call(),
                |site| facts.source_line(site),
            )
        };
        let mut phases = report.phases.iter();
        let stop = phases.find(|it| it.phase == Phase::Refusing);
        let grace = nanoseconds(setup.settings.grace());
        report.deadline_at_ns = stop.map(|it| it.at.0.saturating_add(grace));
        if let Some(server) = &mut report.server {
            server.cpu = outcome.usage.map(|used| CpuTime {
                user_ns: nanoseconds(used.user),
                system_ns: nanoseconds(used.system),
            });
            server.context_switches =
                outcome.usage.map(|used| ContextSwitches {
                    voluntary: used.voluntary,
                    involuntary: used.involuntary,
                });
            server.peak_memory_bytes = outcome.peak_memory;
            server.left_waiting = outcome.left_waiting;
            if outcome.load.is_some() && !setup.apart {
                server.peak_memory_of = MemoryOf::ServerAndClients;
            }
        }
        if let Some(load) = &outcome.load {
            report.add_clients(load, plan);
            if mode == Mode::Serial {
                let names = self.meters.load.names();
                report.add_clients_before(&load.clients, &names);
            }
        }
        if let Some(plan) = plan {
            report.add_checks(plan, (mode, setup.settings.errors()));
        }
        let has_spun = watch.is_some_and(RunWatch::has_spun);
        let evidence =
            Evidence { has_spun, ..report.evidence(&counters, lost) };
        let seen = watch.map(RunWatch::seen).unwrap_or_default();
        let found = report.troubles_found().into_iter();
        let found = found.chain(findings(&evidence)).chain(seen);
        report.findings = found.collect();
        report
    }
}

impl RunReport {
    /// The report of what the server did up to a moment; `source` returns the
    /// text of a source line, if it is known.
    pub fn of_counters(
        conditions: Conditions,
        counters: &Counters,
        loop_call: Kind,
        source: impl Fn(Site) -> Option<String>,
    ) -> Self {
        let name = conditions.mode.clone().unwrap_or_default();
        let kept = counters.sockets.iter();
        let sockets = kept.take(SOCKETS_LISTED).map(|count| SocketReport {
            count: count.clone(),
            calls: count.calls(),
            echo_time: None,
        });
        let beyond = counters.sockets.len().saturating_sub(SOCKETS_LISTED);
        // The times of phases count from the first phase.
        let start = counters.phases.first().map(|mark| mark.at);
        let phases = counters.phases.iter().map(|mark| PhaseMark {
            at: mark.at.since(start.unwrap_or_default()),
            ..*mark
        });
        let lines = counters.lines.iter().map(|count| {
            let outcomes = Class::ALL.map(|it| (it, count.of(it)));
            let outcomes = outcomes.into_iter().filter(|it| it.1 > 0);
            LineReport {
                file: count.site.name().into(),
                line: count.site.line,
                source: source(count.site),
                call: count.kind,
                calls: count.calls(),
                outcomes: outcomes.collect(),
                bytes: count.bytes,
            }
        });
        Self {
            phases: phases.collect(),
            server: Some(server_report(counters, loop_call)),
            sockets: sockets.collect(),
            sockets_not_listed: counters.sockets_not_kept() + beyond as u64,
            lines: lines.collect(),
            ..Self::new(&name, conditions)
        }
    }

    /// The report of clients that called a server which is not ours.
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
        report.findings = report.troubles_found();
        report
    }

    /// A finding for each trouble of the clients' own side.
    fn troubles_found(&self) -> Vec<Finding> {
        let total = self.clients.as_ref().map(|it| &it.total);
        let found = total.into_iter().flat_map(|total| {
            let each = total.troubles.iter();
            each.map(|(trouble, n)| {
                Finding::of_trouble(*trouble, *n, total.clients)
            })
        });
        found.collect()
    }

    fn add_clients(&mut self, load: &LoadResult, plan: Option<&Plan>) {
        // Whether a time limit ends what the clients of a group do.
        let ends_by_clock = self.conditions.duration_ns.is_some();
        let timed = |step: &Step| matches!(step, Step::Repeat(it) if it.lasting.is_some());
        let groups = load.groups.iter().map(|result| {
            let planned = plan.iter().flat_map(|it| &it.groups);
            let mut own = planned.filter(|it| it.name == result.name);
            let is_timed =
                ends_by_clock || own.any(|it| it.steps.iter().any(timed));
            let (result, longest_echo_behind) = (result.clone(), None);
            GroupReport { result, is_timed, longest_echo_behind }
        });
        self.clients = Some(ClientsReport {
            total: load.total.clone(),
            groups: groups.collect(),
            own_process: self.conditions.clients_apart,
        });
        add_echo_times(&mut self.sockets, &load.clients);
    }

    /// Finds the clients that were accepted before the slowest client of each
    /// group, in a mode that serves one client at a time.
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

    /// Checks the run against its scenario's expectations. Those that did not
    /// hold are not judged if there was an intervention.
    fn add_checks(&mut self, plan: &Plan, way: (Mode, Errors)) {
        self.checks =
            scenario::check(&plan.expectations, way, |it| self.figure(it));
        // Clients that could not do their part prove nothing either way.
        if let Some(trouble) = self.trouble() {
            for check in &mut self.checks {
                check.held = None;
                check.not_judged = Some(trouble.clone());
            }
        }
        let failed = self.checks.iter_mut().filter(|it| it.held == Some(false));
        if !self.interventions.is_empty() {
            failed.for_each(|it| {
                it.held = None;
                it.not_judged = Some(self.interventions.join(", "));
            });
        }
    }

    /// The input of the checks for findings.
    pub fn evidence<'a>(
        &'a self,
        counters: &'a Counters,
        events_lost: u64,
    ) -> Evidence<'a> {
        let options = self.conditions.server.unwrap_or_default();
        let mode = self.conditions.mode.as_deref();
        let mode = Mode::ALL.into_iter().find(|it| Some(it.name()) == mode);
        let clients = self
            .clients
            .as_ref()
            .filter(|it| mode == Some(Mode::Serial) && it.total.clients > 1);
        let timed = clients.into_iter().flat_map(|it| &it.groups);
        let timed = timed.filter_map(|it| Some((it.longest_echo_ns()?, it)));
        let waiting = timed.max_by_key(|(max_ns, _)| *max_ns);
        Evidence {
            figures: counters,
            options,
            waiting: waiting.map(|(ns, group)| {
                (&*group.result.name, Duration::from_nanos(ns))
            }),
            unhandled: mode.and_then(|it| unhandled(it, options.errors())),
            has_spun: false,
            events_lost,
        }
    }
}

/// The server's figures; `loop_call` is the first call of its loop.
pub fn server_report(counters: &Counters, loop_call: Kind) -> ServerReport {
    let many = |it: Option<Concerned>| it.map_or(0, |it| it.connections);
    let ends = counters.ends.iter();
    let failed = counters.failed_calls.iter().map(|it| FailedCallsReport {
        call: it.operation,
        error: it.error.to_string(),
        number: it.error,
        count: it.count,
    });
    let calls = Kind::OF_MODES.map(|kind| (kind, counters.calls(kind)));
    let would_blocks = Kind::OF_MODES
        .map(|kind| (kind, counters.count(kind, Class::WouldBlock)));
    let would_blocks = would_blocks.into_iter().filter(|(_, n)| *n > 0);
    ServerReport {
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
        left_waiting: Some(counters.left_waiting).filter(|it| *it > 0),
        failed_calls: failed.collect(),
        threads: counters.threads.len() as u64,
        ..ServerReport::default()
    }
}

/// Gives each socket the echo times that its client measured, matched by the
/// address of the client's end. If an address occurs twice, neither of its
/// sockets gets any.
fn add_echo_times(sockets: &mut [SocketReport], clients: &[ClientResult]) {
    let mut peers: HashMap<_, u32> = HashMap::new();
    for peer in sockets.iter().filter_map(|it| it.count.peer) {
        *peers.entry(peer).or_default() += 1;
    }
    let mut times: HashMap<_, Option<_>> = HashMap::new();
    for it in clients {
        let time = Some(it.echo_time).filter(|time| time.count > 0);
        let known = times.entry(it.address);
        known.and_modify(|time| *time = None).or_insert(time);
    }
    for socket in sockets {
        let peer = socket.count.peer.filter(|peer| peers[peer] == 1);
        socket.echo_time = peer.and_then(|peer| *times.get(&peer)?);
    }
}

/// The clients that were accepted before the client at this address; `None` if
/// there are none, or if its address occurs twice.
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

fn ended_in_words(outcome: &RunOutcome) -> String {
    let ended = match outcome.ended {
        Ended::ClientsDone => "all clients were done",
        Ended::DurationOver => "its time was over",
        Ended::Signal(signal) => signal.name(),
        Ended::Quit => "the user quit",
        Ended::ServerFailed => "the server failed",
    };
    match (&outcome.failure, outcome.cut_short) {
        (Some(cause), _) => format!("{ended}: {}", causes_in_words(cause)),
        (None, Some(CutBy::Signal(signal))) => {
            format!("{ended}, cut short by {}", signal.name())
        }
        (None, Some(CutBy::User)) => format!("{ended}, cut short by the user"),
        (None, None) => ended.to_owned(),
    }
}

/// The intervention of a process that was stopped for this time.
pub fn stop_in_words(time: Duration) -> Option<String> {
    let words = || format!("the process was stopped for {}", show_time(time));
    (!time.is_zero()).then(words)
}

/// Interventions that were not planned by the scenario, in words.
fn interventions(
    outcome: &RunOutcome,
    plan: Option<&Plan>,
    (gate, stopped): (Option<&Gate>, Duration),
    had_hand_clients: bool,
) -> Vec<String> {
    let is_planned = |signal| {
        plan.is_some_and(|it| it.signals.iter().any(|it| it.signal == signal))
    };
    let ended_by = match outcome.ended {
        Ended::ClientsDone | Ended::ServerFailed => None,
        Ended::Signal(signal) if is_planned(signal) => None,
        Ended::Signal(signal) => Some(signal.name()),
        Ended::DurationOver => Some("--duration"),
        Ended::Quit => Some("q"),
    };
    let mut all = Vec::new();
    if let Some(by) = ended_by.filter(|_| outcome.clients_left) {
        let after = show_time(outcome.ended_at);
        all.push(format!(
            "the run was ended by {by} after {after}, before its clients \
             were done"
        ));
    }
    let paused = gate.map_or(Duration::ZERO, Gate::paused_for);
    if !paused.is_zero() {
        all.push(format!("the server was paused for {}", show_time(paused)));
    }
    all.extend(stop_in_words(stopped));
    if gate.is_some_and(Gate::was_slow) {
        all.push("the server ran in slow motion".into());
    }
    if had_hand_clients && plan.is_some() {
        all.push("clients by hand took part".into());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::EchoTime;
    use crate::probe::{SocketCount, SocketId};

    fn at(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn echo_times_stand_with_the_socket_of_their_client() {
        let ports = [None, Some(51), Some(52), Some(53), Some(54), Some(54)];
        let socket = |(id, port): (u32, Option<u16>)| {
            let count = SocketCount::new(SocketId(id), port.map(at));
            SocketReport { count, ..SocketReport::default() }
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
}
