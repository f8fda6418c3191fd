//! A client that sends 64 MB and does not read: memory stays flat, others are
//! served, and when it does read, all of it comes back.

use super::in_concurrent_modes;
use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{Proc, Server};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

in_concurrent_modes! {
    a_flood_that_nobody_reads_piles_up_nowhere,
}

const PIECE: usize = 65_536;
const PIECES: usize = 1024;
const MIB: u64 = 1 << 20;

/// A piece of the flood: every eight bytes of it differ from all others.
fn piece(number: usize) -> Vec<u8> {
    let first = number * PIECE / 8;
    let words = first..first + PIECE / 8;
    let word = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    words.flat_map(|at| word(at).to_le_bytes()).collect()
}

fn send_all(mut stream: &TcpStream, sent: &AtomicUsize) {
    for number in 0..PIECES {
        stream.write_all(&piece(number)).expect("the flood is taken");
        sent.store(number + 1, Relaxed);
    }
}

/// Waits until nothing more is taken, for want of a reader.
fn wait_until_held_up(sent: &AtomicUsize) {
    let (mut before, mut still) = (0, 0);
    wait_for("the flood is held up", || {
        thread::sleep(Duration::from_millis(20));
        let now = sent.load(Relaxed);
        still = if now == before { still + 1 } else { 0 };
        before = now;
        still > 10
    });
    assert!(before < PIECES, "all of it was taken, and none of it read");
}

/// Reads the flood and compares it; the most memory the server had.
fn read_all(mut stream: &TcpStream, server: Proc) -> u64 {
    let mut bytes = vec![0; PIECE];
    let mut most = 0;
    for number in 0..PIECES {
        stream.read_exact(&mut bytes).expect("the flood comes back");
        assert!(bytes == piece(number), "piece {number} differs");
        if number % 16 == 0 {
            most = most.max(server.memory());
        }
    }
    most
}

fn a_flood_that_nobody_reads_piles_up_nowhere(mode: &str) {
    let server = Server::start(mode, &[]);
    let mut other = Client::connect(server.address);
    other.echo("hello\n");
    let before = server.process().memory();
    let flooding = Client::connect(server.address);
    let sent = AtomicUsize::new(0);
    let most = thread::scope(|threads| {
        threads.spawn(|| send_all(&flooding.stream, &sent));
        wait_until_held_up(&sent);
        let held_up = server.process().memory();
        (0..10).for_each(|_| other.echo("still served\n"));
        held_up.max(read_all(&flooding.stream, server.process()))
    });
    let growth = most.saturating_sub(before);
    println!("{mode}: {} KiB more for a flood of 64 MiB", growth / 1024);
    assert!(growth < 32 * MIB, "{growth} bytes more");
    drop((other, flooding));
    let report = server.report();
    let echoed = (PIECE * PIECES + 6 + 10 * 13) as u64;
    assert_eq!(report.number("/server/bytes_out"), echoed);
    assert!(report.number("/server/pending_peak_bytes") <= 256 * 1024);
    let words = match mode {
        // One that sleeps is a matter of its time.
        "blocking" => "",
        "tasks" => "a write to client #2 had to wait",
        _ => "client #2 reached its limit",
    };
    assert!(report.findings().contains(words), "{}", report.findings());
}
