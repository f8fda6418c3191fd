//! What deserves attention, and what to do about it.

use crate::text::wrap;
use crate::tui::frame::TrackView;
use crate::tui::look::Look;
use crate::tui::theme::Role;
use crate::view::Finding;
use ratatui::text::Line;

pub(super) fn lines<'a>(
    shown: &TrackView,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let findings = &shown.view.findings;
    let mut lines = Vec::new();
    for finding in findings {
        lines.extend(seen(shown.look(), finding, width));
        let advice = wrap(&finding.advice, width.saturating_sub(2));
        let advice = advice.into_iter().map(|text| format!("  {text}"));
        lines.extend(advice.map(|it| shown.say(Role::Dim, it).into()));
    }
    if lines.is_empty() {
        return vec![shown.say(Role::Dim, "no findings yet").into()];
    }
    let first = shown.track.scroll.findings;
    lines.split_off(first.min(lines.len().saturating_sub(height)))
}

/// What was seen, in rows.
pub(in crate::tui) fn seen<'a>(
    look: &Look,
    finding: &Finding,
    width: usize,
) -> Vec<Line<'a>> {
    let rows = wrap(&finding.observation, width.saturating_sub(2));
    let row = |text: String| {
        Line::from(vec![
            look.say(Role::Spinning, look.glyphs.tell),
            look.say(Role::Text, format!(" {text}")),
        ])
    };
    rows.into_iter().map(row).collect()
}

/// The number of rows in all.
pub(in crate::tui) fn rows(findings: &[Finding], width: usize) -> usize {
    let room = width.saturating_sub(2);
    let rows = |it: &Finding| {
        wrap(&it.observation, room).len() + wrap(&it.advice, room).len()
    };
    findings.iter().map(rows).sum()
}
