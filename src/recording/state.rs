//! What was known at a moment of a recording.

use super::counting::CounterFold;
use super::record::{Holds, Measured, Record};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// How many clients have names, at most.
pub const NAMES_KEPT: usize = 4_096;

/// What was known after some records of a recording, those about single
/// calls aside: those are for [`Scope`](crate::view::Scope).
#[derive(Clone, Default)]
pub struct State {
    counters: CounterFold,
    measured: Measured,
    holds: Holds,
    names: Arc<HashMap<SocketAddr, String>>,
}

impl State {
    /// Before the first record.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next record of the recording.
    pub fn take(&mut self, record: &Record) {
        match record {
            Record::Event(event) => self.counters.take(event),
            Record::Counters(counters) => self.counters.apply(counters),
            Record::Measured(measured) => self.measured.clone_from(measured),
            Record::Holds(holds) => self.holds.clone_from(holds),
            Record::Named(named) if self.names.len() < NAMES_KEPT => {
                let known = Arc::make_mut(&mut self.names);
                known.insert(named.address, named.name.clone());
            }
            Record::Named(_) | Record::Payload(_) => {}
        }
    }

    /// The exact counters, and what events have added since.
    pub const fn counters(&self) -> &CounterFold {
        &self.counters
    }

    /// What was measured last.
    pub const fn measured(&self) -> &Measured {
        &self.measured
    }

    /// Who was held, and what was asked of the gate.
    pub const fn holds(&self) -> &Holds {
        &self.holds
    }

    /// What clients are called, by their addresses.
    pub const fn names(&self) -> &Arc<HashMap<SocketAddr, String>> {
        &self.names
    }
}
