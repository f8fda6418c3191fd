//! The figures of a server: derived from one sample, and over its rounds.

use super::result::{Sample, Subject, SubjectResult, SweepPoint};
use super::statistics::{Spread, float};
use crate::load::steady::{Rhythm, Workload};
use crate::system::group::ProcessUsage;
use crate::units::Scale;
use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

/// With fewer connections the memory of one of them drowns in the rest.
pub const ENOUGH_CONNECTIONS: u32 = 100;

/// Up to this part of the messages due may be without an echo at the end of
/// a window, and echo times still be taken as they are.
pub(super) const UNANSWERED: f64 = 0.01;

/// The kernel splits CPU time by where it finds a thread at each of its
/// ticks, of which this many are needed; one is 4 ms at the usual 250 Hz.
const ENOUGH_TICKS_NS: u64 = 20 * 4_000_000;

/// In a round of fewer echoes, whatever the server did besides is spread over
/// next to none. Such a round has no figure an echo if the server's other
/// rounds there had far more.
pub const FEW_ECHOES: u64 = 100;

/// How many times as many echoes are far more, in the median of the rounds. A
/// server that never makes more is slow, and its figures are its own.
const FAR_MORE: u64 = 10;

/// A figure of a server under a load.
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
    /// That part of it that was spent in the program.
    User,
    /// That part of it that was spent in the kernel.
    System,
    /// Context switches of the server an echo.
    Switches,
    /// Those because a thread went to sleep.
    VoluntarySwitches,
    /// Those because a thread's turn was over.
    InvoluntarySwitches,
    /// Threads of the server.
    Threads,
    /// Peak memory of the server.
    Memory,
    /// Memory a connection: what memory grew by from before the first client
    /// to the end of the window, by all connections, idle ones included.
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

/// Which of two values is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The larger one.
    More,
    /// The smaller one.
    Less,
    /// Neither: the figure describes and does not judge.
    Neither,
}

/// Why a figure is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unknown {
    /// Nothing is known of what the server used.
    NoUsage,
    /// The system does not report this of another process.
    NotReported,
    /// There was no echo.
    NoEcho,
    /// There were far fewer echoes than in other rounds.
    FewEchoes,
    /// There are fewer connections than [`ENOUGH_CONNECTIONS`].
    FewConnections,
    /// Not all clients were served: some connections cost it nothing yet.
    NotAllServed,
    /// There is too little CPU time to split it.
    FewTicks,
    /// In a closed loop nothing is due.
    ClosedLoop,
}

impl Unknown {
    /// The reason in words, for a server of this kind.
    #[must_use]
    pub const fn words(self, kind: &Subject) -> &'static str {
        match (self, kind) {
            (Self::NoUsage, Subject::Address(_)) => "a server that ran already",
            (Self::NoUsage | Self::NotReported, _) => {
                "not available on this system"
            }
            (Self::NoEcho, _) => "no echo came back",
            (Self::FewEchoes, _) => "far fewer echoes than in other rounds",
            (Self::FewConnections, _) => "only shown from 100 connections on",
            (Self::NotAllServed, _) => "not all clients had an echo",
            (Self::FewTicks, _) => {
                "too little CPU time to split: 80 ms in all rounds are needed"
            }
            (Self::ClosedLoop, _) => "nothing is due in a closed loop",
        }
    }
}

impl From<Figure> for &'static str {
    fn from(figure: Figure) -> Self {
        figure.field()
    }
}

