//! sockscope, an oscilloscope for sockets: one TCP echo workload under
//! different ways of waiting, with every call visible.
//!
//! # Where to begin
//!
//! Read [`modes`] first: five short files, one a way of waiting, alike but
//! for the waiting. Then, in this order, what they stand on and what stands
//! on them. Each module uses those above it in this list and none below;
//! `tests/tidy` checks that.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`guide`] | what `sockscope help TOPIC` prints: the manual, a page a topic |
//! | [`text`], [`error`], [`units`], [`system`] | cleaned text; errors; sizes and times; what differs by operating system |
//! | [`probe`] | observes every call: counters, a stream of events, a gate |
//! | [`net`] | sockets that report every call; framing, limits, stopping |
//! | [`event_loop`] | what `tasks` runs on: an event loop in five named steps |
//! | [`modes`] | **the textbook**: `serial`, `blocking`, `nonblocking`, `selector`, `tasks` |
//! | [`load`] | the clients: what they say, when, and how long echoes take |
//! | [`scenario`] | files that say what clients do and what must come out |
//! | [`view`] | observations folded into what can be shown: sockets, lanes, log, findings |
//! | [`run`] | one run or several at once, and what came of them |
//! | [`recording`] | a run as a file, and the file as a run again |
//! | [`measure`] | servers measured alone, again and again, without a probe |
//! | [`report`] | a result as a document, for the terminal or as Markdown |
//! | [`tui`] | the screen: values in, a frame out |
//! | [`export`] | a recording in, something else out; one file a format |
//! | [`commands`] | arguments, and one file or folder a command; wires the rest together |
//!
//! # Where a change belongs
//!
//! | change | where |
//! | --- | --- |
//! | a mode | a file in `modes`, its facts in `modes/mod.rs`, its command in `commands/mod.rs` |
//! | a finding | a check in the list of `view/findings/mod.rs`, its advice in `view/findings/advice.toml` |
//! | a column of the sockets | an entry of `COLUMNS` in `tui/panes/sockets.rs` |
//! | a form of export | a file in `export`, named in `export/mod.rs` and `commands/export.rs` |
//! | an option of the server | a field in `net/options.rs`, and the code that it controls |
//! | a setting of how it looks | a field in `tui/settings.rs`, a row in `guide/settings.md` |
//! | a key | a row of `KEYS` and a name in `ACTIONS` in `tui/keys.rs`; the guides `screen` or `recordings`, and `settings` |
//! | a text of the guide | a file in `guide`, named in `guide/mod.rs` |
//! | a figure in the report | a field in `run/report/mod.rs`, filled in `run/report/build.rs`, shown by `report/run.rs` |
//!
//! Snapshots and JSON schemas in `tests` follow: the test that fails says
//! which file to look at.
//!
//! # What is promised
//!
//! [`probe`], [`net`], [`event_loop`] and [`modes`] are written to be read, and
//! may be used: their public items are documented, and a change that breaks
//! code that uses them comes with a new minor version before 1.0, and a new
//! major version from then on.
//!
//! [`guide`] is the manual. All other modules belong to the program. They are
//! public for the tests and benchmarks alone, hidden from this documentation,
//! and may change in any release. What the program reads and writes has
//! versions of its own: a recording has its format's, a JSON document its
//! `schema_version`.

pub mod event_loop;
pub mod guide;
pub mod modes;
pub mod net;
pub mod probe;

#[doc(hidden)]
pub mod commands;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod export;
#[doc(hidden)]
pub mod load;
#[doc(hidden)]
pub mod measure;
#[doc(hidden)]
pub mod recording;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod scenario;
#[doc(hidden)]
pub mod system;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod tui;
#[doc(hidden)]
pub mod units;
#[doc(hidden)]
pub mod view;

#[cfg(test)]
extern crate self as sockscope;
#[cfg(test)]
#[path = "../tests/support/any_event.rs"]
mod any_event;
