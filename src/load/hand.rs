//! Clients by hand: a user decides what they do, one step at a time.
//!
//! They run in a thread of their own, on one selector. [`Hand::direct`] records
//! what a client is to do and wakes that thread, which goes on with every
//! client as far as it can. Unlike a client of a scenario, one by hand expects
//! no echo, and has no clock but the system's.

use super::exchange::CHUNK;
use crate::net::{
    Client, ClientSetup, Interest, Ready, Selector, SelectorHandle,
};
use crate::probe::{NoProbe, SocketId};
use crate::system::lock;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};

/// How many clients are kept, those that are over included; the oldest of those
/// are removed to make room for new ones.
pub const MAX_HAND_CLIENTS: usize = 64;

/// How many bytes of a client may wait for the system to take them, besides
/// those of a flood.
pub const MAX_UNSENT: usize = 64 * 1024;

/// How many bytes a client sends in a flood: more than the systems' buffers on
/// the way of the echo take, some megabytes each, so that the server gets to
/// the limit of its own.
pub const FLOOD: usize = 16 * 1024 * 1024;

/// A line of a flood: with `--framing lines` each is echoed by itself.
const FLOOD_LINE: &[u8; 64] =
    b"a client that does not read sends line after line of 64 bytes..\n";

/// How many of the bytes received last are kept of each client.
pub const MAX_LAST_RECEIVED: usize = 256;

/// The clients controlled by hand. Dropping this closes them all and waits for
/// their thread.
///
/// A method returns before its client has acted; the effect shows in a later
/// [`snapshot`](Self::snapshot).
pub struct Hand {
    shared: Arc<HandShared>,
    /// The number of the latest client.
    last: AtomicU32,
    selector: SelectorHandle,
    thread: Option<JoinHandle<()>>,
}

/// The state of one client, for display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandClient {
    /// Its number among the clients by hand, from 1.
    pub number: u32,
    /// Its own address, the server's peer address; `None` before connecting.
    pub local_addr: Option<SocketAddr>,
    /// The state of its connection.
    pub state: HandState,
    /// Bytes that it has sent.
    pub sent: u64,
    /// Bytes that it is to send and that the system has not taken yet.
    pub unsent: usize,
    /// Bytes that it has received.
    pub received: u64,
    /// Whether it reads what arrives.
    pub reading: bool,
    /// The last bytes that it has received, at most [`MAX_LAST_RECEIVED`].
    pub last_received: Vec<u8>,
}

/// The state of a client's connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandState {
    /// The system has not made the connection yet.
    #[default]
    Connecting,
    /// Connected; the server may not have accepted it yet.
    Open,
    /// It has ended its side and can still receive.
    HalfClosed,
    /// The server has ended its side.
    EndedByServer,
    /// Both sides have ended, or the client has closed.
    Closed,
    /// It has reset the connection.
    Reset,
    /// The connection could not be made, or failed.
    Failed(ErrorKind),
}

impl HandState {
    /// Whether the state is final.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Reset | Self::Failed(_))
    }

    /// Whether it is connected or about to be, and the server has not ended its
    /// side.
    pub const fn is_here(self) -> bool {
        matches!(self, Self::Connecting | Self::Open | Self::HalfClosed)
    }

    /// Its name, as the screen shows it.
    pub fn words(self) -> String {
        let words = match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::HalfClosed => "half-closed",
            Self::EndedByServer => "ended by the server",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Failed(ErrorKind::ConnectionReset) => "reset by the server",
            Self::Failed(kind) => return kind.to_string(),
        };
        words.to_owned()
    }
}

/// What a client by hand is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOrder {
    /// Send this text, as it is.
    Say(String),
    /// Send [`FLOOD`] bytes and read nothing: the echo fills the system's
    /// buffers, and after them the server's.
    Flood,
    /// Read what arrives, or read no more for now: then the system's buffers
    /// fill, and after them the server's.
    Read(bool),
    /// End the client's side when everything is sent, and go on to receive.
    HalfClose,
    /// Close at once, without sending what is left. If something has arrived
    /// that was not read, the system resets the connection.
    Close,
    /// Close at once with a reset.
    Reset,
}

