//! Every mode sends back what it is sent, in any pieces, whatever others do.

use crate::limits::narrow;
use crate::support::{Client, Server};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sockscope::modes::Mode;
use sockscope::net::{Framing, ServerOptions};
use sockscope::probe::End;
use sockscope::units::Size;
use std::thread;

/// Bytes in which ends of lines are common.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![8 => any::<u8>(), 1 => Just(b'\n'), 1 => Just(b'\r')]
}

fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(byte(), 1..3000), 0..8)
}

/// A server whose every limit is small, but for lines not too small.
fn settings() -> impl Strategy<Value = ServerOptions> {
    let sizes = (1_u64..5000, 1_u64..5000);
    let small = || prop::option::of(1_u64..5000);
    (sizes, small(), small(), any::<bool>()).prop_map(
        |((recv_size, limit), sndbuf, rcvbuf, lines)| ServerOptions {
            recv_size: Some(Size(recv_size)),
            buffer_limit: Some(Size(if lines { 32_768 } else { limit })),
            framing: lines.then_some(Framing::Lines),
            sndbuf: sndbuf.map(Size),
            rcvbuf: rcvbuf.map(Size),
            ..ServerOptions::default()
        },
    )
}

fn comes_back(mode: Mode, settings: &ServerOptions, pieces: Vec<Vec<u8>>) {
    let mut server = Server::start(mode, settings);
    let whole = pieces.concat();
    let mut client = Client::connect(&server);
    thread::scope(|scope| {
        client.say_beside(scope, pieces);
        assert!(client.rest() == whole, "what comes back differs");
    });
    assert_eq!(server.wait_for_end(1), End::EndOfFile);
    let count = server.socket(1);
    assert_eq!(count.bytes_in, whole.len() as u64);
    assert_eq!(count.bytes_out, whole.len() as u64);
    assert!(count.pending_peak_bytes <= settings.buffer_limit() as u64);
    assert_eq!((count.pending_bytes, count.unsent_bytes), (0, 0));
    let messages = match settings.framing() {
        Framing::Bytes => server.reads_with_bytes(),
        Framing::Lines => {
            whole.split_inclusive(|&byte| byte == b'\n').count() as u64
        }
    };
    assert_eq!(count.echoes, messages);
    server.end();
}

#[test]
fn any_bytes_in_any_pieces_come_back() {
    for mode in Mode::ALL {
        let config = Config {
            cases: 24,
            failure_persistence: None,
            ..Config::default()
        };
        let runs = TestRunner::new(config).run(
            &(settings(), pieces()),
            |(settings, pieces)| {
                comes_back(mode, &settings, pieces);
                Ok(())
            },
        );
        assert!(runs.is_ok(), "{}: {}", mode.name(), runs.unwrap_err());
    }
}

#[test]
fn a_reset_while_output_is_pending_ends_that_client_alone() {
    for mode in Mode::ALL {
        let server = Server::start(mode, &narrow(8192));
        let mut client = Client::connect_small(&server, 4096);
        client.flood_until(|| server.is_stalled(1, 8192));
        client.reset();
        assert_eq!(server.wait_for_end(1), End::Reset, "{}", mode.name());
        Client::connect(&server).echo("next");
    }
}
