//! Errors that nobody asks for: when they are reported, and when not.

use super::trial::{Trial, ms};
use crate::probe::{End, Note, TaskId};
use std::future::{Ready, ready};
use std::io::{self, ErrorKind};
use std::time::Duration;

fn fails() -> Ready<io::Result<()>> {
    ready(Err(ErrorKind::InvalidData.into()))
}

/// When an error was reported, and whose.
fn reported(it: &Trial) -> Vec<(Duration, TaskId)> {
    let report = |(at, note): (_, Note)| match note {
        Note::NeverRetrieved { task, end, socket: None, site } => {
            assert_eq!(end, End::Failed(ErrorKind::InvalidData));
            assert!(site.file.ends_with("never.rs"));
            Some((at, task))
        }
        _ => None,
    };
    it.log.notes().into_iter().filter_map(report).collect()
}

#[test]
fn at_once_if_the_handle_was_dropped() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        drop(tasks.spawn(fails()));
        tasks.sleep(ms(50)).await.unwrap();
    });
    it.run().unwrap();
    assert_eq!(reported(&it), [(ms(0), TaskId(1))]);
}

#[test]
fn when_the_handle_is_dropped_if_it_was_kept() {
    let it = Trial::new();
    let tasks = it.tasks.clone();
    it.spawn(async move {
        let handle = tasks.spawn(fails());
        tasks.sleep(ms(50)).await.unwrap();
        assert!(handle.is_finished());
    });
    it.run().unwrap();
    assert_eq!(reported(&it), [(ms(50), TaskId(1))]);
}