impl Figure {
    /// All figures, in the order in which they are reported.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied()
    }

    /// The name in JSON and CSV; it ends in the unit, if there is one.
    #[must_use]
    pub const fn field(self) -> &'static str {
        self.names().0
    }

    /// The name for people, without a unit.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.names().1
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Echoes => ("echoes_per_s", "echoes a second"),
            Self::Bytes => ("bytes_per_s", "payload a second"),
            Self::Mean => ("mean_ns", "mean echo time"),
            Self::P50 => ("p50_ns", "p50 echo time"),
            Self::P90 => ("p90_ns", "p90 echo time"),
            Self::P99 => ("p99_ns", "p99 echo time"),
            Self::P999 => ("p99_9_ns", "p99.9 echo time"),
            Self::Max => ("max_ns", "longest echo time"),
            Self::Cpu => ("server_cpu_ns_per_echo", "server CPU time an echo"),
            Self::User => {
                ("server_user_ns_per_echo", "server CPU time an echo, user")
            }
            Self::System => {
                ("server_system_ns_per_echo", "server CPU time an echo, system")
            }
            Self::Switches => ("switches_per_echo", "context switches an echo"),
            Self::VoluntarySwitches => (
                "voluntary_switches_per_echo",
                "context switches an echo, to sleep",
            ),
            Self::InvoluntarySwitches => (
                "involuntary_switches_per_echo",
                "context switches an echo, preempted",
            ),
            Self::Threads => ("threads", "threads"),
            Self::Memory => ("peak_memory_bytes", "peak memory"),
            Self::ConnectionMemory => {
                ("memory_bytes_per_connection", "memory a connection")
            }
            Self::ClientsCpu => {
                ("load_cpu_share_of_core", "clients' CPU time, of one core")
            }
            Self::Sent => ("sent_share_of_due", "messages sent, of those due"),
            Self::Unanswered => (
                "unanswered_share_of_due",
                "messages without an echo, of those due",
            ),
            Self::LateP50 => {
                ("late_p50_ns", "p50 of how late messages were sent")
            }
            Self::LateP99 => {
                ("late_p99_ns", "p99 of how late messages were sent")
            }
        }
    }

    /// The unit of its values as they are, for programs.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Echoes => "1/s",
            Self::Bytes => "bytes/s",
            Self::Switches
            | Self::VoluntarySwitches
            | Self::InvoluntarySwitches
            | Self::Threads => "count",
            Self::Memory | Self::ConnectionMemory => "bytes",
            Self::ClientsCpu | Self::Sent | Self::Unanswered => "share",
            _ => "ns",
        }
    }

    /// Which direction is the better one.
    #[must_use]
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

    /// The unit in which people read all of these values best.
    #[must_use]
    pub fn scale(self, values: impl IntoIterator<Item = f64>) -> Scale {
        match self.unit() {
            _ if matches!(self, Self::Cpu | Self::User | Self::System) => {
                Scale::MICROSECONDS
            }
            "ns" => Scale::of_times(values),
            "bytes" | "bytes/s" => Scale::of_sizes(values),
            "share" => Scale::PERCENT,
            _ => Scale::ONE,
        }
    }

    const fn is_per_echo(self) -> bool {
        matches!(
            self,
            Self::Cpu
                | Self::User
                | Self::System
                | Self::Switches
                | Self::VoluntarySwitches
                | Self::InvoluntarySwitches
        )
    }

    /// Its value in one sample, in [its unit](Self::unit).
    ///
    /// # Errors
    /// Why it is not known.
    pub fn read(
        self,
        sample: &Sample,
        workload: &Workload,
    ) -> Result<f64, Unknown> {
        let load = &sample.load;
        let of_due = |count| match workload.pacing {
            Rhythm::Closed => Err(Unknown::ClosedLoop),
            Rhythm::Open { .. } => {
                per(count, load.due).ok_or(Unknown::NotReported)
            }
        };
        let time = load.echo_time.filter(|it| it.count > 0);
        let time = time.ok_or(Unknown::NoEcho);
        match self {
            Self::Echoes => per(load.echoes, load.window_ns)
                .map(|it| it * 1e9)
                .ok_or(Unknown::NoEcho),
            Self::Bytes => Self::Echoes
                .read(sample, workload)
                .map(|it| it * f64::from(workload.size_bytes)),
            Self::Mean => Ok(float(time?.mean_ns)),
            Self::P50 => Ok(float(time?.p50_ns)),
            Self::P90 => Ok(float(time?.p90_ns)),
            Self::P99 => Ok(float(time?.p99_ns)),
            Self::P999 => Ok(float(time?.p99_9_ns)),
            Self::Max => Ok(float(time?.max_ns)),
            Self::ClientsCpu => load
                .cpu_ns
                .and_then(|it| per(it, load.window_ns))
                .ok_or(Unknown::NotReported),
            Self::Sent => of_due(load.sent),
            Self::Unanswered => of_due(load.unanswered),
            Self::LateP50 => of_due(0).map(|_| float(load.late_p50_ns)),
            Self::LateP99 => of_due(0).map(|_| float(load.late_p99_ns)),
            _ => self.read_usage(sample, workload),
        }
    }

    fn read_usage(
        self,
        sample: &Sample,
        workload: &Workload,
    ) -> Result<f64, Unknown> {
        let used = sample.server.as_ref().ok_or(Unknown::NoUsage)?;
        let (sleeps, preempted) =
            (used.voluntary_switches, used.involuntary_switches);
        let total = match self {
            Self::User => Some(used.user_ns),
            Self::System => Some(used.system_ns),
            Self::Switches => sleeps.zip(preempted).map(|(a, b)| a + b),
            Self::VoluntarySwitches => sleeps,
            Self::InvoluntarySwitches => preempted,
            Self::Threads => used.threads,
            Self::Memory => used.peak_memory_bytes,
            Self::ConnectionMemory => {
                return connection_memory(sample, used, workload);
            }
            _ => Some(used.user_ns + used.system_ns),
        };
        let total = total.ok_or(Unknown::NotReported)?;
        if !self.is_per_echo() {
            return Ok(float(total));
        }
        per(total, sample.load.echoes).ok_or(Unknown::NoEcho)
    }

    /// Whether its value in this sample is only known to be at least this
    /// large. In an open loop a message without an echo counts with how long
    /// it has waited: where these are too many, percentiles among them, the
    /// mean and the maximum would have been higher.
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
) -> Result<f64, Unknown> {
    let connections = workload.connections();
    if connections < ENOUGH_CONNECTIONS {
        return Err(Unknown::FewConnections);
    }
    if sample.unserved(workload) > 0 {
        return Err(Unknown::NotAllServed);
    }
    let both = used.memory_bytes.zip(sample.memory_before_bytes);
    let (end, before) = both.ok_or(Unknown::NotReported)?;
    Ok((float(end) - float(before)) / f64::from(connections))
}

