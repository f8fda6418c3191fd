//! The screen, live or of a recorded run: values in, a frame out.
//!
//! State, update and drawing are apart. [`App`] is what the screen remembers;
//! [`update`] takes one [`Message`] and says as [`Effect`]s what the program
//! is asked to do; [`draw`] takes a [`Scene`] and changes nothing. Keys are
//! data ([`keys`]), from which the footer and the help are made as well.
//! [`terminal`] is all that touches a real terminal, [`Pacer`] says when a
//! frame is due. A recorded run has the same panes, with keys of its own and
//! a bar ([`Playback`]); what is asked of it is a [`Seek`].

mod app;
pub mod compare;
mod frame;
mod glyphs;
pub mod keys;
mod layout;
mod look;
mod pacer;
mod panes;
mod prompt;
pub mod terminal;
mod theme;
mod travel;
mod unheard;
mod update;
mod words;

pub use crate::view::{
    Control, EchoTimes, Facts, HandClient, HandId, HandState, Measured, Scene,
};
pub use crate::view::{Playback, Seek};
pub use app::{App, Arrangement, Dialog, Pane, Scroll, Sockets, Sort, Source};
pub use frame::{draw, draw_into};
pub use glyphs::Glyphs;
pub use keys::Message;
pub use layout::NEEDED;
pub use look::Look;
pub use pacer::{Change, Pacer};
pub use prompt::{Prompt, Purpose};
pub use theme::{Depth, Role, Theme};
pub use update::{Effect, update};
