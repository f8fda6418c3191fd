//! What a reader has to know before believing the figures.

use super::figure::{Figure, UNANSWERED};
use super::ranking::{is_ahead, ranked};
use super::result::{
    Sample, Subject, SubjectResult, SweepConditions, SweepPoint, SweepResult,
};
use super::statistics::ENOUGH;
use crate::load::steady::Workload;
use crate::modes::Mode;
use crate::text::listed;
use crate::units::plural;
use crate::units::{Scale, show_count, show_digits, show_percent};
use schemars::JsonSchema;
use serde::Serialize;

/// From this part of its core on the clients are the limit.
const LOAD_LIMIT: f64 = 0.9;

/// The rate of an open loop is kept if this part of it is.
const RATE_KEPT: f64 = 0.99;

/// How late messages may be sent, as a part of the p50 echo time.
const LATE: f64 = 0.1;

/// With this many connections or fewer, busy polling looks better than it is.
const FEW_CONNECTIONS: u32 = 10;

/// The machine was busy if its load average was above this part of its
/// cores.
const BUSY: f64 = 0.5;

/// What a wait costs; measured with epoll.
pub const COST_OF_A_WAIT: &str = "A wait through the polling crate is five \
    system calls and about 2.5 µs where a bare epoll_wait is one and about \
    0.55 µs; a read that would block takes about 0.52 µs. With so few \
    connections busy polling (nonblocking) looks better than readiness is";

/// Something that weakens the figures, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caution {
    /// What it is about.
    pub kind: CautionKind,
    /// What was seen.
    pub observation: String,
    /// What to make of it or to do about it.
    pub advice: String,
}

/// What a caution is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CautionKind {
    /// The user ended the measurement early.
    Interrupted,
    /// A server was not measured to the end.
    Failed,
    /// This program was built without optimisations.
    NotOptimized,
    /// Bytes came back that had not been sent.
    Mismatches,
    /// Rounds in which no client had an echo.
    Silent,
    /// Clients without a single echo in a window.
    Unserved,
    /// Connections failed or were closed by the server.
    ConnectionsLost,
    /// The clients had no CPU time left.
    LoadAtLimit,
    /// Open loop: messages that were due had no echo when a window ended.
    NotKeptUp,
    /// Open loop: fewer messages were sent than were due.
    RateNotKept,
    /// Open loop: messages were sent late.
    SentLate,
    /// There are too few rounds for an interval of 95 %.
    TooFewRounds,
    /// The interval of a figure is wide.
    WideSpread,
    /// Server and clients could run on the same cores.
    CoresShared,
    /// A server that ran already is bound to no core, and others are.
    NotBound,
    /// Other programs used the machine.
    MachineBusy,
    /// What a wait of the selector costs makes busy polling look good.
    CostOfWaiting,
}

fn caution(
    kind: CautionKind,
    observation: String,
    advice: impl Into<String>,
) -> Caution {
    Caution { kind, observation, advice: advice.into() }
}

/// What is to be known before the figures of a point are believed, gravest
/// first.
#[must_use]
pub fn cautions(result: &SweepResult, point: &SweepPoint) -> Vec<Caution> {
    let each = |check: fn(&SubjectResult, &Workload) -> Option<Caution>| {
        let workload = &point.workload;
        point.subjects.iter().filter_map(move |it| check(it, workload))
    };
    let met = &result.conditions;
    let mut found = not_whole(result, point);
    found.extend((!met.optimized).then(|| {
        caution(
            CautionKind::NotOptimized,
            "this program was built without optimisations".into(),
            "Its figures say nothing about speed: build with --release.",
        )
    }));
    found.extend(each(mismatches));
    found.extend(each(silent));
    found.extend(each(unserved));
    found.extend(each(lost));
    found.extend(load_at_limit(point));
    found.extend(each(not_kept_up));
    found.extend(each(rate_not_kept));
    found.extend(each(sent_late));
    found.extend(too_few_rounds(point));
    found.extend(each(wide_spread));
    found.extend(cores_shared(met));
    found.extend(not_bound(met, point));
    found.extend(machine_busy(met));
    found.extend(cost_of_waiting(met, point));
    found
}

/// What is missing from a point: that the measurement was interrupted, and
/// the servers that failed.
#[must_use]
pub fn not_whole(result: &SweepResult, point: &SweepPoint) -> Vec<Caution> {
    let interrupted = result.interrupted.then(|| {
        let (done, rounds) = (point.rounds_done(), result.rounds);
        caution(
            CautionKind::Interrupted,
            format!("interrupted after {done} of {rounds} rounds"),
            "What was cut short is not in it; run it again for all rounds.",
        )
    });
    let failed = point.subjects.iter().filter_map(|subject| {
        let why = subject.failure.as_ref()?;
        let after = rounds(subject.samples.len());
        Some(caution(
            CautionKind::Failed,
            format!("{} failed after {after}: {why}", subject.name),
            "Its figures, if any, are of the rounds before; it is left out \
             of comparisons.",
        ))
    });
    interrupted.into_iter().chain(failed).collect()
}

