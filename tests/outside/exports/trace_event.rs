//! Reads the trace-event format. That entries have the fields that it asks
//! for, and what Perfetto makes of them, `.ci/trace` shows.

use super::language::number;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// The first track of threads and the first one of sockets.
const THREADS: u64 = 10;
pub(crate) const SOCKETS: u64 = 200_000;

/// Sockets from this number on have no track of their own.
pub(crate) const OWN_TRACKS: u64 = 1_000;

/// A slice, or an instant, which takes no time; in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slice {
    pub(crate) tid: u64,
    pub(crate) since: u64,
    pub(crate) until: u64,
    pub(crate) name: String,
}

impl Slice {
    pub(crate) fn of(entry: &Value) -> Self {
        let since = ns(&entry["ts"]);
        let until = since.saturating_add(entry.get("dur").map_or(0, ns));
        let name = entry["name"].as_str().unwrap_or_default().into();
        Self { tid: number(entry, "tid"), since, until, name }
    }
}

/// Fails below zero.
fn ns(micros: &Value) -> u64 {
    let time = Duration::from_secs_f64(micros.as_f64().unwrap() / 1e6);
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A file that is what the format asks for.
pub(crate) struct Trace {
    pub(crate) entries: Vec<Value>,
    pub(crate) other: Value,
}

impl Trace {
    /// Panics if it is no such file, or if slices of a track do not nest.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let mut file: Value = serde_json::from_str(text).unwrap();
        assert_eq!(file["displayTimeUnit"], "ns");
        let Value::Array(entries) = file["traceEvents"].take() else {
            panic!("no entries");
        };
        let trace = Self { entries, other: file["otherData"].take() };
        expect_nesting(trace.slices());
        trace
    }

    /// Entries of this phase and category.
    pub(crate) fn of<'a>(
        &'a self,
        phase: &'a str,
        category: &'a str,
    ) -> impl Iterator<Item = &'a Value> {
        let is_one =
            move |it: &&Value| it["ph"] == phase && it["cat"] == category;
        self.entries.iter().filter(is_one)
    }

    pub(crate) fn named(&self, name: &str) -> Vec<&Value> {
        self.entries.iter().filter(|it| it["name"] == name).collect()
    }

    /// What tracks are called, by their number.
    pub(crate) fn tracks(&self) -> BTreeMap<u64, &str> {
        let names = self.named("thread_name").into_iter().map(|it| {
            (number(it, "tid"), it["args"]["name"].as_str().unwrap())
        });
        names.collect()
    }

    /// The values of counters and when they were so, in nanoseconds.
    pub(crate) fn counters(&self) -> BTreeMap<&str, Vec<(u64, Value)>> {
        let mut counters = BTreeMap::<_, Vec<_>>::new();
        for it in self.entries.iter().filter(|it| it["ph"] == "C") {
            let values = counters.entry(it["name"].as_str().unwrap());
            values.or_default().push((ns(&it["ts"]), it["args"].clone()));
        }
        counters
    }

    /// All slices and instants.
    pub(crate) fn slices(&self) -> Vec<Slice> {
        let drawn = |it: &&Value| it["ph"] == "X" || it["ph"] == "i";
        self.entries.iter().filter(drawn).map(Slice::of).collect()
    }

    /// The slices of calls that returned.
    pub(crate) fn returned(&self) -> Vec<Slice> {
        let goes_on = "it had not returned when the recording ended";
        let calls = self.of("X", "call").chain(self.of("X", "asleep"));
        let calls = calls.filter(|it| it["args"]["outcome"] != goes_on);
        let mut slices: Vec<_> = calls.map(Slice::of).collect();
        slices.sort();
        slices
    }

    /// That it breaks off, and why.
    #[track_caller]
    pub(crate) fn expect_end(&self, words: &str) {
        let ending = self.other["ending"].as_str().unwrap();
        assert!(ending.starts_with(words), "{ending}");
        let ends = self.named("the recording breaks off");
        assert_eq!(ends.len(), 1, "{ends:?}");
        assert_eq!(ends[0]["args"]["recording"], ending);
    }
}

/// What returned, as slices of the tracks of threads and of sockets.
pub(crate) fn expected(events: &[&Value]) -> Vec<Slice> {
    let exits = events.iter().filter(|it| it["event"] == "exit");
    let mut slices = Vec::new();
    for it in exits.filter(|it| it["outcome"] != "paused") {
        let until = number(it, "at_ns");
        let since = it["entered_ns"].as_u64().unwrap_or(until);
        let (call, socket) =
            (it["call"].as_str().unwrap(), number(it, "socket"));
        let slept = if until - since >= 100_000 { "asleep in " } else { "" };
        let name = format!("{slept}{call}");
        let slice = |tid| Slice { tid, since, until, name: name.clone() };
        slices.push(slice(THREADS + number(it, "thread")));
        if call != "wait" && socket < OWN_TRACKS {
            slices.push(slice(SOCKETS + socket));
        }
    }
    slices.sort();
    slices
}

/// Of two slices of a track one is in the other, or they share no time. A
/// number of the file has 53 bits, so that later times are less exact.
#[track_caller]
fn expect_nesting(mut slices: Vec<Slice>) {
    slices.sort_by_key(|it| (it.tid, it.since, u64::MAX - it.until));
    let mut around: Vec<Slice> = Vec::new();
    for it in slices {
        let slack = it.until >> 50;
        let goes_on = |outer: &Slice| {
            outer.tid == it.tid && outer.until > it.since.saturating_add(slack)
        };
        assert!(it.since <= it.until.saturating_add(slack), "{it:?}");
        while around.last().is_some_and(|outer| !goes_on(outer)) {
            around.pop();
        }
        if let Some(outer) = around.last() {
            let end = outer.until.saturating_add(slack);
            assert!(it.until <= end, "{it:?} in {outer:?}");
        }
        around.push(it);
    }
}
