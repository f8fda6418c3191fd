//! A scenario tells the same story at full speed, in slow motion and step by
//! step.

use super::TICK;
use crate::support::patience::LIMIT;
use sockscope::load::{LiveLoad, LoadResult};
use sockscope::modes::Mode;
use sockscope::probe::{
    Event, Kind, Note, Outcome as Call, SocketId, Speed, Stride, Tap,
};
use sockscope::run::engine::{self, Run};
use sockscope::run::meters::Meters;
use sockscope::run::setup::{GateSetup, RunSetup};
use sockscope::scenario;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Moments that are closer together may come in any order.
const APART: Duration = Duration::from_millis(50);

/// What happens to a client of the scenario, as its server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Accepted,
    FirstRead,
    End,
}

/// What happens to each client, and when; client by client.
type Story = Vec<(String, What, Duration)>;

#[derive(Default)]
struct Teller {
    peers: BTreeMap<SocketId, SocketAddr>,
    moments: Vec<(SocketId, What, Duration)>,
}

impl Teller {
    fn take(&mut self, event: &Event) {
        let at = event.at().duration();
        let (socket, what) = match *event {
            Event::Exit { outcome: Call::Accepted(client), .. } => {
                (client, What::Accepted)
            }
            Event::Exit { socket, outcome: Call::Bytes(_), .. } => {
                (socket, What::FirstRead)
            }
            Event::Note { note: Note::Closed { socket, .. }, .. } => {
                (socket, What::End)
            }
            Event::Note { note: Note::Opened { socket, peer }, .. } => {
                self.peers.extend(peer.map(|peer| (socket, peer)));
                return;
            }
            _ => return,
        };
        let known = |it: &(SocketId, What, _)| (it.0, it.1) == (socket, what);
        if !self.moments.iter().any(known) {
            self.moments.push((socket, what, at));
        }
    }

    fn story(&self, live: &LiveLoad) -> Story {
        let names = live.names();
        let moments = self.moments.iter().map(|(socket, what, at)| {
            (names[&self.peers[socket]].clone(), *what, *at)
        });
        let mut story: Story = moments.collect();
        story.sort_by(|one, other| one.0.cmp(&other.0));
        story
    }
}

/// Runs the scenario and tells its story.
fn told(scenario: &str, mode: Mode, gate: GateSetup) -> (Story, LoadResult) {
    let plan = scenario::load(scenario).unwrap();
    let gate = gate.gate();
    let (tap, events) = Tap::new(1 << 16, gate.clock().clone(), false);
    let meters = Meters::default();
    let settings = plan.server;
    let setup = RunSetup { settings, plan: Some(plan), ..RunSetup::default() };
    let run = Run {
        mode,
        setup: &setup,
        probe: (gate.clone(), tap),
        gate: Some(gate.clone()),
        meters: meters.clone(),
    };
    let mut teller = Teller::default();
    let start = Instant::now();
    let outcome = thread::scope(|threads| {
        let running =
            threads.spawn(move || engine::run(&run, &channel(), |_| Ok(())));
        while !running.is_finished() {
            assert!(start.elapsed() < LIMIT, "waited in vain");
            if !gate.held().is_empty() && !gate.owes_step() {
                gate.step(Stride::Call, Kind::Accept);
            }
            events.drain().for_each(|event| teller.take(&event));
            thread::sleep(TICK);
        }
        running.join().unwrap().unwrap()
    });
    events.drain().for_each(|event| teller.take(&event));
    assert_eq!(events.lost(), 0);
    (teller.story(&meters.load), outcome.load.unwrap())
}

/// The same clients, for each the same sequence, and between them the same
/// order of what is far enough apart.
fn assert_same(full: &Story, other: &Story, which: &str) {
    let order = |story: &Story| -> Vec<_> {
        story.iter().map(|(name, what, _)| (name.clone(), *what)).collect()
    };
    assert_eq!(order(full), order(other), "{which}");
    for (first, other_first) in full.iter().zip(other) {
        for (second, other_second) in full.iter().zip(other) {
            let apart = first.2 + APART <= second.2;
            let kept = other_first.2 <= other_second.2;
            assert!(!apart || kept, "{which}: {first:?} {second:?}");
        }
    }
}

/// How each group's clients ended, and how many of its echoes came back.
fn results(load: &LoadResult) -> String {
    let groups = load.groups.iter();
    let result = groups.map(|it| format!("{} {:?}\n", it.name, it.ends));
    result.collect()
}

fn same_at_every_pace(scenario: &str) {
    for mode in Mode::ALL {
        let slow = Speed::of_factor(0.5).unwrap();
        let paces = [
            GateSetup::At(Speed::FULL),
            GateSetup::At(slow),
            GateSetup::Paused,
        ];
        let paces = paces.map(|gate| {
            let scenario = scenario.to_owned();
            thread::spawn(move || told(&scenario, mode, gate))
        });
        let [full, slow, steps] = paces.map(|it| it.join().unwrap());
        for (pace, other) in [("slow motion", slow), ("steps", steps)] {
            let which = format!("{scenario} in {}, {pace}", mode.name());
            assert_same(&full.0, &other.0, &which);
            assert_eq!(results(&full.1), results(&other.1), "{which}");
        }
    }
}

#[test]
fn two_clients_tell_the_same_story_at_every_pace() {
    same_at_every_pace("two-clients");
}

#[test]
fn flood_and_trickle_tell_the_same_story_at_every_pace() {
    same_at_every_pace("flood-and-trickle");
}

#[test]
fn a_goodbye_is_the_same_story_at_every_pace() {
    same_at_every_pace("goodbye");
}
