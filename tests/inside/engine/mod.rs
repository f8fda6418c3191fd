//! A run and what is asked of it from outside: stops, signals, pauses.

mod story;

use crate::support::GRACE;
use crate::support::patience::LIMIT;
use sockscope::error::Error;
use sockscope::modes::Mode;
use sockscope::net::{Errors, Framing, ServerOptions};
use sockscope::probe::{
    Call, Clock, Gate, Kind, NoProbe, Phase, Probe, Speed, Tally,
};
use sockscope::run::engine::{
    self, Ended, Run, RunMessage, RunOutcome, StopRequest,
};
use sockscope::run::meters::Meters;
use sockscope::run::setup::{GateSetup, RunSetup};
use sockscope::scenario::{self, Plan};
use sockscope::system::signals::Signal;
use sockscope::units::Time;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// How often a closure is asked what it wishes of a run.
const TICK: Duration = Duration::from_millis(1);

/// Ticks are of a millisecond: this is long after a limit of one.
const MANY_TICKS: u32 = 50;

struct Trial {
    mode: Mode,
    setup: RunSetup,
    gate: Option<Arc<Gate>>,
    tally: Arc<Tally>,
}

impl Trial {
    fn of(mode: Mode) -> Self {
        Self::with(mode, RunSetup::default())
    }

    /// With a grace period whose end no test waits for, and with a gate if
    /// the setup has one.
    fn with(mode: Mode, mut setup: RunSetup) -> Self {
        setup.settings.grace = Some(Time(GRACE));
        let gate = setup.gate.map(GateSetup::gate);
        Self { mode, setup, gate, tally: Arc::default() }
    }

    /// Runs it in a thread of its own, and sends it whatever a closure that
    /// is called again and again returns.
    fn run(
        &self,
        mut wish: impl FnMut(SocketAddr) -> Option<RunMessage>,
    ) -> RunOutcome {
        let gate = self.gate.clone().unwrap_or_default();
        let clock = self.gate.as_ref().map(|it| it.clock().clone());
        let run = Run {
            mode: self.mode,
            setup: &self.setup,
            clock: clock.unwrap_or_else(Clock::wall),
            probe: (gate, (self.tally.clone(), NoProbe)),
            gate: self.gate.clone(),
            meters: Meters::default(),
        };
        let mailbox = channel();
        let sender = mailbox.0.clone();
        let start = Instant::now();
        thread::scope(|threads| {
            let (listens, address) = channel();
            let running = threads.spawn(move || {
                engine::run(&run, &mailbox, |address| {
                    listens.send(address).unwrap();
                    Ok(())
                })
                .unwrap()
            });
            let address = address.recv().unwrap();
            while !running.is_finished() {
                assert!(start.elapsed() < LIMIT, "waited in vain");
                if let Some(wish) = wish(address) {
                    let _ = sender.send(wish);
                }
                thread::sleep(TICK);
            }
            running.join().unwrap()
        })
    }

    fn phase(&self) -> Phase {
        self.tally.snapshot().phase()
    }
}

/// The phases in their order, and how many connections were left then.
fn phases(tally: &Tally) -> Vec<(Phase, u64)> {
    tally.phases().iter().map(|mark| (mark.phase, mark.left)).collect()
}

const STOP: Option<RunMessage> = Some(RunMessage::Wish(StopRequest::Stop));

/// A client that has its first echo: it is connected and served.
fn talking_client(address: SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    echo(&mut client);
    client
}

fn echo(client: &mut TcpStream) {
    client.write_all(b"here\n").unwrap();
    let mut echo = [0; 5];
    client.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"here\n");
}

#[test]
fn a_stop_request_is_a_first_signal() {
    for mode in Mode::ALL {
        let trial = Trial::of(mode);
        let mut client = None;
        let outcome = trial.run(|address| {
            if trial.phase() == Phase::Running {
                client = Some(talking_client(address));
            } else if let Some(mut client) = client.take() {
                // The grace period: still served, then gone by itself.
                echo(&mut client);
                client.shutdown(Shutdown::Write).unwrap();
                assert_eq!(client.read(&mut [0; 9]).unwrap(), 0);
            }
            STOP
        });
        assert_eq!((outcome.ended, outcome.cut_short), (Ended::Quit, None));
        let expected = |left| {
            [
                (Phase::Running, 0),
                (Phase::Refusing, left),
                (Phase::Finishing, left),
                (Phase::Ended, 0),
            ]
        };
        assert_eq!(phases(&trial.tally), expected(1), "{mode:?}");
        let trial = Trial::of(mode);
        trial.run(|_| STOP);
        assert_eq!(phases(&trial.tally), expected(0), "{mode:?} alone");
    }
}

/// A plan whose clients are soon done.
fn short_plan() -> Plan {
    let text = include_str!("short.toml");
    scenario::parse("short", "short.toml", text).unwrap()
}

#[test]
fn a_run_that_stays_serves_on_when_its_clients_are_done() {
    let setup = RunSetup {
        plan: Some(short_plan()),
        stay: true,
        ..RunSetup::default()
    };
    let trial = Trial::with(Mode::Selector, setup);
    // After this number of ticks a run that does not stay would have ended.
    let mut patience = MANY_TICKS;
    let outcome = trial.run(|address| {
        let now = trial.tally.snapshot();
        let over = now.sockets.iter().filter(|it| it.end.is_some()).count();
        if over == 2 && patience > 0 {
            patience -= 1;
        }
        if patience > 0 || now.phase() != Phase::Running {
            return None;
        }
        // A client that comes afterwards is served too.
        drop(talking_client(address));
        STOP
    });
    assert_eq!(outcome.ended, Ended::Quit);
    assert!(outcome.load.is_some());
    assert!(!outcome.clients_left, "they were done");
    assert_eq!(trial.tally.snapshot().connections, 3);
}

