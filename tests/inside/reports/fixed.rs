//! A fixed run, counted by a real tally, and its report.

use sockscope::net::ServerOptions;
use sockscope::probe::{
    Call, End, Exit, Kind, LISTENER, Note, Outcome, Probe, SocketId, Tally,
};
use sockscope::report::{
    CheckRow, Clients, Conditions, ContextSwitches, Cpu, EchoTime, FindingRow,
    GroupRow, LineRow, MemoryOf, PhaseRow, Report, SCHEMA_VERSION, Server,
    SocketRow, Usage,
};
use sockscope::view::{Counters, Evidence, findings};
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

fn made(tally: &Arc<Tally>, call: Call, outcome: Outcome, pending: u32) {
    let echoed = u32::from(call.kind == Kind::Write);
    let mark = tally.enter(&call);
    tally.exit(&call, mark, Exit { outcome, pending, unframed: 0, echoed });
}

/// A busy loop with two clients: one talks, one never reads.
fn tally() -> Arc<Tally> {
    let tally = Arc::new(Tally::default());
    let [accept, read, write] = [Kind::Accept, Kind::Read, Kind::Write];
    let at = |kind, socket, location| Call {
        kind,
        socket: SocketId(socket),
        may_sleep: false,
        location,
    };
    let [accepts, reads, writes] =
        [Location::caller(), Location::caller(), Location::caller()];
    tally.note(&Note::Opened { socket: LISTENER, peer: None });
    for id in [1, 2] {
        let socket = SocketId(id);
        let accepted = Outcome::Accepted(socket);
        made(&tally, at(accept, 0, accepts), accepted, 0);
        let peer = ([127, 0, 0, 1], 50_311 + u16::try_from(id).unwrap());
        tally.note(&Note::Opened { socket, peer: Some(peer.into()) });
    }
    for _ in 0..1_200 {
        made(&tally, at(accept, 0, accepts), Outcome::WouldBlock, 0);
        made(&tally, at(read, 1, reads), Outcome::WouldBlock, 0);
        made(&tally, at(read, 2, reads), Outcome::WouldBlock, 0);
    }
    for _ in 0..15 {
        made(&tally, at(read, 1, reads), Outcome::Bytes(128), 128);
        made(&tally, at(write, 1, writes), Outcome::Bytes(128), 0);
    }
    for n in 1..=16 {
        let pending = n * 16_384;
        made(&tally, at(read, 2, reads), Outcome::Bytes(16_384), pending);
    }
    let (socket, end) = (SocketId(1), End::EndOfFile);
    tally.note(&Note::Closed { socket, end, unsent: 0 });
    let (socket, end) = (SocketId(2), End::Reset);
    tally.note(&Note::Closed { socket, end, unsent: 262_144 });
    tally
}

fn figures() -> Counters {
    tally().snapshot()
}

/// The lines of this file that the tally saw, under names that last.
fn lines(figures: &Counters) -> Vec<LineRow> {
    let sources = [
        (13, "if let Some(client) = listener.try_accept()? {"),
        (25, "client.try_read()?;"),
        (29, "client.try_write()?;"),
    ];
    let rows = LineRow::list(figures, |_| None).into_iter().zip(sources);
    rows.map(|(row, (line, source))| LineRow {
        file: "nonblocking.rs".into(),
        line,
        source: Some(source.into()),
        ..row
    })
    .collect()
}

fn conditions() -> Conditions {
    Conditions {
        sockscope_version: "0.1.0".into(),
        os: "linux".into(),
        kernel: Some("6.18.0".into()),
        architecture: "x86_64".into(),
        cores: Some(2),
        mechanism: None,
        mode: Some("nonblocking".into()),
        errors: None,
        calls_before_yield: None,
        shutdown: None,
        address: "127.0.0.1:40123".into(),
        scenario: Some("two-clients".into()),
        scenario_title: Some("One client talks, one is silent".into()),
        options: vec!["--duration=2s".into(), "--ui=none".into()],
        started_at: "2026-11-23T14:50:00Z".into(),
    }
}

fn ends(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(end, n)| ((*end).into(), *n)).collect()
}

fn clients() -> Clients {
    let talker = GroupRow {
        name: "talker".into(),
        clients: 1,
        connected: 1,
        refused: 0,
        bytes_out: 1_920,
        bytes_in: 1_920,
        echoes: 15,
        missing: 0,
        unsent: 0,
        overdue_turns: 0,
        mismatches: 0,
        ends: ends(&[("closed", 1)]),
        connect_time_max_ns: Some(93_500),
        first_echo_at_ns: Some(200_400_000),
        ended_first_at_ns: Some(1_010_000_000),
        ended_last_at_ns: Some(1_010_000_000),
        echo_time: Some(EchoTime {
            count: 15,
            min_ns: 31_000,
            mean_ns: 52_000,
            p50_ns: 45_000,
            p90_ns: 81_000,
            p99_ns: 400_000,
            p99_9_ns: 400_000,
            max_ns: 400_000,
        }),
        pacing: "closed loop".into(),
        first_error: None,
        first_mismatch: None,
    };
    let deaf = GroupRow {
        name: "deaf\u{1b}[2J".into(),
        bytes_out: 262_144,
        bytes_in: 0,
        echoes: 0,
        missing: 1,
        ends: ends(&[("reset", 1)]),
        unsent: 3,
        overdue_turns: 1,
        first_echo_at_ns: None,
        ended_first_at_ns: Some(2_020_000_000),
        ended_last_at_ns: Some(2_020_000_000),
        echo_time: None,
        first_error: Some("Connection reset by peer (os error 104)".into()),
        ..talker.clone()
    };
    let total = GroupRow {
        name: "total".into(),
        clients: 2,
        connected: 2,
        bytes_out: talker.bytes_out + deaf.bytes_out,
        missing: 1,
        unsent: 3,
        overdue_turns: 1,
        ends: ends(&[("closed", 1), ("reset", 1)]),
        ended_last_at_ns: deaf.ended_last_at_ns,
        first_error: deaf.first_error.clone(),
        ..talker.clone()
    };
    Clients { total, groups: vec![talker, deaf], own_process: false }
}

