//! The notice: the line being typed, what is paused, or what to know.

use super::lane::legend;
use crate::text::{clean, cut};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::Role;
use crate::tui::paint::fitting;
use crate::tui::refusals::{OVER, OVER_OF_SEVERAL};
use crate::tui::screen::{Dialog, Purpose};
use crate::tui::stage::{TrackPhase, TrackScene};
use crate::units::{plural, show_clock};
use crate::view::Phase;
use ratatui::text::{Line, Span};
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

/// Examples of places in a recording, for the prompt.
pub(crate) const GO_TO_HINT: &str = "1.25s, 250ms, 50% or event 1234";

/// A line, and the column of the cursor if it is being typed.
type Notice = (Line<'static>, Option<u16>);

/// The notice. It may be a finding if `finds`: no pane shows them.
pub(crate) fn line(cx: &ScreenContext, width: usize, finds: bool) -> Notice {
    let look = cx.look();
    if let Dialog::Prompt(purpose, input) = &cx.screen.dialog {
        return typed(cx, (*purpose, input), width);
    }
    if let Some(said) = &cx.screen.said {
        return (look.line(Role::Badge, format!(" {said} ")), None);
    }
    let said = of_recording(cx, width)
        .or_else(|| {
            let several = cx.picture.tracks.len() > 1;
            let of_one = |it| held_up(&it, several);
            let words = cx.open().map_or_else(|| of_all(cx), of_one)?;
            let words = cx.keys().words(&words);
            Some(look.line(Role::Ready, format!(" {words}")))
        })
        .or_else(|| lacking(cx, width))
        .or_else(|| finding(&cx.open()?, width).filter(|_| finds));
    // No gap is needed behind the last mark.
    let explained = || fitting(legend(look), width + 2);
    (said.unwrap_or_else(explained), None)
}

/// The line that is being typed, scrolled so that the cursor is visible, with
/// an error or a hint behind it.
fn typed(cx: &ScreenContext, of: (Purpose, &Input), width: usize) -> Notice {
    let (purpose, input) = of;
    let (label, hint) = match purpose {
        Purpose::Say { client, newline } => {
            let all = "the client of each mode".into();
            let who = client.map_or(all, |it| format!("by hand {it}"));
            let end = if newline { "" } else { ", no end" };
            (format!(" {who} says{end}: "), "")
        }
        Purpose::GoTo => (" go to: ".into(), GO_TO_HINT),
        Purpose::Search => {
            (" search for: ".into(), "a text of the log's lines, such as reset")
        }
    };
    let (look, text) = (cx.look(), input.value());
    let beside = match &cx.screen.said {
        Some(said) => look.say(Role::Bad, format!("   {said}")),
        None if text.is_empty() => look.say(Role::Dim, format!(" {hint}")),
        None => Span::default(),
    };
    let room = width.saturating_sub(label.width() + 1 + beside.width());
    let before: String = text.chars().take(input.cursor()).collect();
    let (mut before, mut text) = (clean(&before), clean(text));
    while before.width() > room {
        before.remove(0);
        text.remove(0);
    }
    let cursor = u16::try_from(label.width() + before.width()).ok();
    let label = look.say(Role::Badge, label);
    (Line::from(vec![label, look.say(Role::Text, text), beside]), cursor)
}

/// A search, or how it went; at the end, why a recording ends early.
fn of_recording(cx: &ScreenContext, width: usize) -> Option<Line<'static>> {
    let (look, playback) = (cx.look(), cx.playback()?);
    let at_end = playback.event >= playback.events;
    let (role, words) = match (&playback.busy, &playback.said, &playback.ends) {
        (Some(busy), ..) => (Role::Ready, format!(" {busy}")),
        (_, Some(said), _) => (Role::Badge, format!(" {said} ")),
        (.., Some(ends)) if at_end => (Role::Bad, format!(" {ends} ")),
        _ => return None,
    };
    Some(look.line(role, cut(&clean(&words), width, look.glyphs.more)))
}

