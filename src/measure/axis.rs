//! What differs from point to point of a sweep, and its values as people
//! write them: `100`, `1,10,100`, `1..10000`.

use crate::load::steady::Workload;
use crate::units::{parse_size, show_count, show_size_exactly};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What differs from point to point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SweepAxis {
    /// How many clients talk.
    Clients,
    /// How long a message is, in bytes.
    Size,
    /// How many clients are connected and send nothing.
    Idle,
}

impl SweepAxis {
    /// Its option on the command line, without the dashes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Size => "size",
            Self::Idle => "idle",
        }
    }

    /// What stands at a chart's axis.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Size => "message size",
            Self::Idle => "idle clients",
        }
    }

    /// The smallest and the largest value.
    #[must_use]
    pub const fn limits(self) -> (u32, u32) {
        match self {
            Self::Clients => (1, 20_000),
            Self::Size => (1, 16 << 20),
            Self::Idle => (0, 20_000),
        }
    }

    /// A value alone: `1,000`, `64 KiB`.
    #[must_use]
    pub fn show(self, value: u32) -> String {
        match self {
            Self::Size => show_size_exactly(value.into()),
            _ => show_count(value.into()),
        }
    }

    /// A value in a sentence: `1,000 clients`, `a size of 64 KiB`.
    #[must_use]
    pub fn say(self, value: u32) -> String {
        let shown = self.show(value);
        let many = if value == 1 { "" } else { "s" };
        match self {
            Self::Clients => format!("{shown} client{many}"),
            Self::Size => shown,
            Self::Idle => format!("{shown} idle client{many}"),
        }
    }

    /// The workload at a value of this axis.
    #[must_use]
    pub fn at(self, value: u32, workload: &Workload) -> Workload {
        let mut workload = workload.clone();
        match self {
            Self::Clients => workload.clients = value,
            Self::Size => workload.size_bytes = value,
            Self::Idle => workload.idle = value,
        }
        workload
    }

    /// What a value of this axis is, for messages about wrong ones.
    const fn noun(self) -> &'static str {
        match self {
            Self::Clients => "number of clients",
            Self::Size => "size",
            Self::Idle => "number of idle clients",
        }
    }

    /// How a range of it is written.
    const fn example(self) -> &'static str {
        match self {
            Self::Clients => "`100`, `1,10,100` or `1..10000`",
            Self::Size => "`128`, `128,4KiB` or `16..64KiB`",
            Self::Idle => "`1000`, `0,100,1000` or `0..10000`",
        }
    }
}
/// The most points that a sweep can have.
pub const MOST_POINTS: usize = 50;

/// A range has at least this many points, if there are as many values.
const FEWEST: usize = 5;

/// Values of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// One alone: nothing is swept.
    One(u32),
    /// Those that were named, rising.
    List(Vec<u32>),
    /// From one to another, both included, at steps that look even on a
    /// logarithmic scale.
    Between {
        /// The first.
        from: u32,
        /// The last; larger.
        to: u32,
    },
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RangeError {
    /// A part of it is no number or no size.
    #[error("`{text}` is not a {noun}; write {example}")]
    NotANumber {
        /// That part.
        text: String,
        /// What it should be.
        noun: &'static str,
        /// What would be right.
        example: &'static str,
    },
    /// A value is outside the axis's limits.
    #[error("wanted a {noun} from {least} to {most}")]
    OutOfLimits {
        /// What it should be.
        noun: &'static str,
        /// The smallest one.
        least: String,
        /// The largest one.
        most: String,
    },
    /// The second end is not above the first.
    #[error("the range `{0}..{1}` does not rise; the smaller end comes first")]
    DoesNotRise(String, String),
    /// More values than [`MOST_POINTS`].
    #[error("{0} points are too many; a sweep has at most {MOST_POINTS}")]
    TooManyPoints(usize),
}

impl Range {
    /// Reads a value, a list or a range.
    ///
    /// # Errors
    /// When a part is no number, a value is outside the axis's limits, a
    /// range does not rise or a list is too long.
    pub fn parse(axis: SweepAxis, text: &str) -> Result<Self, RangeError> {
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (value(axis, from)?, value(axis, to)?);
            if from >= to {
                let [from, to] = [from, to].map(|it| axis.show(it));
                return Err(RangeError::DoesNotRise(from, to));
            }
            return Ok(Self::Between { from, to });
        }
        let values = text.split(',').map(|it| value(axis, it));
        let mut values = values.collect::<Result<Vec<_>, _>>()?;
        values.sort_unstable();
        values.dedup();
        match values[..] {
            [one] => Ok(Self::One(one)),
            _ if values.len() > MOST_POINTS => {
                Err(RangeError::TooManyPoints(values.len()))
            }
            _ => Ok(Self::List(values)),
        }
    }

    /// Whether there is more than one value.
    #[must_use]
    pub const fn is_swept(&self) -> bool {
        !matches!(self, Self::One(_))
    }

    /// The values, rising. `wanted` is how many points a range has, from 2;
    /// fewer where there are fewer different round values.
    ///
    /// Without it, counts go by 1, 3, 10, 30 and sizes by powers of four,
    /// or by 1, 2, 5 and powers of two where that makes too few.
    #[must_use]
    pub fn points(&self, axis: SweepAxis, wanted: Option<usize>) -> Vec<u32> {
        match self {
            Self::One(one) => vec![*one],
            Self::List(values) => values.clone(),
            Self::Between { from, to } => match wanted {
                Some(wanted) => evenly(axis, *from, *to, wanted),
                None => stepped(axis, *from, *to),
            },
        }
    }
}

