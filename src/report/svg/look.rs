//! How charts look: colours after Okabe and Ito, dashes and markers, so that
//! lines differ without colours too.

use super::{Area, Svg};
use std::fmt::Write as _;

/// Colours on a light ground and on a dark one, and dashes, of each line.
/// Okabe and Ito's yellow is left out: on white it is hard to see.
const LINES: [(&str, &str, &str); 7] = [
    ("#0072b2", "#4aa8e0", "none"),
    ("#d55e00", "#ff8a3d", "7 3"),
    ("#009e73", "#2fc79b", "2 3"),
    ("#aa4499", "#e08fc6", "9 3 2 3"),
    ("#b87800", "#e69f00", "12 4"),
    ("#2a8fc4", "#8accf2", "4 2"),
    ("#444444", "#c8ccd4", "1 2"),
];

const FONTS: &str = "system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,\
                     'DejaVu Sans',sans-serif";

/// The style sheet of every chart.
pub(in crate::report) fn css() -> String {
    let mut css = format!(
        "text{{font-family:{FONTS};font-size:11px;fill:#20242b}}\n\
         .title{{font-size:17px;font-weight:600}}\n\
         .head{{font-size:13px;font-weight:600}}\n\
         .small{{fill:#5a626e}}\n\
         .alert{{font-size:12px;font-weight:600;fill:#b03a00}}\n\
         .name{{font-size:12px}}\n\
         .ground{{fill:#ffffff}}\n\
         .grid{{stroke:#e3e6ea;stroke-width:1}}\n\
         .axis{{stroke:#8a929e;stroke-width:1}}\n\
         .line{{fill:none;stroke-width:2;stroke-linejoin:round}}\n\
         .band{{opacity:.16}}\n\
         .lead{{stroke:#8a929e;stroke-width:.7;fill:none}}\n\
         .whisker{{stroke:#20242b;stroke-width:1.3;fill:none}}\n\
         .cross{{fill:#ffffff;stroke:#20242b;stroke-width:1.6}}\n\
         .hollow{{fill:#ffffff}}\n\
         .failed{{stroke-width:1.8}}\n"
    );
    for (at, (light, _, dashes)) in LINES.iter().enumerate() {
        let _ = writeln!(
            css,
            ".s{at}{{stroke:{light};stroke-dasharray:{dashes}}}\
             .f{at}{{fill:{light}}}"
        );
    }
    css.push_str(
        "@media (prefers-color-scheme:dark){\n\
         text{fill:#e2e6ee}.small{fill:#a2abba}.alert{fill:#ff8a3d}\n\
         .ground{fill:#12151c}\n\
         .grid{stroke:#2a303b}.axis,.lead{stroke:#7d8796}\n\
         .whisker{stroke:#e2e6ee}.cross{fill:#12151c;stroke:#e2e6ee}\n\
         .hollow{fill:#12151c}\n",
    );
    for (at, (_, dark, _)) in LINES.iter().enumerate() {
        let _ = writeln!(css, ".s{at}{{stroke:{dark}}}.f{at}{{fill:{dark}}}");
    }
    css.push_str("}\n");
    css
}

/// The class of a line's stroke.
pub(in crate::report) fn stroke(look: usize) -> String {
    format!("line s{}", look % LINES.len())
}

/// The class of what is filled in a line's colour.
pub(in crate::report) fn fill(look: usize) -> String {
    format!("f{}", look % LINES.len())
}

/// A cross in a line's colour.
pub(in crate::report) fn cross(svg: &mut Svg, look: usize, (x, y): (f64, f64)) {
    const HALF: f64 = 3.2;
    let class = format!("failed s{}", look % LINES.len());
    svg.line(&class, (x - HALF, y - HALF), (x + HALF, y + HALF));
    svg.line(&class, (x - HALF, y + HALF), (x + HALF, y - HALF));
}

/// Marks a place on a line; each line has a shape of its own.
pub(in crate::report) fn mark(svg: &mut Svg, look: usize, (x, y): (f64, f64)) {
    let class = fill(look);
    let corners = |places: &[(f64, f64)]| -> Vec<(f64, f64)> {
        places.iter().map(|it| (x + it.0, y + it.1)).collect()
    };
    match look % 6 {
        0 => svg.circle(&class, (x, y), 3.4, ""),
        1 => svg
            .polygon(&class, &corners(&[(0.0, -4.4), (4.2, 3.2), (-4.2, 3.2)])),
        2 => svg.rect(
            &class,
            Area { x: x - 3.2, y: y - 3.2, width: 6.4, height: 6.4 },
        ),
        3 => svg.polygon(
            &class,
            &corners(&[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)]),
        ),
        4 => svg.polygon(
            &class,
            &corners(&[(0.0, 4.4), (4.2, -3.2), (-4.2, -3.2)]),
        ),
        _ => svg.rect(
            &class,
            Area { x: x - 4.4, y: y - 1.6, width: 8.8, height: 3.2 },
        ),
    }
}
