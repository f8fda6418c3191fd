//! What deserves attention, and what to do about it.

use crate::text::wrap;
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use crate::view::Finding;
use ratatui::text::Line;

pub(super) fn lines(run: &Track, width: usize, height: usize) -> TextRows {
    let mut lines = all(run, width);
    if lines.is_empty() {
        return vec![run.look.line(Role::Dim, "no findings yet")];
    }
    let first = run.state.scroll.findings;
    lines.split_off(first.min(lines.len().saturating_sub(height)))
}

/// All findings, each with its advice.
pub(crate) fn all(run: &Track, width: usize) -> TextRows {
    let rows = run.view.findings.iter().flat_map(|finding| {
        let advice = wrap(&finding.advice, width.saturating_sub(2)).into_iter();
        let advice =
            advice.map(|it| run.look.line(Role::Dim, format!("  {it}")));
        seen(run.look, finding, width).into_iter().chain(advice)
    });
    rows.collect()
}

/// What was seen, in rows.
pub(crate) fn seen(look: &Look, finding: &Finding, width: usize) -> TextRows {
    let rows = wrap(&finding.observation, width.saturating_sub(2)).into_iter();
    let mark = look.say(Role::Spinning, look.glyphs.tell);
    let text = |it| look.say(Role::Text, format!(" {it}"));
    rows.map(|it| Line::from(vec![mark.clone(), text(it)])).collect()
}
