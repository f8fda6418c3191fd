//! The screen shows the same at any event, live and replayed.
//!
//! A script of calls is told to a real tally and a real tap. The live side
//! folds the tap's events and reads the tally; the other side reads a
//! recording of both. Times are the test's own, so that nothing depends on
//! how fast the machine is.

use proptest::collection::vec;
use proptest::prelude::*;
use sockscope::net::ServerOptions;
use sockscope::probe::{
    Call, End, Event, Exit, Kind, LISTENER, Note, Outcome, Probe, SocketId,
    Tally, Tap, TapReceiver,
};
use sockscope::recording::replay::{Player, Target};
use sockscope::recording::{Closing, Header, Recording, Writer};
use sockscope::units::Size;
use sockscope::view::{
    CountersUpdate, Facts, Follower, Observation, ROWS_KEPT, ScopeSettings,
    SourceText, View,
};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// Between two events. So many of them are between two counts that no view
/// is due for want of one.
const APART: Duration = Duration::from_micros(700);

/// The counters are recorded when so much time has passed: not so soon after
/// another that no view is taken.
const COUNTED: Duration = Duration::from_millis(14);

const LIMIT: usize = 4_096;

/// Something that a server does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Wait(u8),
    Accept,
    Read(u8, Option<u16>),
    Write(u8, u16, u8),
    Watch(u8, bool, bool),
    Close(u8, bool),
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1..4_u8).prop_map(Act::Wait),
        Just(Act::Accept),
        (any::<u8>(), any::<Option<u16>>())
            .prop_map(|(socket, bytes)| Act::Read(socket, bytes)),
        (any::<u8>(), any::<u16>(), 0..3_u8).prop_map(
            |(socket, bytes, echoed)| Act::Write(socket, bytes, echoed)
        ),
        (any::<u8>(), any::<bool>(), any::<bool>())
            .prop_map(|(socket, r, w)| Act::Watch(socket, r, w)),
        (any::<u8>(), any::<bool>())
            .prop_map(|(socket, reset)| Act::Close(socket, reset)),
    ]
}

/// A server that does what it is told, and who is told of that.
struct Server {
    tally: Arc<Tally>,
    tap: Arc<Tap>,
    open: Vec<SocketId>,
    sockets: u32,
}

impl Server {
    fn call(&self, call: Call, outcome: Outcome, left: (u32, u32)) {
        let (pending, echoed) = left;
        let exit = Exit { outcome, pending, unframed: 0, echoed };
        let tally = Probe::enter(&self.tally, &call);
        let tap = Probe::enter(&self.tap, &call);
        Probe::exit(&self.tally, &call, tally, exit);
        Probe::exit(&self.tap, &call, tap, exit);
    }

    fn note(&self, note: Note) {
        Probe::note(&self.tally, &note);
        Probe::note(&self.tap, &note);
    }

    fn one(&self, which: u8) -> SocketId {
        let open = self.open.len().max(1);
        let socket = self.open.get(usize::from(which) % open);
        socket.copied().unwrap_or(LISTENER)
    }

    fn act(&mut self, act: Act) {
        let done = (0, 0);
        match act {
            Act::Wait(ready) => {
                let call = call(Kind::Wait, LISTENER, Location::caller());
                self.call(call, Outcome::Ready(ready.into()), done);
                for which in 0..ready {
                    let socket = self.one(which);
                    let (readable, writable) = (true, which == 1);
                    self.note(Note::Ready { socket, readable, writable });
                }
            }
            Act::Accept => {
                self.sockets += 1;
                let socket = SocketId(self.sockets);
                let call = call(Kind::Accept, LISTENER, Location::caller());
                let peer = Some(([127, 0, 0, 1], 4_000).into());
                self.note(Note::Opened { socket, peer });
                self.call(call, Outcome::Accepted(socket), done);
                self.open.push(socket);
            }
            Act::Read(which, bytes) => {
                let call =
                    call(Kind::Read, self.one(which), Location::caller());
                let some = |bytes: u16| Outcome::Bytes(bytes.into());
                let outcome = bytes.map_or(Outcome::EndOfFile, some);
                self.call(call, outcome, (bytes.unwrap_or(0).into(), 0));
            }
            Act::Write(which, bytes, echoed) => {
                let call =
                    call(Kind::Write, self.one(which), Location::caller());
                let outcome = Outcome::Bytes(bytes.into());
                self.call(call, outcome, (7, echoed.into()));
            }
            Act::Watch(which, readable, writable) => {
                let socket = self.one(which);
                let call = call(Kind::Watch, socket, Location::caller());
                self.call(call, Outcome::Done, done);
                self.note(Note::Interest { socket, readable, writable });
            }
            Act::Close(which, reset) if !self.open.is_empty() => {
                let socket = self.one(which);
                self.open.retain(|it| *it != socket);
                let end = if reset { End::Reset } else { End::EndOfFile };
                self.note(Note::Closed { socket, end, unsent: 0 });
            }
            Act::Close(..) => {}
        }
    }
}

const fn call(
    kind: Kind,
    socket: SocketId,
    location: &'static Location<'static>,
) -> Call {
    let may_sleep = matches!(kind, Kind::Wait);
    Call { kind, socket, may_sleep, location }
}

/// Puts events at times of the test's own.
#[derive(Default)]
struct Clock {
    now: Duration,
    entered: Duration,
}

