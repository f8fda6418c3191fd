//! Cautions: reasons to doubt the figures of a measurement.

use super::figure::{Figure, UNANSWERED};
use super::ranking::{is_ahead, ranked};
use super::result::{Subject, SubjectResult, SweepPoint, SweepResult};
use super::statistics::ENOUGH;
use crate::load::steady::{SteadyResult, Workload};
use crate::modes::Mode;
use crate::text::{capital, listed};
use crate::units::{Scale, plural, show_count, show_digits, show_percent};
use schemars::JsonSchema;
use serde::Serialize;

/// From this share of one core on, the clients limit the measurement.
const LOAD_LIMIT: f64 = 0.9;

/// The rate of an open loop is kept if this part of the messages due is sent.
const RATE_KEPT: f64 = 0.99;

/// How late messages may be sent, as a part of the p50 echo time.
const LATE: f64 = 0.1;

/// With this many connections or fewer, busy polling looks better than it is.
const FEW_CONNECTIONS: u32 = 10;

/// The machine was busy if its load average was above this part of the number
/// of its cores.
const BUSY: f64 = 0.5;

/// The cost of a wait, measured with epoll.
pub const COST_OF_A_WAIT: &str = "A wait through the polling crate is five \
    system calls and about 2.5 µs where a bare epoll_wait is one and about \
    0.55 µs; a read that would block takes about 0.52 µs. With so few \
    connections busy polling (nonblocking) looks better than readiness is";

/// A reason to doubt figures, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caution {
    /// The kind of doubt, for programs.
    pub kind: CautionKind,
    /// What was observed, with its figures.
    pub observation: String,
    /// What it means, or what to do about it.
    pub advice: String,
}

/// What a caution is about, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CautionKind {
    /// The user ended the measurement early.
    Interrupted,
    /// A server was not measured to the end.
    Failed,
    /// Rounds were left out, because the clients could not do their part.
    ClientsInTrouble,
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
    /// The clients used nearly all of their core's time.
    LoadAtLimit,
    /// Open loop: messages that were due had no echo when a window ended.
    NotKeptUp,
    /// Open loop: fewer messages were sent than were due.
    RateNotKept,
    /// Open loop: messages were sent late.
    SentLate,
    /// There are too few rounds for an interval of 95 %.
    TooFewRounds,
    /// The interval of a figure is wide compared with its median.
    WideSpread,
    /// Server and clients could run on the same cores.
    CoresShared,
    /// A server that ran already is not bound to cores, but others are.
    NotBound,
    /// Other programs used the machine.
    MachineBusy,
    /// The cost of a selector's wait makes busy polling look good.
    CostOfWaiting,
}

/// Collects cautions in the order in which they are found.
#[derive(Default)]
struct CautionList(Vec<Caution>);

impl CautionList {
    fn add(&mut self, kind: CautionKind, observation: String, advice: &str) {
        let advice = advice.to_owned();
        self.0.push(Caution { kind, observation, advice });
    }
}

/// The cautions about the figures of a point, the most serious first.
pub fn cautions(result: &SweepResult, point: &SweepPoint) -> Vec<Caution> {
    let mut found = CautionList(not_whole(result, point));
    for subject in &point.subjects {
        about_echoes(subject, &point.workload, &mut found);
        about_figures(&subject.name, point, &mut found);
    }
    about_rounds(point, &mut found);
    about_cores(result, point, &mut found);
    about_machine(result, &mut found);
    about_waiting(result, point, &mut found);
    found.0.sort_by_key(|it| it.kind);
    found.0
}

/// The cautions about what is missing from a point: whether the measurement was
/// interrupted, the servers that failed, and the rounds that were left out.
pub fn not_whole(result: &SweepResult, point: &SweepPoint) -> Vec<Caution> {
    let mut found = CautionList::default();
    if result.interrupted {
        let (done, rounds) = (point.rounds_done(), result.rounds);
        found.add(
            CautionKind::Interrupted,
            format!("interrupted after {done} of {rounds} rounds"),
            "What was cut short is not in it; run it again for all rounds.",
        );
    }
    for subject in &point.subjects {
        let rounds = subject.rounds_had();
        for (trouble, n) in subject.rounds_in_trouble() {
            let (name, what) = (&subject.name, trouble.what());
            found.add(
                CautionKind::ClientsInTrouble,
                format!(
                    "{name}: the clients {what}; {n} of {rounds} rounds left \
                     out"
                ),
                &format!("{}.", capital(trouble.way_out())),
            );
        }
        let Some(why) = &subject.failure else { continue };
        let after = plural(subject.samples.len() as u64, "round");
        found.add(
            CautionKind::Failed,
            format!("{} failed after {after}: {why}", subject.name),
            "Its figures, if any, are of the rounds before; it is left out \
             of comparisons.",
        );
    }
    found.0
}

