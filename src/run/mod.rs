//! One run or several at once: a server, the clients of its scenario, and the
//! report of the results.

pub mod comparison;
pub mod conditions;
mod conductor;
pub mod engine;
pub mod meters;
pub mod report;
pub mod session;
pub mod setup;
pub mod watch;
