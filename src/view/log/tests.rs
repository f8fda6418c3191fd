use super::*;
use crate::probe::{
    End, Kind, LISTENER, Outcome, Phase, Site, SocketId, TaskId, TaskNow,
};

const THREAD: ThreadId = ThreadId(0);
const OTHER: ThreadId = ThreadId(1);
const SITE: Site = Site { file: "src/modes/serial.rs", line: 21 };
const ONE: SocketId = SocketId(1);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn enter(at: u64, thread: ThreadId, kind: Kind) -> Event {
    Event::Enter { at: ms(at).into(), thread, kind, socket: ONE, site: SITE }
}

/// A call that returns after `took` milliseconds.
fn exit(at: u64, took: u64, kind: Kind, outcome: Outcome) -> Event {
    Event::Exit {
        entered: ms(at - took).into(),
        at: ms(at).into(),
        thread: THREAD,
        kind,
        socket: ONE,
        site: SITE,
        outcome,
        pending: 0,
        unframed: 0,
        echoed: 0,
    }
}

fn read(at: u64, bytes: u32) -> Event {
    exit(at, 0, Kind::Read, Outcome::Bytes(bytes))
}

fn idle(since: u64, at: u64, passes: u64) -> Event {
    let (since, at, calls) = (ms(since), ms(at), passes * 3);
    Event::Idle {
        since: since.into(),
        at: at.into(),
        thread: THREAD,
        calls,
        passes,
    }
}

