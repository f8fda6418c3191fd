//! What a server does that stops reading for a second, seen through `bench`:
//! with an open loop it shows, with a closed one it does not.

use super::bench::{command, result};
use crate::support::process::Program;
use sockscope::measure::{Figure, SubjectResult, Workload};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Once, RwLock};
use std::thread;
use std::time::Duration;

/// How long nothing is read.
const STALL: Duration = Duration::from_secs(1);

/// How long the server serves before.
const BEFORE: Duration = Duration::from_millis(500);

/// Whoever reads from a client holds a part of this.
type Gate = Arc<(RwLock<()>, Once)>;

/// A server that stalls once, a while after its first message.
fn stalling_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let gate = Gate::new((RwLock::new(()), Once::new()));
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, gate) = (client.unwrap(), gate.clone());
            thread::spawn(move || echo(client, &gate));
        }
    });
    address
}

fn echo(mut client: TcpStream, gate: &Gate) {
    let mut buffer = [0; 4096];
    while let Ok(count) = client.read(&mut buffer)
        && count > 0
    {
        gate.1.call_once(|| stall_later(gate.clone()));
        let _open = gate.0.read().unwrap();
        if client.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

fn stall_later(gate: Gate) {
    thread::spawn(move || {
        thread::sleep(BEFORE);
        let _shut = gate.0.write().unwrap();
        thread::sleep(STALL);
    });
}

/// Two clients for two seconds; their p99 echo time, and what the
/// result calls it.
fn p99_ns(args: &[&str]) -> f64 {
    let address = stalling_server();
    let how = "--clients 2 --rounds 1 --warm-up 10ms --time 2s --report json \
               --quiet";
    // A mode that is asked for keeps the others away.
    let against = ["bench", "serial", "--against", &address];
    let command = command(&[&against, args].concat(), how);
    let finished = Program::spawn(command).finish();
    let result = result(&finished.stdout);
    let subject = &result.points[0].subjects[1];
    assert_eq!(subject.failure, None, "{finished:?}");
    of(subject, &result.workload)
}

fn of(subject: &SubjectResult, workload: &Workload) -> f64 {
    Figure::P99.read(&subject.samples[0], workload).unwrap()
}

#[test]
fn an_open_loop_shows_a_stall_and_a_closed_one_does_not() {
    let half = STALL.as_secs_f64() * 1e9 / 2.0;
    let open = p99_ns(&["--rate", "500"]);
    assert!(open > half, "{open}");
    let closed = p99_ns(&[]);
    assert!(closed < half, "{closed}");
}
