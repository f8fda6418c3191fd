//! A recording that is compared: what is known of its run.

use super::circumstances::Circumstances;
use super::result;
use crate::commands::replay;
use crate::error::Error;
use crate::run::comparison::{
    Answers, Behind, Contender, ContenderEchoes, ContenderGroup,
};

use crate::probe::{Counters, Kind, Phase};
use crate::recording::{Ending, Recording, State};
use crate::report::compare::{ModeResult, RecordingRow};
use crate::report::{Clients, EchoTime, GroupRow, Report, SCHEMA_VERSION};
use crate::scenario::{self, Plan};
use crate::units::show_time;
use crate::view::{Evidence, Finding, Unhandled, Waiting, findings};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A run that was recorded.
pub(super) struct Recorded {
    /// As on the command line.
    pub(super) file: PathBuf,
    pub(super) recording: Recording,
    pub(super) circumstances: Circumstances,
    report: Option<Report>,
    contender: Contender,
}

impl Recorded {
    /// Reads what is to be compared.
    ///
    /// # Errors
    /// If the file cannot be read, or is damaged where it must be read.
    pub(super) fn open(file: &Path) -> Result<Self, Error> {
        let recording = replay::open(file)?;
        let state = at_end(&recording).map_err(|source| Error::Recording {
            path: file.into(),
            source: source.into(),
        })?;
        let report = report(&recording);
        let contender = contender(&recording, &state, report.as_ref());
        Ok(Self {
            file: file.into(),
            circumstances: circumstances(&recording),
            recording,
            report,
            contender,
        })
    }

    pub(super) fn mode(&self) -> &str {
        &self.recording.header().mode
    }

    /// What there is to compare.
    pub(super) fn contender(&self) -> Contender {
        self.contender.clone()
    }

    /// What the report says of it.
    pub(super) fn result(&self) -> ModeResult {
        let header = self.recording.header();
        ModeResult {
            name: header.mode.clone(),
            mode: header.mode.clone(),
            recording: Some(RecordingRow {
                file: self.file.display().to_string(),
                started_at: header.started_at.clone(),
                ended_early: ended_early(&self.recording, true),
                beside: header.beside.clone(),
                conditions: self.circumstances.conditions.clone(),
            }),
            failure: self.contender.failure.clone(),
            report: self.report.clone(),
        }
    }
}

/// What was known after its last record.
fn at_end(recording: &Recording) -> Result<State, crate::recording::Error> {
    let mut cursor = recording.from_event(recording.events())?;
    while cursor.step()?.is_some() {}
    Ok(cursor.state().clone())
}

/// The report of its run, if it is there and can be read.
fn report(recording: &Recording) -> Option<Report> {
    let report = recording.closing()?.report.clone()?;
    let report: Report = serde_json::from_value(report).ok()?;
    (report.schema_version <= SCHEMA_VERSION).then_some(report)
}

/// That the recording was not ended, and with `cause` why.
fn ended_early(recording: &Recording, cause: bool) -> Option<String> {
    let Ending::Truncated { at, why } = recording.ending() else {
        return None;
    };
    let time = show_time(recording.duration());
    let cause = cause.then(|| format!(" (at byte {at}: {why})"));
    Some(format!(
        "it ends at {time} and was not brought to its end{}",
        cause.unwrap_or_default()
    ))
}

fn circumstances(recording: &Recording) -> Circumstances {
    let header = recording.header();
    Circumstances {
        conditions: serde_json::from_value(header.conditions.clone()).ok(),
        scenario: header.scenario.clone(),
        duration_ns: header.duration_ns,
        settings: header.server,
        clients_apart: header.clients_apart,
        at_once: header.beside.len(),
    }
}

fn contender(
    recording: &Recording,
    state: &State,
    report: Option<&Report>,
) -> Contender {
    let header = recording.header();
    let at = recording.duration();
    let snapshot = state.counters().snapshot();
    let loop_call = Kind::ALL.into_iter();
    let mut loop_call =
        loop_call.filter(|it| it.name() == header.shape.loop_call);
    let loop_call = loop_call.next().unwrap_or(Kind::Accept);
    let figures = snapshot.clone();
    let server = report.and_then(|it| it.server.as_ref());
    let clients = report.and_then(|it| it.clients.as_ref());
    let cpu = server.and_then(|it| it.cpu);
    let switches = server.and_then(|it| it.context_switches);
    Contender {
        name: header.mode.clone(),
        mode: header.mode.clone(),
        course: 0,
        machine: 0,
        options: 0,
        run_time: report.map_or_else(
            || run_time(&snapshot, at),
            |it| Duration::from_nanos(it.run_time_ns),
        ),
        over: true,
        loop_call,
        failure: failure(recording, report),
        interventions: interventions(recording, report),
        cpu: cpu.map(|it| Duration::from_nanos(it.user_ns + it.system_ns)),
        context_switches: switches.map(|it| it.voluntary + it.involuntary),
        echo: clients.and_then(|it| it.total.echo_time.map(echoes)),
        groups: clients
            .map(|it| groups(recording, state, it, report, &figures))
            .unwrap_or_default(),
        findings: found(recording, &figures, clients),
        figures,
    }
}

