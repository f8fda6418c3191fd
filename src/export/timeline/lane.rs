//! What happened on one thread or socket.

use super::mark::{Mark, What};

/// Whose lane it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// A thread.
    Thread(u16),
    /// A socket; 0 is the listener.
    Socket(u32),
}

impl Owner {
    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Thread(number) => number.into(),
            Self::Socket(number) => number,
        }
    }
}

/// The marks of one thread or socket.
pub(crate) struct Lane {
    pub(crate) owner: Owner,
    /// Who is at the other end of a socket.
    pub(crate) peer: String,
    /// Since when a socket is open.
    pub(super) open: Option<u64>,
    marks: [Vec<Mark>; What::ALL.len()],
}

impl Lane {
    pub(super) fn new(owner: Owner) -> Self {
        let marks = [const { Vec::new() }; What::ALL.len()];
        Self { owner, peer: String::new(), open: None, marks }
    }

    /// Its marks of each kind, in the order in which they were told.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (What, &[Mark])> {
        let marks = self.marks.iter().map(Vec::as_slice);
        What::ALL.into_iter().zip(marks).filter(|(_, it)| !it.is_empty())
    }

    /// Adds a mark; false if an earlier one has taken it in.
    pub(super) fn add(&mut self, mark: Mark, step: u64) -> bool {
        let marks = &mut self.marks[mark.what as usize];
        if let Some(last) = marks.last_mut()
            && are_one(last, &mark, step)
        {
            last.join(&mark);
            return false;
        }
        marks.push(mark);
        true
    }

    /// Makes one of those that begin in the same step; returns how many
    /// are left.
    pub(super) fn coarsen(&mut self, step: u64) -> usize {
        for marks in &mut self.marks {
            marks.dedup_by(|mark, last| {
                let are_one = are_one(last, mark, step);
                if are_one {
                    last.join(mark);
                }
                are_one
            });
        }
        self.marks.iter().map(Vec::len).sum()
    }
}

/// Work goes on where it was left, whatever the step is.
fn are_one(last: &Mark, next: &Mark, step: u64) -> bool {
    let goes_on = next.what == What::Work && last.end == next.start;
    let of = |at: u64| at.checked_div(step);
    goes_on || step > 0 && of(last.start) == of(next.start)
}
