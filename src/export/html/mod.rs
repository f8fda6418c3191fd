//! A self-contained page: a timeline to zoom, source code with the calls and
//! the sleep of each line, counters, findings, echo times.
//!
//! Its content security policy allows no loading, and only the scripts whose
//! checksums it names. Data from the recording is in a block of JSON without
//! characters that have a meaning in HTML, and the script shows it as text.

mod data;

use super::timeline::{Bounds, gather};
use super::{ExportFailure, ExportSubject, Out, state_at_end};
use crate::text::foreign::json_in_html;

/// How large a page is at most, in bytes.
const LARGEST_PAGE: usize = 5 << 20;

/// How much of a recording is drawn.
const BOUNDS: Bounds =
    Bounds { marks: 40_000, threads: 32, sockets: 96, detailed: false };

const TEMPLATE: &str = include_str!("page.html");

/// The placeholders of the template, in order, with what replaces each.
const PARTS: [(&str, &str); 12] = [
    ("/*uplot.css*/", include_str!("uplot/uPlot.min.css")),
    ("/*page.css*/", include_str!("page.css")),
    ("/*data*/", ""),
    ("/*uplot.license*/", include_str!("uplot/LICENSE")),
    ("/*uplot.js*/", include_str!("uplot/uPlot.iife.min.js")),
    ("/*text.js*/", include_str!("text.js")),
    ("/*marks.js*/", include_str!("marks.js")),
    ("/*draw.js*/", include_str!("draw.js")),
    ("/*timeline.js*/", include_str!("timeline.js")),
    ("/*rates.js*/", include_str!("rates.js")),
    ("/*code.js*/", include_str!("code.js")),
    ("/*page.js*/", include_str!("page.js")),
];

/// Writes the page. What happened too often to be drawn one by one is drawn
/// together, and the page says so.
///
/// # Errors
/// See [`ExportFailure`]. If the recording cannot be read to its end, the
/// page shows what comes before, and says so.
pub fn html(subject: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let mut gathered = gather(subject, BOUNDS);
    let state = state_at_end(subject.recording);
    let mut page = data::page(subject, &gathered, &state);
    let room = LARGEST_PAGE - fixed();
    let data = loop {
        data::draw(&mut page, &gathered.timeline, &state.names);
        let data = json_in_html(&page.to_string());
        if data.len() <= room || !gathered.timeline.coarsen() {
            break data;
        }
    };
    let mut rest = TEMPLATE;
    for (mark, part) in PARTS {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        let part = if part.is_empty() { &data } else { part };
        out.write_all(before.as_bytes())?;
        out.write_all(part.trim_end().as_bytes())?;
        rest = after;
    }
    out.write_all(rest.as_bytes())?;
    gathered.error.map_or(Ok(()), |error| Err(error.into()))
}

/// The most bytes that a page has without its data.
fn fixed() -> usize {
    TEMPLATE.len() + PARTS.iter().map(|(_, part)| part.len()).sum::<usize>()
}
