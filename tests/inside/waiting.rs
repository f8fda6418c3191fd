//! The modes differ in how they wait: what each of them does while there is
//! nothing to do.

use crate::limits::narrow;
use crate::support::passes::Passes;
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::{Client, Server};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Class, Counters, Kind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The modes that sleep when there is nothing to do.
const SLEEPING: [Mode; 4] =
    [Mode::Serial, Mode::Blocking, Mode::Selector, Mode::Tasks];

/// Turns of the loop within a window in which nothing is done to it. The
/// window is what is measured here, not a wait for something.
fn turns_in(server: &Server, window: Duration) -> u64 {
    let before = server.iterations();
    thread::sleep(window);
    server.iterations() - before
}

#[test]
fn a_busy_loop_asks_every_socket_in_every_turn() {
    for clients in [0, 1, 2, 5] {
        let slot = Arc::new(Mutex::new(None));
        let kept = slot.clone();
        let server = Server::observed(
            Mode::Nonblocking,
            &ServerOptions::default(),
            move |tally| {
                let passes = Passes::of(tally);
                *kept.lock().unwrap() = Some(passes.clone());
                passes
            },
        );
        let passes = slot.lock().unwrap().take().unwrap();
        let mut all: Vec<_> =
            (0..clients).map(|_| Client::connect(&server)).collect();
        for client in &mut all {
            client.echo("here");
        }
        let before = passes.snapshot();
        wait_for("ten thousand turns", || {
            server.iterations() > before.hits(Kind::Accept) + 10_000
        });
        let after = passes.snapshot();
        let since = |count: &dyn Fn(&Counters, Kind) -> u64| {
            let count = |of| Kind::ALL.iter().map(|it| count(of, *it)).sum();
            let (after, before): (u64, u64) = (count(&after), count(&before));
            after - before
        };
        let turns = after.hits(Kind::Accept) - before.hits(Kind::Accept);
        let in_vain = since(&|of, kind| of.count(kind, Class::WouldBlock));
        assert_eq!(in_vain, turns * (clients + 1));
        assert_eq!(since(&|of, kind| of.calls(kind)), in_vain);
    }
}

/// The ways to leave; after each of them the server is as idle as before.
const DEPARTURES: [fn(Client); 4] = [
    |client| drop(client),
    |mut client| {
        client.half_close();
        client.expect_eof();
    },
    |client| client.reset(),
    |mut client| {
        client.say("never read");
        client.reset();
    },
];

#[test]
fn a_busy_loop_forgets_whoever_leaves() {
    let server = Server::start(Mode::Nonblocking, &ServerOptions::default());
    for (leave, id) in DEPARTURES.into_iter().zip(1..) {
        let mut client = Client::connect(&server);
        client.echo("hello");
        leave(client);
        server.wait_for_end(id);
        let calls = server.socket(id).calls();
        let turns = server.iterations();
        wait_for("some turns", || server.iterations() > turns + 1000);
        assert_eq!(server.socket(id).calls(), calls);
    }
}

#[test]
fn a_half_closed_client_that_does_not_read_makes_nobody_spin() {
    for mode in SLEEPING {
        let server = Server::start(mode, &narrow(65_536));
        let mut client = Client::connect_small(&server, 4096);
        client.flood_until(|| server.is_stalled(1, 65_536));
        client.half_close();
        // The system may still move what its buffers hold.
        holds_undisturbed("nothing spins", || {
            let turns = turns_in(&server, Duration::from_millis(300));
            let most = if mode.loop_call() == Kind::Wait { 2 } else { 0 };
            holds(turns <= most, format!("{}: {turns} turns", mode.name()))
        });
    }
}
