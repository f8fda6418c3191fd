//! The figures of a server over its rounds, and which of them are only known
//! to be at least so large.

use super::figure::{Figure, Unknown};
use super::result::SubjectResult;
use super::sample::Sample;
use super::statistics::Spread;
use super::workload::{Pacing, Workload};

/// Up to this part of the messages due may be without an echo at the end of
/// a window, and echo times still be taken as they are.
pub const UNANSWERED: f64 = 0.01;

/// The kernel splits CPU time by where it finds a thread at each of its
/// ticks; so long is one at the usual 250 Hz.
const TICK_NS: u64 = 4_000_000;

/// From so many ticks on the split of CPU time is told.
const ENOUGH_TICKS: u64 = 20;

impl Sample {
    /// Clients that had no echo; where fewer messages than clients were due,
    /// those that had none to send do not count.
    pub(super) fn unserved(&self, workload: &Workload) -> u32 {
        let due = match workload.pacing {
            Pacing::Closed => u64::MAX,
            Pacing::Open { .. } => self.load.due,
        };
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        workload.clients.min(due).saturating_sub(self.clients_served)
    }
}

impl Figure {
    /// Whether its value in this sample is only known to be at least so
    /// large. In an open loop a message without an echo counts with how long
    /// it has waited: where these are more than [`UNANSWERED`], percentiles
    /// among them, the mean and the maximum would have been higher.
    #[must_use]
    pub fn is_at_least(self, sample: &Sample, workload: &Workload) -> bool {
        let quantile = match self {
            Self::P50Ns => 0.5,
            Self::P90Ns => 0.9,
            Self::P99Ns => 0.99,
            Self::P999Ns => 0.999,
            Self::MeanNs | Self::MaxNs => 1.0,
            _ => return false,
        };
        let share = Self::Unanswered.of(sample, workload).unwrap_or(0.0);
        share > UNANSWERED && quantile >= 1.0 - share
    }
}

impl SubjectResult {
    /// The values of a figure, with their rounds; without those that are not
    /// known.
    #[must_use]
    pub fn values(&self, of: Figure, workload: &Workload) -> Vec<(u32, f64)> {
        let value = |sample: &Sample| {
            of.of(sample, workload).map(|value| (sample.round, value))
        };
        self.samples.iter().filter_map(value).collect()
    }

    /// The spread of a figure over the rounds, if it is known.
    #[must_use]
    pub fn spread(&self, of: Figure, workload: &Workload) -> Option<Spread> {
        let values = self.values(of, workload);
        let spread = Spread::of(values.into_iter().map(|(_, value)| value))?;
        match of {
            Figure::ServerUser | Figure::ServerSystem => {
                let median = self.part_of_cpu(of)?;
                Some(Spread { median, ..spread })
            }
            _ => Some(spread),
        }
    }

    /// A part of the CPU time an echo, of all rounds together: there are few
    /// ticks in each. `None` with fewer than [`ENOUGH_TICKS`] in all.
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    fn part_of_cpu(&self, of: Figure) -> Option<f64> {
        let (mut part, mut all, mut echoes) = (0_u64, 0_u64, 0_u64);
        for sample in &self.samples {
            let Some(used) = sample.server else { continue };
            let is_user = of == Figure::ServerUser;
            part += if is_user { used.user_ns } else { used.system_ns };
            all += used.user_ns + used.system_ns;
            echoes += sample.echoes;
        }
        let enough = all >= ENOUGH_TICKS * TICK_NS && echoes > 0;
        enough.then(|| part as f64 / echoes as f64)
    }

    /// Why a figure is not known of any round, if it is not.
    #[must_use]
    pub fn unknown(&self, of: Figure, workload: &Workload) -> Option<Unknown> {
        let read = |sample| of.read(sample, workload);
        if self.samples.iter().any(|sample| read(sample).is_ok()) {
            let told = self.spread(of, workload).is_some();
            return (!told).then_some(Unknown::FewTicks);
        }
        self.samples.iter().find_map(|sample| read(sample).err())
    }

    /// Whether its value in any round is [only known to be at least so
    /// large](Figure::is_at_least); so is their median then.
    #[must_use]
    pub fn is_at_least(&self, of: Figure, workload: &Workload) -> bool {
        self.samples.iter().any(|sample| of.is_at_least(sample, workload))
    }
}