/// From the start of the server to the last that is known.
fn run_time(snapshot: &Counters, at: Duration) -> Duration {
    let mut phases = snapshot.phases.iter();
    let began = phases.find(|mark| mark.phase == Phase::Running);
    at.saturating_sub(began.map_or(Duration::ZERO, |mark| mark.at.duration()))
}

fn failure(recording: &Recording, report: Option<&Report>) -> Option<String> {
    let cause = recording.closing()?.failure.clone()?;
    Some(match report {
        Some(_) => format!("the server failed: {cause}"),
        None => cause,
    })
}

/// What was done to the run, and what is missing of it.
fn interventions(
    recording: &Recording,
    report: Option<&Report>,
) -> Vec<String> {
    if let Some(report) = report {
        return report.interventions.clone();
    }
    let early = ended_early(recording, false);
    let early = early.map(|words| format!("of its recording, {words}"));
    vec![early.unwrap_or("its recording has no report".into())]
}

fn echoes(it: EchoTime) -> ContenderEchoes {
    ContenderEchoes {
        count: it.count,
        p50: Duration::from_nanos(it.p50_ns),
        p99: Duration::from_nanos(it.p99_ns),
        max: Duration::from_nanos(it.max_ns),
    }
}

fn found(
    recording: &Recording,
    figures: &Counters,
    clients: Option<&Clients>,
) -> Vec<Finding> {
    let header = recording.header();
    let unhandled = header.shape.unhandled.as_ref();
    let mut fates = Unhandled::ALL.into_iter();
    findings(&Evidence {
        figures,
        options: header.server,
        waiting: clients
            .filter(|_| header.mode == SERIAL)
            .and_then(longest_wait),
        unhandled: fates.find(|it| unhandled.is_some_and(|u| it.name() == u)),
        // The figures are those of the exact counters.
        events_lost: 0,
    })
}

/// The mode that serves one client at a time.
const SERIAL: &str = crate::modes::Mode::Serial.name();

fn longest_wait(clients: &Clients) -> Option<Waiting<'_>> {
    let timed = clients.groups.iter();
    let timed = timed.filter_map(|it| Some((it.echo_time?.max_ns, &it.name)));
    let slowest = timed.max_by_key(|(max_ns, _)| *max_ns);
    let several = clients.total.clients > 1;
    slowest.filter(|_| several).map(|(max_ns, group)| Waiting {
        group,
        time: Duration::from_nanos(max_ns),
    })
}

fn groups(
    recording: &Recording,
    state: &State,
    clients: &Clients,
    report: Option<&Report>,
    figures: &Counters,
) -> Vec<ContenderGroup> {
    let header = recording.header();
    let plan = plan(recording);
    let for_a_time = |group: &str| match &plan {
        _ if header.duration_ns.is_some() => true,
        Some(plan) => result::goes_on_for_a_time(plan, group),
        // Who may have gone on for a time is not held to more.
        None => true,
    };
    let behind = |group: &GroupRow| {
        let report = report.filter(|_| header.mode == SERIAL)?;
        behind(state, group, report, figures)
    };
    let group = |group: &GroupRow| ContenderGroup {
        name: group.name.clone(),
        answers: answers(group),
        for_a_time: for_a_time(&group.name),
        first_echo: group.first_echo_at_ns.map(Duration::from_nanos),
        longest_echo: group.echo_time.map(|it| Duration::from_nanos(it.max_ns)),
        behind: behind(group),
    };
    clients.groups.iter().map(group).collect()
}

fn plan(recording: &Recording) -> Option<Plan> {
    let scenario = recording.header().scenario.as_ref()?;
    let text = scenario.text.as_ref()?;
    scenario::parse(&scenario.name, &scenario.name, text).ok()
}

fn answers(group: &GroupRow) -> Answers {
    Answers {
        connected: group.connected,
        echoes: group.echoes,
        missing: group.missing + group.unsent + group.overdue_turns,
        bytes_out: group.bytes_out,
        bytes_in: group.bytes_in,
        mismatches: group.mismatches,
        ends: group.ends.clone(),
    }
}

/// Who was accepted before the client of the group's longest echo, which is
/// known by its name.
fn behind(
    state: &State,
    group: &GroupRow,
    report: &Report,
    figures: &Counters,
) -> Option<Behind> {
    let longest = group.echo_time?.max_ns;
    let names = state.names();
    let is_of_group = |name: &str| {
        let number = name.strip_prefix(&*group.name);
        number.is_some_and(|it| it.is_empty() || it.starts_with(' '))
    };
    let mut rows = report.sockets.iter().filter_map(|row| {
        let peer = row.peer.as_ref()?.parse().ok()?;
        let slowest = row.echo_time?.max_ns == longest;
        (slowest && is_of_group(names.get(&peer)?)).then_some(peer)
    });
    result::behind(rows.next()?, &figures.sockets, names)
}
