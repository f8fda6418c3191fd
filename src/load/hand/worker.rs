//! The thread that carries out orders and hears what comes back.

use super::{HandState, MAX_LAST_RECEIVED, Order, Row, Shared};
use crate::load::message::CHUNK;
use crate::net::{Client, Interest, Ready, Selector};
use crate::probe::{NoProbe, SocketId};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

pub(super) struct Worker {
    target: SocketAddr,
    selector: Selector<NoProbe>,
    orders: Receiver<(u32, Order)>,
    shared: Arc<Shared>,
    /// By number; those that are over are not here any more.
    sockets: HashMap<u32, Socket>,
    scratch: Box<[u8]>,
}

/// A client's socket and what it is to say.
struct Socket {
    client: Client,
    output: VecDeque<u8>,
}

/// One client for its turn: both halves of what is known of it.
struct Turn<'t> {
    socket: &'t mut Socket,
    row: &'t mut Row,
    scratch: &'t mut [u8],
}

impl Worker {
    pub(super) fn new(
        target: SocketAddr,
        selector: Selector<NoProbe>,
        orders: Receiver<(u32, Order)>,
        shared: Arc<Shared>,
    ) -> Self {
        let scratch = vec![0; CHUNK].into_boxed_slice();
        let sockets = HashMap::new();
        Self { target, selector, orders, shared, sockets, scratch }
    }

    pub(super) fn run(mut self) {
        let mut ready = Ready::new();
        while !self.shared.is_over() {
            while let Ok((number, order)) = self.orders.try_recv() {
                self.obey(number, order);
            }
            // Asleep here until an order comes or a socket is ready.
            if self.selector.wait(&mut ready).is_err() {
                return;
            }
            for id in ready.iter() {
                self.take_turn(id.0, on_ready);
            }
        }
    }

    fn obey(&mut self, number: u32, order: Order) {
        match order {
            Order::Connect => self.connect(number),
            Order::Say(bytes) => self.take_turn(number, |turn| {
                turn.socket.output.extend(bytes);
                Ok(())
            }),
            Order::Read(on) => self.take_turn(number, |turn| {
                turn.row.client.reading = on;
                Ok(())
            }),
            // The row says so already.
            Order::HalfClose => self.take_turn(number, |_| Ok(())),
            Order::Close => self.end(number, HandState::Closed),
            Order::Reset => self.end(number, HandState::Reset),
        }
    }

    fn connect(&mut self, number: u32) {
        let client = Client::connect(SocketId(number), self.target, None, None);
        match client {
            Ok(client) => {
                let output = VecDeque::new();
                self.sockets.insert(number, Socket { client, output });
                self.take_turn(number, |turn| {
                    let address = turn.socket.client.local_addr();
                    turn.row.client.local_addr = address.ok();
                    Ok(())
                });
            }
            Err(error) => self.end(number, HandState::Failed(error.kind())),
        }
    }

    /// It is over, if it is not already.
    fn end(&mut self, number: u32, state: HandState) {
        let socket = self.sockets.remove(&number);
        if let Ok(row) = self.shared.rows().live(number) {
            row.client.state = state;
        }
        if state == HandState::Reset {
            // An error means that the connection is gone already.
            let _ = socket.map(|socket| socket.client.reset());
        }
    }

    /// Has one client act, and then go on as far as it can.
    fn take_turn(
        &mut self,
        number: u32,
        act: impl FnOnce(&mut Turn<'_>) -> io::Result<()>,
    ) {
        let Some(socket) = self.sockets.get_mut(&number) else { return };
        let mut rows = self.shared.rows();
        let Ok(row) = rows.live(number) else { return };
        let mut turn = Turn { socket, row, scratch: &mut self.scratch };
        let result = act(&mut turn)
            .and_then(|()| turn.go_on())
            .and_then(|()| turn.watch(&mut self.selector));
        if let Err(error) = result {
            turn.row.client.state = HandState::Failed(error.kind());
        }
        if turn.row.client.state.is_over() {
            self.sockets.remove(&number);
        }
    }
}

/// Its socket was reported.
fn on_ready(turn: &mut Turn<'_>) -> io::Result<()> {
    if turn.row.client.state == HandState::Connecting {
        turn.check_connect()
    } else if turn.interest() == Interest::default() {
        turn.check_hang_up()
    } else if turn.reads() {
        turn.read()
    } else {
        Ok(())
    }
}

impl Turn<'_> {
    fn check_connect(&mut self) -> io::Result<()> {
        if self.socket.client.connected()? {
            self.row.client.state = HandState::Open;
        }
        Ok(())
    }

    /// Watched for nothing, and reported all the same: a reset, or both
    /// sides have ended, which would be reported for ever.
    fn check_hang_up(&mut self) -> io::Result<()> {
        if let Some(error) = self.socket.client.failure() {
            return Err(error);
        }
        self.socket.client.unwatch();
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        match self.socket.client.read(self.scratch)? {
            None => {}
            Some(0) => self.server_ended(),
            Some(count) => {
                let client = &mut self.row.client;
                client.received += count as u64;
                keep_last(&mut client.last_received, &self.scratch[..count]);
            }
        }
        Ok(())
    }

    fn server_ended(&mut self) {
        let state = &mut self.row.client.state;
        *state = match *state {
            HandState::HalfClosed => HandState::Closed,
            _ => HandState::EndedByServer,
        };
    }

    /// Says what there is room for, and ends its side if it is to and
    /// everything is said.
    fn go_on(&mut self) -> io::Result<()> {
        let state = self.row.client.state;
        if state == HandState::Connecting || state.is_over() {
            return Ok(());
        }
        self.write()?;
        // Counts what is on its way here too.
        let said = self.row.client.unsent == 0;
        if self.row.ending && said && state != HandState::HalfClosed {
            self.socket.client.half_close()?;
            self.row.client.state = match state {
                HandState::EndedByServer => HandState::Closed,
                _ => HandState::HalfClosed,
            };
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let (bytes, _) = self.socket.output.as_slices();
        if bytes.is_empty() {
            return Ok(());
        }
        let count = self.socket.client.write(bytes)?.unwrap_or(0);
        self.socket.output.drain(..count);
        self.row.client.unsent -= count;
        self.row.client.sent += count as u64;
        Ok(())
    }

    /// Whether it wants to hear the server, and the server may speak.
    fn reads(&self) -> bool {
        let state = self.row.client.state;
        let hears = [HandState::Open, HandState::HalfClosed].contains(&state);
        hears && self.row.client.reading
    }

    fn interest(&self) -> Interest {
        let connecting = self.row.client.state == HandState::Connecting;
        let speaks = !self.socket.output.is_empty();
        Interest { readable: self.reads(), writable: connecting || speaks }
    }

    fn watch(&mut self, selector: &mut Selector<NoProbe>) -> io::Result<()> {
        let interest = self.interest();
        let client = &mut self.socket.client;
        let hung_up = interest == Interest::default() && !client.is_watched();
        if hung_up || self.row.client.state.is_over() {
            return Ok(());
        }
        client.set_interest(interest);
        selector.watch(client)
    }
}

/// Adds the bytes and forgets the first ones beyond the limit.
fn keep_last(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend(&bytes[bytes.len().saturating_sub(MAX_LAST_RECEIVED)..]);
    kept.drain(..kept.len().saturating_sub(MAX_LAST_RECEIVED));
}
