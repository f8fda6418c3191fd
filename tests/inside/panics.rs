//! A server whose thread panics: the run fails with a message, and nothing
//! hangs.

use crate::support::patience::LIMIT;
use sockscope::error::Error;
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Call, Exit, Kind, Note, Probe};
use sockscope::run::engine::{self, Ended, Mailbox, Run};
use sockscope::run::meters::Meters;
use sockscope::run::place::ClientPlace;
use std::sync::mpsc::channel;
use std::thread;

/// Panics in the first call of a server's loop.
#[derive(Clone)]
struct Broken;

impl Probe for Broken {
    const ENABLED: bool = true;
    type Mark = ();

    fn enter(&self, call: &Call) {
        let asks = matches!(call.kind, Kind::Accept | Kind::Wait);
        assert!(!asks, "a panic that a test asked for");
    }

    fn exit(&self, _: &Call, (): (), _: Exit) {}

    fn note(&self, _: &Note) {}
}

/// How the run ends.
fn failure(mode: Mode) -> Error {
    let (sender, ended) = channel();
    thread::spawn(move || {
        let run = Run {
            mode,
            settings: &ServerOptions::default(),
            grace: LIMIT,
            duration: None,
            plan: None,
            place: ClientPlace::Thread,
            probe: Broken,
            gate: None,
            stay: false,
            meters: Meters::default(),
        };
        let _ = sender.send(engine::run(&run, &Mailbox::new(), |_| Ok(())));
    });
    let ended = ended.recv_timeout(LIMIT).expect("the run ends");
    let outcome = ended.expect("what was done until then is known");
    assert_eq!(outcome.ended, Ended::ServerFailed);
    Error::Serve(outcome.failure.expect("a panic is a failure"))
}

#[test]
fn a_panic_of_the_server_is_a_failure_of_the_run() {
    for mode in Mode::ALL {
        let error = failure(mode);
        let words = "the server failed: its thread panicked";
        assert_eq!(error.chain(), words, "{}", mode.name());
        assert_eq!(error.exit_status(), 1);
    }
}
