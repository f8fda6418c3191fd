//! Every mode stops in the same way, whatever its threads are asleep in.

use crate::support::patience::{LIMIT, wait_for};
use crate::support::{CONCURRENT, Client, GRACE, Server, lines, pattern};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::{End, NoProbe};
use sockscope::units::Size;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

fn wait_until_refused(server: &Server) {
    wait_for("a connect is refused", || {
        TcpStream::connect(server.address).is_err()
    });
}

#[test]
fn without_clients_a_request_is_enough() {
    for mode in Mode::ALL {
        let mut server = Server::start(mode, &ServerOptions::default());
        server.stop.request(GRACE);
        server.wait_for_return();
        assert!(TcpStream::connect(server.address).is_err());
    }
}

#[test]
fn a_server_that_was_stopped_before_it_began_serves_nobody() {
    for mode in Mode::ALL {
        let stop = Stop::new();
        let settings = ServerOptions::default();
        let listener = Listener::bind(&settings, &stop, NoProbe).unwrap();
        stop.request(GRACE);
        mode.serve(listener).unwrap();
    }
}

#[test]
fn clients_are_served_until_the_grace_period_is_over() {
    for mode in CONCURRENT {
        let mut server = Server::start(mode, &lines());
        let mut clients: Vec<_> =
            (0..5).map(|_| Client::connect(&server)).collect();
        server.wait_for_clients(5);
        clients[1].say("half a ");
        server.stop.request(GRACE);
        wait_until_refused(&server);
        clients[0].echo("said in the grace period\n");
        clients[1].say("line\n");
        clients[1].expect("half a line\n");
        server.stop.cut();
        for client in &mut clients {
            client.expect_eof();
        }
        server.wait_for_return();
        for id in 1..=5 {
            assert_eq!(server.socket(id).ended, Some(End::Stopped));
        }
    }
}

#[test]
fn in_serial_the_one_client_is_served_until_the_grace_period_is_over() {
    let mut server = Server::start(Mode::Serial, &ServerOptions::default());
    let mut client = Client::connect(&server);
    server.wait_for_clients(1);
    let mut waiting = Client::connect(&server);
    server.stop.request(GRACE);
    wait_until_refused(&server);
    // It was never accepted: the listener took it along.
    waiting.expect_end();
    client.echo("said in the grace period");
    server.stop.cut();
    client.expect_eof();
    server.wait_for_return();
}

#[test]
fn when_the_last_client_leaves_the_grace_period_is_over() {
    for mode in Mode::ALL {
        let mut server = Server::start(mode, &ServerOptions::default());
        let mut client = Client::connect(&server);
        client.echo("here");
        server.stop.request(GRACE);
        wait_until_refused(&server);
        client.half_close();
        client.expect_eof();
        server.wait_for_return();
        assert_eq!(server.socket(1).ended, Some(End::EndOfFile));
    }
}

#[test]
fn a_client_that_does_not_read_cannot_hold_up_the_end() {
    for mode in Mode::ALL {
        let settings = ServerOptions {
            buffer_limit: Some(Size(8192)),
            ..ServerOptions::default()
        };
        let mut server = Server::start(mode, &settings);
        let mut client = Client::connect_small(&server, 4096);
        client.flood_until(|| server.is_stalled(1, 8192));
        server.end();
    }
}

#[test]
fn a_paused_server_stops_too() {
    for mode in CONCURRENT {
        let settings = ServerOptions {
            max_connections: Some(1),
            ..ServerOptions::default()
        };
        let mut server = Server::start(mode, &settings);
        let mut client = Client::connect(&server);
        client.echo("here");
        server.stop.request(GRACE);
        wait_until_refused(&server);
        client.echo("still here");
        server.stop.cut();
        client.expect_eof();
        server.wait_for_return();
    }
}

/// Connects, says and leaves, again and again, until told to end; what goes
/// wrong is what a server that stops does to its clients.
fn keep_busy(address: SocketAddr, over: &AtomicBool) {
    let words = pattern(300);
    let talk = |count: u8| -> std::io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(LIMIT))?;
        for _ in 0..count {
            stream.write_all(&words)?;
            stream.read_exact(&mut [0; 300])?;
        }
        Ok(())
    };
    let mut count = 0;
    let start = Instant::now();
    while !over.load(Relaxed) && start.elapsed() < LIMIT {
        let _ = talk(count % 8);
        count = count.wrapping_add(1);
    }
}

#[test]
fn a_stop_at_any_moment_ends_a_busy_server() {
    for mode in Mode::ALL {
        for round in 0_u64..50 {
            let mut server = Server::start(mode, &ServerOptions::default());
            let (address, over) = (server.address, AtomicBool::new(false));
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| keep_busy(address, &over));
                }
                let moment = round * round % 71;
                wait_for("some calls", || {
                    let now = server.tally.snapshot();
                    now.sockets.iter().map(|s| s.bytes_in).sum::<u64>()
                        >= moment * 300
                });
                server.stop.request(GRACE);
                if round % 2 == 0 {
                    thread::yield_now();
                }
                server.stop.cut();
                over.store(true, Relaxed);
            });
            server.wait_for_return();
        }
    }
}
