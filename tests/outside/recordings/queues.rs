//! What the kernel and our own buffer hold is recorded: who waits to be
//! accepted, what lies in the queues of connections, and the line that is not
//! whole yet.

use crate::exports::language::{Recorded, of_kind};
use crate::support::patience::wait_for;
use crate::support::process::{Folder, Server};
use serde_json::{Value, json};
use sockscope::recording::Recording;
use sockscope::system::queues::KernelQueue;
use sockscope::view::Follower;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

/// The bytes to be sent and the bytes received, in hexadecimal, and whether the
/// socket is open in a process: of the server's end of this connection, in the
/// table that `ss -tn` shows, too.
fn in_table(server: SocketAddr, client: SocketAddr) -> Option<(String, bool)> {
    let port = |at: SocketAddr| format!("0100007F:{:04X}", at.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().map(|row| row.split_whitespace().collect());
    let row = rows.into_iter().find(|row: &Vec<_>| {
        row[1] == port(server) && row[2] == port(client)
    })?;
    Some((row[4].to_owned(), row[9] != "0"))
}

/// The last queue of this client in what has been written of a recording.
fn recorded(file: &str, client: SocketAddr) -> Option<KernelQueue> {
    let recording = Recording::open(Path::new(file)).ok()?;
    let mut cursor = recording.from_start();
    while cursor.step().ok()?.is_some() {}
    cursor.known().queues.as_ref()?.get(&client).copied()
}

fn echo(stream: &mut TcpStream) {
    stream.write_all(b"hi").unwrap();
    stream.read_exact(&mut [0; 2]).unwrap();
}

#[test]
fn a_client_in_the_backlog_is_recorded_until_it_is_accepted() {
    let folder = Folder::new("backlog");
    let file = folder.path("backlog.rec");
    let server = Server::start("serial", &["--record", &file]);
    let mut first = TcpStream::connect(server.address).unwrap();
    echo(&mut first);
    let mut waits = TcpStream::connect(server.address).unwrap();
    waits.write_all(b"hello\n").unwrap();
    let client = waits.local_addr().unwrap();
    wait_for("its bytes wait in the kernel", || {
        let six = "00000000:00000006".to_owned();
        in_table(server.address, client) == Some((six, false))
    });
    // What happens on the other connection has the recording written.
    wait_for("the client is in the recording", || {
        echo(&mut first);
        let queue = KernelQueue { received_bytes: 6, ..KernelQueue::default() };
        recorded(&file, client) == Some(queue)
    });
    drop(first);
    waits.read_exact(&mut [0; 6]).unwrap();
    drop(waits);
    assert_eq!(server.stop().code(), Some(0));

    let lines = Recorded { folder, file }.lines(&[]);
    let queues = of_kind(&lines, "queues");
    let row = json!({
        "received_bytes": 6, "unsent_bytes": 0, "is_accepted": false
    });
    let waits = |line: &&Value| line["by_peer"][client.to_string()] == row;
    assert!(queues.iter().any(waits), "{queues:?}");
    let last = &queues[queues.len() - 1]["by_peer"];
    assert_eq!(*last, json!({}), "it has been accepted, read and closed");
    let measured = of_kind(&lines, "measured");
    assert!(measured.iter().any(|it| it["waiting"] == 1), "{measured:?}");
}

#[test]
fn what_a_client_does_not_read_piles_up_in_the_recording() {
    let folder = Folder::new("unread");
    let file = folder.path("unread.rec");
    let options = ["--record", &file, "--buffer-limit", "64KiB"];
    let server = Server::start("selector", &options);
    let mut other = TcpStream::connect(server.address).unwrap();
    let mut client = TcpStream::connect(server.address).unwrap();
    client.set_nonblocking(true).unwrap();
    let address = client.local_addr().unwrap();
    let much = vec![b'x'; 65_536];
    wait_for("both of its queues are full", || {
        while client.write(&much).is_ok() {}
        echo(&mut other);
        let queue = recorded(&file, address).unwrap_or_default();
        let KernelQueue { received_bytes, unsent_bytes, .. } = queue;
        let same = format!("{unsent_bytes:08X}:{received_bytes:08X}");
        unsent_bytes > 65_536
            && received_bytes > 0
            && in_table(server.address, address) == Some((same, true))
    });
    drop((client, other));
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn a_line_that_is_not_whole_is_known_from_a_recording_with_payloads() {
    let folder = Folder::new("partial");
    let file = folder.path("partial.rec");
    let lines = ["--framing", "lines", "--recv-size", "2"];
    let recorded = ["--record", &file, "--payload", "2"];
    let server = Server::start("selector", &[lines, recorded].concat());
    let mut client = TcpStream::connect(server.address).unwrap();
    client.write_all(b"one\ntwo").unwrap();
    client.read_exact(&mut [0; 4]).unwrap();
    wait_for("the rest is in the recording", || {
        let Ok(recording) = Recording::open(Path::new(&file)) else {
            return false;
        };
        let mut follower = Follower::new(recording.header().settings);
        let records = recording.from_start().map_while(Result::ok);
        records.for_each(|record| follower.take(&record));
        let view = follower.view(recording.duration());
        let client = view.sockets.iter().find(|it| it.count.peer.is_some());
        client.is_some_and(|it| it.partial == b"two")
    });
    drop(client);
    assert_eq!(server.stop().code(), Some(0));
}
