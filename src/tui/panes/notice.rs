//! One line: what is being typed, what is stretched, or what to tell.

use super::lane::legend;
use super::scrubber;
use crate::text::clean;
use crate::text::cut;
use crate::tui::app::Dialog;
use crate::tui::frame::Shown;
use crate::tui::look::Look;
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
        let label = prompt.purpose.label();
        let beside = beside(shown, prompt);
        let taken = beside.as_ref().map_or(0, Span::width);
        let room = usize::from(width).saturating_sub(taken);
        let (mut line, cursor) = typed(shown.look(), label, prompt, room);
        line.spans.extend(beside);
        return (line, Some(cursor));
    }
    let width = width.into();
    if let Some(said) = &shown.app.said {
        let said = shown.say(Role::Badge, format!(" {said} "));
        return (said.into(), None);
    }
    let line = told_of(shown, width)
        .or_else(|| stretched(shown))
        .or_else(|| end(shown))
        .or_else(|| finding(shown, width, told));
    let reads = matches!(shown.app.dialog, Dialog::Help(_));
    let explained = || match shown.scene.playback {
        Some(_) if reads => scrubber::legend(shown.look()),
        _ => explained(shown.look(), width),
    };
    (line.unwrap_or_else(explained), None)
}

/// Why what has been typed will not do; what can be, while nothing is.
fn beside<'a>(shown: &Shown<'a>, prompt: &Prompt) -> Option<Span<'a>> {
    match &shown.app.said {
        Some(said) => Some(shown.say(Role::Bad, format!("   {said}"))),
        None if prompt.text().is_empty() => {
            Some(shown.say(Role::Dim, format!(" {}", prompt.purpose.hint())))
        }
        None => None,
    }
}

/// The line that is being typed, scrolled so that the cursor is in sight.
pub(in crate::tui) fn typed<'a>(
    look: &Look,
    label: String,
    prompt: &Prompt,
    width: usize,
) -> (Line<'a>, u16) {
    let room = width.saturating_sub(label.len() + 1);
    let before = prompt.text().chars().take(prompt.cursor());
    let mut before = clean(&before.collect::<String>());
    let mut text = clean(prompt.text());
    while Span::raw(&before).width() > room {
        before.remove(0);
        text.remove(0);
    }
    let cursor = label.len() + Span::raw(&before).width();
    let label = look.say(Role::Badge, label);
    let line = Line::from(vec![label, look.say(Role::Text, text)]);
    (line, u16::try_from(cursor).unwrap_or(u16::MAX))
}

/// The marks of a timeline, as many as find room.
pub(in crate::tui) fn explained<'a>(look: &Look, width: usize) -> Line<'a> {
    let mut line = Line::default();
    for pair in legend(look) {
        let taken: usize = pair.iter().map(Span::width).sum();
        if line.width() + taken > width + 2 {
            break;
        }
        line.spans.extend(pair);
    }
    line
}

/// What a recorded run is asked, or how that went; at its end why it ends.
fn told_of<'a>(shown: &Shown<'a>, width: usize) -> Option<Line<'a>> {
    let playback = shown.scene.playback?;
    let at_end = playback.event >= playback.events;
    let ends = playback.ends.as_ref().filter(|_| at_end);
    let (role, words) = match (&playback.busy, &playback.said) {
        (Some(busy), _) => (Role::Ready, format!(" {busy}")),
        (None, Some(said)) => (Role::Badge, format!(" {said} ")),
        (None, None) => (Role::Bad, format!(" {} ", ends?)),
    };
    let more = shown.look().glyphs.more;
    Some(shown.say(role, cut(&clean(&words), width, more)).into())
}

/// What stands still and what does not.
fn stretched<'a>(shown: &Shown<'a>) -> Option<Line<'a>> {
    let control = shown.scene.control;
    let words = if shown.scene.playback.is_some() {
        was_stretched(shown)?
    } else if control.paused {
        let held = held(shown);
        let paused = if control.stands {
            format!("paused at {}", clock(shown.view.at))
        } else {
            "program paused".into()
        };
        format!("{paused} ({held}): {}", goes_on(shown))
    } else if shown.app.frozen.is_some() {
        "the picture is frozen; the program goes on".into()
    } else if !control.speed.is_empty() {
        format!("slow motion, {}: {}", control.speed, goes_on(shown))
    } else {
        return None;
    };
    Some(shown.say(Role::Ready, format!(" {words}")).into())
}

/// How the recorded program was held.
fn was_stretched(shown: &Shown) -> Option<String> {
    let control = shown.scene.control;
    if control.paused {
        let held = held(shown);
        Some(format!("the program was paused here ({held}); clients went on"))
    } else if control.speed.is_empty() {
        None
    } else {
        let speed = &control.speed;
        Some(format!("the program was in slow motion here, {speed}"))
    }
}

/// How many threads are held; where there is one, before what.
fn held(shown: &Shown) -> String {
    let control = shown.scene.control;
    match (control.held.len(), control.before) {
        (1, Some(before)) if shown.scene.has_tasks() => {
            format!("held before {before}")
        }
        (0, _) if shown.scene.has_tasks() => "held once it wakes".into(),
        (1, _) => "1 thread held".into(),
        (n, _) => format!("{n} threads held"),
    }
}

/// What goes on, what is stretched by it, and what waits.
const fn goes_on(shown: &Shown<'_>) -> &'static str {
    let control = shown.scene.control;
    if shown.scene.has_tasks() && control.before.is_some() {
        // Before what it is held takes the room.
        "clients go on"
    } else if shown.scene.facts.clients_apart {
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
