//! Handles a message: changes the screen's state and returns effects.

use super::columns::ColumnRegions;
use super::context::{ScreenContext, Track};
use super::keys::{Message, Move};
use super::layout::{TrackRegions, chrome};
use super::panes::{self, events, glossary, help, notice, scrubber};
use super::refusals;
use super::screen::{
    Dialog, Pane, PaneScroll, Purpose, Screen, TrackState, drawable,
};
use super::stage::{Effect, Picture, Target};
use crate::load::ClientOrder;
use crate::probe::LISTENER;
use crate::units::{parse_time, show_count};
use crate::view::Seek::{self, Finding, OfSocket, Step, ToEvent};
use crate::view::{Direction, Playback};
use ratatui::layout::{Position, Rect};
use std::time::Duration;
use strum::VariantArray as _;
use tui_input::{Input, InputRequest};

/// Rows of the wheel for a whole recording: a notch of three rows is 1 %.
const WHEEL_ROWS: f32 = 300.0;

/// The longest line that can be typed, in characters.
const LONGEST_LINE: usize = 1_024;

/// Handles a message and returns the effects for the programs.
pub fn update(
    screen: &mut Screen,
    message: Message,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let cx = ScreenContext { screen, picture };
    if let Some(why) = refusals::unavailable(message, &cx) {
        screen.said = Some(screen.keys.words(&why));
        return Vec::new();
    }
    let hint = refusals::hint(message, &cx);
    let hint = hint.map(|it| screen.keys.words(&it));
    let asked = asked(message, &cx);
    screen.said = hint;
    if let Some(effect) = asked {
        return go(screen, effect, picture);
    }
    match message {
        Message::Quit => return vec![(None, Effect::Quit)],
        Message::Interrupt => return vec![(None, Effect::Interrupt)],
        Message::Suspend => return vec![(None, Effect::Suspend)],
        Message::Connect => {
            choose_client(screen, None);
            return vec![(screen.open, Effect::Connect)];
        }
        Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom
        | Message::Flood => return to_clients(screen, message, "", picture),
        Message::Enter => match std::mem::take(&mut screen.dialog) {
            Dialog::Prompt(purpose, input) => {
                return enter(screen, purpose, input, picture);
            }
            Dialog::None => open(screen, picture),
            Dialog::Help(_) | Dialog::Glossary(_) | Dialog::Detail(..) => {}
        },
        looking => look(screen, looking, picture),
    }
    Vec::new()
}

