//! Records and what else a recording holds, as what lines hold.

use super::line::{Beside, Bytes, Counts, Gated, Held, Line, Name};
use crate::probe::Before;
use crate::recording::{
    CountersUpdate, HeldThread, Holds, Measured, Record, RecordedPayload, State,
};
use crate::units::nanoseconds;
use crate::view::Kind;
use std::net::SocketAddr;

/// The line of a record; an event has none here. `state` is what was known after
/// it.
pub(super) fn line<'a>(
    record: &'a Record,
    state: &State,
    loop_call: Kind,
) -> Option<Line<'a>> {
    Some(match record {
        Record::Event(_) => return None,
        Record::Counters(counters) => {
            Line::Counters(Box::new(counts(counters, state, loop_call)))
        }
        Record::Payload(payload) => Line::Payload(bytes(payload)),
        Record::Measured(measured) => Line::Measured(beside(measured)),
        Record::Holds(holds) => Line::Holds(gated(holds)),
        Record::Named(it) => named(it.address, &it.name),
    })
}

pub(super) const fn named(address: SocketAddr, name: &str) -> Line<'_> {
    Line::Named(Name { address, name })
}

fn counts(counters: &CountersUpdate, state: &State, loop_call: Kind) -> Counts {
    let it = state.counters().totals();
    let calls = |kind| it.calls(kind);
    Counts {
        at_ns: counters.at.0,
        events_lost: counters.lost,
        connections: it.connections,
        connections_open: it.open(),
        iterations: it.iterations(loop_call),
        wake_ups: it.wake_ups(loop_call),
        calls: it.all_calls(),
        would_blocks: it.would_blocks(),
        accept_calls: calls(Kind::Accept),
        read_calls: calls(Kind::Read),
        write_calls: calls(Kind::Write),
        wait_calls: calls(Kind::Wait),
        watch_calls: calls(Kind::Watch),
        bytes_in: it.bytes_in(),
        bytes_out: it.bytes_out(),
        echoes: it.echoes,
        threads: it.threads.len() as u64,
        pending_peak_bytes: it.pending_peak_bytes,
        longest_write_ns: it.longest_write_ns.map(|it| it.0),
        unsent_bytes: it.unsent_bytes,
        connection_pauses: it.connection_pauses,
        descriptor_pauses: it.descriptor_pauses,
        long_task_runs: it.long_runs,
    }
}

fn beside(it: &Measured) -> Beside {
    let echo = it.echo.as_ref();
    Beside {
        at_ns: it.at_ns,
        cpu_cores: it.cpu.filter(|cpu| cpu.is_finite()),
        connected: it.connected,
        waiting: it.waiting,
        clients_done: it.clients_done,
        echo_p50_ns: echo.map(|echo| echo.p50_ns),
        echo_p99_ns: echo.map(|echo| echo.p99_ns),
        echo_histogram: echo.map_or_else(Vec::new, |it| it.histogram.clone()),
    }
}

fn gated(holds: &Holds) -> Gated {
    Gated {
        at_ns: nanoseconds(holds.at),
        paused: holds.paused,
        delay_ns: holds.speed.delay().map(nanoseconds),
        held: holds.held.iter().map(held).collect(),
    }
}

fn held(it: &HeldThread) -> Held {
    let mut held = Held {
        thread: it.thread.0,
        since_ns: nanoseconds(it.since),
        ..Held::default()
    };
    match it.before {
        Before::Call { kind, socket, site } => {
            held.call = Some(kind);
            held.socket = Some(socket.0);
            held.file = Some(site.name());
            held.line = Some(site.line);
        }
        Before::Step(step) => held.step = Some(step.name()),
        Before::Task(task) => held.task = Some(task.0),
    }
    held
}

fn bytes(it: &RecordedPayload) -> Bytes {
    Bytes {
        at_ns: nanoseconds(it.at),
        thread: it.thread.0,
        call: it.kind,
        socket: it.socket.0,
        moved_bytes: it.moved,
        escaped: it.bytes.escape_ascii().to_string(),
    }
}
