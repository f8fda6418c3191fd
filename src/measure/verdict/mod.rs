//! What the figures mean, and what stands in the way of that meaning.

mod conditions;
mod ranking;
mod words;

pub use conditions::is_foreign;
pub use ranking::{Against, LeftOut, Ranking, left_out, rankings};
pub use words::COST_OF_A_WAIT;

use super::figure::Figure;
use super::result::{BenchResult, SubjectResult};
use super::sample::Sample;
use super::spreads::UNANSWERED;
use super::statistics::ENOUGH;
use super::workload::{Pacing, Workload};
use conditions::{cores_shared, cost_of_waiting, machine_busy, not_bound};

/// From this part of its core on the clients are the limit.
const LOAD_LIMIT: f64 = 0.9;

/// The rate of an open loop is kept if this part of it is.
const RATE_KEPT: f64 = 0.99;

/// So late, as a part of the p50 echo time, messages may be sent.
const LATE: f64 = 0.1;

/// Something that a reader of the figures has to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// Somebody ended it early.
    Interrupted {
        /// Rounds that every server has had.
        rounds_done: usize,
        /// Rounds asked for.
        rounds: u32,
    },
    /// A server was not measured to the end.
    Failed {
        /// The server.
        subject: String,
        /// Why.
        why: String,
        /// Rounds that it has had.
        rounds_done: usize,
    },
    /// This program was built without optimisations.
    NotOptimized,
    /// There are too few rounds for an interval of 95 %.
    TooFewRounds {
        /// Rounds that every server has had.
        rounds_done: usize,
    },
    /// Rounds in which no client had an echo.
    Silent {
        /// The server.
        subject: String,
        /// How many.
        silent: usize,
        /// Of how many.
        rounds: usize,
    },
    /// A server runs already and is bound to no core, beside others that
    /// are.
    NotBound {
        /// Which ones.
        subjects: Vec<String>,
    },
    /// Clients without a single echo in a window.
    Unserved {
        /// The server.
        subject: String,
        /// How many clients, in the worst round.
        unserved: u32,
        /// Of how many.
        clients: u32,
    },
    /// Bytes came back that had not been sent.
    Mismatches {
        /// The server.
        subject: String,
        /// How many, in all rounds.
        bytes: u64,
    },
    /// Connections failed or were closed by the server.
    ConnectionsLost {
        /// The server.
        subject: String,
        /// How many, in all rounds.
        connections: u64,
    },
    /// The clients had no CPU time left.
    LoadAtLimit {
        /// The servers that could have done more.
        subjects: Vec<String>,
        /// What the clients used at most, of one core.
        share: f64,
    },
    /// Open loop: messages that were due had no echo when a window ended.
    NotKeptUp {
        /// The server.
        subject: String,
        /// The part of the messages due, in the worst round.
        share: f64,
    },
    /// Open loop: fewer messages were sent than were due.
    RateNotKept {
        /// The server.
        subject: String,
        /// The part of the messages due that were sent.
        share: f64,
    },
    /// Open loop: messages were sent late.
    SentLate {
        /// The server.
        subject: String,
        /// 99 % were sent at most this late.
        late_p99_ns: f64,
        /// Half of the echoes took at most this.
        p50_ns: f64,
    },
    /// Server and clients could run on the same cores.
    CoresShared {
        /// Whether they were bound to cores at all.
        bound: bool,
    },
    /// Others used the machine.
    MachineBusy {
        /// The load average before the first round.
        load_average: f64,
        /// How many threads can run at once.
        cores: u32,
    },
    /// The interval of a figure is wide.
    WideSpread {
        /// The server.
        subject: String,
        /// The figures, with the width of their interval as a part of their
        /// median.
        figures: Vec<(Figure, f64)>,
    },
    /// What a wait of the selector costs makes busy polling look good.
    CostOfWaiting {
        /// The servers that wait by selector.
        waiting: Vec<String>,
        /// In which figure busy polling was ahead of them.
        figure: Figure,
        /// The number of connections, idle ones too.
        connections: u32,
    },
}

/// What is to be known before the figures are believed, gravest first.
#[must_use]
pub fn findings(result: &BenchResult) -> Vec<Finding> {
    let mut found = not_whole(result);
    let all = &result.subjects;
    found.extend(
        (!result.conditions.optimized).then_some(Finding::NotOptimized),
    );
    found.extend(all.iter().filter_map(mismatches));
    found.extend(all.iter().filter_map(silent));
    found.extend(of_each(result, unserved));
    found.extend(all.iter().filter_map(lost));
    found.extend(load_at_limit(result));
    found.extend(of_each(result, not_kept_up));
    found.extend(of_each(result, rate_not_kept));
    found.extend(of_each(result, sent_late));
    found.extend(too_few_rounds(result));
    found.extend(of_each(result, wide_spread));
    found.extend(cores_shared(&result.conditions));
    found.extend(not_bound(result));
    found.extend(machine_busy(&result.conditions));
    found.extend(cost_of_waiting(result));
    found
}

/// What is missing from a result: that it was interrupted, and who failed.
#[must_use]
pub fn not_whole(result: &BenchResult) -> Vec<Finding> {
    let failed = result.subjects.iter().filter_map(failed);
    interrupted(result).into_iter().chain(failed).collect()
}

fn of_each(
    result: &BenchResult,
    check: fn(&SubjectResult, &Workload) -> Option<Finding>,
) -> impl Iterator<Item = Finding> {
    let workload = &result.workload;
    result.subjects.iter().filter_map(move |it| check(it, workload))
}

