//! Where the thread of an event loop is in the loop's source.

use crate::probe::Before;
use crate::tui::context::Track;
use crate::view::Step;
use std::ops::Range;

/// The step that the turn is in, or that it is held before.
pub(super) fn current(run: &Track) -> Option<Step> {
    match run.scene.control.before() {
        Some(Before::Step(step)) => Some(step),
        _ => run.view.figures.turns.now,
    }
}

/// The lines of a function, from 0: from its head to its closing brace.
fn function(text: &str, name: &str) -> Range<usize> {
    let head = format!("fn {name}(");
    let mut lines = text.lines().enumerate();
    let Some((start, line)) = lines.find(|(_, line)| line.contains(&head))
    else {
        return 0..0;
    };
    let brace = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
    let end = lines.find(|(_, line)| *line == brace);
    start..end.map_or(start, |(at, _)| at) + 1
}

/// Whether this line, from 0, is in the function of the step or calls it from
/// the turn.
pub(super) fn is_of(text: &str, at: usize, step: Option<Step>) -> bool {
    let Some(step) = step else { return false };
    let call = format!("self.{}(", step.name());
    let calls = || text.lines().nth(at).is_some_and(|it| it.contains(&call));
    function(text, step.name()).contains(&at)
        || function(text, "turn").contains(&at) && calls()
}

/// The lines of the loop's source that are shown if not all of them fit: the
/// turn, if there is room for it, and the function of the step that it is in.
pub(super) fn places(text: &str, room: usize, now: Option<Step>) -> Vec<usize> {
    let lines = text.lines().count();
    if room >= lines {
        return (0..lines).collect();
    }
    let steps = Step::ALL.iter().map(|it| function(text, it.name()).len());
    let longest = steps.max().unwrap_or(0);
    let turn = function(text, "turn");
    let turn = if turn.len() + longest <= room { turn } else { 0..0 };
    let own = function(text, now.unwrap_or(Step::ALL[0]).name());
    let above: Vec<_> = text.lines().take(own.start).collect();
    let is_doc = |line: &&&str| line.trim_start().starts_with("///");
    let docs = above.iter().rev().take_while(is_doc).count();
    let rest = room - turn.len();
    // The function's documentation is shown only if all of it fits.
    let docs = if own.len() + docs <= rest { docs } else { 0 };
    let start = (own.start - docs).min(lines - rest);
    if start < turn.end {
        return (lines - room..lines).collect();
    }
    turn.chain(start..start + rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::Mode;

    fn source() -> &'static str {
        Mode::Tasks.loop_source().map_or("", |(_, text)| text)
    }

    #[test]
    fn every_step_is_a_function_that_the_turn_calls() {
        for step in Step::ALL {
            let lines: Vec<_> = source().lines().collect();
            let of_step = |at: &usize| is_of(source(), *at, Some(step));
            let marked: Vec<_> = (0..lines.len()).filter(of_step).collect();
            let text: Vec<_> = marked.iter().map(|at| lines[*at]).collect();
            let (call, rest) = text.split_first().unwrap_or((&"", &[]));
            assert!(call.contains(&format!("self.{}(", step.name())));
            assert!(rest[0].contains(&format!("fn {}(", step.name())));
            assert_eq!(rest.last(), Some(&"    }"));
        }
    }

    #[test]
    fn the_steps_function_is_shown_at_any_height() {
        for (height, step) in (1..200).flat_map(|n| Step::ALL.map(|s| (n, s))) {
            let places = places(source(), height, Some(step));
            let head = function(source(), step.name()).start;
            assert!(places.contains(&head), "{height} {step:?}");
            assert!(places.is_sorted() && places.len() <= height);
            let lines = source().lines().count();
            assert_eq!(places.len(), height.min(lines), "{height} {step:?}");
        }
    }
}
