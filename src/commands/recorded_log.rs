//! The live log of a run that is recorded: folded from the very records that
//! go into the file, so that a replay prints the same.

use super::output::try_print;
use super::watch::{TICK, beginning};
use crate::error::Error;
use crate::probe::{Event, ThreadId};
use crate::recording::{Counted, Heard, Listener};
use crate::run::engine::{Watcher, Wish};
use crate::run::meters::Used;
use crate::system::usage;
use crate::view::log::told_line;
use crate::view::{Entry, LogFold, Told, What};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

/// How many bytes of lines wait to be printed, at most: who makes them does
/// not wait for a terminal.
const LINES_ROOM: usize = 4 << 20;

/// How many events are handed on together, at most.
const TOGETHER: usize = 4_096;

/// How many times as many may be on their way: then the recorder waits, and
/// what finds no room meanwhile is missing in the file as in the log.
const ON_THEIR_WAY: usize = 32;

/// Prints the lines that a thread makes of what is recorded: the recorder has
/// no time for it.
pub(super) struct RecordedLog {
    introduction: String,
    lines: Arc<Mutex<Lines>>,
    thread: JoinHandle<()>,
}

/// What is handed on.
enum Item {
    Event(Event),
    Counted(Box<Counted>),
    End { lost: u64 },
}

impl RecordedLog {
    /// A log, and who hands on what is recorded; its thread tells what it has
    /// used.
    pub(super) fn start(
        introduction: String,
        fold: LogFold,
        used: Used,
    ) -> Result<(Self, Listener), Error> {
        let lines = Arc::new(Mutex::new(Lines::with_room(LINES_ROOM)));
        let (items, received) = sync_channel(ON_THEIR_WAY);
        let mut maker = Maker { fold, lines: lines.clone(), used };
        let builder = thread::Builder::new().name("log".into());
        let thread = builder.spawn(move || maker.make(&received));
        let what = "start the thread of the log";
        let thread = thread.map_err(|source| Error::System { what, source })?;
        Ok((Self { introduction, lines, thread }, listener(items)))
    }

    /// Prints what is left and tells how many events were lost; to be called
    /// when the recording has all of the run.
    pub(super) fn finish(self) -> io::Result<u64> {
        let Self { introduction: _, lines, thread } = self;
        // If it panicked that was told.
        let _ = thread.join();
        print(&lines)?;
        Ok(locked(&lines).lost)
    }
}

fn print(lines: &Mutex<Lines>) -> io::Result<()> {
    let text = locked(lines).take();
    if text.is_empty() { Ok(()) } else { try_print(&text) }
}

impl Watcher for RecordedLog {
    fn listening(&mut self, address: SocketAddr) -> io::Result<()> {
        try_print(&beginning(address, &self.introduction))
    }

    fn interval(&self) -> Option<Duration> {
        Some(TICK)
    }

    fn tick(&mut self) -> io::Result<Wish> {
        print(&self.lines)?;
        Ok(Wish::GoOn)
    }
}

fn listener(to: SyncSender<Vec<Item>>) -> Listener {
    let mut items = Vec::new();
    Box::new(move |heard| {
        let is_all = match heard {
            Heard::Event(event) => {
                items.push(Item::Event(*event));
                items.len() >= TOGETHER
            }
            Heard::Counted(counted) => {
                items.push(Item::Counted(Box::new(counted.clone())));
                false
            }
            Heard::Rest => !items.is_empty(),
            Heard::End { lost } => {
                items.push(Item::End { lost });
                true
            }
        };
        if is_all {
            // Nobody is there any more after the end, or a panic.
            let _ = to.send(mem::take(&mut items));
        }
    })
}

/// Makes lines of what is handed on.
struct Maker {
    fold: LogFold,
    lines: Arc<Mutex<Lines>>,
    used: Used,
}

impl Maker {
    fn make(&mut self, received: &Receiver<Vec<Item>>) {
        for items in received {
            let lost = items.into_iter().filter_map(|it| self.take(it)).last();
            let mut lines = locked(&self.lines);
            lines.add(&self.fold.take());
            if let Some(lost) = lost {
                lines.lost = lost;
                return;
            }
            drop(lines);
            if let Some(usage) = usage::of_thread() {
                self.used.tell(usage);
            }
        }
    }

    /// Tells at the end how many events were lost.
    fn take(&mut self, item: Item) -> Option<u64> {
        match item {
            Item::Event(event) => {
                self.fold.event(&event);
                self.fold.flow();
            }
            Item::Counted(it) => {
                let Counted { at, lost, snapshot } = *it;
                let phases = snapshot.phases.clone();
                self.fold.counted(at, &phases, lost, || snapshot);
            }
            Item::End { lost } => {
                self.fold.finish();
                return Some(lost);
            }
        }
        None
    }
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
