//! How a server's figure grows from one end of the axis to the other.

use super::SweepResult;
use crate::measure::{Figure, Ratio, Spread};

/// How many times as large a server's figure is at a later point.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The server.
    pub name: String,
    /// The first value at which it has the figure.
    pub from: u32,
    /// The last one.
    pub to: u32,
    /// How many times as large its median is there.
    pub times: f64,
    /// How many times as large it is there, round by round.
    pub ratio: Ratio,
}

impl Growth {
    /// Whether the rounds do not tell that it grows, or shrinks, as its
    /// medians do. Of a single round nothing is known of the noise.
    #[must_use]
    pub fn is_within_the_noise(&self) -> bool {
        let Spread { low, high, n, .. } = self.ratio.0;
        let grows = low > 1.0 && self.times > 1.0;
        let shrinks = high < 1.0 && self.times < 1.0;
        n > 1 && !grows && !shrinks
    }
}

/// The growth of every server between the first and the last point at which
/// it has the figure in as many rounds as anywhere; none of a server that
/// has it so at fewer than two.
#[must_use]
pub fn growths(result: &SweepResult, figure: Figure) -> Vec<Growth> {
    let names = result.names().into_iter();
    names.filter_map(|name| growth(result, name, figure)).collect()
}

fn growth(result: &SweepResult, name: &str, figure: Figure) -> Option<Growth> {
    // A lower bound has no growth.
    let told = result.points.iter().filter(|point| {
        let subject = point.subject(name);
        subject.is_some_and(|it| !it.is_at_least(figure, &point.workload))
    });
    let told = told.map(|it| (it.value, it.values(name, figure)));
    let mut told: Vec<_> = told.collect();
    let most = told.iter().map(|it| it.1.len()).max()?;
    told.retain(|(_, values)| !values.is_empty() && values.len() == most);
    let [(from, at_first), .., (to, at_last)] = &told[..] else {
        return None;
    };
    let ratio = Ratio::of(at_last, at_first)?;
    let median = |values: &[(u32, f64)]| {
        Spread::of(values.iter().map(|it| it.1)).map(|it| it.median)
    };
    let times = median(at_last)? / median(at_first)?;
    let times = Some(times).filter(|it| it.is_finite())?;
    Some(Growth { name: name.to_owned(), from: *from, to: *to, times, ratio })
}
