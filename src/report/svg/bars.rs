//! A figure of several servers as bars, a part of a picture.

use super::look::fill;
use super::panel::widest;
use super::writer::{Anchor, Area, Svg};
use crate::measure::Spread;

/// A bar and the room about it.
pub(super) const BAR_HEIGHT: f64 = 24.0;

/// The title above the bars.
const ABOVE: f64 = 24.0;

/// A server's bar.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) look: usize,
    /// `None` where there is nothing to draw.
    pub(super) spread: Option<Spread>,
    /// The value, or why there is none.
    pub(super) words: String,
}

/// How high a panel of so many bars is.
pub(super) fn height(bars: usize) -> f64 {
    let bars = u32::try_from(bars).unwrap_or(u32::MAX);
    ABOVE + f64::from(bars) * BAR_HEIGHT
}

/// Draws bars under a title. They begin at 0.
pub(super) fn bars(svg: &mut Svg, title: &str, bars: &[Bar], area: Area) {
    svg.text("head", Anchor::Start, (area.x, area.y + 12.0), title);
    let left = widest(bars.iter().map(|it| it.name.as_str())) * 1.09 + 8.0;
    let right = widest(bars.iter().map(|it| it.words.as_str())) + 8.0;
    let room = (area.width - left - right).max(60.0);
    let highs = bars.iter().filter_map(|it| it.spread).map(|it| it.high);
    let most = highs.fold(f64::MIN_POSITIVE, f64::max);
    let mut y = area.y + ABOVE;
    for bar in bars {
        let middle = y + BAR_HEIGHT / 2.0;
        let at = (area.x + left - 8.0, middle + 4.0);
        svg.text("name", Anchor::End, at, &bar.name);
        let from = area.x + left;
        let end = match bar.spread {
            Some(spread) => {
                let scale = room / most;
                one(svg, bar.look, &spread, (from, middle), scale);
                from + spread.high * scale
            }
            None => from,
        };
        let at = (end + 7.0, middle + 4.0);
        let class = if bar.spread.is_some() { "name" } else { "small" };
        svg.text(class, Anchor::Start, at, &bar.words);
        y += BAR_HEIGHT;
    }
    let left = area.x + left;
    svg.line("axis", (left, area.y + ABOVE), (left, y));
}

/// A bar up to the median, with the interval as a whisker.
fn one(
    svg: &mut Svg,
    look: usize,
    spread: &Spread,
    (x, y): (f64, f64),
    scale: f64,
) {
    let width = spread.median * scale;
    let bar = Area { x, y: y - 8.0, width, height: 16.0 };
    svg.rect(&fill(look), bar);
    if spread.n > 1 {
        let (low, high) = (x + spread.low * scale, x + spread.high * scale);
        svg.line("whisker", (low, y), (high, y));
        for end in [low, high] {
            svg.line("whisker", (end, y - 4.0), (end, y + 4.0));
        }
    }
}
