//! The figures that are told of a server, each derived from one sample.

use super::result::SubjectKind;
use super::sample::{Sample, ServerUsage};
use super::workload::{Pacing, Workload};
use crate::load::EchoTime;
use crate::units::Scale;

/// Below so many connections the memory of one of them drowns in that of the
/// rest.
pub const ENOUGH_CONNECTIONS: u32 = 100;

/// A figure of a server under a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Figure {
    /// Messages that came back whole, a second.
    EchoesPerS,
    /// Payload that came back, in bytes a second.
    BytesPerS,
    /// The mean time of an echo.
    MeanNs,
    /// Half of the echoes took at most this.
    P50Ns,
    /// 90 % of the echoes took at most this.
    P90Ns,
    /// 99 % of the echoes took at most this.
    P99Ns,
    /// 99.9 % of the echoes took at most this.
    P999Ns,
    /// The longest echo.
    MaxNs,
    /// CPU time of the server an echo.
    ServerCpu,
    /// That part of it that was spent in the program.
    ServerUser,
    /// That part of it that was spent in the kernel.
    ServerSystem,
    /// Context switches of the server an echo.
    Switches,
    /// Those because a thread went to sleep.
    VoluntarySwitches,
    /// Those because a thread's time was up.
    InvoluntarySwitches,
    /// Threads of the server.
    Threads,
    /// The most memory that the server has had resident.
    PeakMemory,
    /// What memory grew by from before the first client to the end of the
    /// window, a connection; idle ones count.
    ConnectionMemory,
    /// The part of one core's time that the clients used.
    LoadCpu,
    /// Open loop: the part of the messages due that were sent.
    SentOfDue,
    /// Open loop: the part of the messages due that had no echo at the end
    /// of the window.
    Unanswered,
    /// Open loop: half of the messages were sent at most this late.
    LateP50Ns,
    /// Open loop: 99 % of the messages were sent at most this late.
    LateP99Ns,
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
    /// What the server used cannot be told at all.
    NoUsage,
    /// The system does not tell this of another process.
    NotTold,
    /// There was no echo.
    NoEcho,
    /// There are fewer connections than [`ENOUGH_CONNECTIONS`].
    FewConnections,
    /// Not all clients were served: some connections cost it nothing yet.
    NotAllServed,
    /// There is too little CPU time to tell its parts apart.
    FewTicks,
    /// In a closed loop nothing is due.
    ClosedLoop,
}

impl Unknown {
    /// The reason in words, for a server of this kind.
    #[must_use]
    pub const fn words(self, kind: &SubjectKind) -> &'static str {
        match (self, kind) {
            (Self::NoUsage, SubjectKind::Address(_)) => {
                "a server that somebody else started"
            }
            (Self::NoUsage | Self::NotTold, _) => "not told by this system",
            (Self::NoEcho, _) => "no echo came back",
            (Self::FewConnections, _) => "only told from 100 connections on",
            (Self::NotAllServed, _) => "not all clients had an echo",
            (Self::FewTicks, _) => {
                "too little CPU time to split: 80 ms in all rounds are needed"
            }
            (Self::ClosedLoop, _) => "nothing is due in a closed loop",
        }
    }
}

impl Figure {
    /// All figures, in the order in which they are told.
    pub const ALL: [Self; 22] = [
        Self::EchoesPerS,
        Self::BytesPerS,
        Self::MeanNs,
        Self::P50Ns,
        Self::P90Ns,
        Self::P99Ns,
        Self::P999Ns,
        Self::MaxNs,
        Self::ServerCpu,
        Self::ServerUser,
        Self::ServerSystem,
        Self::Switches,
        Self::VoluntarySwitches,
        Self::InvoluntarySwitches,
        Self::Threads,
        Self::PeakMemory,
        Self::ConnectionMemory,
        Self::LoadCpu,
        Self::SentOfDue,
        Self::Unanswered,
        Self::LateP50Ns,
        Self::LateP99Ns,
    ];

