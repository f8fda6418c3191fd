//! Who is told what goes into a recording while it is made.

use super::counters::Counted;
use crate::probe::Event;

/// What a recorder tells a [`Listener`].
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// The next event.
    Event(&'a Event),
    /// The next counters.
    Counted(&'a Counted),
    /// That is all for now.
    Rest,
    /// That is all.
    End {
        /// How many events have found no room.
        lost: u64,
    },
}

/// Is told the events and the counters of a recording in their order, in the
/// recorder's thread, which waits for it. Where the file cannot be written
/// any more it is told what would have gone into it.
pub type Listener = Box<dyn FnMut(Heard) + Send>;
