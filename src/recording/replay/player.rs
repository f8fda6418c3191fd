//! Goes from place to place in a recorded run.

use super::checkpoints::{Checkpoints, ReadProgress};
use super::folded::Folded;
use super::marks::Mark;
use super::reading::ReadAhead;
use crate::recording::{Error, Record, Recording, State};
use crate::view::SocketId;
use crate::view::View;
use crate::view::{Kind, LogEntry};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Beyond this distance in events, wait for the read-ahead thread's next
/// checkpoint instead of replaying here.
const FAR: u64 = 100_000;

/// How many records are replayed between two looks at the clock.
const LOOKED: u32 = 64;

/// How many places on the way to the last one are remembered: a user who goes
/// back is likely to do so again.
const NEAR: usize = 12;

/// The least distance in events between two places that are remembered.
const APART: u64 = 64;

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The place just after this number of events.
    Event(u64),
    /// Behind all that was recorded up to a time.
    Time(Duration),
}

/// A place in a recorded run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many events are before it.
    pub event: u64,
    /// The moment that is shown.
    pub at: Duration,
}

/// How far one has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There.
    There,
    /// On the way.
    OnTheWay,
    /// Waiting for the recording to be read up to there.
    Waiting,
}

/// A recorded run at one of its places.
pub struct Player {
    recording: Recording,
    checkpoints: Arc<Checkpoints>,
    reading: Option<ReadAhead>,
    loop_call: Kind,
    here: Walk,
    at: Duration,
    way: Option<PendingSeek>,
    near: VecDeque<Walk>,
}

/// A place on the way.
#[derive(Clone)]
struct Walk {
    folded: Folded,
    /// The block that is read next.
    block: usize,
    /// What is left of the block before begins there.
    records: Arc<Vec<Record>>,
    next: usize,
    /// Nothing has been taken since the last event.
    is_just_behind: bool,
}

impl Walk {
    const fn new(
        folded: Folded,
        block: usize,
        records: Arc<Vec<Record>>,
    ) -> Self {
        Self { folded, block, records, next: 0, is_just_behind: block == 0 }
    }

    fn peek(
        &mut self,
        recording: &Recording,
    ) -> Result<Option<&Record>, Error> {
        while self.next >= self.records.len() {
            if self.block >= recording.blocks().len() {
                return Ok(None);
            }
            self.records = Arc::new(recording.block(self.block)?);
            self.block += 1;
            self.next = 0;
        }
        Ok(self.records.get(self.next))
    }

    fn step(&mut self) {
        if let Some(record) = self.records.get(self.next) {
            self.folded.take(record);
            self.is_just_behind = record.event().is_some();
            self.next += 1;
        }
    }

    /// Whether one can go on from here to there.
    fn is_before(&self, target: Target) -> bool {
        is_before(&self.folded, target)
            || self.is_just_behind
                && target == Target::Event(self.folded.event())
    }

    /// Whether this is the place.
    fn is_there(
        &mut self,
        target: Target,
        recording: &Recording,
    ) -> Result<bool, Error> {
        if let Target::Event(event) = target
            && self.folded.event() >= event
        {
            return Ok(true);
        }
        let next = self.peek(recording)?;
        Ok(next.is_none_or(|record| match target {
            Target::Event(_) => false,
            Target::Time(until) => {
                record.in_order_at().is_some_and(|it| it > until)
            }
        }))
    }
}

/// Whether all that was folded comes before the place, with certainty.
fn is_before(folded: &Folded, target: Target) -> bool {
    match target {
        Target::Event(event) => folded.event() < event,
        Target::Time(until) => folded.at() <= until,
    }
}

/// Where one is going, and where the next place to remember is.
struct PendingSeek {
    target: Target,
    /// About how many events there are before it.
    event: u64,
    remember: Option<u64>,
    begun: bool,
}

impl Player {
    /// At the beginning.
    ///
    /// # Errors
    /// If the recording names what this program does not know.
    pub fn new(recording: &Recording) -> Result<Self, Error> {
        let folded = Folded::new(recording.header())?;
        Ok(Self {
            recording: recording.clone(),
            checkpoints: Arc::default(),
            reading: None,
            loop_call: folded.loop_call(),
            here: Walk::new(folded, 0, Arc::default()),
            at: Duration::ZERO,
            way: None,
            near: VecDeque::new(),
        })
    }