/// What is paused, slow, frozen, done or over in the open run.
fn held_up(run: &Track, several: bool) -> Option<String> {
    let (control, speed) = (&run.scene.control, run.scene.control.speed);
    let held = match (control.held.len(), run.scene.next_call()) {
        (1, Some(call)) => format!("held before {call}"),
        (n, Some(call)) => {
            format!("{} held, first before {call}", plural(n as u64, "thread"))
        }
        (_, None) => "held at the next call".into(),
    };
    let apart = run.scene.facts.clients_apart;
    let [clients, slow] = if apart {
        ["clients in their own process go on"; 2]
    } else {
        ["time stands still", "clients are slow, too"]
    };
    let (at, is_live) = (show_clock(run.view.at), run.scene.playback.is_none());
    let over = if several { OVER_OF_SEVERAL } else { OVER };
    Some(match (control.paused, control.is_slow()) {
        _ if run.has_ended() => match run.phase {
            TrackPhase::Failed(why) => {
                format!("{over}; it failed: {}", clean(why))
            }
            _ => over.into(),
        },
        (true, _) if !is_live => {
            format!("the program was paused here ({held})")
        }
        (true, _) if control.stands => {
            format!("paused at {at} ({held}): {clients}")
        }
        (true, _) if !control.held.is_empty() => format!(
            "a step is in progress ({held}): the clock runs, {{pause}} ends it"
        ),
        (true, _) => format!("{}; {{pause}} ends it", in_progress(run)),
        _ if run.is_frozen && is_live => {
            "the picture is frozen; the program goes on".into()
        }
        (_, true) if is_live => {
            format!("slow motion, {speed}: {slow}")
        }
        (_, true) => format!("the program was in slow motion here, {speed}"),
        _ if is_live && run.view.figures.phase() != Phase::Running => {
            "the server is stopping: {quit} again ends it without grace".into()
        }
        _ if is_live && run.scene.measured.clients_done => {
            "the clients are done, the server is not: {connect} connects one, {quit} ends it"
                .into()
        }
        _ => return None,
    })
}

/// Why a step of a paused program is not over.
fn in_progress(run: &Track) -> String {
    let threads = run.view.threads.iter();
    let asleep: Vec<_> = threads.filter(|it| it.in_call).collect();
    match asleep[..] {
        [] => "a step is in progress: the clock runs".into(),
        [it] => format!(
            "the thread is asleep in {}: the step lasts until it wakes",
            it.kind.name()
        ),
        _ => "all threads are asleep: the step lasts until one wakes".into(),
    }
}

/// Why a recording has ended before its run, if one has.
fn lacking(cx: &ScreenContext, width: usize) -> Option<Line<'static>> {
    let (look, tracks) = (cx.look(), &cx.picture.tracks);
    let goes_on = |it: &&TrackScene| it.phase == TrackPhase::Running;
    let (name, why) = tracks.iter().filter(goes_on).find_map(|it| {
        Some((it.name, it.scene.recording_incomplete.as_ref()?))
    })?;
    let of = if tracks.len() > 1 { format!("{name}: ") } else { String::new() };
    let words = clean(&format!(" {of}{why}; the run goes on"));
    Some(look.line(Role::Bad, cut(&words, width, look.glyphs.more)))
}

/// The first finding, and how many others there are.
fn finding(run: &Track, width: usize) -> Option<Line<'static>> {
    let (first, others) = run.view.findings.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        n => format!(" (and {n} more)"),
    };
    let room = width.saturating_sub(3 + more.len());
    let words = cut(&first.observation, room, run.look.glyphs.more);
    Some(Line::from(vec![
        run.say(Role::Spinning, run.look.glyphs.tell),
        run.say(Role::Text, format!(" {words}")),
        run.say(Role::Dim, more),
    ]))
}

/// What is paused, slow, frozen or over in all runs.
fn of_all(cx: &ScreenContext) -> Option<String> {
    let picture = cx.picture;
    let control = &picture.leading()?.control;
    let held: usize = picture.running().map(|it| it.control.held.len()).sum();
    let by_hand =
        picture.running().flat_map(|it| &it.hand).any(|it| it.state.is_here());
    let keys = "{step} a call, {iteration} an iteration";
    Some(match () {
        () if picture.playback.is_some() => return None,
        () if picture.all_over() => "all are over: {quit} leaves, {help} help".into(),
        () if control.paused => {
            format!(
                "all programs paused ({held} held): {keys}; time stands still"
            )
        }
        () if cx.screen.frozen.is_some() => {
            "the picture is frozen; the programs go on".into()
        }
        () if control.is_slow() => {
            format!(
                "slow motion of all, {}: clients are slow, too",
                control.speed
            )
        }
        () if picture.are_clients_done() && by_hand => {
            "the clients are done, yours are not: {close} closes yours, {quit} ends all"
                .into()
        }
        () => return None,
    })
}
