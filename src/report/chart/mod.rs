//! Charts of figures over an axis: what is drawn, whoever draws it.

mod label;
mod scale;
mod terminal;

pub(super) use label::spread_out;
pub(super) use scale::Scale;
pub(super) use terminal::draw;

/// A chart of lines.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// What is drawn, with its unit.
    pub(super) title: String,
    /// What the axis below is.
    pub(super) x_title: String,
    pub(super) x: Scale,
    /// Values and what is written at them.
    pub(super) x_ticks: Vec<(f64, String)>,
    pub(super) y: Scale,
    pub(super) y_ticks: Vec<(f64, String)>,
    pub(super) lines: Vec<Line>,
}

/// One line of a chart.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    /// Which colour, dashes and marker: the same server has the same ones
    /// in every chart.
    pub(super) look: usize,
    /// By rising `x`.
    pub(super) dots: Vec<Dot>,
    /// Where there could have been a dot, had the server not failed.
    pub(super) failed: Vec<f64>,
}

/// A value and where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether a line leads here from the dot before. It does not where a
    /// value in between could have been, but is not known.
    pub(super) joined: bool,
    /// How many rounds it is of, if others are of more.
    pub(super) only: Option<usize>,
}

impl Line {
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
        lines: Vec<Line>,
        show: impl Fn(f64) -> String,
    ) -> Option<Self> {
        let x = Scale::of_axis(x_ticks.iter().map(|it| it.0))?;
        let dots = lines.iter().flat_map(|line| &line.dots);
        let y = Scale::of_values(dots.flat_map(|dot| [dot.low, dot.high]))?;
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
