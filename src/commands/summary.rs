//! A run's outcome as a report, in the form that is wanted.

use crate::error::causes_in_words;
use crate::load::LoadResult;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::probe::{Counters, Gate, Phase, Site};
use crate::report::{
    self, CheckRow, Clients, Conditions, ContextSwitches, Cpu, FindingRow,
    LineRow, MemoryOf, PhaseRow, Report, Server, SocketRow,
};
use crate::run::engine::{Ended, Outcome};
use crate::run::outcome::Findings;
use crate::run::setup::unhandled;
use crate::scenario::{self, Plan};
use crate::system::machine;
use crate::system::signals::Signal;
use crate::units::{nanoseconds, show_time};
use crate::view::{Evidence, Finding, Waiting, findings};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

/// All that is known of a run.
pub(super) struct Facts<'a> {
    pub(super) mode: Mode,
    /// The command that ran it.
    pub(super) command: &'static str,
    pub(super) settings: &'a ServerOptions,
    pub(super) plan: Option<&'a Plan>,
    pub(super) tally: Counters,
    pub(super) outcome: &'a Outcome,
    pub(super) grace: Duration,
    pub(super) clients_apart: bool,
    pub(super) events_lost: u64,
    /// What was worth telling while it lasted.
    pub(super) seen: Vec<Finding>,
    /// Where the run was paused or slowed down, if it could be.
    pub(super) gate: Option<&'a Gate>,
    pub(super) started_at: SystemTime,
}

/// What a scenario is about, before it starts.
pub(super) fn introduction(plan: &Plan, mode: Mode) -> String {
    let title = format!("{}: {}", plan.name, plan.title);
    let other = |it: &&String| {
        Mode::ALL.iter().any(|other| {
            *other != mode && it.contains(&format!("In `{}`", other.name()))
        })
    };
    let mut text = String::from("\n");
    add_wrapped(&mut text, ["", "  "], &title);
    for sentence in plan.watch.iter().filter(|it| !other(it)) {
        add_wrapped(&mut text, ["  ", "    "], sentence);
    }
    text.push('\n');
    text
}

/// Adds a paragraph, whose first line and whose other lines begin so.
fn add_wrapped(text: &mut String, indents: [&str; 2], paragraph: &str) {
    let room = report::WIDTH - indents[1].len();
    for (index, line) in crate::text::wrap(paragraph, room).iter().enumerate() {
        text.extend([indents[index.min(1)], line, "\n"]);
    }
}

/// The report of a run.
pub(super) fn report(facts: Facts) -> Report {
    let loop_call = facts.mode.loop_call();
    let facts = &facts;
    let figures = &facts.tally;
    let (mut sockets, sockets_not_listed) = SocketRow::list(figures);
    let lines = LineRow::list(figures, |site| source_line(facts.mode, site));
    let found = found(facts, figures);
    let phases = PhaseRow::list(&facts.tally.phases);
    let load = facts.outcome.load.as_ref();
    if let Some(load) = load {
        SocketRow::add_echo_times(&mut sockets, &load.clients);
    }
    Report {
        schema_version: report::SCHEMA_VERSION,
        conditions: conditions(
            facts.command,
            Some((facts.mode, facts.settings)),
            facts.outcome.address,
            facts.plan,
            facts.started_at,
        ),
        outcome: ended_words(facts.outcome),
        interventions: interventions(facts),
        run_time_ns: nanoseconds(facts.outcome.run_time),
        deadline_at_ns: deadline_at(&phases, facts.grace),
        phases,
        server: Some(Server::new(figures, loop_call, usage(facts))),
        sockets,
        sockets_not_listed,
        lines,
        clients: load.map(|load| Clients::new(load, facts.clients_apart)),
        checks: checks(facts, figures),
        findings: found
            .iter()
            .chain(&facts.seen)
            .map(FindingRow::from)
            .collect(),
        events_lost: facts.events_lost,
    }
}

/// What is worth telling of a run, at its end.
pub(super) fn found(facts: &Facts, figures: &Counters) -> Vec<Finding> {
    findings(&evidence(facts, figures))
}

/// The one moment at which the grace period is over.
fn deadline_at(phases: &[PhaseRow], grace: Duration) -> Option<u64> {
    let asked = |it: &&PhaseRow| it.phase == Phase::Refusing.name();
    let asked = phases.iter().find(asked)?;
    Some(asked.at_ns.saturating_add(nanoseconds(grace)))
}

/// The report of clients that called a server which is not ours.
pub(super) fn of_load(
    target: SocketAddr,
    plan: &Plan,
    load: &LoadResult,
    signal: Option<Signal>,
    started_at: SystemTime,
) -> Report {
    Report {
        schema_version: report::SCHEMA_VERSION,
        conditions: conditions("load", None, target, Some(plan), started_at),
        outcome: load_ended_words(load, signal).into(),
        interventions: Vec::new(),
        run_time_ns: load.run_time_ns,
        phases: Vec::new(),
        deadline_at_ns: None,
        server: None,
        sockets: Vec::new(),
        sockets_not_listed: 0,
        lines: Vec::new(),
        clients: Some(Clients::new(load, true)),
        checks: Vec::new(),
        findings: Vec::new(),
        events_lost: 0,
    }
}

fn load_ended_words(load: &LoadResult, signal: Option<Signal>) -> &'static str {
    match (load.total.ends.timed_out, signal) {
        (1.., Some(signal)) => signal.name(),
        (1.., None) => "its time was over",
        _ if load.total.connected == 0 => "no client could connect",
        _ => "all clients were done",
    }
}

