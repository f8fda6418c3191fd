use super::*;
use crate::probe::{End, Kind, LISTENER, SocketId, TaskId, TaskNow};
use crate::view::tests::language::{events, ms, site};
use std::ops::Range;

const ONE: SocketId = SocketId(1);

fn note(at: u64, note: Note) -> Event {
    Event::Note { at: ms(at).into(), thread: ThreadId(0), note }
}

/// One word or two an entry, to compare at a glance.
fn word(entry: &LogEntry) -> String {
    let what = match &entry.what {
        What::Made(made) => {
            let slept = made.slept.map(|t| format!(" slept {t:?}"));
            let kind = made.kind.name();
            let times = made.times;
            let bytes = made.bytes;
            format!("{kind} x{times} {bytes}B{}", slept.unwrap_or_default())
        }
        What::Asleep { kind, .. } => format!("asleep in {}", kind.name()),
        What::FoundNothing(found) => {
            format!("{} iterations, {} calls", found.iterations, found.calls)
        }
        What::Note(note) => format!("{note:?}"),
        What::NotShown { entries } => format!("{entries} not shown"),
    };
    format!("{} {what}", entry.at.as_millis())
}

fn words(entries: &[LogEntry]) -> Vec<String> {
    entries.iter().map(word).collect()
}

fn folded(events: &[Event]) -> Vec<LogEntry> {
    let mut book = LogBook::default();
    let mut entries: Vec<_> =
        events.iter().flat_map(|event| book.push(event)).collect();
    entries.extend(book.finish());
    entries
}

/// The line for each of these numbers.
fn each(numbers: Range<u64>, line: impl Fn(u64) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().join("; ")
}

#[test]
fn calls_sleeps_and_idle_runs_become_entries() {
    let equal: &str = &each(0..20, |at| format!("{at} read 1 2"));
    let idle: &str =
        &each(0..15, |n| format!("{}-{} idle 7 2", n * 100, n * 100 + 100));
    for (text, expected) in [
        // One that returns soon is one entry; else its return says how long
        // it slept.
        ("0-49 read 1 5", "49 read x1 5B"),
        ("0-1000 read 1 5", "0 asleep in read, 1000 read x1 5B slept 1s"),
        // One that the end cuts short is no sleep.
        ("0 enter read 1", ""),
        ("0 enter read 1; 60 read 1 1", "0 asleep in read, 60 read x1 1B"),
        // Nor is one whose return was lost.
        ("0 enter read 1; 10-20 write 1 1", "20 write x1 1B"),
        // Entries come in the order of their times.
        (
            "t1 0 enter read 1; 30 read 1 5; 45 write 1 5; 80 phase finishing",
            "0 asleep in read, 30 read x1 5B, 45 write x1 5B, \
             80 Phase(Finishing)",
        ),
        // Equal calls are shown one by one, and then as one.
        (
            equal,
            "0 read x1 2B, 1 read x1 2B, 2 read x1 2B, 3 read x1 2B, \
             4 read x1 2B, 5 read x1 2B, 6 read x1 2B, 7 read x1 2B, \
             8 read x12 24B",
        ),
        // Idle runs add up for a second.
        (idle, "0 70 iterations 210 calls, 1000 35 iterations 105 calls"),
        // One that another thread reports is the same run.
        ("0-100 idle 7 2; t1 100-150 idle 1 2", "0 8 iterations 24 calls"),
        // An answer ends it.
        (
            "0-9 idle 1 2; 10 read 1 5; 11-19 idle 2 2",
            "0 1 iterations 3 calls, 10 read x1 5B, 11 2 iterations 6 calls",
        ),
    ] {
        let found = words(&folded(&events(text)));
        let found: Vec<_> =
            found.iter().map(|it| it.replace(',', "")).collect();
        assert_eq!(found.join(", "), expected, "{text}");
    }
}

#[test]
fn a_pause_or_another_call_begins_a_new_row() {
    let text = each(0..10, |at| format!("{at} read 1 2"));
    let text = format!("{text}; 200 read 1 2; 201 read 1 eof");
    let words = words(&folded(&events(&text)));
    let expected = ["8 read x2 4B", "200 read x1 2B", "201 read x1 0B"];
    assert_eq!(words[8..], expected);
}

