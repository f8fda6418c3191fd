//! The log of a recording without its end.

use super::log::{log, logged, replayed};
use crate::support::process::Folder;
use sockscope::probe::Kind;
use sockscope::recording::{Block, Recording};
use sockscope::view::log::log_line;
use sockscope::view::{Known, LogFold, Observation};

/// What is certain whatever would have come next, and what is held back.
fn folded(recording: &Recording) -> [String; 2] {
    let grace = recording.header().settings.options.grace();
    let mut fold = LogFold::new(Kind::Wait, grace);
    let mut known = Known::default();
    for place in 0..recording.blocks().len() {
        for record in recording.block(place).unwrap() {
            known.take(&record);
            match record {
                Observation::Event(event) => fold.event(&event),
                Observation::Counters(it) => {
                    let counters = &known.counters;
                    let phases = &counters.phases;
                    fold.counted(it.at.duration(), phases, it.lost, || {
                        (**counters).clone()
                    });
                }
                _ => {}
            }
            fold.flow();
        }
    }
    let mut lines = || {
        let told = fold.take();
        let lines = told.iter().map(|told| log_line(told) + "\n").collect();
        fold.finish();
        lines
    };
    [lines(), lines()]
}

/// Behind its head and its content.
fn end(block: &Block) -> usize {
    usize::try_from(block.offset + 52 + u64::from(block.stored)).unwrap()
}

#[test]
fn without_its_end_the_log_is_that_of_what_is_there() {
    let folder = Folder::new("log-cut");
    let (file, cut) = (folder.path("whole"), folder.path("cut"));
    logged(&file, "selector", &["--scenario", "two-clients"]);
    let live = replayed(&file, &[]);
    let live = log("selector", &live.stdout);
    let bytes = std::fs::read(&file).unwrap();
    let recording = Recording::of_bytes(bytes.clone()).unwrap();
    let blocks = recording.blocks();
    assert!(blocks.len() > 5);
    for block in [0, blocks.len() / 2, blocks.len() - 1] {
        let end = end(&blocks[block]);
        std::fs::write(&cut, &bytes[..end + 9]).unwrap();
        let [certain, held] = folded(&Recording::open(cut.as_ref()).unwrap());
        let again = replayed(&cut, &[]);
        assert_eq!(again.code(), Some(0), "{again:?}");
        let beginning = again.stdout.strip_suffix(&(certain + &held));
        let beginning = beginning.expect("everything that is there");
        let whole = again.stdout.strip_suffix(&held).unwrap();
        assert!(live.starts_with(whole), "{live}\n---\n{whole}");
        assert!(beginning.starts_with("\ntwo-clients: "), "{beginning}");
        let said = format!("it ends at byte {end} without its closing: ");
        assert!(again.stderr.contains(&said), "{}", again.stderr);
    }
}

#[test]
fn a_damaged_block_ends_the_log_with_its_offset() {
    let folder = Folder::new("log-damaged");
    let file = folder.path("damaged");
    logged(&file, "selector", &["--scenario", "two-clients"]);
    let whole = replayed(&file, &[]);
    let mut bytes = std::fs::read(&file).unwrap();
    let recording = Recording::of_bytes(bytes.clone()).unwrap();
    let offset = recording.blocks()[3].offset;
    bytes[usize::try_from(offset).unwrap() + 60] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let again = replayed(&file, &[]);
    assert_eq!(again.code(), Some(1), "{again:?}");
    assert!(again.stderr.contains(&offset.to_string()), "{again:?}");
    assert!(again.stdout.lines().count() > 5);
    assert!(whole.stdout.starts_with(&again.stdout));
}
