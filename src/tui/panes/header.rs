//! What runs, where, since when, and in which state.

use crate::text::clean;
use crate::text::cut;
use crate::view::View;

use crate::tui::frame::Shown;
use crate::tui::theme::Role;
use crate::tui::words::clock;
use crate::view::{Phase, phase_status};
use ratatui::text::{Line, Span};

/// A longer name of a recording is cut.
const NAME: usize = 32;

/// The words from the left on, and which of them stay where not all find
/// room: mode, address or recording, scenario, mechanism, name.
const KEPT: [usize; 5] = [1, 3, 4, 2, 0];

pub(in crate::tui) fn line<'a>(shown: &Shown<'a>, width: u16) -> Line<'a> {
    let right = match shown.scene.playback {
        Some(_) => [was(shown), shown.say(Role::Badge, " REPLAY ")],
        None => [
            shown.say(Role::Text, format!("{}  ", clock(shown.view.at))),
            state(shown),
        ],
    };
    let taken: usize = right.iter().map(Span::width).sum();
    let mut room = usize::from(width).saturating_sub(taken + 1);
    let mut left = words(shown).map(Some);
    for at in KEPT {
        let taken = left[at].as_ref().map_or(0, Span::width);
        match room.checked_sub(taken) {
            Some(rest) => room = rest,
            None => left[at] = None,
        }
    }
    let mut spans: Vec<_> = left.into_iter().flatten().collect();
    spans.push(" ".repeat(room + 1).into());
    spans.extend(right);
    Line::from(spans)
}

fn words<'a>(shown: &Shown<'a>) -> [Span<'a>; 5] {
    let facts = shown.scene.facts;
    let dim = |word: &str| shown.say(Role::Dim, format!("  {}", clean(word)));
    let place = match shown.scene.playback {
        Some(it) => cut(&clean(&it.name), NAME, shown.look().glyphs.more),
        None => facts.address.to_string(),
    };
    [
        shown.say(Role::Focus, " sockscope "),
        shown.say(Role::Here, format!(" {} ", facts.mode)),
        dim(&facts.mechanism),
        dim(&place),
        dim(&facts.scenario),
    ]
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
                shown.say(Role::Badge, " clients done ")
            }
            Phase::Running => {
                shown.say(Role::Working, format!("{} ", phase.name()))
            }
            _ => shown.say(Role::Badge, format!(" {} ", stopping(shown.view))),
        }
    }
}

/// The state that a recorded run was in, if it did not just run.
fn was<'a>(shown: &Shown<'a>) -> Span<'a> {
    let control = shown.scene.control;
    let words = match shown.view.phase.0 {
        _ if control.paused => "was paused".into(),
        Phase::Running if !control.speed.is_empty() => "was slow".into(),
        Phase::Running if control.clients_done => "clients done".into(),
        Phase::Running => return Span::default(),
        _ => stopping(shown.view),
    };
    shown.say(Role::Ready, format!("{words} "))
}

/// Who is left, and the one deadline for all of them.
fn stopping(view: &View) -> String {
    let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
    phase_status(view.phase.0, view.figures.open(), left_in)
}
