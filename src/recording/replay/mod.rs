//! A recording as a run again: what a screen shows at any of its moments.
//!
//! A [`Follower`](crate::view::Follower) folds records as it folds a live
//! run, and depends on nothing but the records before its place. So a place
//! looks the same however one gets there. A [`Player`] goes to places: a thread
//! of its own reads the recording once and leaves [checkpoints](Checkpoints),
//! from the nearest of which it goes on.
//!
//! ```text
//! records   r r r r r r r r r r r r r r r r r r r r r r r
//! events    0 1   2 3 4   5     6 7 8 9 ...
//! follower  |------------ checkpoint -------->|      what is left to fold
//! ```

mod checkpoints;
mod player;
mod search;

pub use checkpoints::{Checkpoints, ReadProgress};
pub use player::{Place, Player, Progress, Target};
pub use search::{Search, Sought, ends, of_socket};
