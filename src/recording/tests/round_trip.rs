//! What is written comes back, from wherever one begins.

use super::fixtures::{self, closing, header, nothing, recorded};
use crate::any_event::{events, queues};
use crate::probe::{
    Event, Exit, Kind, Outcome, Site, SocketId, ThreadId, Transfer,
};
use crate::recording::{Ending, Recording, Writer};
use crate::units::Nanos;
use crate::view::{Measured, Observation, QueuesUpdate};
use proptest::collection::vec;
use proptest::prelude::*;

fn read(bytes: Vec<u8>) -> Recording {
    Recording::of_bytes(bytes).unwrap()
}

fn events_of(recording: &Recording) -> Vec<Event> {
    let records = recording.from_start().map(Result::unwrap);
    records.filter_map(|it| it.event().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_event_comes_back(
        events in vec(events(), 0..400),
        a_block in 20..200_usize,
    ) {
        let recording = read(recorded(&events, a_block));
        prop_assert_eq!(events_of(&recording), events);
        prop_assert!(matches!(recording.ending(), Ending::Complete(_)));
    }

    #[test]
    fn from_any_event_on_come_the_same(
        events in vec(events(), 1..60),
        from in 0..70_u64,
    ) {
        let recording = read(recorded(&events, 7));
        let cursor = recording.from_event(from).unwrap();
        let left = usize::try_from(from).unwrap().min(events.len());
        prop_assert_eq!(cursor.event(), left as u64);
        let mut played = recording.from_start();
        while played.event() < left as u64 {
            played.step().unwrap();
        }
        let counted = &played.known().counters;
        prop_assert_eq!(&cursor.known().counters, counted);
        let records = cursor.map(Result::unwrap);
        let rest: Vec<_> =
            records.filter_map(|it| it.event().copied()).collect();
        prop_assert_eq!(&rest, &events[left..]);
    }

    #[test]
    fn no_recording_is_larger_than_its_limit_and_each_is_closed(
        events in vec(events(), 0..400),
        a_block in 1..200_usize,
        percent in 0..110_u64,
        text in ".{0,3000}",
    ) {
        let mut end = closing(0);
        end.report = Some(text.clone().into());
        let within = |limit, end: &mut _| {
            fixtures::recorded_within(limit, &events, a_block, end)
        };
        let whole = within(u64::MAX, &mut end.clone()).unwrap();
        let limit = whole.len() as u64 * percent / 100;
        if let Some(bytes) = within(limit, &mut end) {
            prop_assert!(bytes.len() as u64 <= limit);
            let recording = read(bytes);
            prop_assert_eq!(recording.closing(), Some(&end));
            let there = events_of(&recording);
            prop_assert_eq!(&there[..], &events[..there.len()]);
            prop_assert_eq!(end.events, there.len() as u64);
            if recording.is_whole() {
                prop_assert_eq!(there.len(), events.len());
                prop_assert_eq!(end.report, Some(text.into()));
            } else {
                prop_assert_eq!(end.limit_bytes, Some(limit));
            }
        }
    }

    #[test]
    fn what_is_beside_the_events_comes_back(
        holds in fixtures::holds(),
        named in fixtures::names(),
        waiting in any::<Option<u64>>(),
        bytes in vec(any::<u8>(), 0..99),
    ) {
        let measured = Measured { waiting, ..Measured::default() };
        let payload = Transfer {
            at: holds.at,
            thread: ThreadId(1),
            kind: Kind::Write,
            socket: SocketId(7),
            moved: 100,
            bytes,
        };
        let mut writer = Writer::new(Vec::new(), &header()).unwrap();
        writer.begin_anew(&nothing());
        writer.add(Observation::Control(holds.clone()));
        writer.add(Observation::Named(named.clone()));
        writer.add(Observation::Measured(Box::new(measured.clone())));
        writer.add(Observation::Payload(payload.clone()));
        let recording = read(writer.close(&mut closing(0)).unwrap().0);
        let mut cursor = recording.from_start();
        let records: Vec<_> =
            cursor.by_ref().skip(1).map(Result::unwrap).collect();
        let expected = [
            Observation::Control(holds.clone()),
            Observation::Named(named.clone()),
            Observation::Measured(Box::new(measured.clone())),
            Observation::Payload(payload),
        ];
        prop_assert_eq!(&records[..], &expected[..]);
        prop_assert_eq!(&cursor.known().control, &holds);
        prop_assert_eq!(&cursor.known().measured, &measured);
        let name = cursor.known().names.get(&named.address);
        prop_assert_eq!(name, Some(&named.name));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The changes of the kernel's queues lead to what was read, from the
    /// beginning on and from every block that can be read alone.
    #[test]
    fn queues_are_known_from_wherever_one_begins(
        read_queues in vec((queues(), any::<bool>()), 1..8),
    ) {
        let event = Event::exit(
            [Nanos(1); 2],
            ThreadId(1),
            (Kind::Read, SocketId(1), Site { file: "", line: 1 }),
            Exit::new(Outcome::Bytes(1)),
        );
        let mut writer = Writer::new(Vec::new(), &header()).unwrap();
        let mut before = None;
        for (place, (now, is_key)) in read_queues.iter().enumerate() {
            if *is_key {
                writer.flush(0).unwrap();
                writer.begin_anew(&nothing());
            }
            let at = Nanos(place as u64);
            let update = QueuesUpdate::since(before, at, now);
            writer.add(Observation::Queues(update));
            writer.add(Observation::Event(event));
            before = Some(now);
        }
        let recording = read(writer.close(&mut closing(0)).unwrap().0);
        let mut played = recording.from_start();
        for (place, (now, _)) in read_queues.iter().enumerate() {
            let mut jumped = recording.from_event(place as u64).unwrap();
            for cursor in [&mut jumped, &mut played] {
                while cursor.event() <= place as u64 {
                    cursor.step().unwrap();
                }
                prop_assert_eq!(cursor.known().queues.as_deref(), Some(now));
                let at = Nanos(place as u64);
                prop_assert_eq!(cursor.known().queues_at, at);
            }
        }
    }
}

#[test]
fn the_header_and_the_closing_come_back() {
    let recording = read(recorded(&[], 1));
    assert_eq!(*recording.header(), header());
    assert_eq!(recording.closing(), Some(&closing(0)));
    assert_eq!((recording.events(), recording.blocks().len()), (0, 0));
}
