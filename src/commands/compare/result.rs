//! What came of one mode's run.

use super::course::Course;
use super::entry::Running;
use crate::commands::follow::Follower;
use crate::commands::summary::{self, Facts};
use crate::error::{Error, causes_in_words};
use crate::load::{EchoTime, GroupResult, LoadResult, Names, Step, Until};
use crate::run::comparison::{
    Answers, Behind, Contender, ContenderEchoes, ContenderGroup,
};

use crate::modes::Mode;
use crate::probe::Counters;
use crate::report::Report;
use crate::run::engine::{CutBy, Outcome};
use crate::scenario::Plan;
use crate::view::SocketCount;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

/// A run that is over.
pub(super) struct Over {
    /// Its own report; none if it never ran.
    pub(super) report: Option<Report>,
    pub(super) contender: Contender,
    /// Why it failed, for its recording.
    pub(super) cause: Option<String>,
    pub(super) cut_short: Option<CutBy>,
}

/// Puts together what came of a run.
pub(super) fn over(
    mode: Mode,
    course: &Course,
    running: &Running,
    result: Result<Outcome, Error>,
) -> Over {
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => return failed(mode, &error),
    };
    let snapshot = running.tally.snapshot();
    let figures = snapshot.clone();
    let facts = facts(mode, course, running, &outcome, snapshot);
    let findings = summary::found(&facts, &figures);
    let mut interventions = summary::interventions(&facts);
    let mut followed = running.follower.iter();
    let had = followed.any(Follower::has_had_hand_clients);
    if had && course.plan.is_some() {
        interventions.push("clients by hand took part".into());
    }
    let report = summary::report(facts);
    let cause = outcome.failure.as_ref().map(|it| causes_in_words(it));
    let used = outcome.usage;
    let load = outcome.load.as_ref();
    let names = running.names();
    let contender = Contender {
        run_time: outcome.run_time,
        over: true,
        failure: cause.as_ref().map(|it| format!("the server failed: {it}")),
        interventions,
        cpu: used.map(|used| used.user + used.system),
        context_switches: used.map(|it| it.voluntary + it.involuntary),
        echo: load.and_then(|load| echoes(&load.total.echo_time)),
        groups: load
            .map(|load| groups(mode, course, load, &figures.sockets, &names))
            .unwrap_or_default(),
        findings,
        figures,
        ..nothing(mode)
    };
    let cut_short = outcome.cut_short;
    Over { report: Some(report), contender, cause, cut_short }
}

fn facts<'a>(
    mode: Mode,
    course: &'a Course,
    running: &'a Running,
    outcome: &'a Outcome,
    tally: Counters,
) -> Facts<'a> {
    let follower = running.follower.as_ref();
    Facts {
        mode,
        command: "compare",
        settings: &course.settings,
        plan: course.plan.as_deref(),
        tally,
        outcome,
        grace: course.grace,
        clients_apart: course.clients_apart(),
        events_lost: follower.map_or(0, Follower::lost),
        seen: follower.map(Follower::seen).unwrap_or_default(),
        gate: running.gate.as_deref(),
        started_at: running.started_at,
    }
}

/// A run that could not be made.
fn failed(mode: Mode, error: &Error) -> Over {
    let cause = Some(error.chain());
    let contender =
        Contender { over: true, failure: cause.clone(), ..nothing(mode) };
    Over { report: None, contender, cause, cut_short: None }
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
    course: &Course,
    load: &LoadResult,
    sockets: &[SocketCount],
    names: &Names,
) -> Vec<ContenderGroup> {
    let mut first = 1;
    let plan = course.plan.as_deref();
    let group = |group: &GroupResult| {
        let clients = first..first + group.clients;
        first += group.clients;
        let timed = group.echo_time.count > 0;
        ContenderGroup {
            name: group.name.clone(),
            answers: answers(group),
            for_a_time: course.duration.is_some()
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
