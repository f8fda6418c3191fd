//! Serial: one thread, one client at a time, asleep in `read`.

use crate::net::{Failure, Listener, Stream};
use crate::probe::Probe;
use std::io;

/// Serves each client to its end before it accepts the next one.
pub fn serve<P: Probe>(mut listener: Listener<P>) -> io::Result<()> {
    // Asleep here until a client connects.
    while let Some(mut client) = listener.accept()? {
        // Everybody else waits for this one.
        let result = echo(&mut client);
        // An error that is not handled here ends the server.
        Failure::of(result, client)?;
    }
    Ok(())
}

/// Echoes until the client is done.
fn echo<P: Probe>(client: &mut Stream<P>) -> io::Result<()> {
    while !client.is_done() {
        // Asleep here until the client sends something or ends its side.
        client.read()?;
        // The handler fails here: on `boom`, or a line that is too long.
        while client.has_output()? {
            // Asleep here while the client does not read.
            client.write()?;
        }
    }
    Ok(())
}
