//! Clients by hand: somebody says what they do, one thing at a time.

mod worker;

use crate::net::{Notifier, Selector};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use thiserror::Error;
use worker::Worker;

/// How many clients are kept, those that are over included; the oldest of
/// these make room for new ones.
pub const MAX_HAND_CLIENTS: usize = 64;

/// How many bytes a client may have to say that the system has not taken.
pub const MAX_UNSENT: usize = 64 * 1024;

/// How many of the bytes received last are kept of each client.
pub const MAX_LAST_RECEIVED: usize = 256;

/// How many orders may wait to be carried out.
const MAX_ORDERS: usize = 256;

/// Clients that do what they are told, in a thread of their own, on one
/// selector. Dropping it closes them all and waits for the thread.
///
/// An order returns before it is carried out; what became of it is seen in a
/// [`snapshot`](Self::snapshot).
pub struct Hand {
    shared: Arc<Shared>,
    orders: SyncSender<(u32, Order)>,
    notifier: Notifier,
    thread: Option<JoinHandle<()>>,
}

/// What is known of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandClient {
    /// Its number among the clients by hand, from 1.
    pub number: u32,
    /// Its own address: at the server it is the peer's.
    pub local_addr: Option<SocketAddr>,
    /// What has become of it.
    pub state: HandState,
    /// Bytes that it has sent.
    pub sent: u64,
    /// Bytes that it is to say and that the system has not taken yet.
    pub unsent: usize,
    /// Bytes that it has received.
    pub received: u64,
    /// Whether it reads what arrives.
    pub reading: bool,
    /// The last bytes that it has received, at most [`MAX_LAST_RECEIVED`].
    pub last_received: Vec<u8>,
}

/// What has become of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandState {
    /// The system has not made the connection yet.
    Connecting,
    /// Connected, maybe not accepted yet: that is the server's affair.
    Open,
    /// It has ended its side and still hears the server.
    HalfClosed,
    /// The server has ended its side.
    EndedByServer,
    /// Closed by both.
    Closed,
    /// It has reset the connection.
    Reset,
    /// The connection could not be made, or failed.
    Failed(ErrorKind),
}

impl HandState {
    /// Whether nothing more can become of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Reset | Self::Failed(_))
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Connecting => "connecting".into(),
            Self::Open => "open".into(),
            Self::HalfClosed => "half-closed".into(),
            Self::EndedByServer => "ended by the server".into(),
            Self::Closed => "closed".into(),
            Self::Reset => "reset".into(),
            Self::Failed(ErrorKind::ConnectionReset) => {
                "reset by the server".into()
            }
            Self::Failed(kind) => kind.to_string(),
        }
    }
}

/// Why an order is not carried out. Displayed for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// As many clients as may be are connected.
    #[error("{MAX_HAND_CLIENTS} clients by hand are enough")]
    TooManyClients,
    /// There is no such client, or it is over.
    #[error("client {0} is over")]
    Over(u32),
    /// It has ended its side, or is about to.
    #[error("client {0} has ended its side: it can say no more")]
    HalfClosed(u32),
    /// It would have more than [`MAX_UNSENT`] bytes to say.
    #[error("client {0} has too much to say: the server does not read")]
    TooMuchToSay(u32),
    /// Too many orders wait to be carried out.
    #[error("too many orders at once")]
    Busy,
}

/// What a client is told to do.
enum Order {
    Connect,
    Say(Vec<u8>),
    Read(bool),
    HalfClose,
    Close,
    Reset,
}

/// What the thread and its owner share.
struct Shared {
    rows: Mutex<Rows>,
    over: AtomicBool,
}

#[derive(Default)]
struct Rows {
    by_number: BTreeMap<u32, Row>,
    last: u32,
}

/// A client as both sides know it.
struct Row {
    client: HandClient,
    /// It is to end its side when everything is said.
    ending: bool,
}

