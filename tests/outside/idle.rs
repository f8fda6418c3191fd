//! What waiting costs: a second in which nothing happens, with two clients.

use super::patience::{holds, holds_undisturbed};
use super::process::Server;
use super::talk::Client;
use std::thread;
use std::time::Duration;

/// CPU time in ticks of 10 ms that an idle second with two clients takes,
/// and how many iterations its loop made in the whole run.
fn idle_second(mode: &str) -> (u64, u64) {
    let server = Server::start(mode, &[]);
    let mut clients: Vec<_> =
        (0..2).map(|_| Client::connect(server.address)).collect();
    clients[0].echo("hello\n");
    let before = server.process().cpu_ticks();
    thread::sleep(Duration::from_secs(1));
    let ticks = server.process().cpu_ticks() - before;
    drop(clients);
    (ticks, server.report().number("/server/iterations"))
}

/// Of a core that others use, a loop that spins gets its share only.
#[test]
fn asleep_costs_next_to_nothing_and_spinning_a_core() {
    holds_undisturbed("asleep costs a tenth of spinning", || {
        let (spinning, iterations) = idle_second("nonblocking");
        println!("nonblocking: {spinning} ticks, {iterations} iterations");
        holds(iterations > 10_000, format!("{iterations} iterations"))?;
        for mode in ["serial", "blocking", "selector"] {
            let (asleep, iterations) = idle_second(mode);
            println!("{mode}: {asleep} ticks, {iterations} iterations");
            assert!(iterations < 20, "{mode}: {iterations}");
            let words = format!("{mode}: {asleep} ticks to {spinning}");
            holds(asleep * 10 <= spinning, words)?;
        }
        Ok(())
    });
}

/// Asleep means asleep: every thread of the process.
#[test]
fn all_threads_sleep_while_nothing_happens() {
    for mode in ["serial", "blocking", "selector"] {
        let server = Server::start(mode, &[]);
        let mut client = Client::connect(server.address);
        client.echo("hello\n");
        server.process().wait_until_asleep();
    }
}

/// A client that is gone leaves no loop that spins.
#[test]
fn whoever_leaves_leaves_no_spinning_loop() {
    for mode in ["serial", "blocking", "selector"] {
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
        holds_undisturbed("nothing spins", || {
            let before = server.process().cpu_ticks();
            thread::sleep(Duration::from_millis(500));
            let ticks = server.process().cpu_ticks() - before;
            holds(ticks < 10, format!("{mode}: {ticks} ticks of 10 ms"))
        });
        drop(half);
        let iterations = server.report().number("/server/iterations");
        assert!(iterations < 40, "{mode}: {iterations}");
    }
}
