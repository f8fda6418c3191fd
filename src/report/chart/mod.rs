//! Charts of lines over an axis, before they are drawn on a terminal or as SVG.

mod terminal;

pub(super) use terminal::draw;

use super::document::{Style, WIDTH};
use itertools::Itertools as _;
use std::iter::successors;

/// Which characters a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Marks {
    #[default]
    Unicode,
    /// For a locale without UTF-8.
    Ascii,
}

/// What the output can show.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    pub style: Style,
    pub marks: Marks,
    /// How many columns a chart may have; text always has [`WIDTH`].
    pub width: u16,
}

impl Canvas {
    /// For output to a file: no colours.
    pub const PLAIN: Self = Self {
        style: Style::Plain,
        marks: Marks::Unicode,
        #[expect(clippy::cast_possible_truncation, reason = "80")]
        width: WIDTH as u16,
    };
}

/// A tick of an axis: its place and its label.
pub(super) type ChartTick = (f64, String);

/// A chart of lines. Its coordinates are from 0 to 1, rightwards and upwards.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x_title: String,
    pub(super) x_ticks: Vec<ChartTick>,
    pub(super) y_ticks: Vec<ChartTick>,
    pub(super) lines: Vec<ChartLine>,
}

/// One line of a chart. It is made with values, which [`Chart::new`] turns into
/// coordinates.
#[derive(Clone, Debug)]
pub(super) struct ChartLine {
    pub(super) name: String,
    /// The number of the colour, dashes and marker: the same for a server in
    /// every chart.
    pub(super) look: usize,
    /// From left to right.
    pub(super) dots: Vec<Dot>,
    /// The `x` of points without a dot, at which the server failed.
    pub(super) failed: Vec<f64>,
}

/// A value and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether a line leads here from the dot before; false if a value in
    /// between is not known.
    pub(super) joined: bool,
    /// The number of rounds, if the server failed or others have more.
    pub(super) only: Option<usize>,
}

impl ChartLine {
    /// Runs of dots, each joined by a line.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[Dot]> {
        self.dots.chunk_by(|_, next| next.joined)
    }
}

impl Chart {
    /// Turns values into coordinates. Each axis has its scale, and ticks at
    /// values; those of the y axis are in a unit of the size `unit`, as is its
    /// scale.
    pub(super) fn new(
        (title, x_title): (&str, &str),
        (x, mut x_ticks): (AxisScale, Vec<ChartTick>),
        (y, unit, mut y_ticks): (AxisScale, f64, Vec<ChartTick>),
        mut lines: Vec<ChartLine>,
    ) -> Self {
        for (axis, ticks) in [(x, &mut x_ticks), (y, &mut y_ticks)] {
            for tick in ticks {
                tick.0 = axis.place(tick.0);
            }
        }
        for line in &mut lines {
            for place in &mut line.failed {
                *place = x.place(*place);
            }
            for dot in &mut line.dots {
                dot.x = x.place(dot.x);
                for value in [&mut dot.y, &mut dot.low, &mut dot.high] {
                    *value = y.place(*value / unit);
                }
            }
        }
        let (title, x_title) = (title.into(), x_title.into());
        Self { title, x_title, x_ticks, y_ticks, lines }
    }

    /// The labels of the x axis that fit side by side, and where each begins.
    /// `span` gives both ends of a label. The first and the last one have
    /// precedence, then those that begin with 1.
    pub(super) fn x_labels<T: PartialOrd>(
        &self,
        span: impl Fn(&ChartTick) -> (T, T),
    ) -> impl Iterator<Item = (T, &ChartTick)> {
        let last = self.x_ticks.len().saturating_sub(1);
        let ticks = self.x_ticks.iter().enumerate();
        let ticks = ticks.sorted_by_key(|(at, (_, words))| {
            (*at != 0, *at != last, !words.starts_with('1'))
        });
        let mut labels: Vec<((T, T), &ChartTick)> = Vec::new();
        for (_, tick) in ticks {
            let (from, to) = span(tick);
            if labels.iter().all(|(it, _)| to <= it.0 || it.1 <= from) {
                labels.push(((from, to), tick));
            }
        }
        labels.into_iter().map(|((from, _), tick)| (from, tick))
    }

