//! A client of a running program.

use crate::support::patience::{LIMIT, read};
use socket2::{SockRef, Socket};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// A connection that gives up where a server lets it wait for ever.
pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    #[track_caller]
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::from(TcpStream::connect(address).expect("a connection"))
    }

    fn from(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        Self(stream)
    }

    /// A connection with small buffers of its own.
    pub(crate) fn connect_small(address: SocketAddr) -> Self {
        let domain = socket2::Domain::for_address(address);
        let socket = Socket::new(domain, socket2::Type::STREAM, None).unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::from(socket.into())
    }

    #[track_caller]
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).expect("it takes what is said");
    }

    #[track_caller]
    pub(crate) fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let mut got = vec![0; bytes.len()];
        self.0.read_exact(&mut got).expect("an echo comes");
        assert!(got == bytes, "the echo differs: {}", got.escape_ascii());
    }

    /// Says it and has it back.
    #[track_caller]
    pub(crate) fn echo(&mut self, bytes: impl AsRef<[u8]>) {
        self.say(&bytes);
        self.expect(&bytes);
    }

    #[track_caller]
    pub(crate) fn expect_eof(&mut self) {
        let read = read(&mut self.0, &mut [0; 64]);
        assert_eq!(read.expect("an end of file"), 0);
    }

    /// Whatever comes until the connection ends in whatever way.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes);
        bytes
    }

    pub(crate) fn half_close(&self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes with a reset.
    pub(crate) fn reset(self) {
        let linger = Some(Duration::ZERO);
        SockRef::from(&self.0).set_linger(linger).unwrap();
    }

    /// Writes as much as is taken without waiting, and tells how much.
    pub(crate) fn pour(&mut self, most: usize) -> usize {
        self.0.set_nonblocking(true).unwrap();
        let piece = vec![b'f'; 65_536];
        let mut taken = 0;
        while taken < most
            && let Ok(count) = self.0.write(&piece)
        {
            taken += count;
        }
        self.0.set_nonblocking(false).unwrap();
        taken
    }
}
