//! A socket that listens as the options say.

use super::options::ServerOptions;
use super::system::reuse_address;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;

pub(super) fn listen(options: &ServerOptions) -> io::Result<Socket> {
    let address = SockAddr::from(options.listen());
    let domain = Domain::for_address(options.listen());
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    reuse_address(&socket)?;
    // Before listen(2): the window is agreed upon with the first packet.
    if let Some(size) = options.send_buffer() {
        socket.set_send_buffer_size(size)?;
    }
    if let Some(size) = options.receive_buffer() {
        socket.set_recv_buffer_size(size)?;
    }
    socket.bind(&address)?;
    socket.listen(i32::try_from(options.backlog()).unwrap_or(i32::MAX))?;
    Ok(socket)
}
