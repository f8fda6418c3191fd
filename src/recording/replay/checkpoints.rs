//! Places from which folding can go on.

use super::folded::Folded;
use crate::model::Finding;
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How much memory checkpoints take together, at most, in bytes; every second
/// one is given up for later ones.
const MEMORY: usize = 192 << 20;

/// How many marks are kept.
const MARKS: usize = 1_000;

/// Something worth telling came up here.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When a view first told it.
    pub at: Duration,
    /// How many events there are before.
    pub event: u64,
    /// What it was.
    pub finding: Finding,
}

/// How far a recording has been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// So many events.
    pub event: u64,
    /// Up to this time.
    pub at: Duration,
    /// It is not read on.
    pub is_done: bool,
    /// Why not, if that is not because all of it has been read.
    pub failure: Option<String>,
}

/// What reading a recording once has left behind, for whoever goes to a place
/// in it.
#[derive(Default)]
pub struct Checkpoints(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    kept: Vec<Arc<Checkpoint>>,
    bytes: usize,
    /// Of so many that could be kept, one is.
    one_in: u64,
    seen: u64,
    marks: Vec<Mark>,
    read: Read,
}

/// All before a block, folded.
pub(super) struct Checkpoint {
    pub(super) block: usize,
    pub(super) folded: Folded,
}

impl Checkpoints {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the recording has been read.
    #[must_use]
    pub fn read(&self) -> Read {
        self.lock().read.clone()
    }

    /// Where something worth telling came up, in order: the first ones.
    #[must_use]
    pub fn marks(&self) -> Vec<Mark> {
        self.lock().marks.clone()
    }

    pub(super) fn tell(&self, read: Read, marks: &mut Vec<Mark>) {
        let mut inner = self.lock();
        inner.read = read;
        let room = MARKS.saturating_sub(inner.marks.len());
        inner.marks.extend(marks.drain(..).take(room));
    }

    /// Keeps it, if it is its turn.
    pub(super) fn keep(&self, block: usize, folded: &Folded) {
        let mut inner = self.lock();
        inner.seen += 1;
        if inner.seen % inner.one_in.max(1) != 0 {
            return;
        }
        let folded = folded.clone();
        inner.bytes += folded.memory();
        inner.kept.push(Arc::new(Checkpoint { block, folded }));
        while inner.bytes > MEMORY && inner.kept.len() > 2 {
            inner.give_up();
        }
    }

    /// The last one that is before what is wanted.
    pub(super) fn last(
        &self,
        is_before: impl Fn(&Folded) -> bool,
    ) -> Option<Arc<Checkpoint>> {
        let inner = self.lock();
        let place = inner.kept.partition_point(|it| is_before(&it.folded));
        place.checked_sub(1).map(|last| inner.kept[last].clone())
    }
}

impl Inner {
    /// Gives up every second one.
    fn give_up(&mut self) {
        let mut place = 0;
        self.kept.retain(|_| {
            place += 1;
            place % 2 == 0
        });
        self.one_in = self.one_in.max(1) * 2;
        self.bytes = self.kept.iter().map(|it| it.folded.memory()).sum();
    }
}

/// Notices what has come up since the last look.
#[derive(Default)]
pub(super) struct Notice {
    looked: Duration,
    known: Vec<Key>,
}

/// What makes two findings the same one.
type Key =
    (Discriminant<Finding>, Option<Discriminant<crate::model::view::Live>>);

impl Notice {
    /// What is new in the last view of what is folded.
    pub(super) fn look(&mut self, folded: &Folded) -> Vec<Mark> {
        if folded.looked() == self.looked {
            return Vec::new();
        }
        self.looked = folded.looked();
        let found = folded.findings().iter();
        let found: Vec<_> =
            found.filter_map(|it| Some((key(it)?, it))).collect();
        let new = found.iter().filter(|(key, _)| !self.known.contains(key));
        let mark = |(_, finding): &(Key, &Finding)| Mark {
            at: folded.at().max(self.looked),
            event: folded.event(),
            finding: (*finding).clone(),
        };
        let marks = new.map(mark).collect();
        self.known = found.into_iter().map(|(key, _)| key).collect();
        marks
    }
}

/// `None`: it is over, and was told before.
fn key(finding: &Finding) -> Option<Key> {
    let kind = discriminant(finding);
    match finding {
        Finding::Live(live) => Some((kind, Some(discriminant(live)))),
        Finding::Seen(_) => None,
        _ => Some((kind, None)),
    }
}