fn rounds(n: usize) -> String {
    plural(n as u64, "round")
}

fn too_few_rounds(point: &SweepPoint) -> Option<Caution> {
    let done = point.rounds_done();
    (1..ENOUGH).contains(&done).then(|| {
        caution(
            CautionKind::TooFewRounds,
            format!("too few rounds to tell differences: {}", rounds(done)),
            "An interval of 95\u{a0}% takes 6 rounds or more: use --rounds 10.",
        )
    })
}

fn mismatches(subject: &SubjectResult, _: &Workload) -> Option<Caution> {
    let all = subject.samples.iter().map(|it| it.load.mismatches);
    let bytes = all.fold(0, u64::saturating_add);
    (bytes > 0).then(|| {
        let (name, bytes) = (&subject.name, plural(bytes, "byte"));
        caution(
            CautionKind::Mismatches,
            format!("{name}: {bytes} came back that had not been sent"),
            "It is no echo server, or a broken one; it is left out of \
             comparisons.",
        )
    })
}

fn silent(subject: &SubjectResult, _: &Workload) -> Option<Caution> {
    let (silent, rounds) = (subject.silent_rounds(), subject.samples.len());
    let name = &subject.name;
    (silent > 0).then(|| {
        caution(
            CautionKind::Silent,
            format!("{name}: no echo at all in {silent} of {rounds} rounds"),
            "These rounds count as 0 echoes/s; they have no echo times, so \
             that it is left out of comparisons.",
        )
    })
}

fn unserved(subject: &SubjectResult, workload: &Workload) -> Option<Caution> {
    let unserved = subject.most_unserved(workload);
    let [some, all] =
        [unserved, workload.clients].map(|it| show_count(it.into()));
    (unserved > 0).then(|| {
        caution(
            CautionKind::Unserved,
            format!("{}: {some} of {all} clients had no echo", subject.name),
            "It is left out of comparisons: its figures are those of the \
             clients that it served, and the others had nothing.",
        )
    })
}

fn lost(subject: &SubjectResult, _: &Workload) -> Option<Caution> {
    let lost = |it: &Sample| u64::from(it.load.connections_lost);
    let connections = subject.samples.iter().map(lost).sum();
    (connections > 0).then(|| {
        let lost = plural(connections, "connection");
        caution(
            CautionKind::ConnectionsLost,
            format!("{}: {lost} lost", subject.name),
            "From then on it had fewer clients than the others: see what it \
             says on standard error, and its limits (ulimit -n).",
        )
    })
}

fn median(
    subject: &SubjectResult,
    figure: Figure,
    workload: &Workload,
) -> Option<f64> {
    subject.spread(figure, workload).map(|spread| spread.median)
}

fn load_at_limit(point: &SweepPoint) -> Option<Caution> {
    let share = |subject: &SubjectResult| {
        let share = median(subject, Figure::ClientsCpu, &point.workload)?;
        (share >= LOAD_LIMIT).then(|| (subject.name.clone(), share))
    };
    let (subjects, shares): (Vec<_>, Vec<_>) =
        point.subjects.iter().filter_map(share).unzip();
    let share = show_percent(shares.into_iter().reduce(f64::max)?);
    Some(caution(
        CautionKind::LoadAtLimit,
        format!(
            "the clients were the limit for {}: up to {share} of their core",
            listed(&subjects)
        ),
        "The server may be faster than shown; the CPU time an echo holds all \
         the same. Use fewer clients, or --rate to compare at one and the \
         same load.",
    ))
}

