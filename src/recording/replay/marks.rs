//! Where something worth telling came up.

use crate::view::Finding;
use crate::view::Live;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;
use std::time::Duration;

/// How many marks are kept.
const KEPT: usize = 1_000;

/// Something worth telling came up here.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When a view first told it.
    pub at: Duration,
    /// What it was.
    pub finding: Finding,
}

/// All marks up to a place, and what was told there.
#[derive(Clone, Default)]
pub(super) struct Marks {
    kept: Arc<Vec<Mark>>,
    told: Vec<Key>,
}

/// What makes two findings the same one.
type Key = (Discriminant<Finding>, Option<Discriminant<Live>>);

impl Marks {
    /// This is worth telling now: what is new of it is marked.
    pub(super) fn look(&mut self, found: &[Finding], at: Duration) {
        let keyed = found.iter().filter_map(|it| Some((key(it)?, it)));
        let keyed: Vec<_> = keyed.collect();
        for (key, finding) in &keyed {
            if !self.told.contains(key) && self.kept.len() < KEPT {
                let finding = (*finding).clone();
                Arc::make_mut(&mut self.kept).push(Mark { at, finding });
            }
        }
        self.told.clear();
        self.told.extend(keyed.into_iter().map(|(key, _)| key));
    }

    pub(super) const fn all(&self) -> &Arc<Vec<Mark>> {
        &self.kept
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
