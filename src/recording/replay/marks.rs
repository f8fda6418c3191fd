//! Where in a recording findings begin.

use crate::view::Finding;
use crate::view::Live;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;
use std::time::Duration;

/// How many marks are kept.
const KEPT: usize = 1_000;

/// The place where a finding begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When a view first had it.
    pub at: Duration,
    /// What was found.
    pub finding: Finding,
}

/// All marks up to a place, and the findings at that place.
#[derive(Clone, Default)]
pub(super) struct FindingMarks {
    kept: Arc<Vec<Mark>>,
    current: Vec<Key>,
}

/// What makes two findings the same one.
type Key = (Discriminant<Finding>, Option<Discriminant<Live>>);

impl FindingMarks {
    /// Marks those of the current findings that are new.
    pub(super) fn look(&mut self, found: &[Finding], at: Duration) {
        let keyed = found.iter().filter_map(|it| Some((key(it)?, it)));
        let keyed: Vec<_> = keyed.collect();
        for (key, finding) in &keyed {
            if !self.current.contains(key) && self.kept.len() < KEPT {
                let finding = (*finding).clone();
                Arc::make_mut(&mut self.kept).push(Mark { at, finding });
            }
        }
        self.current.clear();
        self.current.extend(keyed.into_iter().map(|(key, _)| key));
    }

    pub(super) const fn all(&self) -> &Arc<Vec<Mark>> {
        &self.kept
    }
}

/// `None` for a finding that is over: it was marked when it began.
fn key(finding: &Finding) -> Option<Key> {
    let kind = discriminant(finding);
    match finding {
        Finding::Live(live) => Some((kind, Some(discriminant(live)))),
        Finding::Seen(_) => None,
        _ => Some((kind, None)),
    }
}
