//! sockscope, an oscilloscope for sockets.

pub mod load;
pub mod model;
pub mod modes;
pub mod net;
pub mod probe;
pub mod report;
