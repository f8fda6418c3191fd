//! Replays a recording: what a screen shows at any moment of the run.
//!
//! A [`Follower`](crate::view::Follower) takes records as it takes those of a
//! live run, and depends on nothing but the records before its place. So a
//! place looks the same however it is reached. A [`Player`] moves to places: a
//! thread of its own reads the recording once and keeps
//! [checkpoints](Checkpoints), and the player continues from the nearest.
//!
//! ```text
//! records   r r r r r r r r r r r r r r r r r r r r r r r
//! events    0 1   2 3 4   5     6 7 8 9 ...
//! follower  |------------ checkpoint -------->|      what is left to take
//! ```

mod checkpoints;
mod player;
mod search;

pub use checkpoints::{Checkpoints, ReadProgress};
pub use player::{Place, Player, Progress, Target};
pub use search::{Search, Sought, ends, of_socket};
