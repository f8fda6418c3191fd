//! Scenarios: what clients do, the server's options, what to watch, and the
//! results that are expected in each mode.
//!
//! A scenario is a TOML file. `sockscope scenario list` names the built-in
//! ones, `sockscope scenario show NAME` prints one to begin from, and
//! `sockscope schema scenario` prints a JSON Schema with which an editor
//! completes and checks while you type.
//!
//! # An example
//!
//! ```toml
//! title = "One client is silent, another talks: who waits for whom?"
//! watch = ["In `serial` the talker connects at once and hears nothing."]
//! time-limit = "10 s"
//!
//! [server]
//! framing = "lines"
//!
//! [[clients]]
//! name = "silent"
//! steps = ["connect", { pause = "2 s" }]
//!
//! [[clients]]
//! name = "talker"
//! start = "200 ms"
//! steps = [
//!     "connect",
//!     { repeat = { times = 4, steps = [
//!         { say = "hello\n" },
//!         "await-echo",
//!         { pause = "200 ms" },
//!     ] } },
//! ]
//!
//! [[expect]]
//! says = "the talker is answered while the silent client stays"
//! modes = ["blocking", "nonblocking", "selector", "tasks"]
//! clients = "talker"
//! figure = "echo-time-max"
//! at-most = "1 s"
//! ```
//!
//! # What may be written
//!
//! Times have a unit (`"200 ms"`, `"1.5 s"`); sizes may have one (`"64 KiB"`,
//! `"64 MB"`, `512`). A name that is not known is an error.
//!
//! * `title`: one sentence. `watch`: sentences. `time-limit`: clients still
//!   busy then are cut off and counted as `ended-timed-out`; 30 s by
//!   default. `modes`: the modes that the scenario makes sense in. `errors`:
//!   how errors in handlers may be handled, of `"handled"`, `"dropped"`
//!   and `"kept"`; each has a run of its own in each mode that has handles,
//!   and in `serial`, where an error that is not handled ends the server.
//! * `[server]`: `framing` (`"bytes"` or `"lines"`), `boom`, `errors` (one
//!   of those above), `recv-size`, `backlog`, `max-connections`,
//!   `buffer-limit`, `sndbuf`, `rcvbuf`, `idle-timeout`, `grace`,
//!   `descriptors`; for `tasks`, `yield` (a number of calls or `"never"`)
//!   and `shutdown` (`"shared"` or `"sequential"`). The command line wins.
//! * `[[clients]]`: a group of `count` clients with a `name`. The first
//!   starts at `start`, the others `stagger` apart. Each does its `steps`,
//!   then closes:
//!   * `"connect"`, once, after a pause or a way of reading at most;
//!   * `{ say = "hello\n" }` and `{ send = "1 MiB" }` queue a message and do
//!     not wait; `{ say-in-pieces = { pieces = ["tes", "ting\n"],
//!     gap = "100 ms" } }` is one message with pauses in it;
//!   * `"await-echo"` waits until everything said has come back, and
//!     `"await-end"` until the server ends the connection;
//!   * `{ pause = "1 s" }` does nothing but read and compare;
//!   * `{ repeat = { times = 5, steps = [...] } }`, or `for = "2 s"` in place
//!     of `times`. This is a closed loop: a turn begins when the one before
//!     is done. With `every = "10 ms"` it is an open loop: turns are due at
//!     that interval, and echo times count from when they were due;
//!   * `{ reading = "stopped" }`, `"eager"`, or slowly:
//!     `{ bytes = "1 KiB", every = "10 ms" }`;
//!   * `"half-close"`, `"close"`, `"reset"`.
//! * `[[signals]]`: `signal` (`"TERM"` or `"INT"`) to the server, `at` a time.
//! * `[[expect]]`: what it means (`says`), the `modes` and the `errors` that
//!   it is about, a `figure` with `at-least` and `at-most` or with `equals`.
//!   With `clients` it is a [figure of that group](ClientFigure), else a
//!   [figure of the server](ServerFigure). If a mode cannot meet an
//!   expectation, another one states what happens in that mode instead: the
//!   starvation of clients is shown, not hidden.
//!
//! # From a file to a run
//!
//! `file` accepts any TOML that has the right form; `validate` turns it into a
//! [`Plan`] or reports an error, which `text::diagnostic` shows. [`check`]
//! compares the figures of a run with what was expected.

