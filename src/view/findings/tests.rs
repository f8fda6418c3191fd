use super::*;
use crate::net::ServerOptions;
use crate::probe::{Class, Kind, LineCount, Site};
use crate::units::Size;

/// The figures of a server that did nothing.
fn nothing() -> Counters {
    Counters::default()
}

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
    let mut figures = nothing();
    let mut line = LineCount::new(Site::default(), Kind::Read);
    line.counts[Class::Bytes as usize] = calls - would_blocks;
    line.counts[Class::WouldBlock as usize] = would_blocks;
    figures.lines.push(line);
    figures
}

/// Connections from #3 on that ended so.
fn ended_by(end: End, connections: u64) -> Counters {
    let mut figures = nothing();
    let ended = Concerned { connections, first: SocketId(3) };
    figures.ends.insert(end, ended);
    figures
}

fn socket(id: u32, pending_peak_bytes: u64) -> SocketCount {
    SocketCount { pending_peak_bytes, ..SocketCount::new(SocketId(id), None) }
}

/// What is found, in words, one a line.
fn said(evidence: &Evidence) -> String {
    let found = findings(evidence);
    assert!(found.iter().all(|finding| !finding.advice().is_empty()));
    let words: Vec<_> = found.iter().map(ToString::to_string).collect();
    words.join("\n")
}

#[test]
fn nothing_is_said_of_nothing() {
    assert_eq!(said(&evidence(&nothing())), "");
}

#[test]
fn many_calls_in_vain_are_spinning() {
    let figures = reads(7_017, 7_002);
    let words = "asked 7,017 times, answered 15: spinning";
    assert_eq!(said(&evidence(&figures)), words);
}

#[test]
fn a_busy_loop_that_finds_something_does_not_spin() {
    assert_eq!(said(&evidence(&reads(7_000, 5_000))), "");
    assert_eq!(said(&evidence(&reads(900, 899))), "", "too few to tell");
}

#[test]
fn a_long_wait_behind_another_client_is_starvation() {
    let figures = nothing();
    let mut evidence = evidence(&figures);
    let time = Duration::from_millis(2_100);
    evidence.waiting = Some(Waiting { group: "talker", time });
    let words = "a client of talker waited 2.10 s for its echo";
    assert_eq!(said(&evidence), words);
    let time = Duration::from_millis(99);
    evidence.waiting = Some(Waiting { group: "talker", time });
    assert_eq!(said(&evidence), "", "that is not long");
}

#[test]
fn output_at_its_limit_names_the_client() {
    let mut figures = nothing();
    figures.sockets = vec![socket(3, 256 * 1024), socket(4, 1)];
    let words =
        "output for client #3 reached its limit of 256 KiB: it was not reading";
    assert_eq!(said(&evidence(&figures)), words);
    figures.sockets.push(socket(5, 256 * 1024));
    assert_eq!(
        said(&evidence(&figures)),
        "output for 2 clients, first #3, reached its limit of 256 KiB: \
         they were not reading"
    );
}

#[test]
fn a_limit_that_one_read_fills_says_nothing_of_the_client() {
    let mut figures = nothing();
    figures.sockets = vec![socket(3, 16 * 1024)];
    let mut evidence = evidence(&figures);
    evidence.options.buffer_limit = Some(Size(16 * 1024));
    assert_eq!(said(&evidence), "");
}

#[test]
fn a_long_sleep_in_a_write_names_the_client() {
    let slept = |id, ms| {
        let time = Some(Duration::from_millis(ms).into());
        SocketCount { longest_write_ns: time, ..socket(id, 0) }
    };
    let mut figures = nothing();
    figures.sockets = vec![slept(1, 99)];
    assert_eq!(said(&evidence(&figures)), "", "that is not long");
    figures.sockets = vec![slept(1, 99), slept(2, 1_500), slept(3, 200)];
    let words = "a write to client #2 had to wait 1.50 s: it was not reading";
    assert_eq!(said(&evidence(&figures)), words);
}

#[test]
fn resets_name_the_client() {
    let words = "connection #3 was reset by the client";
    assert_eq!(said(&evidence(&ended_by(End::Reset, 1))), words);
}

#[test]
fn idle_timeouts_name_the_first_client() {
    let words = "2 connections, first #3, were closed by the idle time-out";
    assert_eq!(said(&evidence(&ended_by(End::Idle, 2))), words);
}

#[test]
fn lines_over_the_limit_name_the_client() {
    let words = "connection #3 sent a line longer than 256 KiB";
    assert_eq!(said(&evidence(&ended_by(End::TooLong, 1))), words);
}

#[test]
fn failed_handlers_name_the_client() {
    let words = "the handler of connection #3 failed on the line boom";
    assert_eq!(said(&evidence(&ended_by(End::Boom, 1))), words);
}

#[test]
fn errors_that_nobody_handled_say_what_became_of_them() {
    let mut figures = ended_by(End::Boom, 2);
    figures.errors_unhandled = figures.ends.get(&End::Boom).copied();
    let who = "the handler of 2 connections, first #3, failed";
    for (fate, what, advice) in [
        (Unhandled::EndsServer, "nobody handled it", "ended the server"),
        (Unhandled::Dropped, "nobody was told", "handle was dropped"),
        (Unhandled::Kept, "nobody was told while it ran", "never joined"),
        (
            Unhandled::Reported,
            "its exception was never retrieved",
            "said so at once",
        ),
    ] {
        let evidence = Evidence { unhandled: Some(fate), ..evidence(&figures) };
        assert_eq!(said(&evidence), format!("{who} and {what}"));
        let found = findings(&evidence);
        assert!(found[0].advice().contains(advice), "{found:?}");
    }
}

#[test]
fn a_task_that_kept_the_thread_says_for_how_long() {
    let mut figures = nothing();
    (figures.long_runs, figures.longest_run) =
        (1, Duration::from_millis(1_500).into());
    let words = "a task kept the thread for up to 1.50 s without a pause \
                 (1 time above 0.1 s): all others had to wait";
    assert_eq!(said(&evidence(&figures)), words);
    figures.long_runs = 2;
    let found = said(&evidence(&figures));
    assert!(found.contains("(2 times above 0.1 s)"), "{found}");
}

#[test]
fn a_normal_end_is_no_finding() {
    assert_eq!(said(&evidence(&ended_by(End::EndOfFile, 9))), "");
    assert_eq!(said(&evidence(&ended_by(End::Stopped, 9))), "");
}

#[test]
fn a_pause_of_accepting_names_its_limit() {
    let mut figures = nothing();
    figures.connection_pauses = 7;
    let words = "accepting paused 7 times: the limit of connections is reached";
    assert_eq!(said(&evidence(&figures)), words);
    figures.connection_pauses = 0;
    figures.descriptor_pauses = 1;
    let words = "accepting paused 1 time: out of file descriptors";
    assert_eq!(said(&evidence(&figures)), words);
}

#[test]
fn bytes_that_were_never_echoed_are_counted() {
    let mut figures = nothing();
    let first = SocketId(1);
    figures.unsent_on = Some(Concerned { connections: 1, first });
    figures.unsent_bytes = 16;
    let words = "16 bytes of connection #1 came in and were never echoed";
    assert_eq!(said(&evidence(&figures)), words);
}

#[test]
fn lost_events_are_counted() {
    let figures = nothing();
    let mut evidence = evidence(&figures);
    evidence.events_lost = 1_204;
    let words = "1,204 events found no room and are not shown";
    assert_eq!(said(&evidence), words);
}
