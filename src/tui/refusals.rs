//! Why a key does nothing right now, in words for the user.

use super::context::{ScreenContext, Track};
use super::keys::{Binding, CLIENTS, KEYS, Message, Need};
use crate::load::{HandClient, HandState};
use crate::units::show_size;
use crate::view::Seek::{Faster, PlayOrPause, Step};
use crate::view::Stride::{LoopStep, Task};
use itertools::Itertools as _;

impl Binding {
    /// The first need that is not met; `None` if the keys are available.
    pub(super) fn unmet(&self, cx: &ScreenContext) -> Option<Need> {
        let (open, picture) = (cx.screen.open, cx.picture);
        let has_tasks = |it: Track| {
            it.scene.has_tasks() && open.is_none_or(|open| open == it.place)
        };
        let is_paused = match cx.playback() {
            Some(playback) => playback.plays.is_none(),
            None => cx.meant().any(|it| it.scene.control.paused),
        };
        let is_met = |need: &Need| match need {
            Need::Live => picture.playback.is_none(),
            Need::Recorded => picture.playback.is_some(),
            Need::Running => !picture.all_over(),
            Need::Over => picture.all_over(),
            Need::Going => !is_paused,
            Need::Paused => is_paused,
            Need::Several => picture.tracks.len() > 1,
            Need::Single => picture.tracks.len() == 1,
            Need::Open => open.is_some(),
            Need::SideBySide => open.is_none(),
            Need::Tasks => cx.tracks().any(has_tasks),
        };
        self.needs.iter().copied().find(|need| !is_met(need))
    }
}

/// What a run that is over still allows. The names of actions in braces stand
/// for their keys in all texts here.
pub(super) const OVER: &str = "the run is over: {quit} leaves, {help} help";
pub(super) const OVER_OF_SEVERAL: &str =
    "this run is over: {back} shows the others";

/// Why the message is unavailable in this situation; `None` if it is not.
pub(super) fn unavailable(
    message: Message,
    cx: &ScreenContext,
) -> Option<String> {
    let asks = |it: &&Binding| it.keys.iter().any(|key| key.1 == message);
    let rows = || KEYS.iter().filter(asks);
    let group = rows().next()?.group;
    let unmet: Option<Vec<_>> = rows().map(|it| it.unmet(cx)).collect();
    let Some(unmet) = unmet else {
        let runs = cx.picture.tracks.len();
        let selected = cx.open().and_then(|it| it.state.sockets.selected);
        let why = match message {
            Message::OfSocket(_) if selected.is_none() => {
                "no socket is chosen: {next-pane} to the sockets, then the arrows"
                    .into()
            }
            Message::SearchOn(_) if cx.screen.searched.is_empty() => {
                "nothing was searched for yet: {search} searches".into()
            }
            Message::Number(number) if runs > 1 => {
                let is_there = usize::from(number) <= runs;
                return (!is_there).then(|| format!("there are {runs} runs"));
            }
            Message::Number(number) => {
                let scene = cx.open()?.scene;
                let number = u32::from(number);
                let is_there = scene.hand.iter().any(|it| it.number == number);
                let why = "no client by hand has the number";
                return (!is_there)
                    .then(|| format!("{why} {number}: {{connect}} connects one"));
            }
            _ => return None,
        };
        return Some(why);
    };
    let tasks = unmet.iter().find(|it| **it == Need::Tasks);
    let words = match tasks.or(unmet.first())? {
        Need::Live if group == CLIENTS => {
            "a recording cannot be talked to: its run is over"
        }
        Need::Live => "a recording stands by itself: {pause} plays",
        Need::Recorded => "this key is for recordings: see sockscope replay",
        Need::Running | Need::Over | Need::Going => match cx.open() {
            Some(_) if cx.picture.tracks.len() == 1 => OVER,
            Some(_) => "all are over: {quit} leaves, {back} shows the others",
            None => "all are over: {quit} leaves, {open} opens a column",
        },
        Need::Paused => "steps are for a paused program: {pause} first",
        Need::Several => "there is only this run",
        Need::Single => "the digits choose one of the runs here",
        Need::Open => "this key is for one run: {open} opens the chosen one",
        Need::SideBySide => "this key is for several runs side by side",
        Need::Tasks => {
            let why = cx.open().map_or("none has an event loop".into(), |it| {
                format!("{} has no event loop", it.scene.facts.mode)
            });
            return Some(format!("this key is for the mode tasks: {why}"));
        }
    };
    Some(words.into())
}

/// Why the message has no effect, or not yet, in every run it applies to.
pub(super) fn hint(message: Message, cx: &ScreenContext) -> Option<String> {
    if cx.picture.playback.is_some() {
        return None;
    }
    let of_loop = matches!(message, Message::Seek(Step(LoopStep | Task, _)));
    let asked = cx.meant().filter(|it| !of_loop || it.scene.has_tasks());
    let reasons = asked.map(|run| Some((run.name, of_run(message, &run)?)));
    let reasons: Vec<_> = reasons.collect::<Option<_>>()?;
    let (name, why) = reasons.first()?;
    let is_same = reasons.iter().map(|(_, why)| why).all_equal();
    Some(if is_same { why.clone() } else { format!("{name}: {why}") })
}

fn of_run(message: Message, run: &Track) -> Option<String> {
    let Message::Seek(seek) = message else {
        return client(message, run)?.err();
    };
    let control = &run.scene.control;
    let full = !control.is_slow();
    let why = match (seek, control.paused) {
        (PlayOrPause | Step(..), _) => return None,
        (Faster, true) if full => "paused; {pause} lets it go on at full speed",
        (Faster, false) if full => "it runs at full speed already",
        (_, true) => "the new speed counts when it goes on: {pause}",
        (_, false) => return None,
    };
    Some(why.into())
}

/// The client that the message is for, or why it cannot obey; `None` if the
/// message is not for clients.
pub(super) fn client<'a>(
    message: Message,
    run: &Track<'a>,
) -> Option<Result<&'a HandClient, String>> {
    let sends = match message {
        Message::Type { .. }
        | Message::HalfClose
        | Message::Boom
        | Message::Flood => true,
        Message::StopOrStartReading | Message::Close | Message::Reset => false,
        _ => return None,
    };
    let Some(client) = run.state.hand_client(run.scene) else {
        return Some(Err(
            "there is no client by hand: {connect} connects one".into()
        ));
    };
    if message == Message::Flood && client.unsent > 0 {
        let (number, left) = (client.number, show_size(client.unsent as u64));
        return Some(Err(format!("client {number} still has {left} to send")));
    }
    let why = match client.state {
        it if !it.is_here() => "over: {connect} connects another",
        HandState::HalfClosed if sends => "half-closed: it can send no more",
        _ => return Some(Ok(client)),
    };
    Some(Err(format!("client {} by hand is {why}", client.number)))
}
