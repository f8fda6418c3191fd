//! Goal: no view of a real run contradicts itself, in figures or in words.
//! Method: runs of every mode are recorded, and each record makes a view.

use super::recorded;
use crate::support::process::MODES;
use sockscope::probe::{Before, Class, Counters, Kind, LISTENER};
use sockscope::recording::Recording;
use sockscope::view::{
    Follower, LineView, Scene, SocketState, SocketView, ThreadView, View,
};
use std::collections::BTreeSet;
use std::thread;

/// Folds the recording, and checks the view after each of its records. Returns
/// the sentences on readiness of all sockets.
fn sentences(recording: &Recording) -> BTreeSet<String> {
    let header = recording.header();
    let mut follower = Follower::new(header.settings);
    let mut scene = Scene::new(header.facts.clone());
    let mut cursor = recording.from_start();
    let mut sentences = BTreeSet::new();
    while let Some(record) = cursor.step().unwrap() {
        follower.take(&record);
        follower.show(&mut scene, follower.at, None);
        check(&scene, header.settings.loop_call);
        let rows = scene.view.sockets.iter();
        sentences.extend(rows.map(|it| it.readiness(scene.in_backlog()).full));
    }
    sentences
}

fn check(scene: &Scene, loop_call: Kind) {
    let view = &scene.view;
    for socket in &view.sockets {
        check_socket(scene, socket);
    }
    for thread in &view.threads {
        check_thread(view, thread);
    }
    check_figures(view, loop_call);
    check_narration(scene);
}

/// Its state, its readiness and the sentence on both agree.
fn check_socket(scene: &Scene, socket: &SocketView) {
    use SocketState::{
        AsleepInRead, AsleepInWrite, Failed, Listening, OutputPending, Ready,
        WaitingForReadable,
    };
    let words = socket.readiness(scene.in_backlog());
    let says = |part: &str| words.full.contains(part);
    let context = format!("{words:?} {socket:#?}");
    if socket.state.is_over() {
        let known = (socket.interest, socket.ready, socket.queue);
        assert_eq!(known, (None, None, None), "{context}");
        assert!(says("closed") || says("reset"), "{context}");
        assert!(!says("asked") && !says("ready"), "{context}");
        return;
    }
    if matches!(socket.state, AsleepInRead | WaitingForReadable) {
        assert!(!socket.is_readable(), "{context}");
        assert!(socket.ready.is_none(), "{context}");
        assert!(!says("ready to"), "{context}");
    }
    let polls = scene.facts.mode == "nonblocking";
    assert!(polls || !says("again and again"), "{context}");
    if says("asleep in read") {
        assert_eq!(
            (socket.state, socket.call),
            (AsleepInRead, Some(Kind::Read))
        );
    }
    if says("asleep in write") {
        assert_eq!(socket.state, AsleepInWrite, "{context}");
    }
    if says("asleep in accept") {
        assert_eq!(
            (socket.state, socket.call),
            (Listening, Some(Kind::Accept))
        );
        assert_eq!(scene.in_backlog(), 0);
    }
    assert!(!says("nothing has arrived") || !socket.is_readable(), "{context}");
    assert!(!says("ready to read") || socket.is_readable(), "{context}");
    assert_eq!(says("held before"), socket.next.is_some(), "{context}");
    let pending = socket.count.pending_bytes;
    let writes_next = socket.next == Some(Kind::Write);
    assert!(!writes_next || pending > 0, "{context}");
    let is_full = pending >= socket.pending_limit;
    match socket.state {
        Ready => assert!(says("ready") || says("to send"), "{context}"),
        OutputPending => {
            assert!(pending > 0, "{context}");
            assert_eq!(says("at its limit"), is_full, "{context}");
        }
        Failed => assert!(says("failed"), "{context}"),
        Listening => assert_eq!(socket.count.id, LISTENER),
        _ => {}
    }
}

/// The hits of its line include its call, and its socket says what it does.
fn check_thread(view: &View, thread: &ThreadView) {
    let ThreadView { site, kind, socket, in_call, .. } = *thread;
    if !in_call {
        return;
    }
    let is_its = |it: &&LineView| (it.site, it.kind) == (site, kind);
    let line = view.lines.iter().find(is_its).unwrap();
    assert!(line.hits > 0, "{thread:?} {line:?}");
    let row = view.sockets.iter().find(|it| it.count.id == socket);
    if let Some(row) = row.filter(|_| kind != Kind::Wait) {
        assert_eq!(row.call, Some(kind), "{thread:?} {row:?}");
    }
}

/// A figure that is shown in several places is the same in all of them.
fn check_figures(view: &View, loop_call: Kind) {
    let figures: &Counters = &view.figures;
    let within = figures.threads.iter().filter(|it| it.in_call).count();
    let paused = figures.lines.iter().map(|it| it.of(Class::Paused));
    let calls = figures.all_calls() + paused.sum::<u64>();
    let hits = |kind: Option<Kind>| {
        let lines = view.lines.iter();
        let lines = lines.filter(|it| kind.is_none_or(|kind| kind == it.kind));
        lines.map(|it| it.hits).sum::<u64>()
    };
    let held = view.threads.iter().filter(|it| it.is_held).count();
    assert!(hits(None) <= calls + within as u64);
    assert!(hits(None) + held as u64 >= calls + within as u64);
    assert_eq!(hits(Some(loop_call)), view.iterations);
    for found in view.findings.iter().filter(|it| it.kind == "spinning") {
        assert_eq!(found.values["asked"], figures.all_calls());
        assert_eq!(found.values["answered"], figures.useful_calls());
    }
}

/// The narration and the rows use the same words for the same thing.
fn check_narration(scene: &Scene) {
    let narration = scene.narrate(&scene.view);
    let before = scene.control.before();
    if let Some(Before::Call { kind: Kind::Read, socket, .. }) = before {
        let rows = &scene.view.sockets;
        let row = rows.iter().find(|it| it.count.id == socket).unwrap();
        let next = narration.next.unwrap();
        let has_arrived = next.contains("have arrived");
        assert_eq!(has_arrived, row.arrived() > 0, "{next} {row:#?}");
    }
}

/// Runs the scenario in every mode; `expected` are parts of sentences that some
/// view has.
fn run_everywhere(scenario: &str, options: &[&str], expected: [&str; 5]) {
    thread::scope(|threads| {
        for (mode, part) in MODES.into_iter().zip(expected) {
            threads.spawn(move || {
                let said = sentences(&recorded(mode, scenario, options));
                let is_said = said.iter().any(|it| it.contains(part));
                assert!(is_said, "{mode}: {said:#?}");
            });
        }
    });
}

#[test]
fn no_view_of_a_silent_client_contradicts_itself() {
    run_everywhere(
        "two-clients",
        &[],
        [
            "no thread is in accept; 1 client waits",
            "asleep in read: nothing has arrived",
            "asked again and again; nothing has arrived",
            "asked for readable; nothing has arrived",
            "asked for readable; nothing has arrived",
        ],
    );
}

#[test]
fn no_view_of_a_slow_reader_contradicts_itself() {
    run_everywhere(
        "slow-reader",
        &[],
        [
            "asleep in write: the client does not read",
            "asleep in write: the client does not read",
            "asked again and again; output is at its limit",
            "asked for writable; output is at its limit",
            "asked for writable; ",
        ],
    );
}

#[test]
fn no_view_of_a_held_thread_contradicts_itself() {
    let slow = ["--speed", "0.04"];
    run_everywhere("two-clients", &slow, ["6 B to send"; 5]);
}
