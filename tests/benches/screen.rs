//! What the screen costs the program it shows, in echoes a second: `cargo
//! bench --bench screen [-- --quick]`. Each server is a process of its own;
//! one thread here keeps all clients busy in a closed loop.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

#[expect(dead_code, reason = "the other benchmarks use the rest of it")]
mod clients;
#[expect(dead_code, reason = "the other benchmarks use the rest of it")]
mod harness;

use clients::{connect, echo};
use harness::{Effort, Variant, compare};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::NoProbe;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

const CLIENTS: usize = 100;

/// Asks this program to be the server that nothing observes.
const PLAIN: &str = "--serve-plainly";

const SCREEN: PtySize =
    PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };

fn main() {
    if std::env::args().any(|argument| argument == PLAIN) {
        return serve_plainly();
    }
    let effort = Effort::asked_for(15, Duration::from_millis(400));
    let ours = env!("CARGO_BIN_EXE_sockscope");
    let this = &*std::env::args().next().unwrap();
    let run = |program: &str, args: &[&str]| {
        echoes_a_second(&mut Server::start(program, args), effort.sample)
    };
    let quiet = ["selector", "--scenario", "none", "--ui", "none"];
    let shown = ["selector", "--scenario", "none", "--ui", "screen"];
    let variants = vec![
        Variant::new("uninstrumented", || run(this, &[PLAIN])),
        Variant::new("--ui none", || run(ours, &quiet)),
        Variant::new("--ui screen, 120x40", || run(ours, &shown)),
    ];
    let title = format!(
        "selector, {CLIENTS} busy clients; each compared with the line above"
    );
    let above = |place: usize| place.saturating_sub(1);
    compare(&title, "echoes/s", effort.rounds, variants, above);
    println!("  wanted: at least 0.850 and 0.900 times");
}

fn serve_plainly() {
    let stop = Stop::new();
    let settings = ServerOptions::default();
    let listener = Listener::bind(&settings, &stop, NoProbe).unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    Mode::Selector.serve(listener).unwrap();
}

/// A server in a terminal of its own, whatever it shows there.
struct Server {
    child: Box<dyn Child + Send + Sync>,
    clients: Vec<TcpStream>,
    _terminal: portable_pty::PtyPair,
}

impl Server {
    fn start(program: &str, args: &[&str]) -> Self {
        let terminal = native_pty_system().openpty(SCREEN).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("LANG", "C.UTF-8");
        command.env("COLORTERM", "truecolor");
        command.env("TERM", "xterm-256color");
        // Nobody here answers the question for the background.
        command.env("SOCKSCOPE_THEME", "dark");
        let child = terminal.slave.spawn_command(command).unwrap();
        let output = terminal.master.try_clone_reader().unwrap();
        let clients = connect(follow(output), CLIENTS);
        Self { child, clients, _terminal: terminal }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the address, which comes first; what follows is read and dropped.
fn follow(output: Box<dyn std::io::Read + Send>) -> String {
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(1..) = output.read(&mut bytes) {}
    });
    line.trim().strip_prefix("listening on ").unwrap().to_owned()
}

/// After as long a time that does not count.
fn echoes_a_second(server: &mut Server, time: Duration) -> f64 {
    echo(&mut server.clients, time);
    echo(&mut server.clients, time).1
}