impl Clock {
    fn put(&mut self, event: Event) -> Event {
        self.now += APART;
        let now = self.now;
        match event {
            Event::Enter { thread, kind, socket, site, .. } => {
                self.entered = now;
                Event::Enter { at: now.into(), thread, kind, socket, site }
            }
            Event::Exit {
                thread,
                kind,
                socket,
                site,
                outcome,
                pending,
                echoed,
                ..
            } => {
                let slept = kind == Kind::Wait;
                let entered = if slept { self.entered } else { now };
                Event::Exit {
                    entered: entered.into(),
                    at: now.into(),
                    thread,
                    kind,
                    socket,
                    site,
                    outcome,
                    pending,
                    unframed: 0,
                    echoed,
                }
            }
            Event::Note { thread, note, .. } => {
                Event::Note { at: now.into(), thread, note }
            }
            Event::Idle { .. } => panic!("nothing would have blocked"),
        }
    }
}

fn options() -> ServerOptions {
    ServerOptions {
        buffer_limit: Some(Size(LIMIT as u64)),
        ..ServerOptions::default()
    }
}

fn header() -> Header {
    Header {
        sockscope: String::new(),
        started_at: String::new(),
        beside: Vec::new(),
        facts: Facts {
            mode: "selector".into(),
            source: SourceText { path: String::new(), text: String::new() },
            loop_source: None,
            mechanism: String::new(),
            address: ([127, 0, 0, 1], 1).into(),
            scenario: None,
            clients_apart: false,
        },
        settings: settings(),
        introduction: String::new(),
        options: Vec::new(),
        duration_ns: None,
        conditions: serde_json::Value::Null,
        payload_limit: 0,
    }
}

fn settings() -> ScopeSettings {
    ScopeSettings {
        loop_call: Kind::Wait,
        polls: false,
        options: options(),
        unhandled: None,
        rows_kept: ROWS_KEPT,
    }
}

/// The live screen: the events, and the exact counters at this moment.
struct Live {
    follower: Follower,
    tally: Arc<Tally>,
}

impl Live {
    fn look(&mut self, now: Duration) -> View {
        let update = CountersUpdate::whole(now, self.tally.snapshot(), 0);
        self.follower.observe(&Observation::Counters(update));
        self.follower.view(now)
    }

    /// What it would show now.
    fn shows(&self, now: Duration) -> View {
        let (follower, tally) = (self.follower.clone(), self.tally.clone());
        let mut copy = Self { follower, tally };
        copy.follower.settle(now);
        copy.look(now)
    }
}

/// Everything on the way into a recording and onto a live screen.
struct Run {
    server: Server,
    events: TapReceiver,
    clock: Clock,
    live: Live,
    writer: Writer<Vec<u8>>,
    shown: Vec<View>,
    counted: Duration,
}

impl Run {
    fn new() -> Self {
        let clock = sockscope::probe::Clock::wall();
        let tally = Arc::new(Tally::new(clock.clone()));
        let (tap, events) = Tap::with_steps(64, clock);
        let open = Vec::new();
        let server = Server { tally: tally.clone(), tap, open, sockets: 0 };
        Self {
            server,
            events,
            clock: Clock::default(),
            live: Live { follower: Follower::new(settings()), tally },
            writer: Writer::new(Vec::new(), &header()).unwrap(),
            shown: Vec::new(),
            counted: Duration::ZERO,
        }
    }

    /// The screen is looked at when all that an act brought has come.
    fn act(&mut self, act: Act) {
        self.server.act(act);
        let events: Vec<_> = self.events.drain().collect();
        for event in events {
            let event = self.clock.put(event);
            self.live.follower.observe(&Observation::Event(event));
            self.writer.add(Observation::Event(event));
        }
        if self.writer.events() > self.shown.len() as u64 {
            let view = self.live.shows(self.clock.now);
            let events = usize::try_from(self.writer.events()).unwrap();
            self.shown.resize(events, view);
        }
    }

    fn count(&mut self) {
        let at = self.clock.now + APART / 2;
        if at < self.counted + COUNTED {
            return;
        }
        self.counted = at;
        self.live.look(at);
        let snapshot = self.live.tally.snapshot();
        let counted = CountersUpdate::whole(at, snapshot, 0);
        self.writer.counted(&counted, true);
    }

    fn recording(self) -> Recording {
        let closing = Closing {
            at_ns: 0,
            events: 0,
            lost: 0,
            payloads_lost: 0,
            report: None,
            failure: None,
        };
        let (bytes, _) = self.writer.close(closing).unwrap();
        Recording::of_bytes(bytes).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_view_at_any_event_is_that_of_the_live_run(
        acts in vec(acts(), 1..120),
    ) {
        let mut run = Run::new();
        run.act(Act::Accept);
        // The number of events after each act: there nothing is under way.
        let mut places = Vec::new();
        for (number, act) in acts.into_iter().enumerate() {
            run.act(act);
            places.push(run.shown.len());
            run.count();
            if number % 50 == 0 {
                run.writer.flush(0).unwrap();
            }
        }
        let shown = run.shown.clone();
        let recording = run.recording();
        let mut player = Player::new(&recording);
        for place in places {
            player.go(Target::Event(place as u64)).unwrap();
            let (live, again) = (shown[place - 1].clone(), player.view());
            prop_assert_eq!(format!("{:?}", live), format!("{:?}", again));
        }
    }
}
