//! The log: entries that events become, and its lines.

use super::language::{events, ms};
use crate::probe::{Counters, Event, Kind, PhaseMark};
use crate::view::{LogBook, LogEntry, LogFold, LogLine, Narration};

/// One word or two an entry, to compare at a glance.
fn word(entry: &LogEntry) -> String {
    let what = match entry.event {
        Event::Exit { kind, .. } => {
            let slept = entry.slept().map(|t| format!(" slept {t:?}"));
            let (kind, times, bytes) = (kind.name(), entry.times, entry.bytes);
            let notes = match entry.notes.len() {
                0 => String::new(),
                notes => format!(" +{notes}"),
            };
            let slept = slept.unwrap_or_default();
            format!("{kind} x{times} {bytes}B{slept}{notes}")
        }
        Event::Enter { kind, .. } => format!("asleep in {}", kind.name()),
        Event::Idle { calls, passes, .. } => format!("{passes} turns {calls}"),
        Event::Note { note, .. } => {
            let note = format!("{note:?}");
            let end = note.find([' ', '(']).unwrap_or(note.len());
            note[..end].into()
        }
    };
    format!("{} {what}", entry.at().as_millis())
}

fn words<'a>(entries: impl IntoIterator<Item = &'a LogEntry>) -> String {
    entries.into_iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn calls_sleeps_notes_and_idle_runs_become_entries() {
    for case in include_str!("log.txt").split("\n\n") {
        let (text, expected) = case.split_once("\n=").unwrap();
        let text: Vec<_> =
            text.lines().filter(|it| !it.starts_with('#')).collect();
        let found = words(&LogBook::entries(&events(&text.join("\n"))));
        assert_eq!(found, expected.trim(), "{case}");
    }
}

#[test]
fn a_sleep_is_shown_while_it_lasts() {
    let mut book = LogBook::default();
    assert_eq!(book.push(&events("0 enter read 1")[0]), []);
    assert_eq!(book.tick(ms(50)), [], "its return may be on its way");
    assert_eq!(words(&book.tick(ms(70))), "0 asleep in read");
    assert_eq!(book.tick(ms(500)), []);
}

#[test]
fn ticks_change_when_entries_come_but_not_which() {
    let events = events(
        "every 7 from 0 to 210: read 1 2
         300-400 read 1 1; 401-500 idle 3 2; 500-600 idle 3 2; 700 read 1 1",
    );
    let mut book = LogBook::default();
    let mut ticked = Vec::new();
    for event in &events {
        ticked.extend(book.tick(event.at().duration()));
        ticked.extend(book.push(event));
        ticked.extend(book.tick(event.at().duration()));
    }
    ticked.extend(book.finish());
    assert_eq!(ticked, LogBook::entries(&events));
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

/// The log of a selector, from events and counters.
struct Log(LogFold);

impl Log {
    fn new() -> Self {
        Self(LogFold::new(Kind::Wait, ms(2_000)))
    }

    fn play(&mut self, text: &str) -> &mut Self {
        for event in events(text) {
            self.0.event(&event);
        }
        self
    }

    /// What was counted at a moment: these phases, and events lost.
    fn counted(&mut self, at: u64, phases: &str, lost: u64) -> &mut Self {
        let mut counters = Counters { connections: 3, ..Counters::default() };
        for event in events(phases) {
            counters.apply(&event);
        }
        let phases: Vec<PhaseMark> = std::mem::take(&mut counters.phases);
        self.0.counted(ms(at), &phases, lost, || counters);
        self
    }

    /// The lines that were added, a word and a time each.
    fn added(&mut self) -> String {
        let word = |it: &LogLine| match it {
            LogLine::Entry(entry) => word(entry),
            LogLine::NotShown { at, entries } => {
                format!("{} {entries} not shown", at.as_millis())
            }
            LogLine::Phase { mark: PhaseMark { phase, at, .. }, deadline } => {
                let deadline = deadline.map(|it| it.as_millis());
                let at = at.duration().as_millis();
                format!("{at} {} {deadline:?}", phase.name())
            }
            LogLine::Rates { at, rates, lost } => {
                let at = at.as_millis();
                format!("{at} {} open, {lost} lost", rates.open)
            }
            LogLine::Waits { at, words } => {
                format!("{} {words}", at.as_millis())
            }
        };
        self.0.take().iter().map(word).collect::<Vec<_>>().join("; ")
    }
}

#[test]
fn complete_entries_are_added_with_the_counters_or_when_they_flow() {
    let mut log = Log::new();
    assert_eq!(log.play("3 open 1").added(), "", "the counters may be first");
    log.0.flow();
    assert_eq!(log.added(), "3 Opened");
    assert_eq!(log.play("4 open 1").counted(5, "", 0).added(), "4 Opened");
    // The steps of a loop do not pass for time.
    log.play("6 accept 0 1; 900 step; 900 timers 3").0.flow();
    assert_eq!(log.added(), "", "its note may still come");
    log.0.finish();
    assert_eq!(log.added(), "6 accept x1 0B");
}

#[test]
fn a_client_that_begins_to_wait_is_a_line_at_most_once_a_second() {
    let mut log = Log::new();
    let mut narrate = |at, waits: bool| {
        let waits = waits.then(|| "waits".to_owned());
        let short = waits.clone();
        let now = "Now.".into();
        let said =
            Narration { now, waits, waits_short: short, ..Default::default() };
        log.0.narrate(ms(at), said);
    };
    for (at, waits) in [(100, false), (200, true), (300, true), (400, false)] {
        narrate(at, waits);
    }
    // It begins again too soon, and once more.
    for (at, waits) in [(500, true), (900, false), (1_300, true)] {
        narrate(at, waits);
    }
    log.0.finish();
    assert_eq!(log.added(), "200 Now. waits; 1300 Now. waits");
}

#[test]
fn a_phase_is_added_once_in_its_place_as_it_was_counted() {
    let mut log = Log::new();
    log.play("10 open 1; 20 phase refusing; 30 open 1").0.flow();
    assert_eq!(log.added(), "10 Opened", "how many are left?");
    log.counted(40, "20 phase refusing", 0);
    assert_eq!(log.added(), "20 refusing Some(2020); 30 Opened");
    // Its event may be lost.
    let mut log = Log::new();
    let running = "1 phase running";
    let added = log.counted(2, running, 0).added();
    assert_eq!(added, "", "an entry may come before it");
    log.counted(300, &format!("{running}; 5 phase ended"), 0);
    assert_eq!(log.added(), "1 running None; 5 ended None");
    log.0.finish();
    assert_eq!(log.added(), "");
}

#[test]
fn rates_are_added_once_a_second_when_nothing_comes_before_them() {
    let mut log = Log::new();
    for at in (0..2_600).step_by(100) {
        log.counted(at, "", u64::from(at >= 2_000));
    }
    let expected = "1000 3 open, 0 lost; 2000 3 open, 1 lost";
    assert_eq!(log.added(), expected);
    let added = log.counted(3_000, "", 1).added();
    assert_eq!(added, "", "its place is not settled");
    log.0.finish();
    assert_eq!(log.added(), "3000 3 open, 1 lost");
}

#[test]
fn what_is_too_much_for_a_second_is_counted() {
    let mut log = Log::new();
    log.play(&"1 open 0;".repeat(510)).play("2 phase refusing").0.flow();
    assert_eq!(log.0.take().len(), 500);
    log.play("1001 open 1").0.finish();
    assert_eq!(log.added(), "1000 10 not shown; 1001 Opened");
    let mut log = Log::new();
    log.play(&"1 open 0;".repeat(501)).0.finish();
    assert!(log.added().ends_with("1000 1 not shown"));
}

/// It does not matter how often the lines are taken.
#[test]
fn the_same_in_the_same_order_makes_the_same_log() {
    let lines = |takes: bool| {
        let (mut log, mut all) = (Log::new(), Vec::new());
        for at in 0..3_000 {
            let refuses = if at > 1_500 { "; 1500 phase refusing" } else { "" };
            match at % 7 {
                0 => log.play(&format!("{at} open 1")),
                1 => log.counted(at, &format!("2 phase running{refuses}"), 0),
                _ if at == 1_501 => log.play("1501 phase refusing"),
                _ => {
                    log.0.flow();
                    &mut log
                }
            };
            if takes {
                all.extend(log.0.take());
            }
        }
        log.0.finish();
        all.extend(log.0.take());
        all
    };
    assert_eq!(lines(true), lines(false));
    assert!(lines(true).len() > 400);
}
