//! Measured values in three significant digits, several in one unit.

use super::show::grouped;

/// A unit in which values are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Its name, such as `µs`; empty for counts.
    pub unit: &'static str,
    /// Its size in base units: 1,000 for `µs`, as times are in nanoseconds.
    pub size: f64,
}

const TIMES: [Scale; 4] = [
    Scale { unit: "ns", size: 1.0 },
    Scale { unit: "µs", size: 1e3 },
    Scale { unit: "ms", size: 1e6 },
    Scale { unit: "s", size: 1e9 },
];

const SIZES: [Scale; 4] = [
    Scale { unit: "B", size: 1.0 },
    Scale { unit: "KiB", size: 1_024.0 },
    Scale { unit: "MiB", size: 1_048_576.0 },
    Scale { unit: "GiB", size: 1_073_741_824.0 },
];

/// Numbers from this one on are easier to read in a larger unit.
const MOST: f64 = 100_000.0;

impl Scale {
    /// The base unit of counts, which has no name.
    pub const ONE: Self = Self { unit: "", size: 1.0 };

    /// Microseconds, for values in nanoseconds.
    pub const MICROSECONDS: Self = TIMES[1];

    /// Per cent, for shares from 0 to 1.
    pub const PERCENT: Self = Self { unit: "%", size: 0.01 };

    /// The unit that suits all of these times, given in nanoseconds.
    pub fn of_times(ns: impl IntoIterator<Item = f64>) -> Self {
        among(&TIMES, ns)
    }

    /// The unit that suits all of these sizes, given in bytes.
    pub fn of_sizes(bytes: impl IntoIterator<Item = f64>) -> Self {
        among(&SIZES, bytes)
    }

    /// A value in this unit, without the unit: `3.12`.
    pub fn digits(self, value: f64) -> String {
        show_digits(value / self.size)
    }

    /// A value with this unit: `3.12 µs`.
    pub fn show(self, value: f64) -> String {
        format!("{} {}", self.digits(value), self.unit).trim_end().into()
    }
}

/// The largest unit that is not above the smallest value, or a larger one if
/// the largest value would be a long number.
fn among(scales: &[Scale; 4], values: impl IntoIterator<Item = f64>) -> Scale {
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for value in values.into_iter().filter(|it| it.is_finite() && *it > 0.0) {
        (least, most) = (least.min(value), most.max(value));
    }
    let fits = |it: &Scale| it.size <= least && least.is_finite();
    let small = scales.iter().rposition(fits).unwrap_or(0);
    let mut larger = scales[small..].iter();
    *larger.find(|it| most / it.size < MOST).unwrap_or(&scales[3])
}

/// A number in three significant digits: `0.0123`, `1.20`, `45.6`, `12,300`. A
/// quotient of nothing is a dash.
pub fn show_digits(value: f64) -> String {
    if !value.is_finite() {
        return "—".into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let exponent = exponent(value);
    let sign = if value < 0.0 { "-" } else { "" };
    let places = usize::try_from(2 - exponent).unwrap_or(0);
    if places > 0 {
        return format!("{sign}{:.places$}", value.abs());
    }
    let step = 10_f64.powi(exponent - 2);
    let rounded = (value.abs() / step).round() * step;
    format!("{sign}{}", grouped(&format!("{rounded:.0}")))
}

/// A value and its interval with the same number of places: three
/// significant digits, one more where the interval is too narrow for those.
pub fn show_interval(value: f64, low: f64, high: f64) -> [String; 3] {
    let narrow = value >= 1.0 && high - low < 0.02 * value;
    let places = 2 + i32::from(narrow) - exponent(value);
    [value, low, high].map(|it| match usize::try_from(places) {
        Ok(places @ 1..) => format!("{it:.places$}"),
        _ => show_digits(it),
    })
}

/// The power of ten of the first digit, after rounding to three digits.
fn exponent(value: f64) -> i32 {
    let scientific = format!("{:.2e}", value.abs());
    let exponent = scientific.rsplit_once('e').map_or("0", |(_, it)| it);
    exponent.parse().unwrap_or(0)
}

/// A number in three significant digits and a letter: `0.500`, `412`, `41.2k`.
pub fn show_brief(value: f64) -> String {
    const STEPS: [(f64, &str); 4] =
        [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let rounds_to = |step: f64| value.abs() >= step * 0.999_5;
    match STEPS.into_iter().find(|(step, _)| rounds_to(*step)) {
        Some((step, letter)) => show_digits(value / step) + letter,
        None => show_digits(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_shown_and_no_more() {
        let shown = [
            (0.0, "0"),
            (0.001_234, "0.00123"),
            (0.999_6, "1.00"),
            (1.2, "1.20"),
            (9.996, "10.0"),
            (45.64, "45.6"),
            (999.6, "1,000"),
            (12_345.0, "12,300"),
            (-3.456, "-3.46"),
            (-0.0, "0"),
            (f64::NAN, "—"),
            (f64::INFINITY, "—"),
        ];
        for (value, text) in shown {
            assert_eq!(show_digits(value), text);
        }
    }

    #[test]
    fn large_numbers_have_a_letter() {
        let shown = [0.5, 412.0, 999.6, 41_249.0, 1.0e6, 2.5e9].map(show_brief);
        assert_eq!(shown, ["0.500", "412", "1.00k", "41.2k", "1.00M", "2.50G"]);
    }

    #[test]
    fn an_interval_has_the_places_of_its_value() {
        let wide = show_interval(1.064, 0.9981, 1.1);
        assert_eq!(wide, ["1.06", "1.00", "1.10"]);
        let narrow = show_interval(1.1, 1.0981, 1.104);
        assert_eq!(narrow, ["1.100", "1.098", "1.104"]);
        let large = show_interval(912.4, 871.0, 1_203.9);
        assert_eq!(large, ["912", "871", "1,200"]);
    }

    #[test]
    fn values_of_a_column_share_a_unit() {
        let unit = |ns: &[f64]| Scale::of_times(ns.iter().copied()).unit;
        assert_eq!(unit(&[3_120.0, 900_000.0]), "µs");
        assert_eq!(unit(&[78_000.0, 3.0e9]), "ms");
        assert_eq!(unit(&[120.0]), "ns");
        assert_eq!(unit(&[]), "ns");
        assert_eq!(Scale::of_sizes([5.5e6]).unit, "MiB");
        assert_eq!(Scale::of_times([3_120.0]).show(3_120.0), "3.12 µs");
        assert_eq!(Scale::PERCENT.show(0.42), "42.0 %");
    }
}
