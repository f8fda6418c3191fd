//! Bytes as records. Whatever the bytes are, it ends, in bounded memory.

use super::bytes::{In, Read};
use super::codes;
use super::counters::Counters;
use super::places::{Place, PlacesIn};
use super::record::{HeldThread, Holds, Measured, Named, Payload, Record};
use super::tags as tag;
use crate::probe::{
    Before, Event, Kind, MAX_THREADS, Note, Outcome, Site, SocketId, Speed,
    TaskId, TaskNow, ThreadId,
};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;
use std::time::Duration;

/// The most bytes of one transfer that a recording keeps.
pub const LARGEST_PAYLOAD: usize = 16 * 1024;

/// How many records a block has at most, the names of places included.
pub(super) const MOST_RECORDS: usize = 65_536;

/// How many of them are counters.
pub(super) const MOST_COUNTERS: usize = 64;

/// The longest text of what was measured, in bytes.
const LONGEST_MEASURED: usize = 64 * 1024;

/// The longest name of a client, in bytes; longer ones are cut.
pub(super) const LONGEST_CLIENT: usize = 4 * 1024;

/// Reads the records of one block.
pub(super) struct Decoder<'a> {
    bytes: In<'a>,
    places: Arc<PlacesIn>,
    time: u64,
    records: usize,
    counters: usize,
}

