//! Records and what else a recording holds, as what lines hold.

use super::line::{Beside, Bytes, Counts, Gated, Held, Line, Name};
use crate::probe::{Before, Kind, ThreadAtGate, Transfer};
use crate::units::nanoseconds;
use crate::view::{Control, CountersUpdate, Known, Measured, Observation};
use std::net::SocketAddr;

/// The line of a record; an event has none here. `state` is what was known after
/// it.
pub(super) fn line<'a>(
    record: &'a Observation,
    state: &Known,
    loop_call: Kind,
) -> Option<Line<'a>> {
    Some(match record {
        Observation::Event(_) => return None,
        Observation::Counters(counters) => {
            Line::Counters(Box::new(counts(counters, state, loop_call)))
        }
        Observation::Payload(payload) => Line::Payload(bytes(payload)),
        Observation::Measured(measured) => Line::Measured(beside(measured)),
        Observation::Control(holds) => Line::Holds(gated(holds)),
        Observation::Named(it) => named(it.address, &it.name),
    })
}

pub(super) const fn named(address: SocketAddr, name: &str) -> Line<'_> {
    Line::Named(Name { address, name })
}

fn counts(counters: &CountersUpdate, state: &Known, loop_call: Kind) -> Counts {
    let it = &state.counters;
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
    let echo = it.echoes();
    let time = echo.map(|load| load.echo_time);
    Beside {
        at_ns: it.at.0,
        cpu_cores: it.cpu.filter(|cpu| cpu.is_finite()),
        connected: it.load.as_ref().map(|load| load.connected),
        waiting: it.waiting,
        clients_done: it.clients_done,
        echo_p50_ns: time.map(|time| time.p50_ns),
        echo_p99_ns: time.map(|time| time.p99_ns),
        echo_histogram: echo.map_or_else(Vec::new, |load| load.classes.clone()),
    }
}

fn gated(holds: &Control) -> Gated {
    Gated {
        at_ns: holds.at.0,
        paused: holds.paused,
        delay_ns: holds.speed.delay().map(nanoseconds),
        held: holds.held.iter().map(held).collect(),
    }
}

fn held(it: &ThreadAtGate) -> Held {
    let mut held =
        Held { thread: it.thread.0, since_ns: it.since.0, ..Held::default() };
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

fn bytes(it: &Transfer) -> Bytes {
    Bytes {
        at_ns: it.at.0,
        thread: it.thread.0,
        call: it.kind,
        socket: it.socket.0,
        moved_bytes: it.moved,
        escaped: it.bytes.escape_ascii().to_string(),
    }
}