/// Why a client cannot do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandRefusal {
    /// As many clients as may be are connected.
    TooManyClients,
    /// There is no such client, or it is over.
    Over,
    /// It has ended its side, or is about to.
    HalfClosed,
    /// It would have more than [`MAX_UNSENT`] bytes to send, or is to begin a
    /// flood before everything is sent.
    TooMuchToSay,
}

/// What the thread and its owner share.
#[derive(Default)]
struct HandShared {
    clients: Mutex<BTreeMap<u32, LedClient>>,
    over: AtomicBool,
}

/// A client with its socket and what it is to do.
#[derive(Default)]
struct LedClient {
    shown: HandClient,
    /// `None` before it connects, and when it is over.
    socket: Option<Client>,
    output: Vec<u8>,
    /// Bytes of a flood that come after the output.
    flood: usize,
    /// Whether it is to end its side when everything is sent.
    ends_side: bool,
    /// The final state in which it is to leave, `Closed` or `Reset`.
    leaves: Option<HandState>,
}

impl Hand {
    /// Starts the thread, without clients; all will connect to this server.
    ///
    /// # Errors
    /// If the system refuses a selector or a thread.
    pub fn start(target: SocketAddr) -> io::Result<Self> {
        let shared = Arc::<HandShared>::default();
        let selector = Selector::with_probe(NoProbe)?;
        let handle = selector.handle();
        let clients = shared.clone();
        let thread = Builder::new()
            .name("clients by hand".to_owned())
            .spawn(move || clients.run(target, selector))?;
        let (last, thread) = (AtomicU32::new(0), Some(thread));
        Ok(Self { shared, last, selector: handle, thread })
    }

    /// Adds a client that connects; returns its number. If there are too many,
    /// the oldest that is over is removed.
    ///
    /// # Errors
    /// If there are too many that are not over.
    pub fn connect(&self) -> Result<u32, HandRefusal> {
        let mut clients = lock(&self.shared.clients);
        if clients.len() >= MAX_HAND_CLIENTS {
            let mut all = clients.iter();
            let over = all.find(|(_, it)| it.shown.state.is_over());
            let oldest = *over.ok_or(HandRefusal::TooManyClients)?.0;
            clients.remove(&oldest);
        }
        let number = self.last.fetch_add(1, SeqCst) + 1;
        let shown =
            HandClient { number, reading: true, ..HandClient::default() };
        clients.insert(number, LedClient { shown, ..LedClient::default() });
        drop(clients);
        self.selector.notify();
        Ok(number)
    }

    /// Gives an order to a client, which its thread carries out.
    ///
    /// # Errors
    /// If the client is over, or cannot take what it is to send.
    pub fn direct(
        &self,
        number: u32,
        order: &ClientOrder,
    ) -> Result<(), HandRefusal> {
        let mut clients = lock(&self.shared.clients);
        let client = clients.get_mut(&number);
        let live = client.filter(|it| !it.shown.state.is_over());
        let client = live.ok_or(HandRefusal::Over)?;
        match order {
            ClientOrder::Say(_) | ClientOrder::Flood if client.ends_side => {
                return Err(HandRefusal::HalfClosed);
            }
            ClientOrder::Flood if client.shown.unsent > 0 => {
                return Err(HandRefusal::TooMuchToSay);
            }
            ClientOrder::Flood => {
                client.shown.reading = false;
                client.flood = FLOOD;
                client.shown.unsent = FLOOD;
            }
            ClientOrder::Say(text) => {
                if client.shown.unsent + text.len() > MAX_UNSENT {
                    return Err(HandRefusal::TooMuchToSay);
                }
                client.output.extend(text.as_bytes());
                client.shown.unsent += text.len();
            }
            ClientOrder::Read(reads) => client.shown.reading = *reads,
            ClientOrder::HalfClose => client.ends_side = true,
            ClientOrder::Close => {
                client.leaves.get_or_insert(HandState::Closed);
            }
            ClientOrder::Reset => {
                client.leaves.get_or_insert(HandState::Reset);
            }
        }
        drop(clients);
        self.selector.notify();
        Ok(())
    }

