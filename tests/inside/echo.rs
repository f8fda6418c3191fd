//! Every mode sends back what it is sent, in any pieces, whatever others do.

use crate::support::patience::wait_for;
use crate::support::{CONCURRENT, Client, Server, lines, pattern};
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
    assert!(count.pending_peak as usize <= settings.buffer_limit());
    assert_eq!((count.pending, count.unsent), (0, 0));
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
fn a_half_closed_mebibyte_comes_back_before_the_end_of_file() {
    for mode in Mode::ALL {
        comes_back(mode, &ServerOptions::default(), vec![pattern(1 << 20)]);
    }
}

#[test]
fn without_a_byte_comes_the_end_of_file_alone() {
    for mode in Mode::ALL {
        comes_back(mode, &ServerOptions::default(), Vec::new());
    }
}

#[test]
fn a_line_is_echoed_when_its_end_has_come() {
    for mode in Mode::ALL {
        let server = Server::start(mode, &lines());
        let mut client = Client::connect(&server);
        client.echo("one\ntwo\r\n");
        assert_eq!(server.socket(1).bytes_in, 9);
        client.say("half a ");
        wait_for("the half line is read", || server.socket(1).bytes_in == 16);
        client.expect_nothing();
        assert_eq!(server.socket(1).bytes_out, 9);
        client.say("line\n");
        client.expect("half a line\n");
    }
}

#[test]
fn a_last_line_without_its_end_is_echoed_at_the_end_of_file() {
    for mode in Mode::ALL {
        let server = Server::start(mode, &lines());
        let mut client = Client::connect(&server);
        client.echo("a\n");
        client.say("half");
        client.half_close();
        assert_eq!(client.rest(), b"half");
        assert_eq!(server.wait_for_end(1), End::EndOfFile);
        let count = server.socket(1);
        assert_eq!((count.pending_peak, count.unsent), (4, 0));
    }
}

#[test]
fn two_bytes_at_a_time_are_six_reads_and_one_echo() {
    for mode in Mode::ALL {
        let settings = ServerOptions { recv_size: Some(Size(2)), ..lines() };
        let mut server = Server::start(mode, &settings);
        let mut client = Client::connect(&server);
        client.echo("testing123\r\n");
        server.end();
        let count = server.socket(1);
        assert_eq!(count.echoes, 1);
        // The last read is the one that the stop has ended or, in the modes
        // that do not sleep in it, one that would have blocked.
        let reads = server.reads_with_bytes();
        assert_eq!(reads, 6, "{}", mode.name());
    }
}

#[test]
fn a_reset_harms_nobody_else() {
    for mode in CONCURRENT {
        let server = Server::start(mode, &ServerOptions::default());
        let mut bystander = Client::connect(&server);
        bystander.echo("before");
        let mut resetting = Client::connect(&server);
        resetting.echo("mine");
        resetting.reset();
        assert_eq!(server.wait_for_end(2), End::Reset, "{}", mode.name());
        bystander.echo("after");
    }
}

#[test]
fn the_next_client_is_served_after_a_reset() {
    for mode in Mode::ALL {
        let server = Server::start(mode, &ServerOptions::default());
        let mut resetting = Client::connect(&server);
        resetting.echo("mine");
        resetting.reset();
        assert_eq!(server.wait_for_end(1), End::Reset, "{}", mode.name());
        Client::connect(&server).echo("next");
    }
}

#[test]
fn a_reset_while_output_is_pending_ends_that_client_alone() {
    for mode in Mode::ALL {
        let settings = ServerOptions {
            sndbuf: Some(Size(4096)),
            buffer_limit: Some(Size(8192)),
            ..ServerOptions::default()
        };
        let server = Server::start(mode, &settings);
        let mut client = Client::connect_small(&server, 4096);
        client.flood_until(|| server.is_stalled(1, 8192));
        client.reset();
        assert_eq!(server.wait_for_end(1), End::Reset, "{}", mode.name());
        Client::connect(&server).echo("next");
    }
}

#[test]
fn boom_fails_its_connection_after_what_came_before() {
    for mode in Mode::ALL {
        let settings = ServerOptions { boom: Some(true), ..lines() };
        let server = Server::start(mode, &settings);
        let mut client = Client::connect(&server);
        client.say("x\nboom\r\ny\n");
        client.expect("x\n");
        client.expect_eof();
        assert_eq!(server.wait_for_end(1), End::Boom);
        let mut next = Client::connect(&server);
        next.echo("boom \nboo\n boom\nboomboom\n");
    }
}

#[test]
fn boom_harms_nobody_else() {
    for mode in CONCURRENT {
        let settings = ServerOptions { boom: Some(true), ..lines() };
        let server = Server::start(mode, &settings);
        let mut bystander = Client::connect(&server);
        bystander.echo("before\n");
        let mut failing = Client::connect(&server);
        failing.say("bo");
        failing.say("om\n");
        failing.expect_eof();
        bystander.echo("after\n");
    }
}

#[test]
fn in_serial_the_second_client_waits_for_the_end_of_the_first() {
    let server = Server::start(Mode::Serial, &ServerOptions::default());
    let mut first = Client::connect(&server);
    first.echo("I am first");
    let mut second = Client::connect(&server);
    second.say("me too");
    first.echo("still here");
    second.expect_nothing();
    assert_eq!(server.tally.snapshot().connections, 1);
    first.half_close();
    first.expect_eof();
    second.expect("me too");
}

#[test]
fn a_silent_client_keeps_nobody_waiting() {
    for mode in CONCURRENT {
        let server = Server::start(mode, &ServerOptions::default());
        let silent = Client::connect(&server);
        server.wait_for_clients(1);
        Client::connect(&server).echo("me first");
        assert_eq!(server.socket(1).bytes_in, 0);
        drop(silent);
    }
}
