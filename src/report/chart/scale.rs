//! Where values stand on an axis.

/// Beyond this factor between the smallest and the largest value a scale is
/// logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;

/// How much of a logarithmic axis lies between 0 and its first value.
const TO_ZERO: f64 = 0.12;

/// A scale has at most so many ticks, about.
const TICKS: f64 = 5.0;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) enum Scale {
    /// Equal distances for equal differences.
    Linear { from: f64, to: f64 },
    /// Equal distances for equal factors; the bounds are above 0.
    Log { from: f64, to: f64 },
    /// As `Log`, with 0 apart on the left.
    LogAndZero { from: f64, to: f64 },
}

impl Scale {
    /// A scale of values that somebody chose: exactly from the first to the
    /// last; `None` without one.
    pub(super) fn of_axis(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<_> = values.collect();
        values.sort_by(f64::total_cmp);
        let (&from, &to) = (values.first()?, values.last()?);
        let least = values.iter().copied().find(|it| *it > 0.0);
        Some(match least {
            Some(least) if from > 0.0 => Self::Log { from: least, to },
            Some(least) if least < to => Self::LogAndZero { from: least, to },
            _ => Self::Linear { from, to },
        })
    }

    /// A scale of values as measured, with round bounds: from 0, or
    /// logarithmic if they differ by a large factor; `None` without one.
    pub(super) fn of_values(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values = values.filter(|it| it.is_finite());
        let bounds = values.fold(None, |bounds, it| match bounds {
            None => Some((it, it)),
            Some((least, most)) => Some((it.min(least), it.max(most))),
        });
        let (least, most) = bounds?;
        Some(if least > 0.0 && most / least > LOGARITHMIC_FROM {
            Self::Log { from: round_down(least), to: round_up(most) }
        } else {
            let step = step(most.max(f64::MIN_POSITIVE));
            Self::Linear { from: 0.0, to: (most / step).ceil().max(1.0) * step }
        })
    }

    /// From exactly one bound to another one, logarithmic.
    pub(in crate::report) const fn log(from: f64, to: f64) -> Self {
        Self::Log { from, to }
    }

    /// Where a value stands, from 0 at one end to 1 at the other.
    pub(in crate::report) fn place(self, value: f64) -> f64 {
        let share = |value: f64, from: f64, to: f64| {
            if to > from { (value - from) / (to - from) } else { 0.5 }
        };
        let place = match self {
            Self::Linear { from, to } => share(value, from, to),
            Self::Log { from, to } => {
                share(value.max(from).ln(), from.ln(), to.ln())
            }
            Self::LogAndZero { from, .. } if value < from => {
                TO_ZERO * value.max(0.0) / from
            }
            Self::LogAndZero { from, to } => {
                let share = share(value.ln(), from.ln(), to.ln());
                TO_ZERO + (1.0 - TO_ZERO) * share
            }
        };
        place.clamp(0.0, 1.0)
    }

    /// Round values to write at the axis.
    pub(in crate::report) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { from, to } => {
                let step = step(to);
                let whole = (0..=20).map(|n| from + f64::from(n) * step);
                whole.take_while(|it| *it <= to * 1.000_1).collect()
            }
            Self::Log { from, to } | Self::LogAndZero { from, to } => {
                powers(from, to)
            }
        }
    }
}

/// A round distance of ticks, so that there are about five.
fn step(to: f64) -> f64 {
    let rough = to / TICKS;
    let unit = power_below(rough);
    let fits = [1.0, 2.0, 2.5, 5.0].into_iter().find(|it| it * unit >= rough);
    fits.unwrap_or(10.0) * unit
}

/// Powers of ten; with few of them also what is between, with many not all.
fn powers(from: f64, to: f64) -> Vec<f64> {
    let decades = (to / from).log10();
    let digits: &[f64] = match decades {
        ..2.0 => &[1.0, 2.0, 5.0],
        2.0..3.0 => &[1.0, 3.0],
        _ => &[1.0],
    };
    let every = if decades > 6.0 { 2 } else { 1 };
    let mut unit = power_below(from);
    let mut ticks = Vec::new();
    while unit <= to * 1.000_1 {
        ticks.extend(digits.iter().map(|digit| digit * unit));
        unit *= 10_f64.powi(every);
    }
    let within = from * 0.999_9..=to * 1.000_1;
    ticks.retain(|it| within.contains(it));
    ticks
}

fn power_below(value: f64) -> f64 {
    10_f64.powf(value.log10().floor())
}

/// The next value of 1, 2, 5, 10 below.
fn round_down(value: f64) -> f64 {
    let unit = power_below(value);
    let fits = [5.0, 2.0, 1.0].into_iter().find(|it| it * unit <= value);
    fits.unwrap_or(1.0) * unit
}

/// The next value of 1, 2, 5, 10 above.
fn round_up(value: f64) -> f64 {
    let unit = power_below(value);
    let fits = [1.0, 2.0, 5.0].into_iter().find(|it| it * unit >= value);
    fits.unwrap_or(10.0) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Scale {
        Scale::of_values(values.iter().copied()).expect("there are values")
    }

    #[test]
    fn values_that_are_close_stand_on_a_scale_from_zero() {
        let scale = of(&[41.0, 97.0]);
        assert_eq!(scale, Scale::Linear { from: 0.0, to: 100.0 });
        assert_eq!(scale.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert!((scale.place(25.0) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn values_far_apart_stand_on_a_logarithmic_one() {
        let scale = of(&[3.0, 4_100.0]);
        assert_eq!(scale, Scale::Log { from: 2.0, to: 5_000.0 });
        assert_eq!(scale.ticks(), [10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn zero_has_a_place_of_its_own() {
        let values = [0.0, 10.0, 1_000.0].into_iter();
        let scale = Scale::of_axis(values).expect("there are values");
        let places = [0.0, 10.0, 100.0, 1_000.0].map(|it| scale.place(it));
        assert!(places.is_sorted(), "{places:?}");
        assert!(places[0] < 1e-9 && places[3] > 1.0 - 1e-9, "{places:?}");
        assert!((places[2] - 0.56).abs() < 1e-9, "{places:?}");
    }

    #[test]
    fn a_single_value_or_none_is_no_trouble() {
        assert_eq!(Scale::of_values(std::iter::empty()), None);
        assert!(of(&[0.0]).place(0.0).abs() < 1e-9);
        let one = Scale::of_axis([5.0].into_iter()).expect("a value");
        assert!((one.place(5.0) - 0.5).abs() < 1e-9);
    }
}
