//! A scenario tells the same story at full speed, in slow motion and step by
//! step.

use super::TICK;
use crate::support::patience::LIMIT;
use itertools::Itertools as _;
use sockscope::load::LiveLoad;
use sockscope::modes::Mode;
use sockscope::probe::{
    Event, Kind, Note, Outcome as Call, Speed, Stride, Tally, Tap,
};
use sockscope::run::engine::{self, Run};
use sockscope::run::meters::Meters;
use sockscope::run::setup::{GateSetup, RunSetup};
use sockscope::scenario;
use sockscope::view::{Control, Evidence, Follower, Observation, findings};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Moments that are closer together may come in any order.
const APART: Duration = Duration::from_millis(50);

/// What happens to a client of the scenario, as its server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Accepted,
    FirstRead,
    End,
}

/// What happens to each client, and when; client by client.
type Story = Vec<(String, Moment, Duration)>;

/// The story of the events; names are those of the clients.
fn story(events: &[Event], live: &LiveLoad) -> Story {
    let (names, mut peers) = (live.names(), BTreeMap::new());
    let mut moments = Vec::new();
    for event in events {
        let (socket, moment) = match *event {
            Event::Exit { outcome: Call::Accepted(client), .. } => {
                (client, Moment::Accepted)
            }
            Event::Exit { socket, outcome: Call::Bytes(_), .. } => {
                (socket, Moment::FirstRead)
            }
            Event::Note { note: Note::Closed { socket, .. }, .. } => {
                (socket, Moment::End)
            }
            Event::Note { note: Note::Opened { socket, peer }, .. } => {
                peers.extend(peer.map(|peer| (socket, peer)));
                continue;
            }
            _ => continue,
        };
        moments.push((socket, moment, event.at().duration()));
    }
    let first = moments.into_iter().unique_by(|it| (it.0, it.1 as u8));
    first
        .map(|(socket, moment, at)| {
            (names[&peers[&socket]].clone(), moment, at)
        })
        .sorted_by(|one, other| one.0.cmp(&other.0))
        .collect()
}

/// The outcome of a run of a scenario at one pace.
struct PacedRun {
    story: Story,
    /// How each group's clients ended.
    ends: String,
    /// The kinds of the findings.
    findings: BTreeSet<String>,
}

/// Runs the scenario at this pace.
fn run_story(scenario: &str, mode: Mode, gate: GateSetup) -> PacedRun {
    let plan = scenario::load(scenario).unwrap();
    let (gate, settings) = (gate.gate(), plan.server);
    let clock = gate.clock();
    let (tap, events) = Tap::new(1 << 16, clock.clone(), false);
    let tally = Arc::new(Tally::new(clock.clone()));
    let meters = Meters::default();
    let setup = RunSetup { settings, plan: Some(plan), ..RunSetup::default() };
    let run = Run {
        mode,
        setup: &setup,
        probe: (gate.clone(), (tally.clone(), tap)),
        gate: Some(gate.clone()),
        clock: clock.clone(),
        meters: meters.clone(),
    };
    let mut follower = Follower::new(setup.scope(mode));
    let mut seen = Vec::new();
    let mut look = |seen: &mut Vec<Event>| {
        let (now, held) = (clock.elapsed(), gate.held());
        if !held.is_empty() {
            events.finish();
        }
        let control = Control { held, ..Control::default() };
        follower.observe(&Observation::Control(control));
        let new: Vec<_> = events.drain().collect();
        for event in &new {
            follower.take_live(event);
        }
        seen.extend(new);
        follower.known.counters = Arc::new(tally.snapshot());
        follower.known.measured.load = meters.load.latest();
        follower.view(now.duration());
    };
    let start = Instant::now();
    let outcome = thread::scope(|threads| {
        let running =
            threads.spawn(move || engine::run(&run, &channel(), |_| Ok(())));
        while !running.is_finished() {
            assert!(start.elapsed() < LIMIT, "waited in vain");
            if !gate.held().is_empty() && !gate.owes_step() {
                gate.step(Stride::Call, Kind::Accept);
            }
            look(&mut seen);
            thread::sleep(TICK);
        }
        running.join().unwrap().unwrap()
    });
    look(&mut seen);
    assert_eq!(events.lost(), 0);
    let groups = outcome.load.unwrap().groups;
    let slowest = groups.iter().filter_map(|it| {
        Some((&*it.name, Duration::from_nanos(it.echo_time.as_ref()?.max_ns)))
    });
    let found = findings(&Evidence {
        figures: &tally.snapshot(),
        options: settings,
        waiting: slowest.max_by_key(|it| it.1).filter(|_| mode == Mode::Serial),
        unhandled: None,
        has_spun: follower.scope.has_spun,
        events_lost: 0,
    });
    let found = found.into_iter().chain(follower.scope.seen());
    PacedRun {
        story: story(&seen, &meters.load),
        ends: groups
            .iter()
            .map(|it| format!("{} {:?}", it.name, it.ends))
            .join("; "),
        findings: found.map(|finding| finding.kind).collect(),
    }
}

/// The same clients, for each the same sequence, and between them the same
/// order of what is far enough apart.
fn assert_same(full: &Story, other: &Story, which: &str) {
    let order = |story: &Story| {
        story.iter().map(|it| (it.0.clone(), it.1)).collect_vec()
    };
    assert_eq!(order(full), order(other), "{which}");
    let pairs = full.iter().zip(other);
    for (first, second) in pairs.clone().cartesian_product(pairs) {
        let apart = first.0.2 + APART <= second.0.2;
        assert!(!apart || first.1.2 <= second.1.2, "{which}: {first:?}");
    }
}

fn same_at_every_pace(scenario: &'static str) {
    for mode in Mode::ALL {
        let slow = Speed::of_factor(0.5).unwrap();
        let paces = [
            GateSetup::At(Speed::FULL),
            GateSetup::At(slow),
            GateSetup::Paused,
        ];
        let paces = paces
            .map(|it| thread::spawn(move || run_story(scenario, mode, it)));
        let [full, slow, steps] = paces.map(|it| it.join().unwrap());
        for (pace, other) in [("slow motion", slow), ("steps", steps)] {
            let which = format!("{scenario} in {}, {pace}", mode.name());
            assert_same(&full.story, &other.story, &which);
            assert_eq!(full.ends, other.ends, "{which}");
            assert_eq!(full.findings, other.findings, "{which}");
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
