//! How a server's figure grows from one end of the axis to the other.

use super::SweepResult;
use crate::measure::{Figure, Ratio};

/// How many times as large a server's figure is at a later point.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The server.
    pub name: String,
    /// The first value at which it has the figure.
    pub from: u32,
    /// The last one.
    pub to: u32,
    /// How many times as large it is there, round by round.
    pub ratio: Ratio,
}

/// The growth of every server between the first and the last point at which
/// it has the figure; none of a server that has it at fewer than two.
#[must_use]
pub fn growths(result: &SweepResult, figure: Figure) -> Vec<Growth> {
    let names = result.names().into_iter();
    names.filter_map(|name| growth(result, name, figure)).collect()
}

fn growth(result: &SweepResult, name: &str, figure: Figure) -> Option<Growth> {
    let mut told = result.points.iter().filter_map(|point| {
        let subject = point.subject(name)?;
        if subject.is_at_least(figure, &point.workload) {
            return None;
        }
        let values = subject.values(figure, &point.workload);
        (!values.is_empty()).then_some((point.value, values))
    });
    let (from, at_first) = told.next()?;
    let (to, at_last) = told.next_back()?;
    let ratio = Ratio::of(&at_last, &at_first)?;
    Some(Growth { name: name.to_owned(), from, to, ratio })
}