/// The text of a line of the mode's own source.
fn source_line(mode: Mode, site: Site) -> Option<String> {
    let own = site.name().strip_suffix(".rs") == Some(mode.name());
    let index = (site.line as usize).checked_sub(1).filter(|_| own)?;
    mode.source().lines().nth(index).map(str::to_owned)
}

fn evidence<'a>(facts: &Facts<'a>, figures: &'a Counters) -> Evidence<'a> {
    let load = facts.outcome.load.as_ref();
    Evidence {
        figures,
        options: *facts.settings,
        waiting: load
            .filter(|_| facts.mode == Mode::Serial)
            .and_then(longest_wait),
        unhandled: unhandled(facts.mode, facts.settings.errors()),
        events_lost: facts.events_lost,
    }
}

fn longest_wait(load: &LoadResult) -> Option<Waiting<'_>> {
    let several = load.total.clients > 1;
    let slowest = load.groups.iter().max_by_key(|it| it.echo_time.max_ns);
    slowest.filter(|_| several).map(|group| Waiting {
        group: &group.name,
        time: Duration::from_nanos(group.echo_time.max_ns),
    })
}

pub(super) fn conditions(
    command: &str,
    server: Option<(Mode, &ServerOptions)>,
    address: SocketAddr,
    plan: Option<&Plan>,
    started_at: SystemTime,
) -> Conditions {
    let mode = server.map(|(mode, _)| mode);
    let errors = server.map(|(_, settings)| settings.errors());
    let of_tasks = server.filter(|(mode, _)| *mode == Mode::Tasks);
    let of_tasks = of_tasks.map(|(_, settings)| settings);
    let told = errors.filter(|it| *it != Errors::default());
    let mechanism = Some(machine::mechanism().to_owned());
    Conditions {
        sockscope_version: env!("CARGO_PKG_VERSION").into(),
        os: std::env::consts::OS.into(),
        kernel: machine::kernel(),
        architecture: std::env::consts::ARCH.into(),
        cores: machine::cores().map(|cores| cores as u64),
        mechanism: mechanism
            .filter(|_| matches!(mode, Some(Mode::Selector | Mode::Tasks))),
        mode: mode.map(|mode| mode.name().into()),
        errors: told.map(|errors| errors.name().into()),
        calls_before_yield: of_tasks.map(|it| {
            let calls = it.calls_before_yield().map(|calls| calls.to_string());
            calls.unwrap_or_else(|| "never".into())
        }),
        shutdown: of_tasks.map(|it| it.shutdown().name().into()),
        address: address.to_string(),
        scenario: plan.map(|plan| plan.name.clone()),
        scenario_title: plan.map(|plan| plan.title.clone()),
        options: options(command),
        started_at: humantime::format_rfc3339_seconds(started_at).to_string(),
    }
}

/// The words of the command line but for the command, which may come after
/// options that every command has.
fn options(command: &str) -> Vec<String> {
    let words = std::env::args_os().skip(1);
    let mut words: Vec<String> =
        words.map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(place) = words.iter().position(|word| word == command) {
        words.remove(place);
    }
    words
}

fn ended_words(outcome: &Outcome) -> String {
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

fn usage(facts: &Facts) -> report::Usage {
    let used = facts.outcome.usage;
    let here = facts.outcome.load.is_some() && !facts.clients_apart;
    report::Usage {
        cpu: used.map(|used| Cpu {
            user_ns: nanoseconds(used.user),
            system_ns: nanoseconds(used.system),
        }),
        context_switches: used.map(|used| ContextSwitches {
            voluntary: used.voluntary,
            involuntary: used.involuntary,
        }),
        threads_peak: Some(facts.tally.threads.len() as u64),
        peak_memory_bytes: facts.outcome.peak_memory,
        peak_memory_of: if here {
            MemoryOf::ServerAndClients
        } else {
            MemoryOf::Server
        },
    }
}

/// What was done to the run that its scenario does not know of.
pub(super) fn interventions(facts: &Facts) -> Vec<String> {
    let paused = facts.gate.map_or(Duration::ZERO, Gate::paused_for);
    let paused = (!paused.is_zero())
        .then(|| format!("the server was paused for {}", show_time(paused)));
    let slow = facts.gate.is_some_and(Gate::was_slow);
    let slow = slow.then(|| "the server ran in slow motion".to_owned());
    let early = cut_off(facts.outcome, facts.plan);
    early.into_iter().chain(paused).chain(slow).collect()
}

/// What ended the run before the scenario's clients were done; nothing if
/// that is a signal which the scenario itself sends.
fn cut_off(outcome: &Outcome, plan: Option<&Plan>) -> Option<String> {
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

fn checks(facts: &Facts, figures: &Counters) -> Vec<CheckRow> {
    let Some(plan) = facts.plan else { return Vec::new() };
    let meddled = interventions(facts);
    let meddled = (!meddled.is_empty()).then(|| meddled.join(", "));
    let found = Findings {
        loop_call: facts.mode.loop_call(),
        figures,
        outcome: facts.outcome,
    };
    let way = (facts.mode, facts.settings.errors());
    let checks = scenario::check(&plan.expectations, way, &found);
    let row = |check: scenario::ExpectationCheck| CheckRow {
        says: check.says,
        held: check.held.filter(|held| *held || meddled.is_none()),
        not_judged: meddled.clone().filter(|_| check.held == Some(false)),
        wanted: check.wanted,
        found: check.found,
    };
    checks.into_iter().map(row).collect()
}
