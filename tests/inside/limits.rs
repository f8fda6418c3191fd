//! Limits hold whatever a client does, and only that client feels them.

use crate::support::patience::wait_for;
use crate::support::{Client, Server, lines};
use sockscope::modes::Mode;
use sockscope::net::{Listener, ServerOptions, Stop};
use sockscope::probe::{Clock, End, Event, Kind, NoProbe, Note, SocketId, Tap};
use sockscope::units::{Size, Time};
use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// The settings of a server that soon waits for room.
pub(crate) fn narrow(buffer_limit: u64) -> ServerOptions {
    ServerOptions {
        sndbuf: Some(Size(4096)),
        buffer_limit: Some(Size(buffer_limit)),
        ..ServerOptions::default()
    }
}

#[test]
fn in_serial_a_client_that_does_not_read_keeps_all_waiting() {
    let server = Server::start(Mode::Serial, &narrow(8192));
    let mut client = Client::connect_small(&server, 4096);
    let said = client.flood_until(|| server.is_stalled(1, 8192));
    let mut waiting = Client::connect(&server);
    waiting.say("and me?");
    waiting.expect_nothing();
    client.expect(vec![b'f'; said]);
    client.half_close();
    client.expect_eof();
    waiting.expect("and me?");
    assert!(server.socket(1).pending_peak_bytes <= 8192);
}

#[test]
fn a_sleep_in_a_write_is_timed() {
    for mode in Mode::ALL {
        let limit = 256 * 1024;
        let server = Server::start(mode, &narrow(limit as u64));
        let mut client = Client::connect_small(&server, 4096);
        let least = Duration::from_millis(50);
        // Counted from when it was first seen asleep, not from a look before
        // that: this thread may be away for long between two looks.
        let mut asleep: Option<(u64, Instant)> = None;
        let said = client.flood_until(|| {
            let written = server.tally.totals().bytes_out();
            let same = asleep.take().filter(|(bytes, _)| *bytes == written);
            if server.is_stalled(1, limit) {
                asleep = same.or(Some((written, Instant::now())));
            }
            asleep.is_some_and(|(_, since)| since.elapsed() > least)
        });
        client.expect(vec![b'f'; said]);
        client.half_close();
        client.expect_eof();
        server.wait_for_end(1);
        let longest = server.tally.totals().longest_write_ns;
        assert_eq!(longest, server.socket(1).longest_write_ns);
        let asleep = longest.is_some_and(|time| time.duration() > least);
        // The thread, or the task.
        let waits = mode <= Mode::Blocking || mode == Mode::Tasks;
        assert_eq!(asleep, waits, "{}", mode.name());
    }
}

/// What is to fail comes last, when the input has ended already and much
/// output is pending.
#[test]
fn a_handler_fails_after_an_end_of_file_too() {
    for mode in Mode::ALL {
        let (boom, sndbuf) = (Some(true), Some(Size(4096)));
        let settings = ServerOptions { boom, sndbuf, ..lines() };
        let server = Server::start(mode, &settings);
        let mut client = Client::connect_small(&server, 4096);
        let fine = b"this line is fine\n".repeat(8 * 1024);
        let said = [&fine[..], b"boom\n"].concat();
        let all = said.len() as u64;
        thread::scope(|scope| {
            client.say_beside(scope, vec![said]);
            wait_for("the server reads all, or waits for room", || {
                server.tally.snapshot().connections == 1
                    && (server.socket(1).bytes_in == all
                        || server.is_stalled(1, usize::MAX))
            });
            assert!(client.rest() == fine, "{}", mode.name());
        });
        assert_eq!(server.wait_for_end(1), End::Boom, "{}", mode.name());
    }
}

#[test]
fn a_read_with_no_room_is_no_end_of_file() {
    let settings = ServerOptions {
        buffer_limit: Some(Size(4)),
        recv_size: Some(Size(4)),
        ..ServerOptions::default()
    };
    let stop = Stop::new();
    let mut listener = Listener::bind(&settings, &stop, NoProbe).unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"too much").unwrap();
    let mut stream = listener.accept().unwrap().unwrap();
    assert_eq!(stream.read().unwrap(), 4);
    let error = stream.read().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(stream.try_read().unwrap(), None);
    assert!(!stream.is_done());
}

/// The server waits for room, not for input.
fn times_out_while_it_does_not_read(mode: Mode) {
    let idle_timeout = Some(Time(Duration::from_secs(2)));
    let settings = ServerOptions { idle_timeout, ..narrow(8192) };
    let server = Server::start(mode, &settings);
    let mut client = Client::connect_small(&server, 4096);
    // A client that looks rarely may find it closed already.
    client.flood_until(|| server.is_stalled(1, 8192) || server.is_over(1));
    assert_eq!(server.wait_for_end(1), End::Idle, "{}", mode.name());
    assert!(server.socket(1).unsent_bytes > 0);
    Client::connect(&server).echo("next");
}

#[test]
fn a_client_that_does_not_read_is_closed_after_the_time_out() {
    thread::scope(|scope| {
        for mode in Mode::ALL {
            scope.spawn(move || times_out_while_it_does_not_read(mode));
        }
    });
}

#[test]
fn a_pause_at_the_limit_is_slept_through() {
    for mode in [Mode::Blocking, Mode::Selector, Mode::Tasks] {
        let max_connections = Some(1);
        let rest = ServerOptions::default();
        let settings = ServerOptions { max_connections, ..rest };
        let server = Server::start(mode, &settings);
        let mut first = Client::connect(&server);
        first.echo("within");
        let _waiting = Client::connect(&server);
        let accepts = || server.tally.snapshot().calls(Kind::Accept);
        let (calls, turns) = (accepts(), server.iterations());
        // The window is what is measured here, not a wait for something.
        thread::sleep(Duration::from_millis(300));
        assert_eq!(accepts(), calls);
        assert!(server.iterations() - turns <= 2, "{}", mode.name());
    }
}

#[test]
fn above_the_mark_the_selector_waits_for_room_and_for_nothing_else() {
    let settings = narrow(8192);
    let (tap, events) = Tap::new(1 << 16, Clock::wall(), false);
    let server = Server::observed(Mode::Selector, &settings, |_| tap);
    let mut client = Client::connect_small(&server, 4096);
    // What the selector was last asked to watch the first client for.
    let mut last = (true, false);
    let mut is_last = |expected| {
        for event in events.drain() {
            if let Event::Note { note, .. } = event
                && let Note::Interest { socket, readable, writable } = note
                && socket == SocketId(1)
            {
                last = (readable, writable);
            }
        }
        last == expected
    };
    let sent = client.flood_until(|| is_last((false, true)));
    client.expect(vec![b'f'; sent]);
    wait_for("input alone is watched for", || is_last((true, false)));
}