/// A mode that begins paused: its clock stands.
fn paused(mode: Mode, setup: RunSetup) -> Trial {
    Trial::with(mode, RunSetup { gate: Some(GateSetup::Paused), ..setup })
}

#[test]
fn a_server_that_fails_while_it_ends_has_failed() {
    let settings = ServerOptions {
        framing: Some(Framing::Lines),
        boom: Some(true),
        errors: Some(Errors::Kept),
        ..ServerOptions::default()
    };
    let setup = RunSetup { settings, ..RunSetup::default() };
    let trial = Trial::with(Mode::Serial, setup);
    let mut client = None;
    let outcome = trial.run(|address| {
        let client = client.get_or_insert_with(|| talking_client(address));
        if trial.phase() == Phase::Finishing {
            // It may have failed already.
            let _ = client.write_all(b"boom\n");
        }
        STOP
    });
    assert_eq!(outcome.ended, Ended::ServerFailed);
    assert!(outcome.failure.is_some());
}

#[test]
fn a_duration_waits_while_the_program_is_paused() {
    let duration = Some(Duration::from_millis(1));
    let setup = RunSetup { duration, ..RunSetup::default() };
    let trial = Trial::with(Mode::Selector, setup.clone());
    assert_eq!(trial.run(|_| None).ended, Ended::DurationOver);
    let mut ticks = 0;
    let outcome = paused(Mode::Selector, setup).run(|_| {
        ticks += 1;
        if ticks >= MANY_TICKS { STOP } else { None }
    });
    assert_eq!(outcome.ended, Ended::Quit);
}

#[test]
fn the_clients_and_their_limit_wait_while_the_program_is_paused() {
    let mut plan = scenario::load("half-close").unwrap();
    plan.time_limit = Duration::from_secs(3);
    let setup = RunSetup { plan: Some(plan), ..RunSetup::default() };
    let trial = paused(Mode::Selector, setup);
    let (gate, began) = (trial.gate.as_ref().unwrap(), Instant::now());
    let outcome = trial.run(|_| {
        if gate.is_paused() && began.elapsed() > Duration::from_millis(3_500) {
            assert_eq!(trial.tally.snapshot().connections, 0);
            gate.resume();
        }
        None
    });
    let load = outcome.load.unwrap();
    assert_eq!(load.total.ends.timed_out, 0);
    assert!(outcome.run_time < LIMIT);
}

/// The server that a scenario stops stays in slow motion, or is stepped.
#[test]
fn a_planned_stop_leaves_the_gate_in_charge_and_a_real_one_does_not() {
    // In serial the only thread sleeps in a read until the end.
    for mode in Mode::ALL.into_iter().filter(|it| *it != Mode::Serial) {
        let plan = Some(scenario::load("goodbye").unwrap());
        let gate = Some(GateSetup::At(Speed::of_factor(0.2).unwrap()));
        let setup = RunSetup { plan, gate, ..RunSetup::default() };
        let trial = Trial::with(mode, setup);
        let gate = trial.gate.clone().unwrap();
        let mut held_while_ending = false;
        let outcome = trial.run(|_| {
            let is_ending = trial.phase() > Phase::Running;
            held_while_ending |= is_ending && !gate.held().is_empty();
            None
        });
        assert_eq!(outcome.ended, Ended::Signal(Signal::Terminate));
        assert!(held_while_ending, "{}", mode.name());
    }
}

/// Panics in the first call of a server's loop.
#[derive(Clone)]
struct Broken;

impl Probe for Broken {
    type Mark = ();

    fn enter(&self, call: &Call) {
        let asks = matches!(call.kind, Kind::Accept | Kind::Wait);
        assert!(!asks, "a panic that a test asked for");
    }
}

/// It fails with a message, its phases are complete, and nothing hangs.
#[test]
fn a_panic_of_the_server_is_a_failure_of_the_run() {
    for mode in Mode::ALL {
        let (sender, ended) = channel();
        let tally = Arc::new(Tally::default());
        let probe = (tally.clone(), Broken);
        thread::spawn(move || {
            let setup = &RunSetup::default();
            let (gate, meters) = (None, Meters::default());
            let clock = Clock::wall();
            let run = Run { mode, setup, probe, gate, clock, meters };
            let _ = sender.send(engine::run(&run, &channel(), |_| Ok(())));
        });
        let ended = ended.recv_timeout(LIMIT).expect("the run ends");
        let outcome = ended.expect("what was done until then is known");
        assert_eq!(outcome.ended, Ended::ServerFailed);
        let error = Error::Serve(outcome.failure.expect("it failed"));
        let words = "the server failed: its thread panicked";
        assert_eq!(error.chain(), words, "{}", mode.name());
        assert_eq!(error.exit_status(), 1);
        let expected = [(Phase::Running, 0), (Phase::Ended, 0)];
        assert_eq!(phases(&tally), expected);
    }
}