    /// The name in JSON and CSV; it ends in the unit, if there is one.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::EchoesPerS => "echoes_per_s",
            Self::BytesPerS => "bytes_per_s",
            Self::MeanNs => "mean_ns",
            Self::P50Ns => "p50_ns",
            Self::P90Ns => "p90_ns",
            Self::P99Ns => "p99_ns",
            Self::P999Ns => "p99_9_ns",
            Self::MaxNs => "max_ns",
            Self::ServerCpu => "server_cpu_ns_per_echo",
            Self::ServerUser => "server_user_ns_per_echo",
            Self::ServerSystem => "server_system_ns_per_echo",
            Self::Switches => "switches_per_echo",
            Self::VoluntarySwitches => "voluntary_switches_per_echo",
            Self::InvoluntarySwitches => "involuntary_switches_per_echo",
            Self::Threads => "threads",
            Self::PeakMemory => "peak_memory_bytes",
            Self::ConnectionMemory => "memory_bytes_per_connection",
            Self::LoadCpu => "load_cpu_share_of_core",
            Self::SentOfDue => "sent_share_of_due",
            Self::Unanswered => "unanswered_share_of_due",
            Self::LateP50Ns => "late_p50_ns",
            Self::LateP99Ns => "late_p99_ns",
        }
    }

    /// The name for people, without a unit.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::EchoesPerS => "echoes a second",
            Self::BytesPerS => "payload a second",
            Self::MeanNs => "mean echo time",
            Self::P50Ns => "p50 echo time",
            Self::P90Ns => "p90 echo time",
            Self::P99Ns => "p99 echo time",
            Self::P999Ns => "p99.9 echo time",
            Self::MaxNs => "longest echo time",
            Self::ServerCpu => "server CPU time an echo",
            Self::ServerUser => "server CPU time an echo, user",
            Self::ServerSystem => "server CPU time an echo, system",
            Self::Switches => "context switches an echo",
            Self::VoluntarySwitches => "context switches an echo, to sleep",
            Self::InvoluntarySwitches => "context switches an echo, preempted",
            Self::Threads => "threads",
            Self::PeakMemory => "peak memory",
            Self::ConnectionMemory => "memory a connection",
            Self::LoadCpu => "clients' CPU time, of one core",
            Self::SentOfDue => "messages sent, of those due",
            Self::Unanswered => "messages without an echo, of those due",
            Self::LateP50Ns => "p50 of how late messages were sent",
            Self::LateP99Ns => "p99 of how late messages were sent",
        }
    }

    /// The unit of its values as they are, for programs.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::EchoesPerS => "1/s",
            Self::BytesPerS => "bytes/s",
            Self::Switches
            | Self::VoluntarySwitches
            | Self::InvoluntarySwitches
            | Self::Threads => "count",
            Self::PeakMemory | Self::ConnectionMemory => "bytes",
            Self::LoadCpu | Self::SentOfDue | Self::Unanswered => "share",
            _ => "ns",
        }
    }

    /// Which direction is the better one.
    #[must_use]
    pub const fn better(self) -> Better {
        match self {
            Self::EchoesPerS | Self::BytesPerS => Better::More,
            Self::Threads
            | Self::LoadCpu
            | Self::SentOfDue
            | Self::Unanswered
            | Self::LateP50Ns
            | Self::LateP99Ns => Better::Neither,
            _ => Better::Less,
        }
    }

    /// The unit in which people read all of these values best.
    #[must_use]
    pub fn scale(self, values: impl IntoIterator<Item = f64>) -> Scale {
        match self.unit() {
            _ if self.is_cpu() => Scale::MICROSECONDS,
            "ns" => Scale::of_times(values),
            "bytes" | "bytes/s" => Scale::of_sizes(values),
            "share" => Scale::PERCENT,
            _ => Scale::ONE,
        }
    }

    const fn is_cpu(self) -> bool {
        matches!(self, Self::ServerCpu | Self::ServerUser | Self::ServerSystem)
    }

    /// Its value in one sample, in [its unit](Self::unit), if it is known.
    #[must_use]
    pub fn of(self, sample: &Sample, workload: &Workload) -> Option<f64> {
        self.read(sample, workload).ok()
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
        match self {
            Self::EchoesPerS => per_s(sample.echoes, sample.window_ns),
            Self::BytesPerS => per_s(sample.echoes, sample.window_ns)
                .map(|echoes| echoes * f64::from(workload.size_bytes)),
            Self::LoadCpu => load_cpu(sample),
            Self::SentOfDue
            | Self::Unanswered
            | Self::LateP50Ns
            | Self::LateP99Ns => self.read_lateness(sample, workload),
            Self::MeanNs
            | Self::P50Ns
            | Self::P90Ns
            | Self::P99Ns
            | Self::P999Ns
            | Self::MaxNs => self.read_echo_time(sample),
            _ => self.read_usage(sample, workload),
        }
    }

    fn read_echo_time(self, sample: &Sample) -> Result<f64, Unknown> {
        let timed = |time: &EchoTime| time.count > 0;
        let time = sample.echo_time.filter(timed).ok_or(Unknown::NoEcho)?;
        Ok(float(match self {
            Self::MeanNs => time.mean_ns,
            Self::P50Ns => time.p50_ns,
            Self::P90Ns => time.p90_ns,
            Self::P99Ns => time.p99_ns,
            Self::P999Ns => time.p99_9_ns,
            _ => time.max_ns,
        }))
    }

    fn read_usage(
        self,
        sample: &Sample,
        workload: &Workload,
    ) -> Result<f64, Unknown> {
        let used = sample.server.as_ref().ok_or(Unknown::NoUsage)?;
        let per_echo = |total: Option<u64>| {
            let total = total.ok_or(Unknown::NotTold)?;
            per(total, sample.echoes).ok_or(Unknown::NoEcho)
        };
        match self {
            Self::ServerUser => per_echo(Some(used.user_ns)),
            Self::ServerSystem => per_echo(Some(used.system_ns)),
            Self::Switches => per_echo(all_switches(used)),
            Self::VoluntarySwitches => per_echo(used.voluntary_switches),
            Self::InvoluntarySwitches => per_echo(used.involuntary_switches),
            Self::Threads => told(used.threads),
            Self::PeakMemory => told(used.peak_memory_bytes),
            Self::ConnectionMemory
                if workload.connections() >= ENOUGH_CONNECTIONS
                    && sample.unserved(workload) > 0 =>
            {
                Err(Unknown::NotAllServed)
            }
            Self::ConnectionMemory => connection_memory(used, workload),
            _ => per_echo(Some(used.user_ns.saturating_add(used.system_ns))),
        }
    }

    fn read_lateness(
        self,
        sample: &Sample,
        workload: &Workload,
    ) -> Result<f64, Unknown> {
        if workload.pacing == Pacing::Closed {
            return Err(Unknown::ClosedLoop);
        }
        match self {
            Self::LateP50Ns => Ok(float(sample.load.late_p50_ns)),
            Self::LateP99Ns => Ok(float(sample.load.late_p99_ns)),
            Self::Unanswered => per(sample.load.unanswered, sample.load.due)
                .ok_or(Unknown::NotTold),
            _ => per(sample.load.sent, sample.load.due).ok_or(Unknown::NotTold),
        }
    }
}

