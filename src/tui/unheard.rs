//! Why a key does nothing right now, for whoever pressed it.

use super::app::App;
use super::keys::{KEYS, Message, REPLAY, Travel};
use crate::view::{HandState, Scene};

/// Why what is asked for does nothing, or nothing yet; `None` if it does
/// what its key says.
pub(super) fn reason(
    message: Message,
    app: &App,
    scene: &Scene,
) -> Option<String> {
    let mode = &scene.facts.mode;
    if scene.playback.is_some()
        && let Some(why) = of_recording(message, app)
    {
        return Some(why.into());
    }
    match message {
        _ if is_of_loop(message) && !scene.has_tasks() => Some(format!(
            "this key is for the mode tasks: {mode} has no event loop"
        )),
        Message::StepCall
        | Message::StepIteration
        | Message::StepLoop
        | Message::StepTask => step(scene),
        Message::Slower | Message::Faster => speed(message, scene),
        Message::Type { .. }
        | Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => client(message, app, scene),
        _ => None,
    }
}

/// Why a recorded run cannot do it.
const fn of_recording(message: Message, app: &App) -> Option<&'static str> {
    match message {
        Message::Connect
        | Message::Type { .. }
        | Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => {
            Some("a recording cannot be talked to: its run is over")
        }
        Message::StepLoop => Some("in a recording a step is ] on and [ back"),
        Message::StepTask => Some("in a recording a task is k on and K back"),
        Message::Travel(Travel::OfSocket(_))
            if app.sockets.selected.is_none() =>
        {
            Some("no socket is chosen: tab to the sockets, then the arrows")
        }
        Message::Travel(Travel::SearchOn(_)) if app.searched.is_empty() => {
            Some("nothing was searched for yet: / searches")
        }
        _ => None,
    }
}

/// Whether it is for a mode that runs on an event loop.
pub(super) fn is_of_loop(message: Message) -> bool {
    let mut keys = KEYS.iter().chain(REPLAY);
    keys.any(|it| it.of_loop && it.message == message)
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
    let control = scene.control;
    let is_full = control.speed.is_empty() && message == Message::Faster;
    match (is_full, control.paused) {
        (true, false) => Some("it runs at full speed already".into()),
        (true, true) => {
            Some("paused; space lets it go on at full speed".into())
        }
        (false, true) => {
            Some("the new speed counts when it goes on: space".into())
        }
        (false, false) => None,
    }
}

fn client(message: Message, app: &App, scene: &Scene) -> Option<String> {
    let Some(id) = app.hand_client(scene) else {
        return Some("there is no client by hand: c connects one".into());
    };
    let client = scene.hand.iter().find(|it| it.id == id)?;
    let sends = matches!(
        message,
        Message::Type { .. } | Message::HalfClose | Message::Boom
    );
    let why = match client.state {
        _ if !client.is_here() => "over: c connects another",
        HandState::HalfClosed if sends => "half-closed: it can send no more",
        _ => return None,
    };
    Some(format!("client {} by hand is {why}", id.0))
}
