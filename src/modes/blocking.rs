//! Blocking: one thread per connection, all asleep.

use crate::net::{Failure, Handles, Listener, Stream};
use crate::probe::Probe;
use std::io;
use std::thread::{self, Builder};

/// Serves each client in a thread of its own.
pub fn serve<P: Probe>(mut listener: Listener<P>) -> io::Result<()> {
    thread::scope(|threads| {
        let mut handles = Handles::new(&listener);
        // Asleep here until a client connects.
        while let Some(mut client) = listener.accept()? {
            let work = move || Failure::of(echo(&mut client), client);
            // No thread to be had ends this client alone.
            if let Ok(handle) = Builder::new().spawn_scoped(threads, work) {
                // Never joined: an error that is not handled stays unseen.
                handles.take(handle);
            }
        }
        // Asleep here until the last client is done.
        Ok(())
    })
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
