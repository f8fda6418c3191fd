//! A server and clients that do nothing but wait, read and write.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{
    self, CreateFlags, Event, EventData, EventFlags, add, create,
};
use sockscope::load::steady::Workload;
use sockscope::system::cores::bind_to_cores;
use sockscope::system::usage;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

const BATCH: usize = 512;
const LISTENER: u64 = u64::MAX;

static SERVER_CORE: OnceLock<u32> = OnceLock::new();

pub(crate) fn bind_server_to(core: u32) {
    SERVER_CORE.set(core).unwrap();
}

/// Whether a socket is reported for as long as it is ready, or once.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    Level,
    Edge,
}

impl Manner {
    fn flags(self) -> EventFlags {
        match self {
            Self::Level => EventFlags::IN,
            Self::Edge => EventFlags::IN | EventFlags::ET,
        }
    }
}

struct Waiting {
    epoll: OwnedFd,
    events: Vec<Event>,
}

impl Waiting {
    fn new() -> Self {
        let epoll = create(CreateFlags::CLOEXEC).unwrap();
        Self { epoll, events: Vec::with_capacity(BATCH) }
    }

    fn wait(&mut self) {
        self.events.clear();
        let room = spare_capacity(&mut self.events);
        epoll::wait(&self.epoll, room, None).unwrap();
    }
}

/// An echo server in a thread of its own, for as long as the program runs.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = socket2::Socket::new(
            socket2::Domain::IPV4,
            socket2::Type::STREAM,
            None,
        )
        .unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        listener.bind(&any.into()).unwrap();
        listener.listen(4096).unwrap();
        let listener = TcpListener::from(listener);
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener));
        Self { address }
    }
}

fn serve(listener: &TcpListener) {
    if let Some(core) = SERVER_CORE.get() {
        bind_to_cores(&[*core]).unwrap();
    }
    let mut waiting = Waiting::new();
    let data = EventData::new_u64(LISTENER);
    add(&waiting.epoll, listener, data, EventFlags::IN).unwrap();
    let mut clients: Vec<Option<TcpStream>> = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        waiting.wait();
        for event in &waiting.events {
            if event.data.u64() == LISTENER {
                let (client, _) = listener.accept().unwrap();
                let data = EventData::new_u64(clients.len() as u64);
                client.set_nonblocking(true).unwrap();
                client.set_nodelay(true).unwrap();
                add(&waiting.epoll, &client, data, EventFlags::IN).unwrap();
                clients.push(Some(client));
                continue;
            }
            let place = usize::try_from(event.data.u64()).unwrap();
            let Some(client) = &mut clients[place] else { continue };
            if !echo(client, &mut buffer) {
                clients[place] = None;
            }
        }
    }
}

/// One read and one write; whether the connection goes on.
fn echo(client: &mut TcpStream, buffer: &mut [u8]) -> bool {
    match client.read(buffer) {
        Ok(0) => false,
        Ok(count) => client.write(&buffer[..count]).is_ok(),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// The CPU time an echo of clients that do no more than they must.
pub(crate) fn cpu_us_per_echo(
    target: SocketAddr,
    load: &Workload,
    manner: Manner,
) -> f64 {
    let mut waiting = Waiting::new();
    let mut clients = Vec::new();
    for place in 0..u64::from(load.clients) {
        let client = TcpStream::connect(target).unwrap();
        client.set_nonblocking(true).unwrap();
        client.set_nodelay(true).unwrap();
        socket2::SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
        let data = EventData::new_u64(place);
        add(&waiting.epoll, &client, data, manner.flags()).unwrap();
        clients.push(client);
    }
    let mut buffer = vec![b'x'; 64 << 10];
    for client in &mut clients {
        client.write_all(&buffer[..load.size_bytes as usize]).unwrap();
    }
    talk(
        &mut waiting,
        &mut clients,
        &mut buffer,
        Duration::from_nanos(load.warm_up_ns),
    );
    let before = usage::of_thread().unwrap();
    let echoes = talk(
        &mut waiting,
        &mut clients,
        &mut buffer,
        Duration::from_nanos(load.time_ns),
    );
    let used = usage::of_thread().unwrap() - before;
    (used.user + used.system).as_secs_f64() * 1e6 / f64::from(echoes)
}

fn talk(
    waiting: &mut Waiting,
    clients: &mut [TcpStream],
    buffer: &mut [u8],
    time: Duration,
) -> u32 {
    let start = Instant::now();
    let mut echoes = 0;
    while start.elapsed() < time {
        waiting.wait();
        for event in &waiting.events {
            let place = usize::try_from(event.data.u64()).unwrap();
            let client = &mut clients[place];
            let count = client.read(buffer).unwrap();
            let sent = client.write(&buffer[..count]).unwrap();
            assert_eq!(sent, count);
            echoes += 1;
        }
    }
    echoes
}
