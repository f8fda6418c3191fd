//! The file: a list of entries of the trace-event format, one a line, on
//! tracks whose slices nest.

use super::super::Out;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

/// Nanoseconds of the recording's clock.
pub(super) type Ns = u64;

/// Where an entry belongs: a track of a group of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TraceTrack {
    /// The group: to the format, a process.
    pub(super) pid: u32,
    /// The track: to the format, a thread of that process. No two tracks of
    /// a file have the same number, whatever their groups.
    pub(super) tid: u32,
}

/// What a slice or an instant shows.
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
struct TraceEntry<'a> {
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

impl<'a> TraceEntry<'a> {
    fn new(
        ph: &'static str,
        track: TraceTrack,
        at: Ns,
        label: &'a Label,
    ) -> Self {
        Self {
            ph,
            name: &label.name,
            cat: label.category,
            ts: Some(micros(at)),
            dur: None,
            pid: track.pid,
            tid: Some(track.tid),
            s: None,
            args: &label.args,
        }
    }
}

/// How far a track is drawn.
#[derive(Default)]
struct TrackProgress {
    end: Ns,
    /// Slices that others may be in, the innermost last.
    open: Vec<OpenSlice>,
    /// Whether the file has an entry of it.
    is_used: bool,
}

struct OpenSlice {
    since: Ns,
    label: Label,
    is_written: bool,
}

/// Writes the entries that a window of time has a part of.
///
/// Of two slices on a track, one is within the other or they have no time in
/// common, whatever the recording holds: what began before the end of the
/// slice before it is drawn from there on.
pub(super) struct Trace<'a> {
    out: Out<'a>,
    from: Ns,
    until: Ns,
    entries: u64,
    tracks: BTreeMap<TraceTrack, TrackProgress>,
}

impl<'a> Trace<'a> {
    /// Begins a file of what lies between these times.
    pub(super) fn begin(out: Out<'a>, from: Ns, until: Ns) -> io::Result<Self> {
        out.write_all(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
        Ok(Self { out, from, until, entries: 0, tracks: BTreeMap::new() })
    }

    /// Ends the file with what is known of the whole.
    pub(super) fn end(self, other: &Value) -> io::Result<()> {
        self.out.write_all(b"\n],\"otherData\":")?;
        serde_json::to_writer(&mut *self.out, other)?;
        self.out.write_all(b"}\n")
    }

    /// Where the window begins.
    pub(super) const fn from(&self) -> Ns {
        self.from
    }

    /// Whether the window has a part of this time.
    pub(super) const fn shows(&self, since: Ns, until: Ns) -> bool {
        since <= self.until && until >= self.from
    }

    /// Whether anything was drawn on a track.
    pub(super) fn is_used(&self, track: TraceTrack) -> bool {
        self.tracks.get(&track).is_some_and(|drawn| drawn.is_used)
    }

    fn track(&mut self, track: TraceTrack) -> &mut TrackProgress {
        self.tracks.entry(track).or_default()
    }

    /// How many slices are open on a track.
    pub(super) fn depth(&self, track: TraceTrack) -> usize {
        self.tracks.get(&track).map_or(0, |drawn| drawn.open.len())
    }

    /// Begins a slice that may have others in it. It is written when it is
    /// known that the window has some of it.
    pub(super) fn open(&mut self, track: TraceTrack, since: Ns, label: Label) {
        let drawn = self.track(track);
        drawn.end = drawn.end.max(since);
        let slice = OpenSlice { since: drawn.end, label, is_written: false };
        drawn.open.push(slice);
    }

    /// Ends the innermost open slice; these arguments are added.
    pub(super) fn close(
        &mut self,
        track: TraceTrack,
        at: Ns,
        args: Value,
    ) -> io::Result<()> {
        let drawn = self.track(track);
        drawn.end = drawn.end.max(at);
        let end = drawn.end;
        let since = drawn.open.last().map(|slice| slice.since);
        if since.is_some_and(|since| self.shows(since, end)) {
            self.write_open(track)?;
        }
        let closed = self.track(track).open.pop();
        let Some(OpenSlice { label, is_written: true, .. }) = closed else {
            return Ok(());
        };
        let label = Label { args, ..label };
        self.write(&TraceEntry::new("E", track, end, &label))
    }

    /// Ends all slices of a track.
    pub(super) fn close_all(
        &mut self,
        track: TraceTrack,
        at: Ns,
    ) -> io::Result<()> {
        while self.depth(track) > 0 {
            self.close(track, at, Value::Null)?;
        }
        Ok(())
    }

    /// Draws a slice that is over and has none in it.
    pub(super) fn slice(
        &mut self,
        track: TraceTrack,
        (since, until): (Ns, Ns),
        label: &Label,
    ) -> io::Result<()> {
        let drawn = self.track(track);
        let since = since.max(drawn.end);
        let until = until.max(since);
        drawn.end = until;
        if !self.shows(since, until) {
            return Ok(());
        }
        self.write_open(track)?;
        let dur = Some(micros(until - since));
        let entry = TraceEntry::new("X", track, since, label);
        self.write(&TraceEntry { dur, ..entry })
    }

    /// Draws something that takes no time.
    pub(super) fn instant(
        &mut self,
        track: TraceTrack,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        if !self.shows(at, at) {
            return Ok(());
        }
        self.write_open(track)?;
        let entry = TraceEntry::new("i", track, at, label);
        self.write(&TraceEntry { s: Some("t"), ..entry })
    }

    /// Writes the open slices, in which the next entry is.
    fn write_open(&mut self, track: TraceTrack) -> io::Result<()> {
        let drawn = self.track(track);
        drawn.is_used = true;
        let mut open = std::mem::take(&mut drawn.open);
        for slice in open.iter_mut().filter(|slice| !slice.is_written) {
            slice.is_written = true;
            let entry = TraceEntry::new("B", track, slice.since, &slice.label);
            self.write(&entry)?;
        }
        self.track(track).open = open;
        Ok(())
    }

    /// A counter of a group has this value from this time on.
    pub(super) fn counter(
        &mut self,
        pid: u32,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        let track = TraceTrack { pid, tid: 0 };
        let entry = TraceEntry::new("C", track, at, label);
        self.write(&TraceEntry { tid: None, ..entry })
    }

    /// Names a group of tracks; its number is its place among the groups.
    pub(super) fn name_group(
        &mut self,
        pid: u32,
        name: &str,
    ) -> io::Result<()> {
        self.metadata(pid, None, "process", pid, name)
    }

    /// Names a track, if anything is on it; its number is its place in its
    /// group.
    pub(super) fn name(
        &mut self,
        track: TraceTrack,
        name: &str,
    ) -> io::Result<()> {
        if !self.is_used(track) {
            return Ok(());
        }
        let TraceTrack { pid, tid } = track;
        self.metadata(pid, Some(tid), "thread", tid, name)
    }

    fn metadata(
        &mut self,
        pid: u32,
        tid: Option<u32>,
        what: &str,
        order: u32,
        name: &str,
    ) -> io::Result<()> {
        for (field, args) in [
            ("name", json!({"name": name})),
            ("sort_index", json!({"sort_index": order})),
        ] {
            let name = &format!("{what}_{field}");
            let (ph, cat, ts, dur, s) = ("M", "", None, None, None);
            let args = &args;
            self.write(&TraceEntry {
                ph,
                name,
                cat,
                ts,
                dur,
                pid,
                tid,
                s,
                args,
            })?;
        }
        Ok(())
    }

    fn write(&mut self, entry: &TraceEntry) -> io::Result<()> {
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
