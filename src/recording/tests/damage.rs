//! Whatever the bytes are: no panic, bounded memory, and a message that says
//! where.

use super::fixtures::{header, recorded};
use crate::any_event::events;
use crate::probe::Event;
use crate::recording::{Ending, Error, LARGEST_BLOCK, MOST_BLOCKS, Recording};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// How many mutated files are read here; the example `broken_recordings`
/// reads a million.
const MUTATED: u64 = 30_000;

fn some_events(count: usize) -> Vec<Event> {
    let mut runner = TestRunner::deterministic();
    let events = proptest::collection::vec(events(), count..=count);
    events.new_tree(&mut runner).unwrap().current()
}

/// Reads all that can be read, and how many events that was. An error has an
/// offset.
fn read_all(bytes: Vec<u8>) -> Result<u64, String> {
    let recording = Recording::of_bytes(bytes).map_err(|it| it.to_string())?;
    let mut cursor = recording.from_start();
    for record in cursor.by_ref() {
        record.map_err(|error| error.to_string())?;
    }
    let _ = cursor.known().counters.clone();
    Ok(cursor.event())
}

#[test]
fn a_recording_cut_anywhere_has_what_is_whole_and_says_where_it_ends() {
    let events = some_events(60);
    let whole = recorded(&events, 20);
    let blocks = Recording::of_bytes(whole.clone()).unwrap().blocks().to_vec();
    assert_eq!(blocks.len(), 3);
    for length in 0..whole.len() {
        let cut = Recording::of_bytes(whole[..length].to_vec());
        let cut = match cut {
            Ok(cut) => cut,
            Err(error) => {
                assert!((length as u64) < blocks[0].offset, "{length}");
                assert!(error.to_string().contains("at byte"), "{error}");
                continue;
            }
        };
        let end =
            |at: usize| blocks.get(at + 1).map_or(u64::MAX, |next| next.offset);
        let all = (0..2).filter(|at| end(*at) <= length as u64).count();
        let read = read_all(whole[..length].to_vec()).unwrap();
        assert!(read >= 20 * all as u64, "{read} of {length} bytes");
        match cut.ending() {
            Ending::Complete(closing) => assert_eq!(closing.events, 60),
            Ending::Truncated { at, why } => {
                assert!(*at <= length as u64, "{at} of {length}: {why}");
                assert!(cut.ending().to_string().contains("at byte"));
            }
        }
    }
}

#[test]
fn a_damaged_block_is_named_and_those_before_it_are_read() {
    let whole = recorded(&some_events(60), 20);
    let blocks = Recording::of_bytes(whole.clone()).unwrap().blocks().to_vec();
    let mut damaged = whole;
    let second = usize::try_from(blocks[1].offset).unwrap();
    damaged[second + 60] ^= 0x40;
    let recording = Recording::of_bytes(damaged).unwrap();
    let mut cursor = recording.from_start();
    let read = cursor.by_ref().take_while(Result::is_ok).count();
    assert!(read >= 20, "{read}");
    assert!(cursor.next().is_none(), "an error is told once");
    let error = recording.block(1).unwrap_err().to_string();
    let expected = format!(
        "is damaged at byte {second}: the checksum of a block is wrong"
    );
    assert_eq!(error, expected);
    assert!(recording.block(2).is_ok());
}

#[test]
fn something_else_is_no_recording() {
    for bytes in [&b""[..], b"x", b"sockscape\r\n", &[0; 4096]] {
        let error = Recording::of_bytes(bytes.to_vec()).err().unwrap();
        assert!(matches!(error, Error::Foreign), "{error}");
    }
}

#[test]
fn a_newer_format_is_refused_by_its_name() {
    let mut newer = recorded(&some_events(9), 9);
    newer[12] = 9;
    let error = Recording::of_bytes(newer).err().unwrap().to_string();
    let expected = format!(
        "is in format 9, written by sockscope {}; this sockscope reads up to \
         format 2 (at byte 12)",
        header().sockscope
    );
    assert_eq!(error, expected);
}

#[test]
fn a_newer_format_whose_header_is_unknown_is_refused_too() {
    let mut newer = recorded(&[], 9);
    (newer[13], newer[80]) = (1, 0);
    let error = Recording::of_bytes(newer).err().unwrap().to_string();
    assert!(error.starts_with("is in format 258, written by"), "{error}");
}

/// Changes some bytes of a recording, or cuts it, or doubles a part.
fn mutate(bytes: &mut Vec<u8>, mut random: impl FnMut(usize) -> usize) {
    for _ in 0..=random(4) {
        let at = random(bytes.len().max(1));
        match random(6) {
            0 => bytes.truncate(at),
            1 => {
                let part = bytes[at..].to_vec();
                bytes.extend(part.iter().take(200));
            }
            2 => bytes.extend([0xff; 9]),
            _ if bytes.is_empty() => {}
            _ => bytes[at] = u8::try_from(random(256)).unwrap(),
        }
    }
}

#[test]
fn mutated_recordings_are_read_or_refused() {
    let whole = recorded(&some_events(40), 13);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for _ in 0..MUTATED {
        let mut bytes = whole.clone();
        mutate(&mut bytes, &mut random);
        if let Err(error) = read_all(bytes) {
            let offset = error.contains("at byte");
            assert!(offset, "{error}");
        }
    }
}

/// What a block holds is trusted no more than the block: here nonsense has a
/// right checksum.
#[test]
fn nonsense_in_a_whole_block_is_refused() {
    use super::super::codec::Decoder;
    let mut runner = TestRunner::deterministic();
    let bytes = proptest::collection::vec(any::<u8>(), 0..400);
    for _ in 0..20_000 {
        let mut bytes = bytes.new_tree(&mut runner).unwrap().current();
        if let Some(first) = bytes.first_mut() {
            *first %= 72;
        }
        let records = Decoder::new(&bytes);
        let mut known = crate::view::Known::default();
        records.flatten().for_each(|record| known.take(&record));
    }
}

#[test]
fn limits_are_what_the_format_says() {
    assert_eq!((LARGEST_BLOCK, MOST_BLOCKS), (8_388_608, 1_048_576));
}