impl Iterator for Decoder<'_> {
    type Item = Read<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.bytes.is_over() {
            match self.record() {
                Ok(None) => {}
                Ok(Some(record)) => return Some(Ok(record)),
                Err(fault) => {
                    self.bytes = In::new(&[]);
                    return Some(Err(fault));
                }
            }
        }
        None
    }
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let places = Arc::default();
        Self { bytes: In::new(bytes), places, time: 0, records: 0, counters: 0 }
    }

    /// The next record; `None` if that named a place.
    fn record(&mut self) -> Read<Option<Record>> {
        self.records += 1;
        if self.records > MOST_RECORDS {
            return Err(self.bytes.fault("too many records"));
        }
        let record = match self.bytes.byte()? {
            tag::PLACE => {
                let (number, place) = Place::read(&mut self.bytes)?;
                Arc::make_mut(&mut self.places).insert(number, place);
                return Ok(None);
            }
            tag::COUNTERS => {
                self.counters += 1;
                if self.counters > MOST_COUNTERS {
                    return Err(self.bytes.fault("too many counters"));
                }
                let at = self.time()?;
                let (bytes, places) = (&mut self.bytes, &self.places);
                Record::Counters(Counters::read(at, bytes, places)?)
            }
            tag::PAYLOAD => Record::Payload(self.payload()?),
            tag::MEASURED => Record::Measured(self.measured()?),
            tag::HOLDS => Record::Holds(self.holds()?),
            tag::NAMED => Record::Named(self.named()?),
            tag => Record::Event(self.event(tag)?),
        };
        Ok(Some(record))
    }

    fn event(&mut self, tag: u8) -> Read<Event> {
        let (at, thread) = (self.time()?, self.thread()?);
        Ok(match tag {
            tag::ENTER => {
                let (site, kind) = self.call()?;
                let socket = self.socket()?;
                Event::Enter { at: at.into(), thread, kind, socket, site }
            }
            tag::EXIT | tag::SLEPT => {
                let (site, kind) = self.call()?;
                Event::Exit {
                    at: at.into(),
                    thread,
                    kind,
                    site,
                    socket: self.socket()?,
                    outcome: self.outcome()?,
                    pending: self.bytes.narrow()?,
                    unframed: self.bytes.narrow()?,
                    echoed: self.bytes.narrow()?,
                    entered: match tag {
                        tag::EXIT => at.into(),
                        _ => self.other_time()?.into(),
                    },
                }
            }
            tag::IDLE => Event::Idle {
                since: self.other_time()?.into(),
                at: at.into(),
                thread,
                calls: self.bytes.uint()?,
                passes: self.bytes.uint()?,
            },
            tag => Event::Note { at: at.into(), thread, note: self.note(tag)? },
        })
    }

    fn time(&mut self) -> Read<Duration> {
        self.time = self.bytes.step(self.time)?;
        Ok(Duration::from_nanos(self.time))
    }

    fn other_time(&mut self) -> Read<Duration> {
        self.bytes.step(self.time).map(Duration::from_nanos)
    }

    fn span(&mut self) -> Read<Duration> {
        self.bytes.uint().map(Duration::from_nanos)
    }

    fn thread(&mut self) -> Read<ThreadId> {
        let thread = self.bytes.narrow()?;
        if thread >= MAX_THREADS {
            return Err(self.bytes.fault("no such thread"));
        }
        Ok(ThreadId(thread))
    }

    fn socket(&mut self) -> Read<SocketId> {
        self.bytes.narrow().map(SocketId)
    }

    fn task(&mut self) -> Read<TaskId> {
        self.bytes.narrow().map(TaskId)
    }

    fn place(&mut self) -> Read<Place> {
        let number = self.bytes.narrow()?;
        let place = self.places.get(&number).copied();
        place.ok_or_else(|| self.bytes.fault("no such place"))
    }

    fn call(&mut self) -> Read<(Site, Kind)> {
        let Place { site, kind } = self.place()?;
        let kind = kind.ok_or_else(|| self.bytes.fault("no call there"))?;
        Ok((site, kind))
    }

    fn site(&mut self) -> Read<Site> {
        self.place().map(|place| place.site)
    }

    /// A word by its number.
    fn word<T>(&mut self, word: impl Fn(u64) -> Option<T>) -> Read<T> {
        let code = self.bytes.uint()?;
        word(code).ok_or_else(|| self.bytes.fault("no such word"))
    }

    fn outcome(&mut self) -> Read<Outcome> {
        use tag::outcome as is;
        Ok(match self.bytes.byte()? {
            is::BYTES => Outcome::Bytes(self.bytes.narrow()?),
            is::END_OF_FILE => Outcome::EndOfFile,
            is::WOULD_BLOCK => Outcome::WouldBlock,
            is::ACCEPTED => Outcome::Accepted(self.socket()?),
            is::READY => Outcome::Ready(self.bytes.narrow()?),
            is::DONE => Outcome::Done,
            is::PAUSED => Outcome::Paused,
            is::CLOSED => Outcome::Closed,
            is::FAILED => Outcome::Failed(self.word(codes::error_kind)?),
            _ => return Err(self.bytes.fault("no such outcome")),
        })
    }

    fn note(&mut self, tag: u8) -> Read<Note> {
        let (readable, writable) = (tag & 1 != 0, tag & 2 != 0);
        Ok(match tag {
            tag::OPENED => {
                let socket = self.socket()?;
                Note::Opened { socket, peer: self.address()? }
            }
            tag::CLOSED => Note::Closed {
                socket: self.socket()?,
                end: self.word(codes::end)?,
                unsent: self.bytes.narrow()?,
            },
            tag::HANDLED => {
                let socket = self.socket()?;
                Note::Handled { socket, end: self.word(codes::end)? }
            }
            tag::FAILED => {
                let socket = self.socket()?;
                Note::Failed { socket, end: self.word(codes::end)? }
            }
            tag::READY..tag::INTEREST => {
                Note::Ready { socket: self.socket()?, readable, writable }
            }
            tag::INTEREST..tag::PAUSED => {
                Note::Interest { socket: self.socket()?, readable, writable }
            }
            tag::PAUSED => Note::Paused(self.word(codes::limit)?),
            tag::PHASE => Note::Phase(self.word(codes::phase)?),
            tag => self.note_of_loop(tag)?,
        })
    }

    fn note_of_loop(&mut self, tag: u8) -> Read<Note> {
        Ok(match tag {
            tag::TASK => {
                let task = self.task()?;
                Note::Task { task, now: self.task_now()? }
            }
            tag::STEP => Note::Step(self.word(codes::step)?),
            tag::TIMERS => Note::Timers(self.bytes.narrow()?),
            tag::LONG_RUN => {
                let task = self.task()?;
                Note::LongRun { task, time: self.span()?.into() }
            }
            tag::NEVER_RETRIEVED => Note::NeverRetrieved {
                task: self.task()?,
                end: self.word(codes::end)?,
                site: self.site()?,
                socket: self.socket_or_none()?,
            },
            _ => return Err(self.bytes.fault("no such record")),
        })
    }

    fn socket_or_none(&mut self) -> Read<Option<SocketId>> {
        let Some(id) = self.bytes.uint()?.checked_sub(1) else {
            return Ok(None);
        };
        let id = u32::try_from(id).map(SocketId);
        id.map(Some).map_err(|_| self.bytes.fault("no such socket"))
    }

    fn task_now(&mut self) -> Read<TaskNow> {
        use tag::task as is;
        Ok(match self.bytes.byte()? {
            is::READY => TaskNow::Ready,
            is::RUNNING => TaskNow::Running,
            is::PAUSED => TaskNow::Paused {
                site: self.site()?,
                kind: self.kind()?,
                socket: self.socket()?,
            },
            is::SLEEPING => TaskNow::Sleeping {
                site: self.site()?,
                time: self.span()?.into(),
            },
            is::JOINING => {
                TaskNow::Joining { site: self.site()?, task: self.task()? }
            }
            is::WAITING => TaskNow::Waiting,
            is::DONE => TaskNow::Done,
            is::FAILED => TaskNow::Failed(self.word(codes::end)?),
            is::CANCELLED => TaskNow::Cancelled,
            _ => return Err(self.bytes.fault("no such state of a task")),
        })
    }

    fn kind(&mut self) -> Read<Kind> {
        let code = self.bytes.byte()?;
        let kind = codes::kind(code.into());
        kind.ok_or_else(|| self.bytes.fault("no such call"))
    }

    fn octets<const N: usize>(&mut self) -> Read<[u8; N]> {
        let mut octets = [0; N];
        for octet in &mut octets {
            *octet = self.bytes.byte()?;
        }
        Ok(octets)
    }

    fn address(&mut self) -> Read<Option<SocketAddr>> {
        Ok(Some(match self.bytes.byte()? {
            0 => return Ok(None),
            4 => {
                let ip = Ipv4Addr::from(self.octets::<4>()?);
                SocketAddr::from((ip, self.bytes.narrow()?))
            }
            6 => {
                let ip = Ipv6Addr::from(self.octets::<16>()?);
                let port = self.bytes.narrow()?;
                let (flow, scope) =
                    (self.bytes.narrow()?, self.bytes.narrow()?);
                SocketAddrV6::new(ip, port, flow, scope).into()
            }
            _ => return Err(self.bytes.fault("no such family of addresses")),
        }))
    }

    fn payload(&mut self) -> Read<Payload> {
        Ok(Payload {
            at: self.time()?,
            thread: self.thread()?,
            kind: self.kind()?,
            socket: self.socket()?,
            moved: self.bytes.narrow()?,
            bytes: self.bytes.bytes(LARGEST_PAYLOAD)?.to_vec(),
        })
    }

    fn measured(&mut self) -> Read<Measured> {
        let json = self.bytes.text(LONGEST_MEASURED)?;
        let measured = serde_json::from_str(json);
        measured.map_err(|_| self.bytes.fault("measured: no such JSON"))
    }

    fn named(&mut self) -> Read<Named> {
        let address = self.address()?;
        let address =
            address.ok_or_else(|| self.bytes.fault("a name of nobody"))?;
        let name = self.bytes.text(LONGEST_CLIENT)?.to_owned();
        Ok(Named { address, name })
    }

    fn holds(&mut self) -> Read<Holds> {
        let at = self.time()?;
        let paused = self.bytes.byte()? != 0;
        let delay = Some(self.span()?).filter(|delay| !delay.is_zero());
        let speed = Speed::of_delay(delay);
        let held = self.list(Self::held)?;
        Ok(Holds { at, paused, speed, held })
    }

    /// As many as there are threads, at most.
    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count: u16 = self.bytes.narrow()?;
        if count > MAX_THREADS {
            return Err(self.bytes.fault("too many threads"));
        }
        (0..count).map(|_| read(self)).collect()
    }

    fn held(&mut self) -> Read<HeldThread> {
        let thread = self.thread()?;
        let since = self.other_time()?;
        let before = match self.bytes.byte()? {
            tag::before::CALL => {
                let (site, kind) = self.call()?;
                Before::Call { kind, socket: self.socket()?, site }
            }
            tag::before::STEP => Before::Step(self.word(codes::step)?),
            tag::before::TASK => Before::Task(self.task()?),
            _ => return Err(self.bytes.fault("no such thing to do")),
        };
        Ok(HeldThread { thread, before, since })
    }
}
