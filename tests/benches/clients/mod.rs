//! A server in a thread of its own, and clients that keep it busy.

use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::Probe;
use sockscope::system::usage;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const SIZE: usize = 64;

/// What one run tells.
pub(crate) struct Counters {
    pub(crate) echoes_per_second: f64,
    pub(crate) cpu_us_per_echo: Option<f64>,
}

/// The CPU time, user and system, that the calling thread has used, where
/// the system tells it.
pub(crate) fn thread_cpu() -> Option<Duration> {
    usage::of_thread().map(|used| used.user + used.system)
}

/// This many clients of a server.
pub(crate) fn connect(
    address: impl ToSocketAddrs,
    clients: usize,
) -> Vec<TcpStream> {
    let connect = |_| {
        let client = TcpStream::connect(&address).unwrap();
        client.set_nodelay(true).unwrap();
        client
    };
    (0..clients).map(connect).collect()
}

/// For this time, or once, every client sends a message, then every client
/// reads its echo. Returns the number of echoes, and how many that is a
/// second.
pub(crate) fn echo(clients: &mut [TcpStream], time: Duration) -> (f64, f64) {
    let (start, mut turns) = (Instant::now(), 0_u32);
    let mut bytes = [b'x'; SIZE];
    while turns == 0 || start.elapsed() < time {
        for client in &mut *clients {
            client.write_all(&bytes).unwrap();
        }
        for client in &mut *clients {
            client.read_exact(&mut bytes).unwrap();
        }
        turns += 1;
    }
    let clients = u32::try_from(clients.len()).unwrap();
    let echoes = f64::from(turns * clients);
    (echoes, echoes / start.elapsed().as_secs_f64())
}

/// A server and its clients.
pub(crate) struct Run {
    stop: Arc<Stop>,
    server: Option<JoinHandle<Option<Duration>>>,
    pub(crate) clients: Vec<TcpStream>,
    /// Who is connected and says nothing any more.
    pub(crate) idle: Vec<TcpStream>,
}

impl Run {
    pub(crate) fn new<P: Probe>(mode: Mode, probe: P, clients: usize) -> Self {
        let stop = Stop::new();
        let settings = ServerOptions::default();
        let listener = Listener::bind(&settings, &stop, probe).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            mode.serve(listener).unwrap();
            thread_cpu()
        });
        let clients = connect(address, clients);
        let (server, idle) = (Some(server), Vec::new());
        let mut run = Self { stop, server, clients, idle };
        echo(&mut run.clients, Duration::ZERO);
        run
    }

    pub(crate) fn measure(mut self, time: Duration) -> Counters {
        let (echoes, echoes_per_second) = echo(&mut self.clients, time);
        let cpu = self.end().map(|it| it.as_secs_f64() * 1e6);
        let cpu_us_per_echo = cpu.map(|it| it / echoes);
        Counters { echoes_per_second, cpu_us_per_echo }
    }

    /// The CPU time of the server's thread.
    fn end(&mut self) -> Option<Duration> {
        self.stop.request(Duration::ZERO);
        self.stop.cut();
        self.server.take().unwrap().join().unwrap()
    }
}
