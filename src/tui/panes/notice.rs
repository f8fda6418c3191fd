//! One line: what is being typed, what is stretched, or what to tell.

use super::events::cut;
use super::lane::legend;
use crate::model::clean;
use crate::tui::app::Dialog;
use crate::tui::frame::Shown;
use crate::tui::prompt::Prompt;
use crate::tui::theme::Role;
use crate::tui::words::clock;
use ratatui::text::{Line, Span};

/// The line, and where the cursor stands in it. Findings that are `told`
/// elsewhere are not repeated.
pub(in crate::tui) fn line<'a>(
    shown: &Shown<'a>,
    width: u16,
    told: bool,
) -> (Line<'a>, Option<u16>) {
    if let Dialog::Prompt(prompt) = &shown.app.dialog {
        let (line, cursor) = typed(shown, prompt, width.into());
        return (line, Some(cursor));
    }
    let width = width.into();
    if let Some(said) = &shown.app.said {
        let said = shown.say(Role::Badge, format!(" {said} "));
        return (said.into(), None);
    }
    let line = stretched(shown)
        .or_else(|| end(shown))
        .or_else(|| finding(shown, width, told));
    (line.unwrap_or_else(|| explained(shown, width)), None)
}

/// The line that is being typed, scrolled so that the cursor is in sight.
fn typed<'a>(
    shown: &Shown<'a>,
    prompt: &Prompt,
    width: usize,
) -> (Line<'a>, u16) {
    let what = if prompt.newline { "says" } else { "says, no end" };
    let label = format!(" by hand {} {what}: ", prompt.client.0);
    let room = width.saturating_sub(label.len() + 1);
    let before = prompt.text().chars().take(prompt.cursor());
    let mut before = clean(&before.collect::<String>());
    let mut text = clean(prompt.text());
    while Span::raw(&before).width() > room {
        before.remove(0);
        text.remove(0);
    }
    let cursor = label.len() + Span::raw(&before).width();
    let label = shown.say(Role::Badge, label);
    let line = Line::from(vec![label, shown.say(Role::Text, text)]);
    (line, u16::try_from(cursor).unwrap_or(u16::MAX))
}

/// The marks of a timeline, as many as find room.
fn explained<'a>(shown: &Shown<'a>, width: usize) -> Line<'a> {
    let mut line = Line::default();
    for pair in legend(shown.look()) {
        let taken: usize = pair.iter().map(Span::width).sum();
        if line.width() + taken > width + 2 {
            break;
        }
        line.spans.extend(pair);
    }
    line
}

/// What stands still and what does not.
fn stretched<'a>(shown: &Shown<'a>) -> Option<Line<'a>> {
    let control = shown.scene.control;
    let words = if control.paused {
        let held = control.held.len();
        let threads = if held == 1 { "thread" } else { "threads" };
        let paused = if control.stands {
            format!("paused at {}", clock(shown.view.at))
        } else {
            "program paused".into()
        };
        format!("{paused} ({held} {threads} held): {}", goes_on(shown))
    } else if shown.app.frozen.is_some() {
        "the picture is frozen; the program goes on".into()
    } else if !control.speed.is_empty() {
        format!("slow motion, {}: {}", control.speed, goes_on(shown))
    } else {
        return None;
    };
    Some(shown.say(Role::Ready, format!(" {words}")).into())
}

/// What goes on, what is stretched by it, and what waits.
const fn goes_on(shown: &Shown<'_>) -> &'static str {
    if shown.scene.facts.clients_apart {
        "clients and their limits go on, echo times grow"
    } else {
        "clients go on, echo times grow, limits wait"
    }
}

/// That the run is about to end because nobody has touched it.
fn end<'a>(shown: &Shown<'a>) -> Option<Line<'a>> {
    let s = shown.scene.control.ends_in_s?;
    let words =
        format!(" the clients are done: the run ends in {s} s; any key stays");
    Some(shown.say(Role::Ready, words).into())
}

/// The first finding, if it is not told elsewhere.
fn finding<'a>(
    shown: &Shown<'a>,
    width: usize,
    told: bool,
) -> Option<Line<'a>> {
    let first = shown.view.findings.first().filter(|_| !told)?;
    let more = match shown.view.findings.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let glyphs = shown.look().glyphs;
    let room = width.saturating_sub(3 + more.len());
    let words = cut(&first.to_string(), room, glyphs.more);
    Some(Line::from(vec![
        shown.say(Role::Spinning, glyphs.tell),
        shown.say(Role::Text, format!(" {words}")),
        shown.say(Role::Dim, more),
    ]))
}
