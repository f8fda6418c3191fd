//! Nonblocking: one thread, never asleep.

use crate::net::{Listener, Stream};
use crate::probe::Probe;
use std::io;

/// Serves all clients by asking every socket, again and again.
pub fn serve<P: Probe>(mut listener: Listener<P>) -> io::Result<()> {
    listener.set_nonblocking()?;
    let mut clients = Vec::new();
    while listener.goes_on(clients.len()) {
        // Never asleep: asks the listener, then each client, then again.
        if let Some(client) = listener.try_accept()? {
            clients.push(client);
        }
        clients.retain_mut(|client| {
            let step = echo(client);
            client.goes_on(step)
        });
    }
    Ok(())
}

/// One step: reads what is there, writes what there is room for.
fn echo<P: Probe>(client: &mut Stream<P>) -> io::Result<()> {
    if client.has_room() {
        // Asks, and goes on if nothing has arrived.
        client.try_read()?;
    }
    // The handler fails here: on `boom`, or a line that is too long.
    if client.has_output()? {
        // Asks, and goes on if the client does not read.
        client.try_write()?;
    }
    Ok(())
}
