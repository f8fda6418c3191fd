//! Recordings of real runs: what is in them, and what is left of them when
//! the run or the disk comes to an early end.

mod breaking;
mod compare;
mod limit;
mod log;
mod player;
#[cfg(target_os = "linux")]
mod queues;
mod runs;
mod truth;

use crate::support::process::{self, Folder};
use sockscope::recording::{Cursor, Recording};
use std::path::Path;

/// Records a run of this scenario to its end; the file has no name any more.
#[track_caller]
pub(crate) fn recorded(
    mode: &str,
    scenario: &str,
    options: &[&str],
) -> Recording {
    let folder = Folder::new(mode);
    let file = process::record(&folder, mode, scenario, options);
    Recording::open(Path::new(&file)).unwrap()
}

/// Goes to the end of a recording, without an error.
pub(crate) fn to_the_end(recording: &Recording) -> Cursor {
    let mut cursor = recording.from_start();
    assert!(cursor.by_ref().all(|record| record.is_ok()));
    assert_eq!(cursor.event(), recording.events());
    cursor
}