/// Rounds that every server has had, without those that failed.
#[must_use]
pub fn rounds_done(result: &BenchResult) -> usize {
    let all = || result.subjects.iter();
    let whole = all().filter(|it| it.failure.is_none());
    let least = whole.map(|it| it.samples.len()).min();
    let most = all().map(|it| it.samples.len()).max();
    least.or(most).unwrap_or(0)
}

fn interrupted(result: &BenchResult) -> Option<Finding> {
    let rounds_done = rounds_done(result);
    let rounds = result.rounds;
    let found = Finding::Interrupted { rounds_done, rounds };
    result.interrupted.then_some(found)
}

fn failed(subject: &SubjectResult) -> Option<Finding> {
    subject.failure.as_ref().map(|why| Finding::Failed {
        subject: subject.name.clone(),
        why: why.clone(),
        rounds_done: subject.samples.len(),
    })
}

fn too_few_rounds(result: &BenchResult) -> Option<Finding> {
    let rounds_done = rounds_done(result);
    let found = Finding::TooFewRounds { rounds_done };
    (1..ENOUGH).contains(&rounds_done).then_some(found)
}

/// The most clients that had no echo in a window in which others had one.
pub(super) fn most_unserved(
    subject: &SubjectResult,
    workload: &Workload,
) -> u32 {
    let some = subject.samples.iter().filter(|sample| sample.echoes > 0);
    some.map(|sample| sample.unserved(workload)).max().unwrap_or(0)
}

/// Rounds without any echo, of a server that had some in others.
pub(super) fn silent_rounds(subject: &SubjectResult) -> usize {
    if subject.failure.is_some() {
        return 0;
    }
    subject.samples.iter().filter(|sample| sample.echoes == 0).count()
}

fn silent(subject: &SubjectResult) -> Option<Finding> {
    let silent = silent_rounds(subject);
    (silent > 0).then(|| Finding::Silent {
        subject: subject.name.clone(),
        silent,
        rounds: subject.samples.len(),
    })
}

fn unserved(subject: &SubjectResult, workload: &Workload) -> Option<Finding> {
    let unserved = most_unserved(subject, workload);
    (unserved > 0).then(|| Finding::Unserved {
        subject: subject.name.clone(),
        unserved,
        clients: workload.clients,
    })
}

fn mismatches(subject: &SubjectResult) -> Option<Finding> {
    let all = subject.samples.iter().map(|sample| sample.load.mismatches);
    let bytes = all.fold(0, u64::saturating_add);
    let subject = subject.name.clone();
    (bytes > 0).then_some(Finding::Mismatches { subject, bytes })
}

fn lost(subject: &SubjectResult) -> Option<Finding> {
    let lost = |it: &Sample| u64::from(it.load.connections_lost);
    let connections = subject.samples.iter().map(lost).sum();
    let subject = subject.name.clone();
    (connections > 0)
        .then_some(Finding::ConnectionsLost { subject, connections })
}

fn median(
    subject: &SubjectResult,
    figure: Figure,
    workload: &Workload,
) -> Option<f64> {
    subject.spread(figure, workload).map(|spread| spread.median)
}

fn load_at_limit(result: &BenchResult) -> Option<Finding> {
    let share = |subject: &SubjectResult| {
        let share = median(subject, Figure::LoadCpu, &result.workload)?;
        (share >= LOAD_LIMIT).then(|| (subject.name.clone(), share))
    };
    let (subjects, shares): (Vec<_>, Vec<_>) =
        result.subjects.iter().filter_map(share).unzip();
    let share = shares.into_iter().reduce(f64::max)?;
    Some(Finding::LoadAtLimit { subjects, share })
}

fn not_kept_up(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Finding> {
    let share = subject.spread(Figure::Unanswered, workload)?.max;
    let subject = subject.name.clone();
    (share > UNANSWERED).then_some(Finding::NotKeptUp { subject, share })
}

/// What was not sent had no echo either: it is said once.
fn rate_not_kept(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Finding> {
    if not_kept_up(subject, workload).is_some() {
        return None;
    }
    let share = median(subject, Figure::SentOfDue, workload)?;
    let subject = subject.name.clone();
    (share < RATE_KEPT).then_some(Finding::RateNotKept { subject, share })
}

fn sent_late(subject: &SubjectResult, workload: &Workload) -> Option<Finding> {
    if subject.is_at_least(Figure::P50Ns, workload) {
        return None;
    }
    let late_p99_ns = median(subject, Figure::LateP99Ns, workload)?;
    let p50_ns = median(subject, Figure::P50Ns, workload)?;
    let subject = subject.name.clone();
    (late_p99_ns > LATE * p50_ns).then_some(Finding::SentLate {
        subject,
        late_p99_ns,
        p50_ns,
    })
}

fn wide_spread(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Finding> {
    let width = |figure| {
        if subject.is_at_least(figure, workload) {
            return None;
        }
        let spread = subject.spread(figure, workload)?;
        let width = (spread.high - spread.low) / spread.median.abs();
        (spread.is_enough() && spread.is_wide()).then_some((figure, width))
    };
    let figures: Vec<_> =
        ranked(workload.pacing).iter().copied().filter_map(width).collect();
    let subject = subject.name.clone();
    (!figures.is_empty()).then_some(Finding::WideSpread { subject, figures })
}

/// The figures by which servers are compared: in an open loop all of them
/// are sent the same number of messages a second.
const fn ranked(pacing: Pacing) -> &'static [Figure] {
    const ALL: [Figure; 3] =
        [Figure::EchoesPerS, Figure::ServerCpu, Figure::P99Ns];
    match pacing {
        Pacing::Closed => &ALL,
        Pacing::Open { .. } => ALL.split_at(1).1,
    }
}
