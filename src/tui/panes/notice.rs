//! One line: what is being typed, what stands still, or what to know.

use super::header::are_done;
use super::lane::legend;
use super::scrubber;
use crate::text::{clean, cut};
use crate::tui::frame::TrackView;
use crate::tui::look::Look;
use crate::tui::prompt::Prompt;
use crate::tui::screen::{Dialog, Screen};
use crate::tui::stage::Picture;
use crate::tui::theme::Role;
use crate::tui::travel;
use crate::units::{plural, show_clock};
use crate::view::Playback;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

/// The line, and the column of the cursor in it. Findings that are shown
/// elsewhere are not repeated.
pub(in crate::tui) fn line<'a>(
    screen: &Screen,
    picture: &Picture,
    width: u16,
    shows_findings: bool,
) -> (Line<'a>, Option<u16>) {
    let look = &screen.look;
    if let Dialog::Prompt(prompt) = &screen.dialog {
        let (line, cursor) = typed(screen, prompt, width.into());
        return (line, Some(cursor));
    }
    let width = width.into();
    if let Some(said) = &screen.said {
        return (look.say(Role::Badge, format!(" {said} ")).into(), None);
    }
    let open = screen.open.and_then(|it| TrackView::new(screen, it, picture));
    let ready =
        |words: String| Line::from(look.say(Role::Ready, format!(" {words}")));
    let line = travel::playback(screen, picture)
        .and_then(|it| of_recording(look, it, width));
    let line = match &open {
        Some(shown) => line
            .or_else(|| held_up(shown).map(ready))
            .or_else(|| ends_alone(picture).map(ready))
            .or_else(|| finding(shown, width).filter(|_| !shows_findings)),
        None => line.or_else(|| of_all(screen, picture).map(ready)),
    };
    let in_help = matches!(screen.dialog, Dialog::Help(_));
    let explained = || match picture.playback {
        Some(_) if in_help => scrubber::legend(look),
        _ => marks(look, width),
    };
    (line.unwrap_or_else(explained), None)
}

/// The line that is being typed, scrolled so that the cursor is in sight; why
/// it will not do, or what can be typed.
fn typed<'a>(
    screen: &Screen,
    prompt: &Prompt,
    width: usize,
) -> (Line<'a>, u16) {
    let look = &screen.look;
    let beside = match &screen.said {
        Some(said) => Some(look.say(Role::Bad, format!("   {said}"))),
        None if prompt.text().is_empty() => {
            Some(look.say(Role::Dim, format!(" {}", prompt.purpose.hint())))
        }
        None => None,
    };
    let label = prompt.purpose.label();
    let taken = label.width() + 1 + beside.as_ref().map_or(0, Span::width);
    let room = width.saturating_sub(taken);
    let before = prompt.text().chars().take(prompt.cursor());
    let mut before = clean(&before.collect::<String>());
    let mut text = clean(prompt.text());
    while before.width() > room {
        before.remove(0);
        text.remove(0);
    }
    let cursor = label.width() + before.width();
    let label = look.say(Role::Badge, label);
    let mut line = Line::from(vec![label, look.say(Role::Text, text)]);
    line.spans.extend(beside);
    (line, u16::try_from(cursor).unwrap_or(u16::MAX))
}

/// The marks of a timeline, as many as find room.
fn marks<'a>(look: &Look, width: usize) -> Line<'a> {
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

/// What is searched for, or how that went; at its end why a recording ends.
fn of_recording<'a>(
    look: &Look,
    playback: &Playback,
    width: usize,
) -> Option<Line<'a>> {
    let at_end = playback.event >= playback.events;
    let ends = playback.ends.as_ref().filter(|_| at_end);
    let (role, words) = match (&playback.busy, &playback.said) {
        (Some(busy), _) => (Role::Ready, format!(" {busy}")),
        (None, Some(said)) => (Role::Badge, format!(" {said} ")),
        (None, None) => (Role::Bad, format!(" {} ", ends?)),
    };
    let words = cut(&clean(&words), width, look.glyphs.more);
    Some(look.say(role, words).into())
}

/// What stands still and what does not.
fn held_up(shown: &TrackView) -> Option<String> {
    let control = &shown.scene.control;
    let (speed, slow) = (control.speed, control.is_slow());
    if shown.scene.playback.is_some() {
        return if control.paused {
            let held = held(shown);
            Some(format!("the program was paused here ({held})"))
        } else {
            slow.then(|| {
                format!("the program was in slow motion here, {speed}")
            })
        };
    }
    if control.paused {
        let held = held(shown);
        Some(if control.stands {
            let at = show_clock(shown.view.at);
            format!("paused at {at} ({held}): {}", clients(shown))
        } else {
            format!("a step lasts ({held}): time goes on, space ends it")
        })
    } else if shown.screen.frozen.is_some() {
        Some("the picture is frozen; the program goes on".into())
    } else {
        slow.then(|| format!("slow motion, {speed}: {}", clients(shown)))
    }
}

/// How many threads are held; where there is one, before what.
fn held(shown: &TrackView) -> String {
    let control = &shown.scene.control;
    match (control.held.len(), control.before()) {
        (1, Some(before)) if shown.scene.has_tasks() => {
            format!("held before {before}")
        }
        (0, _) if shown.scene.has_tasks() => "held once it wakes".into(),
        (n, _) => format!("{} held", plural(n as u64, "thread")),
    }
}

/// What the clients of the scenario do while a thread is held.
const fn clients(shown: &TrackView<'_>) -> &'static str {
    if shown.scene.facts.clients_apart {
        "clients apart go on"
    } else {
        "clients wait, too"
    }
}

/// That the run is about to end because the screen is not touched.
fn ends_alone(picture: &Picture) -> Option<String> {
    let s = picture.ends_in_s?;
    Some(format!("the clients are done: the run ends in {s} s; any key stays"))
}

/// The first finding.
fn finding<'a>(shown: &TrackView, width: usize) -> Option<Line<'a>> {
    let first = shown.view.findings.first()?;
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

/// What stands still in all programs, or is over.
fn of_all(screen: &Screen, picture: &Picture) -> Option<String> {
    if picture.playback.is_some() {
        return None;
    }
    if picture.all_over() {
        return Some(match picture.ends_in_s {
            Some(s) => format!("all are over: it ends in {s} s; any key stays"),
            None => "all are over: q leaves".into(),
        });
    }
    let control = &picture.leading()?.control;
    let scenes = || picture.running().map(|at| picture.tracks[at].scene);
    if control.paused {
        let held: usize = scenes().map(|it| it.control.held.len()).sum();
        return Some(format!(
            "all programs paused ({held} held): . a call, n an iteration; \
             clients wait"
        ));
    }
    if screen.frozen.is_some() {
        return Some("the picture is frozen; the programs go on".into());
    }
    if control.is_slow() {
        let speed = control.speed;
        return Some(format!("slow motion of all, {speed}: echo times grow"));
    }
    let by_hand = scenes().flat_map(|it| &it.hand).any(|it| it.state.is_here());
    (are_done(picture) && by_hand).then(|| {
        "the clients are done, yours are not: x closes yours, q ends all".into()
    })
}
