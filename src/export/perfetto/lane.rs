//! A track whose slices nest.

use super::trace::{Label, Ns, Place, Trace};
use serde_json::Value;
use std::io;

/// A track. Of two slices on it, one is within the other or they have no time
/// in common, whatever it is told: what began before the end of the slice
/// before it is drawn from there on.
pub(super) struct Lane {
    pub(super) place: Place,
    /// Up to here all is drawn.
    end: Ns,
    /// Slices that others may be in, the innermost last.
    open: Vec<Open>,
    is_used: bool,
}

struct Open {
    since: Ns,
    label: Label,
    is_written: bool,
}

impl Lane {
    pub(super) const fn new(place: Place) -> Self {
        Self { place, end: 0, open: Vec::new(), is_used: false }
    }

    /// Whether anything was written.
    pub(super) const fn is_used(&self) -> bool {
        self.is_used
    }

    /// How many slices are open.
    pub(super) const fn depth(&self) -> usize {
        self.open.len()
    }

    /// A slice begins that may have others in it. It is written when it is
    /// known that some of it is to be shown.
    pub(super) fn begin(&mut self, since: Ns, label: Label) {
        self.end = self.end.max(since);
        self.open.push(Open { since: self.end, label, is_written: false });
    }

    /// The innermost slice that is open ends; these arguments are added.
    pub(super) fn finish(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        args: Value,
    ) -> io::Result<()> {
        self.end = self.end.max(at);
        if self.open.last().is_some_and(|it| trace.shows(it.since, self.end)) {
            self.write_open(trace)?;
        }
        let Some(Open { label, is_written: true, .. }) = self.open.pop() else {
            return Ok(());
        };
        trace.close(self.place, self.end, &Label { args, ..label })
    }

    /// Slices end until no more than `depth` are open.
    pub(super) fn finish_to(
        &mut self,
        depth: usize,
        trace: &mut Trace,
        at: Ns,
    ) -> io::Result<()> {
        while self.open.len() > depth {
            self.finish(trace, at, Value::Null)?;
        }
        Ok(())
    }

    /// A slice that is over and has none in it.
    pub(super) fn slice(
        &mut self,
        trace: &mut Trace,
        (since, until): (Ns, Ns),
        label: &Label,
    ) -> io::Result<()> {
        let since = since.max(self.end);
        let until = until.max(since);
        self.end = until;
        if !trace.shows(since, until) {
            return Ok(());
        }
        self.write_open(trace)?;
        self.is_used = true;
        trace.slice(self.place, (since, until), label)
    }

    /// Something that takes no time.
    pub(super) fn instant(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        label: &Label,
    ) -> io::Result<()> {
        if !trace.shows(at, at) {
            return Ok(());
        }
        self.write_open(trace)?;
        self.is_used = true;
        trace.instant(self.place, at, label)
    }

    fn write_open(&mut self, trace: &mut Trace) -> io::Result<()> {
        let place = self.place;
        for it in self.open.iter_mut().filter(|it| !it.is_written) {
            it.is_written = true;
            self.is_used = true;
            trace.open(place, it.since, &it.label)?;
        }
        Ok(())
    }
}
