//! A recorded run on the screen: the position in it, and the commands that
//! change the position.

use crate::probe::{PhaseMark, SocketId, Stride};
use itertools::Itertools as _;
use std::time::Duration;

/// The position in a recorded run. Times count from the run's start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Playback {
    /// The name of the recording's file, or how many recordings there are.
    pub name: String,
    /// The moment that is shown.
    pub at: Duration,
    /// The last moment of the recording.
    pub length: Duration,
    /// How many events are before the moment that is shown.
    pub event: u64,
    /// How many events there are.
    pub events: u64,
    /// How many events were lost while it was recorded.
    pub lost: u64,
    /// The direction in which it plays; `None` while it is paused.
    pub plays: Option<Direction>,
    /// The speed of playing: seconds of the run per second.
    pub speed: f32,
    /// About how many events there are in each of equal parts of its length.
    pub shape: Vec<u64>,
    /// When findings began, in order.
    pub marks: Vec<Duration>,
    /// When the server entered the phases of its stop, in order.
    pub phases: Vec<PhaseMark>,
    /// Up to which moment it has been read: places before it are reached at
    /// once, and their marks and phases are known.
    pub read: Duration,
    /// The search that goes on, and how far it is: `looking for "reset": 34 %`.
    pub busy: Option<String>,
    /// Why the last jump or search failed; `None` if it did not.
    pub said: Option<String>,
    /// Where and why the recording ends, if it ends before its run did.
    pub ends: Option<String>,
}

impl Playback {
    /// The playback of recordings that are shown together, from that of each:
    /// one alone as it is, of several the sums.
    pub fn of_all<'a>(each: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let mut rest = each.clone();
        let Some(first) = rest.next() else { return Self::default() };
        let mut all = first.clone();
        for own in rest {
            all.event += own.event;
            all.events += own.events;
            all.lost += own.lost;
            all.read = all.read.min(own.read);
            let parts = all.shape.iter_mut().zip(&own.shape);
            parts.for_each(|(sum, own)| *sum += own);
        }
        let count = each.clone().count();
        if count > 1 {
            all.name = format!("{count} recordings");
            all.marks =
                each.flat_map(|it| &it.marks).copied().sorted().collect();
            (all.phases, all.ends) = (Vec::new(), None);
        }
        all
    }
}

/// A command that moves through the time of a run. All apply to a recorded run;
/// pausing, the speed and single steps forwards also to a live one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seek {
    /// Start or stop playing; pause or resume a live program.
    PlayOrPause,
    /// Play in the other direction; backwards from a standstill.
    Reverse,
    /// Half as fast; a live program, the next slower speed.
    Slower,
    /// Twice as fast; a live program, the next faster speed.
    Faster,
    /// Go one step, and stand still from then on.
    Step(Stride, Direction),
    Start,
    End,
    /// To this time from the start of the run.
    To(Duration),
    /// To this part of its length, from 0 to 1.
    ToPart(f32),
    /// To the place where this number of events has happened.
    ToEvent(u64),
    /// By this fraction of its length, from -1 to 1; backwards below 0.
    By(f32),
    /// To the next event of this socket in this direction.
    OfSocket(SocketId, Direction),
    /// To where the next finding in this direction began.
    Finding(Direction),
    /// Cancel the search.
    GiveUp,
}

/// A direction in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    Forwards,
    Backwards,
}

impl Direction {
    /// The opposite direction.
    pub const fn turned(self) -> Self {
        match self {
            Self::Forwards => Self::Backwards,
            Self::Backwards => Self::Forwards,
        }
    }
}
