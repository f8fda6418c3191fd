//! A fixed run, counted by a real tally, and its report.

use sockscope::load::{EchoTime, Ends, GroupResult, Loop};
use sockscope::net::ServerOptions;
use sockscope::probe::{
    Call, Counters, End, Exit, Kind, LISTENER, Note, Outcome, Phase, PhaseMark,
    Probe, SocketId, Tally,
};
use sockscope::run::conditions::Conditions;
use sockscope::run::report::{
    ClientsReport, ContextSwitches, CpuTime, FindingReport, GroupReport,
    LineReport, MemoryOf, RunReport, ServerReport,
};
use sockscope::scenario::ExpectationCheck;
use sockscope::units::Nanos;
use sockscope::view::findings;
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

fn counters() -> Counters {
    tally().snapshot()
}

/// Fixed lines of source in the place of those of this file.
fn with_source(lines: Vec<LineReport>) -> Vec<LineReport> {
    let sources = [
        (13, "if let Some(client) = listener.try_accept()? {"),
        (25, "client.try_read()?;"),
        (29, "client.try_write()?;"),
    ];
    let lines = lines.into_iter().zip(sources);
    lines
        .map(|(row, (line, source))| LineReport {
            file: "nonblocking.rs".into(),
            line,
            source: Some(source.into()),
            ..row
        })
        .collect()
}

pub(crate) fn conditions() -> Conditions {
    Conditions {
        sockscope_version: "0.1.0".into(),
        os: "linux".into(),
        kernel: Some("6.18.0".into()),
        architecture: "x86_64".into(),
        cores: Some(2),
        mode: Some("nonblocking".into()),
        server: Some(ServerOptions {
            listen: None,
            ..ServerOptions::default().complete()
        }),
        address: Some("127.0.0.1:40123".into()),
        scenario: Some("two-clients".into()),
        scenario_title: Some("One client talks, one is silent".into()),
        scenario_crc32: Some(0x5eed),
        options: vec!["--duration=2s".into(), "--ui=none".into()],
        started_at: "2026-11-23T14:50:00Z".into(),
        ..Conditions::default()
    }
}

fn groups() -> [GroupResult; 3] {
    let talker = GroupResult {
        name: "talker".into(),
        clients: 1,
        connected: 1,
        bytes_out: 1_920,
        bytes_in: 1_920,
        echoes: 15,
        ends: Ends { closed: 1, ..Ends::default() },
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
        ..GroupResult::default()
    };
    let deaf = GroupResult {
        name: "deaf\u{1b}[2J".into(),
        bytes_out: 262_144,
        bytes_in: 0,
        echoes: 0,
        missing: 1,
        ends: Ends { reset: 1, ..Ends::default() },
        unsent: 3,
        overdue_turns: 1,
        first_echo_at_ns: None,
        ended_first_at_ns: Some(2_020_000_000),
        ended_last_at_ns: Some(2_020_000_000),
        echo_time: None,
        first_error: Some("Connection reset by peer (os error 104)".into()),
        ..talker.clone()
    };
    let total = GroupResult {
        name: "total".into(),
        clients: 2,
        connected: 2,
        bytes_out: talker.bytes_out + deaf.bytes_out,
        missing: 1,
        unsent: 3,
        overdue_turns: 1,
        ends: Ends { closed: 1, reset: 1, ..Ends::default() },
        ended_last_at_ns: deaf.ended_last_at_ns,
        first_error: deaf.first_error.clone(),
        ..talker.clone()
    };
    [talker, deaf, total]
}

fn clients(groups: [GroupResult; 3], own_process: bool) -> ClientsReport {
    let [one, other, total] = groups;
    let group = |result| GroupReport {
        result,
        is_timed: false,
        longest_echo_behind: None,
    };
    ClientsReport { total, groups: [one, other].map(group).into(), own_process }
}

