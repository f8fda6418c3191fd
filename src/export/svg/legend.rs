//! What the shapes mean.

use super::look::{class, point};
use crate::export::timeline::{Lane, Timeline, What};
use crate::report::{Anchor, Area, Svg};

/// In the order of the legend; what has no words is not drawn.
const WORDS: [(What, &str); 12] = [
    (What::Work, "working"),
    (What::Sleep, "asleep"),
    (What::Spin, "calls in vain"),
    (What::Open, "open"),
    (What::Ready, "ready"),
    (What::Accept, "accept"),
    (What::Read, "read"),
    (What::Write, "write"),
    (What::Echo, "echo complete"),
    (What::Block, "would block"),
    (What::Closed, "closed"),
    (What::Reset, "reset, failed"),
];

/// About so wide is a character.
const CHARACTER: f64 = 8.8;

/// Draws what there is in the picture.
pub(super) fn legend(svg: &mut Svg, timeline: &Timeline, polls: bool, y: f64) {
    let lanes = || timeline.threads.iter().chain(&timeline.sockets);
    let has = |what| lanes().flat_map(Lane::marks).any(|(it, _)| it == what);
    let mut x = 28.0;
    for (what, words) in WORDS {
        let is_there = has(what) || what == What::Reset && has(What::Fail);
        if !is_there {
            continue;
        }
        let words =
            if what == What::Spin && polls { "spinning" } else { words };
        match what {
            What::Work | What::Sleep | What::Spin | What::Open => {
                let height = if what == What::Open { 4.0 } else { 14.0 };
                let y = y - 5.0 - height / 2.0;
                let area = Area { x, y, width: 16.0, height };
                svg.rect(class(what), area);
            }
            What::Ready => point(svg, what, (x + 8.0, y + 4.0), 1.0),
            What::Block => point(svg, what, (x + 8.0, y - 14.0), 1.0),
            _ => point(svg, what, (x + 8.0, y - 5.0), 1.0),
        }
        svg.text("", Anchor::Start, (x + 22.0, y), words);
        let letters = u32::try_from(words.len()).unwrap_or(0);
        x += 44.0 + f64::from(letters) * CHARACTER;
    }
}
