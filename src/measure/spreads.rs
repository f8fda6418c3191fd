//! The figures of a server over its rounds, and which of them are only known
//! to be at least so large.

use super::figure::{Figure, Unknown};
use super::result::SubjectResult;
use super::sample::Sample;
use super::statistics::Spread;
use super::workload::Workload;

/// Up to this part of the messages due may be without an echo at the end of
/// a window, and echo times still be taken as they are.
pub const UNANSWERED: f64 = 0.01;

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
        Spread::of(values.into_iter().map(|(_, value)| value))
    }

    /// Why a figure is not known of any round, if it is not.
    #[must_use]
    pub fn unknown(&self, of: Figure, workload: &Workload) -> Option<Unknown> {
        let read = |sample| of.read(sample, workload);
        if self.samples.iter().any(|sample| read(sample).is_ok()) {
            return None;
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
