//! Every mode stops in the same way, whatever its threads are asleep in.

use crate::support::patience::{LIMIT, wait_for};
use crate::support::{GRACE, Server, pattern};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::NoProbe;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Instant;

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

/// Connects, says and leaves, again and again, until `over` is set; what goes
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
