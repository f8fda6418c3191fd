//! The phases of a stop, as the probe is told.

use super::{Trial, talking_client};
use crate::support::GRACE;
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Call, End, Exit, Note, Phase, Probe, Tally};
use sockscope::run::engine::{self, CutBy, Mailbox, Run, StopRequest};
use sockscope::run::meters::Meters;
use sockscope::run::place::ClientPlace;
use sockscope::system::signals::Signal;
use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// As many clients as a server of this mode serves at once.
fn idle_clients(mode: Mode, address: SocketAddr) -> Vec<TcpStream> {
    let count = if mode == Mode::Serial { 1 } else { 3 };
    (0..count).map(|_| talking_client(address)).collect()
}

/// Every phase there is, with so many clients left until they are cut.
fn all_phases(left: u64) -> [(Phase, u64); Phase::COUNT] {
    Phase::ALL.map(|phase| match phase {
        Phase::Running | Phase::Ended => (phase, 0),
        _ => (phase, left),
    })
}

fn expect_stopped(trial: &Trial, clients: Vec<TcpStream>) {
    let left = clients.len() as u64;
    assert_eq!(trial.phases(), all_phases(left), "{:?}", trial.mode);
    let ends = &trial.tally.snapshot().ends;
    assert_eq!(ends[&End::Stopped].connections, left);
    for mut client in clients {
        assert_eq!(client.read(&mut [0; 9]).unwrap(), 0);
    }
}

#[test]
fn idle_clients_are_all_there_until_the_one_deadline() {
    for mode in Mode::ALL {
        let grace = Duration::from_millis(60);
        let trial = Trial { grace, ..Trial::of(mode) };
        let mut clients = Vec::new();
        let outcome = trial.run(|address| {
            if clients.is_empty() {
                clients = idle_clients(mode, address);
            }
            Some(StopRequest::Stop)
        });
        assert_eq!(outcome.cut_short, None);
        assert!(trial.cut_after() >= grace);
        expect_stopped(&trial, clients);
    }
}

#[test]
fn a_second_signal_cancels_at_once() {
    for mode in Mode::ALL {
        let trial = Trial::of(mode);
        let (mut clients, mut signals) = (Vec::new(), 0);
        let outcome = trial.run(|address| {
            if clients.is_empty() {
                clients = idle_clients(mode, address);
            }
            if signals == 0 || trial.phase() == Phase::Finishing {
                signals += 1;
                trial.control.signal(Signal::Interrupt);
            }
            None
        });
        let by = Some(CutBy::Signal(Signal::Interrupt));
        assert_eq!(outcome.cut_short, by);
        assert!(trial.cut_after() < GRACE);
        expect_stopped(&trial, clients);
    }
}

#[test]
fn without_clients_nobody_is_cancelled() {
    for mode in Mode::ALL {
        let trial = Trial::of(mode);
        trial.run(|_| Some(StopRequest::Stop));
        let phases =
            [Phase::Running, Phase::Refusing, Phase::Finishing, Phase::Ended];
        assert_eq!(trial.phases(), phases.map(|it| (it, 0)), "{mode:?}");
    }
}

/// A probe whose server cannot go on.
#[derive(Clone)]
struct Failing;

impl Probe for Failing {
    const ENABLED: bool = true;
    type Mark = ();

    fn enter(&self, _: &Call) {
        panic!("meant to fail");
    }

    fn exit(&self, _: &Call, (): (), _: Exit) {}
    fn note(&self, _: &Note) {}
}

#[test]
fn a_server_that_fails_has_ended_all_the_same() {
    for mode in Mode::ALL {
        let tally = Arc::new(Tally::default());
        let run = Run {
            mode,
            settings: &ServerOptions::default(),
            grace: GRACE,
            duration: None,
            plan: None,
            place: ClientPlace::Thread,
            probe: (tally.clone(), Failing),
            gate: None,
            stay: false,
            meters: Meters::default(),
        };
        let outcome = engine::run(&run, &Mailbox::new(), |_| Ok(())).unwrap();
        assert!(outcome.failure.is_some());
        let phases: Vec<_> =
            tally.phases().iter().map(|mark| mark.phase).collect();
        assert_eq!(phases, [Phase::Running, Phase::Ended]);
    }
}
