//! What a probe adds to one read: `cargo bench --bench probe [-- --quick]`.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

mod harness;

use harness::{Effort, Observers, Variant, compare};
use socket2::Socket;
use sockscope::net::{Listener, ServerOptions, Stop, Stream};
use sockscope::probe::{NoProbe, Probe, Tally};
use sockscope::units::Size;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Bytes a read, and reads a sample where each finds some.
const SIZE: usize = 64;
const READS: usize = 512;

fn main() {
    let effort = Effort::asked_for(31, Duration::from_millis(100));
    let calls = u32::try_from(effort.sample.as_micros()).unwrap() * 2;
    println!("cost of one read, nanoseconds; the raw call is 1");
    let observers = Observers::new();
    let mut raw = Raw::new();
    let mut silent = Observed::new(NoProbe);
    let mut tally = Observed::new(Arc::new(Tally::default()));
    let mut both = Observed::new(observers.probe.clone());
    let variants = vec![
        Variant::new("raw recv", || raw.in_vain(calls)),
        Variant::new("NoProbe", || silent.in_vain(calls)),
        Variant::new("Tally", || tally.in_vain(calls)),
        Variant::new("Tally and Tap", || both.in_vain(calls)),
    ];
    compare("a read that would block", "ns", effort.rounds, variants);
    let batches = calls / 2048 + 1;
    let variants = vec![
        Variant::new("raw recv", || raw.with_data(batches)),
        Variant::new("NoProbe", || silent.with_data(batches)),
        Variant::new("Tally", || tally.with_data(batches)),
        Variant::new("Tally and Tap", || both.with_data(batches)),
    ];
    compare("a read of 64 bytes", "ns", effort.rounds, variants);
}

fn nanoseconds(time: Duration, calls: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(calls)
}

/// What every variant can do.
trait Reads {
    fn read(&mut self) -> Option<usize>;
    /// Sends what was read back, so that nothing is held.
    fn give_back(&mut self);
    fn client(&mut self) -> &mut TcpStream;

    fn in_vain(&mut self, calls: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            assert_eq!(self.read(), None);
        }
        nanoseconds(start.elapsed(), calls)
    }

    fn with_data(&mut self, batches: u32) -> f64 {
        let mut time = Duration::ZERO;
        let mut bytes = vec![b'x'; SIZE * READS];
        for _ in 0..batches {
            self.client().write_all(&bytes).unwrap();
            let start = Instant::now();
            let mut left = bytes.len();
            // Now and then some of it comes a moment later.
            while left > 0 {
                left -= self.read().unwrap_or(0);
            }
            time += start.elapsed();
            self.give_back();
            self.client().read_exact(&mut bytes).unwrap();
        }
        nanoseconds(time, batches * u32::try_from(READS).unwrap())
    }
}

/// A socket and a buffer, by hand.
struct Raw {
    client: TcpStream,
    socket: Socket,
    bytes: Vec<u8>,
    end: usize,
}

impl Raw {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let (client, socket) = (client.unwrap(), server.into());
        Self { client, socket, bytes: Vec::new(), end: 0 }
    }
}

impl Reads for Raw {
    fn read(&mut self) -> Option<usize> {
        if self.end + SIZE > self.bytes.len() {
            self.bytes.resize(self.end + SIZE, 0);
        }
        let space = &mut self.bytes[self.end..self.end + SIZE];
        let count = self.socket.read(space).ok()?;
        self.end += count;
        Some(count)
    }

    fn give_back(&mut self) {
        self.socket.write_all(&self.bytes[..self.end]).unwrap();
        self.end = 0;
    }

    fn client(&mut self) -> &mut TcpStream {
        &mut self.client
    }
}

/// The same through the instrumented calls.
struct Observed<P: Probe> {
    client: TcpStream,
    stream: Stream<P>,
    _listener: Listener<P>,
}

impl<P: Probe> Observed<P> {
    fn new(probe: P) -> Self {
        let settings = ServerOptions {
            recv_size: Some(Size(SIZE as u64)),
            ..ServerOptions::default()
        };
        let mut listener =
            Listener::bind(&settings, &Stop::new(), probe).unwrap();
        listener.set_nonblocking().unwrap();
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).unwrap();
        // A client may be connected a moment before it can be accepted.
        let stream = loop {
            match listener.try_accept().unwrap() {
                Some(stream) => break stream,
                None => sleep(Duration::from_millis(1)),
            }
        };
        Self { client, stream, _listener: listener }
    }
}

impl<P: Probe> Reads for Observed<P> {
    fn read(&mut self) -> Option<usize> {
        self.stream.try_read().unwrap()
    }

    fn give_back(&mut self) {
        while self.stream.has_output().unwrap() {
            self.stream.try_write().unwrap();
        }
    }

    fn client(&mut self) -> &mut TcpStream {
        &mut self.client
    }
}
