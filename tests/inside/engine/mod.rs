//! A run and whoever looks on: what they wish becomes of it.

mod phases;
mod story;

use crate::support::GRACE;
use crate::support::patience::LIMIT;
use sockscope::modes::Mode;
use sockscope::net::{Errors, Framing, ServerOptions};
use sockscope::probe::{Gate, NoProbe, Phase, PhaseMark, Speed, Tally};
use sockscope::run::engine::{
    self, CutBy, Ended, Mailbox, Run, RunControl, RunOutcome, StopRequest,
};
use sockscope::run::meters::Meters;
use sockscope::run::place::ClientPlace;
use sockscope::scenario::{self, Plan};
use sockscope::system::signals::Signal;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How often a closure is asked what it wishes of a run.
const TICK: Duration = Duration::from_millis(1);

struct Trial {
    mode: Mode,
    grace: Duration,
    settings: ServerOptions,
    plan: Option<Plan>,
    gate: Option<Arc<Gate>>,
    stay: bool,
    duration: Option<Duration>,
    meters: Meters,
    tally: Arc<Tally>,
    control: RunControl,
    mailbox: Mutex<Option<Mailbox>>,
}

impl Trial {
    fn of(mode: Mode) -> Self {
        let mailbox = Mailbox::new();
        Self {
            mode,
            grace: GRACE,
            settings: ServerOptions::default(),
            plan: None,
            gate: None,
            stay: false,
            duration: None,
            meters: Meters::default(),
            tally: Arc::default(),
            control: mailbox.control(),
            mailbox: Mutex::new(Some(mailbox)),
        }
    }

    /// Runs it in a thread of its own, and asks a closure again and again
    /// what it wishes of the run.
    fn run(
        &self,
        mut wish: impl FnMut(SocketAddr) -> Option<StopRequest>,
    ) -> RunOutcome {
        let gate = self.gate.clone().unwrap_or_default();
        let run = Run {
            mode: self.mode,
            settings: &self.settings,
            grace: self.grace,
            duration: self.duration,
            plan: self.plan.as_ref(),
            place: ClientPlace::Thread,
            probe: (gate, (self.tally.clone(), NoProbe)),
            gate: self.gate.clone(),
            stay: self.stay,
            meters: self.meters.clone(),
        };
        let mailbox = self.mailbox.lock().unwrap().take().unwrap();
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
                    self.control.wish(wish);
                }
                thread::sleep(TICK);
            }
            running.join().unwrap()
        })
    }

    fn phase(&self) -> Phase {
        self.tally.snapshot().phase()
    }

    /// The phases in their order, and how many connections were left then.
    fn phases(&self) -> Vec<(Phase, u64)> {
        let marks = self.tally.phases();
        marks.iter().map(|mark| (mark.phase, mark.left)).collect()
    }

    /// How long after the request the grace period was cut.
    fn cut_after(&self) -> Duration {
        let marks = self.tally.phases();
        let at = |phase| {
            let of_phase = |mark: &&PhaseMark| mark.phase == phase;
            marks.iter().find(of_phase).unwrap().at
        };
        at(Phase::Cancelling).since(at(Phase::Refusing)).duration()
    }
}

/// A client that has its first echo: it is connected and served.
fn talking_client(address: SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(LIMIT)).unwrap();
    echo(&mut client);
    client
}

fn echo(client: &mut TcpStream) {
    client.write_all(b"here").unwrap();
    let mut echo = [0; 4];
    client.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"here");
}

/// Is served once more, and leaves by itself.
fn leave(client: &mut TcpStream) {
    echo(client);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0; 9]).unwrap(), 0);
}

#[test]
fn a_wish_to_stop_is_a_first_signal() {
    for mode in Mode::ALL {
        let trial = Trial::of(mode);
        let mut client = None;
        let outcome = trial.run(|address| {
            if trial.phase() == Phase::Running {
                client = Some(talking_client(address));
                return Some(StopRequest::Stop);
            }
            // The grace period: still served, then gone by itself.
            client.take().iter_mut().for_each(leave);
            Some(StopRequest::Stop)
        });
        assert_eq!(outcome.ended, Ended::Quit);
        assert_eq!(outcome.cut_short, None);
        let without_a_cut = [
            (Phase::Running, 0),
            (Phase::Refusing, 1),
            (Phase::Finishing, 1),
            (Phase::Ended, 0),
        ];
        assert_eq!(trial.phases(), without_a_cut, "{mode:?}");
    }
}

