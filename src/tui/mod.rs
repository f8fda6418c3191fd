//! The screen, of one run or of several, live or recorded: values in, a frame
//! out.
//!
//! State, update and drawing are apart. [`Screen`] is what the screen
//! remembers; [`update`] takes one [`Message`] and says as [`Effect`]s what
//! the programs are asked to do; [`draw`] takes a [`Picture`] and changes
//! nothing. [`keys`] are data, from which the footer and the help are made as
//! well. A [`Stage`] makes pictures and obeys effects: live runs, or
//! [`Players`] of recordings. [`Display`] joins all of it on a real terminal.

mod columns;
mod context;
mod display;
mod frame;
mod glyphs;
pub mod keys;
mod layout;
mod look;
mod paint;
mod panes;
mod players;
mod refusals;
mod screen;
mod stage;
pub mod terminal;
mod update;

pub use display::{Display, show_recorded};
pub use frame::{draw, draw_into};
pub use glyphs::Glyphs;
pub use keys::Message;
pub use layout::NEEDED;
pub use look::{Depth, Look, Theme};
pub use players::Players;
pub use screen::{Dialog, Pane, Purpose, Screen, TrackState};
pub use stage::{
    Change, Effect, Picture, Stage, Target, TrackPhase, TrackScene,
};
pub use update::update;
