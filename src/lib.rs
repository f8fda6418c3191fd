//! sockscope, an oscilloscope for sockets.

pub mod load;
pub mod modes;
pub mod net;
pub mod scenario;
pub mod units;
