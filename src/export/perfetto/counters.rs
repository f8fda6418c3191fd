//! Counters of the whole server, about ten times a second.

use super::SERVER;
use super::trace::{Label, Ns, Trace};
use crate::view::{Known, Measured};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// What is drawn as a rate: what had been counted, by name.
type NamedCounts = [(&'static str, u64); 3];

/// Draws the counters.
#[derive(Default)]
pub(super) struct CounterTracks {
    /// What had been counted when.
    before: Option<(Ns, NamedCounts)>,
    measured: Measured,
    timers: Option<u32>,
    drawn: DrawnCounters,
}

/// What becomes of values that are drawn.
#[derive(Default)]
struct DrawnCounters {
    /// What a counter was at before the window: it still is as that begins.
    earlier: BTreeMap<&'static str, Value>,
}

impl CounterTracks {
    /// The counters were read at this moment.
    pub(super) fn take(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        state: &Known,
    ) -> io::Result<()> {
        let now = state.counters.clone();
        self.rates(trace, at, counts(&now))?;
        let open = now.open();
        self.drawn.take(trace, at, "connections", json!({"open": open}))?;
        let pending = now.sockets.iter().map(|it| u64::from(it.pending_bytes));
        let pending = pending.fold(0, u64::saturating_add);
        let pending = json!({"pending bytes": pending});
        self.drawn.take(trace, at, "output", pending)?;
        let lost = state.lost;
        self.drawn.take(trace, at, "events", json!({"lost": lost}))
    }

    /// A counter of the format holds from its time on, so the rate of an
    /// interval is written at its beginning.
    fn rates(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        now: NamedCounts,
    ) -> io::Result<()> {
        let (since, before) =
            self.before.unwrap_or((0, now.map(|it| (it.0, 0))));
        if at <= since {
            return Ok(());
        }
        for ((name, now), (_, before)) in now.into_iter().zip(before) {
            let rate = rate(now.saturating_sub(before), at - since);
            self.drawn.take(trace, since, name, json!({"per second": rate}))?;
        }
        self.before = Some((at, now));
        Ok(())
    }

    /// What was measured beside the probe.
    pub(super) fn measured(
        &mut self,
        trace: &mut Trace,
        measured: &Measured,
    ) -> io::Result<()> {
        let (at, before) = (measured.at.0, &self.measured);
        if measured.cpu != before.cpu {
            self.drawn.take(
                trace,
                at,
                "processor",
                json!({"cores": measured.cpu}),
            )?;
        }
        if measured.waiting != before.waiting {
            let waiting = json!({"waiting": measured.waiting});
            self.drawn.take(trace, at, "backlog", waiting)?;
        }
        self.measured.clone_from(measured);
        Ok(())
    }

    /// Draws the number of timers that wait in the event loop.
    pub(super) fn timers(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        timers: u32,
    ) -> io::Result<()> {
        if self.timers.replace(timers) == Some(timers) {
            return Ok(());
        }
        self.drawn.take(trace, at, "timers", json!({"waiting": timers}))
    }

    /// The recording ends here, and so do the rates.
    pub(super) fn end(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        if let Some((since, counts)) = self.before {
            for (name, _) in counts {
                let nothing = json!({"per second": 0});
                self.drawn.take(trace, since, name, nothing)?;
            }
        }
        self.drawn.end(trace, at)
    }
}

fn counts(now: &crate::probe::Counters) -> NamedCounts {
    [
        ("echoes", now.echoes),
        ("calls", now.all_calls()),
        ("would blocks", now.would_blocks()),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(count: u64, ns: Ns) -> f64 {
    (count as f64 * 1e12 / ns as f64).round() / 1e3
}

impl DrawnCounters {
    /// From this time on a counter has this value, if it has one.
    fn take(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        name: &'static str,
        value: Value,
    ) -> io::Result<()> {
        let mut values = value.as_object().into_iter().flatten();
        if values.any(|(_, value)| value.is_null()) {
            return Ok(());
        }
        if at < trace.from() {
            self.earlier.insert(name, value);
            return Ok(());
        }
        if let Some(earlier) = self.earlier.remove(name) {
            write(trace, trace.from(), name, earlier)?;
        }
        if trace.shows(at, at) {
            write(trace, at, name, value)?;
        }
        Ok(())
    }

    /// The recording ends here: what had not changed since the window began.
    fn end(&mut self, trace: &mut Trace, at: Ns) -> io::Result<()> {
        let earlier = std::mem::take(&mut self.earlier);
        if at < trace.from() {
            return Ok(());
        }
        let from = trace.from();
        let mut earlier = earlier.into_iter();
        earlier.try_for_each(|(name, value)| write(trace, from, name, value))
    }
}

fn write(
    trace: &mut Trace,
    at: Ns,
    name: &'static str,
    value: Value,
) -> io::Result<()> {
    trace.counter(SERVER, at, &Label::new("", name, value))
}