/// Cautions about missing or wrong echoes, and lost connections.
fn about_echoes(
    subject: &SubjectResult,
    workload: &Workload,
    found: &mut CautionList,
) {
    let (name, rounds) = (&subject.name, subject.samples.len());
    let sum = |of: fn(&SteadyResult) -> u64| {
        let each = subject.samples.iter().map(|it| of(&it.load));
        each.fold(0, u64::saturating_add)
    };
    let wrong = sum(|it| it.mismatches);
    if wrong > 0 {
        let bytes = plural(wrong, "byte");
        found.add(
            CautionKind::Mismatches,
            format!("{name}: {bytes} came back that had not been sent"),
            "It is no echo server, or a broken one; it is left out of \
             comparisons.",
        );
    }
    let silent = subject.silent_rounds();
    if silent > 0 {
        found.add(
            CautionKind::Silent,
            format!("{name}: no echo at all in {silent} of {rounds} rounds"),
            "These rounds count as 0 echoes/s; they have no echo times, so \
             that it is left out of comparisons.",
        );
    }
    let unserved = subject.most_unserved(workload);
    if unserved > 0 {
        let [some, all] =
            [unserved, workload.clients].map(|it| show_count(it.into()));
        found.add(
            CautionKind::Unserved,
            format!("{name}: {some} of {all} clients had no echo"),
            "It is left out of comparisons: its figures are those of the \
             clients that it served, and the others had nothing.",
        );
    }
    let lost = sum(|it| it.connections_lost.into());
    if lost > 0 {
        found.add(
            CautionKind::ConnectionsLost,
            format!("{name}: {} lost", plural(lost, "connection")),
            "It is left out of comparisons: from then on it had fewer clients \
             than the others. See what it says on standard error, and its \
             limits (ulimit -n).",
        );
    }
}

/// Cautions about how reliable a server's figures are.
fn about_figures(name: &str, point: &SweepPoint, found: &mut CautionList) {
    let median = |figure| Some(point.spread(name, figure)?.median);
    let unanswered = point.spread(name, Figure::Unanswered);
    let unanswered = unanswered.map_or(0.0, |it| it.max);
    if unanswered > UNANSWERED {
        let share = show_percent(unanswered);
        found.add(
            CautionKind::NotKeptUp,
            format!(
                "{name}: the server did not keep up: {share} of the messages \
                 that were due had no echo when a round ended"
            ),
            "How long those would have taken is not known: echo times with ≥ \
             are at least as long as shown, and not compared. Use a lower \
             --rate.",
        );
    } else if let Some(share @ ..RATE_KEPT) = median(Figure::Sent) {
        let share = show_percent(share);
        found.add(
            CautionKind::RateNotKept,
            format!("{name}: {share} of the messages due were sent"),
            "The server or the clients cannot do more: use a lower --rate.",
        );
    }
    let p50 = point.exact_spread(name, Figure::P50);
    if let (Some(late), Some(p50)) = (median(Figure::LateP99), p50)
        && late > LATE * p50.median
    {
        let scale = Scale::of_times([late, p50.median]);
        let [late, p50] = [late, p50.median].map(|it| scale.show(it));
        found.add(
            CautionKind::SentLate,
            format!(
                "{name}: messages were sent up to {late} late (p99); the p50 \
                 echo time is {p50}"
            ),
            "Echo times count from when a message was due, so that this is \
             part of them. Use a lower --rate, or bind the clients to a core \
             of their own.",
        );
    }
    let wide = ranked(point.workload.pacing).iter().filter_map(|figure| {
        let spread = point.exact_spread(name, *figure)?;
        let width = (spread.high - spread.low) / spread.median.abs();
        (spread.is_enough() && spread.is_wide())
            .then(|| format!("{} {}", figure.title(), show_percent(width)))
    });
    let wide: Vec<_> = wide.collect();
    if !wide.is_empty() {
        let all = wide.join(", ");
        found.add(
            CautionKind::WideSpread,
            format!("{name}: intervals wide beside their median: {all}"),
            "A comparison by these is not meaningful unless the ratio is \
             large: look for what disturbs the machine, or use longer and \
             more rounds (--time, --rounds).",
        );
    }
}

