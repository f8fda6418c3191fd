//! Why a key does nothing right now, in words for the user.

use super::context::{ScreenContext, Track};
use super::keys::{Binding, KEYS, KeyGroup, Message, Need};
use super::stage::TrackPhase;
use crate::load::HandState;
use crate::view::{Seek, Stride};

impl Binding {
    /// Whether it can do something in this situation.
    pub(super) fn applies(&self, cx: &ScreenContext) -> bool {
        self.unmet(cx).is_none()
    }

    /// Whether the help lists it: what only the mode tasks has, always.
    pub(super) fn is_listed(&self, cx: &ScreenContext) -> bool {
        matches!(self.unmet(cx), None | Some(Need::Tasks))
    }

    /// The first thing that it needs and that is not so.
    fn unmet(&self, cx: &ScreenContext) -> Option<Need> {
        let (open, picture) = (cx.screen.open, cx.picture);
        let is_met = |need: &Need| match need {
            Need::Live => picture.playback.is_none(),
            Need::Recorded => picture.playback.is_some(),
            Need::Several => picture.tracks.len() > 1,
            Need::Open => open.is_some(),
            Need::SideBySide => open.is_none(),
            Need::Tasks => picture.has_tasks(open),
        };
        self.needs.iter().copied().find(|need| !is_met(need))
    }
}

/// Why the message cannot be meant in this situation; `None` if it can.
pub(super) fn unavailable(
    message: Message,
    cx: &ScreenContext,
) -> Option<String> {
    let picture = cx.picture;
    let rows = || KEYS.iter().filter(|it| it.message == message);
    if rows().any(|it| it.applies(cx)) {
        let over = picture.tracks.len() > 1
            && picture.all_over()
            && picture.playback.is_none();
        let of_programs = rows()
            .any(|it| matches!(it.group, KeyGroup::Time | KeyGroup::Clients));
        let why = "all are over: q leaves, enter opens a column";
        return (over && of_programs).then(|| why.into());
    }
    let mut unmet = rows().filter_map(|it| Some((it.group, it.unmet(cx)?)));
    let first = unmet.next()?;
    let tasks = [first].into_iter().chain(unmet);
    let tasks = tasks.clone().find(|(_, need)| *need == Need::Tasks);
    let words = match tasks.unwrap_or(first) {
        (KeyGroup::Clients, Need::Live) => {
            "a recording cannot be talked to: its run is over"
        }
        (_, Need::Live) => "a recording stands by itself: space plays",
        (_, Need::Recorded) => {
            "this key is for recordings: see sockscope replay"
        }
        (_, Need::Several) => "there is only this run",
        (_, Need::Open) => {
            "this key is for one run: enter opens the chosen one"
        }
        (_, Need::SideBySide) => "this key is for several runs side by side",
        (_, Need::Tasks) => {
            let why = match cx.open() {
                Some(it) => {
                    format!("{} has no event loop", it.scene.facts.mode)
                }
                None => "none has an event loop".into(),
            };
            return Some(format!("this key is for the mode tasks: {why}"));
        }
    };
    Some(words.into())
}

/// Why the message does nothing, or nothing yet, in any run that is meant.
pub(super) fn hint(message: Message, cx: &ScreenContext) -> Option<String> {
    if cx.picture.playback.is_some() {
        let is_chosen = cx.open()?.state.sockets.selected.is_some();
        let why = match message {
            Message::OfSocket(_) if !is_chosen => {
                "no socket is chosen: tab to the sockets, then the arrows"
            }
            Message::Seek(Seek::SearchOn(_))
                if cx.screen.searched.is_empty() =>
            {
                "nothing was searched for yet: / searches"
            }
            _ => return None,
        };
        return Some(why.into());
    }
    if let Some(run) = cx.open() {
        return of_run(message, &run);
    }
    let of_loop =
        matches!(message, Message::Step(Stride::LoopStep | Stride::Task, _));
    let running = || cx.tracks().filter(|it| *it.phase == TrackPhase::Running);
    let any = running().any(|it| it.scene.has_tasks());
    let asked = running().filter(|it| !of_loop || !any || it.scene.has_tasks());
    let reasons = asked.map(|run| Some((run.name, of_run(message, &run)?)));
    let reasons: Vec<_> = reasons.collect::<Option<_>>()?;
    let (name, why) = reasons.first()?;
    let same = reasons.iter().all(|(_, it)| it == why) || of_loop;
    Some(if same { why.clone() } else { format!("{name}: {why}") })
}

fn of_run(message: Message, run: &Track) -> Option<String> {
    let control = &run.scene.control;
    let is_full = !control.is_slow() && message == Message::Faster;
    let why = match message {
        Message::Step(..) if !control.paused => {
            "steps are for a paused program: space first"
        }
        Message::Step(..) if control.held.is_empty() => {
            let threads = run.view.threads.iter();
            let asleep: Vec<_> = threads.filter(|it| it.in_call).collect();
            let [only] = asleep[..] else {
                let why = "all threads are asleep: the step lasts until";
                let why = format!("{why} one wakes");
                return (!asleep.is_empty()).then_some(why);
            };
            let lasts = "the step lasts until it wakes";
            let call = only.kind.name();
            return Some(format!("the thread is asleep in {call}: {lasts}"));
        }
        Message::Slower | Message::Faster => match (is_full, control.paused) {
            (true, false) => "it runs at full speed already",
            (true, true) => "paused; space lets it go on at full speed",
            (false, true) => "the new speed counts when it goes on: space",
            (false, false) => return None,
        },
        _ => return client(message, run)?.err(),
    };
    Some(why.into())
}

/// The client that is meant, or why it cannot do it; `None` of other
/// messages.
pub(super) fn client(
    message: Message,
    run: &Track,
) -> Option<Result<u32, String>> {
    let sends = match message {
        Message::Type { .. } | Message::HalfClose | Message::Boom => true,
        Message::StopOrStartReading | Message::Close | Message::Reset => false,
        _ => return None,
    };
    let Some(id) = run.state.hand_client(run.scene) else {
        return Some(Err("there is no client by hand: c connects one".into()));
    };
    let client = run.scene.hand.iter().find(|it| it.number == id)?;
    let why = match client.state {
        _ if !client.state.is_here() => "over: c connects another",
        HandState::HalfClosed if sends => "half-closed: it can send no more",
        _ => return Some(Ok(id)),
    };
    Some(Err(format!("client {id} by hand is {why}")))
}