fn checks() -> Vec<ExpectationCheck> {
    let check =
        |says: &str, held, wanted: &str, found: &str| ExpectationCheck {
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
fn phases() -> Vec<PhaseMark> {
    let row = |phase, at, left| PhaseMark { phase, at: Nanos(at), left };
    vec![
        row(Phase::Running, 0, 0),
        row(Phase::Refusing, 29_900_000, 2),
        row(Phase::Finishing, 29_945_000, 2),
        row(Phase::Cancelling, 2_029_910_000, 1),
        row(Phase::Ended, 2_030_000_000, 0),
    ]
}

fn with_usage(server: ServerReport) -> ServerReport {
    let (user_ns, system_ns) = (600_000_000, 1_360_000_000);
    let (voluntary, involuntary) = (3, 1_204);
    ServerReport {
        cpu: Some(CpuTime { user_ns, system_ns }),
        context_switches: Some(ContextSwitches { voluntary, involuntary }),
        peak_memory_bytes: Some(5_452_595),
        peak_memory_of: MemoryOf::ServerAndClients,
        ..server
    }
}

pub(crate) fn fixed() -> RunReport {
    let counters = counters();
    let mut report =
        RunReport::of_counters(conditions(), &counters, Kind::Accept, |_| None);
    let [talker, ..] = groups();
    report.sockets[1].echo_time = talker.echo_time;
    let findings = findings(&report.evidence(&counters, 7));
    RunReport {
        over: true,
        outcome: "clients done".into(),
        run_time_ns: 2_030_000_000,
        phases: phases(),
        deadline_at_ns: Some(2_029_900_000),
        server: report.server.map(with_usage),
        lines: with_source(report.lines),
        clients: Some(clients(groups(), false)),
        checks: checks(),
        findings: findings.iter().map(FindingReport::from).collect(),
        events_lost: 7,
        ..report
    }
}

/// A run without clients of ours on a system that provides few figures.
pub(crate) fn bare() -> RunReport {
    let counters = Tally::default().totals();
    let conditions = Conditions {
        kernel: None,
        cores: None,
        mechanism: Some("epoll".into()),
        mode: Some("selector".into()),
        scenario: None,
        scenario_title: None,
        scenario_crc32: None,
        options: vec![],
        ..conditions()
    };
    RunReport {
        over: true,
        outcome: "SIGTERM".into(),
        run_time_ns: 2_030_000_000,
        ..RunReport::of_counters(conditions, &counters, Kind::Wait, |_| None)
    }
}

/// Clients of two kinds that called a server which is not ours.
pub(crate) fn load() -> RunReport {
    let [talker, deaf, total] = groups();
    let crowd = GroupResult {
        name: "crowd".into(),
        clients: 20,
        connected: 18,
        refused: 2,
        mismatches: 1,
        ends: Ends { closed: 17, mismatch: 1, refused: 2, ..Ends::default() },
        first_error: Some("Connection refused (os error 111)".into()),
        first_mismatch: Some("client 4: byte 7 is 'x', not 'y'".into()),
        pacing: Loop::Open,
        echo_time: talker.echo_time,
        ..deaf
    };
    let total = GroupResult {
        clients: 21,
        connected: 19,
        refused: 2,
        mismatches: 1,
        ends: Ends { closed: 18, mismatch: 1, refused: 2, ..Ends::default() },
        pacing: Loop::Mixed,
        first_error: crowd.first_error.clone(),
        first_mismatch: crowd.first_mismatch.clone(),
        ..total
    };
    let conditions = Conditions {
        mode: None,
        server: None,
        address: Some("[::1]:7007".into()),
        options: vec!["[::1]:7007".into()],
        ..conditions()
    };
    RunReport {
        over: true,
        outcome: "all clients were done".into(),
        run_time_ns: 2_030_000_000,
        clients: Some(clients([talker, crowd, total], true)),
        ..RunReport::new("load", conditions)
    }
}
