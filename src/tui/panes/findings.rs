//! What is worth telling, and what to make of it.

use crate::text::wrap;
use crate::tui::frame::TrackView;
use crate::tui::theme::Role;
use crate::view::Finding;
use ratatui::text::Line;

pub(super) fn lines<'a>(
    shown: &TrackView<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for finding in &shown.view.findings {
        let (seen, advice) = told(finding, width);
        for text in seen {
            lines.push(Line::from(vec![
                shown.say(Role::Spinning, shown.look().glyphs.tell),
                shown.say(Role::Text, format!(" {text}")),
            ]));
        }
        for text in advice {
            lines.push(shown.say(Role::Dim, format!("  {text}")).into());
        }
    }
    if lines.is_empty() {
        let nothing = shown.say(Role::Dim, "nothing to tell so far");
        return vec![nothing.into()];
    }
    let first = shown.track.scroll.findings;
    lines.split_off(first.min(lines.len().saturating_sub(height)))
}

/// What was seen and what to make of it, in rows.
fn told(finding: &Finding, width: usize) -> (Vec<String>, Vec<String>) {
    let room = width.saturating_sub(2);
    (wrap(&finding.to_string(), room), wrap(finding.advice(), room))
}

/// How many rows there are in all.
pub(in crate::tui) fn rows(findings: &[Finding], width: usize) -> usize {
    let rows = |finding| {
        let (seen, advice) = told(finding, width);
        seen.len() + advice.len()
    };
    findings.iter().map(rows).sum()
}
