//! A terminal's screen as SVG: a still picture, or a film of many screens.

use std::collections::{BTreeMap, BTreeSet};
use vt100::{Cell, Color, Screen};

/// The size of a cell, and from the top of a row to its base line.
const CELL: (f32, f32) = (8.4, 18.0);
const BASE: f32 = 13.5;
const MARGIN: f32 = 12.0;

const FONTS: &str = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,\
                     'Liberation Mono',monospace";
const INK: Color = Color::Rgb(0xe2, 0xe6, 0xee);
const GROUND: Color = Color::Rgb(0x12, 0x15, 0x1c);

/// What moves a film. A shape that goes is hidden but for its time; one that
/// stays to the end is hidden before it comes. So the last screen is all that
/// is seen where there is no animation, or none is wanted.
const ANIMATION: &str = "\
.goes{visibility:hidden;animation-name:shown}\
.stays{animation-name:hidden}\
@keyframes shown{from,to{visibility:visible}}\
@keyframes hidden{from,to{visibility:hidden}}\
@media(prefers-reduced-motion:reduce){g{animation-name:none!important}}";

/// A part of a screen: coloured grounds are drawn first, text on top of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Ground(String),
    Words(String),
}

impl Shape {
    fn svg(&self) -> &str {
        let (Self::Ground(svg) | Self::Words(svg)) = self;
        svg
    }
}

pub(crate) fn still(screen: &Screen, title: &str) -> String {
    let shapes = shapes(screen);
    let shapes: String = shapes.iter().map(Shape::svg).collect();
    format!("{}{shapes}</svg>\n", opening(screen, title, ""))
}

/// Screens one after the other, each from its time in seconds on; the last one
/// stays. A shape is written once for each time that it comes.
pub(crate) fn film(screens: &[(f64, Screen)], title: &str) -> String {
    let mut present = BTreeMap::<Shape, usize>::new();
    let mut groups = BTreeMap::<_, Vec<Shape>>::new();
    let mut put = |shape: &Shape, from, until| {
        let is_words = matches!(shape, Shape::Words(_));
        let group = groups.entry((is_words, from, until)).or_default();
        group.push(shape.clone());
    };
    for (place, (_, screen)) in screens.iter().enumerate() {
        let shapes = shapes(screen);
        present.retain(|shape, from| {
            let remains = shapes.contains(shape);
            if !remains {
                put(shape, *from, place);
            }
            remains
        });
        for shape in shapes {
            present.entry(shape).or_insert(place);
        }
    }
    for (shape, from) in &present {
        put(shape, *from, screens.len());
    }
    let mut svg = opening(&screens[0].1, title, ANIMATION);
    for ((_, from, until), shapes) in groups {
        let start = screens[from].0;
        let group = match screens.get(until) {
            None if from == 0 => String::new(),
            None => format!(
                " class=\"stays\" style=\"animation-duration:{start:.3}s\""
            ),
            Some((end, _)) => format!(
                " class=\"goes\" style=\"animation-delay:{start:.3}s;\
                 animation-duration:{:.3}s\"",
                end - start
            ),
        };
        svg.extend(["<g", &group, ">\n"]);
        svg.extend(shapes.iter().map(Shape::svg));
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

fn place(column: u16, row: u16) -> (f32, f32) {
    let (x, y) = (f32::from(column) * CELL.0, f32::from(row) * CELL.1);
    (x + MARGIN, y + MARGIN)
}

fn opening(screen: &Screen, title: &str, animation: &str) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = place(columns.get(), rows.get());
    let (width, height) = (width + MARGIN, height + MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\">\n<title>{title}</title>\n\
         <style>text{{font-family:{FONTS};font-size:14px;\
         white-space:pre}}rect:not([rx]){{shape-rendering:crispEdges}}\
         {animation}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        hex(GROUND),
    )
}

/// The shapes of a screen. Cells that look alike are one text, stretched to
/// them, so that columns stand under each other in any font; not every reader
/// keeps ordinary spaces that follow each other.
fn shapes(screen: &Screen) -> BTreeSet<Shape> {
    let (rows, columns) = screen.size();
    let mut shapes = BTreeSet::new();
    for row in 0..rows.get() {
        let cells = (0..columns.get()).map(|it| screen.cell(row, it).unwrap());
        let cells: Vec<_> = cells.collect();
        let mut column = 0;
        // A sign that the font lacks may be wider: it must not squeeze letters.
        let look = |it: &Cell| (style(it), it.contents().is_ascii());
        for run in cells.chunk_by(|one, next| look(one) == look(next)) {
            let (x, y) = place(column, row);
            let begin = column;
            column += u16::try_from(run.len()).unwrap();
            let length = place(column, row).0 - x;
            let (ground, looks) = style(run[0]);
            if ground != hex(GROUND) {
                shapes.insert(Shape::Ground(format!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" \
                     height=\"{}\" fill=\"{ground}\"/>\n",
                    CELL.1,
                )));
            }
            let is_blank = |it: &&Cell| it.contents().trim().is_empty();
            let first = run.iter().take_while(|it| is_blank(it)).count();
            let last = run.iter().rev().take_while(|it| is_blank(it)).count();
            if first == run.len() {
                continue;
            }
            let begin = begin + u16::try_from(first).unwrap();
            let (x, y) = (place(begin, row).0, y + BASE);
            let end = column - u16::try_from(last).unwrap();
            let length = place(end, row).0 - x;
            let run = &run[first..run.len() - last];
            let symbol = |it: &&Cell| format!("{:1}", it.contents());
            let words: String = run.iter().map(symbol).collect();
            let words = words.replace('&', "&amp;").replace('<', "&lt;");
            let words = words.replace(' ', "\u{a0}");
            shapes.insert(Shape::Words(format!(
                "<text x=\"{x:.1}\" y=\"{y:.1}\" \
                 textLength=\"{length:.1}\"{looks}>{words}</text>\n",
            )));
        }
    }
    shapes
}

/// The colour of a cell's ground, and how its text looks.
fn style(cell: &Cell) -> (String, String) {
    let known = |colour, usual| match colour {
        Color::Rgb(..) => hex(colour),
        _ => hex(usual),
    };
    let (ink, ground) =
        (known(cell.fgcolor(), INK), known(cell.bgcolor(), GROUND));
    let (ink, ground) =
        if cell.inverse() { (ground, ink) } else { (ink, ground) };
    let weight = if cell.bold() { " font-weight=\"bold\"" } else { "" };
    let faint = if cell.dim() { " opacity=\"0.7\"" } else { "" };
    (ground, format!(" fill=\"{ink}\"{weight}{faint}"))
}

fn hex(colour: Color) -> String {
    let Color::Rgb(red, green, blue) = colour else { panic!("{colour:?}") };
    format!("#{red:02x}{green:02x}{blue:02x}")
}