fn note(at: u64, note: Note) -> Event {
    Event::Note { at: ms(at).into(), thread: THREAD, note }
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

#[test]
fn a_call_that_returns_soon_is_one_entry() {
    let events = [
        enter(0, THREAD, Kind::Read),
        exit(49, 49, Kind::Read, Outcome::Bytes(5)),
    ];
    assert_eq!(words(&folded(&events)), ["49 read x1 5B"]);
}

#[test]
fn a_call_that_sleeps_is_told_and_its_return_says_how_long() {
    let events = [
        enter(0, THREAD, Kind::Read),
        exit(1_000, 1_000, Kind::Read, Outcome::Bytes(5)),
    ];
    let expected = ["0 asleep in read", "1000 read x1 5B slept 1s"];
    assert_eq!(words(&folded(&events)), expected);
}

#[test]
fn a_sleep_is_told_while_it_lasts() {
    let mut book = LogBook::default();
    assert_eq!(book.push(&enter(0, THREAD, Kind::Read)), []);
    assert_eq!(book.tick(ms(50)), [], "its return may be on its way");
    let entries = book.tick(ms(50) + LATE);
    assert_eq!(words(&entries), ["0 asleep in read"]);
    assert_eq!(book.tick(ms(500)), []);
}

#[test]
fn a_call_that_the_end_cuts_short_is_no_sleep() {
    assert_eq!(folded(&[enter(0, THREAD, Kind::Read)]), []);
    let events = [enter(0, THREAD, Kind::Read), read(60, 1)];
    let expected = ["0 asleep in read", "60 read x1 1B"];
    assert_eq!(words(&folded(&events)), expected);
}

#[test]
fn a_lost_return_is_no_sleep() {
    let events = [
        enter(0, THREAD, Kind::Read),
        enter(10, THREAD, Kind::Write),
        exit(20, 10, Kind::Write, Outcome::Bytes(1)),
    ];
    assert_eq!(words(&folded(&events)), ["20 write x1 1B"]);
}

#[test]
fn entries_come_in_the_order_of_their_times() {
    let events = [
        enter(0, OTHER, Kind::Read),
        read(30, 5),
        exit(45, 0, Kind::Write, Outcome::Bytes(5)),
        note(80, Note::Phase(Phase::Finishing)),
    ];
    let expected = [
        "0 asleep in read",
        "30 read x1 5B",
        "45 write x1 5B",
        "80 Phase(Finishing)",
    ];
    assert_eq!(words(&folded(&events)), expected);
}

#[test]
fn equal_calls_are_told_one_by_one_and_then_as_one() {
    let events: Vec<_> = (0..20).map(|n| read(n, 2)).collect();
    let words = words(&folded(&events));
    assert_eq!(words.len(), 9);
    assert_eq!(words[0], "0 read x1 2B");
    assert_eq!(words[7], "7 read x1 2B");
    assert_eq!(words[8], "8 read x12 24B");
}

#[test]
fn a_pause_or_another_call_begins_a_new_row() {
    let mut events: Vec<_> = (0..10).map(|n| read(n, 2)).collect();
    events.push(read(200, 2));
    events.push(exit(201, 0, Kind::Read, Outcome::EndOfFile));
    let words = words(&folded(&events));
    let expected = ["8 read x2 4B", "200 read x1 2B", "201 read x1 0B"];
    assert_eq!(words[8..], expected);
}

#[test]
fn idle_runs_add_up_for_a_second() {
    let events: Vec<_> =
        (0..15).map(|n| idle(n * 100, n * 100 + 100, 7)).collect();
    let expected =
        ["0 70 iterations, 210 calls", "1000 35 iterations, 105 calls"];
    assert_eq!(words(&folded(&events)), expected);
}

#[test]
fn an_idle_run_that_another_thread_reports_is_the_same_run() {
    let (since, at, calls, passes) = (ms(100), ms(150), 3, 1);
    let told = Event::Idle {
        since: since.into(),
        at: at.into(),
        thread: OTHER,
        calls,
        passes,
    };
    let expected = ["0 8 iterations, 24 calls"];
    assert_eq!(words(&folded(&[idle(0, 100, 7), told])), expected);
}

#[test]
fn an_answer_ends_an_idle_run() {
    let events = [idle(0, 9, 1), read(10, 5), idle(11, 19, 2)];
    let expected = [
        "0 1 iterations, 3 calls",
        "10 read x1 5B",
        "11 2 iterations, 6 calls",
    ];
    assert_eq!(words(&folded(&events)), expected);
}

#[test]
fn ready_sockets_belong_to_the_wait_that_named_them() {
    let ready =
        |socket| Note::Ready { socket, readable: true, writable: false };
    let events = [
        exit(5, 0, Kind::Wait, Outcome::Ready(2)),
        note(5, ready(LISTENER)),
        note(6, ready(ONE)),
        note(7, ready(ONE)),
    ];
    let entries = folded(&events);
    let readable = Readiness { readable: true, writable: false };
    let What::Made(Made { more: More::Ready(named), .. }) = &entries[0].what
    else {
        panic!("{entries:?}")
    };
    assert_eq!(named, &[(LISTENER, readable), (ONE, readable)]);
    let third = What::Note(ready(ONE));
    assert_eq!(entries[1].what, third, "only two were announced");
}

#[test]
fn an_accept_says_who_and_a_watch_says_what_for() {
    let peer = Some(([127, 0, 0, 1], 50_312).into());
    let events = [
        exit(1, 0, Kind::Accept, Outcome::Accepted(ONE)),
        note(1, Note::Opened { socket: ONE, peer }),
        exit(2, 0, Kind::Watch, Outcome::Done),
        note(2, Note::Interest { socket: ONE, readable: true, writable: true }),
    ];
    let mores: Vec<_> = folded(&events)
        .into_iter()
        .map(|entry| match entry.what {
            What::Made(made) => made.more,
            other => panic!("{other:?}"),
        })
        .collect();
    let both = Readiness { readable: true, writable: true };
    let expected = peer.map(More::Peer).into_iter();
    let expected: Vec<_> = expected.chain([More::Interest(both)]).collect();
    assert_eq!(mores, expected);
}

/// Whoever handles an error tells; an error that nobody handles is silent.
#[test]
fn only_a_handled_error_is_an_entry() {
    let end = End::Boom;
    let events = [
        note(1, Note::Failed { socket: ONE, end }),
        note(2, Note::Handled { socket: ONE, end }),
    ];
    let whats: Vec<_> =
        folded(&events).into_iter().map(|entry| entry.what).collect();
    assert_eq!(whats, [What::Note(Note::Handled { socket: ONE, end })]);
}

#[test]
fn notes_of_no_call_are_entries() {
    let notes = [
        Note::Opened { socket: LISTENER, peer: None },
        Note::Opened { socket: ONE, peer: None },
        Note::Closed { socket: ONE, end: End::Reset, unsent: 3 },
    ];
    let entries = folded(&notes.map(|it| note(0, it))).into_iter();
    let whats: Vec<_> = entries.map(|entry| entry.what).collect();
    assert_eq!(whats, notes.map(What::Note));
}

#[test]
fn ticks_change_when_entries_come_but_not_which() {
    let mut events: Vec<_> = (0..30).map(|n| read(n * 7, 2)).collect();
    events.extend([
        enter(300, THREAD, Kind::Read),
        exit(400, 100, Kind::Read, Outcome::Bytes(1)),
        idle(401, 500, 3),
        idle(500, 600, 3),
        read(700, 1),
    ]);
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
    book.push(&idle(700, 800, 9));
    assert_eq!(book.tick(ms(1_500)), []);
    assert_eq!(book.settled(), ms(700), "the run may go on");
    assert_eq!(book.tick(ms(2_000)).len(), 1);
    assert_eq!(book.settled(), ms(1_780));
    book.push(&enter(2_010, OTHER, Kind::Read));
    assert_eq!(book.settled(), ms(1_810));
    book.tick(ms(2_500));
    assert_eq!(book.settled(), ms(2_280), "it sleeps");
}

#[test]
fn a_task_that_pauses_says_what_would_have_blocked() {
    let once = |at| Event::Idle {
        since: ms(at).into(),
        at: ms(at).into(),
        thread: THREAD,
        calls: 1,
        passes: 0,
    };
    let (kind, socket, site) = (Kind::Read, ONE, SITE);
    let now = TaskNow::Paused { kind, socket, site };
    let pause = |at| note(at, Note::Task { task: TaskId(3), now });
    let paused = format!("Task {{ task: TaskId(3), now: {now:?} }}");
    let events = [once(1), pause(1), idle(5, 8, 2), pause(9)];
    let expected = [
        format!("1 {paused}"),
        "5 2 iterations, 6 calls".into(),
        format!("9 {paused}"),
    ];
    assert_eq!(words(&folded(&events)), expected);
}
