//! The live log of a run that is recorded: folded from the very records that
//! go into the file, so that a replay prints the same.

use super::output::try_print;
use super::watch::{TICK, beginning};
use crate::model::{Entry, LogFold, Told, What};
use crate::probe::ThreadId;
use crate::recording::{Heard, Listener};
use crate::report::told_line;
use crate::scenario::engine::{Watcher, Wish};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many bytes of lines wait to be printed, at most: the recorder does not
/// wait for a terminal.
const LINES_ROOM: usize = 4 << 20;

/// Prints the lines that the recorder's thread makes.
pub(super) struct RecordedLog {
    introduction: String,
    lines: Arc<Mutex<Lines>>,
}

impl RecordedLog {
    /// A log, and who makes it from what is recorded.
    pub(super) fn new(introduction: String, fold: LogFold) -> (Self, Listener) {
        let lines = Arc::new(Mutex::new(Lines::with_room(LINES_ROOM)));
        let listener = listener(fold, lines.clone());
        (Self { introduction, lines }, listener)
    }

    /// Prints what is left and tells how many events were lost; to be called
    /// when the recording has all of the run.
    pub(super) fn finish(self) -> io::Result<u64> {
        self.print()?;
        Ok(locked(&self.lines).lost)
    }

    fn print(&self) -> io::Result<()> {
        let text = locked(&self.lines).take();
        if text.is_empty() { Ok(()) } else { try_print(&text) }
    }
}

impl Watcher for RecordedLog {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&beginning(address, &self.introduction))
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        self.print()?;
        Ok(Wish::GoOn)
    }
}

fn listener(mut fold: LogFold, lines: Arc<Mutex<Lines>>) -> Listener {
    Box::new(move |heard| match heard {
        Heard::Event(event) => {
            fold.event(event);
            fold.flow();
        }
        Heard::Counted(it) => {
            let counters = || it.snapshot.clone();
            fold.counted(it.at, &it.snapshot.phases, it.lost, counters);
        }
        Heard::Rest => locked(&lines).add(&fold.take()),
        Heard::End { lost } => {
            fold.finish();
            let mut lines = locked(&lines);
            lines.add(&fold.take());
            lines.lost = lost;
        }
    })
}

fn locked(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lines on their way to a terminal that may be slow.
struct Lines {
    room: usize,
    text: String,
    /// How many found no room, and the time of the first of them.
    left_out: Option<(Duration, u64)>,
    /// How many events found no room.
    lost: u64,
}

impl Lines {
    const fn with_room(room: usize) -> Self {
        Self { room, text: String::new(), left_out: None, lost: 0 }
    }

    /// After one that found no room all others are left out, too, until the
    /// text is taken: so there is one gap.
    fn add(&mut self, told: &[Told]) {
        for told in told {
            if let Some((_, lines)) = &mut self.left_out {
                *lines += 1;
                continue;
            }
            let line = told_line(told);
            if self.text.len() + line.len() < self.room {
                self.text.push_str(&line);
                self.text.push('\n');
            } else {
                self.left_out = Some((told.at(), 1));
            }
        }
    }

    fn take(&mut self) -> String {
        let mut text = std::mem::take(&mut self.text);
        if let Some((at, entries)) = self.left_out.take() {
            let what = What::NotShown { entries };
            let gap = Entry { at, thread: ThreadId(0), what };
            text.push_str(&told_line(&Told::Entry(gap)));
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ms: u64) -> Told {
        let at = Duration::from_millis(ms);
        let what = What::Listening;
        Told::Entry(Entry { at, thread: ThreadId(0), what })
    }

    #[test]
    fn what_finds_no_room_is_counted_and_told_at_its_place() {
        let line = told_line(&told(1)) + "\n";
        let mut lines = Lines::with_room(2 * line.len());
        lines.add(&[told(1), told(2), told(3)]);
        lines.add(&[told(4)]);
        let text = lines.take();
        let gap = "   0.003  —     … 2 entries not shown";
        let expected = [told_line(&told(1)), told_line(&told(2)), gap.into()];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        lines.add(&[told(5)]);
        assert_eq!(lines.take(), told_line(&told(5)) + "\n");
        assert_eq!(lines.take(), "");
    }
}