fn checks() -> Vec<CheckRow> {
    let check = |says: &str, held, wanted: &str, found: &str| CheckRow {
        says: says.into(),
        held,
        not_judged: None,
        wanted: wanted.into(),
        found: found.into(),
    };
    vec![
        check("the talker has every echo", Some(true), "15", "15"),
        check("the server does not spin", Some(false), "0", "3,600"),
        check("it uses little memory", None, "under 64 MiB", "unknown"),
    ]
}

/// Of three connections one did not leave in time.
fn phases() -> Vec<PhaseRow> {
    let row = |phase: &str, at_ns, connections_left| PhaseRow {
        phase: phase.into(),
        at_ns,
        connections_left,
    };
    vec![
        row("running", 0, 0),
        row("refusing", 29_900_000, 2),
        row("finishing", 29_945_000, 2),
        row("cancelling", 2_029_910_000, 1),
        row("ended", 2_030_000_000, 0),
    ]
}

fn usage() -> Usage {
    Usage {
        cpu: Some(Cpu { user_ns: 600_000_000, system_ns: 1_360_000_000 }),
        context_switches: Some(ContextSwitches {
            voluntary: 3,
            involuntary: 1_204,
        }),
        threads_peak: Some(1),
        peak_memory_bytes: Some(5_452_595),
        peak_memory_of: MemoryOf::ServerAndClients,
    }
}

pub(crate) fn fixed() -> Report {
    let figures = figures();
    let (mut sockets, sockets_not_listed) = SocketRow::list(&figures);
    sockets[1].echo_time = clients().groups[0].echo_time;
    let evidence = Evidence {
        figures: &figures,
        options: ServerOptions::default(),
        waiting: None,
        unhandled: None,
        events_lost: 7,
    };
    let findings = findings(&evidence);
    Report {
        schema_version: SCHEMA_VERSION,
        conditions: conditions(),
        outcome: "clients done".into(),
        interventions: vec![],
        run_time_ns: 2_030_000_000,
        phases: phases(),
        deadline_at_ns: Some(2_029_900_000),
        server: Some(Server::new(&figures, Kind::Accept, usage())),
        lines: lines(&figures),
        sockets,
        sockets_not_listed,
        clients: Some(clients()),
        checks: checks(),
        findings: findings.iter().map(FindingRow::from).collect(),
        events_lost: 7,
    }
}

/// A run without clients of ours on a system that tells little.
pub(crate) fn bare() -> Report {
    let figures = Counters::default();
    let usage = Usage {
        cpu: None,
        context_switches: None,
        threads_peak: None,
        peak_memory_bytes: None,
        peak_memory_of: MemoryOf::Server,
    };
    Report {
        conditions: Conditions {
            kernel: None,
            cores: None,
            mechanism: Some("epoll".into()),
            mode: Some("selector".into()),
            scenario: None,
            scenario_title: None,
            options: vec![],
            ..conditions()
        },
        outcome: "SIGTERM".into(),
        phases: vec![],
        deadline_at_ns: None,
        server: Some(Server::new(&figures, Kind::Wait, usage)),
        sockets: vec![],
        lines: vec![],
        clients: None,
        checks: vec![],
        findings: vec![],
        events_lost: 0,
        ..fixed()
    }
}

/// Clients of two kinds that called a server which is not ours.
pub(crate) fn load() -> Report {
    let Clients { total, groups, .. } = clients();
    let [talker, deaf] = groups.try_into().unwrap();
    let crowd = GroupRow {
        name: "crowd".into(),
        clients: 20,
        connected: 18,
        refused: 2,
        mismatches: 1,
        ends: ends(&[("closed", 17), ("mismatch", 1), ("refused", 2)]),
        first_error: Some("Connection refused (os error 111)".into()),
        first_mismatch: Some("client 4: byte 7 is 'x', not 'y'".into()),
        pacing: "open loop".into(),
        ..deaf
    };
    let crowd = GroupRow { echo_time: talker.echo_time, ..crowd };
    let total = GroupRow {
        clients: 21,
        connected: 19,
        refused: 2,
        mismatches: 1,
        ends: ends(&[("closed", 18), ("mismatch", 1), ("refused", 2)]),
        pacing: "mixed".into(),
        first_error: crowd.first_error.clone(),
        first_mismatch: crowd.first_mismatch.clone(),
        ..total
    };
    Report {
        conditions: Conditions {
            mode: None,
            errors: None,
            calls_before_yield: None,
            shutdown: None,
            address: "[::1]:7007".into(),
            options: vec!["[::1]:7007".into()],
            ..conditions()
        },
        outcome: "all clients were done".into(),
        phases: vec![],
        deadline_at_ns: None,
        server: None,
        sockets: vec![],
        lines: vec![],
        clients: Some(Clients {
            total,
            groups: vec![talker, crowd],
            own_process: true,
        }),
        checks: vec![],
        findings: vec![],
        events_lost: 0,
        ..fixed()
    }
}
