//! Whatever the bytes are: no panic, bounded memory, and a message that says
//! where.

use super::fixtures::{header, recorded};
use crate::any_event::events;
use crate::probe::Event;
use crate::recording::{Ending, Error, Recording};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

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
                let words = error.to_string();
                let is_none = words.contains("is no recording");
                assert!(is_none || words.contains("at byte"), "{error}");
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

/// The head of a block is under its checksum, too.
#[test]
fn a_changed_byte_is_found_or_changes_nothing() {
    let whole = recorded(&some_events(60), 20);
    let blocks = Recording::of_bytes(whole.clone()).unwrap().blocks().to_vec();
    let end = usize::try_from(blocks[2].end()).unwrap();
    for at in 0..end {
        let mut bytes = whole[..end].to_vec();
        bytes[at] ^= 1 << (at % 8);
        let Ok(it) = Recording::of_bytes(bytes) else { continue };
        if it.blocks().len() == 3 && it.from_start().all(|it| it.is_ok()) {
            assert_eq!((it.blocks(), it.header()), (&blocks[..], &header()));
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
    assert!(cursor.next().is_none(), "an error is returned once");
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
fn another_version_is_named_with_the_one_that_is_read() {
    let by = format!("sockscope {}", header().sockscope);
    for (version, header_byte, by) in [
        ([9, 0], None, &*by),
        ([2, 0], None, &*by),
        ([4, 1], Some(0), "an unknown version"),
    ] {
        let mut other = recorded(&some_events(9), 9);
        other[12..14].copy_from_slice(&version);
        other[80] = header_byte.unwrap_or(other[80]);
        let error = Recording::of_bytes(other).err().unwrap().to_string();
        let version = u16::from_le_bytes(version);
        let expected = format!(
            "is in format {version}, written by {by}; this sockscope reads \
             format 4 (at byte 12)"
        );
        assert_eq!(error, expected);
    }
}