impl Hand {
    /// No client yet; those to come connect to this server.
    ///
    /// # Errors
    /// If there is no selector or no thread to be had.
    pub fn start(target: SocketAddr) -> io::Result<Self> {
        let (orders, receiver) = sync_channel(MAX_ORDERS);
        let shared = Arc::new(Shared {
            rows: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let selector = Selector::unobserved()?;
        let notifier = selector.notifier();
        let worker = Worker::new(target, selector, receiver, shared.clone());
        let name = "clients by hand".to_owned();
        let thread = Builder::new().name(name).spawn(|| worker.run())?;
        Ok(Self { shared, orders, notifier, thread: Some(thread) })
    }

    /// One more client connects; returns its number.
    ///
    /// # Errors
    /// If there are too many, or too many orders.
    pub fn connect(&self) -> Result<u32, Refusal> {
        let mut rows = self.shared.rows();
        rows.make_room()?;
        let number = rows.last + 1;
        self.order(number, Order::Connect)?;
        rows.last = number;
        rows.by_number.insert(number, Row::new(number));
        Ok(number)
    }

    /// It says these bytes, as they are.
    ///
    /// # Errors
    /// If it is over, has ended its side, or has too much to say.
    pub fn say(&self, number: u32, bytes: &[u8]) -> Result<(), Refusal> {
        let mut rows = self.shared.rows();
        let row = rows.live(number)?;
        let unsent = row.client.unsent + bytes.len();
        if row.ending {
            return Err(Refusal::HalfClosed(number));
        }
        if unsent > MAX_UNSENT {
            return Err(Refusal::TooMuchToSay(number));
        }
        self.order(number, Order::Say(bytes.to_vec()))?;
        row.client.unsent = unsent;
        Ok(())
    }

    /// It reads what arrives, or stops to: then the system's buffers fill,
    /// and after them the server's.
    ///
    /// # Errors
    /// If it is over.
    pub fn set_reading(&self, number: u32, on: bool) -> Result<(), Refusal> {
        self.tell(number, Order::Read(on))
    }

    /// It ends its side when everything is said, and goes on to hear.
    ///
    /// # Errors
    /// If it is over.
    pub fn half_close(&self, number: u32) -> Result<(), Refusal> {
        let mut rows = self.shared.rows();
        let row = rows.live(number)?;
        self.order(number, Order::HalfClose)?;
        row.ending = true;
        Ok(())
    }

    /// It closes at once; what is not said yet is not said any more. If
    /// something has arrived that it has not read, the system makes a reset
    /// of it.
    ///
    /// # Errors
    /// If it is over.
    pub fn close(&self, number: u32) -> Result<(), Refusal> {
        self.tell(number, Order::Close)
    }

    /// It closes at once with a reset.
    ///
    /// # Errors
    /// If it is over.
    pub fn reset(&self, number: u32) -> Result<(), Refusal> {
        self.tell(number, Order::Reset)
    }

    /// Every client that is kept, by number.
    #[must_use]
    pub fn snapshot(&self) -> Vec<HandClient> {
        let rows = self.shared.rows();
        rows.by_number.values().map(|row| row.client.clone()).collect()
    }

    fn tell(&self, number: u32, order: Order) -> Result<(), Refusal> {
        self.shared.rows().live(number)?;
        self.order(number, order)
    }

    fn order(&self, number: u32, order: Order) -> Result<(), Refusal> {
        let sent = self.orders.try_send((number, order));
        sent.map_err(|_| Refusal::Busy)?;
        self.notifier.notify();
        Ok(())
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.shared.over.store(true, SeqCst);
        self.notifier.notify();
        // An error is its panic, which was reported when it happened.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    /// The rows, also after a panic elsewhere: they are always whole.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.over.load(SeqCst)
    }
}

impl Rows {
    /// Forgets the oldest client that is over, if there are too many.
    fn make_room(&mut self) -> Result<(), Refusal> {
        if self.by_number.len() < MAX_HAND_CLIENTS {
            return Ok(());
        }
        let mut all = self.by_number.iter();
        let over = all.find(|(_, row)| row.client.state.is_over());
        let number = *over.ok_or(Refusal::TooManyClients)?.0;
        self.by_number.remove(&number);
        Ok(())
    }

    fn live(&mut self, number: u32) -> Result<&mut Row, Refusal> {
        let row = self.by_number.get_mut(&number);
        let live = row.filter(|row| !row.client.state.is_over());
        live.ok_or(Refusal::Over(number))
    }
}

impl Row {
    fn new(number: u32) -> Self {
        let client = HandClient {
            number,
            local_addr: None,
            state: HandState::Connecting,
            sent: 0,
            unsent: 0,
            received: 0,
            reading: true,
            last_received: Vec::new(),
        };
        Self { client, ending: false }
    }
}
