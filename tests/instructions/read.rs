//! Reads in vain many times, through the instrumented call with no probe or
//! by hand; `tests/alone/no_probe.rs` compiles this with full optimisation,
//! together with the few modules that it needs, and counts instructions.

#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/net/mod.rs"]
pub mod net;
#[path = "../../src/probe/mod.rs"]
pub mod probe;
#[path = "../../src/system/mod.rs"]
pub mod system;
#[path = "../../src/text/mod.rs"]
pub mod text;
#[path = "../../src/units/mod.rs"]
pub mod units;

use net::{Listener, ServerOptions, Stop, Stream};
use probe::NoProbe;
use std::env;
use std::hint::black_box;
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [way, times] = &arguments[..] else {
        panic!("usage: instructions by-hand|observed TIMES");
    };
    let times = times.parse().unwrap();
    let settings = ServerOptions::default();
    let mut listener =
        Listener::bind(&settings, &Stop::new(), NoProbe).unwrap();
    listener.set_nonblocking().unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // A client may be connected a moment before it can be accepted.
    let mut stream = loop {
        match listener.try_accept().unwrap() {
            Some(stream) => break stream,
            None => sleep(Duration::from_millis(1)),
        }
    };
    match way.as_str() {
        "by-hand" => by_hand(&mut stream, times),
        _ => observed(&mut stream, times),
    }
    drop(client);
}

#[inline(never)]
fn by_hand(stream: &mut Stream<NoProbe>, times: u32) {
    for _ in 0..times {
        assert!(black_box(stream.try_read_by_hand()).unwrap().is_none());
    }
}

#[inline(never)]
fn observed(stream: &mut Stream<NoProbe>, times: u32) {
    for _ in 0..times {
        assert!(black_box(stream.try_read()).unwrap().is_none());
    }
}