#[test]
fn a_wish_to_cut_waits_for_nobody() {
    for mode in Mode::ALL {
        let trial = Trial::of(mode);
        let mut client = None;
        let outcome = trial.run(|address| {
            client.get_or_insert_with(|| talking_client(address));
            let running = trial.phase() == Phase::Running;
            Some(if running { StopRequest::Stop } else { StopRequest::Cut })
        });
        assert_eq!(outcome.ended, Ended::Quit);
        assert_eq!(outcome.cut_short, Some(CutBy::User));
        assert_eq!(outcome.cut_short.map(CutBy::exit_status), Some(0));
        assert_eq!(client.unwrap().read(&mut [0; 9]).unwrap(), 0);
        assert_eq!(trial.phase(), Phase::Ended);
    }
}

/// A plan whose clients are soon done.
fn short_plan() -> Plan {
    let text = r#"
        title = "Two clients come, talk and go"
        time-limit = "30 s"
        [[clients]]
        name = "talker"
        count = 2
        steps = ["connect", { say = "hello" }, "await-echo", "close"]
    "#;
    scenario::parse("short", "short.toml", text).unwrap()
}

#[test]
fn without_anybody_who_stays_a_run_ends_with_its_clients() {
    let plan = Some(short_plan());
    let trial = Trial { plan, ..Trial::of(Mode::Selector) };
    let outcome = trial.run(|_| None);
    assert_eq!(outcome.ended, Ended::ClientsDone);
    assert!(!outcome.clients_left);
    assert!(outcome.ended_at <= outcome.run_time);
}

#[test]
fn a_run_that_is_left_early_leaves_its_clients_at_work() {
    let gate = Arc::new(Gate::default());
    gate.pause();
    let (plan, gate) = (Some(short_plan()), Some(gate));
    let trial = Trial { plan, gate, ..Trial::of(Mode::Selector) };
    let outcome = trial.run(|_| Some(StopRequest::Stop));
    assert_eq!(outcome.ended, Ended::Quit);
    assert!(outcome.clients_left);
}

#[test]
fn a_run_that_stays_serves_on_when_its_clients_are_done() {
    let plan = Some(short_plan());
    let trial = Trial { plan, stay: true, ..Trial::of(Mode::Selector) };
    // So many ticks later a run that does not stay would have ended.
    let mut patience = 50;
    let outcome = trial.run(|address| {
        let now = trial.tally.snapshot();
        let over = now.sockets.iter().filter(|it| it.end.is_some()).count();
        if over == 2 && patience > 0 {
            patience -= 1;
        }
        if patience > 0 || now.phase() != Phase::Running {
            return None;
        }
        // Whoever comes afterwards is served too.
        drop(talking_client(address));
        Some(StopRequest::Stop)
    });
    assert_eq!(outcome.ended, Ended::Quit);
    assert!(outcome.load.is_some());
    assert!(!outcome.clients_left, "they were done");
    assert_eq!(trial.tally.snapshot().connections, 3);
}

#[test]
fn nobody_who_is_held_holds_up_the_end() {
    for mode in Mode::ALL {
        let gate = Arc::new(Gate::default());
        gate.pause();
        let gate = Some(gate);
        let trial = Trial { gate: gate.clone(), ..Trial::of(mode) };
        let outcome = trial.run(|_| {
            let held = gate.iter().any(|gate| gate.waiting() == 1);
            held.then_some(StopRequest::Stop)
        });
        assert_eq!(outcome.ended, Ended::Quit);
    }
}

/// A server whose handlers fail on `boom`, and what becomes of that.
fn failing(mode: Mode, errors: Errors) -> Trial {
    let settings = ServerOptions {
        framing: Some(Framing::Lines),
        boom: Some(true),
        errors: Some(errors),
        ..ServerOptions::default()
    };
    Trial { settings, ..Trial::of(mode) }
}

