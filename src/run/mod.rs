//! One run or several at once: a server, the clients of its scenario, and
//! what came of it.

pub mod comparison;
mod conductor;
pub mod engine;
pub mod meters;
pub mod outcome;
pub mod place;
pub mod session;
pub mod setup;
pub mod watch;