fn not_kept_up(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Caution> {
    let share = subject.spread(Figure::Unanswered, workload)?.max;
    (share > UNANSWERED).then(|| {
        caution(
            CautionKind::NotKeptUp,
            format!(
                "{}: the server did not keep up: {} of the messages that \
                 were due had no echo when a round ended",
                subject.name,
                show_percent(share)
            ),
            "How long those would have taken is not known: echo times with ≥ \
             are at least as long as shown, and not compared. Use a lower \
             --rate.",
        )
    })
}

/// A server that did not keep up had messages that were not sent, too: that
/// is reported once.
fn rate_not_kept(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Caution> {
    if not_kept_up(subject, workload).is_some() {
        return None;
    }
    let share = median(subject, Figure::Sent, workload)?;
    (share < RATE_KEPT).then(|| {
        let (name, share) = (&subject.name, show_percent(share));
        caution(
            CautionKind::RateNotKept,
            format!("{name}: {share} of the messages due were sent"),
            "The server or the clients cannot do more: use a lower --rate.",
        )
    })
}

fn sent_late(subject: &SubjectResult, workload: &Workload) -> Option<Caution> {
    if subject.is_at_least(Figure::P50, workload) {
        return None;
    }
    let late_ns = median(subject, Figure::LateP99, workload)?;
    let p50_ns = median(subject, Figure::P50, workload)?;
    (late_ns > LATE * p50_ns).then(|| {
        let scale = Scale::of_times([late_ns, p50_ns]);
        let [late, p50] = [late_ns, p50_ns].map(|it| scale.show(it));
        caution(
            CautionKind::SentLate,
            format!(
                "{}: messages were sent up to {late} late (p99); the p50 \
                 echo time is {p50}",
                subject.name
            ),
            "Echo times count from when a message was due, so that this is \
             part of them. Use a lower --rate, or bind the clients to a core \
             of their own.",
        )
    })
}

fn wide_spread(
    subject: &SubjectResult,
    workload: &Workload,
) -> Option<Caution> {
    let width = |figure: &Figure| {
        if subject.is_at_least(*figure, workload) {
            return None;
        }
        let spread = subject.spread(*figure, workload)?;
        let width = (spread.high - spread.low) / spread.median.abs();
        (spread.is_enough() && spread.is_wide())
            .then(|| format!("{} {}", figure.title(), show_percent(width)))
    };
    let figures: Vec<_> =
        ranked(workload.pacing).iter().filter_map(width).collect();
    let (name, all) = (&subject.name, figures.join(", "));
    (!figures.is_empty()).then(|| {
        caution(
            CautionKind::WideSpread,
            format!("{name}: intervals wide beside their median: {all}"),
            "A comparison by these is not meaningful unless the ratio is \
             large: look for what disturbs the machine, or use longer and \
             more rounds (--time, --rounds).",
        )
    })
}

fn cores_shared(conditions: &SweepConditions) -> Option<Caution> {
    let bound = &conditions.bound;
    let words = match (&bound.server_cores, &bound.load_cores) {
        (Some(server), Some(load)) => {
            if !server.iter().any(|core| load.contains(core)) {
                return None;
            }
            "server and clients were bound to the same cores"
        }
        _ => "server and clients were not bound to different cores",
    };
    Some(caution(
        CautionKind::CoresShared,
        words.into(),
        "They took CPU time from each other. Measure on two cores or more, \
         where the system allows a process to be bound.",
    ))
}

fn not_bound(
    conditions: &SweepConditions,
    point: &SweepPoint,
) -> Option<Caution> {
    conditions.bound.server_cores.as_ref()?;
    let measured = point.subjects.iter().filter(|it| !it.samples.is_empty());
    let (foreign, ours): (Vec<_>, Vec<_>) =
        measured.partition(|it| it.is_foreign());
    let names: Vec<_> = foreign.iter().map(|it| it.name.clone()).collect();
    let who = match &names[..] {
        [] => return None,
        [one] => format!("{one} was"),
        all => format!("{} were", listed(all)),
    };
    (!ours.is_empty()).then(|| {
        caution(
            CautionKind::NotBound,
            format!("{who} not bound to a core, and the others were"),
            "It had other cores than those, or more: let the program be \
             started as a command, or bind none (--no-pin).",
        )
    })
}

fn machine_busy(conditions: &SweepConditions) -> Option<Caution> {
    let load_average = conditions.load_average?;
    let cores = u32::try_from(conditions.machine.cores?).ok()?;
    (load_average > BUSY * f64::from(cores)).then(|| {
        let load = show_digits(load_average);
        caution(
            CautionKind::MachineBusy,
            format!(
                "the machine was busy before: load average {load}, {cores} \
                 cores"
            ),
            "Other programs took CPU time, and not the same from every \
             server: end them, or believe only what many rounds agree on.",
        )
    })
}

fn cost_of_waiting(
    conditions: &SweepConditions,
    point: &SweepPoint,
) -> Option<Caution> {
    let workload = &point.workload;
    let subject = |mode| {
        let kind = Subject::Mode(mode);
        point.subjects.iter().find(|it| it.kind == kind)
    };
    let polling = subject(Mode::Nonblocking)?;
    let others = [subject(Mode::Selector), subject(Mode::Tasks)];
    let ahead = |figure: &Figure| {
        let behind = others.into_iter().flatten();
        let behind =
            behind.filter(|it| is_ahead(*figure, polling, it, workload));
        let behind: Vec<_> = behind.map(|it| it.name.clone()).collect();
        (!behind.is_empty()).then_some((*figure, behind))
    };
    let connections = workload.connections();
    if connections > FEW_CONNECTIONS
        || !conditions.machine.mechanism.contains("epoll")
    {
        return None;
    }
    let (figure, waiting) = ranked(workload.pacing).iter().find_map(ahead)?;
    Some(caution(
        CautionKind::CostOfWaiting,
        format!(
            "with {} nonblocking was ahead of {} in {}: the price of a wait \
             counts",
            plural(connections.into(), "connection"),
            listed(&waiting),
            figure.title()
        ),
        format!("{COST_OF_A_WAIT}: compare at 100 connections too."),
    ))
}
