//! A place in a recorded run looks the same however one gets there.

use super::recorded;
use crate::support::process::{Folder, MODES, run_quiet};
use sockscope::probe::Event;
use sockscope::recording::Recording;
use sockscope::recording::replay::{
    Place, Player, Progress, Search, Target, ends, of_socket,
};
use sockscope::view::{Direction, Follower, Outcome, SocketId, Stride};
use std::time::Duration;

/// All that a screen shows of the program there.
fn shown(player: &Player) -> String {
    format!("{:?} {:?}", player.place(), player.view())
}

/// What is shown behind each event, if one folds straight on.
fn straight(recording: &Recording) -> Vec<String> {
    let mut follower = Follower::new(recording.header().settings);
    let mut all = Vec::new();
    let mut note = |follower: &Follower| {
        let view = follower.later(follower.at).view(follower.at);
        all.push(format!("{:?} {view:?}", follower.at));
    };
    note(&follower);
    for record in recording.from_start() {
        let record = record.unwrap();
        follower.take(&record);
        if record.event().is_some() {
            note(&follower);
        }
    }
    all
}

#[test]
fn every_event_looks_the_same_forwards_and_backwards() {
    for mode in MODES {
        let recording = recorded(mode, "two-clients", &[]);
        let straight = straight(&recording);
        assert_eq!(straight.len() as u64, recording.events() + 1, "{mode}");
        let mut player = Player::new(&recording);
        let events = 0..=recording.events();
        let way = events.clone().step_by(3).chain(events.rev().step_by(2));
        for event in way {
            player.go(Target::Event(event)).unwrap();
            let (place, view) = (player.place(), player.view());
            assert_eq!(place.event, event, "{mode}");
            let expected = &straight[usize::try_from(event).unwrap()];
            let shown = format!("{:?} {view:?}", place.at);
            assert_eq!(&shown, expected, "{mode} at {event}");
        }
    }
}

/// With checkpoints at once, and without in pieces; in any order.
#[test]
fn a_jump_leads_where_playing_does() {
    let more = ["--duration", "3s"];
    let recording = recorded("selector", "many-clients", &more);
    let mut player = Player::new(&recording);
    player.read_ahead().unwrap();
    while !player.read().is_done {
        std::thread::yield_now();
    }
    let length = recording.duration();
    for place in (0..40_u32).flat_map(|n| {
        [
            Target::Event(u64::from(n) * 7919 % (recording.events() + 1)),
            Target::Time(length * (n * 13 % 41) / 40),
        ]
    }) {
        player.go(place).unwrap();
        let mut fresh = Player::new(&recording);
        fresh.set_out(place);
        while fresh.work(Duration::ZERO).unwrap() != Progress::There {}
        assert_eq!(shown(&player), shown(&fresh), "{place:?}");
    }
    let (mut fresh, mut pieces) = (Player::new(&recording), 0);
    fresh.set_out(Target::Event(u64::MAX));
    while fresh.work(Duration::ZERO).unwrap() != Progress::There {
        pieces += 1;
    }
    assert!(pieces > 4, "keys are looked at on the way");
}

/// Nothing is recorded while all sleep; what lasts is noticed all the same.
#[test]
fn time_goes_on_between_records() {
    let folder = Folder::new("between");
    let file = folder.path("idle");
    let args = ["--record", &file, "--duration", "1500ms"];
    let run = run_quiet("serial", &args);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let recording = Recording::open(file.as_ref()).unwrap();
    let mut player = Player::new(&recording);
    let mut slept = Duration::ZERO;
    for ms in [300, 700, 1300] {
        player.go(Target::Time(Duration::from_millis(ms))).unwrap();
        let view = player.view();
        assert_eq!(view.at, Duration::from_millis(ms));
        let [thread] = &view.threads[..] else { panic!("{view:?}") };
        assert!(thread.in_call && thread.since > slept, "{thread:?}");
        slept = thread.since;
    }
}

/// The places at which strides end, one way and the other.
fn strides(player: &mut Player, stride: Stride, way: Direction) -> Vec<u64> {
    let mut places = Vec::new();
    loop {
        let sought =
            ends(stride, player.recording().header().settings.loop_call);
        let from = Place { at: Duration::ZERO, ..player.place() };
        let mut search = Search::new(player.recording(), from, way, sought);
        search.go_on(Duration::MAX).unwrap();
        let Some(Place { event, .. }) = search.found else { return places };
        places.push(event);
        player.go(Target::Event(event)).unwrap();
    }
}

#[test]
fn strides_lead_back_over_the_same_places() {
    use Stride::{Call, Event, Iteration, LoopStep, Task};

    let recording = recorded("tasks", "two-clients", &[]);
    let mut player = Player::new(&recording);
    let mut lengths = Vec::new();
    for stride in [Event, Call, Iteration, LoopStep, Task] {
        player.go(Target::Event(0)).unwrap();
        let there = strides(&mut player, stride, Direction::Forwards);
        assert!(there.len() > 3, "{stride:?}: {there:?}");
        lengths.push(there.len());
        let mut back = strides(&mut player, stride, Direction::Backwards);
        back.reverse();
        // The last one is where it stood.
        assert_eq!(there[..there.len() - 1], back[..], "{stride:?}");
    }
    assert!(lengths[1] <= lengths[0], "calls are events: {lengths:?}");
}

/// There, why did it wake up? The place behind a wait tells who was ready.
#[test]
fn an_iteration_ends_with_who_was_ready() {
    let recording = recorded("selector", "two-clients", &[]);
    let mut player = Player::new(&recording);
    let way = Direction::Forwards;
    let there = strides(&mut player, Stride::Iteration, way);
    let mut all = 0;
    for event in there {
        player.go(Target::Event(event)).unwrap();
        let view = player.view();
        let last = view.events.last().unwrap();
        let Event::Exit { outcome, .. } = last.event else {
            panic!("{last:?}")
        };
        let named = last.notes.len();
        assert_eq!(
            outcome,
            Outcome::Ready(named.try_into().unwrap()),
            "{last:?}"
        );
        all += named;
    }
    assert!(all > 5, "{all}");
}

#[test]
fn the_events_of_a_socket_are_found() {
    let recording = recorded("selector", "two-clients", &[]);
    let mut from = Player::new(&recording).place();
    let (way, socket, mut found) = (Direction::Forwards, SocketId(1), 0);
    loop {
        let mut search = Search::new(&recording, from, way, of_socket(socket));
        // A block at a time.
        while !search.is_over() {
            search.go_on(Duration::ZERO).unwrap();
        }
        let Some(place) = search.found else { break };
        (from, found) = (place, found + 1);
    }
    let mut player = Player::new(&recording);
    player.go(Target::Event(u64::MAX)).unwrap();
    let calls = player.here().known.counters.clone();
    let row = calls.sockets.iter().find(|it| it.id == socket).unwrap();
    assert!(found >= row.calls(), "{found} events, {row:?}");
}
