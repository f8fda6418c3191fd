//! sockscope, an oscilloscope for sockets: one TCP echo workload under
//! different ways of waiting, with every call visible.
//!
//! # Where to begin
//!
//! Read [`modes`] first: five short files, one a way of waiting, alike but
//! for the waiting. Then, in this order, what they stand on and what stands
//! on them:
//!
//! | layer | what it does |
//! | --- | --- |
//! | [`probe`] | observes every call: counters, a stream of events |
//! | [`net`] | sockets that report every call; framing, limits, stopping |
//! | [`modes`] | **the textbook**: `serial`, `blocking`, `nonblocking`, `selector`, `tasks` |
//! | [`event_loop`] | what `tasks` runs on: an event loop in five named steps |
//! | [`load`] | the clients: what they say, when, and how long echoes take |
//! | [`scenario`] | files that say what clients do and what must come out |
//! | [`view`] | events and counters folded into what can be shown |
//! | [`run`] | one run or several at once, and what came of them |
//! | [`measure`] | servers measured alone, again and again, without a probe |
//! | [`recording`] | a run as a file, and the file as a run again |
//! | [`export`] | a recording in, something else out; one file a format |
//! | [`report`] | a result in, text out; one file a format |
//! | [`tui`] | the live screen: values in, a frame out |
//! | [`commands`] | one file or folder a command; wires the rest together |
//!
//! Beside them are [`system`] (what differs by operating system), [`units`] (sizes and times as people write them) and
//! [`error`]. Who may use whom is checked by `tests/tidy`.

pub mod commands;
pub mod error;
pub mod event_loop;
pub mod export;
pub mod load;
pub mod measure;
pub mod modes;
pub mod net;
pub mod probe;
pub mod recording;
pub mod report;
pub mod run;
pub mod scenario;
pub mod system;
pub mod text;
pub mod tui;
pub mod units;
pub mod view;

#[cfg(test)]
extern crate self as sockscope;
#[cfg(test)]
#[path = "../tests/support/any_event.rs"]
mod any_event;
