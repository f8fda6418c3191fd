//! The clients: pacing, conversation, latency. Never instrumented.

mod script;

pub use script::{Group, Pacing, Payload, Reading, Step, Until};
