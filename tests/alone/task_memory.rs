//! Goal: a paused task is small. Method: alone in its process, so that what
//! its memory has grown by tells: thousands of clients that have said
//! something, had it back, and are silent now.

use crate::alone;
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::NoProbe;
use sockscope::system::usage::resident_memory;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// How much a paused task may take, its connection included; a buffer is
/// held only while there is something in it.
const MOST: u64 = 1024;

/// Both ends are in this process, whose descriptors are limited.
const WARM: usize = 200;
const CLIENTS: usize = 4_000;

#[test]
fn a_paused_task_takes_less_than_a_kibibyte() {
    alone(|| {
        let _ = sockscope::system::descriptors::raise_limit();
        let stop = Stop::new();
        let settings = ServerOptions::default();
        let listener = Listener::bind(&settings, &stop, NoProbe).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || Mode::Tasks.serve(listener));
        let mut clients = Vec::with_capacity(WARM + CLIENTS);
        connect(address, WARM, &mut clients);
        let before = resident_memory().unwrap();
        connect(address, CLIENTS, &mut clients);
        let grown = resident_memory().unwrap().saturating_sub(before);
        let each = grown / CLIENTS as u64;
        println!("{each} bytes a paused task");
        assert!(each <= MOST, "{each} bytes");
        stop.request(Duration::ZERO);
        server.join().unwrap().unwrap();
    });
}

/// Each of them has its echo, so that its task is paused in a read.
fn connect(address: SocketAddr, count: usize, clients: &mut Vec<TcpStream>) {
    for _ in 0..count {
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"hello").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
        clients.push(client);
    }
}
