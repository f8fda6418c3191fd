//! Charts as SVG, which every browser draws: the same bytes for the same
//! result, readable on a light and on a dark ground.

mod bars;
mod bench;
mod look;
mod panel;
mod sweep;
mod writer;

pub use bench::bench_svg;
pub use sweep::sweep_svg;
pub(crate) use writer::{Anchor, Area, Svg};

use super::sweep::{FinePrint, fine_print};

/// How wide a picture is.
const WIDTH: f64 = 960.0;

const MARGIN: f64 = 24.0;

/// Where the charts begin if there is nothing to be said before.
const TOP: f64 = 50.0;

/// So many characters of an alert fit into a line.
const ALERT_CHARACTERS: usize = 120;

/// So many characters of the small print fit into a line.
const CHARACTERS: usize = 150;

/// Writes the title, and below it what is missing; returns where the rest
/// begins.
fn top(svg: &mut Svg, title: &str, alerts: &[String]) -> f64 {
    svg.text("title", Anchor::Start, (MARGIN, 32.0), title);
    let mut y = TOP;
    for line in
        alerts.iter().flat_map(|it| crate::text::wrap(it, ALERT_CHARACTERS))
    {
        svg.text("alert", Anchor::Start, (MARGIN, y + 2.0), &line);
        y += 17.0;
    }
    y
}

/// Writes what the signs mean and the conditions; returns where the picture
/// ends.
fn fine_prints(svg: &mut Svg, y: f64, note: &str, of: &FinePrint) -> f64 {
    let mut y = y + 14.0;
    let note = note.lines().map(str::to_owned);
    let lines = note.chain(fine_print(of));
    for line in lines.flat_map(|it| crate::text::wrap(&it, CHARACTERS)) {
        svg.text("small", Anchor::Start, (MARGIN, y), &line);
        y += 16.0;
    }
    y + 6.0
}
