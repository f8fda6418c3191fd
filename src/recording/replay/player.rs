//! Moves to places in a recorded run.

use super::checkpoints::{Checkpoints, ReadAhead, ReadProgress};
use crate::probe::SocketId;
use crate::recording::{Error, Recording};
use crate::view::{Follower, Observation, Scene, View};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Beyond this distance in events, wait for the read-ahead thread's next
/// checkpoint instead of replaying here.
const FAR: u64 = 100_000;

/// How many records are replayed between two readings of the clock.
const LOOKED: u32 = 64;

/// How many places on the way to the last one are remembered: a user who goes
/// back is likely to do so again.
const NEAR: usize = 12;

/// The least distance in events between two places that are remembered.
const APART: u64 = 64;

/// A place to move to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The place just after this number of events.
    Event(u64),
    /// The place after all records up to a time.
    Time(Duration),
}

/// A place in a recorded run, ordered by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The moment that is shown.
    pub at: Duration,
    /// How many events are before it.
    pub event: u64,
}

/// How far a player is from its target, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// It is at its target, or has none.
    There,
    /// It has not arrived within its time: work again.
    OnTheWay,
    /// It waits until the recording is read ahead near its target.
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

/// A place between two records, and the state there.
#[derive(Clone)]
pub(super) struct Walk {
    pub(super) follower: Follower,
    /// The block that is read next.
    block: usize,
    /// The records of the block before, of which those from `next` on are left.
    records: Arc<Vec<Observation>>,
    next: usize,
    /// Whether the last record taken, if any, was an event.
    is_just_behind: bool,
}

impl Walk {
    /// The place before this block.
    pub(super) fn new(follower: Follower, block: usize) -> Self {
        let (records, is_just_behind) = (Arc::default(), block == 0);
        Self { follower, block, records, next: 0, is_just_behind }
    }

    /// Whether the target can be reached from here: all records taken are
    /// certain to come before it.
    pub(super) fn is_before(&self, target: Target) -> bool {
        let here = &self.follower;
        match target {
            Target::Event(event) => {
                here.event < event || here.event == event && self.is_just_behind
            }
            Target::Time(until) => here.at <= until,
        }
    }

    /// Takes the next record unless this is the target; returns whether it is.
    fn arrives(
        &mut self,
        target: Target,
        recording: &Recording,
    ) -> Result<bool, Error> {
        if let Target::Event(event) = target
            && self.follower.event >= event
        {
            return Ok(true);
        }
        while self.next >= self.records.len() {
            if self.block >= recording.blocks().len() {
                return Ok(true);
            }
            self.records = Arc::new(recording.block(self.block)?);
            self.block += 1;
            self.next = 0;
        }
        let record = &self.records[self.next];
        if let (Target::Time(until), Some(at)) = (target, record.in_order_at())
            && at > until
        {
            return Ok(true);
        }
        self.follower.take(record);
        self.is_just_behind = record.event().is_some();
        self.next += 1;
        Ok(false)
    }
}

/// A target, and the event at which the next place is remembered.
struct PendingSeek {
    target: Target,
    /// About how many events there are before it.
    event: u64,
    remember: Option<u64>,
    begun: bool,
}

impl Player {
    /// A player at the beginning of a recording.
    pub fn new(recording: &Recording) -> Self {
        let follower = Follower::new(recording.header().settings);
        Self {
            recording: recording.clone(),
            checkpoints: Arc::default(),
            reading: None,
            here: Walk::new(follower, 0),
            at: Duration::ZERO,
            way: None,
            near: VecDeque::new(),
        }
    }

    /// Starts a thread that reads the recording once and keeps checkpoints.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn read_ahead(&mut self) -> io::Result<()> {
        let (recording, checkpoints) =
            (self.recording.clone(), self.checkpoints.clone());
        self.reading = Some(ReadAhead::start(recording, checkpoints)?);
        Ok(())
    }

    pub const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// How far the recording has been read ahead.
    pub fn read(&self) -> ReadProgress {
        self.checkpoints.read()
    }

    /// The current place.
    pub const fn place(&self) -> Place {
        Place { event: self.here.follower.event, at: self.at }
    }

    /// The state at the current place.
    pub fn here(&self) -> Follower {
        self.here.follower.later(self.at)
    }

    /// The view of the current place.
    pub fn view(&self) -> View {
        self.here().view(self.at)
    }

    /// Puts the current place into a scene, with all that is known of the
    /// socket whose detail is open.
    pub fn show(&self, scene: &mut Scene, detail: Option<SocketId>) {
        self.here().show(scene, self.at, detail);
    }

    /// Sets the target, or the end of the recording if that comes before;
    /// [`work`](Self::work) moves the player there.
    pub fn set_out(&mut self, target: Target) {
        let (recording, blocks) = (&self.recording, self.recording.blocks());
        let (target, event) = match target {
            Target::Event(event) => {
                let event = event.min(recording.events());
                (Target::Event(event), event)
            }
            Target::Time(at) => {
                let at = at.min(recording.duration());
                let block = blocks.partition_point(|block| block.last < at);
                let block = blocks.get(block);
                let event = block.map(|block| block.first_event);
                (Target::Time(at), event.unwrap_or(recording.events()))
            }
        };
        let (remember, begun) = (None, false);
        self.way = Some(PendingSeek { target, event, remember, begun });
    }

    /// Whether it has a target that it has not reached.
    pub const fn is_on_its_way(&self) -> bool {
        self.way.is_some()
    }

    /// Moves towards the target for about `budget`.
    ///
    /// # Errors
    /// If a block that is needed is damaged: the player stops before it.
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
        if !went? {
            self.way = Some(way);
            return Ok(Progress::OnTheWay);
        }
        if let Target::Time(at) = way.target {
            self.at = at;
        }
        Ok(Progress::There)
    }

    /// Moves to a target, however long that takes.
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

    /// The nearest known place before the target; `None` if the thread that
    /// reads ahead will have a nearer one.
    fn start(&self, way: &PendingSeek) -> Option<Walk> {
        let is_before = |it: &Walk| it.is_before(way.target);
        let checkpoint = self.checkpoints.last(is_before);
        let known = checkpoint.iter().map(|it| &**it).chain(&self.near);
        let known = known.chain([&self.here]).filter(|it| is_before(it));
        let nearest = known.max_by_key(|it| it.follower.event);
        let from = nearest.map_or(0, |it| it.follower.event);
        let read = self.read();
        let will_be_read =
            self.reading.is_some() && !read.is_done && read.event <= way.event;
        if way.event.saturating_sub(from) > FAR && will_be_read {
            return None;
        }
        Some(nearest.cloned().unwrap_or_else(|| {
            let settings = self.here.follower.scope.settings;
            Walk::new(Follower::new(settings), 0)
        }))
    }

    /// Returns whether it has arrived.
    fn walk(
        &mut self,
        way: &mut PendingSeek,
        budget: Duration,
    ) -> Result<bool, Error> {
        let begun = Instant::now();
        let mut steps = 0;
        while !self.here.arrives(way.target, &self.recording)? {
            let event = self.here.follower.event;
            if way.remember.is_some_and(|it| event >= it) {
                if self.near.len() >= NEAR {
                    self.near.pop_front();
                }
                self.near.push_back(self.here.clone());
                way.remember = halfway(event, way.event);
            }
            steps += 1;
            if steps % LOOKED == 0 && begun.elapsed() >= budget {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Halfway between two events, if that is at least [`APART`] events on.
fn halfway(from: u64, to: u64) -> Option<u64> {
    let apart = to.saturating_sub(from) / 2;
    (apart >= APART).then_some(from + apart)
}
