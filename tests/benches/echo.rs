//! Echoes a second of a whole server: the modes against each other, and what
//! probes cost each of them: `cargo bench --bench echo [-- --quick]`. One
//! thread keeps all clients busy in a closed loop.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

mod harness;

use harness::{Effort, Observers, Variant, compare};
use sockscope::modes::Mode;
use sockscope::net::{Listener, Settings, Stop};
use sockscope::probe::{NoProbe, Probe, Tally};
use sockscope::system::usage;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How many clients are busy at once, where a mode serves many.
const CLIENTS: usize = 100;
const SIZE: usize = 64;

fn main() {
    let effort = Effort::asked_for(15, Duration::from_millis(150));
    let _ = sockscope::system::descriptors::raise_limit();
    compare_modes(&effort, 1, &Mode::ALL);
    let mut concurrent = Mode::ALL.to_vec();
    concurrent.retain(|mode| *mode != Mode::Serial);
    compare_modes(&effort, CLIENTS, &concurrent);
    compare_crowds(&effort);
    for mode in Mode::ALL {
        let clients = if mode == Mode::Serial { 1 } else { CLIENTS };
        let title = format!("{}, {clients} busy clients", mode.name());
        compare_probes(&title, "echoes/s", effort.rounds, |probe| {
            probe.run(mode, clients, effort.sample).echoes_per_second
        });
    }
    // Steadier on a busy machine: what the server's thread itself needs.
    // (A busy loop needs all there is, other threads have clocks of theirs.)
    if thread_cpu().is_some() {
        let title = format!("selector, {CLIENTS} busy clients, its CPU time");
        compare_probes(&title, "us/echo", effort.rounds, |probe| {
            let run = probe.run(Mode::Selector, CLIENTS, effort.sample);
            run.cpu_us_per_echo.unwrap()
        });
    }
}

/// Every mode's echoes a second as a ratio to the selector's, which is the
/// first; rounds of the modes are interleaved.
fn compare_modes(effort: &Effort, clients: usize, modes: &[Mode]) {
    let others = modes.iter().filter(|mode| **mode != Mode::Selector);
    let modes = std::iter::once(&Mode::Selector).chain(others);
    let variants = modes.map(|mode| {
        Variant::new(mode.name(), || {
            let run = Probes::None.run(*mode, clients, effort.sample);
            run.echoes_per_second
        })
    });
    let title = format!("modes, {clients} busy clients, no probe");
    compare(&title, "echoes/s", effort.rounds, variants.collect());
}

/// What a crowd of idle clients costs ten busy ones: in `tasks` the time of a
/// turn depends on what is ready, not on what is paused.
fn compare_crowds(effort: &Effort) {
    for mode in [Mode::Tasks, Mode::Selector, Mode::Nonblocking] {
        let crowds =
            [(0, "none idle"), (1_000, "1,000 idle"), (4_000, "4,000 idle")];
        let variants = crowds.map(|(idle, name)| {
            Variant::new(name, move || {
                let mut run = Run::new(mode, NoProbe, 10 + idle);
                run.idle = run.clients.split_off(10);
                run.measure(effort.sample).echoes_per_second
            })
        });
        let title = format!("{}, 10 busy clients among idle ones", mode.name());
        compare(&title, "echoes/s", effort.rounds, variants.into());
    }
}

/// Which probes a server has.
#[derive(Clone, Copy)]
enum Probes {
    None,
    Tally,
    TallyAndTap,
}

impl Probes {
    fn run(self, mode: Mode, clients: usize, time: Duration) -> Figures {
        match self {
            Self::None => Run::new(mode, NoProbe, clients).measure(time),
            Self::Tally => {
                let tally = Arc::new(Tally::default());
                Run::new(mode, tally, clients).measure(time)
            }
            Self::TallyAndTap => {
                let observers = Observers::new();
                let probe = observers.probe.clone();
                Run::new(mode, probe, clients).measure(time)
            }
        }
    }
}

fn compare_probes(
    title: &str,
    unit: &str,
    rounds: usize,
    run: impl Fn(Probes) -> f64,
) {
    let variants = vec![
        Variant::new("NoProbe", || run(Probes::None)),
        Variant::new("Tally", || run(Probes::Tally)),
        Variant::new("Tally and Tap", || run(Probes::TallyAndTap)),
    ];
    compare(title, unit, rounds, variants);
}

/// What one run tells.
struct Figures {
    echoes_per_second: f64,
    cpu_us_per_echo: Option<f64>,
}

/// The CPU time, user and system, that the calling thread has used, where
/// the system tells it.
fn thread_cpu() -> Option<Duration> {
    usage::of_thread().map(|used| used.user + used.system)
}

/// A server and its clients.
struct Run {
    stop: Arc<Stop>,
    server: Option<JoinHandle<Option<Duration>>>,
    clients: Vec<TcpStream>,
    /// Who is connected and says nothing any more.
    idle: Vec<TcpStream>,
}

impl Run {
    fn new<P: Probe>(mode: Mode, probe: P, clients: usize) -> Self {
        let stop = Stop::new();
        let settings = Settings::default();
        let listener = Listener::bind(&settings, &stop, probe).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            mode.serve(listener).unwrap();
            thread_cpu()
        });
        let connect = |_| {
            let client = TcpStream::connect(address).unwrap();
            client.set_nodelay(true).unwrap();
            client
        };
        let clients = (0..clients).map(connect).collect();
        let (server, idle) = (Some(server), Vec::new());
        let mut run = Self { stop, server, clients, idle };
        run.turn();
        run
    }

    /// Every client says something, then every client has it back.
    fn turn(&mut self) {
        let mut bytes = [b'x'; SIZE];
        for client in &mut self.clients {
            client.write_all(&bytes).unwrap();
        }
        for client in &mut self.clients {
            client.read_exact(&mut bytes).unwrap();
        }
    }

    fn measure(mut self, time: Duration) -> Figures {
        let start = Instant::now();
        let mut echoes = 0_u32;
        while start.elapsed() < time {
            self.turn();
            echoes += u32::try_from(self.clients.len()).unwrap();
        }
        let rate = f64::from(echoes) / start.elapsed().as_secs_f64();
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / f64::from(echoes);
        let cpu_us_per_echo = self.end().map(each);
        Figures { echoes_per_second: rate, cpu_us_per_echo }
    }

    /// The CPU time of the server's thread.
    fn end(&mut self) -> Option<Duration> {
        self.stop.request(Duration::ZERO);
        self.stop.cut();
        self.server.take().unwrap().join().unwrap()
    }
}
