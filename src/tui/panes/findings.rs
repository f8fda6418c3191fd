//! What is worth telling, and what to make of it.

use crate::tui::frame::Shown;
use crate::tui::theme::Role;
use crate::tui::words::wrapped;
use ratatui::text::Line;

pub(super) fn lines<'a>(
    shown: &Shown<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for finding in &shown.view.findings {
        let room = width.saturating_sub(2);
        for text in wrapped(&finding.to_string(), room) {
            let tell = shown.say(Role::Spinning, shown.look().glyphs.tell);
            let text = shown.say(Role::Here, format!(" {text}"));
            let plain = shown.look().style(Role::Text);
            let text = text.style(plain);
            lines.push(Line::from(vec![tell, text]));
        }
        for text in wrapped(finding.advice(), room) {
            lines.push(shown.say(Role::Dim, format!("  {text}")).into());
        }
    }
    if lines.is_empty() {
        let nothing = shown.say(Role::Dim, "nothing to tell so far");
        return vec![nothing.into()];
    }
    let first = shown.app.scroll.findings;
    let first = first.min(lines.len().saturating_sub(height));
    lines.split_off(first)
}
