//! mio, as its own examples use it: edge-triggered, registered once.

use super::Pending;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::collections::HashMap;
use std::io::Result;

const LISTENER: Token = Token(0);

pub(crate) fn serve(listener: std::net::TcpListener) -> Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    let registry = poll.registry().try_clone()?;
    registry.register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut clients: HashMap<Token, (TcpStream, Pending)> = HashMap::new();
    let (mut next, mut buffer) = (1, vec![0; super::READ_SIZE]);
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            let token = event.token();
            if token == LISTENER {
                while let Ok((mut client, _)) = listener.accept() {
                    client.set_nodelay(true)?;
                    let both = Interest::READABLE | Interest::WRITABLE;
                    registry.register(&mut client, Token(next), both)?;
                    clients.insert(Token(next), (client, Pending::default()));
                    next += 1;
                }
            } else if let Some((client, pending)) = clients.get_mut(&token)
                && pending.drain(client, &mut buffer).is_err()
            {
                clients.remove(&token);
            }
        }
    }
}
