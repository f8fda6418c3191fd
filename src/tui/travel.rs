//! What the user asks of a run's time: by keys, by the mouse, in words.

use super::context::ScreenContext;
use super::keys::Message;
use super::layout::{chrome, strip_and_rest};
use super::panes::{notice, scrubber};
use super::screen::{Dialog, Screen};
use super::stage::{Effect, Picture, Target};
use crate::units::{parse_time, show_count};
use crate::view::Playback;
use crate::view::Seek::{self, Finding, OfSocket, Step, ToEvent};
use ratatui::layout::Position;
use std::time::Duration;

/// This many rows of the wheel are all of the recording: a notch, which has
/// three, is one in a hundred.
const WHEEL_ROWS: f32 = 300.0;

/// The moment, the pace or the step that a message asks for: of all runs, or
/// of the open one if it is about its events, which the others follow.
pub(super) fn asked(message: Message, cx: &ScreenContext) -> Option<Effect> {
    let seek = match message {
        Message::Seek(seek) => seek,
        Message::Back if cx.is_busy() => Seek::GiveUp,
        Message::OfSocket(direction) => {
            OfSocket(cx.open()?.state.sockets.selected?, direction)
        }
        Message::SearchOn(direction) => {
            let text = cx.screen.searched.clone();
            return (!text.is_empty()).then(|| Effect::Search(text, direction));
        }
        Message::Click(at) => Seek::ToPart(part_at(cx, at)?),
        Message::Wheel(at, rows) => {
            part_at(cx, at)?;
            Seek::By(f32::from(rows) / WHEEL_ROWS)
        }
        _ => return None,
    };
    Some(Effect::Seek(seek))
}

/// Does so; of a recording, the last events are in sight there.
pub(super) fn go(
    screen: &mut Screen,
    effect: Effect,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let is_of_one = match &effect {
        Effect::Seek(it) => {
            matches!(it, Step(..) | ToEvent(_) | OfSocket(..) | Finding(_))
        }
        _ => true,
    };
    if picture.playback.is_some() {
        if let Some(track) = screen.open_track() {
            track.scroll.events = 0;
        }
        if let Dialog::Detail(_, from_end) = &mut screen.dialog {
            *from_end = 0;
        }
    }
    vec![(screen.open.filter(|_| is_of_one), effect)]
}

/// The part of the recording at this place of the bar, if it is there.
fn part_at(cx: &ScreenContext, at: Position) -> Option<f32> {
    if matches!(cx.screen.dialog, Dialog::Help(_)) {
        return None;
    }
    let [_, area] = strip_and_rest(cx.screen, cx.screen.size.into());
    let [_, _, bar, ..] = chrome(area, cx)?;
    scrubber::part(cx, bar, at)
}

/// A place in words: `1.25s`, `250ms`, `12.5` (seconds), `3:05.1`, `50%`,
/// `event 1,234`.
pub(super) fn parse_place(
    text: &str,
    playback: &Playback,
) -> Result<Seek, String> {
    if let Some(number) = text.strip_prefix("event") {
        let number = number.trim().replace(',', "").parse();
        let number = number.map_err(|_| "no number: event 1234")?;
        let events = playback.events;
        let is_there = number <= events;
        let beyond = || format!("it has {} events", show_count(events));
        return is_there.then_some(ToEvent(number)).ok_or_else(beyond);
    }
    let place = match text.strip_suffix('%') {
        Some(percent) => {
            let percent = percent.trim().parse().ok();
            let percent = percent.filter(|it| (0.0..=100.0).contains(it));
            percent.map(|it: f32| Seek::ToPart(it / 100.0))
        }
        None => time(text).map(Seek::To),
    };
    match place {
        Some(Seek::To(at)) if at > playback.length => {
            Err(format!("it ends at {}", scrubber::length(playback)))
        }
        Some(place) => Ok(place),
        None => Err(format!("no place: {}", notice::GO_TO_HINT)),
    }
}

/// Seconds without a unit, as the events show them.
fn time(text: &str) -> Option<Duration> {
    let (minutes, seconds) = text.split_once(':').unwrap_or(("0", text));
    let is_bare = seconds.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let unit = if is_bare { "s" } else { "" };
    let seconds = parse_time(&format!("{seconds}{unit}")).ok()?;
    let minutes: u32 = minutes.parse().ok()?;
    (Duration::from_secs(60) * minutes).checked_add(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_seconds(text: &str) -> Option<f64> {
        let length = Duration::from_secs(300);
        let playback =
            Playback { length, events: 5_000, ..Playback::default() };
        match parse_place(text, &playback) {
            Ok(Seek::To(at)) => Some(at.as_secs_f64()),
            _ => None,
        }
    }

    #[test]
    fn times_are_written_as_the_screen_writes_them() {
        for (text, seconds) in [
            ("1.25s", 1.25),
            ("1.25 s", 1.25),
            ("250ms", 0.25),
            ("12.5", 12.5),
            ("12", 12.0),
            ("0", 0.0),
            ("3:05.1", 185.1),
            ("2min", 120.0),
        ] {
            let at = in_seconds(text);
            assert!(
                at.is_some_and(|at| (at - seconds).abs() < 1e-6),
                "{text}: {at:?}"
            );
        }
        for text in ["", ".", "1,5s", "-1s", "soon", "1:2:3", "301", "x:1"] {
            assert_eq!(in_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn parts_and_events_have_their_words() {
        let playback = Playback { events: 5_000, ..Playback::default() };
        let place = |text| parse_place(text, &playback);
        assert_eq!(place("50%"), Ok(Seek::ToPart(0.5)));
        assert_eq!(place("100 %"), Ok(Seek::ToPart(1.0)));
        assert_eq!(place("event 1,234"), Ok(Seek::ToEvent(1_234)));
        assert_eq!(place("event5000"), Ok(Seek::ToEvent(5_000)));
        assert_eq!(place("event 5001"), Err("it has 5,000 events".into()));
        for text in ["101%", "-1%", "NaN%", "%", "event", "event -1"] {
            assert!(place(text).is_err(), "{text}");
        }
    }
}
