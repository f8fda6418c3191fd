//! Where a call comes from: the line of source and the thread.

use crate::system::lock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::panic::Location;
use std::sync::Mutex;

/// A call site: a line of source. Text formats show it as `serial.rs:31`; in a
/// recording `line` is the index of the site in a list of sites, which stands
/// before the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Deserialize)]
pub struct Site {
    /// The path that the compiler gives, such as `src/modes/serial.rs`.
    #[serde(skip)]
    pub file: &'static str,
    /// The number of the line, from 1; in a recording an index from 0.
    pub line: u32,
}

impl Site {
    /// The name of the file, without its folders.
    pub fn name(&self) -> &'static str {
        self.file.rsplit(['/', '\\']).next().unwrap_or(self.file)
    }
}

impl From<&'static Location<'static>> for Site {
    fn from(location: &'static Location<'static>) -> Self {
        Self { file: location.file(), line: location.line() }
    }
}

impl Serialize for Site {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return to.collect_str(self);
        }
        self.line.serialize(to)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name(), self.line)
    }
}

/// How many threads are distinguished at once; further threads are counted,
/// but share the last number.
pub const MAX_THREADS: u16 = 32_768;

/// The number of a live thread, from 0; it is used again when the thread ends.
#[derive(Clone, Copy, Debug, Default)]
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ThreadId(pub u16);

impl ThreadId {
    /// The calling thread's number. The first call in a thread takes a free
    /// number; later ones cost a thread-local load.
    #[inline]
    pub fn current() -> Self {
        // A thread whose local storage is gone shares the last number.
        Self(OWN.try_with(|own| own.0).unwrap_or(LAST))
    }
}

const LAST: u16 = MAX_THREADS - 1;

static FREE: Mutex<Numbers> =
    Mutex::new(Numbers { next: 0, returned: BTreeSet::new() });

thread_local! {
    static OWN: OwnNumber = OwnNumber(lock(&FREE).take());
}

/// Hands out the smallest free number, so that the numbers in use show how
/// many threads there were at once.
struct Numbers {
    next: u16,
    returned: BTreeSet<u16>,
}

impl Numbers {
    fn take(&mut self) -> u16 {
        if let Some(id) = self.returned.pop_first() {
            return id;
        }
        let id = self.next.min(LAST);
        self.next = self.next.saturating_add(1).min(LAST + 1);
        id
    }
}

/// Gives the thread's number back when the thread ends.
struct OwnNumber(u16);

impl Drop for OwnNumber {
    fn drop(&mut self) {
        if self.0 < LAST {
            lock(&FREE).returned.insert(self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_thread_keeps_its_number_and_live_threads_differ() {
        let here = ThreadId::current();
        assert_eq!(here, ThreadId::current());
        let there = thread::spawn(ThreadId::current).join();
        assert_ne!(Some(here), there.ok());
    }

    #[test]
    fn a_site_shows_the_file_name_and_line() {
        let site = Site { file: "src/modes/serial.rs", line: 31 };
        assert_eq!(site.to_string(), "serial.rs:31");
    }
}
