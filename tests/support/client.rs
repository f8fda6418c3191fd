//! A client: it says, expects, and leaves in any way there is.

use super::patience::{LIMIT, read, wait_for};
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// A connected client. It gives up where a server lets it wait for ever.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    #[track_caller]
    pub(crate) fn connect(server: impl Into<SocketAddr>) -> Self {
        Self::from(TcpStream::connect(server.into()).expect("a connection"))
    }

    /// A client whose own socket buffers are small.
    pub(crate) fn connect_small(
        server: impl Into<SocketAddr>,
        size: usize,
    ) -> Self {
        let address = server.into();
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, None).unwrap();
        socket.set_send_buffer_size(size).unwrap();
        socket.set_recv_buffer_size(size).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::from(TcpStream::from(socket))
    }

    fn from(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        Self { stream }
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Says more and more `f`s without reading, until something is so; says
    /// how many.
    #[track_caller]
    pub(crate) fn flood_until(
        &mut self,
        mut done: impl FnMut() -> bool,
    ) -> usize {
        let mut said = 0;
        self.stream.set_nonblocking(true).unwrap();
        wait_for("the flood has its effect", || {
            while let Ok(count) = self.stream.write(&[b'f'; 4096]) {
                said += count;
            }
            done()
        });
        self.stream.set_nonblocking(false).unwrap();
        said
    }

    /// Exactly these bytes come next.
    #[track_caller]
    pub(crate) fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let mut got = vec![0; bytes.len()];
        self.stream.read_exact(&mut got).expect("an echo comes");
        assert!(got == bytes, "the echo differs: {}", got.escape_ascii());
    }

    /// Says it and has it back.
    #[track_caller]
    pub(crate) fn echo(&mut self, bytes: impl AsRef<[u8]>) {
        self.say(&bytes);
        self.expect(&bytes);
    }

    /// Nothing has come so far, and the connection is open.
    #[track_caller]
    pub(crate) fn expect_nothing(&mut self) {
        self.stream.set_nonblocking(true).unwrap();
        let read = self.stream.read(&mut [0; 64]).map_err(|e| e.kind());
        assert_eq!(read, Err(ErrorKind::WouldBlock));
        self.stream.set_nonblocking(false).unwrap();
    }

    /// The server has ended the connection and nothing came before that.
    #[track_caller]
    pub(crate) fn expect_eof(&mut self) {
        let read = read(&mut self.stream, &mut [0; 64]);
        assert_eq!(read.expect("an end of file"), 0);
    }

    /// The server has ended the connection, in whatever way.
    pub(crate) fn expect_end(&mut self) {
        let ended = match read(&mut self.stream, &mut [0; 64]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        };
        assert!(ended, "the connection ends");
    }

    /// Another handle on the same connection.
    pub(crate) fn try_clone(&self) -> Self {
        Self { stream: self.stream.try_clone().unwrap() }
    }

    /// Writes as much as is taken without waiting, and returns how much.
    pub(crate) fn pour(&mut self, most: usize) -> usize {
        self.stream.set_nonblocking(true).unwrap();
        let piece = vec![b'f'; 65_536];
        let mut taken = 0;
        while taken < most
            && let Ok(count) = self.stream.write(&piece)
        {
            taken += count;
        }
        self.stream.set_nonblocking(false).unwrap();
        taken
    }

    /// Everything that comes until the connection ends in any way.
    pub(crate) fn rest_until_any_end(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }

    /// Everything that comes until the end of file.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).unwrap();
        bytes
    }

    pub(crate) fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes with a reset.
    pub(crate) fn reset(self) {
        let linger = Some(Duration::ZERO);
        SockRef::from(&self.stream).set_linger(linger).unwrap();
    }

    /// Says the pieces from a thread of its own, then ends its side.
    pub(crate) fn say_beside<'s>(
        &self,
        scope: &'s thread::Scope<'s, '_>,
        pieces: Vec<Vec<u8>>,
    ) -> ScopedJoinHandle<'s, ()> {
        let mut writer = self.try_clone();
        scope.spawn(move || {
            for piece in pieces {
                writer.say(piece);
            }
            writer.half_close();
        })
    }
}
