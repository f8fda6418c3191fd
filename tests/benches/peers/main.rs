//! The modes and echo servers of other makes, each of those in a file of its
//! own: CPU time an echo and echoes a second, every server in a process of
//! its own, in interleaved rounds:
//! `cargo bench --bench peers [-- --quick]`; with `--calls` how many system
//! calls an echo takes, as strace(1) counts them.
//!
//! With `serve NAME` this is a peer itself: it prints its address and tells
//! on request what it has used, as the modes do when they are measured.

mod calls;
mod measuring;
mod mio;
mod polling;
mod threads;
mod tokio;

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpListener;

/// The word that makes this program a peer.
const SERVE: &str = "serve";

/// How much one read asks for: as the modes do.
const READ_SIZE: usize = 16 * 1024;

/// How many connections may wait to be accepted: as with the modes.
const BACKLOG: i32 = 4096;

fn main() -> Result<()> {
    let words: Vec<_> = std::env::args().collect();
    if let Some(at) = words.iter().position(|it| it == "--cores") {
        let cores = words[at + 1].split(',').filter_map(|it| it.parse().ok());
        let _ = sockscope::measure::bind_to(&cores.collect::<Vec<_>>());
    }
    let is_asked = |for_it: &str| words.iter().any(|word| word == for_it);
    match words.iter().position(|word| word == SERVE) {
        Some(at) => serve(words.get(at + 1).map_or("", |it| it)),
        None if is_asked("--calls") => calls::all(),
        None => measuring::all(is_asked("--quick")),
    }
}

/// Serves as the peer of this name.
fn serve(name: &str) -> Result<()> {
    let _ = sockscope::system::descriptors::raise_limit();
    let listener = listen()?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        let _ = sockscope::measure::answer(address);
        std::process::exit(0);
    });
    match name {
        "threads" => threads::serve(&listener),
        "tokio" => tokio::serve(listener),
        "mio" => mio::serve(listener),
        _ => polling::serve(&listener),
    }
}

/// The standard library's own listener has a backlog of 128.
fn listen() -> Result<TcpListener> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&any.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn would_block(error: &Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

/// Output that found no room.
#[derive(Default)]
struct Pending(Vec<u8>);

impl Pending {
    fn is_some(&self) -> bool {
        !self.0.is_empty()
    }

    /// Reads once and writes it back, or writes what is left; returns how
    /// much was read, if anything was.
    fn step(
        &mut self,
        client: &mut (impl Read + Write),
        buffer: &mut [u8],
    ) -> Result<Option<usize>> {
        if self.is_some() {
            let sent = written(client, &self.0)?;
            self.0.drain(..sent);
            return Ok(None);
        }
        let count = match client.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if would_block(&error) => return Ok(None),
            result => result?,
        };
        let sent = written(client, &buffer[..count])?;
        self.0.extend_from_slice(&buffer[sent..count]);
        Ok(Some(count))
    }

    /// Steps until the client has sent no more or there is no room: what an
    /// edge-triggered loop must do. A read that was not filled has emptied
    /// the socket: what comes now is a new edge; see epoll(7), question 9.
    fn drain(
        &mut self,
        client: &mut (impl Read + Write),
        buffer: &mut [u8],
    ) -> Result<()> {
        if self.is_some() {
            self.step(client, buffer)?;
        }
        let is_linux = cfg!(target_os = "linux");
        while !self.is_some() {
            match self.step(client, buffer)? {
                Some(count) if count == buffer.len() || !is_linux => {}
                _ => break,
            }
        }
        Ok(())
    }
}

/// How much there was room for.
fn written(client: &mut impl Write, bytes: &[u8]) -> Result<usize> {
    match client.write(bytes) {
        Err(error) if would_block(&error) => Ok(0),
        result => result,
    }
}