fn says_boom(address: SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"boom\n").unwrap();
    client
}

#[test]
fn a_server_that_fails_is_an_outcome() {
    let trial = failing(Mode::Serial, Errors::Dropped);
    let mut client = None;
    let outcome = trial.run(|address| {
        client.get_or_insert_with(|| says_boom(address));
        None
    });
    assert_eq!(outcome.ended, Ended::ServerFailed);
    let cause = outcome.failure.unwrap().to_string();
    assert_eq!(cause, "the handler of client #1 failed");
    assert_eq!(trial.tally.snapshot().connections, 1);
}

#[test]
fn a_server_that_fails_while_it_ends_has_failed() {
    let trial = failing(Mode::Serial, Errors::Kept);
    let mut client = None;
    let outcome = trial.run(|address| {
        let client = client.get_or_insert_with(|| {
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(b"here\n").unwrap();
            client.read_exact(&mut [0; 5]).unwrap();
            client
        });
        if trial.phase() == Phase::Finishing {
            // It may have failed already.
            let _ = client.write_all(b"boom\n");
        }
        Some(StopRequest::Stop)
    });
    assert_eq!(outcome.ended, Ended::ServerFailed);
    assert!(outcome.failure.is_some());
}

#[test]
fn a_signal_ends_a_paused_run_too() {
    let gate = Arc::new(Gate::default());
    gate.pause();
    let gate = Some(gate);
    let trial = Trial { gate, ..Trial::of(Mode::Serial) };
    trial.control.signal(Signal::Interrupt);
    let outcome = trial.run(|_| None);
    assert_eq!(outcome.ended, Ended::Signal(Signal::Interrupt));
}

/// A gate that is paused from the start: the clock stands.
fn paused() -> Arc<Gate> {
    let gate = Arc::new(Gate::default());
    gate.pause();
    gate
}

/// Ticks are of a millisecond: this is long after a limit of one.
const MANY_TICKS: u32 = 50;

#[test]
fn a_duration_waits_while_the_program_is_paused() {
    let duration = Some(Duration::from_millis(1));
    let trial = Trial { duration, ..Trial::of(Mode::Selector) };
    assert_eq!(trial.run(|_| None).ended, Ended::DurationOver);
    let trial =
        Trial { duration, gate: Some(paused()), ..Trial::of(Mode::Selector) };
    let mut ticks = 0;
    let outcome = trial.run(|_| {
        ticks += 1;
        (ticks >= MANY_TICKS).then_some(StopRequest::Stop)
    });
    assert_eq!(outcome.ended, Ended::Quit);
}

#[test]
fn the_clients_and_their_limit_wait_while_the_program_is_paused() {
    let plan = scenario::load("half-close").unwrap();
    let gate = Some(paused());
    let trial = Trial::of(Mode::Selector);
    let trial = Trial { plan: Some(plan), gate: gate.clone(), ..trial };
    let mut ticks = 0;
    let outcome = trial.run(|_| {
        ticks += 1;
        if ticks == MANY_TICKS {
            assert_eq!(trial.tally.snapshot().connections, 0);
            gate.as_ref().unwrap().resume();
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
    let plan = || Some(scenario::load("goodbye").unwrap());
    // In serial the only thread sleeps in a read until the end.
    for mode in Mode::ALL.into_iter().filter(|it| *it != Mode::Serial) {
        let gate = Arc::new(Gate::new(Speed::of_factor(0.2).unwrap()));
        let trial = Trial::of(mode);
        let trial = Trial { plan: plan(), gate: Some(gate), ..trial };
        let gate = trial.gate.clone().unwrap();
        let mut held_while_ending = false;
        let outcome = trial.run(|_| {
            let is_ending = trial.phase() > Phase::Running;
            held_while_ending |= is_ending && gate.waiting() > 0;
            None
        });
        assert_eq!(outcome.ended, Ended::Signal(Signal::Terminate));
        assert!(held_while_ending, "{}", mode.name());
    }
}
