//! A screen as a picture: SVG, which every browser draws.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// A cell of the picture, in its own units.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
/// From the top of a row to its base line.
const BASE: f32 = 13.5;
const MARGIN: f32 = 12.0;

const FONTS: &str = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,\
                     'Liberation Mono',monospace";
const INK: &str = "#e2e6ee";
const GROUND: &str = "#12151c";

/// Cells of one row that look alike.
struct Run {
    column: u16,
    cells: u16,
    text: String,
    ground: String,
    /// How its text looks, in the words of SVG.
    looks: String,
}

/// Draws the screen; `title` is what it shows, for who cannot see it.
pub(crate) fn svg(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = f32::from(columns) * WIDTH + 2.0 * MARGIN;
    let height = f32::from(rows) * HEIGHT + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\">\n<title>{}</title>\n\
         <style>text{{font-family:{FONTS};font-size:14px;\
         white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n",
        escaped(title),
    );
    for row in 0..rows {
        let runs = runs(screen, row, columns);
        for run in &runs {
            ground(&mut out, run, row);
        }
        for run in &runs {
            text(&mut out, run, row);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        let (ground, looks) = style(cell);
        let symbol = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut() {
            Some(run) if run.ground == ground && run.looks == looks => {
                run.text.push_str(symbol);
                run.cells += 1;
            }
            _ => {
                let text = symbol.to_owned();
                runs.push(Run { column, cells: 1, text, ground, looks });
            }
        }
    }
    runs
}

/// The colour of a cell's ground, and how its text looks.
fn style(cell: &Cell) -> (String, String) {
    let ink = colour(cell.fgcolor(), INK);
    let ground = colour(cell.bgcolor(), GROUND);
    let (ink, ground) =
        if cell.inverse() { (ground, ink) } else { (ink, ground) };
    let mut looks = format!(" fill=\"{ink}\"");
    for (has, words) in [
        (cell.bold(), " font-weight=\"bold\""),
        (cell.dim(), " opacity=\"0.7\""),
        (cell.italic(), " font-style=\"italic\""),
    ] {
        looks.push_str(if has { words } else { "" });
    }
    (ground, looks)
}

/// The run is taken on a terminal of all colours: there are no others.
fn colour(colour: Color, usual: &str) -> String {
    match colour {
        Color::Rgb(red, green, blue) => {
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        Color::Default | Color::Idx(_) => usual.to_owned(),
    }
}

fn place(column: u16, row: u16) -> (f32, f32) {
    let x = f32::from(column) * WIDTH + MARGIN;
    (x, f32::from(row) * HEIGHT + MARGIN)
}

fn ground(out: &mut String, run: &Run, row: u16) {
    if run.ground == GROUND {
        return;
    }
    let (x, y) = place(run.column, row);
    let width = f32::from(run.cells) * WIDTH;
    let colour = &run.ground;
    writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
         height=\"{HEIGHT}\" fill=\"{colour}\"/>"
    )
    .unwrap();
}

/// Words are placed where they begin and stretched to their cells, so that
/// columns stand under each other in any font. Not every reader of SVG keeps
/// spaces that follow each other: what they part is placed anew.
fn text(out: &mut String, run: &Run, row: u16) {
    let looks = &run.looks;
    let mut column = run.column;
    for words in run.text.split("  ") {
        let begun = words.trim_start();
        let before = u16::from(begun.len() < words.len());
        let cells = u16::try_from(begun.trim_end().chars().count()).unwrap();
        if cells > 0 {
            let (x, y) = place(column + before, row);
            let (y, length) = (y + BASE, f32::from(cells) * WIDTH);
            let words = escaped(begun.trim_end());
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" \
                 textLength=\"{length:.1}\"{looks}>{words}</text>"
            )
            .unwrap();
        }
        column += u16::try_from(words.chars().count()).unwrap() + 2;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
