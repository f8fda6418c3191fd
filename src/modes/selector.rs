//! Selector: one thread, asleep on all of its sockets at once.

use crate::net::{Listener, Ready, Selector, Stream};
use crate::probe::{LISTENER, Probe};
use std::collections::HashMap;
use std::io;

/// Asks only sockets that are ready. A watch lasts (level-triggered).
pub fn serve<P: Probe>(mut listener: Listener<P>) -> io::Result<()> {
    listener.set_nonblocking()?;
    let mut clients = HashMap::new();
    let mut selector = Selector::new(&listener)?;
    let mut ready = Ready::new();
    while listener.goes_on(clients.len()) {
        selector.watch(&mut listener)?;
        // Asleep here until a socket is ready; reported as long as it is.
        selector.wait(&mut ready)?;
        for id in ready.iter() {
            if id == LISTENER {
                if let Some(mut client) = listener.try_accept()?
                    && selector.watch(&mut client).is_ok()
                {
                    clients.insert(client.id(), client);
                }
            } else if let Some(client) = clients.get_mut(&id) {
                let step = echo(client);
                let stays = client.goes_on(step);
                if !stays || selector.watch(client).is_err() {
                    clients.remove(&id);
                }
            }
        }
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
