//! The figures of a server: derived from one sample, and over all rounds.

use super::result::{Sample, SubjectResult, SweepPoint};
use super::statistics::{Spread, float};
use crate::load::EchoTime;
use crate::load::steady::{Rhythm, Workload};
use crate::system::group::ProcessUsage;
use crate::units::Scale;
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

/// With fewer connections, the memory of each is too small to measure.
pub const ENOUGH_CONNECTIONS: u32 = 100;

/// Up to this part of the messages due may have no echo at the end of a window;
/// if more have none, some echo times are lower bounds.
pub(super) const UNANSWERED: f64 = 0.01;

/// The kernel splits CPU time by sampling at its ticks, of which at least 20
/// are needed; one takes 4 ms at the usual 250 Hz.
const ENOUGH_TICKS_NS: u64 = 20 * 4_000_000;

/// A round with fewer echoes has no figures per echo if the server's other
/// rounds had far more: its other work would be divided by very few.
const FEW_ECHOES: u64 = 100;

/// Other rounds have far more echoes if their median is this many times as
/// large. A server that is slow in all rounds keeps its figures.
const FAR_MORE: u64 = 10;

/// A figure of a server under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[derive(ValueEnum, Serialize, JsonSchema)]
#[serde(into = "&'static str")]
#[schemars(with = "String")]
pub enum Figure {
    /// Echoes a second.
    Echoes,
    /// Payload a second.
    Bytes,
    /// The mean echo time.
    Mean,
    /// Half of the echoes took at most this.
    P50,
    /// 90 % of the echoes took at most this.
    P90,
    /// 99 % of the echoes took at most this.
    P99,
    /// 99.9 % of the echoes took at most this.
    #[value(name = "p99.9")]
    P999,
    /// The longest echo.
    Max,
    /// Server CPU time an echo.
    Cpu,
    /// The part of server CPU time an echo in user space.
    User,
    /// The part of server CPU time an echo in the kernel.
    System,
    /// Context switches of the server an echo.
    Switches,
    /// Context switches an echo because a thread had to wait.
    VoluntarySwitches,
    /// Context switches an echo because a thread was preempted.
    InvoluntarySwitches,
    /// Threads of the server.
    Threads,
    /// Peak memory of the server.
    Memory,
    /// Memory a connection: the growth of memory from before the first client
    /// to the end of the window, divided by all connections, idle ones
    /// included.
    ConnectionMemory,
    /// The part of one core's time that the clients used.
    ClientsCpu,
    /// Open loop: the part of the messages due that were sent.
    Sent,
    /// Open loop: the part of the messages due without an echo at the end.
    Unanswered,
    /// Open loop: half of the messages were sent at most this late.
    LateP50,
    /// Open loop: 99 % of the messages were sent at most this late.
    LateP99,
}

/// Which direction of a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Larger values are better.
    More,
    /// Smaller values are better.
    Less,
    /// Neither: the figure describes and does not judge.
    Neither,
}

/// Reasons why a figure is not known.
const NO_USAGE: &str = "a server that ran already";
const NOT_REPORTED: &str = "not available on this system";
const NO_ECHO: &str = "no echo came back";
const TOO_FEW_ECHOES: &str = "far fewer echoes than in other rounds";
const TOO_FEW_TICKS: &str =
    "too little CPU time to split: 80 ms in all rounds are needed";

/// The names of all figures, in their order: for programs and for people.
const NAMES: [(&str, &str); 22] = [
    ("echoes_per_s", "echoes a second"),
    ("bytes_per_s", "payload a second"),
    ("mean_ns", "mean echo time"),
    ("p50_ns", "p50 echo time"),
    ("p90_ns", "p90 echo time"),
    ("p99_ns", "p99 echo time"),
    ("p99_9_ns", "p99.9 echo time"),
    ("max_ns", "longest echo time"),
    ("server_cpu_ns_per_echo", "server CPU time an echo"),
    ("server_user_ns_per_echo", "server CPU time an echo, user"),
    ("server_system_ns_per_echo", "server CPU time an echo, system"),
    ("switches_per_echo", "context switches an echo"),
    ("voluntary_switches_per_echo", "context switches an echo, to sleep"),
    ("involuntary_switches_per_echo", "context switches an echo, preempted"),
    ("threads", "threads"),
    ("peak_memory_bytes", "peak memory"),
    ("memory_bytes_per_connection", "memory a connection"),
    ("load_cpu_share_of_core", "clients' CPU time, of one core"),
    ("sent_share_of_due", "messages sent, of those due"),
    ("unanswered_share_of_due", "messages without an echo, of those due"),
    ("late_p50_ns", "p50 of how late messages were sent"),
    ("late_p99_ns", "p99 of how late messages were sent"),
];

impl From<Figure> for &'static str {
    fn from(figure: Figure) -> Self {
        figure.field()
    }
}

