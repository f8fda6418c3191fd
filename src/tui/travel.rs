//! What the user asks of recordings: by keys, by the mouse, in words.

use super::columns;
use super::keys::{Jump, Message};
use super::panes::scrubber;
use super::prompt::{Prompt, Purpose};
use super::screen::{Dialog, Screen};
use super::stage::Picture;
use super::update::{Effect, Target, track_regions, whole};
use crate::units::{parse_time, show_count};
use crate::view::{Direction, Playback, Seek};
use std::time::Duration;

/// The part of the recording that one key skips.
const PART: f32 = 0.05;

/// This many rows of the wheel are all of the recording: a notch, which has
/// three, is one in a hundred.
const WHEEL_ROWS: f32 = 300.0;

/// What a key asks of the recordings; nothing if it opens a prompt first.
pub(super) fn jump(screen: &mut Screen, jump: Jump) -> Vec<(Target, Effect)> {
    let seek = match jump {
        Jump::Reverse => Seek::Reverse,
        Jump::Start => Seek::Start,
        Jump::End => Seek::End,
        Jump::Part(Direction::Forwards) => Seek::By(PART),
        Jump::Part(Direction::Backwards) => Seek::By(-PART),
        Jump::OfSocket(direction) => {
            let open = screen.open.and_then(|it| screen.tracks.get(it));
            let socket = open.and_then(|it| it.sockets.selected);
            let Some(socket) = socket else { return Vec::new() };
            Seek::OfSocket(socket, direction)
        }
        Jump::Finding(direction) => Seek::Finding(direction),
        Jump::SearchOn(_) if screen.searched.is_empty() => return Vec::new(),
        Jump::SearchOn(direction) => Seek::SearchOn(direction),
        Jump::GoTo => return prompt(screen, Purpose::GoTo),
        Jump::Search => return prompt(screen, Purpose::Search),
    };
    go(screen, seek)
}

fn prompt(screen: &mut Screen, purpose: Purpose) -> Vec<(Target, Effect)> {
    screen.dialog = Dialog::Prompt(Prompt::new(purpose));
    Vec::new()
}

/// Goes there, with the last events in sight: among them is what was searched
/// for. What concerns events is for the open run; the others follow it.
pub(super) fn go(screen: &mut Screen, seek: Seek) -> Vec<(Target, Effect)> {
    if let Some(track) = screen.open.and_then(|it| screen.tracks.get_mut(it)) {
        track.scroll.events = 0;
    }
    if let Dialog::Detail(_, from_end) = &mut screen.dialog {
        *from_end = 0;
    }
    let of_one = matches!(
        seek,
        Seek::Step(..)
            | Seek::ToEvent(_)
            | Seek::OfSocket(..)
            | Seek::Finding(_)
            | Seek::Search(_)
            | Seek::SearchOn(_)
    );
    let open = screen.open.filter(|_| of_one);
    vec![(open.map_or(Target::All, Target::Track), Effect::Seek(seek))]
}

/// Goes where the typed words say; they stay if that is nowhere.
pub(super) fn go_to(
    screen: &mut Screen,
    prompt: Prompt,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let Some(playback) = playback(screen, picture) else { return Vec::new() };
    let text = prompt.text().trim();
    if text.is_empty() {
        return Vec::new();
    }
    match parse_place(text, playback) {
        Ok(seek) => go(screen, seek),
        Err(why) => {
            screen.said = Some(why);
            screen.dialog = Dialog::Prompt(prompt);
            Vec::new()
        }
    }
}

/// Where the open recording stands, or all of them.
pub(super) fn playback<'a>(
    screen: &Screen,
    picture: &Picture<'a>,
) -> Option<&'a Playback> {
    let open = screen.open.and_then(|it| picture.scene(it));
    open.map_or(picture.playback, |it| it.playback.as_ref())
}

/// Searches for the typed words, or again for those before.
pub(super) fn search(
    screen: &mut Screen,
    prompt: &Prompt,
) -> Vec<(Target, Effect)> {
    match prompt.text() {
        "" if screen.searched.is_empty() => Vec::new(),
        "" => go(screen, Seek::SearchOn(Direction::Forwards)),
        text => {
            text.clone_into(&mut screen.searched);
            go(screen, Seek::Search(text.to_owned()))
        }
    }
}

/// What a click or the wheel asks for, if it is on the bar; down is on.
pub(super) fn pointed(
    screen: &Screen,
    message: Message,
    picture: &Picture,
) -> Option<Seek> {
    let (Message::Click(at) | Message::Wheel(at, _)) = message else {
        return None;
    };
    if matches!(screen.dialog, Dialog::Help(_)) {
        return None;
    }
    let playback = playback(screen, picture)?;
    let bar = match screen.open {
        Some(_) => track_regions(screen, picture)?.scrubber,
        None => columns::regions(screen, picture, whole(screen.size))?.bar,
    };
    let part = scrubber::part_at(&screen.look, playback, bar, at)?;
    Some(match message {
        Message::Wheel(_, rows) => Seek::By(f32::from(rows) / WHEEL_ROWS),
        _ => Seek::ToPart(part),
    })
}

/// Whether a search goes on that can be given up.
pub(super) fn is_busy(screen: &Screen, picture: &Picture) -> bool {
    let typed = matches!(screen.dialog, Dialog::Prompt(_));
    !typed && playback(screen, picture).is_some_and(|it| it.busy.is_some())
}

/// A place in words: `1.25s`, `250ms`, `12.5` (seconds), `3:05.1`, `50%`,
/// `event 1,234`.
fn parse_place(text: &str, playback: &Playback) -> Result<Seek, String> {
    if let Some(number) = text.strip_prefix("event") {
        return event(number.trim(), playback);
    }
    let place = match text.strip_suffix('%') {
        Some(number) => percent(number.trim()).map(Seek::ToPart),
        None => time(text).map(Seek::To),
    };
    match place {
        Some(Seek::To(at)) if at > playback.length => {
            Err(format!("it ends at {}", scrubber::length(playback)))
        }
        Some(place) => Ok(place),
        None => Err(format!("no place: {}", Purpose::GoTo.hint())),
    }
}

fn event(number: &str, playback: &Playback) -> Result<Seek, String> {
    let number: Result<u64, _> = number.replace(',', "").parse();
    match number {
        Ok(number) if number <= playback.events => Ok(Seek::ToEvent(number)),
        Ok(_) => {
            let events = show_count(playback.events);
            Err(format!("it has {events} events"))
        }
        Err(_) => Err("no number: event 1234".into()),
    }
}

fn percent(number: &str) -> Option<f32> {
    let percent: f32 = number.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

/// Seconds without a unit, as the events show them.
fn time(text: &str) -> Option<Duration> {
    let seconds = |text: &str| {
        let bare = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let text = if bare { format!("{text}s") } else { text.into() };
        parse_time(&text).ok()
    };
    match text.split_once(':') {
        Some((minutes, rest)) => {
            let minutes: u32 = minutes.parse().ok()?;
            let minutes = Duration::from_secs(60) * minutes;
            minutes.checked_add(seconds(rest)?)
        }
        None => seconds(text),
    }
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