    /// Every client that is kept, by number.
    pub fn snapshot(&self) -> Vec<HandClient> {
        let clients = lock(&self.shared.clients);
        clients.values().map(|client| client.shown.clone()).collect()
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.shared.over.store(true, SeqCst);
        self.selector.notify();
        // An error is its panic, which was reported when it happened.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl HandShared {
    /// Goes on with every client until the owner is dropped.
    fn run(&self, target: SocketAddr, mut selector: Selector<NoProbe>) {
        let mut scratch = vec![0; CHUNK];
        let mut ready = Ready::new();
        while !self.over.load(SeqCst) {
            for (number, client) in lock(&self.clients).iter_mut() {
                let is_ready = ready.iter().any(|id| id.0 == *number);
                let scratch = is_ready.then_some(&mut scratch[..]);
                client.take_turn(target, &mut selector, scratch);
            }
            // Asleep here until a socket is ready or there is more to do.
            if selector.wait(&mut ready).is_err() {
                return;
            }
        }
    }
}

impl LedClient {
    /// Acts, if it is not over; an error ends it. With a buffer, its socket
    /// was reported as ready.
    fn take_turn(
        &mut self,
        target: SocketAddr,
        selector: &mut Selector<NoProbe>,
        buffer: Option<&mut [u8]>,
    ) {
        if self.shown.state.is_over() {
            return;
        }
        if let Err(error) = self.act(target, selector, buffer) {
            self.shown.state = HandState::Failed(error.kind());
        }
        if self.shown.state.is_over() {
            let socket = self.socket.take();
            if self.shown.state == HandState::Reset {
                // An error means that the connection is gone already.
                let _ = socket.map(Client::reset);
            }
        }
    }

    /// Connects, reads at most once, sends what there is room for, ends its
    /// side when everything is sent, and has its socket watched for the rest.
    fn act(
        &mut self,
        target: SocketAddr,
        selector: &mut Selector<NoProbe>,
        buffer: Option<&mut [u8]>,
    ) -> io::Result<()> {
        let shown = &mut self.shown;
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => {
                let id = SocketId(shown.number);
                let setup = ClientSetup::default();
                let socket = Client::connect(id, target, &setup)?;
                shown.local_addr = socket.local_addr().ok();
                none.insert(socket)
            }
        };
        if let Some(buffer) = buffer {
            let interest = shown.interest();
            if shown.state == HandState::Connecting {
                socket.finish_connecting()?;
                shown.state = HandState::Open;
            } else if interest == Interest::default() {
                socket.check_hang_up()?;
            } else if interest.readable
                && let Some(count) = socket.read(buffer)?
            {
                shown.take(&buffer[..count]);
            }
        }
        if shown.unsent > 0 && shown.state != HandState::Connecting {
            if self.output.is_empty() {
                let size = self.flood.min(MAX_UNSENT);
                self.output = FLOOD_LINE.repeat(size / FLOOD_LINE.len());
                self.flood -= size;
            }
            let count = socket.write(&self.output)?.unwrap_or(0);
            self.output.drain(..count);
            shown.unsent -= count;
            shown.sent += count as u64;
        }
        if self.ends_side && shown.unsent == 0 {
            let next = match shown.state {
                HandState::Open => HandState::HalfClosed,
                HandState::EndedByServer => HandState::Closed,
                other => other,
            };
            if next != shown.state {
                socket.half_close()?;
                shown.state = next;
            }
        }
        if let Some(how) = self.leaves {
            shown.state = how;
            return Ok(());
        }
        socket.watch_for(shown.interest(), selector)
    }
}

impl HandClient {
    /// Records bytes that have arrived; none: the server has ended its side.
    fn take(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.state = match self.state {
                HandState::HalfClosed => HandState::Closed,
                _ => HandState::EndedByServer,
            };
        }
        self.received += bytes.len() as u64;
        let kept = &mut self.last_received;
        kept.extend(&bytes[bytes.len().saturating_sub(MAX_LAST_RECEIVED)..]);
        kept.drain(..kept.len().saturating_sub(MAX_LAST_RECEIVED));
    }

    /// Input if it reads and the server may send, and room for output if there
    /// is any.
    fn interest(&self) -> Interest {
        use HandState::{Connecting, HalfClosed, Open};
        let is_open = matches!(self.state, Open | HalfClosed);
        let writable = self.state == Connecting || self.unsent > 0;
        Interest { readable: is_open && self.reading, writable }
    }
}
