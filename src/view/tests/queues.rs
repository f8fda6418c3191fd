//! What the kernel and our own buffer hold, in a view.

use super::language::ms;
use crate::net::{Framing, ServerOptions};
use crate::probe::{
    Event, Exit, Kind, Note, Outcome, Phase, Preview, Probe as _, Site,
    SocketId, ThreadId, Transfer,
};
use crate::system::queues::{KernelQueue, KernelQueues};
use crate::view::{
    BacklogClient, Follower, Observation, QueuesUpdate, ScopeSettings,
};
use std::net::SocketAddr;
use std::sync::Arc;

fn peer(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn waits(received_bytes: u32) -> KernelQueue {
    KernelQueue { received_bytes, ..KernelQueue::default() }
}

fn note(at: u64, note: Note) -> Observation {
    let (at, thread) = (ms(at).into(), ThreadId(0));
    Observation::Event(Event::Note { at, thread, note })
}

fn follower() -> Follower {
    let options =
        ServerOptions { framing: Some(Framing::Lines), ..Default::default() };
    let settings = ScopeSettings { options, ..ScopeSettings::default() };
    let mut follower = Follower::new(settings);
    follower.observe(&note(0, Note::Phase(Phase::Running)));
    follower
}

#[test]
fn clients_accepted_after_the_reading_wait_no_more() {
    let mut follower = follower();
    let rows = KernelQueues::from([(peer(1), waits(6)), (peer(2), waits(0))]);
    let update = QueuesUpdate::since(None, ms(10).into(), &rows);
    follower.observe(&Observation::Queues(update));
    let view = follower.view(ms(11));
    let row = |port, received_bytes| {
        let peer = peer(port);
        BacklogClient { peer, received_bytes }
    };
    assert_eq!(view.backlog, [row(1, 6), row(2, 0)]);
    assert_eq!((view.in_backlog, follower.scope.waiting), (Some(2), 2));

    let (socket, peer) = (SocketId(1), Some(peer(1)));
    follower.observe(&note(12, Note::Opened { socket, peer }));
    let view = follower.view(ms(13));
    assert_eq!(view.backlog, [row(2, 0)]);
    assert_eq!((view.in_backlog, follower.scope.waiting), (Some(1), 1));
}

#[test]
fn a_backlog_with_more_clients_than_rows_is_counted_by_the_listener() {
    let mut follower = follower();
    let rows = KernelQueues::from([(peer(1), waits(6))]);
    let update = QueuesUpdate::since(None, ms(10).into(), &rows);
    follower.observe(&Observation::Queues(update));
    for (at_listener, of_rows) in [(1, Some(1)), (4_000, None)] {
        follower.known.measured.waiting = Some(at_listener);
        let view = follower.view(ms(11));
        assert_eq!(view.in_backlog, of_rows);
        assert_eq!(follower.scope.waiting, at_listener);
    }
}

fn read(at: u64, bytes: u32, unframed: u32) -> Observation {
    let exit = Exit { unframed, ..Exit::new(Outcome::Bytes(bytes)) };
    let call = (Kind::Read, SocketId(1), Site { file: "", line: 1 });
    let at = ms(at).into();
    Observation::Event(Event::exit([at, at], ThreadId(0), call, exit))
}

fn payload(at: u64, moved: u32, bytes: &[u8]) -> Observation {
    Observation::Payload(Transfer {
        at: ms(at).into(),
        thread: ThreadId(0),
        kind: Kind::Read,
        socket: SocketId(1),
        moved,
        bytes: bytes.to_vec(),
    })
}

#[test]
fn a_line_that_is_not_whole_is_known_from_reads_of_two_bytes() {
    let partial = |follower: &mut Follower, at| {
        let view = follower.view(ms(at));
        let client = view.sockets.iter().find(|it| it.count.id == SocketId(1));
        client.unwrap().partial.clone()
    };
    let reads = [("a\n", 0), ("he", 2), ("ll", 4), ("o", 5)];
    let preview = Arc::new(Preview::default());
    let mut live = follower();
    live.previews = Some(preview.clone());
    let mut replayed = follower();
    for it in [&mut live, &mut replayed] {
        let (socket, peer) = (SocketId(1), Some(peer(1)));
        it.observe(&note(1, Note::Opened { socket, peer }));
    }
    for (at, (text, unframed)) in (2..).zip(reads) {
        let read = read(at, text.len() as u32, unframed);
        live.observe(&read);
        preview.moved(Kind::Read, SocketId(1), text.as_bytes());
        replayed.observe(&read);
        let moved = text.len() as u32;
        replayed.observe(&payload(at, moved, text.as_bytes()));
    }
    assert_eq!(partial(&mut live, 9), b"hello");
    assert_eq!(partial(&mut replayed, 9), b"hello");
    // Only the first byte of this one is recorded.
    replayed.observe(&read(10, 2, 7));
    replayed.observe(&payload(10, 2, b"!"));
    assert_eq!(partial(&mut replayed, 11), b"");
}
