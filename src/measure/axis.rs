//! The quantity that differs between the points of a sweep, and the notation of
//! its values: `100`, `1,10,100`, `1..10000`.

use super::statistics::float;
use crate::load::steady::Workload;
use crate::units::{parse_size, plural, show_count, show_size_exactly};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The quantity that differs between the points of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SweepAxis {
    /// The number of clients that send messages.
    Clients,
    /// The size of a message in bytes.
    Size,
    /// The number of clients that are connected and send nothing.
    Idle,
}

impl SweepAxis {
    /// The name of its command-line option, without the dashes.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The title of a chart's axis.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Size => "message size",
            Self::Idle => "idle clients",
        }
    }

    /// A value without its noun: `1,000`, `64 KiB`.
    pub fn show(self, value: u32) -> String {
        match self {
            Self::Size => show_size_exactly(value.into()),
            _ => show_count(value.into()),
        }
    }

    /// A value in a sentence: `1,000 clients`, `64 KiB`.
    pub fn say(self, value: u32) -> String {
        match self {
            Self::Clients => plural(value.into(), "client"),
            Self::Size => self.show(value),
            Self::Idle => plural(value.into(), "idle client"),
        }
    }

    /// The workload with this value on this axis.
    pub fn at(self, value: u32, workload: &Workload) -> Workload {
        let mut workload = workload.clone();
        match self {
            Self::Clients => workload.clients = value,
            Self::Size => workload.size_bytes = value,
            Self::Idle => workload.idle = value,
        }
        workload
    }

    /// Reads one value within the limits of the axis.
    fn parse(self, text: &str) -> Result<u32, String> {
        let text = text.trim();
        let is_number =
            !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let read: Option<u64> = match self {
            Self::Size => parse_size(text).ok(),
            _ => is_number.then(|| text.parse().unwrap_or(u64::MAX)),
        };
        let (noun, limits, example): (_, RangeInclusive<u32>, _) = match self {
            Self::Clients => (
                "number of clients",
                1..=20_000,
                "`100`, `1,10,100` or `1..10000`",
            ),
            Self::Size => {
                ("size", 1..=16 << 20, "`128`, `128,4KiB` or `16..64KiB`")
            }
            Self::Idle => (
                "number of idle clients",
                0..=20_000,
                "`1000`, `0,100,1000` or `0..10000`",
            ),
        };
        let value = read
            .ok_or_else(|| format!("expected a {noun}, such as {example}"))?;
        let value = u32::try_from(value).ok().filter(|it| limits.contains(it));
        value.ok_or_else(|| {
            let [least, most] =
                [limits.start(), limits.end()].map(|it| self.show(*it));
            format!("expected a {noun} from {least} to {most}")
        })
    }
}

/// The most points that a sweep can have.
pub const MOST_POINTS: usize = 50;

/// If coarse steps make fewer points than this, finer ones are used.
const FEWEST: usize = 5;

/// The values of an axis, as given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// A single value: nothing is swept.
    One(u32),
    /// The values that were listed, in ascending order.
    List(Vec<u32>),
    /// From one value to another, both included, in steps that are about even
    /// on a logarithmic scale.
    Between {
        from: u32,
        /// Always larger than `from`.
        to: u32,
    },
}

impl Range {
    /// Reads a value, a list or a range.
    ///
    /// # Errors
    /// A message, if a part is not a value, a value is outside the limits of
    /// the axis, a range does not ascend, or a list is too long.
    pub fn parse(axis: SweepAxis, text: &str) -> Result<Self, String> {
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (axis.parse(from)?, axis.parse(to)?);
            if from >= to {
                let [from, to] = [from, to].map(|it| axis.show(it));
                return Err(format!(
                    "the smaller end of a range comes first: {to}..{from}"
                ));
            }
            return Ok(Self::Between { from, to });
        }
        let values = text.split(',').map(|it| axis.parse(it));
        let mut values = values.collect::<Result<Vec<_>, _>>()?;
        values.sort_unstable();
        values.dedup();
        match (&values[..], values.len()) {
            ([one], _) => Ok(Self::One(*one)),
            (_, ..=MOST_POINTS) => Ok(Self::List(values)),
            (_, points) => Err(format!(
                "{points} points are too many; a sweep has at most \
                 {MOST_POINTS}"
            )),
        }
    }

    /// Whether there is more than one value.
    pub const fn is_swept(&self) -> bool {
        !matches!(self, Self::One(_))
    }

    /// The values, in ascending order. `wanted` is the number of points in a
    /// range, at least 2; there are fewer if there are fewer round values.
    ///
    /// Without it, counts go by 1, 3, 10, 30 and sizes by powers of four; if
    /// these are too few, by 1, 2, 5 and powers of two.
    pub fn points(&self, axis: SweepAxis, wanted: Option<usize>) -> Vec<u32> {
        match (self, wanted) {
            (Self::One(one), _) => vec![*one],
            (Self::List(values), _) => values.clone(),
            (Self::Between { from, to }, Some(wanted)) => {
                evenly(axis, *from, *to, wanted)
            }
            (Self::Between { from, to }, None) => stepped(axis, *from, *to),
        }
    }
}

/// The values at the coarsest steps that make enough points.
fn stepped(axis: SweepAxis, from: u32, to: u32) -> Vec<u32> {
    let powers = |step| (0..32).step_by(step).map(|it| 1 << it).collect();
    let decades = |digits: &[u32]| {
        let all = (0..9).map(|it| 10_u32.pow(it));
        all.flat_map(|ten| digits.iter().map(move |it| it * ten)).collect()
    };
    let [coarse, fine]: [Vec<u32>; 2] = match axis {
        SweepAxis::Size => [powers(2), powers(1)],
        _ => [decades(&[1, 3]), decades(&[1, 2, 5])],
    };
    let least = if from == 0 && to > 100 { 10 } else { from + 1 };
    let [coarse, fine] = [coarse, fine].map(|mut points| {
        points.retain(|it| (least..to).contains(it));
        points.insert(0, from);
        points.push(to);
        points
    });
    match (coarse.len(), fine.len()) {
        (FEWEST.., _) => coarse,
        (_, 4..) => fine,
        _ => evenly(axis, from, to, FEWEST),
    }
}

/// Round values, about even on a logarithmic scale, at most `wanted`. A range
/// from 0 has 0 and then values from 10 on, or from 1 if it is short.
fn evenly(axis: SweepAxis, from: u32, to: u32, wanted: usize) -> Vec<u32> {
    let wanted = wanted.clamp(2, MOST_POINTS) as u64;
    let (mut points, first, steps) = match from {
        0 if wanted == 2 => return vec![0, to],
        0 if to > 100 => (vec![0], 10, wanted - 2),
        0 => (vec![0], 1, wanted - 2),
        _ => (Vec::new(), from, wanted - 1),
    };
    points.push(first);
    let (low, high) = (f64::from(first).ln(), f64::from(to).ln());
    points.extend((1..steps).map(|step| {
        let share = float(step) / float(steps);
        let exact = (low + (high - low) * share).exp();
        rounded(axis, exact).clamp(first, to)
    }));
    points.push(to);
    points.dedup();
    points
}

/// Rounds to two digits, and a size to an eighth of a power of two.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it lies between two values of 32 bits"
)]
fn rounded(axis: SweepAxis, exact: f64) -> u32 {
    let unit = match axis {
        SweepAxis::Size => exact.log2().floor().exp2() / 8.0,
        _ => 10_f64.powf(exact.log10().floor()) / 10.0,
    };
    let unit = unit.max(1.0);
    ((exact / unit).round() * unit) as u32
}
