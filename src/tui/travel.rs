//! What the user asks of recordings: by keys, by the mouse, in words.

use super::columns;
use super::context::ScreenContext;
use super::keys::Message;
use super::layout::{TrackRegions, whole};
use super::panes::{notice, scrubber};
use super::screen::{Dialog, Prompt, Screen};
use super::stage::{Effect, Picture, Target};
use crate::units::{parse_time, show_count};
use crate::view::{Direction, Playback, Seek};
use std::time::Duration;

/// This many rows of the wheel are all of the recording: a notch, which has
/// three, is one in a hundred.
const WHEEL_ROWS: f32 = 300.0;

/// Goes there, with the last events in sight. What concerns events is for the
/// open run; the others follow it.
pub(super) fn go(screen: &mut Screen, seek: Seek) -> Vec<(Target, Effect)> {
    let of_one = matches!(
        seek,
        Seek::Step(..)
            | Seek::ToEvent(_)
            | Seek::OfSocket(..)
            | Seek::Finding(_)
            | Seek::SearchOn(_)
    );
    ask(screen, of_one, Effect::Seek(seek))
}

fn ask(
    screen: &mut Screen,
    of_one: bool,
    effect: Effect,
) -> Vec<(Target, Effect)> {
    if let Some(track) = screen.open.and_then(|it| screen.tracks.get_mut(it)) {
        track.scroll.events = 0;
    }
    if let Dialog::Detail(_, from_end) = &mut screen.dialog {
        *from_end = 0;
    }
    let open = screen.open.filter(|_| of_one);
    vec![(open.map_or(Target::All, Target::Track), effect)]
}

/// Goes where the typed words say; they stay if that is nowhere.
pub(super) fn go_to(
    screen: &mut Screen,
    prompt: Prompt,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let playback = ScreenContext::new(screen, picture).playback();
    let text = prompt.input.value().trim();
    let Some(playback) = playback.filter(|_| !text.is_empty()) else {
        return Vec::new();
    };
    match parse_place(text, playback) {
        Ok(seek) => go(screen, seek),
        Err(why) => {
            screen.said = Some(why);
            screen.dialog = Dialog::Prompt(prompt);
            Vec::new()
        }
    }
}

/// Searches for the typed words, or again for those before.
pub(super) fn search(screen: &mut Screen, text: &str) -> Vec<(Target, Effect)> {
    if text.is_empty() && screen.searched.is_empty() {
        return Vec::new();
    }
    if text.is_empty() {
        return go(screen, Seek::SearchOn(Direction::Forwards));
    }
    text.clone_into(&mut screen.searched);
    ask(screen, true, Effect::Search(text.to_owned()))
}

/// What a click or the wheel asks for, if it is on the bar; down is on.
pub(super) fn pointed(cx: &ScreenContext, message: Message) -> Option<Seek> {
    let (Message::Click(at) | Message::Wheel(at, _)) = message else {
        return None;
    };
    if matches!(cx.screen.dialog, Dialog::Help(_)) {
        return None;
    }
    let whole = whole(cx.screen);
    let bar = match cx.screen.open {
        Some(_) => TrackRegions::new(whole, cx)?.scrubber,
        None => columns::regions(cx, whole)?.bar,
    };
    let part = scrubber::part_at(cx, bar, at)?;
    Some(match message {
        Message::Wheel(_, rows) => Seek::By(f32::from(rows) / WHEEL_ROWS),
        _ => Seek::ToPart(part),
    })
}

/// A place in words: `1.25s`, `250ms`, `12.5` (seconds), `3:05.1`, `50%`,
/// `event 1,234`.
fn parse_place(text: &str, playback: &Playback) -> Result<Seek, String> {
    if let Some(number) = text.strip_prefix("event") {
        let number = number.trim().replace(',', "");
        return match number.parse() {
            Ok(number) if number <= playback.events => {
                Ok(Seek::ToEvent(number))
            }
            Ok(_) => {
                Err(format!("it has {} events", show_count(playback.events)))
            }
            Err(_) => Err("no number: event 1234".into()),
        };
    }
    let place = match text.strip_suffix('%') {
        Some(number) => {
            let percent = number.trim().parse().ok();
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
    let (minutes, seconds) = match text.split_once(':') {
        Some((minutes, seconds)) => (minutes.parse::<u32>().ok()?, seconds),
        None => (0, text),
    };
    let is_bare = seconds.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let unit = if is_bare { "s" } else { "" };
    let seconds = parse_time(&format!("{seconds}{unit}")).ok()?;
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
