//! The `polling` crate alone: level-triggered, registered once, and changed
//! only while output is pending.

use super::Pending;
use polling::{Event, Events, PollMode, Poller};
use std::collections::HashMap;
use std::io::Result;
use std::net::{TcpListener, TcpStream};

const LISTENER: usize = 0;

pub(crate) fn serve(listener: &TcpListener) -> Result<()> {
    listener.set_nonblocking(true)?;
    let poller = Poller::new()?;
    let level = PollMode::Level;
    add(&poller, listener, LISTENER)?;
    let mut events = Events::new();
    let mut clients: HashMap<usize, (TcpStream, Pending)> = HashMap::new();
    let (mut next, mut buffer) = (1, vec![0; super::READ_SIZE]);
    loop {
        events.clear();
        poller.wait(&mut events, None)?;
        for event in events.iter() {
            if event.key == LISTENER {
                let Ok((client, _)) = listener.accept() else { continue };
                client.set_nonblocking(true)?;
                client.set_nodelay(true)?;
                add(&poller, &client, next)?;
                clients.insert(next, (client, Pending::default()));
                next += 1;
            } else if let Some((client, pending)) = clients.get_mut(&event.key)
            {
                let had = pending.is_some();
                if pending.step(client, &mut buffer).is_err() {
                    poller.delete(&*client)?;
                    clients.remove(&event.key);
                } else if had != pending.is_some() {
                    let has = pending.is_some();
                    let wanted = Event::new(event.key, !has, has);
                    poller.modify_with_mode(&*client, wanted, level)?;
                }
            }
        }
    }
}

#[expect(unsafe_code, reason = "how users of polling register a socket")]
fn add(
    poller: &Poller,
    source: impl polling::AsRawSource,
    key: usize,
) -> Result<()> {
    // SAFETY: each socket is deleted before it is closed; the listener and
    // the poller live as long as the process.
    unsafe {
        poller.add_with_mode(source, Event::readable(key), PollMode::Level)
    }
}