/// The seek or the search that a message asks for; `None` if it asks for
/// something else.
fn asked(message: Message, cx: &ScreenContext) -> Option<Effect> {
    let seek = match message {
        Message::Seek(seek) => seek,
        Message::Back if cx.is_busy() => Seek::GiveUp,
        Message::OfSocket(direction) => {
            OfSocket(cx.open()?.state.sockets.selected?, direction)
        }
        Message::SearchOn(direction) => {
            let text = cx.screen.searched.clone();
            return Some(Effect::Search(text, direction));
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

/// Adds the target: the open run if the effect is about its events, else all.
/// In a recording, scrolls the events to the end.
fn go(
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

/// The part of the recording, 0 to 1, at a position; `None` beside the bar.
fn part_at(cx: &ScreenContext, at: Position) -> Option<f32> {
    if matches!(cx.screen.dialog, Dialog::Help(_) | Dialog::Glossary(_)) {
        return None;
    }
    let [_, _, _, _, bar, ..] = chrome(cx.screen.size.into(), cx)?;
    scrubber::part(cx, bar, at)
}

/// Parses a place in a recording: `1.25s`, `250ms`, `12.5` (seconds), `3:05.1`,
/// `50%`, `event 1,234`.
fn parse_place(text: &str, playback: &Playback) -> Result<Seek, String> {
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

/// Parses `minutes:seconds` or a time; without a unit it is in seconds.
fn time(text: &str) -> Option<Duration> {
    let (minutes, seconds) = text.split_once(':').unwrap_or(("0", text));
    let is_bare = seconds.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let unit = if is_bare { "s" } else { "" };
    let seconds = parse_time(&format!("{seconds}{unit}")).ok()?;
    let minutes: u32 = minutes.parse().ok()?;
    (Duration::from_secs(60) * minutes).checked_add(seconds)
}

/// The order for the client of each run concerned, unless it cannot obey.
fn to_clients(
    screen: &Screen,
    message: Message,
    text: &str,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let order = |run: Track| {
        let client = refusals::client(message, &run)?.ok()?;
        let order = match message {
            Message::StopOrStartReading => ClientOrder::Read(!client.reading),
            Message::HalfClose => ClientOrder::HalfClose,
            Message::Close => ClientOrder::Close,
            Message::Reset => ClientOrder::Reset,
            Message::Boom => ClientOrder::Say("boom\n".into()),
            Message::Flood => ClientOrder::Flood,
            _ => ClientOrder::Say(text.into()),
        };
        Some((Some(run.place), Effect::Client(client.number, order)))
    };
    let cx = ScreenContext { screen, picture };
    cx.meant().filter_map(order).collect()
}

/// Submits the typed line; an invalid place stays in the prompt.
fn enter(
    screen: &mut Screen,
    purpose: Purpose,
    input: Input,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let text = input.value();
    match purpose {
        Purpose::Say { newline, .. } => {
            let text = format!("{text}{}", if newline { "\n" } else { "" });
            if text.is_empty() {
                return Vec::new();
            }
            to_clients(screen, Message::Type { newline }, &text, picture)
        }
        Purpose::GoTo => {
            let playback = (ScreenContext { screen, picture }).playback();
            let playback = playback.filter(|_| !text.trim().is_empty());
            let Some(playback) = playback else { return Vec::new() };
            match parse_place(text.trim(), playback) {
                Ok(seek) => update(screen, Message::Seek(seek), picture),
                Err(why) => {
                    screen.said = Some(why);
                    screen.dialog = Dialog::Prompt(purpose, input);
                    Vec::new()
                }
            }
        }
        Purpose::Search => {
            if !text.is_empty() {
                text.clone_into(&mut screen.searched);
            }
            let again = Message::SearchOn(Direction::Forwards);
            update(screen, again, picture)
        }
    }
}

/// Opens the selected run or, in an open run, the selected socket's details.
fn open(screen: &mut Screen, picture: &Picture) {
    let Some(run) = (ScreenContext { screen, picture }).open() else {
        let is_shown = screen.chosen < picture.tracks.len();
        screen.open = is_shown.then_some(screen.chosen);
        return;
    };
    let socket = run.state.sockets.selected.unwrap_or(LISTENER);
    let place = run.place;
    if run.view.sockets.iter().any(|it| it.count.id == socket) {
        screen.tracks[place].sockets.selected = Some(socket);
        screen.dialog = Dialog::Detail(socket, 0);
    }
}

/// Handles the messages that change only the screen.
fn look(screen: &mut Screen, message: Message, picture: &Picture) {
    match (message, screen.open_track()) {
        (Message::Resize(size), _) => screen.size = drawable(size),
        (Message::Freeze, _) => {
            let views =
                || picture.tracks.iter().map(|it| it.scene.view.clone());
            screen.frozen = match screen.frozen {
                Some(_) => None,
                None => Some((views().collect(), picture.comparison.cloned())),
            };
        }
        (Message::NextPane(direction), _) => focus(screen, direction, picture),
        (Message::NextTrack(direction), _) => {
            let all = screen.tracks.len();
            choose(screen, beside(screen.chosen, direction, all));
        }
        (Message::Number(number), _) if picture.tracks.len() > 1 => {
            choose(screen, usize::from(number) - 1);
        }
        (Message::Number(number), _) => {
            choose_client(screen, Some(number.into()));
        }
        (Message::Move(by), _) => move_by(screen, by, picture),
        (Message::Back, _) => back(screen),
        (Message::GoTo, _) => screen.prompt(Purpose::GoTo),
        (Message::Search, _) => screen.prompt(Purpose::Search),
        (Message::Type { newline }, _) => {
            let cx = ScreenContext { screen, picture };
            let client =
                |it: Track| Some(refusals::client(message, &it)?.ok()?.number);
            let first = cx.meant().find_map(client);
            if first.is_some() {
                let client = first.filter(|_| screen.open.is_some());
                screen.prompt(Purpose::Say { client, newline });
            }
        }
        (Message::Edit(request), _) => {
            let inserts = matches!(request, InputRequest::InsertChar(_));
            if let Dialog::Prompt(_, input) = &mut screen.dialog
                && !(inserts && input.value().chars().count() >= LONGEST_LINE)
            {
                input.handle(request);
            }
        }
        (Message::Presenter, _) => screen.presents = !screen.presents,
        (Message::Theme, _) => screen.look.theme = screen.look.theme.next(),
        (Message::Help, _) => screen.dialog = Dialog::Help(0),
        (Message::Glossary, _) => screen.dialog = Dialog::Glossary(0),
        (Message::Click(at), _) => click(screen, at, picture),
        (Message::Wheel(at, rows), _) => {
            if matches!(screen.dialog, Dialog::None) && screen.open.is_some() {
                click(screen, at, picture);
            }
            let by = if rows < 0 { Move::Up } else { Move::Down };
            (0..rows.unsigned_abs()).for_each(|_| move_by(screen, by, picture));
        }
        (Message::Sort, Some(track)) => track.sockets.by_activity ^= true,
        (Message::Filter, Some(track)) => {
            track.sockets.only ^= true;
            track.sockets.selected.get_or_insert(LISTENER);
            track.scroll.events = 0;
        }
        (Message::Source, Some(track)) => {
            track.scroll.code = None;
            track.shows_loop ^= true;
        }
        _ => {}
    }
}

/// Selects a client by hand, the last one made if `None`; its pane has the
/// focus if it is shown.
fn choose_client(screen: &mut Screen, number: Option<u32>) {
    let focus = (!screen.presents).then_some(Pane::Hand);
    if let Some(track) = screen.open_track() {
        track.hand = number;
        track.sockets.selected = None;
        track.focus = focus.unwrap_or(track.focus);
    }
}

fn choose(screen: &mut Screen, place: usize) {
    if place < screen.tracks.len() {
        screen.chosen = place;
        screen.open = screen.open.map(|_| place);
    }
}

/// The index after or before this one; the ends are joined.
const fn beside(place: usize, direction: Direction, places: usize) -> usize {
    match direction {
        Direction::Forwards => (place + 1) % places,
        Direction::Backwards => (place + places - 1) % places,
    }
}

/// Focuses the next available pane; side by side, selects the next column.
fn focus(screen: &mut Screen, direction: Direction, picture: &Picture) {
    let Some(run) = (ScreenContext { screen, picture }).open() else {
        return look(screen, Message::NextTrack(direction), picture);
    };
    let is_reachable = |pane| match pane {
        Pane::Code | Pane::Sockets => true,
        Pane::Tasks => run.scene.has_tasks(),
        Pane::Hand => !run.presents && !run.scene.hand.is_empty(),
        _ => !run.presents,
    };
    let (place, mut focus) = (run.place, run.state.focus as usize);
    focus = loop {
        focus = beside(focus, direction, Pane::VARIANTS.len());
        if is_reachable(Pane::VARIANTS[focus]) {
            break focus;
        }
    };
    screen.tracks[place].focus = Pane::VARIANTS[focus];
}

/// Leaves the innermost of dialog, filter, selection, scrolling, open run.
fn back(screen: &mut Screen) {
    let several = screen.tracks.len() > 1;
    if !matches!(screen.dialog, Dialog::None) {
        screen.dialog = Dialog::None;
    } else if let Some(track) = screen.open_track() {
        if track.sockets.only {
            track.sockets.only = false;
        } else if track.sockets.selected.is_some() {
            track.sockets.selected = None;
        } else if several && track.scroll == PaneScroll::default() {
            screen.open = None;
        } else {
            track.scroll = PaneScroll::default();
        }
    } else {
        screen.first_socket = 0;
    }
}

/// Focuses the pane, or selects the column, at this position.
fn click(screen: &mut Screen, at: Position, picture: &Picture) {
    let (cx, area) = (ScreenContext { screen, picture }, screen.size.into());
    if let Some(regions) = TrackRegions::new(area, &cx) {
        let mut panes = regions.panes.into_iter();
        let pane = panes.find(|(_, area)| area.contains(at));
        if let Some((track, (pane, _))) = screen.open_track().zip(pane) {
            track.focus = pane;
        }
    } else if screen.open.is_none()
        && let Some(regions) = ColumnRegions::new(&cx, area)
        && let Some(place) = regions.track_at(at)
    {
        choose(screen, place);
    }
}

/// Moves in the dialog, in the focused pane, or through the sockets of all
/// runs.
fn move_by(screen: &mut Screen, by: Move, picture: &Picture) {
    let cx = ScreenContext { screen, picture };
    let whole = Rect::from(screen.size);
    match (&screen.dialog, cx.open()) {
        (Dialog::Help(top), _) => {
            let rows = help::all(&cx, whole.width).len();
            screen.dialog = Dialog::Help(moved(*top, by, whole, rows));
        }
        (Dialog::Glossary(top), _) => {
            let rows = glossary::all(cx.look(), whole.width).len();
            screen.dialog = Dialog::Glossary(moved(*top, by, whole, rows));
        }
        (Dialog::Detail(socket, from_end), Some(run)) => {
            let entries = run.scene.history.len();
            let from_end = moved_from_end(*from_end, by, whole, entries);
            screen.dialog = Dialog::Detail(*socket, from_end);
        }
        (Dialog::Prompt(..) | Dialog::Detail(..), _) => {}
        (Dialog::None, Some(run)) => {
            let regions = TrackRegions::new(whole, &cx);
            let area = regions.and_then(|it| it.of(run.state.focus));
            let track = move_in_pane(&run, by, area.unwrap_or_default());
            let place = run.place;
            screen.tracks[place] = track;
        }
        (Dialog::None, None) => {
            let area = ColumnRegions::new(&cx, whole);
            let area = area.and_then(|it| it.sockets()).unwrap_or_default();
            let rows = cx.tracks().map(|it| it.view.sockets.len()).max();
            let rows = rows.unwrap_or_default();
            screen.first_socket = moved(screen.first_socket, by, area, rows);
        }
    }
}

fn move_in_pane(run: &Track, by: Move, area: Rect) -> TrackState {
    let (mut track, view) = (run.state.clone(), run.view);
    let TrackState { scroll, sockets, .. } = &mut track;
    match run.state.focus {
        Pane::Code if by == Move::End => scroll.code = None,
        Pane::Code => {
            let lines = run.state.source(run.scene).text.lines().count();
            let from = scroll.code.unwrap_or(0);
            scroll.code = Some(moved(from, by, area, lines));
        }
        Pane::Sockets => {
            // Its first row has the title.
            let height = area.height.saturating_sub(1);
            let rows = panes::sockets::rows(Rect { height, ..area });
            let order = run.state.order(view, rows);
            let id = |at: &usize| view.sockets[*at].count.id;
            let chosen = sockets.selected;
            let row = order.iter().position(|at| Some(id(at)) == chosen);
            let row = row.map_or(0, |row| moved(row, by, area, order.len()));
            sockets.selected = order.get(row).map(id);
        }
        Pane::Tasks => {
            scroll.tasks = moved(scroll.tasks, by, area, view.tasks.len());
        }
        Pane::Turns => {}
        Pane::Events => {
            let shown = view.events.iter().filter(|it| run.state.shows(it));
            let shown = shown.count();
            scroll.events = moved_from_end(scroll.events, by, area, shown);
        }
        Pane::Findings => {
            let rows = events::all_findings(run, area.width.into()).len();
            scroll.findings = moved(scroll.findings, by, area, rows);
        }
        Pane::Hand => {
            let hand = &run.scene.hand;
            let chosen = run.state.hand_client(run.scene);
            let row = hand.iter().position(|it| Some(it) == chosen);
            let row = moved(row.unwrap_or(0), by, area, hand.len());
            sockets.selected = None;
            track.hand = hand.get(row).map(|it| it.number);
        }
    }
    track
}

/// Moves a row index within a list; the height of `area` is that of a page.
fn moved(from: usize, by: Move, area: Rect, length: usize) -> usize {
    let page = usize::from(area.height.saturating_sub(2).max(1));
    let to = match by {
        Move::Up => from.saturating_sub(1),
        Move::Down => from + 1,
        Move::PageUp => from.saturating_sub(page),
        Move::PageDown => from + page,
        Move::Home => 0,
        Move::End => usize::MAX,
    };
    to.min(length.saturating_sub(1))
}

/// Like [`moved`], for a row that is counted from the end.
fn moved_from_end(from: usize, by: Move, area: Rect, length: usize) -> usize {
    let last = length.saturating_sub(1);
    last - moved(last.saturating_sub(from), by, area, length)
}