mod expect;
mod file;
mod plan;
mod validate;

use crate::error::{Error, cause_in_words, shown};
use crate::system::pipe::read_text;
use crate::text::clean;
use crate::text::diagnostic::{TomlFault, nearest};
use std::io::{self, BufRead, Write};
use std::path::Path;

pub use expect::{
    ClientFigure, ExpectationCheck, ExpectedFigure, FigureUnit, ServerFigure,
    check,
};
pub use file::schema;
pub use plan::{Expectation, FigureBounds, Plan, TimedSignal};

/// The largest scenario file that is read, in bytes.
pub const LARGEST_FILE: u64 = 1 << 20;

/// A scenario that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// Its name on the command line.
    pub name: &'static str,
    /// The text of its file in `scenarios/`.
    pub source: &'static str,
}

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        &[$(Builtin {
            name: $name,
            source: include_str!(
                concat!("../../scenarios/", $name, ".toml")
            ),
        }),*]
    };
}

const BUILTIN: &[Builtin] = builtin![
    "two-clients",
    "many-clients",
    "two-bytes-at-a-time",
    "two-lines-at-once",
    "split-line",
    "slow-reader",
    "half-close",
    "reset",
    "idle-crowd",
    "big-crowd",
    "flood-and-trickle",
    "starvation",
    "boom",
    "goodbye",
    "one-by-one",
];

/// The built-in scenarios, in the order in which to study them.
pub const fn builtin() -> &'static [Builtin] {
    BUILTIN
}

/// The text of the file of a built-in scenario.
pub fn source(name: &str) -> Option<&'static str> {
    let named = |it: &&Builtin| it.name == name;
    BUILTIN.iter().find(named).map(|it| it.source)
}

/// The file that [`load`] reads; `None` for a built-in scenario.
pub fn file(name_or_path: &str) -> Option<&Path> {
    source(name_or_path).is_none().then(|| Path::new(name_or_path))
}

/// The plan of a built-in scenario or, where none has that name, of a file.
/// `./boom` is a file even where `boom` is built in.
///
/// # Errors
/// When there is no such scenario, or when it is not valid.
pub fn load(name_or_path: &str) -> Result<Plan, Error> {
    if let Some(source) = source(name_or_path) {
        return parse(name_or_path, &format!("{name_or_path}.toml"), source);
    }
    let path = Path::new(name_or_path);
    let looks_like_a_path = path.exists()
        || path.components().count() > 1
        || path.extension().is_some_and(|it| it == "toml");
    if !looks_like_a_path {
        let advice =
            match nearest(name_or_path, BUILTIN.iter().map(|it| it.name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`sockscope scenario list` names them".to_owned(),
            };
        let name = clean(name_or_path);
        let words = format!("no scenario is named `{name}`; {advice}");
        return Err(Error::Scenario(words));
    }
    let source = read_text(path, LARGEST_FILE).map_err(|error| {
        let (path, cause) = (shown(path), cause_in_words(&error));
        Error::Scenario(format!("cannot read scenario {path}: {cause}"))
    })?;
    let name = path.file_stem().unwrap_or(path.as_os_str());
    parse(&name.to_string_lossy(), name_or_path, &source)
}

/// Hands a plan to another process of this program. The file is not read again:
/// it may be a pipe, or may have changed.
///
/// # Errors
/// If the process has ended.
pub fn hand_over(plan: &Plan, mut to: impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(&(&plan.name, &plan.text))?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Receives a plan that was [handed over](hand_over).
///
/// # Errors
/// If the other process has ended before.
pub fn receive(mut from: impl BufRead) -> Result<Plan, Error> {
    let mut line = String::new();
    let read = from.read_line(&mut line).map_err(serde_json::Error::io);
    let read = read.and_then(|_| serde_json::from_str(&line));
    let (name, text): (String, String) = read.map_err(Error::HandOver)?;
    parse(&name, &name, &text)
}

/// The plan that a text describes; messages refer to the text as `file`.
///
/// # Errors
/// When the text is not TOML or not a valid scenario. The error shows the line,
/// the words in question, and what would be right.
pub fn parse(name: &str, file: &str, source: &str) -> Result<Plan, Error> {
    toml::from_str(source)
        .map_err(TomlFault::from)
        .and_then(|form| validate::plan(name, source, form))
        .map_err(|fault| Error::Scenario(fault.render(file, source)))
}
