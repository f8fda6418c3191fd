//! A run's outcome as a report, in the form that is wanted.

use crate::cli::ReportForm;
use crate::error::Error;
use crate::load::{Ends, GroupResult, LoadResult};
use crate::model::{Evidence, Figures, Waiting, findings};
use crate::modes::Mode;
use crate::net::Settings;
use crate::probe::{Site, TallySnapshot};
use crate::report::{
    self, CheckRow, Clients, Conditions, ContextSwitches, Cpu, EchoTime,
    FindingRow, GroupRow, LineRow, MemoryOf, Report, Server, SocketRow, Style,
};
use crate::scenario::engine::{Ended, Outcome};
use crate::scenario::outcome::Findings;
use crate::scenario::{self, Plan};
use crate::system::machine;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// All that is known of a run.
pub(super) struct Facts<'a> {
    pub(super) mode: Mode,
    pub(super) settings: &'a Settings,
    pub(super) plan: Option<&'a Plan>,
    pub(super) tally: TallySnapshot,
    pub(super) outcome: &'a Outcome,
    pub(super) clients_apart: bool,
    pub(super) events_lost: u64,
    pub(super) started_at: SystemTime,
}

/// What a scenario is about, before it starts.
pub(super) fn introduction(plan: &Plan, mode: Mode) -> String {
    let mut text = format!("\n{}: {}\n", plan.name, plan.title);
    let other = |it: &&String| {
        Mode::ALL.iter().any(|other| {
            *other != mode && it.contains(&format!("In `{}`", other.name()))
        })
    };
    for sentence in plan.watch.iter().filter(|it| !other(it)) {
        text.push_str("  ");
        text.push_str(sentence);
        text.push('\n');
    }
    text.push('\n');
    text
}

/// The report of a run.
pub(super) fn report(facts: &Facts) -> Report {
    let figures = Figures::of(&facts.tally, facts.mode.loop_call());
    let (sockets, sockets_not_listed) = SocketRow::list(&figures);
    let lines = LineRow::list(&figures, |site| source_line(facts.mode, site));
    let found = findings(&evidence(facts, &figures));
    let load = facts.outcome.load.as_ref();
    Report {
        schema_version: report::SCHEMA_VERSION,
        conditions: conditions(facts),
        outcome: ended_words(facts.outcome),
        run_time_ns: nanoseconds(facts.outcome.run_time),
        server: Server::new(&figures, usage(facts)),
        sockets,
        sockets_not_listed,
        lines,
        clients: load.map(|load| clients(load, facts.clients_apart)),
        checks: checks(facts),
        findings: found.iter().map(FindingRow::from).collect(),
        events_lost: facts.events_lost,
    }
}

/// The report as text in the form that is wanted.
pub(super) fn render(
    report: &Report,
    form: ReportForm,
) -> Result<String, Error> {
    Ok(match form {
        ReportForm::Text => {
            format!("\n{}", report::text(report, Style::Colour))
        }
        ReportForm::Json => report::json(report).map_err(unwritable)?,
        ReportForm::Markdown => report::markdown(report),
        ReportForm::Csv => report::csv(report).map_err(unwritable)?,
    })
}

fn unwritable(error: report::Error) -> Error {
    Error::Report(Box::new(error))
}

/// The text of a line of the mode's own source.
fn source_line(mode: Mode, site: Site) -> Option<String> {
    let own = site.name().strip_suffix(".rs") == Some(mode.name());
    let index = (site.line as usize).checked_sub(1).filter(|_| own)?;
    mode.source().lines().nth(index).map(str::to_owned)
}

fn evidence<'a>(facts: &Facts<'a>, figures: &'a Figures) -> Evidence<'a> {
    let load = facts.outcome.load.as_ref();
    Evidence {
        figures,
        buffer_limit: facts.settings.buffer_limit,
        recv_size: facts.settings.recv_size,
        waiting: load
            .filter(|_| facts.mode == Mode::Serial)
            .and_then(longest_wait),
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

fn conditions(facts: &Facts) -> Conditions {
    let plan = facts.plan;
    Conditions {
        sockscope_version: env!("CARGO_PKG_VERSION").into(),
        os: std::env::consts::OS.into(),
        kernel: machine::kernel(),
        architecture: std::env::consts::ARCH.into(),
        cores: machine::cores().map(|cores| cores as u64),
        mechanism: Some(machine::mechanism().into())
            .filter(|_| facts.mode == Mode::Selector),
        mode: facts.mode.name().into(),
        address: facts.outcome.address.to_string(),
        scenario: plan.map(|plan| plan.name.clone()),
        scenario_title: plan.map(|plan| plan.title.clone()),
        options: std::env::args().skip(2).collect(),
        started_at: humantime::format_rfc3339_seconds(facts.started_at)
            .to_string(),
    }
}

fn ended_words(outcome: &Outcome) -> String {
    let ended = match outcome.ended {
        Ended::ClientsDone => "all clients were done",
        Ended::DurationOver => "its time was over",
        Ended::Signal(signal) => signal.name(),
        Ended::Quit => "the user quit",
    };
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

fn checks(facts: &Facts) -> Vec<CheckRow> {
    let Some(plan) = facts.plan else { return Vec::new() };
    let found = Findings {
        mode: facts.mode,
        tally: &facts.tally,
        outcome: facts.outcome,
    };
    let checks = scenario::check(&plan.expectations, facts.mode, &found);
    let row = |check: scenario::Check| CheckRow {
        says: check.says,
        held: check.held,
        wanted: check.wanted,
        found: check.found,
    };
    checks.into_iter().map(row).collect()
}

/// What the clients measured, as part of a report.
pub(super) fn clients(load: &LoadResult, own_process: bool) -> Clients {
    let groups = load.groups.iter();
    Clients {
        total: load.total.clients,
        groups: groups.map(|group| group_row(group, own_process)).collect(),
    }
}

fn group_row(group: &GroupResult, own_process: bool) -> GroupRow {
    let times = group.echo_time;
    GroupRow {
        name: group.name.clone(),
        clients: group.clients,
        connected: group.connected,
        refused: group.refused,
        bytes_out: group.bytes_out,
        bytes_in: group.bytes_in,
        echoes: group.echoes,
        missing: group.missing,
        mismatches: group.mismatches,
        ends: ends(&group.ends),
        echo_time: (times.count > 0).then_some(EchoTime {
            count: times.count,
            min_ns: times.min_ns,
            mean_ns: times.mean_ns,
            p50_ns: times.p50_ns,
            p90_ns: times.p90_ns,
            p99_ns: times.p99_ns,
            p99_9_ns: times.p99_9_ns,
            max_ns: times.max_ns,
        }),
        pacing: Some(group.pacing.name().into()),
        own_process,
    }
}

fn ends(ends: &Ends) -> BTreeMap<String, u64> {
    let named = [
        ("closed", ends.closed),
        ("end of file", ends.end_of_file),
        ("reset", ends.reset),
        ("mismatch", ends.mismatch),
        ("timed out", ends.timed_out),
        ("refused", ends.refused),
    ];
    let happened = named.into_iter().filter(|(_, count)| *count > 0);
    happened.map(|(name, count)| (name.to_owned(), count)).collect()
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
