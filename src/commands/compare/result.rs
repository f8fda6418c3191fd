//! What came of a run, for its report and its comparison.

use crate::commands::live::facts;
use crate::commands::summary;
use crate::error::Error;
use crate::load::{EchoTime, GroupResult, LoadResult, Names, Step, Until};
use crate::modes::Mode;
use crate::probe::Counters;
use crate::report::Report;
use crate::run::comparison::{
    Answers, Behind, Contender, ContenderEchoes, ContenderGroup,
};
use crate::run::session::{RunState, SessionRun};
use crate::run::setup::RunSetup;
use crate::run::watch::RunWatch;
use crate::scenario::Plan;
use crate::view::SocketCount;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// A run that is over.
pub(in crate::commands) struct Over {
    /// Its own report; none if it could not be run.
    pub(in crate::commands) report: Option<Report>,
    pub(super) contender: Contender,
}

/// Puts together what came of a run that is over.
pub(in crate::commands) fn over(
    command: &'static str,
    setup: &RunSetup,
    run: &SessionRun,
    watch: Option<&RunWatch>,
) -> Over {
    let mode = run.mode;
    let outcome = match &run.state {
        RunState::Over(outcome) => outcome,
        RunState::Failed(error) => return failed(mode, error),
        RunState::Waiting | RunState::Running => {
            return Over { report: None, contender: nothing(mode) };
        }
    };
    let facts = facts(command, setup, run, watch, outcome);
    let figures = facts.tally.clone();
    let findings = summary::found(&facts, &figures);
    let mut interventions = summary::interventions(&facts);
    let had = watch.is_some_and(RunWatch::has_had_hand_clients);
    if had && setup.plan.is_some() {
        interventions.push("clients by hand took part".into());
    }
    let report = summary::report(facts);
    let failure = run.failure();
    let used = outcome.usage;
    let load = outcome.load.as_ref();
    let names = run.meters.load.names();
    let contender = Contender {
        run_time: outcome.run_time,
        over: true,
        failure: failure.map(|it| format!("the server failed: {it}")),
        interventions,
        cpu: used.map(|used| used.user + used.system),
        context_switches: used.map(|it| it.voluntary + it.involuntary),
        echo: load.and_then(|load| echoes(&load.total.echo_time)),
        groups: load
            .map(|load| groups(mode, setup, load, &figures.sockets, &names))
            .unwrap_or_default(),
        findings,
        figures,
        ..nothing(mode)
    };
    Over { report: Some(report), contender }
}

/// What there is to compare of a run that goes on.
pub(super) fn so_far(run: &SessionRun) -> Contender {
    let mode = run.mode;
    if !run.has_begun() {
        return nothing(mode);
    }
    let echo = run.meters.load.latest().map(|load| load.echo_time);
    Contender {
        run_time: run.now(),
        figures: run.tally.totals(),
        cpu: run.meters.threads.cpu_so_far(),
        echo: echo.as_ref().and_then(echoes),
        ..nothing(mode)
    }
}

/// A run that could not be made.
fn failed(mode: Mode, error: &Error) -> Over {
    let cause = Some(error.chain());
    let contender = Contender { over: true, failure: cause, ..nothing(mode) };
    Over { report: None, contender }
}

/// A mode that has not run.
pub(super) fn nothing(mode: Mode) -> Contender {
    Contender {
        name: mode.name().into(),
        mode: mode.name().into(),
        course: 0,
        machine: 0,
        options: 0,
        run_time: Duration::ZERO,
        over: false,
        failure: None,
        interventions: Vec::new(),
        loop_call: mode.loop_call(),
        figures: Counters::default(),
        cpu: None,
        context_switches: None,
        echo: None,
        groups: Vec::new(),
        findings: Vec::new(),
    }
}

/// How long echoes took, if there were any.
pub(super) fn echoes(times: &EchoTime) -> Option<ContenderEchoes> {
    (times.count > 0).then(|| ContenderEchoes {
        count: times.count,
        p50: Duration::from_nanos(times.p50_ns),
        p99: Duration::from_nanos(times.p99_ns),
        max: Duration::from_nanos(times.max_ns),
    })
}

fn groups(
    mode: Mode,
    setup: &RunSetup,
    load: &LoadResult,
    sockets: &[SocketCount],
    names: &Names,
) -> Vec<ContenderGroup> {
    let mut first = 1;
    let plan = setup.plan.as_ref();
    let group = |group: &GroupResult| {
        let clients = first..first + group.clients;
        first += group.clients;
        let timed = group.echo_time.count > 0;
        ContenderGroup {
            name: group.name.clone(),
            answers: answers(group),
            for_a_time: setup.duration.is_some()
                || plan.is_some_and(|it| goes_on_for_a_time(it, &group.name)),
            first_echo: group.first_echo_at_ns.map(Duration::from_nanos),
            longest_echo: timed
                .then(|| Duration::from_nanos(group.echo_time.max_ns)),
            behind: (mode == Mode::Serial)
                .then(|| slowest(load, clients, group))
                .flatten()
                .and_then(|address| behind(address, sockets, names)),
        }
    };
    load.groups.iter().map(group).collect()
}

/// Whether the clock ends what this group's clients do.
pub(super) fn goes_on_for_a_time(plan: &Plan, group: &str) -> bool {
    let timed = |step: &Step| {
        matches!(step, Step::Repeat { until: Until::Elapsed(_), .. })
    };
    let mut own = plan.groups.iter().filter(|it| it.name == group);
    own.any(|it| it.steps.iter().any(timed))
}

fn answers(group: &GroupResult) -> Answers {
    Answers {
        connected: group.connected,
        echoes: group.echoes,
        missing: group.missing + group.unsent + group.overdue_turns,
        bytes_out: group.bytes_out,
        bytes_in: group.bytes_in,
        mismatches: group.mismatches,
        ends: group.ends.named().map(|(end, n)| (end.to_owned(), n)).collect(),
    }
}

/// The address of the client that had the longest echo of its group, if it
/// was timed.
fn slowest(
    load: &LoadResult,
    clients: std::ops::Range<u64>,
    group: &GroupResult,
) -> Option<SocketAddr> {
    let mut timed = load.clients.iter();
    let longest = group.echo_time.max_ns;
    let slowest = timed.find(|it| {
        clients.contains(&it.client.into()) && it.echo_time.max_ns == longest
    });
    slowest.map(|it| it.address)
}

/// Who was accepted before the client at this address; nobody if it was the
/// first, or came up twice.
pub(super) fn behind(
    address: SocketAddr,
    sockets: &[SocketCount],
    names: &HashMap<SocketAddr, String>,
) -> Option<Behind> {
    let peers: Vec<_> = sockets.iter().filter_map(|it| it.peer).collect();
    let mut seen: HashMap<SocketAddr, u32> = HashMap::new();
    for peer in &peers {
        *seen.entry(*peer).or_default() += 1;
    }
    let before = peers.iter().position(|peer| *peer == address)?;
    if before == 0 || seen.get(&address) != Some(&1) {
        return None;
    }
    let only = (before == 1).then(|| names.get(&peers[0]).cloned()).flatten();
    Some(Behind { clients: before as u64, only })
}
