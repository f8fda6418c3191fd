//! Events tell what the exact counters count, but for what they cannot.

use super::{recorded, to_the_end};
use crate::support::process::Folder;
use crate::support::process::MODES;
use sockscope::probe::{Class, Counters, LineCount, Site, ThreadId};
use sockscope::recording::Recording;
use sockscope::units::Nanos;
use sockscope::view::Observation;

/// A snapshot without what events cannot tell exactly; each is named at
/// [`Counters::apply`].
fn told_by_events(mut snapshot: Counters) -> Counters {
    let nowhere = Site { file: "", line: 0 };
    // Runs of calls that would have blocked: on which lines and sockets.
    for line in &mut snapshot.lines {
        line.counts[Class::WouldBlock as usize] = 0;
    }
    // Passes on which accepting paused, in modes that never sleep in it: one
    // thread makes all of them.
    let paused = |line: &mut LineCount| {
        std::mem::take(&mut line.counts[Class::Paused as usize])
    };
    let paused: u64 = snapshot.lines.iter_mut().map(paused).sum();
    if let [thread] = &mut snapshot.threads[..] {
        thread.calls -= paused;
    }
    snapshot.lines.retain(|line| line.hits() > 0);
    for socket in &mut snapshot.sockets {
        (socket.calls_by_kind, socket.would_blocks) = (Default::default(), 0);
        socket.longest_write_ns = socket.longest_write_ns.map(|_| Nanos::ZERO);
    }
    for thread in &mut snapshot.threads {
        (thread.site, thread.in_call) = (nowhere, false);
        thread.kind = sockscope::probe::Kind::Accept;
        thread.socket = sockscope::probe::LISTENER;
    }
    // Times, by the clock of somebody else.
    snapshot.longest_write_ns = snapshot.longest_write_ns.map(|_| Nanos::ZERO);
    for phase in &mut snapshot.phases {
        phase.at = Nanos::ZERO;
    }
    for task in &mut snapshot.tasks {
        (task.since, task.running) = (Nanos::ZERO, Nanos::ZERO);
    }
    let turns = &mut snapshot.turns;
    (turns.since, turns.last, turns.total) = Default::default();
    snapshot
}

/// What all events alone tell.
fn folded(recording: &Recording) -> Counters {
    let mut fold = Counters::default();
    for record in recording.from_start() {
        if let Observation::Event(event) = record.unwrap() {
            fold.apply(&event);
        }
    }
    fold
}

fn agree(scenario: &str, more: &[&str]) {
    let folder = Folder::new(&format!("folding-{scenario}{}", more.concat()));
    for mode in MODES {
        let recording = recorded(&folder, mode, scenario, more);
        assert_eq!(recording.lost(), 0, "{mode}: events were lost");
        let end = to_the_end(&recording);
        let exact = end.known().counters.clone();
        let report = recording.closing().unwrap().report.clone().unwrap();
        let calls: u64 = exact.lines.iter().map(LineCount::calls).sum();
        assert_eq!(report["server"]["calls"], calls, "{mode}");
        let echoes = exact.echoes;
        assert_eq!(report["server"]["echoes"], echoes, "{mode}");
        let told = told_by_events(folded(&recording));
        assert_eq!(told, told_by_events((*exact).clone()), "{mode}");
    }
}

#[test]
fn of_two_clients() {
    agree("two-clients", &[]);
}

/// The second one waits for room, which each loop finds out in its own way.
#[test]
fn of_clients_that_wait_for_room() {
    agree("two-clients", &["--max-connections", "1"]);
}

#[test]
fn of_many_clients() {
    agree("many-clients", &[]);
}

#[test]
fn of_clients_that_reset() {
    agree("reset", &[]);
}

#[test]
fn of_handlers_that_fail() {
    agree("boom", &[]);
}

#[test]
fn the_counters_at_any_event_are_the_same_however_one_gets_there() {
    let folder = Folder::new("anywhere");
    let recording = recorded(&folder, "tasks", "many-clients", &[]);
    let mut played = recording.from_start();
    for number in (0..recording.events()).step_by(97) {
        while played.event() < number {
            played.step().unwrap();
        }
        let jumped = recording.from_event(number).unwrap();
        let [played, jumped] =
            [&played, &jumped].map(|it| it.known().counters.clone());
        assert_eq!(played, jumped, "at event {number}");
    }
}

#[test]
fn a_thread_has_one_number() {
    let folder = Folder::new("threads");
    let recording = recorded(&folder, "selector", "two-clients", &[]);
    let snapshot = to_the_end(&recording).known().counters.clone();
    let [thread] = &snapshot.threads[..] else { panic!("{snapshot:?}") };
    assert_ne!(thread.thread, ThreadId(u16::MAX));
}
