//! The file: a list of entries of the trace-event format, one a line.

use super::super::Out;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::io;

/// Nanoseconds of the recording's clock.
pub(super) type Ns = u64;

/// Where an entry belongs: a track of a group of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The group: to the format, a process.
    pub(super) pid: u32,
    /// The track: to the format, a thread of that process. No two tracks of
    /// a file have the same number, whatever their groups.
    pub(super) tid: u32,
}

/// What a slice or an instant says.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) name: Cow<'static, str>,
    pub(super) category: &'static str,
    pub(super) args: Value,
}

impl Label {
    pub(super) fn new(
        category: &'static str,
        name: impl Into<Cow<'static, str>>,
        args: Value,
    ) -> Self {
        Self { name: name.into(), category, args }
    }
}

/// An entry of the trace-event format; times are in microseconds.
#[derive(Serialize)]
struct Entry<'a> {
    ph: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cat: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    args: &'a Value,
}

impl<'a> Entry<'a> {
    fn new(ph: &'static str, place: Place, at: Ns, label: &'a Label) -> Self {
        Self {
            ph,
            name: &label.name,
            cat: label.category,
            ts: Some(micros(at)),
            dur: None,
            pid: place.pid,
            tid: Some(place.tid),
            s: None,
            args: &label.args,
        }
    }
}

/// Writes the entries.
pub(super) struct Trace<'a> {
    out: Out<'a>,
    from: Ns,
    until: Ns,
    entries: u64,
}

impl<'a> Trace<'a> {
    /// Begins a file of what lies between these times.
    pub(super) fn begin(out: Out<'a>, from: Ns, until: Ns) -> io::Result<Self> {
        out.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
        Ok(Self { out, from, until, entries: 0 })
    }

    /// Ends it with what is known of the whole.
    pub(super) fn end(self, other: &Value) -> io::Result<()> {
        self.out.write_all(b"\n],\"otherData\":")?;
        serde_json::to_writer(&mut *self.out, other)?;
        self.out.write_all(b"}\n")
    }

    /// Where the window begins.
    pub(super) const fn from(&self) -> Ns {
        self.from
    }

    /// Whether something of this time is to be shown.
    pub(super) const fn shows(&self, since: Ns, until: Ns) -> bool {
        since <= self.until && until >= self.from
    }

    /// A slice whose end is known.
    pub(super) fn slice(
        &mut self,
        place: Place,
        (since, until): (Ns, Ns),
        label: &Label,
    ) -> io::Result<()> {
        let dur = Some(micros(until.saturating_sub(since)));
        self.write(&Entry { dur, ..Entry::new("X", place, since, label) })
    }

    /// A slice that has others in it.
    pub(super) fn open(
        &mut self,
        place: Place,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        self.write(&Entry::new("B", place, at, label))
    }

    /// The end of the last one that was opened on this track.
    pub(super) fn close(
        &mut self,
        place: Place,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        self.write(&Entry::new("E", place, at, label))
    }

    /// Something that takes no time.
    pub(super) fn instant(
        &mut self,
        place: Place,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        self.write(&Entry { s: Some("t"), ..Entry::new("i", place, at, label) })
    }

    /// A counter of a group, from this time on.
    pub(super) fn counter(
        &mut self,
        pid: u32,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        let place = Place { pid, tid: 0 };
        self.write(&Entry { tid: None, ..Entry::new("C", place, at, label) })
    }

    /// What a group of tracks is called, and its place among the groups.
    pub(super) fn name_group(
        &mut self,
        pid: u32,
        name: &str,
    ) -> io::Result<()> {
        self.metadata(pid, None, "process_name", &json!({"name": name}))?;
        let order = json!({"sort_index": pid});
        self.metadata(pid, None, "process_sort_index", &order)
    }

    /// What a track is called, and its place in its group.
    pub(super) fn name(&mut self, place: Place, name: &str) -> io::Result<()> {
        let Place { pid, tid } = place;
        self.metadata(pid, Some(tid), "thread_name", &json!({"name": name}))?;
        let order = json!({"sort_index": tid});
        self.metadata(pid, Some(tid), "thread_sort_index", &order)
    }

    fn metadata(
        &mut self,
        pid: u32,
        tid: Option<u32>,
        name: &str,
        args: &Value,
    ) -> io::Result<()> {
        let (ph, cat, ts, dur, s) = ("M", "", None, None, None);
        self.write(&Entry { ph, name, cat, ts, dur, pid, tid, s, args })
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        self.out.write_all(if self.entries > 0 { b",\n" } else { b"\n" })?;
        self.entries += 1;
        Ok(serde_json::to_writer(&mut *self.out, entry)?)
    }
}

/// Microseconds with three decimals: exact up to eleven days.
#[expect(clippy::cast_precision_loss, reason = "exact up to eleven days")]
fn micros(ns: Ns) -> f64 {
    ns as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact_to_the_nanosecond_for_eleven_days() {
        let day = 86_400_000_000_000;
        for ns in [0, 1, 999, 1_001, day - 1, day + 123, 11 * day + 7] {
            let text = serde_json::to_string(&micros(ns)).unwrap_or_default();
            let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
            let read = format!("{whole}{part:0<3}").parse();
            assert_eq!(read, Ok(ns), "{text}");
        }
    }
}