    /// Has a thread read the recording once, so that any place is near.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub fn read_ahead(&mut self) -> io::Result<()> {
        let (recording, checkpoints) =
            (self.recording.clone(), self.checkpoints.clone());
        let Ok(folded) = Folded::new(recording.header()) else { return Ok(()) };
        let reading = ReadAhead::start(recording, folded, checkpoints)?;
        self.reading = Some(reading);
        Ok(())
    }

    /// The recording.
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The first call of the mode's loop.
    pub const fn loop_call(&self) -> Kind {
        self.loop_call
    }

    /// How far it has been read ahead.
    pub fn read(&self) -> ReadProgress {
        self.checkpoints.read()
    }

    /// Where something worth telling came up, as far as it has been read
    /// ahead.
    pub fn marks(&self) -> Arc<Vec<Mark>> {
        self.checkpoints.marks()
    }

    /// Where it stands.
    pub const fn place(&self) -> Place {
        Place { event: self.here.folded.event(), at: self.at }
    }

    /// What there is to see there.
    pub fn view(&self) -> View {
        self.here.folded.view(self.at)
    }

    /// What was measured and who was held by then, and names.
    pub fn state(&self) -> State {
        self.here.folded.state(self.at)
    }

    /// The last entries about a socket, oldest first.
    pub fn history(&self, socket: SocketId) -> Vec<LogEntry> {
        self.here.folded.history(socket)
    }

    /// The beginning of what the socket's last read brought, if the
    /// recording has it.
    pub fn preview_of(&self, socket: SocketId) -> &[u8] {
        self.here.folded.preview_of(socket)
    }

    /// From now on it goes there; [`work`](Self::work) does.
    pub fn set_out(&mut self, target: Target) {
        let target = self.within(target);
        let event = match target {
            Target::Event(event) => event,
            Target::Time(time) => self.event_at(time),
        };
        let (remember, begun) = (None, false);
        self.way = Some(PendingSeek { target, event, remember, begun });
    }

    /// Whether it is on its way to somewhere.
    pub const fn is_on_its_way(&self) -> bool {
        self.way.is_some()
    }

    /// Continues on the way for about `budget`.
    ///
    /// # Errors
    /// If a block that is needed is damaged: it stays before that.
    pub fn work(&mut self, budget: Duration) -> Result<Progress, Error> {
        let Some(mut way) = self.way.take() else { return Ok(Progress::There) };
        if !way.begun {
            let Some(start) = self.start(&way) else {
                self.way = Some(way);
                return Ok(Progress::Waiting);
            };
            way.begun = true;
            way.remember = halfway(start.folded.event(), way.event);
            self.here = start;
        }
        let went = self.walk(&mut way, budget);
        self.at = self.here.folded.at();
        if went? {
            self.arrive(way.target);
            return Ok(Progress::There);
        }
        self.way = Some(way);
        Ok(Progress::OnTheWay)
    }

    /// Goes there at once, however long it takes.
    ///
    /// # Errors
    /// As [`work`](Self::work).
    pub fn go(&mut self, target: Target) -> Result<(), Error> {
        self.set_out(target);
        while self.work(Duration::MAX)? != Progress::There {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// A target that is not behind the end.
    fn within(&self, target: Target) -> Target {
        match target {
            Target::Event(event) => {
                Target::Event(event.min(self.recording.events()))
            }
            Target::Time(at) => Target::Time(at.min(self.recording.duration())),
        }
    }

    /// About how many events there are before a time.
    fn event_at(&self, time: Duration) -> u64 {
        let blocks = self.recording.blocks();
        let block = blocks.partition_point(|block| block.last < time);
        let block = blocks.get(block);
        block.map_or(self.recording.events(), |block| block.first_event)
    }

    /// The nearest place before that is known; `None` if a nearer one will
    /// be.
    fn start(&mut self, way: &PendingSeek) -> Option<Walk> {
        let mut best = self.here.is_before(way.target).then_some(&self.here);
        let near = self.near.iter().filter(|it| it.is_before(way.target));
        for walk in near {
            if best.is_none_or(|it| it.folded.event() < walk.folded.event()) {
                best = Some(walk);
            }
        }
        let known = best.map_or(0, |walk| walk.folded.event());
        let is_before = |folded: &Folded| is_before(folded, way.target);
        let checkpoint = self.checkpoints.last(is_before);
        let checkpoint = checkpoint.filter(|it| it.folded.event() > known);
        let from = checkpoint.as_ref().map_or(known, |it| it.folded.event());
        if way.event.saturating_sub(from) > FAR && self.will_be_read(way.event)
        {
            return None;
        }
        Some(match (checkpoint, best) {
            (Some(it), _) => {
                Walk::new(it.folded.clone(), it.block, Arc::default())
            }
            (None, Some(walk)) => walk.clone(),
            (None, None) => {
                Walk::new(self.here.folded.anew(), 0, Arc::default())
            }
        })
    }

    fn will_be_read(&self, event: u64) -> bool {
        let read = self.checkpoints.read();
        self.reading.is_some() && !read.is_done && read.event <= event
    }

    /// Tells whether it has arrived.
    fn walk(
        &mut self,
        way: &mut PendingSeek,
        budget: Duration,
    ) -> Result<bool, Error> {
        let begun = Instant::now();
        let mut steps = 0;
        while !self.here.is_there(way.target, &self.recording)? {
            self.here.step();
            if way.remember.is_some_and(|it| self.here.folded.event() >= it) {
                self.remember();
                way.remember = halfway(self.here.folded.event(), way.event);
            }
            steps += 1;
            if steps % LOOKED == 0 && begun.elapsed() >= budget {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn remember(&mut self) {
        if self.near.len() >= NEAR {
            self.near.pop_front();
        }
        self.near.push_back(self.here.clone());
    }

    fn arrive(&mut self, target: Target) {
        self.at = match target {
            Target::Event(_) => self.here.folded.at(),
            Target::Time(at) => at,
        };
    }
}

/// Halfway between two numbers of events, if that is worth it.
fn halfway(from: u64, to: u64) -> Option<u64> {
    let apart = to.saturating_sub(from) / 2;
    (apart >= APART).then_some(from + apart)
}
