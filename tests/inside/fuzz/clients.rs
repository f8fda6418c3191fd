//! The bytes of clients, in both framings, sent through a real server.

use super::fuzz;
use crate::support::{Client, Server};
use sockscope::modes::Mode;
use sockscope::net::{Framing, ServerOptions};

/// Bytes that mean something to some server, in some framing.
const WORDS: [&str; 8] =
    ["boom", "boom\n", "\r\n", "\n", "\u{1b}[2J", "\0", "é", "=1+1"];

/// Every chunk comes back, which also shows that the server still lives.
fn chunks(kind: &str, mode: Mode, framing: Framing, share: u64) {
    let settings =
        ServerOptions { framing: Some(framing), ..ServerOptions::default() };
    let mut server = Server::start(mode, &settings);
    let mut client = Client::connect(&server);
    fuzz(kind, share, |random, input| {
        let mut chunk = Vec::new();
        for _ in 0..=random.below(4) {
            let mut word = random.choose(&WORDS).as_bytes().to_vec();
            random.change(&mut word, b"boom\r\n");
            chunk.extend(word);
        }
        // What follows the last line comes back only with its end.
        chunk.push(b'\n');
        *input = format!("{chunk:?}");
        client.echo(&chunk);
        if random.one_in(500) {
            client = Client::connect(&server);
        }
    });
    drop(client);
    server.end();
}

#[test]
fn clients_bytes() {
    chunks("bytes of clients", Mode::Selector, Framing::Bytes, 140);
}

#[test]
fn clients_lines() {
    chunks("lines of clients", Mode::Tasks, Framing::Lines, 140);
}
