//! What runs, where, since when, and in which state.

use crate::model::view::View;
use crate::model::{Phase, clean, phase_status};
use crate::tui::frame::Shown;
use crate::tui::theme::Role;
use crate::tui::words::clock;
use ratatui::text::{Line, Span};

pub(in crate::tui) fn line<'a>(shown: &Shown<'a>, width: u16) -> Line<'a> {
    let facts = shown.scene.facts;
    let right = [
        shown.say(Role::Text, format!("{}  ", clock(shown.view.at))),
        state(shown),
    ];
    let taken: usize = right.iter().map(Span::width).sum();
    let mut room = usize::from(width).saturating_sub(taken + 1);
    let name = (Role::Focus, " sockscope ".to_owned());
    let mode = (Role::Here, format!(" {} ", facts.mode));
    let rest = [
        facts.mechanism.clone(),
        facts.address.to_string(),
        facts.scenario.clone(),
    ];
    let rest = rest.map(|it| (Role::Dim, format!("  {}", clean(&it))));
    let mut spans = Vec::new();
    for (role, word) in [name, mode].into_iter().chain(rest) {
        let taken = word.chars().count();
        let Some(left) = room.checked_sub(taken) else { continue };
        room = left;
        spans.push(shown.say(role, word));
    }
    spans.push(" ".repeat(room + 1).into());
    spans.extend(right);
    Line::from(spans)
}

/// The state, the most pressing first.
fn state<'a>(shown: &Shown<'a>) -> Span<'a> {
    let control = shown.scene.control;
    let (phase, _) = shown.view.phase;
    if control.paused {
        shown.say(Role::Badge, " PAUSED ")
    } else if shown.app.frozen.is_some() {
        shown.say(Role::Badge, " FROZEN ")
    } else {
        match phase {
            Phase::Running if !control.speed.is_empty() => {
                shown.say(Role::Badge, " SLOW ")
            }
            Phase::Running if control.clients_done => {
                let words = control.ends_in_s.map_or_else(
                    || " clients done; q to leave ".to_owned(),
                    |s| format!(" clients done; ends in {s} s, any key stays "),
                );
                shown.say(Role::Badge, words)
            }
            Phase::Running => {
                shown.say(Role::Working, format!("{} ", phase.name()))
            }
            _ => shown.say(Role::Badge, format!(" {} ", stopping(shown.view))),
        }
    }
}

/// Who is left, and the one deadline for all of them.
fn stopping(view: &View) -> String {
    let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
    phase_status(view.phase.0, view.figures.open(), left_in)
}