impl Figure {
    /// All figures, in the order in which they are reported.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        Self::value_variants().iter().copied()
    }

    /// The name in JSON and CSV, which includes the unit if there is one.
    pub const fn field(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// The name for people, without a unit.
    pub const fn title(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The unit of the raw values, for programs.
    pub fn unit(self) -> &'static str {
        match self.field() {
            "echoes_per_s" => "1/s",
            "bytes_per_s" => "bytes/s",
            it if it.contains("_share_") => "share",
            it if it.contains("_bytes") => "bytes",
            it if it.contains("_ns") => "ns",
            _ => "count",
        }
    }

    pub const fn better(self) -> Better {
        match self {
            Self::Echoes | Self::Bytes => Better::More,
            Self::Threads
            | Self::ClientsCpu
            | Self::Sent
            | Self::Unanswered
            | Self::LateP50
            | Self::LateP99 => Better::Neither,
            _ => Better::Less,
        }
    }

    /// The unit in which all of these values are easiest to read.
    pub fn scale(self, values: impl IntoIterator<Item = f64>) -> Scale {
        match self.unit() {
            "ns" if self.is_per_echo() => Scale::MICROSECONDS,
            "ns" => Scale::of_times(values),
            "bytes" | "bytes/s" => Scale::of_sizes(values),
            "share" => Scale::PERCENT,
            _ => Scale::ONE,
        }
    }

    fn is_per_echo(self) -> bool {
        self.field().ends_with("_per_echo")
    }

    /// The value in one sample, in [its unit](Self::unit).
    ///
    /// # Errors
    /// The reason, if the value is not known.
    pub fn read(
        self,
        sample: &Sample,
        workload: &Workload,
    ) -> Result<f64, &'static str> {
        let load = &sample.load;
        let usage = sample.server.as_ref().ok_or(NO_USAGE);
        let time = |of: fn(EchoTime) -> u64| {
            let known = load.echo_time.filter(|it| it.count > 0);
            known.map(|it| float(of(it))).ok_or(NO_ECHO)
        };
        let used = |of: fn(&ProcessUsage) -> Option<u64>| {
            of(usage?).ok_or(NOT_REPORTED)
        };
        let an_echo = |of: fn(&ProcessUsage) -> Option<u64>| {
            per(used(of)?, load.echoes).ok_or(NO_ECHO)
        };
        let when_due = |value: Option<f64>| match workload.pacing {
            Rhythm::Closed => Err("nothing is due in a closed loop"),
            Rhythm::Open { .. } => value.ok_or(NOT_REPORTED),
        };
        match self {
            Self::Echoes => per(load.echoes, load.window_ns)
                .map(|it| it * 1e9)
                .ok_or(NO_ECHO),
            Self::Bytes => Self::Echoes
                .read(sample, workload)
                .map(|it| it * f64::from(workload.size_bytes)),
            Self::Mean => time(|it| it.mean_ns),
            Self::P50 => time(|it| it.p50_ns),
            Self::P90 => time(|it| it.p90_ns),
            Self::P99 => time(|it| it.p99_ns),
            Self::P999 => time(|it| it.p99_9_ns),
            Self::Max => time(|it| it.max_ns),
            Self::Cpu => an_echo(|it| Some(it.user_ns + it.system_ns)),
            Self::User => an_echo(|it| Some(it.user_ns)),
            Self::System => an_echo(|it| Some(it.system_ns)),
            Self::Switches => an_echo(|it| {
                Some(it.voluntary_switches? + it.involuntary_switches?)
            }),
            Self::VoluntarySwitches => an_echo(|it| it.voluntary_switches),
            Self::InvoluntarySwitches => an_echo(|it| it.involuntary_switches),
            Self::Threads => used(|it| it.threads).map(float),
            Self::Memory => used(|it| it.peak_memory_bytes).map(float),
            Self::ConnectionMemory => {
                connection_memory(sample, usage?, workload)
            }
            Self::ClientsCpu => load
                .cpu_ns
                .and_then(|it| per(it, load.window_ns))
                .ok_or(NOT_REPORTED),
            Self::Sent => when_due(per(load.sent, load.due)),
            Self::Unanswered => when_due(per(load.unanswered, load.due)),
            Self::LateP50 => when_due(Some(float(load.late_p50_ns))),
            Self::LateP99 => when_due(Some(float(load.late_p99_ns))),
        }
    }

    /// Whether the value in this sample is a lower bound. In an open loop, a
    /// message without an echo counts with the time that it has waited. If too
    /// many messages have none, percentiles that fall among them, the mean and
    /// the maximum would have been higher.
    fn is_at_least(self, sample: &Sample, workload: &Workload) -> bool {
        let quantile = match self {
            Self::P50 => 0.5,
            Self::P90 => 0.9,
            Self::P99 => 0.99,
            Self::P999 => 0.999,
            Self::Mean | Self::Max => 1.0,
            _ => return false,
        };
        let share = Self::Unanswered.read(sample, workload).unwrap_or(0.0);
        share > UNANSWERED && quantile >= 1.0 - share
    }
}