fn value(axis: SweepAxis, text: &str) -> Result<u32, RangeError> {
    let noun = axis.noun();
    let text = text.trim();
    let read = match axis {
        SweepAxis::Size => parse_size(text).ok(),
        _ => text.parse().ok(),
    };
    let example = axis.example();
    let (least, most) = axis.limits();
    match read {
        Some(value) if (least..=most).contains(&value) => Ok(value),
        None if read_as_too_large(axis, text) || text == "0" => {
            Err(limits(axis))
        }
        None => {
            let text = text.to_owned();
            Err(RangeError::NotANumber { text, noun, example })
        }
        Some(_) => Err(limits(axis)),
    }
}

fn limits(axis: SweepAxis) -> RangeError {
    let (least, most) = axis.limits();
    let [least, most] = [least, most].map(|it| axis.show(it));
    RangeError::OutOfLimits { noun: axis.noun(), least, most }
}

/// Whether it is a number beyond 32 bits.
fn read_as_too_large(axis: SweepAxis, text: &str) -> bool {
    match axis {
        SweepAxis::Size => parse_size::<u64>(text).is_ok(),
        _ => !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()),
    }
}

/// By the coarsest steps that make enough points.
fn stepped(axis: SweepAxis, from: u32, to: u32) -> Vec<u32> {
    let ways: [fn(u32) -> bool; 2] = match axis {
        SweepAxis::Size => [|it| is_power(it, 2), |it| is_power(it, 1)],
        _ => [|it| leads(it, &[1, 3]), |it| leads(it, &[1, 2, 5])],
    };
    let least = if from == 0 && to > 100 { 10 } else { from + 1 };
    let by = |way: fn(u32) -> bool| {
        let round = candidates(axis, least, to).filter(|it| way(*it));
        let mut points: Vec<_> =
            [from].into_iter().chain(round).chain([to]).collect();
        points.dedup();
        points
    };
    let coarse = by(ways[0]);
    if coarse.len() >= FEWEST {
        return coarse;
    }
    let fine = by(ways[1]);
    if fine.len() >= 4 { fine } else { evenly(axis, from, to, FEWEST) }
}

/// The values between that a way may choose, rising, `to` not included.
fn candidates(
    axis: SweepAxis,
    least: u32,
    to: u32,
) -> impl Iterator<Item = u32> {
    let all: Vec<u32> = match axis {
        SweepAxis::Size => (0..32).map(|power| 1 << power).collect(),
        _ => (0..9)
            .flat_map(|power| [1, 2, 3, 5].map(|it| it * 10_u32.pow(power)))
            .collect(),
    };
    all.into_iter().filter(move |it| (least..to).contains(it))
}

/// Whether it is 2 to a power that `step` divides.
const fn is_power(it: u32, step: u32) -> bool {
    it.is_power_of_two() && it.trailing_zeros().is_multiple_of(step)
}

fn leads(it: u32, digits: &[u32]) -> bool {
    let leading = it / 10_u32.pow(it.checked_ilog10().unwrap_or(0));
    digits.contains(&leading)
}

/// `wanted` values, evenly on a logarithmic scale, rounded as people do. A
/// range from 0 has 0 and the rest from its first digit on.
fn evenly(axis: SweepAxis, from: u32, to: u32, wanted: usize) -> Vec<u32> {
    let wanted = wanted.clamp(2, MOST_POINTS);
    let (mut points, first, steps) = match from {
        0 if wanted == 2 => return vec![0, to],
        0 if to > 100 => (vec![0], 10, wanted - 2),
        0 => (vec![0], 1, wanted - 2),
        _ => (Vec::new(), from, wanted - 1),
    };
    let (low, high) = (f64::from(first).ln(), f64::from(to).ln());
    for step in 0..=steps {
        let share = fraction(step, steps.max(1));
        let exact = (low + (high - low) * share).exp();
        let whole = if step == 0 && steps > 0 {
            first
        } else if step == steps {
            to
        } else {
            rounded(axis, exact).clamp(first, to)
        };
        points.push(whole);
    }
    points.dedup();
    points
}

#[expect(clippy::cast_precision_loss, reason = "at most MOST_POINTS")]
fn fraction(step: usize, of: usize) -> f64 {
    step as f64 / of as f64
}

/// To two digits; a size to an eighth of a power of two.
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
