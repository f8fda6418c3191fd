//! The pictures of README, from real runs:
//! `SOCKSCOPE_PICTURES=1 cargo test --test terminal pictures` makes them anew.

use super::replaying::Recorded;
use super::session::{LARGE, Session};
use std::{env, fs};
use vt100::{Cell, Color, Screen};

/// The size of a cell, and from the top of a row to its base line.
const CELL: (f32, f32) = (8.4, 18.0);
const BASE: f32 = 13.5;
const MARGIN: f32 = 12.0;

const FONTS: &str = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,\
                     'Liberation Mono',monospace";
const INK: Color = Color::Rgb(0xe2, 0xe6, 0xee);
const GROUND: Color = Color::Rgb(0x12, 0x15, 0x1c);

/// Draws the screen as SVG. Cells that look alike are one text, stretched to
/// them, so that columns stand under each other in any font; not every reader
/// keeps ordinary spaces that follow each other.
fn svg(screen: &Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let place = |column: u16, row: u16| {
        let (x, y) = (f32::from(column) * CELL.0, f32::from(row) * CELL.1);
        (x + MARGIN, y + MARGIN)
    };
    let (width, height) = place(columns.get(), rows.get());
    let (width, height) = (width + MARGIN, height + MARGIN);
    let mut parts = vec![format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\">\n<title>{title}</title>\n\
         <style>text{{font-family:{FONTS};font-size:14px;\
         white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        hex(GROUND),
    )];
    for row in 0..rows.get() {
        let cells = (0..columns.get()).map(|it| screen.cell(row, it).unwrap());
        let cells: Vec<_> = cells.collect();
        let mut column = 0;
        for run in cells.chunk_by(|one, next| style(one) == style(next)) {
            let (x, y) = place(column, row);
            column += u16::try_from(run.len()).unwrap();
            let length = place(column, row).0 - x;
            let (ground, looks) = style(run[0]);
            if ground != hex(GROUND) {
                parts.push(format!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" \
                     height=\"{}\" fill=\"{ground}\"/>\n",
                    CELL.1,
                ));
            }
            let symbol = |it: &&Cell| format!("{:1}", it.contents());
            let words: String = run.iter().map(symbol).collect();
            let words = words.replace('&', "&amp;").replace('<', "&lt;");
            if !words.trim().is_empty() {
                let (y, words) = (y + BASE, words.replace(' ', "\u{a0}"));
                parts.push(format!(
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" \
                     textLength=\"{length:.1}\"{looks}>{words}</text>\n",
                ));
            }
        }
    }
    parts.concat() + "</svg>\n"
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

/// How long it has run, in the header.
pub(crate) fn elapsed(screen: &str) -> Option<f32> {
    let words: Vec<_> = screen.lines().next()?.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "s")?;
    words[at.checked_sub(1)?].parse().ok()
}

/// Moments in which both clients are there. Without being asked to, only
/// proves that a picture can be made.
#[test]
fn pictures_show_real_runs() {
    for (name, args, moment, shows) in [
        ("serial", "serial --grace 0s", 1.2, "serial.rs"),
        ("nonblocking", "nonblocking --grace 0s", 1.5, "nonblocking.rs"),
        ("selector", "selector --grace 0s", 1.0, "talker"),
        ("tasks", "tasks --grace 0s", 0.5, "tasks.rs"),
        // One waits, one spins, one sleeps.
        ("compare", "compare serial nonblocking selector", 1.5, "differs"),
    ] {
        let session = Session::start(&format!("{args} --scenario two-clients"));
        session.wait("the moment", |it| elapsed(it) >= Some(moment));
        let picture = keep(name, &session);
        assert!(picture.contains(shows), "{picture}");
        session.leave("qq");
    }
}

/// The moment to which one goes back: why are there no echoes?
#[test]
fn a_picture_shows_a_run_again() {
    let recorded = Recorded::of("serial", "picture");
    let mut session = recorded.open(LARGE);
    let finding = "1 client waits to be accepted";
    session.press_until("f", finding, |screen| screen.contains(finding));
    keep("replay", &session);
    session.leave("q");
}

fn keep(name: &str, session: &Session) -> String {
    let picture = svg(&session.screen(), &format!("sockscope {name}"));
    assert!(picture.len() < 100_000, "{} bytes", picture.len());
    if env::var_os("SOCKSCOPE_PICTURES").is_some() {
        let root = env!("CARGO_MANIFEST_DIR");
        let path = format!("{root}/tests/pictures/{name}.svg");
        fs::write(path, &picture).unwrap();
    }
    picture
}
