//! Sockets that report every call.

mod settings;

pub use settings::{Framing, Settings};
