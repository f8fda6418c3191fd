//! How the timeline looks: each kind has a shape of its own, so that it is
//! known without its colour, too.

use crate::export::timeline::What;
use crate::report::{Area, Svg};
use std::fmt::Write as _;

/// Classes with their colours on a light ground and on a dark one.
const COLOURS: [(&str, &str, &str); 10] = [
    ("work", "#0072b2", "#3d9bd6"),
    ("sleep", "#cfd5df", "#3c4659"),
    ("spin", "#d55e00", "#ff8a3d"),
    ("open", "#a9b3c1", "#667286"),
    ("ready", "#b87800", "#f0b429"),
    ("accept", "#00795a", "#2fc79b"),
    ("read", "#009e73", "#2fc79b"),
    ("write", "#aa4499", "#e08fc6"),
    ("echo", "#0072b2", "#4aa8e0"),
    ("closed", "#1b2027", "#e8ecf3"),
];

const FONTS: &str = "system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,\
                     'DejaVu Sans',sans-serif";

/// The style sheet.
pub(super) fn css() -> String {
    let mut css = format!(
        "text{{font-family:{FONTS};font-size:17px;fill:#1b2027}}\n\
         .title{{font-size:25px;font-weight:600}}.long{{font-size:19px}}\n\
         .facts,.tick{{font-size:15px;fill:#545d6b}}\n\
         .alert{{font-size:15px;font-weight:600;fill:#b03a00}}\n\
         .ground{{fill:#ffffff}}.grid{{stroke:#e0e4ea}}\n\
         .phase{{stroke:#545d6b;stroke-dasharray:5 4}}\n\
         .block{{fill:none;stroke:#d55e00;stroke-width:2}}\n\
         .cross{{stroke:#c1121f;stroke-width:3}}\n"
    );
    for (class, light, _) in COLOURS {
        let _ = write!(css, ".{class}{{fill:{light}}}");
    }
    css.push_str(
        "\n@media (prefers-color-scheme:dark){\n\
         text{fill:#e8ecf3}.facts,.tick{fill:#aab3c2}.alert{fill:#ff8a3d}\n\
         .ground{fill:#12151c}.grid{stroke:#2b323f}.phase{stroke:#aab3c2}\n\
         .block{stroke:#ff8a3d}.cross{stroke:#ff6b6b}\n",
    );
    for (class, _, dark) in COLOURS {
        let _ = write!(css, ".{class}{{fill:{dark}}}");
    }
    css.push_str("}\n");
    css
}

/// The class of what is filled.
pub(super) fn class(what: What) -> &'static str {
    match what {
        What::Block => "spin",
        What::Fail | What::Reset => "closed",
        what => what.name(),
    }
}

/// Where several points that are one mark are drawn.
pub(super) fn band(
    what: What,
    (from, to): (f64, f64),
    y: f64,
    scale: f64,
) -> Area {
    let (top, height) = match what {
        What::Ready => (-13.0, 6.0),
        What::Block => (7.0, 6.0),
        _ => (-5.0, 10.0),
    };
    let width = to - from;
    Area { x: from, y: y + top * scale, width, height: height * scale }
}

/// One point, or several in one place.
pub(super) fn point(svg: &mut Svg, what: What, (x, y): (f64, f64), scale: f64) {
    let class = class(what);
    let mut shape = |corners: &[(f64, f64)]| {
        let corners =
            corners.iter().map(|it| (x + it.0 * scale, y + it.1 * scale));
        svg.polygon(class, &corners.collect::<Vec<_>>());
    };
    match what {
        What::Ready => shape(&[(0.0, -4.0), (6.0, -13.0), (-6.0, -13.0)]),
        What::Accept => shape(&[(-5.0, -6.0), (7.0, 0.0), (-5.0, 6.0)]),
        What::Read => {
            shape(&[(-1.5, -9.0), (1.5, -9.0), (1.5, 9.0), (-1.5, 9.0)]);
        }
        What::Write => shape(&[(0.0, -7.0), (6.0, 5.0), (-6.0, 5.0)]),
        What::Echo => {
            shape(&[(0.0, -7.0), (6.5, 0.0), (0.0, 7.0), (-6.5, 0.0)]);
        }
        What::Block => {
            svg.circle("block", (x, y + 9.0 * scale), 3.5 * scale, "");
        }
        What::Closed => {
            shape(&[(-1.5, -11.0), (1.5, -11.0), (1.5, 11.0), (-1.5, 11.0)]);
        }
        _ => cross(svg, (x, y), 6.0 * scale),
    }
}

fn cross(svg: &mut Svg, (x, y): (f64, f64), half: f64) {
    svg.line("cross", (x - half, y - half), (x + half, y + half));
    svg.line("cross", (x - half, y + half), (x + half, y - half));
}
