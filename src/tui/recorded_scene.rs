//! What a screen shows of a recording: the same while it is replayed and in
//! a film.

use crate::probe::Speed;
use crate::recording::{Ending, Header, Recording, SourceText, State};
use crate::view::{Control, EchoTimesView, Facts, MeasuredView, Playback};
use std::time::Duration;

/// The run is cut into this many parts to show its shape.
const PARTS: usize = 512;

/// What never changed during the run.
#[must_use]
pub fn facts(header: &Header) -> Facts {
    let text =
        |it: &SourceText| (it.path.clone().into(), it.text.clone().into());
    let scenario = header.scenario.as_ref();
    Facts {
        mode: header.mode.clone().into(),
        file: header.source.path.clone().into(),
        source: header.source.text.clone().into(),
        loop_source: header.loop_source.as_ref().map(text),
        mechanism: header.mechanism.clone(),
        address: header.address,
        scenario: scenario.map_or("none".into(), |it| it.name.clone()),
        clients_apart: header.clients_apart,
    }
}

/// What was asked of the program at a moment of the run.
#[must_use]
pub fn control(state: &State) -> Control {
    let holds = state.holds();
    let full = holds.speed == Speed::FULL;
    let mut held: Vec<_> = holds.held.iter().collect();
    held.sort_by_key(|it| it.since);
    Control {
        paused: holds.paused,
        speed: if full { String::new() } else { holds.speed.to_string() },
        held: held.iter().map(|it| it.thread).collect(),
        before: held.first().map(|it| it.before),
        stands: false,
        clients_done: state.measured().clients_done,
    }
}

/// What was measured beside the probe by then.
#[must_use]
pub fn measured(state: &State) -> MeasuredView {
    let measured = state.measured();
    MeasuredView {
        cpu: measured.cpu,
        connected: measured.connected,
        waiting: measured.waiting,
        names: state.names().clone(),
        echo: measured.echo.as_ref().map(|echo| EchoTimesView {
            p50: Duration::from_nanos(echo.p50_ns),
            p99: Duration::from_nanos(echo.p99_ns),
            histogram: echo.histogram.clone(),
        }),
    }
}

/// A recording that stands at its beginning, nothing of it read yet.
#[must_use]
pub fn playback(recording: &Recording, name: &str) -> Playback {
    let ends = match recording.ending() {
        Ending::Complete(_) => None,
        truncated @ Ending::Truncated { .. } => Some(truncated.to_string()),
    };
    Playback {
        name: name.into(),
        length: recording.duration(),
        events: recording.events(),
        lost: recording.lost(),
        shape: recording.shape(PARTS),
        speed: 1.0,
        ends,
        ..Playback::default()
    }
}
