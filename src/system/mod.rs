//! What differs by operating system, a concern a file: CPU clocks,
//! descriptor limits, a listener's backlog, signals, and what machine this
//! is. Where a system
//! cannot give a figure it is absent, never zero.

pub mod backlog;
pub mod descriptors;
pub mod ledger;
pub mod machine;
pub mod signals;
pub mod usage;
