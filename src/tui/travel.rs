//! What is asked of a recorded run: by keys, by the mouse, in words.

use super::app::{App, Dialog};
use super::keys::{Message, Travel};
use super::look::Look;
use super::panes::scrubber;
use super::prompt::{Prompt, Purpose};
use super::update::{Effect, regions};
use crate::units::{parse_time, show_count};
use crate::view::Direction;
use crate::view::Scene;
use crate::view::{Playback, Seek};
use ratatui::layout::Rect;
use std::time::Duration;

/// How much of the recording one key goes.
const PART: f32 = 0.05;

/// How many rows of the wheel are all of the recording: a notch is one in a
/// hundred.
const ROWS: f32 = 300.0;

/// What a key asks of the run; nothing if it opens a prompt first.
pub(super) fn asked(
    app: &mut App,
    travel: Travel,
    scene: &Scene,
) -> Option<Effect> {
    scene.playback?;
    let seek = match travel {
        Travel::PlayOrPause => Seek::PlayOrPause,
        Travel::Reverse => Seek::Reverse,
        Travel::Slower => Seek::Slower,
        Travel::Faster => Seek::Faster,
        Travel::Step(stride, direction) => Seek::Step(stride, direction),
        Travel::Start => Seek::Start,
        Travel::End => Seek::End,
        Travel::Part(Direction::Forwards) => Seek::By(PART),
        Travel::Part(Direction::Backwards) => Seek::By(-PART),
        Travel::OfSocket(direction) => {
            Seek::OfSocket(app.sockets.selected?, direction)
        }
        Travel::Finding(direction) => Seek::Finding(direction),
        Travel::SearchOn(direction) => Seek::SearchOn(direction),
        Travel::GoTo => return prompt(app, Purpose::GoTo),
        Travel::Search => return prompt(app, Purpose::Search),
    };
    Some(go(app, seek))
}

fn prompt(app: &mut App, purpose: Purpose) -> Option<Effect> {
    app.dialog = Dialog::Prompt(Prompt::new(purpose));
    None
}

/// The last events are in sight from then on: among them is what was looked
/// for.
fn go(app: &mut App, seek: Seek) -> Effect {
    app.scroll.events = 0;
    if let Dialog::Detail(_, from_end) = &mut app.dialog {
        *from_end = 0;
    }
    Effect::Seek(seek)
}

/// Goes where the typed words say; they stay if that is nowhere.
pub(super) fn go_to(
    app: &mut App,
    prompt: Prompt,
    scene: &Scene,
) -> Option<Effect> {
    let playback = scene.playback?;
    let text = prompt.text().trim();
    if text.is_empty() {
        return None;
    }
    match place(text, playback) {
        Ok(seek) => Some(go(app, seek)),
        Err(why) => {
            app.said = Some(why);
            app.dialog = Dialog::Prompt(prompt);
            None
        }
    }
}

/// Looks for the typed words, for those before if there are none.
pub(super) fn search(app: &mut App, prompt: &Prompt) -> Option<Effect> {
    match prompt.text() {
        "" if app.searched.is_empty() => None,
        "" => Some(go(app, Seek::SearchOn(Direction::Forwards))),
        text => {
            text.clone_into(&mut app.searched);
            Some(go(app, Seek::Search(text.to_owned())))
        }
    }
}

/// A click or the wheel on the bar; down is on.
pub(super) fn pointed(
    app: &mut App,
    message: Message,
    scene: &Scene,
) -> Option<Effect> {
    if matches!(app.dialog, Dialog::Help(_)) {
        return None;
    }
    let playback = scene.playback?;
    let area = regions(app, scene)?.scrubber;
    let seek = on_bar(&app.look, playback, area, message)?;
    Some(go(app, seek))
}

/// What a click or the wheel asks for, if it is on the bar in this area.
pub(super) fn on_bar(
    look: &Look,
    playback: &Playback,
    area: Rect,
    message: Message,
) -> Option<Seek> {
    let (Message::Click(at) | Message::Wheel(at, _)) = message else {
        return None;
    };
    let part = scrubber::part_at(look, playback, area, at)?;
    Some(match message {
        Message::Wheel(_, rows) => Seek::By(f32::from(rows) / ROWS),
        _ => Seek::ToPart(part),
    })
}

/// Whether something is looked for and can be given up.
pub(super) fn is_busy(app: &App, scene: &Scene) -> bool {
    let typed = matches!(app.dialog, Dialog::Prompt(_));
    !typed && scene.playback.is_some_and(|it| it.busy.is_some())
}

/// A place in words: `1.25s`, `250ms`, `12.5` (seconds), `3:05.1`, `50%`,
/// `event 1,234`.
pub(super) fn place(text: &str, playback: &Playback) -> Result<Seek, String> {
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
        match place(text, &playback) {
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
        let place = |text| place(text, &playback);
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