    /// The lines that have dots, each with its last dot and the distance of its
    /// name from the top: names are at least `room` apart if they can be.
    pub(super) fn names(&self, room: f64) -> Vec<(&ChartLine, &Dot, f64)> {
        let lines = self.lines.iter();
        let ends = lines.filter_map(|it| Some((it, it.dots.last()?)));
        let places = ends.clone().map(|(_, dot)| 1.0 - dot.y).collect_vec();
        let places = spread_out(&places, room, (0.0, 1.0));
        let named = ends.zip(places);
        named.map(|((line, dot), it)| (line, dot, it.min(1.0))).collect()
    }
}

/// Beyond this factor between the smallest and the largest value, a scale is
/// logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;

/// The share of a logarithmic axis between 0 and its first value.
const TO_ZERO: f64 = 0.12;

/// About how many ticks a linear scale has at most.
const TICKS: f64 = 5.0;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AxisScale {
    /// Equal distances for equal differences.
    Linear { from: f64, to: f64 },
    /// Equal distances for equal factors, where `from` is above 0. The share
    /// `to_zero` of the axis lies between 0 and `from`.
    Log { from: f64, to: f64, to_zero: f64 },
}

impl AxisScale {
    /// A scale for chosen values in ascending order, exactly from the first to
    /// the last; `None` if there are none.
    pub(super) fn of_axis(values: &[f64]) -> Option<Self> {
        let (&from, &to) = (values.first()?, values.last()?);
        let least = values.iter().copied().find(|it| *it > 0.0);
        Some(match least {
            Some(least) if from > 0.0 || least < to => {
                let to_zero = if from > 0.0 { 0.0 } else { TO_ZERO };
                Self::Log { from: least, to, to_zero }
            }
            _ => Self::Linear { from, to },
        })
    }

    /// A scale for measured values, with round bounds: from 0, or logarithmic
    /// if they differ by a large factor; `None` if there are none.
    pub(super) fn of_values(values: impl Iterator<Item = f64>) -> Option<Self> {
        let values = values.filter(|it: &f64| it.is_finite());
        let (least, most) = values.minmax_by(f64::total_cmp).into_option()?;
        if least > 0.0 && most / least > LOGARITHMIC_FROM {
            let unit = power_below(least);
            let below = [5.0, 2.0].into_iter().find(|it| it * unit <= least);
            let from = below.unwrap_or(1.0) * unit;
            let to = round_up(most, &[1.0, 2.0, 5.0]);
            return Some(Self::Log { from, to, to_zero: 0.0 });
        }
        // If all are 0, there is no largest one to fit the scale to.
        let most = if most > 0.0 { most } else { 1.0 };
        let step = step(most);
        let to = (most / step).ceil().max(1.0) * step;
        Some(Self::Linear { from: 0.0, to })
    }

    /// The place of a value, from 0 at one end to 1 at the other.
    pub(super) fn place(self, value: f64) -> f64 {
        let share = |value: f64, from: f64, to: f64| {
            if to > from { (value - from) / (to - from) } else { 0.5 }
        };
        let place = match self {
            Self::Linear { from, to } => share(value, from, to),
            Self::Log { from, to_zero, .. } if value < from => {
                to_zero * value.max(0.0) / from
            }
            Self::Log { from, to, to_zero } => {
                let share = share(value.ln(), from.ln(), to.ln());
                to_zero + (1.0 - to_zero) * share
            }
        };
        place.clamp(0.0, 1.0)
    }

    /// Round values for ticks. On a logarithmic axis they are powers of ten:
    /// with values in between if they are few, and not all if they are many.
    pub(super) fn ticks(self) -> Vec<f64> {
        let (from, to) = match self {
            Self::Log { from, to, .. } => (from, to),
            Self::Linear { from, to } => {
                let step = step(to);
                let whole = (0..=20).map(|n| from + f64::from(n) * step);
                return whole.take_while(|it| *it <= to * 1.000_1).collect();
            }
        };
        let (every, digits): (f64, &[f64]) = match (to / from).log10() {
            ..2.0 => (10.0, &[1.0, 2.0, 5.0]),
            2.0..3.0 => (10.0, &[1.0, 3.0]),
            3.0..=6.0 => (10.0, &[1.0]),
            _ => (100.0, &[1.0]),
        };
        let within = from * 0.999_9..=to * 1.000_1;
        successors(Some(power_below(from)), |it| Some(it * every))
            .take_while(|it| it <= within.end())
            .flat_map(|unit| digits.iter().map(move |digit| digit * unit))
            .filter(|it| within.contains(it))
            .collect()
    }
}

