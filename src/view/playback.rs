//! A recorded run on the screen: where it stands, what can be asked of it,
//! and ways through it.

use crate::probe::{SocketId, Stride};
use std::time::Duration;

/// Where a recorded run stands. Times count from the run's start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playback {
    /// What the recording is called: its file's name.
    pub name: String,
    /// The moment that is shown.
    pub at: Duration,
    /// The last moment of the recording.
    pub length: Duration,
    /// How many events are before the moment that is shown.
    pub event: u64,
    /// How many events there are.
    pub events: u64,
    /// How many events found no room when it was recorded.
    pub lost: u64,
    /// Which way it plays; `None` while it stands.
    pub plays: Option<Direction>,
    /// How fast it plays, or would: seconds of the run in a second.
    pub speed: f32,
    /// How many events there are in each of equal parts of its length.
    pub shape: Vec<u64>,
    /// When findings began, in order.
    pub marks: Vec<Duration>,
    /// Up to which moment it has been read: places before it are reached at
    /// once, and their marks are known.
    pub read: Duration,
    /// What is being looked for, and how far: `looking for "reset": 34 %`.
    pub busy: Option<String>,
    /// How the last jump or search went, if not as asked.
    pub said: Option<String>,
    /// Where and why it ends, if that is before its run did.
    pub ends: Option<String>,
}

/// A command to the time of a run. All concern the playback of a recorded
/// run; the pace and single steps forwards concern a live one, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seek {
    /// Play, or stand still; pause the live program, or let it go on.
    PlayOrPause,
    /// Play the other way.
    Reverse,
    /// Half as fast.
    Slower,
    /// Twice as fast.
    Faster,
    /// One step; it stands still from then on.
    Step(Stride, Direction),
    /// To the beginning.
    Start,
    /// To the end.
    End,
    /// To this moment.
    To(Duration),
    /// To this part of its length, from 0 to 1.
    ToPart(f32),
    /// To where this number of events precedes the moment that is shown.
    ToEvent(u64),
    /// Forward by this fraction of its length, from -1 to 1.
    By(f32),
    /// To the next event of this socket.
    OfSocket(SocketId, Direction),
    /// To where the next finding began.
    Finding(Direction),
    /// Look no further.
    GiveUp,
}

/// Which way one goes in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// As time went.
    #[default]
    Forwards,
    /// Against it.
    Backwards,
}

impl Direction {
    /// The other one.
    pub const fn turned(self) -> Self {
        match self {
            Self::Forwards => Self::Backwards,
            Self::Backwards => Self::Forwards,
        }
    }
}