/// Whether the clients were the limit, and whether rounds are too few.
fn about_rounds(point: &SweepPoint, found: &mut CautionList) {
    let limited = point.subjects.iter().filter_map(|it| {
        let share = point.spread(&it.name, Figure::ClientsCpu)?.median;
        (share >= LOAD_LIMIT).then_some((&it.name, share))
    });
    let (names, shares): (Vec<_>, Vec<_>) = limited.unzip();
    if let Some(share) = shares.into_iter().reduce(f64::max) {
        let (who, share) = (listed(&names), show_percent(share));
        found.add(
            CautionKind::LoadAtLimit,
            format!(
                "the clients were the limit for {who}: up to {share} of their \
                 core"
            ),
            "The server may be faster than shown; the CPU time an echo holds \
             all the same. Use fewer clients, or --rate to compare at one and \
             the same load.",
        );
    }
    let done = point.rounds_done();
    if (1..ENOUGH).contains(&done) {
        let rounds = plural(done as u64, "round");
        found.add(
            CautionKind::TooFewRounds,
            format!("too few rounds to tell differences: {rounds}"),
            "An interval of 95\u{a0}% takes 6 rounds or more: use --rounds 10.",
        );
    }
}

/// Whether all servers had the same cores, and the clients other cores.
fn about_cores(
    result: &SweepResult,
    point: &SweepPoint,
    found: &mut CautionList,
) {
    let bound = &result.conditions.bound;
    let shared = match (&bound.server_cores, &bound.load_cores) {
        (Some(server), Some(load)) => server
            .iter()
            .any(|core| load.contains(core))
            .then_some("server and clients were bound to the same cores"),
        _ => Some("server and clients were not bound to different cores"),
    };
    if let Some(words) = shared {
        found.add(
            CautionKind::CoresShared,
            words.to_owned(),
            "They took CPU time from each other. Measure on two cores or \
             more, where the system allows a process to be bound.",
        );
    }
    let measured = point.subjects.iter().filter(|it| !it.samples.is_empty());
    let (foreign, ours): (Vec<_>, Vec<_>) =
        measured.partition(|it| it.is_foreign());
    let names: Vec<_> = foreign.iter().map(|it| &it.name).collect();
    if bound.server_cores.is_some() && !ours.is_empty() && !names.is_empty() {
        let (who, were) =
            (listed(&names), if names.len() == 1 { "was" } else { "were" });
        found.add(
            CautionKind::NotBound,
            format!("{who} {were} not bound to a core, and the others were"),
            "It had other cores than those, or more: let the program be \
             started as a command, or bind none (--no-pin).",
        );
    }
}

fn about_machine(result: &SweepResult, found: &mut CautionList) {
    let met = &result.conditions;
    if !met.optimized {
        found.add(
            CautionKind::NotOptimized,
            "this program was built without optimisations".into(),
            "Its figures say nothing about speed: build with --release.",
        );
    }
    let cores = met.machine.cores.and_then(|it| u32::try_from(it).ok());
    if let (Some(load), Some(cores)) = (met.load_average, cores)
        && load > BUSY * f64::from(cores)
    {
        let load = show_digits(load);
        found.add(
            CautionKind::MachineBusy,
            format!(
                "the machine was busy before: load average {load}, {cores} \
                 cores"
            ),
            "Other programs took CPU time, and not the same from every \
             server: end them, or believe only what many rounds agree on.",
        );
    }
}

/// Whether busy polling was ahead of readiness only because with few
/// connections a wait is expensive.
fn about_waiting(
    result: &SweepResult,
    point: &SweepPoint,
    found: &mut CautionList,
) {
    let workload = &point.workload;
    let connections = workload.connections();
    let mechanism = &result.conditions.machine.mechanism;
    if connections > FEW_CONNECTIONS || !mechanism.contains("epoll") {
        return;
    }
    let subject = |mode| {
        let kind = Subject::Mode(mode);
        point.subjects.iter().find(|it| it.kind == kind)
    };
    let Some(polling) = subject(Mode::Nonblocking) else { return };
    for figure in ranked(workload.pacing) {
        let waiting = [Mode::Selector, Mode::Tasks].into_iter();
        let behind: Vec<_> = waiting
            .filter_map(subject)
            .filter(|it| is_ahead(*figure, point, &polling.name, &it.name))
            .map(|it| &it.name)
            .collect();
        if !behind.is_empty() {
            found.add(
                CautionKind::CostOfWaiting,
                format!(
                    "with {} nonblocking was ahead of {} in {}: the price of \
                     a wait counts",
                    plural(connections.into(), "connection"),
                    listed(&behind),
                    figure.title()
                ),
                &format!("{COST_OF_A_WAIT}: compare at 100 connections too."),
            );
            return;
        }
    }
}
