//! Goes from place to place in a recorded run.

use super::checkpoints::{Checkpoints, ReadProgress};
use super::reading::ReadAhead;
use crate::probe::SocketId;
use crate::recording::{Error, Recording};
use crate::view::{Follower, Mark, Observation, Scene, View};
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

/// A place in a recorded run, ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The moment that is shown.
    pub at: Duration,
    /// How many events are before it.
    pub event: u64,
}

/// How far one has come: the later, the farther from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    here: Walk,
    at: Duration,
    way: Option<PendingSeek>,
    near: VecDeque<Walk>,
}

/// A place on the way.
#[derive(Clone)]
struct Walk {
    follower: Follower,
    /// The block that is read next.
    block: usize,
    /// What is left of the block before begins there.
    records: Arc<Vec<Observation>>,
    next: usize,
    /// Nothing has been taken since the last event.
    is_just_behind: bool,
}

impl Walk {
    const fn new(
        follower: Follower,
        block: usize,
        records: Arc<Vec<Observation>>,
    ) -> Self {
        Self { follower, block, records, next: 0, is_just_behind: block == 0 }
    }

    fn peek(
        &mut self,
        recording: &Recording,
    ) -> Result<Option<&Observation>, Error> {
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
            self.follower.take(record);
            self.is_just_behind = record.event().is_some();
            self.next += 1;
        }
    }

    /// Whether one can go on from here to there.
    fn is_before(&self, target: Target) -> bool {
        is_before(&self.follower, target)
            || self.is_just_behind
                && target == Target::Event(self.follower.event)
    }

    /// Whether this is the place.
    fn is_there(
        &mut self,
        target: Target,
        recording: &Recording,
    ) -> Result<bool, Error> {
        if let Target::Event(event) = target
            && self.follower.event >= event
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

/// Whether all that was taken comes before the place, with certainty.
fn is_before(follower: &Follower, target: Target) -> bool {
    match target {
        Target::Event(event) => follower.event < event,
        Target::Time(until) => follower.at <= until,
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
    pub fn new(recording: &Recording) -> Self {
        let follower = Follower::new(recording.header().settings);
        Self {
            recording: recording.clone(),
            checkpoints: Arc::default(),
            reading: None,
            here: Walk::new(follower, 0, Arc::default()),
            at: Duration::ZERO,
            way: None,
            near: VecDeque::new(),
        }
    }

    /// Has a thread read the recording once, so that any place is near.
    ///
    /// # Errors
    /// If there is no thread to be had.
    pub fn read_ahead(&mut self) -> io::Result<()> {
        let (recording, checkpoints) =
            (self.recording.clone(), self.checkpoints.clone());
        let follower = Follower::new(recording.header().settings);
        let reading = ReadAhead::start(recording, follower, checkpoints)?;
        self.reading = Some(reading);
        Ok(())
    }

    /// The recording.
    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// How far it has been read ahead.
    pub fn read(&self) -> ReadProgress {
        self.checkpoints.read()
    }

    /// Where findings began, as far as it has been read ahead.
    pub fn marks(&self) -> Arc<Vec<Mark>> {
        self.checkpoints.marks()
    }

    /// Where it stands.
    pub const fn place(&self) -> Place {
        Place { event: self.here.follower.event, at: self.at }
    }

    /// All that is known there.
    pub fn here(&self) -> Follower {
        self.here.follower.later(self.at)
    }

    /// What there is to see there.
    pub fn view(&self) -> View {
        self.here().view(self.at)
    }

    /// Has a scene show this place, and all that is known of the socket whose
    /// detail is open.
    pub fn show(&self, scene: &mut Scene, detail: Option<SocketId>) {
        self.here().show(scene, self.at, detail);
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
            way.remember = halfway(start.follower.event, way.event);
            self.here = start;
        }
        let went = self.walk(&mut way, budget);
        self.at = self.here.follower.at;
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
            if best.is_none_or(|it| it.follower.event < walk.follower.event) {
                best = Some(walk);
            }
        }
        let known = best.map_or(0, |walk| walk.follower.event);
        let is_before = |follower: &Follower| is_before(follower, way.target);
        let checkpoint = self.checkpoints.last(is_before);
        let checkpoint = checkpoint.filter(|it| it.follower.event > known);
        let from = checkpoint.as_ref().map_or(known, |it| it.follower.event);
        if way.event.saturating_sub(from) > FAR && self.will_be_read(way.event)
        {
            return None;
        }
        Some(match (checkpoint, best) {
            (Some(it), _) => {
                Walk::new(it.follower.clone(), it.block, Arc::default())
            }
            (None, Some(walk)) => walk.clone(),
            (None, None) => {
                let settings = *self.here.follower.settings();
                Walk::new(Follower::new(settings), 0, Arc::default())
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
            if way.remember.is_some_and(|it| self.here.follower.event >= it) {
                self.remember();
                way.remember = halfway(self.here.follower.event, way.event);
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
            Target::Event(_) => self.here.follower.at,
            Target::Time(at) => at,
        };
    }
}

/// Halfway between two numbers of events, if that is worth it.
fn halfway(from: u64, to: u64) -> Option<u64> {
    let apart = to.saturating_sub(from) / 2;
    (apart >= APART).then_some(from + apart)
}
