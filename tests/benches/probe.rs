//! What a probe adds to one read: `cargo bench --bench probe [-- --quick]`.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

mod harness;

use harness::{Effort, Observers, Variant, compare};
use sockscope::net::{Listener, ServerOptions, Stop, Stream};
use sockscope::probe::{NoProbe, Probe, Tally};
use sockscope::units::Size;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
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
    let mut raw = Conversation::new(NoProbe, Stream::try_read_by_hand);
    let mut silent = Conversation::new(NoProbe, Stream::try_read);
    let mut tally =
        Conversation::new(Arc::new(Tally::default()), Stream::try_read);
    let mut both = Conversation::new(observers.probe.clone(), Stream::try_read);
    let variants = vec![
        Variant::new("raw recv", || raw.in_vain(calls)),
        Variant::new("NoProbe", || silent.in_vain(calls)),
        Variant::new("Tally", || tally.in_vain(calls)),
        Variant::new("Tally and Tap", || both.in_vain(calls)),
    ];
    compare("a read that would block", "ns", effort.rounds, variants, |_| 0);
    let batches = calls / 2048 + 1;
    let variants = vec![
        Variant::new("raw recv", || raw.with_data(batches)),
        Variant::new("NoProbe", || silent.with_data(batches)),
        Variant::new("Tally", || tally.with_data(batches)),
        Variant::new("Tally and Tap", || both.with_data(batches)),
    ];
    compare("a read of 64 bytes", "ns", effort.rounds, variants, |_| 0);
}

fn nanoseconds(time: Duration, calls: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(calls)
}

/// A client and the server's end of its connection, with a way to read.
struct Conversation<P: Probe, R> {
    client: TcpStream,
    stream: Stream<P>,
    read: R,
    _listener: Listener<P>,
}

impl<P: Probe, R> Conversation<P, R>
where
    R: Fn(&mut Stream<P>) -> io::Result<Option<usize>>,
{
    fn new(probe: P, read: R) -> Self {
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
        Self { client, stream, read, _listener: listener }
    }

    fn in_vain(&mut self, calls: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..calls {
            assert_eq!((self.read)(&mut self.stream).unwrap(), None);
        }
        nanoseconds(start.elapsed(), calls)
    }

    fn with_data(&mut self, batches: u32) -> f64 {
        let mut time = Duration::ZERO;
        let mut bytes = vec![b'x'; SIZE * READS];
        for _ in 0..batches {
            self.client.write_all(&bytes).unwrap();
            let start = Instant::now();
            let mut left = bytes.len();
            // Now and then some of it comes a moment later.
            while left > 0 {
                left -= (self.read)(&mut self.stream).unwrap().unwrap_or(0);
            }
            time += start.elapsed();
            // Sent back, so that nothing is held.
            while self.stream.has_output().unwrap() {
                self.stream.try_write().unwrap();
            }
            self.client.read_exact(&mut bytes).unwrap();
        }
        nanoseconds(time, batches * u32::try_from(READS).unwrap())
    }
}
