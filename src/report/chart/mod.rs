//! Charts of lines over an axis, before they are drawn on a terminal or as SVG.

mod terminal;

pub(super) use terminal::draw;

use super::document::{Style, WIDTH};

/// Which characters a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Marks {
    /// All of Unicode.
    #[default]
    Unicode,
    /// ASCII alone: no UTF-8 in the locale.
    Ascii,
}

/// What text is drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// Whether there are colours.
    pub style: Style,
    /// Which characters there are.
    pub marks: Marks,
    /// How many columns a chart may have; words have [`WIDTH`].
    pub width: u16,
}

impl Canvas {
    /// That of a file.
    pub const PLAIN: Self = Self {
        style: Style::Plain,
        marks: Marks::Unicode,
        #[expect(clippy::cast_possible_truncation, reason = "80")]
        width: WIDTH as u16,
    };
}

/// A chart of lines.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// What is drawn, with its unit.
    pub(super) title: String,
    /// What the axis below is.
    pub(super) x_title: String,
    pub(super) x: AxisScale,
    /// Values and what is written at them.
    pub(super) x_ticks: Vec<(f64, String)>,
    pub(super) y: AxisScale,
    pub(super) y_ticks: Vec<(f64, String)>,
    pub(super) lines: Vec<ChartLine>,
}

/// One line of a chart.
#[derive(Clone, Debug)]
pub(super) struct ChartLine {
    pub(super) name: String,
    /// Which colour, dashes and marker: the same server has the same ones
    /// in every chart.
    pub(super) look: usize,
    /// By rising `x`.
    pub(super) dots: Vec<Dot>,
    /// Where there could have been a dot, had the server not failed.
    pub(super) failed: Vec<f64>,
}

/// A value and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether a line leads here from the dot before: not where a value in
    /// between is not known.
    pub(super) joined: bool,
    /// How many rounds it is from, if others are from more.
    pub(super) only: Option<usize>,
}

impl ChartLine {
    /// The dots that a line joins, run by run.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[Dot]> {
        self.dots.chunk_by(|_, next| next.joined)
    }
}

impl Chart {
    /// A chart of lines over some values of an axis; `show` writes a value
    /// of a line. `None` if there is nothing to draw.
    pub(super) fn over(
        titles: (&str, &str),
        x_ticks: Vec<(f64, String)>,
        lines: Vec<ChartLine>,
        show: impl Fn(f64) -> String,
    ) -> Option<Self> {
        let x = AxisScale::of_axis(x_ticks.iter().map(|it| it.0))?;
        let dots = lines.iter().flat_map(|line| &line.dots);
        let y = AxisScale::of_values(dots.flat_map(|dot| [dot.low, dot.high]))?;
        let y_ticks = y.ticks().into_iter().map(|it| (it, show(it)));
        Some(Self {
            title: titles.0.to_owned(),
            x_title: titles.1.to_owned(),
            x,
            x_ticks,
            y,
            y_ticks: y_ticks.collect(),
            lines,
        })
    }

    /// The values of the axis below in the order in which they get room:
    /// the ends, then those that begin with 1, then the rest.
    pub(super) fn ticks_by_weight(&self) -> Vec<&(f64, String)> {
        let last = self.x_ticks.len().saturating_sub(1);
        let mut order: Vec<_> = self.x_ticks.iter().enumerate().collect();
        order.sort_by_key(|(at, tick)| match at {
            0 => 0,
            at if *at == last => 1,
            _ if tick.1.starts_with('1') => 2,
            _ => 3,
        });
        order.into_iter().map(|(_, tick)| tick).collect()
    }

    /// Where a dot stands, from 0 to 1, to the right and upwards.
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x.place(x), self.y.place(y))
    }
}

/// Beyond this factor between the smallest and the largest value a scale is
/// logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;

/// How much of a logarithmic axis lies between 0 and its first value.
const TO_ZERO: f64 = 0.12;

/// About how many ticks a scale has at most.
const TICKS: f64 = 5.0;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AxisScale {
    /// Equal distances for equal differences.
    Linear { from: f64, to: f64 },
    /// Equal distances for equal factors; the bounds are above 0.
    Log { from: f64, to: f64 },
    /// As `Log`, with 0 apart on the left.
    LogAndZero { from: f64, to: f64 },
}

