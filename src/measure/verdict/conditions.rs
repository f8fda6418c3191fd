//! What the conditions, and not the servers, are to blame for.

use super::ranking::is_ahead;
use super::{Finding, ranked};
use crate::measure::figure::Figure;
use crate::measure::result::{
    BenchConditions, BenchResult, SubjectKind, SubjectResult,
};

/// Up to so many connections busy polling looks better than it is.
const FEW_CONNECTIONS: u32 = 10;

/// The machine was busy if its load average was above this part of its
/// cores.
const BUSY: f64 = 0.5;

pub(super) fn cores_shared(conditions: &BenchConditions) -> Option<Finding> {
    match (&conditions.server_cores, &conditions.load_cores) {
        (Some(server), Some(load)) => {
            let shared = server.iter().any(|core| load.contains(core));
            shared.then_some(Finding::CoresShared { bound: true })
        }
        _ => Some(Finding::CoresShared { bound: false }),
    }
}

/// Whether a server runs already, started and bound by somebody else.
#[must_use]
pub const fn is_foreign(subject: &SubjectResult) -> bool {
    matches!(subject.kind, SubjectKind::Address(_))
}

pub(super) fn not_bound(result: &BenchResult) -> Option<Finding> {
    result.conditions.server_cores.as_ref()?;
    let measured = result.subjects.iter().filter(|it| !it.samples.is_empty());
    let (foreign, ours): (Vec<_>, Vec<_>) =
        measured.partition(|it| is_foreign(it));
    let subjects = foreign.iter().map(|it| it.name.clone()).collect();
    let both = !foreign.is_empty() && !ours.is_empty();
    both.then_some(Finding::NotBound { subjects })
}

pub(super) fn machine_busy(conditions: &BenchConditions) -> Option<Finding> {
    let (load_average, cores) = (conditions.load_average?, conditions.cores?);
    let busy = load_average > BUSY * f64::from(cores);
    busy.then_some(Finding::MachineBusy { load_average, cores })
}

pub(super) fn cost_of_waiting(result: &BenchResult) -> Option<Finding> {
    let workload = &result.workload;
    let named = |name: &str| {
        let named = |it: &&SubjectResult| it.name == name && is_mode(it);
        result.subjects.iter().find(named)
    };
    let polling = named("nonblocking")?;
    let others: Vec<_> =
        ["selector", "tasks"].into_iter().filter_map(named).collect();
    let ahead = |figure: &Figure| {
        let is_behind =
            |it: &&&SubjectResult| is_ahead(*figure, polling, it, workload);
        let behind = others.iter().filter(is_behind);
        let behind: Vec<_> = behind.map(|it| it.name.clone()).collect();
        (!behind.is_empty()).then_some((*figure, behind))
    };
    let connections = workload.connections();
    let applies = connections <= FEW_CONNECTIONS
        && result.conditions.mechanism.contains("epoll");
    let (figure, waiting) =
        ranked(workload.pacing).iter().find_map(ahead).filter(|_| applies)?;
    Some(Finding::CostOfWaiting { waiting, figure, connections })
}

fn is_mode(subject: &SubjectResult) -> bool {
    subject.kind == SubjectKind::Mode
}
