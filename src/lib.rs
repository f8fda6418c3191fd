//! sockscope, an oscilloscope for sockets.

pub mod load;
pub mod modes;
pub mod net;
pub mod probe;
pub mod system;
