//! Findings of the exact counters, and findings that last.

use super::language::{Run, ms, play_script};
use crate::view::{Evidence, Unhandled, findings};

#[test]
fn findings_are_put_into_words() {
    play_script(include_str!("findings.txt"));
}

/// What is found of these events, if this is so.
fn found(events: &str, change: impl FnOnce(&mut Evidence)) -> Vec<String> {
    let mut run = Run::selecting();
    run.play(events);
    let figures = &run.counted;
    let options = run.scope.settings.options;
    let (waiting, unhandled, events_lost) = (None, None, 0);
    let mut evidence = Evidence {
        figures,
        options,
        waiting,
        unhandled,
        has_spun: false,
        events_lost,
    };
    change(&mut evidence);
    let found = findings(&evidence);
    assert!(found.iter().all(|it| !it.advice.is_empty()), "{found:?}");
    found.into_iter().map(|it| it.observation).collect()
}

#[test]
fn findings_depend_on_the_load_and_the_limits() {
    let words = "a client of talker waited 2.10 s for its echo";
    let waits = |time| found("", |it| it.waiting = Some(("talker", ms(time))));
    assert_eq!(waits(2_100), [words]);
    assert_eq!(waits(99), [""; 0]);
    // A limit that one read fills says nothing of the client.
    let events = "1 open 1; 2 read 1 1000";
    assert_eq!(found(events, |_| {}).len(), 1);
    let fills = |it: &mut Evidence| {
        it.options.recv_size = it.options.buffer_limit;
    };
    assert_eq!(found(events, fills), [""; 0]);
}

#[test]
fn errors_that_are_not_handled_say_what_became_of_them() {
    for (fate, became) in [
        (Unhandled::EndsServer, "its error was not handled"),
        (Unhandled::Dropped, "its error was not reported"),
        (Unhandled::Kept, "its error was not reported while the server ran"),
        (Unhandled::Reported, "its exception was never retrieved"),
    ] {
        let events = "1 open 1; 1 open 2; 3 fail 2 boom; 4 fail 1 boom";
        let who = "the handler of 2 connections, first #1, failed";
        let found = found(events, |it| it.unhandled = Some(fate));
        assert_eq!(found, [format!("{who} and {became}")]);
    }
}
