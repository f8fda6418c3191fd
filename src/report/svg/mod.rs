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

use super::sweep::{FinePrint, fine_print};
use super::wrapped;
use writer::{Anchor, Svg};

/// How wide a picture is.
const WIDTH: f64 = 960.0;

const MARGIN: f64 = 24.0;

/// So many characters of the small print fit into a line.
const CHARACTERS: usize = 150;

/// Writes what the signs mean and the conditions; returns where the picture
/// ends.
fn fine_prints(svg: &mut Svg, y: f64, note: &str, of: &FinePrint) -> f64 {
    let mut y = y + 14.0;
    let lines = [note.to_owned()].into_iter().chain(fine_print(of));
    for line in lines.flat_map(|it| wrapped(&it, CHARACTERS)) {
        svg.text("small", Anchor::Start, (MARGIN, y), &line);
        y += 16.0;
    }
    y + 6.0
}