fn connection_memory(
    sample: &Sample,
    used: &ProcessUsage,
    workload: &Workload,
) -> Result<f64, &'static str> {
    let connections = workload.connections();
    match used.memory_bytes.zip(sample.memory_before_bytes) {
        _ if connections < ENOUGH_CONNECTIONS => {
            Err("only shown from 100 connections on")
        }
        _ if sample.unserved(workload) > 0 => {
            Err("not all clients had an echo")
        }
        None => Err(NOT_REPORTED),
        Some((end, before)) => {
            Ok((float(end) - float(before)) / f64::from(connections))
        }
    }
}

fn per(total: u64, each: u64) -> Option<f64> {
    (each > 0).then(|| float(total) / float(each))
}

impl Sample {
    /// Clients that had no echo. If fewer messages than clients were due,
    /// clients without a message to send do not count.
    pub(super) fn unserved(&self, workload: &Workload) -> u32 {
        let due = match workload.pacing {
            Rhythm::Closed => u64::MAX,
            Rhythm::Open { .. } => self.load.due,
        };
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        workload.clients.min(due).saturating_sub(self.load.clients_served)
    }
}

impl SubjectResult {
    /// Whether a round had so few echoes, compared with the other rounds, that
    /// it has no figures per echo.
    fn has_few_echoes(&self, sample: &Sample) -> bool {
        let mut echoes: Vec<_> =
            self.samples.iter().map(|it| it.load.echoes).collect();
        echoes.sort_unstable();
        let usual = echoes.get(echoes.len() / 2).copied().unwrap_or(0);
        let own = sample.load.echoes;
        own < FEW_ECHOES && own.saturating_mul(FAR_MORE) < usual
    }

    /// User or system CPU time an echo over all rounds together, because each
    /// round has few ticks; `None` if even all rounds have too few.
    fn part_of_cpu(&self, of: Figure) -> Option<f64> {
        let (mut user, mut system, mut echoes) = (0, 0, 0);
        for sample in &self.samples {
            let Some(usage) = sample.server else { continue };
            user += usage.user_ns;
            system += usage.system_ns;
            echoes += sample.load.echoes;
        }
        let part = if of == Figure::User { user } else { system };
        per(part, echoes).filter(|_| user + system >= ENOUGH_TICKS_NS)
    }
}

/// The figures of the servers at a point, each server given by its name.
impl SweepPoint {
    /// The value of a figure in each round, or why it is not known.
    fn read(
        &self,
        name: &str,
        of: Figure,
    ) -> Vec<(u32, Result<f64, &'static str>)> {
        let Some(subject) = self.subject(name) else { return Vec::new() };
        let read = |sample: &Sample| {
            if of.is_per_echo() && subject.has_few_echoes(sample) {
                return Err(TOO_FEW_ECHOES);
            }
            of.read(sample, &self.workload)
        };
        subject.samples.iter().map(|it| (it.round, read(it))).collect()
    }

    /// The values of a figure, each with its round, from 1; rounds in which it
    /// is not known are left out.
    pub fn values(&self, name: &str, of: Figure) -> Vec<(u32, f64)> {
        let all = self.read(name, of).into_iter();
        all.filter_map(|(round, value)| Some((round, value.ok()?))).collect()
    }

    /// The spread of a figure over the rounds; `None` if it is not known. The
    /// median of user and system time is that of all rounds together.
    pub fn spread(&self, name: &str, of: Figure) -> Option<Spread> {
        let values = self.values(name, of);
        let mut spread = Spread::of(values.into_iter().map(|it| it.1))?;
        if matches!(of, Figure::User | Figure::System) {
            spread.median = self.subject(name)?.part_of_cpu(of)?;
        }
        Some(spread)
    }

    /// The spread of a figure; `None` if it is not known or a lower bound.
    pub(super) fn exact_spread(
        &self,
        name: &str,
        of: Figure,
    ) -> Option<Spread> {
        self.spread(name, of).filter(|_| !self.is_at_least(name, of))
    }

    /// Why a figure is not known in any round; `None` if it is known.
    pub fn unknown(&self, name: &str, of: Figure) -> Option<&'static str> {
        if self.spread(name, of).is_some() {
            return None;
        }
        let all = self.read(name, of);
        match all.iter().find(|it| it.1.is_ok()).or(all.first())?.1 {
            Ok(_) => Some(TOO_FEW_TICKS),
            Err(NO_USAGE) if !self.subject(name)?.is_foreign() => {
                Some(NOT_REPORTED)
            }
            Err(why) => Some(why),
        }
    }

    /// Whether the value in any round is a lower bound, because too many
    /// messages that were due had no echo at the end of a window. The median is
    /// then one as well.
    pub fn is_at_least(&self, name: &str, of: Figure) -> bool {
        let samples = self.subject(name).into_iter().flat_map(|it| &it.samples);
        let mut samples = samples.map(|it| of.is_at_least(it, &self.workload));
        samples.any(|it| it)
    }
}
