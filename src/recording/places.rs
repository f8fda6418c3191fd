//! Lines of source, by number.

use super::bytes::{In, Out, Read};
use super::codes;
use crate::probe::{Kind, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// A line of source and the call that stands there; `None` for an `await`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) site: Site,
    pub(super) kind: Option<Kind>,
}

/// How many places a recording may name.
pub(super) const MOST_PLACES: usize = 4_096;

/// The longest name of a source file, in bytes.
const LONGEST_NAME: usize = 512;

/// How many names of files this process ever learns from recordings, as a
/// name lives as long as the process.
const MOST_NAMES: usize = 1_024;

/// Marks a place without a call.
const NO_CALL: u8 = 255;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The same name for as long as the process lives; `None`: too many.
fn lasting(name: &str) -> Option<&'static str> {
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MOST_NAMES {
        return None;
    }
    let name: &'static str = Box::leak(Box::from(name));
    names.insert(name);
    Some(name)
}

/// The places that a writer has named, and those that its block names.
#[derive(Default)]
pub(super) struct PlacesOut {
    known: Vec<(Place, bool)>,
}

impl PlacesOut {
    /// A new block begins, which names its places itself.
    pub(super) fn forget(&mut self) {
        self.known.iter_mut().for_each(|(_, named)| *named = false);
    }

    /// The number of a place. What names it in this block, if nothing has
    /// yet, is put before.
    pub(super) fn number(
        &mut self,
        site: Site,
        kind: Option<Kind>,
        define: impl FnOnce(u32, Place),
    ) -> u32 {
        let place = Place { site, kind };
        let found = self.known.iter().position(|(it, _)| *it == place);
        let index = found.unwrap_or_else(|| {
            if self.known.len() < MOST_PLACES {
                self.known.push((place, false));
            }
            self.known.len() - 1
        });
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        if let Some((place, named @ false)) = self.known.get_mut(index) {
            *named = true;
            define(number, *place);
        }
        number
    }
}

impl Place {
    pub(super) fn write(self, number: u32, out: &mut Out) {
        out.uint(number.into());
        out.text(self.site.file);
        out.uint(self.site.line.into());
        out.byte(self.kind.map_or(NO_CALL, |kind| kind as u8));
    }

    pub(super) fn read(bytes: &mut In) -> Read<(u32, Self)> {
        let number = bytes.narrow()?;
        if number as usize >= MOST_PLACES {
            return Err(bytes.fault("the number of a place is too large"));
        }
        let file = lasting(bytes.text(LONGEST_NAME)?);
        let file = file.ok_or_else(|| bytes.fault("too many source files"))?;
        let site = Site { file, line: bytes.narrow()? };
        let kind = match bytes.byte()? {
            NO_CALL => None,
            code => Some(
                codes::kind(code.into())
                    .ok_or_else(|| bytes.fault("no such call"))?,
            ),
        };
        Ok((number, Self { site, kind }))
    }
}

/// The places that a block has named so far.
pub(super) type PlacesIn = BTreeMap<u32, Place>;
