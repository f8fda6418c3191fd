//! Events that no run has: whatever they are, they can be drawn.

use super::drawn::{data, hostile_header, written};
use super::trace_event::Trace;
use crate::support::process::Folder;
use proptest::prelude::*;
use proptest::sample::select;
use sockscope::export::{self, ExportSubject};
use sockscope::probe::{
    End, Event, Kind, Limit, Note, Outcome, Phase, Site, SocketId, TaskId,
    TaskNow, ThreadId,
};
use sockscope::recording::Recording;
use std::time::Duration;

const SITE: Site = Site { file: "src/modes/selector.rs", line: 17 };

fn times() -> impl Strategy<Value = Duration> {
    let soon = 0..5_000_000_u64;
    prop_oneof![8 => soon, 1 => any::<u64>()].prop_map(Duration::from_nanos)
}

fn sockets() -> impl Strategy<Value = SocketId> {
    prop_oneof![4 => 0..4_u32, 1 => any::<u32>()].prop_map(SocketId)
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        any::<u32>().prop_map(Outcome::Bytes),
        Just(Outcome::WouldBlock),
        Just(Outcome::EndOfFile),
        Just(Outcome::Paused),
        sockets().prop_map(Outcome::Accepted),
        Just(Outcome::Failed(std::io::ErrorKind::Other)),
    ]
}

fn notes() -> impl Strategy<Value = Note> {
    let (task, running) = (TaskId(u32::MAX), TaskNow::Running);
    let fixed = [
        Note::Paused(Limit::Descriptors),
        Note::Task { task, now: running },
        Note::Task { task, now: TaskNow::Done },
        Note::Phase(Phase::Running),
        Note::Phase(Phase::Ended),
        Note::Phase(Phase::Finishing),
    ];
    let of_socket = (sockets(), 0..4_u8).prop_map(|(socket, which)| {
        let (end, unsent) = (End::Reset, u32::MAX);
        match which {
            0 => Note::Opened { socket, peer: None },
            1 => Note::Closed { socket, end, unsent },
            2 => Note::Failed { socket, end },
            _ => Note::Ready { socket, readable: true, writable: true },
        }
    });
    prop_oneof![select(fixed.to_vec()), of_socket]
}

fn events() -> impl Strategy<Value = Event> {
    let who = (0..4_u16).prop_map(ThreadId);
    let call = (who, select(Kind::ALL.to_vec()), sockets());
    let what = (outcomes(), notes(), 0..4_u8);
    (times(), times(), call, what, any::<u32>()).prop_map(
        |(entered, at, call, (outcome, note, which), n)| {
            let (thread, kind, socket) = call;
            let (site, pending, echoed, calls) = (SITE, n, n, u64::from(n));
            match which {
                0 => Event::Enter { at: at.into(), thread, kind, socket, site },
                1 => Event::Note { at: at.into(), thread, note },
                2 => {
                    let (since, passes) = (entered, calls);
                    Event::Idle {
                        since: since.into(),
                        at: at.into(),
                        thread,
                        calls,
                        passes,
                    }
                }
                _ => Event::Exit {
                    entered: entered.into(),
                    at: at.into(),
                    thread,
                    kind,
                    socket,
                    site,
                    outcome,
                    pending,
                    unframed: 0,
                    echoed,
                },
            }
        },
    )
}

#[test]
fn whatever_is_recorded_can_be_drawn() {
    let folder = Folder::new("anything");
    let header = hostile_header(&folder);
    let many = proptest::collection::vec(events(), 0..60);
    let config = ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(events in many, from in times(), until in times())| {
        let bytes = written(&header, events.into_iter());
        let recording = &Recording::of_bytes(bytes).unwrap();
        for (from, until) in
            [(Duration::ZERO, Duration::MAX), (from, until)]
        {
            let subject = ExportSubject { recording, name: "x", from, until };
            let mut page = Vec::new();
            export::html(&subject, &mut page).unwrap();
            data(std::str::from_utf8(&page).unwrap());
            let mut picture = Vec::new();
            export::svg(&subject, &mut picture).unwrap();
            let picture = String::from_utf8(picture).unwrap();
            prop_assert!(!picture.contains("NaN"), "{}", picture);
            let mut trace = Vec::new();
            export::perfetto(&subject, &mut trace).unwrap();
            Trace::read(std::str::from_utf8(&trace).unwrap());
        }
    });
}