fn told(value: Option<u64>) -> Result<f64, Unknown> {
    value.map(float).ok_or(Unknown::NotTold)
}

fn all_switches(used: &ServerUsage) -> Option<u64> {
    Some(used.voluntary_switches?.saturating_add(used.involuntary_switches?))
}

fn load_cpu(sample: &Sample) -> Result<f64, Unknown> {
    let cpu_ns = sample.load.cpu_ns.ok_or(Unknown::NotTold)?;
    per(cpu_ns, sample.window_ns).ok_or(Unknown::NotTold)
}

fn connection_memory(
    used: &ServerUsage,
    workload: &Workload,
) -> Result<f64, Unknown> {
    let connections = workload.connections();
    if connections < ENOUGH_CONNECTIONS {
        return Err(Unknown::FewConnections);
    }
    let grown = told(used.memory_bytes)? - told(used.memory_before_bytes)?;
    Ok(grown / f64::from(connections))
}

impl Workload {
    /// Clients that are connected, those that say nothing included.
    #[must_use]
    pub const fn connections(&self) -> u32 {
        self.clients.saturating_add(self.idle)
    }
}

fn per_s(count: u64, window_ns: u64) -> Result<f64, Unknown> {
    per(count, window_ns).map(|it| it * 1e9).ok_or(Unknown::NoEcho)
}

fn per(total: u64, each: u64) -> Option<f64> {
    (each > 0).then(|| float(total) / float(each))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "three digits are shown, 53 bits are kept"
)]
const fn float(n: u64) -> f64 {
    n as f64
}
