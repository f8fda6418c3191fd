//! One line: what is being typed, what stands still, or what to know.

use super::lane::legend;
use super::scrubber;
use crate::text::{clean, cut};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::{Look, Role};
use crate::tui::paint::fitting;
use crate::tui::screen::{Dialog, Purpose};
use crate::units::{plural, show_clock};
use crate::view::Playback;
use ratatui::text::{Line, Span};
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

/// The line, and the column of the cursor in it. Findings that are shown
/// elsewhere are not repeated.
pub(crate) fn line(
    cx: &ScreenContext,
    width: usize,
    shows_findings: bool,
) -> (Line<'static>, Option<u16>) {
    let look = cx.look();
    if let Dialog::Prompt(purpose, input) = &cx.screen.dialog {
        let (line, cursor) = typed(cx, *purpose, input, width);
        return (line, Some(cursor));
    }
    if let Some(said) = &cx.screen.said {
        return (look.line(Role::Badge, format!(" {said} ")), None);
    }
    let recorded = || of_recording(look, cx.playback()?, width);
    let ready = |words: String| look.line(Role::Ready, format!(" {words}"));
    let ends_alone = || {
        let s = cx.picture.ends_in_s?;
        let done = "the clients are done: the run ends in";
        Some(format!("{done} {s} s; any key stays"))
    };
    let said = recorded().or_else(|| match cx.open() {
        Some(run) => {
            let words = held_up(&run).or_else(ends_alone).map(ready);
            words.or_else(|| finding(&run, width).filter(|_| !shows_findings))
        }
        None => of_all(cx).map(ready),
    });
    let in_help = matches!(cx.screen.dialog, Dialog::Help(_));
    let explained = || match cx.picture.playback {
        Some(_) if in_help => scrubber::legend(look),
        // The last mark needs no gap behind it.
        _ => fitting(legend(look), width + 2),
    };
    (said.unwrap_or_else(explained), None)
}

/// The line that is being typed, scrolled so that the cursor is in sight; why
/// it will not do, or what can be typed.
fn typed(
    cx: &ScreenContext,
    purpose: Purpose,
    input: &Input,
    width: usize,
) -> (Line<'static>, u16) {
    let look = cx.look();
    let (label, hint) = match purpose {
        Purpose::Say { client, newline } => {
            let says = if newline { "says" } else { "says, no end" };
            let who = match client {
                Some(client) => format!("by hand {client}"),
                None => "the client of each mode".into(),
            };
            (format!(" {who} {says}: "), "")
        }
        Purpose::GoTo => (" go to: ".into(), GO_TO_HINT),
        Purpose::Search => {
            (" search for: ".into(), "a text of the log's lines, such as reset")
        }
    };
    let (text, cursor) = (input.value(), input.cursor());
    let beside = match &cx.screen.said {
        Some(said) => look.say(Role::Bad, format!("   {said}")),
        None if text.is_empty() => look.say(Role::Dim, format!(" {hint}")),
        None => Span::default(),
    };
    let room = width.saturating_sub(label.width() + 1 + beside.width());
    let before: String = text.chars().take(cursor).collect();
    let (mut before, mut text) = (clean(&before), clean(text));
    while before.width() > room {
        before.remove(0);
        text.remove(0);
    }
    let cursor = label.width() + before.width();
    let label = look.say(Role::Badge, label);
    let line = Line::from(vec![label, look.say(Role::Text, text), beside]);
    (line, u16::try_from(cursor).unwrap_or(u16::MAX))
}

/// What is a place in a recording.
pub(crate) const GO_TO_HINT: &str = "1.25s, 250ms, 50% or event 1234";

/// What is searched for, or how that went; at its end why a recording ends.
fn of_recording(
    look: &Look,
    playback: &Playback,
    width: usize,
) -> Option<Line<'static>> {
    let at_end = playback.event >= playback.events;
    let ends = playback.ends.as_ref().filter(|_| at_end);
    let (role, words) = match (&playback.busy, &playback.said) {
        (Some(busy), _) => (Role::Ready, format!(" {busy}")),
        (None, Some(said)) => (Role::Badge, format!(" {said} ")),
        (None, None) => (Role::Bad, format!(" {} ", ends?)),
    };
    let words = cut(&clean(&words), width, look.glyphs.more);
    Some(look.line(role, words))
}

/// What stands still and what does not.
fn held_up(run: &Track) -> Option<String> {
    let (control, speed) = (&run.scene.control, run.scene.control.speed);
    let held = match (control.held.len(), control.before()) {
        (1, Some(before)) if run.scene.has_tasks() => {
            format!("held before {before}")
        }
        (0, _) if run.scene.has_tasks() => "held once it wakes".into(),
        (n, _) => format!("{} held", plural(n as u64, "thread")),
    };
    let clients = if run.scene.facts.clients_apart {
        "clients apart go on"
    } else {
        "clients wait, too"
    };
    let at = show_clock(run.view.at);
    Some(match &run.scene.playback {
        Some(_) if control.paused => {
            format!("the program was paused here ({held})")
        }
        Some(_) if control.is_slow() => {
            format!("the program was in slow motion here, {speed}")
        }
        None if control.paused && control.stands => {
            format!("paused at {at} ({held}): {clients}")
        }
        None if control.paused => {
            format!("a step lasts ({held}): time goes on, space ends it")
        }
        None if run.is_frozen => {
            "the picture is frozen; the program goes on".into()
        }
        None if control.is_slow() => format!("slow motion, {speed}: {clients}"),
        _ => return None,
    })
}

/// The first finding.
fn finding(run: &Track, width: usize) -> Option<Line<'static>> {
    let first = run.view.findings.first()?;
    let more = match run.view.findings.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let glyphs = run.look.glyphs;
    let room = width.saturating_sub(3 + more.len());
    let words = cut(&first.observation, room, glyphs.more);
    Some(Line::from(vec![
        run.say(Role::Spinning, glyphs.tell),
        run.say(Role::Text, format!(" {words}")),
        run.say(Role::Dim, more),
    ]))
}

/// What stands still in all programs, or is over.
fn of_all(cx: &ScreenContext) -> Option<String> {
    let picture = cx.picture;
    if picture.playback.is_some() {
        return None;
    }
    let control = &picture.leading()?.control;
    let by_hand =
        picture.running().flat_map(|it| &it.hand).any(|it| it.state.is_here());
    Some(match picture.ends_in_s {
        Some(s) if picture.all_over() => {
            format!("all are over: it ends in {s} s; any key stays")
        }
        None if picture.all_over() => "all are over: q leaves".into(),
        _ if control.paused => {
            let held: usize =
                picture.running().map(|it| it.control.held.len()).sum();
            let keys = ". a call, n an iteration";
            format!("all programs paused ({held} held): {keys}; clients wait")
        }
        _ if cx.screen.frozen.is_some() => {
            "the picture is frozen; the programs go on".into()
        }
        _ if control.is_slow() => {
            let speed = control.speed;
            format!("slow motion of all, {speed}: echo times grow")
        }
        _ if picture.are_clients_done() && by_hand => {
            "the clients are done, yours are not: x closes yours, q ends all"
                .into()
        }
        _ => return None,
    })
}
