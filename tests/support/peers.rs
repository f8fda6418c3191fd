//! Servers to try the clients on: blocking, a thread a connection, made of
//! the standard library alone (and `SO_LINGER`), each wrong in its own way.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a server does with a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Echoes.
    Echo,
    /// Echoes, but the byte at this offset is wrong.
    Corrupt(u64),
    /// Echoes so much, then closes.
    CloseAfter(u64),
    /// Echoes so much, then resets.
    ResetAfter(u64),
    /// Reads everything and answers nothing.
    Silent,
    /// Never reads, until the server is dropped.
    Deaf,
    /// Sends two bytes nobody has said.
    Talkative,
}

/// A server that ends, with all its threads, when it is dropped.
pub(crate) struct Peer {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    received: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let received = Arc::new(AtomicU64::new(0));
        let count = received.clone();
        let accept = move || accept_all(&listener, &seen, &count, manner);
        let thread = Some(thread::spawn(accept));
        Self { address, over, received, thread }
    }

    /// How many bytes it has read, from all clients.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(SeqCst)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl From<&Peer> for SocketAddr {
    fn from(peer: &Peer) -> Self {
        peer.address
    }
}

impl Drop for Peer {
    /// The connections end by themselves: their clients are gone.
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

/// An address at which nobody listens: bound, and not listening, so that
/// nobody else gets it while this is alive.
pub(crate) fn nobody() -> (socket2::Socket, SocketAddr) {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

fn accept_all(
    listener: &TcpListener,
    over: &AtomicBool,
    received: &Arc<AtomicU64>,
    manner: Manner,
) {
    let (mut threads, mut deaf) = (Vec::new(), Vec::new());
    while let Ok((stream, _)) = listener.accept() {
        if over.load(SeqCst) {
            break;
        }
        if matches!(manner, Manner::Deaf) {
            deaf.push(stream);
            continue;
        }
        // An error means that the client is gone, as it may be.
        let received = received.clone();
        let serve = move || drop(serve(&stream, &received, manner));
        threads.push(thread::spawn(serve));
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

fn serve(
    stream: &TcpStream,
    received: &AtomicU64,
    manner: Manner,
) -> io::Result<()> {
    if matches!(manner, Manner::Talkative) {
        (&mut &*stream).write_all(b"hi")?;
    }
    let mut buffer = vec![0; 32 * 1024];
    let mut done = 0;
    loop {
        let most = match manner {
            Manner::CloseAfter(limit) | Manner::ResetAfter(limit) => {
                left(limit, done).min(buffer.len())
            }
            _ => buffer.len(),
        };
        if most == 0 {
            return end(stream, manner);
        }
        let count = (&mut &*stream).read(&mut buffer[..most])?;
        if count == 0 {
            return Ok(());
        }
        received.fetch_add(count as u64, SeqCst);
        answer(stream, manner, done, &mut buffer[..count])?;
        done += count as u64;
    }
}

fn left(limit: u64, done: u64) -> usize {
    usize::try_from(limit.saturating_sub(done)).unwrap_or(usize::MAX)
}

fn end(stream: &TcpStream, manner: Manner) -> io::Result<()> {
    if matches!(manner, Manner::ResetAfter(_)) {
        socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
    }
    Ok(())
}

fn answer(
    mut stream: &TcpStream,
    manner: Manner,
    done: u64,
    bytes: &mut [u8],
) -> io::Result<()> {
    let range = done..done + bytes.len() as u64;
    match manner {
        Manner::Silent => return Ok(()),
        Manner::Corrupt(at) if range.contains(&at) => {
            bytes[left(at, done)] ^= 0x20;
        }
        _ => {}
    }
    stream.write_all(bytes)
}
