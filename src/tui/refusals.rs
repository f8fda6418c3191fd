//! Why a key does nothing right now, in words for the user.

use super::keys::{Binding, Jump, KEYS, KeyGroup, Message, Need};
use super::screen::{Screen, TrackState};
use super::stage::Picture;
use crate::load::HandState;
use crate::view::{Direction, Scene, Stride};

impl Binding {
    /// Whether it can do something in this situation.
    pub(super) fn applies(&self, screen: &Screen, picture: &Picture) -> bool {
        unmet(self, screen, picture).is_none()
    }

    /// Whether the help lists it: what only the mode tasks has, always.
    pub(super) fn is_listed(&self, screen: &Screen, picture: &Picture) -> bool {
        matches!(unmet(self, screen, picture), None | Some(Need::Tasks))
    }
}

/// The first thing that a key needs and that is not so.
fn unmet(key: &Binding, screen: &Screen, picture: &Picture) -> Option<Need> {
    let is_met = |need: &Need| match need {
        Need::Live => picture.playback.is_none(),
        Need::Recorded => picture.playback.is_some(),
        Need::Several => picture.has_several(),
        Need::Open => screen.open.is_some(),
        Need::SideBySide => screen.open.is_none(),
        Need::Tasks => picture.has_tasks(screen.open),
    };
    key.needs.iter().copied().find(|need| !is_met(need))
}

/// Why the message cannot be meant in this situation; `None` if it can.
pub(super) fn unavailable(
    message: Message,
    screen: &Screen,
    picture: &Picture,
) -> Option<String> {
    let rows = || KEYS.iter().filter(|it| it.message == message);
    if rows().any(|it| it.applies(screen, picture)) {
        let over = picture.has_several()
            && picture.all_over()
            && picture.playback.is_none()
            && rows().any(|it| {
                matches!(it.group, KeyGroup::Time | KeyGroup::Clients)
            });
        let why = "all are over: q leaves, enter opens a column";
        return over.then(|| why.into());
    }
    let unmet = rows().map(|it| (it, unmet(it, screen, picture)));
    let tasks = unmet.clone().find(|(_, need)| *need == Some(Need::Tasks));
    let (key, need) = tasks.or_else(|| unmet.clone().next())?;
    let words = match need? {
        Need::Live if key.group == KeyGroup::Clients => {
            "a recording cannot be talked to: its run is over"
        }
        Need::Live => "a recording stands by itself: space plays",
        Need::Recorded => "this key is for recordings: see sockscope replay",
        Need::Several => "there is only this run",
        Need::Open => "this key is for one run: enter opens the chosen one",
        Need::SideBySide => "this key is for several runs side by side",
        Need::Tasks => return Some(no_tasks(screen, picture)),
    };
    Some(words.into())
}

fn no_tasks(screen: &Screen, picture: &Picture) -> String {
    let open = screen.open.and_then(|it| picture.scene(it));
    let why = match open {
        Some(scene) => format!("{} has no event loop", scene.facts.mode),
        None => "none has an event loop".into(),
    };
    format!("this key is for the mode tasks: {why}")
}

/// Why the message does nothing, or nothing yet, in any run that is meant.
pub(super) fn hint(
    message: Message,
    screen: &Screen,
    picture: &Picture,
) -> Option<String> {
    if picture.playback.is_some() {
        let open = screen.open.and_then(|it| screen.tracks.get(it));
        return of_recording(message, screen, open?).map(Into::into);
    }
    if let Some(place) = screen.open {
        let track = screen.tracks.get(place)?;
        return of_run(message, track, picture.scene(place)?);
    }
    let of_loop = matches!(
        message,
        Message::Step(Stride::LoopStep | Stride::Task, Direction::Forwards)
    );
    let has_tasks = |at: usize| picture.tracks[at].scene.has_tasks();
    let any = picture.running().any(has_tasks);
    let asked =
        picture.running().filter(|at| !of_loop || !any || has_tasks(*at));
    let reasons = asked.map(|at| {
        let (track, it) = (screen.tracks.get(at)?, &picture.tracks[at]);
        Some((it.name, of_run(message, track, &it.scene)?))
    });
    let reasons: Option<Vec<_>> = reasons.collect();
    let reasons = reasons?;
    let (name, why) = reasons.first()?;
    let same = reasons.iter().all(|(_, it)| it == why) || of_loop;
    Some(if same { why.clone() } else { format!("{name}: {why}") })
}

fn of_recording(
    message: Message,
    screen: &Screen,
    track: &TrackState,
) -> Option<&'static str> {
    match message {
        Message::Jump(Jump::OfSocket(_))
            if track.sockets.selected.is_none() =>
        {
            Some("no socket is chosen: tab to the sockets, then the arrows")
        }
        Message::Jump(Jump::SearchOn(_)) if screen.searched.is_empty() => {
            Some("nothing was searched for yet: / searches")
        }
        _ => None,
    }
}

fn of_run(
    message: Message,
    track: &TrackState,
    scene: &Scene,
) -> Option<String> {
    match message {
        Message::Step(..) => step(scene),
        Message::Slower | Message::Faster => speed(message, scene),
        _ => of_client(message, track, scene),
    }
}

fn step(scene: &Scene) -> Option<String> {
    if !scene.control.paused {
        return Some("steps are for a paused program: space first".into());
    }
    if !scene.control.held.is_empty() {
        return None;
    }
    let threads = &scene.view.threads;
    let mut asleep = threads.iter().filter(|thread| thread.in_call);
    let first = asleep.next()?;
    Some(match asleep.next() {
        None => {
            let call = first.kind.name();
            format!(
                "the thread is asleep in {call}: the step lasts until it wakes"
            )
        }
        Some(_) => {
            "all threads are asleep: the step lasts until one wakes".into()
        }
    })
}

fn speed(message: Message, scene: &Scene) -> Option<String> {
    let control = &scene.control;
    let is_full = !control.is_slow() && message == Message::Faster;
    let why = match (is_full, control.paused) {
        (true, false) => "it runs at full speed already",
        (true, true) => "paused; space lets it go on at full speed",
        (false, true) => "the new speed counts when it goes on: space",
        (false, false) => return None,
    };
    Some(why.into())
}

/// Why the client that is meant cannot do it; `None` of other messages.
pub(super) fn of_client(
    message: Message,
    track: &TrackState,
    scene: &Scene,
) -> Option<String> {
    let sends = match message {
        Message::Type { .. } | Message::HalfClose | Message::Boom => true,
        Message::StopOrStartReading | Message::Close | Message::Reset => false,
        _ => return None,
    };
    let Some(id) = track.hand_client(scene) else {
        return Some("there is no client by hand: c connects one".into());
    };
    let client = scene.hand.iter().find(|it| it.number == id)?;
    let why = match client.state {
        _ if !client.state.is_here() => "over: c connects another",
        HandState::HalfClosed if sends => "half-closed: it can send no more",
        _ => return None,
    };
    Some(format!("client {} by hand is {why}", id))
}