/// The distance between ticks: a round number, for about five of them.
fn step(to: f64) -> f64 {
    round_up(to / TICKS, &[1.0, 2.0, 2.5, 5.0])
}

fn power_below(value: f64) -> f64 {
    10_f64.powf(value.log10().floor())
}

/// Rounds up to a value that begins with one of these digits, or with 1.
fn round_up(value: f64, digits: &[f64]) -> f64 {
    let unit = power_below(value);
    digits.iter().find(|it| *it * unit >= value).unwrap_or(&10.0) * unit
}

/// Moves places as little as possible until neighbours are at least `room`
/// apart and all lie between the bounds, as far as that can be. The result is
/// in the order of `places`.
fn spread_out(places: &[f64], room: f64, (from, to): (f64, f64)) -> Vec<f64> {
    const STEPS: usize = 1_000;
    let mut spread = places.to_vec();
    let order = (0..places.len())
        .sorted_by(|a, b| places[*a].total_cmp(&places[*b]))
        .collect_vec();
    for _ in 0..STEPS {
        for (low, high) in order.iter().copied().tuple_windows() {
            let gap = spread[high] - spread[low];
            let push = (room - gap).max(0.0) / 2.0;
            spread[low] -= push;
            spread[high] += push;
        }
        for place in &mut spread {
            *place = place.clamp(from, to);
        }
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> AxisScale {
        AxisScale::of_values(values.iter().copied()).expect("there are values")
    }

    #[test]
    fn values_that_are_close_stand_on_a_scale_from_zero() {
        let scale = of(&[41.0, 97.0]);
        assert_eq!(scale, AxisScale::Linear { from: 0.0, to: 100.0 });
        assert_eq!(scale.ticks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert!((scale.place(25.0) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn values_far_apart_stand_on_a_logarithmic_one() {
        let scale = of(&[3.0, 4_100.0]);
        assert_eq!(
            scale,
            AxisScale::Log { from: 2.0, to: 5_000.0, to_zero: 0.0 }
        );
        assert_eq!(scale.ticks(), [10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn zero_has_a_place_of_its_own() {
        let values = [0.0, 10.0, 1_000.0];
        let scale = AxisScale::of_axis(&values).expect("there are values");
        let places = [0.0, 10.0, 100.0, 1_000.0].map(|it| scale.place(it));
        assert!(places.is_sorted(), "{places:?}");
        assert!(places[0] < 1e-9 && places[3] > 1.0 - 1e-9, "{places:?}");
        assert!((places[2] - 0.56).abs() < 1e-9, "{places:?}");
    }

    #[test]
    fn a_single_value_or_none_is_no_trouble() {
        assert_eq!(AxisScale::of_values(std::iter::empty()), None);
        assert!(of(&[0.0]).place(0.0).abs() < 1e-9);
        let one = AxisScale::of_axis(&[5.0]).expect("a value");
        assert!((one.place(5.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn labels_are_moved_apart_as_little_as_their_neighbours_allow() {
        let cases: [(&[f64], &[f64]); 3] = [
            (&[30.0, 10.0, 20.0], &[30.0, 10.0, 20.0]),
            (&[50.0, 50.0, 51.0], &[121.0 / 3.0, 151.0 / 3.0, 181.0 / 3.0]),
            (&[0.0, 0.0, 99.0, 100.0], &[0.0, 10.0, 90.0, 100.0]),
        ];
        for (places, wanted) in cases {
            let spread = spread_out(places, 10.0, (0.0, 100.0));
            let mut pairs = spread.iter().zip(wanted);
            let is_near = pairs.all(|(it, wanted)| (it - wanted).abs() < 0.01);
            assert!(is_near, "{spread:?}");
        }
    }
}