impl AxisScale {
    /// A scale of chosen values: exactly from the first to the last; `None`
    /// without one.
    fn of_axis(values: impl Iterator<Item = f64>) -> Option<Self> {
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
    fn of_values(values: impl Iterator<Item = f64>) -> Option<Self> {
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
    pub(super) const fn log(from: f64, to: f64) -> Self {
        Self::Log { from, to }
    }

    /// Where a value stands, from 0 at one end to 1 at the other.
    pub(super) fn place(self, value: f64) -> f64 {
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
    fn ticks(self) -> Vec<f64> {
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

/// Moves places apart so that neighbours are `room` apart and all lie
/// between the bounds if they can; in the order in which they were given.
/// Each moves as little as its neighbours allow.
pub(super) fn spread_out(
    places: &[f64],
    room: f64,
    (from, to): (f64, f64),
) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]).then(a.cmp(b)));
    let mut spread = places.to_vec();
    // Clusters of labels that touch, each about the middle of its places.
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    for at in order {
        clusters.push(vec![at]);
        while let [.., below, above] = &clusters[..]
            && bounds(places, above, room, (from, to)).0
                < bounds(places, below, room, (from, to)).1 + room
        {
            let above = above.clone();
            clusters.pop();
            if let Some(below) = clusters.last_mut() {
                below.extend(above);
            }
        }
    }
    for cluster in &clusters {
        let mut place = bounds(places, cluster, room, (from, to)).0;
        for at in cluster {
            spread[*at] = place;
            place += room;
        }
    }
    spread
}

/// The first and the last place of a cluster.
fn bounds(
    places: &[f64],
    cluster: &[usize],
    room: f64,
    (from, to): (f64, f64),
) -> (f64, f64) {
    let count = f64::from(u32::try_from(cluster.len()).unwrap_or(u32::MAX));
    let middle = cluster.iter().map(|at| places[*at]).sum::<f64>() / count;
    let length = (count - 1.0) * room;
    let first = (middle - length / 2.0).min(to - length).max(from);
    (first, first + length)
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
        assert_eq!(scale, AxisScale::Log { from: 2.0, to: 5_000.0 });
        assert_eq!(scale.ticks(), [10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn zero_has_a_place_of_its_own() {
        let values = [0.0, 10.0, 1_000.0].into_iter();
        let scale = AxisScale::of_axis(values).expect("there are values");
        let places = [0.0, 10.0, 100.0, 1_000.0].map(|it| scale.place(it));
        assert!(places.is_sorted(), "{places:?}");
        assert!(places[0] < 1e-9 && places[3] > 1.0 - 1e-9, "{places:?}");
        assert!((places[2] - 0.56).abs() < 1e-9, "{places:?}");
    }

    #[test]
    fn a_single_value_or_none_is_no_trouble() {
        assert_eq!(AxisScale::of_values(std::iter::empty()), None);
        assert!(of(&[0.0]).place(0.0).abs() < 1e-9);
        let one = AxisScale::of_axis([5.0].into_iter()).expect("a value");
        assert!((one.place(5.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn labels_with_room_stay_where_they_are() {
        let places = [30.0, 10.0, 20.0];
        assert_eq!(spread_out(&places, 10.0, (0.0, 100.0)), places);
    }

    #[test]
    fn labels_at_one_place_are_moved_apart_about_it() {
        let spread = spread_out(&[50.0, 50.0, 51.0], 10.0, (0.0, 100.0));
        let middle: f64 = spread.iter().sum::<f64>() / 3.0;
        assert!((middle - 151.0 / 3.0).abs() < 1e-9, "{spread:?}");
        assert!((spread[2] - spread[0] - 20.0).abs() < 1e-9, "{spread:?}");
    }

    #[test]
    fn labels_stay_within_the_bounds() {
        let spread = spread_out(&[0.0, 0.0, 99.0, 100.0], 10.0, (0.0, 100.0));
        assert_eq!(spread, [0.0, 10.0, 90.0, 100.0]);
    }
}
