//! A recording as lanes on one axis of time, of a size that is bounded.
//!
//! Each thing that happened is a [`Mark`] on the lane of its thread and on
//! that of its socket. As long as they are few, each mark is one call or one
//! note. When there are more than [`Bounds::marks`], marks of the same kind
//! that begin within the same [step](Timeline::step) of a lane become one,
//! which counts them, and the step doubles until they fit: where little
//! happens, single calls stay what they are.

mod calls;
mod gather;
mod lane;
mod mark;
mod notes;
mod rates;

pub(super) use gather::gather;
pub(super) use lane::{Lane, Owner};
pub(super) use mark::{Mark, What};
pub(super) use rates::Rates;

use super::Subject;
use crate::probe::Site;
use crate::units::nanoseconds;
use std::collections::HashSet;

/// So many numbers of threads or sockets without a lane are told apart.
const MOST_COUNTED: usize = 65_536;

/// So many different words or lines of source are told apart.
const MOST_NAMES: usize = 1_024;

/// How large a timeline may be.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// Marks on all lanes together.
    pub(super) marks: usize,
    /// Lanes of threads.
    pub(super) threads: usize,
    /// Lanes of sockets.
    pub(super) sockets: usize,
}

/// The part of a run that is shown. Times are in nanoseconds of the
/// recording's clock.
pub(super) struct Timeline {
    /// Where it begins.
    pub(super) from: u64,
    /// Where it ends.
    pub(super) until: u64,
    /// Marks that begin in the same step of a lane may be one; 0 if each is
    /// on its own.
    pub(super) step: u64,
    /// How many events are in it.
    pub(super) events: u64,
    pub(super) threads: Vec<Lane>,
    pub(super) sockets: Vec<Lane>,
    /// What was done a second.
    pub(super) rates: Rates,
    /// The beginnings of the phases, with their numbers.
    pub(super) phases: Vec<(u64, usize)>,
    /// Words of marks; the first is none.
    pub(super) words: Vec<String>,
    /// Lines of source of marks, from 1 on.
    pub(super) sites: Vec<Site>,
    /// How long threads slept on each of them.
    pub(super) asleep: Vec<u64>,
    bounds: Bounds,
    marks: usize,
    without: [HashSet<u32>; 2],
}

impl Timeline {
    fn new(subject: &Subject, bounds: Bounds) -> Self {
        let end = nanoseconds(subject.recording.duration());
        let until = nanoseconds(subject.until).min(end);
        let from = nanoseconds(subject.from).min(until);
        Self {
            from,
            until,
            step: 0,
            events: 0,
            threads: Vec::new(),
            sockets: Vec::new(),
            rates: Rates::new(from, until),
            phases: Vec::new(),
            words: vec![String::new()],
            sites: Vec::new(),
            asleep: Vec::new(),
            bounds,
            marks: 0,
            without: [HashSet::new(), HashSet::new()],
        }
    }

    /// How many marks there are.
    pub(super) const fn marks(&self) -> usize {
        self.marks
    }

    /// How many threads and how many sockets have no lane.
    pub(super) fn without_lanes(&self) -> (usize, usize) {
        (self.without[0].len(), self.without[1].len())
    }

    /// The lane of this thread or socket, if there is room for one.
    fn lane(&mut self, owner: Owner) -> Option<&mut Lane> {
        let (lanes, most, without) = match owner {
            Owner::Thread(_) => {
                (&mut self.threads, self.bounds.threads, &mut self.without[0])
            }
            Owner::Socket(_) => {
                (&mut self.sockets, self.bounds.sockets, &mut self.without[1])
            }
        };
        match lanes.binary_search_by_key(&owner, |lane| lane.owner) {
            Ok(at) => Some(&mut lanes[at]),
            Err(at) if lanes.len() < most => {
                lanes.insert(at, Lane::new(owner));
                Some(&mut lanes[at])
            }
            Err(_) => {
                if without.len() < MOST_COUNTED {
                    without.insert(owner.number());
                }
                None
            }
        }
    }

    /// Adds a mark; what lies outside the part that is shown is cut off.
    fn add(&mut self, owner: Owner, mark: Mark) {
        let (from, until, step) = (self.from, self.until, self.step);
        let Some(mark) = mark.within(from, until) else { return };
        let Some(lane) = self.lane(owner) else { return };
        if lane.add(mark, step) {
            self.marks += 1;
        }
        while self.marks > self.bounds.marks && self.coarsen() {}
    }

    /// Doubles the step until a quarter of the marks is gone; false if it
    /// is as large as makes sense.
    pub(super) fn coarsen(&mut self) -> bool {
        let goal = self.marks - self.marks.div_ceil(4);
        let before = self.marks;
        while self.marks > goal {
            if self.step > self.until - self.from {
                break;
            }
            self.step = self.step.saturating_mul(2).max(1_000);
            let lanes = self.threads.iter_mut().chain(&mut self.sockets);
            self.marks = lanes.map(|lane| lane.coarsen(self.step)).sum();
        }
        self.marks < before
    }

    /// The number of these words; 0 for none, and when there are too many.
    fn word(&mut self, words: &str) -> u32 {
        let known = self.words.iter().position(|it| it == words);
        let at = known.unwrap_or_else(|| {
            if self.words.len() >= MOST_NAMES {
                return 0;
            }
            self.words.push(words.to_owned());
            self.words.len() - 1
        });
        u32::try_from(at).unwrap_or(0)
    }

    /// The number of this line, from 1; 0 when there are too many.
    fn site(&mut self, site: Site) -> u32 {
        let known = self.sites.iter().position(|it| *it == site);
        let at = known.unwrap_or_else(|| {
            if self.sites.len() < MOST_NAMES {
                self.sites.push(site);
                self.asleep.push(0);
            }
            self.sites.len()
        });
        let at = if known.is_some() { at + 1 } else { at };
        u32::try_from(at).unwrap_or(0)
    }
}