fn per(total: u64, each: u64) -> Option<f64> {
    (each > 0).then(|| float(total) / float(each))
}

impl Sample {
    /// Clients that had no echo; where fewer messages than clients were due,
    /// those that had none to send do not count.
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
    fn read(
        &self,
        sample: &Sample,
        of: Figure,
        workload: &Workload,
    ) -> Result<f64, Unknown> {
        if of.is_per_echo() && self.has_few_echoes(sample) {
            return Err(Unknown::FewEchoes);
        }
        of.read(sample, workload)
    }

    /// Whether a round had so few echoes, beside the other rounds, that it
    /// has no figure an echo.
    fn has_few_echoes(&self, sample: &Sample) -> bool {
        let own = sample.load.echoes;
        if own >= FEW_ECHOES {
            return false;
        }
        let mut echoes: Vec<_> =
            self.samples.iter().map(|it| it.load.echoes).collect();
        echoes.sort_unstable();
        let usual = echoes.get(echoes.len() / 2).copied().unwrap_or(0);
        own.saturating_mul(FAR_MORE) < usual
    }

    /// The values of a figure, with their rounds; without those that are not
    /// known.
    #[must_use]
    pub fn values(&self, of: Figure, workload: &Workload) -> Vec<(u32, f64)> {
        let value = |sample: &Sample| {
            Some((sample.round, self.read(sample, of, workload).ok()?))
        };
        self.samples.iter().filter_map(value).collect()
    }

    /// The spread of a figure over the rounds, if it is known.
    #[must_use]
    pub fn spread(&self, of: Figure, workload: &Workload) -> Option<Spread> {
        let values = self.values(of, workload);
        let spread = Spread::of(values.into_iter().map(|(_, value)| value))?;
        match of {
            Figure::User | Figure::System => {
                let median = self.part_of_cpu(of)?;
                Some(Spread { median, ..spread })
            }
            _ => Some(spread),
        }
    }

    /// A part of the CPU time an echo, of all rounds together: there are few
    /// ticks in each, and too few even in all if this is `None`.
    fn part_of_cpu(&self, of: Figure) -> Option<f64> {
        let (mut part, mut all, mut echoes) = (0_u64, 0_u64, 0_u64);
        for sample in &self.samples {
            let Some(used) = sample.server else { continue };
            let is_user = of == Figure::User;
            part += if is_user { used.user_ns } else { used.system_ns };
            all += used.user_ns + used.system_ns;
            echoes += sample.load.echoes;
        }
        per(part, echoes).filter(|_| all >= ENOUGH_TICKS_NS)
    }

    /// Why a figure is not known of any round, if it is not.
    #[must_use]
    pub fn unknown(&self, of: Figure, workload: &Workload) -> Option<Unknown> {
        let read = |sample| self.read(sample, of, workload);
        if self.samples.iter().any(|sample| read(sample).is_ok()) {
            let is_known = self.spread(of, workload).is_some();
            return (!is_known).then_some(Unknown::FewTicks);
        }
        self.samples.iter().find_map(|sample| read(sample).err())
    }

    /// Whether its value in any round is only known to be at least this
    /// large: too many messages that were due had no echo at the end of a
    /// window. So is their median then.
    #[must_use]
    pub fn is_at_least(&self, of: Figure, workload: &Workload) -> bool {
        self.samples.iter().any(|sample| of.is_at_least(sample, workload))
    }
}

impl SweepPoint {
    /// A server's values of a figure with their rounds.
    #[must_use]
    pub fn values(&self, name: &str, figure: Figure) -> Vec<(u32, f64)> {
        let subject = self.subject(name);
        subject.map_or_else(Vec::new, |it| it.values(figure, &self.workload))
    }

    /// The spread of those values; `None` without one.
    #[must_use]
    pub fn spread(&self, name: &str, figure: Figure) -> Option<Spread> {
        self.subject(name)?.spread(figure, &self.workload)
    }

    /// Whether a server's value is only known to be at least this large.
    #[must_use]
    pub fn is_at_least(&self, name: &str, figure: Figure) -> bool {
        let subject = self.subject(name);
        subject.is_some_and(|it| it.is_at_least(figure, &self.workload))
    }

    /// How many of a server's rounds had too few echoes for a figure an echo.
    #[must_use]
    pub fn rounds_of_few_echoes(&self, name: &str) -> usize {
        let Some(subject) = self.subject(name) else { return 0 };
        let all = subject.samples.iter();
        all.filter(|it| subject.has_few_echoes(it)).count()
    }
}
