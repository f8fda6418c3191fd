//! What of a point's samples is told.

use super::SweepPoint;
use crate::measure::{Figure, Sample, Spread, SubjectResult};

/// A round with fewer echoes than this tells no figure an echo if the
/// server's other rounds there had far more of them: whatever it did besides
/// is spread over next to none.
pub const FEW_ECHOES: u64 = 100;

/// Far more: so many times as many, in the median of the rounds. A server
/// that never makes more echoes than that is slow, and its figures are its
/// own.
const FAR_MORE: u64 = 10;

impl SweepPoint {
    /// A server's values of a figure with their rounds; without those that
    /// are not known or come of too few echoes, see [`FEW_ECHOES`].
    #[must_use]
    pub fn values(&self, name: &str, figure: Figure) -> Vec<(u32, f64)> {
        let Some(subject) = self.subject(name) else { return Vec::new() };
        let usual = usual_echoes(subject);
        let rounds = subject.samples.iter();
        let rounds = rounds.filter(|it| tells(it, figure, usual));
        let values = rounds.filter_map(|sample| {
            let value = figure.of(sample, &self.workload)?;
            Some((sample.round, value))
        });
        values.collect()
    }

    /// The spread of those values; `None` without one.
    #[must_use]
    pub fn spread(&self, name: &str, figure: Figure) -> Option<Spread> {
        Spread::of(self.values(name, figure).into_iter().map(|it| it.1))
    }

    /// How many of a server's rounds had too few echoes to tell a figure an
    /// echo, see [`FEW_ECHOES`].
    #[must_use]
    pub fn rounds_of_few_echoes(&self, name: &str) -> usize {
        let Some(subject) = self.subject(name) else { return 0 };
        let usual = usual_echoes(subject);
        let all = subject.samples.iter();
        all.filter(|it| !tells(it, Figure::ServerCpu, usual)).count()
    }
}

/// Whether a sample tells a figure of a server that usually has so many
/// echoes a round.
fn tells(sample: &Sample, figure: Figure, usual: u64) -> bool {
    let few = sample.echoes < FEW_ECHOES
        && sample.echoes.saturating_mul(FAR_MORE) < usual;
    !(few && is_per_echo(figure))
}

/// The median of the echoes of a server's rounds; of an even number of
/// rounds the larger one of the middle two.
fn usual_echoes(subject: &SubjectResult) -> u64 {
    let mut echoes: Vec<_> =
        subject.samples.iter().map(|it| it.echoes).collect();
    echoes.sort_unstable();
    echoes.get(echoes.len() / 2).copied().unwrap_or(0)
}

const fn is_per_echo(figure: Figure) -> bool {
    matches!(
        figure,
        Figure::ServerCpu
            | Figure::ServerUser
            | Figure::ServerSystem
            | Figure::Switches
            | Figure::VoluntarySwitches
            | Figure::InvoluntarySwitches
    )
}