#[test]
fn a_sleep_is_shown_while_it_lasts() {
    let mut book = LogBook::default();
    assert_eq!(book.push(&events("0 enter read 1")[0]), []);
    assert_eq!(book.tick(ms(50)), [], "its return may be on its way");
    let entries = book.tick(ms(50) + LATE);
    assert_eq!(words(&entries), ["0 asleep in read"]);
    assert_eq!(book.tick(ms(500)), []);
}

#[test]
fn a_call_has_the_notes_that_explain_it() {
    let mores = |text: &str| -> Vec<More> {
        let made = |entry: LogEntry| match entry.what {
            What::Made(made) => made.more,
            What::Note(_) => More::Nothing,
            other => panic!("{other:?}"),
        };
        folded(&events(text)).into_iter().map(made).collect()
    };
    let readable = Readiness { readable: true, writable: false };
    let both = Readiness { readable: true, writable: true };
    let ready = "5 wait 0 2; 5 ready 0 R; 6 ready 1 R; 7 ready 1 R";
    let named = vec![(LISTENER, readable), (ONE, readable)];
    let expected = [More::Ready(named), More::Nothing];
    assert_eq!(mores(ready), expected, "only two were announced");
    let accept = "1 accept 0 1; 1 open 1 50312; 2 watch 1 done; \
                  2 interest 1 RW";
    let peer = More::Peer(([127, 0, 0, 1], 50_312).into());
    assert_eq!(mores(accept), [peer, More::Interest(both)]);
}

#[test]
fn notes_of_no_call_are_entries_but_for_an_error_that_is_not_handled() {
    let end = End::Boom;
    let notes = [
        Note::Failed { socket: ONE, end },
        Note::Opened { socket: LISTENER, peer: None },
        Note::Opened { socket: ONE, peer: None },
        Note::Closed { socket: ONE, end: End::Reset, unsent: 3 },
        Note::Handled { socket: ONE, end },
    ];
    let entries = folded(&notes.map(|it| note(0, it))).into_iter();
    let whats: Vec<_> = entries.map(|entry| entry.what).collect();
    assert_eq!(whats, notes.map(What::Note)[1..]);
}

#[test]
fn ticks_change_when_entries_come_but_not_which() {
    let text = each(0..30, |n| format!("{} read 1 2", n * 7));
    let events = events(&format!(
        "{text}; 300-400 read 1 1; 401-500 idle 3 2; 500-600 idle 3 2; \
         700 read 1 1"
    ));
    let mut book = LogBook::default();
    let mut ticked = Vec::new();
    for event in &events {
        ticked.extend(book.tick(event.at().duration()));
        ticked.extend(book.push(event));
        ticked.extend(book.tick(event.at().duration()));
    }
    ticked.extend(book.finish());
    assert_eq!(ticked, folded(&events));
}

#[test]
fn nothing_comes_before_what_is_settled() {
    let mut book = LogBook::default();
    book.push(&events("700-800 idle 9 2")[0]);
    assert_eq!(book.tick(ms(1_500)), []);
    assert_eq!(book.settled(), ms(700), "the run may go on");
    assert_eq!(book.tick(ms(2_000)).len(), 1);
    assert_eq!(book.settled(), ms(1_780));
    book.push(&events("t1 2010 enter read 1")[0]);
    assert_eq!(book.settled(), ms(1_810));
    book.tick(ms(2_500));
    assert_eq!(book.settled(), ms(2_280), "it sleeps");
}

#[test]
fn a_task_that_pauses_says_what_would_have_blocked() {
    let once = Event::Idle {
        since: ms(1).into(),
        at: ms(1).into(),
        thread: ThreadId(0),
        calls: 1,
        passes: 0,
    };
    let (kind, socket) = (Kind::Read, ONE);
    let now = TaskNow::Paused { kind, socket, site: site(kind) };
    let pause = |at| note(at, Note::Task { task: TaskId(3), now });
    let paused = format!("Task {{ task: TaskId(3), now: {now:?} }}");
    let idle = events("5-8 idle 2 2").remove(0);
    let expected = [
        format!("1 {paused}"),
        "5 2 iterations, 6 calls".into(),
        format!("9 {paused}"),
    ];
    assert_eq!(words(&folded(&[once, pause(1), idle, pause(9)])), expected);
}
