//! The narration at the top of the open run: what happens now, who waits for
//! whom, and what comes next.

use crate::text::{clean, cut, wrap};
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::TextRows;
use crate::view::{MomentTone, Narration};
use ratatui::text::Line;
use std::iter::repeat_n;

/// The role in which a moment is drawn.
pub(crate) const fn role(tone: MomentTone) -> Role {
    match tone {
        MomentTone::Idle => Role::Asleep,
        MomentTone::Busy => Role::Working,
        MomentTone::Spinning => Role::Spinning,
        MomentTone::Starving => Role::Bad,
        MomentTone::Held => Role::Ready,
        MomentTone::Over => Role::Dim,
    }
}

/// As many sentences as fit into this many rows, the most important ones
/// first; while there is little to say, the scenario's title and what to watch,
/// if it `introduces` the run because no pane of findings does.
pub(crate) fn lines(
    run: &Track,
    (width, rows): (usize, usize),
    introduces: bool,
) -> TextRows {
    let Narration { now, waits, next, tone, .. } = run.scene.narrate(run.view);
    let waits_role = match tone {
        MomentTone::Starving => Role::Bad,
        _ => Role::Text,
    };
    let mut said = vec![(role(tone), now)];
    said.extend(waits.map(|it| (waits_role, it)));
    said.extend(next.map(|it| (Role::Text, it)));
    let scenario = run.scene.facts.scenario.as_ref();
    if let Some(scenario) = scenario.filter(|_| introduces) {
        let watch = scenario.watch.iter();
        let title = [&scenario.title].into_iter().chain(watch);
        let title = title.filter(|it| !it.is_empty());
        said.extend(title.map(|it| (Role::Dim, it.clone())));
    }
    let room = width.saturating_sub(3);
    let mut lines = TextRows::new();
    for (role, sentence) in said {
        let wrapped = wrap(&clean(&sentence), room);
        let left = rows - lines.len();
        // What explains the scenario is shown whole or not at all.
        if left == 0 || role == Role::Dim && wrapped.len() > left {
            break;
        }
        let is_cut = wrapped.len() > left;
        for (at, text) in wrapped.into_iter().take(left).enumerate() {
            let text = if is_cut && at + 1 == left {
                let more = run.look.glyphs.more;
                cut(&format!("{text} {more}"), room, more)
            } else {
                text
            };
            lines.push(line(run.look, role, self::role(tone), &text));
        }
    }
    lines.extend(repeat_n(Line::default(), rows - lines.len()));
    lines
}

/// A line with a mark in the colour of the moment; what is quoted from the
/// source stands out.
fn line(look: &Look, role: Role, mark: Role, text: &str) -> Line<'static> {
    let quoted = text.split('`').zip([role, Role::Key].into_iter().cycle());
    let quoted = quoted.map(|(text, role)| look.say(role, text.to_owned()));
    let mark = look.say(mark, format!("{} ", look.glyphs.tell));
    [mark].into_iter().chain(quoted).collect()
}
