//! What waiting costs: nothing happens, with two clients.

use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::Server;
use std::thread;
use std::time::Duration;

/// A server with two clients that say nothing any more.
struct Idle {
    server: Server,
    clients: [Client; 2],
    /// Ticks of 10 ms that it had used before.
    before: u64,
}

impl Idle {
    fn start(mode: &str) -> Self {
        let server = Server::start(mode, &[]);
        let mut clients = [0, 1].map(|_| Client::connect(server.address));
        clients[0].echo("hello\n");
        let before = server.process().cpu_ticks();
        Self { server, clients, before }
    }

    /// CPU time since then, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        self.server.process().cpu_ticks() - self.before
    }

    /// How many iterations its loop made in the whole run.
    fn iterations(self) -> u64 {
        drop(self.clients);
        self.server.report().number("/server/iterations")
    }
}

/// All of them wait in the same time, however long it takes a loop that
/// spins to get a second of a processor.
#[test]
fn asleep_costs_next_to_nothing_and_spinning_a_core() {
    let asleep = ["serial", "blocking", "selector", "tasks"];
    let asleep = asleep.map(|mode| (mode, Idle::start(mode)));
    let spinning = Idle::start("nonblocking");
    wait_for("a second of a processor", || spinning.ticks() >= 100);
    for (mode, idle) in asleep {
        // Every thread of it.
        idle.server.process().wait_until_asleep();
        let (ticks, iterations) = (idle.ticks(), idle.iterations());
        println!("{mode}: {ticks} ticks of 10 ms, {iterations} iterations");
        assert!(ticks <= 10, "{mode}: {ticks} ticks");
        assert!(iterations < 20, "{mode}: {iterations}");
    }
    let iterations = spinning.iterations();
    println!("nonblocking: {iterations} iterations");
    assert!(iterations > 10_000, "{iterations}");
}

/// A client that is gone leaves no loop that spins.
#[test]
fn whoever_leaves_leaves_no_spinning_loop() {
    for mode in ["serial", "blocking", "selector", "tasks"] {
        let server = Server::start(mode, &[]);
        let mut closing = Client::connect(server.address);
        closing.echo("hello\n");
        drop(closing);
        let mut resetting = Client::connect(server.address);
        resetting.echo("hello\n");
        resetting.reset();
        let mut half = Client::connect(server.address);
        half.echo("hello\n");
        half.half_close();
        half.expect_eof();
        let before = server.process().cpu_ticks();
        // The window is what is measured here, not a wait for something.
        thread::sleep(Duration::from_millis(500));
        let ticks = server.process().cpu_ticks() - before;
        assert!(ticks < 10, "{mode}: {ticks} ticks of 10 ms");
        drop(half);
        let iterations = server.report().number("/server/iterations");
        assert!(iterations < 40, "{mode}: {iterations}");
    }
}
