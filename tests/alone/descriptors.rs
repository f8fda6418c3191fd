//! When descriptors run out, accepting pauses and resumes by itself, and the
//! accepted clients go on. Each test lowers its process's limit, so that it
//! runs in a process of its own.
//!
//! In serial mode it cannot come to that: one connection at a time.

use crate::alone;
use crate::support::patience::wait_for;
use crate::support::{CONCURRENT, Client, Server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Class, Kind, NoProbe};
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::thread;
use std::time::{Duration, Instant};

/// How long accepting pauses unless a connection ends before.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Lets this process open this many more descriptors than it has.
fn leave_room_for(count: u64) {
    let free = File::open("/dev/null").unwrap().as_raw_fd();
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(u64::try_from(free).unwrap() + count);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

fn lift_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit { current: maximum, maximum };
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// A server that has room for about ten of thirty clients.
fn crowded(mode: Mode) -> (Server, Vec<Client>) {
    let options = ServerOptions::default();
    let (server, begin) = Server::held(mode, &options, |_| NoProbe);
    let clients = (0..30).map(|_| Client::connect(&server)).collect();
    leave_room_for(13);
    begin.send(()).unwrap();
    wait_for("descriptors run out", || failed_accepts(&server) > 0);
    (server, clients)
}

fn failed_accepts(server: &Server) -> u64 {
    server.tally.snapshot().count(Kind::Accept, Class::Failed)
}

fn accepted(server: &Server) -> usize {
    let count = server.tally.snapshot().connections;
    usize::try_from(count).unwrap()
}

/// While there is no room, nothing is tried again and again.
fn assert_pausing(server: &Server) {
    let start = Instant::now();
    let before = server.tally.snapshot();
    // The window is what is measured here, not a wait for something.
    thread::sleep(RETRY_DELAY / 2);
    let now = server.tally.snapshot();
    let retries = 1 + start.elapsed().as_secs();
    let tried = |kind| now.calls(kind) - before.calls(kind);
    assert!(tried(Kind::Accept) <= retries, "{}", server.mode.name());
    assert!(tried(Kind::Wait) <= 2 * retries, "{}", server.mode.name());
}

fn served_by_turns(mode: Mode) {
    let (server, mut clients) = crowded(mode);
    let within = accepted(&server);
    assert!((5..20).contains(&within), "{within} of 30");
    for client in &mut clients[..within] {
        client.echo("within");
    }
    assert_pausing(&server);
    for client in &mut clients[..within] {
        client.echo("still within");
    }
    // A client that ends its side but stays frees the server's descriptor
    // and no other: room for exactly one.
    for (leaving, next) in (within..30).enumerate() {
        clients[leaving].half_close();
        clients[leaving].expect_eof();
        clients[next].echo("my turn");
    }
    drop(server);
    lift_limit();
}

#[test]
fn accepting_pauses_and_resumes_by_itself() {
    alone(|| {
        CONCURRENT.into_iter().for_each(served_by_turns);
    });
}

/// Room that appears without a client of ours leaving is found by asking
/// now and then.
#[test]
fn room_that_others_leave_is_found_too() {
    alone(|| {
        for mode in CONCURRENT {
            let (server, mut clients) = crowded(mode);
            lift_limit();
            for client in &mut clients {
                client.echo("in the end");
            }
            drop(server);
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_has_ended_leaves_nothing_open() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    alone(|| {
        let before = open();
        for mode in Mode::ALL {
            for _ in 0..5 {
                let mut server = Server::start(mode, &ServerOptions::default());
                Client::connect(&server).echo("hello");
                server.end();
            }
        }
        assert_eq!(open(), before);
    });
}
