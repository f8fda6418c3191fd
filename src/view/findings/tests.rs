use super::*;
use crate::net::ServerOptions;
use crate::probe::{Class, Kind, LineCount, Site};
use crate::units::Size;

fn evidence(figures: &Counters) -> Evidence<'_> {
    Evidence {
        figures,
        options: ServerOptions::default(),
        waiting: None,
        unhandled: None,
        events_lost: 0,
    }
}

fn reads(calls: u64, would_blocks: u64) -> Counters {
    let mut figures = Counters::default();
    let mut line = LineCount::new(Site::default(), Kind::Read);
    line.counts[Class::Bytes as usize] = calls - would_blocks;
    line.counts[Class::WouldBlock as usize] = would_blocks;
    figures.lines.push(line);
    figures
}

/// Connections from #3 on that ended so.
fn ended_by(end: End, connections: u64) -> Counters {
    let mut figures = Counters::default();
    let ended = Concerned { connections, first: SocketId(3) };
    figures.ends.insert(end, ended);
    figures
}

fn socket(id: u32, pending_peak_bytes: u64) -> SocketCount {
    SocketCount { pending_peak_bytes, ..SocketCount::new(SocketId(id), None) }
}

/// What is found, in words, one a line.
#[track_caller]
fn says(evidence: &Evidence, words: &str) {
    let found = findings(evidence);
    assert!(found.iter().all(|finding| !finding.advice.is_empty()));
    let said: Vec<_> = found.into_iter().map(|it| it.observation).collect();
    assert_eq!(said.join("\n"), words);
}

#[test]
fn counters_are_put_into_words() {
    let slept = |id, ms| {
        let time = Some(Duration::from_millis(ms).into());
        SocketCount { longest_write_ns: time, ..socket(id, 0) }
    };
    let of = |sockets: &[SocketCount]| Counters {
        sockets: sockets.to_vec(),
        ..Counters::default()
    };
    let long_runs = |long_runs| Counters {
        long_runs,
        longest_run: Duration::from_millis(1_500).into(),
        ..Counters::default()
    };
    let unsent_on = Some(Concerned { connections: 1, first: SocketId(1) });
    let paused = Counters { connection_pauses: 7, ..Counters::default() };
    let no_descriptors =
        Counters { descriptor_pauses: 1, ..Counters::default() };
    let unsent =
        Counters { unsent_on, unsent_bytes: 16, ..Counters::default() };
    let full = 256 * 1024;
    for (figures, words) in [
        (Counters::default(), ""),
        (reads(7_017, 7_002), "asked 7,017 times, answered 15: spinning"),
        (reads(7_000, 5_000), ""),
        // These are too few calls to say so.
        (reads(900, 899), ""),
        (
            of(&[socket(3, full), socket(4, 1)]),
            "output for client #3 reached its limit of 256 KiB: it was not \
             reading",
        ),
        (
            of(&[socket(3, full), socket(4, 1), socket(5, full)]),
            "output for 2 clients, first #3, reached its limit of 256 KiB: \
             they were not reading",
        ),
        // That is not long.
        (of(&[slept(1, 99)]), ""),
        (
            of(&[slept(1, 99), slept(2, 1_500), slept(3, 200)]),
            "a write to client #2 had to wait 1.50 s: it was not reading",
        ),
        (
            long_runs(1),
            "a task kept the thread for up to 1.50 s without a pause (1 time \
             above 0.1 s): all others had to wait",
        ),
        (
            long_runs(2),
            "a task kept the thread for up to 1.50 s without a pause (2 \
             times above 0.1 s): all others had to wait",
        ),
        (
            paused,
            "accepting paused 7 times: the limit of connections is reached",
        ),
        (no_descriptors, "accepting paused 1 time: out of file descriptors"),
        (unsent, "16 bytes of connection #1 came in and were never echoed"),
    ] {
        says(&evidence(&figures), words);
    }
}

#[test]
fn ends_of_connections_are_put_into_words() {
    for (end, connections, words) in [
        (End::Reset, 1, "connection #3 was reset by the client"),
        (
            End::Idle,
            2,
            "2 connections, first #3, were closed by the idle time-out",
        ),
        (End::TooLong, 1, "connection #3 sent a line longer than 256 KiB"),
        (End::Boom, 1, "the handler of connection #3 failed on the line boom"),
        (End::EndOfFile, 9, ""),
        (End::Stopped, 9, ""),
    ] {
        says(&evidence(&ended_by(end, connections)), words);
    }
}

#[test]
fn findings_depend_on_the_load_the_limits_and_the_events_lost() {
    let mut figures = Counters::default();
    let time = Duration::from_millis(2_100);
    let waiting = Some(Waiting { group: "talker", time });
    let words = "a client of talker waited 2.10 s for its echo";
    says(&Evidence { waiting, ..evidence(&figures) }, words);
    let time = Duration::from_millis(99);
    let waiting = Some(Waiting { group: "talker", time });
    says(&Evidence { waiting, ..evidence(&figures) }, "");
    let words = "1,204 events found no room and are not shown";
    says(&Evidence { events_lost: 1_204, ..evidence(&figures) }, words);
    // A limit that one read fills says nothing of the client.
    figures.sockets = vec![socket(3, 16 * 1024)];
    let mut evidence = evidence(&figures);
    evidence.options.buffer_limit = Some(Size(16 * 1024));
    says(&evidence, "");
}

#[test]
fn errors_that_are_not_handled_say_what_became_of_them() {
    let mut figures = ended_by(End::Boom, 2);
    figures.errors_unhandled = figures.ends.get(&End::Boom).copied();
    for (fate, what, advice) in [
        (
            Unhandled::EndsServer,
            "its error was not handled",
            "ended the server",
        ),
        (
            Unhandled::Dropped,
            "its error was not reported",
            "handle was dropped",
        ),
        (
            Unhandled::Kept,
            "its error was not reported while the server ran",
            "never joined",
        ),
        (
            Unhandled::Reported,
            "its exception was never retrieved",
            "said so at once",
        ),
    ] {
        let evidence = Evidence { unhandled: Some(fate), ..evidence(&figures) };
        let who = "the handler of 2 connections, first #3, failed";
        says(&evidence, &format!("{who} and {what}"));
        assert!(findings(&evidence)[0].advice.contains(advice));
    }
}
