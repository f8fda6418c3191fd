//! Clients that are not ours: nc, socat, Python, and crowds.

use super::in_every_mode;
use crate::support::patience::{LIMIT, wait_for};
use crate::support::process::{Folder, Server, have};
use crate::support::{Client, pattern};
use std::process::Command;
use std::thread;

in_every_mode! {
    socat_has_back_what_it_sent,
    python_speaks_in_pieces,
    five_at_once_have_back_what_they_sent,
    a_thousand_connect,
}

/// Sends a file with a tool and compares what comes back.
#[track_caller]
fn compare(tool: &mut Command, folder: &Folder, bytes: &[u8]) {
    let path = folder.write("sent", bytes);
    let sent = std::fs::File::open(path).unwrap();
    let output = tool.stdin(sent).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let back = output.stdout;
    assert!(back == bytes, "{} of {} bytes: {words}", back.len(), bytes.len());
}

const SIZE: usize = 3_000_000;

/// A tool that gives up where a server lets it wait for ever.
fn tool(args: &[&str]) -> Command {
    let mut command = Command::new("timeout");
    command.arg(LIMIT.as_secs().to_string()).args(args);
    command
}

fn socat_has_back_what_it_sent(mode: &str) {
    if !have("socat") {
        return;
    }
    let server = Server::start(mode, &[]);
    let folder = Folder::new(&format!("socat-{mode}"));
    // After its end of input it waits for the rest of the echo.
    let address = format!("TCP:{}", server.address);
    let mut socat = tool(&["socat", "-t", "120", "-", &address]);
    compare(&mut socat, &folder, &pattern(SIZE));
    let report = server.report();
    assert_eq!(report.number("/server/bytes_out"), SIZE as u64);
}

/// In `serial` one is served after the other, and all the same.
fn five_at_once_have_back_what_they_sent(mode: &str) {
    if !have("nc") {
        return;
    }
    let server = Server::start(mode, &[]);
    let said = pattern(SIZE + 5);
    let port = server.address.port().to_string();
    thread::scope(|threads| {
        for part in said.windows(SIZE).take(5) {
            let mut nc = tool(&["nc", "-N", "127.0.0.1", &port]);
            threads.spawn(move || {
                let folder = Folder::new(&format!("five-{mode}"));
                compare(&mut nc, &folder, part);
            });
        }
    });
    let report = server.report();
    assert_eq!(report.number("/server/connections"), 5);
    assert_eq!(report.number("/server/bytes_out"), 5 * SIZE as u64);
}

/// Pieces of 1 to 40,000 bytes with pauses, and a reader beside them.
const PYTHON: &str = r"
import random, socket, sys, threading, time
random.seed(int(sys.argv[2]))
address = ('127.0.0.1', int(sys.argv[1]))
said = random.randbytes(1_000_000)
back = bytearray()
client = socket.create_connection(address, timeout=120)
def read():
    while piece := client.recv(random.randint(1, 65536)):
        back.extend(piece)
reader = threading.Thread(target=read)
reader.start()
rest = said
while rest:
    size = random.choice([1, 2, 3, 100, 1460, 40000])
    client.sendall(rest[:size])
    rest = rest[size:]
    if random.random() < 0.05:
        time.sleep(0.001)
client.shutdown(socket.SHUT_WR)
reader.join()
sys.exit(0 if back == said else f'{len(back)} bytes came back, or others')
";

fn python_speaks_in_pieces(mode: &str) {
    if !have("python3") {
        return;
    }
    let server = Server::start(mode, &[]);
    for seed in ["1", "2"] {
        let port = server.address.port().to_string();
        let mut python = tool(&["python3", "-c", PYTHON, &port, seed]);
        let output = python.output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
    }
    assert_eq!(server.report().number("/server/bytes_out"), 2_000_000);
}

/// Idle clients do not disturb an active one, where that is served at all.
fn a_thousand_connect(mode: &str) {
    let limit = sockscope::system::descriptors::raise_limit();
    assert!(limit.is_none_or(|limit| limit >= 5_000), "{limit:?}");
    let server = Server::start(mode, &[]);
    let connect = |_| Client::connect(server.address);
    let mut crowd: Vec<_> = (0..1_000).map(connect).collect();
    crowd[0].echo("the first is served\n");
    if mode != "serial" {
        (0..20).for_each(|_| crowd[500].echo("tick\n"));
        crowd[999].echo("they are all served\n");
    }
    if mode == "blocking" && cfg!(target_os = "linux") {
        wait_for("a thread each", || server.process().threads() > 1_000);
    }
    drop(crowd);
    Client::connect(server.address).echo("so is the next\n");
    let report = server.report();
    assert_eq!(report.number("/server/connections"), 1_001);
    assert_eq!(report.number("/server/connections_open"), 0);
}
