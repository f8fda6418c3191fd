//! The terminal user interface, for one run or several, live or recorded: data
//! in, a frame out.
//!
//! State, update and drawing are separate. [`Screen`] is the state; `update`
//! takes one [`Message`] and returns [`Effect`]s for the programs; [`draw`]
//! takes a [`Picture`] and changes nothing. [`keys`] is a table, from which the
//! footer and the help are made, too; [`ScreenSettings`] are the user's. A [`Stage`] supplies pictures and carries
//! out effects: live runs, or [`Players`] for recordings. [`Display`] connects
//! all of this to a real terminal.

mod columns;
mod context;
mod display;
mod frame;
mod glyphs;
mod keymap;
pub mod keys;
mod layout;
mod look;
mod paint;
mod panes;
mod players;
mod refusals;
mod screen;
mod settings;
mod stage;
pub mod terminal;
mod update;

pub use display::{Display, show_recorded};
pub use frame::{draw, draw_into};
pub use glyphs::Glyphs;
pub use keymap::KeyMap;
pub use keys::Message;
pub use layout::NEEDED;
pub use look::{Depth, Look, Theme};
pub use players::Players;
pub use screen::{Dialog, Pane, Purpose, Screen, TrackState};
pub use settings::{ScreenSettings, usual_settings};
pub use stage::{
    Change, Effect, Picture, Stage, Target, TrackPhase, TrackScene,
};
pub use update::update;
