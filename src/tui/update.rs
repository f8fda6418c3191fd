//! One message, what it changes, and what the programs are asked to do.

use super::keys::{Message, Move};
use super::layout::{self, TrackRegions};
use super::prompt::{Prompt, Purpose};
use super::screen::{
    Arrangement, CodeSource, Dialog, Pane, PaneScroll, Screen, SocketOrder,
    TrackState,
};
use super::stage::Picture;
use super::{columns, panes, refusals, travel};
use crate::probe::LISTENER;
use crate::view::{Direction, Scene, Seek, Stride};
use ratatui::layout::{Position, Rect, Size};

/// Whose program, or which recording, is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// That of every run.
    All,
    /// That of the run at this place.
    Track(usize),
}

/// What a program, or a recording, is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hold every thread at its next call.
    Pause,
    /// Let them go on.
    Resume,
    /// Let this much happen.
    Step(Stride),
    /// More time between calls.
    Slower,
    /// Less time between calls.
    Faster,
    /// Stop, with the grace period; the second time, at once.
    Quit,
    /// What SIGINT does.
    Interrupt,
    /// Connect a client.
    Connect,
    /// Send text.
    Say {
        /// Which client.
        client: u32,
        /// The text.
        text: String,
        /// Whether the end of the line follows.
        newline: bool,
    },
    /// Read no more for now.
    StopReading(u32),
    /// Read again.
    StartReading(u32),
    /// End the client's side.
    HalfClose(u32),
    /// Close.
    Close(u32),
    /// Close with a reset.
    Reset(u32),
    /// Say `boom`.
    Boom(u32),
    /// A recording is to stand elsewhere, or to play.
    Seek(Seek),
}

/// Takes a message in and says what the programs are asked to do.
pub fn update(
    screen: &mut Screen,
    message: Message,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    if let Message::Resize(size) = message {
        screen.size = size;
        return Vec::new();
    }
    screen.said = refusals::unavailable(message, screen, picture);
    if screen.said.is_some() {
        return Vec::new();
    }
    screen.said = refusals::hint(message, screen, picture);
    if let Some(seek) = travel::pointed(screen, message, picture) {
        return travel::go(screen, seek);
    }
    match message {
        Message::PauseOrPlay if picture.playback.is_some() => {
            travel::go(screen, Seek::PlayOrPause)
        }
        Message::PauseOrPlay if picture.is_paused() => all(Effect::Resume),
        Message::PauseOrPlay => all(Effect::Pause),
        Message::Slower if picture.playback.is_some() => {
            travel::go(screen, Seek::Slower)
        }
        Message::Faster if picture.playback.is_some() => {
            travel::go(screen, Seek::Faster)
        }
        Message::Slower => all(Effect::Slower),
        Message::Faster => all(Effect::Faster),
        Message::Quit => all(Effect::Quit),
        Message::Interrupt => all(Effect::Interrupt),
        Message::Step(stride, direction) => {
            step(screen, (stride, direction), picture)
        }
        Message::Jump(jump) => travel::jump(screen, jump),
        Message::Back if travel::is_busy(screen, picture) => {
            travel::go(screen, Seek::GiveUp)
        }
        Message::Connect => connect(screen),
        Message::Enter => enter(screen, picture),
        Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => to_clients(screen, message, picture),
        looking => {
            look(screen, looking, picture);
            Vec::new()
        }
    }
}

fn all(effect: Effect) -> Vec<(Target, Effect)> {
    vec![(Target::All, effect)]
}

/// The open run, or all that run.
fn meant(screen: &Screen, picture: &Picture) -> Vec<usize> {
    match screen.open {
        Some(place) => vec![place],
        None => picture.running().collect(),
    }
}

fn step(
    screen: &mut Screen,
    (stride, direction): (Stride, Direction),
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    if picture.playback.is_some() {
        return travel::go(screen, Seek::Step(stride, direction));
    }
    if !matches!(stride, Stride::LoopStep | Stride::Task) {
        let target = screen.open.map_or(Target::All, Target::Track);
        return vec![(target, Effect::Step(stride))];
    }
    let has_tasks =
        |at: &usize| picture.scene(*at).is_some_and(Scene::has_tasks);
    let loops = meant(screen, picture).into_iter().filter(has_tasks);
    loops.map(|at| (Target::Track(at), Effect::Step(stride))).collect()
}

fn connect(screen: &mut Screen) -> Vec<(Target, Effect)> {
    let Some(place) = screen.open else { return all(Effect::Connect) };
    let normal = screen.arrangement == Arrangement::Normal;
    if let Some(track) = screen.tracks.get_mut(place) {
        track.hand = None;
        track.sockets.selected = None;
        if normal {
            track.focus = Pane::Hand;
        }
    }
    vec![(Target::Track(place), Effect::Connect)]
}

/// Asks the client of each run that is meant, if it can do that.
fn for_clients(
    screen: &Screen,
    message: Message,
    picture: &Picture,
    effect: impl Fn(u32, &Scene) -> Option<Effect>,
) -> Vec<(Target, Effect)> {
    let asked = meant(screen, picture).into_iter().filter_map(|at| {
        let (track, scene) = (screen.tracks.get(at)?, picture.scene(at)?);
        if refusals::of_client(message, track, scene).is_some() {
            return None;
        }
        let client = track.hand_client(scene)?;
        Some((Target::Track(at), effect(client, scene)?))
    });
    asked.collect()
}

fn to_clients(
    screen: &Screen,
    message: Message,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    for_clients(screen, message, picture, |client, scene| {
        let reads = scene.hand.iter().find(|it| it.number == client)?.reading;
        Some(match message {
            Message::StopOrStartReading if reads => Effect::StopReading(client),
            Message::StopOrStartReading => Effect::StartReading(client),
            Message::HalfClose => Effect::HalfClose(client),
            Message::Close => Effect::Close(client),
            Message::Reset => Effect::Reset(client),
            Message::Boom => Effect::Boom(client),
            _ => return None,
        })
    })
}

/// Does what was typed, opens the chosen run or the chosen socket's detail.
fn enter(screen: &mut Screen, picture: &Picture) -> Vec<(Target, Effect)> {
    match std::mem::take(&mut screen.dialog) {
        Dialog::Prompt(prompt) => match prompt.purpose {
            Purpose::Say { newline, .. } => {
                say(screen, prompt.text(), newline, picture)
            }
            Purpose::GoTo => travel::go_to(screen, prompt, picture),
            Purpose::Search => travel::search(screen, &prompt),
        },
        Dialog::Help(_) | Dialog::Detail(..) => Vec::new(),
        Dialog::None => {
            match screen.open {
                Some(place) => open_detail(screen, place, picture),
                None if screen.chosen < picture.tracks.len() => {
                    screen.open = Some(screen.chosen);
                }
                None => {}
            }
            Vec::new()
        }
    }
}

fn say(
    screen: &Screen,
    text: &str,
    newline: bool,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    if text.is_empty() && !newline {
        return Vec::new();
    }
    let message = Message::Type { newline };
    for_clients(screen, message, picture, |client, _| {
        Some(Effect::Say { client, text: text.to_owned(), newline })
    })
}

fn open_detail(screen: &mut Screen, place: usize, picture: &Picture) {
    let Some(scene) = picture.scene(place) else { return };
    let selected = screen.tracks[place].sockets.selected;
    let socket = selected.unwrap_or(LISTENER);
    let mut known = screen.view(place, scene).sockets.iter();
    if known.any(|it| it.id == socket) {
        screen.tracks[place].sockets.selected = Some(socket);
        screen.dialog = Dialog::Detail(socket, 0);
    }
}

/// What changes the screen alone.
fn look(screen: &mut Screen, message: Message, picture: &Picture) {
    match message {
        Message::Freeze => screen.freeze(picture),
        Message::NextPane => focus(screen, 1, picture),
        Message::PreviousPane => focus(screen, Pane::ALL.len() - 1, picture),
        Message::NextTrack(direction) => choose_beside(screen, direction),
        Message::Track(place) => choose(screen, place.into()),
        Message::Move(by) => move_by(screen, by, picture),
        Message::Back => back(screen),
        Message::Type { newline } => type_line(screen, newline, picture),
        Message::Edit(request) => {
            if let Dialog::Prompt(prompt) = &mut screen.dialog {
                prompt.edit(request);
            }
        }
        Message::Presenter => {
            screen.arrangement = match screen.arrangement {
                Arrangement::Normal => Arrangement::Presenter,
                Arrangement::Presenter => Arrangement::Normal,
            }
        }
        Message::Theme => screen.look.theme = screen.look.theme.next(),
        Message::Help => screen.dialog = Dialog::Help(0),
        Message::Click(at) => click(screen, at, picture),
        Message::Wheel(at, rows) => {
            if matches!(screen.dialog, Dialog::None) && screen.open.is_some() {
                click(screen, at, picture);
            }
            let by = if rows < 0 { Move::Up } else { Move::Down };
            (0..rows.unsigned_abs()).for_each(|_| move_by(screen, by, picture));
        }
        of_track => {
            let open = screen.open.and_then(|it| screen.tracks.get_mut(it));
            if let Some(track) = open {
                look_at_track(track, of_track);
            }
        }
    }
}

/// What changes the view of the open run alone.
fn look_at_track(track: &mut TrackState, message: Message) {
    match message {
        Message::Sort => {
            track.sockets.sort = match track.sockets.sort {
                SocketOrder::Number => SocketOrder::Activity,
                SocketOrder::Activity => SocketOrder::Number,
            }
        }
        Message::Filter => {
            track.sockets.only = !track.sockets.only;
            track.sockets.selected = track.sockets.selected.or(Some(LISTENER));
            track.scroll.events = 0;
        }
        Message::Source => {
            track.scroll.code = None;
            track.source = match track.source {
                CodeSource::Mode => CodeSource::Loop,
                CodeSource::Loop => CodeSource::Mode,
            }
        }
        _ => {}
    }
}

fn choose(screen: &mut Screen, place: usize) {
    if place < screen.tracks.len() {
        screen.chosen = place;
        screen.open = screen.open.map(|_| place);
    }
}

fn choose_beside(screen: &mut Screen, direction: Direction) {
    let runs = screen.tracks.len().max(1);
    let by = match direction {
        Direction::Forwards => 1,
        Direction::Backwards => runs - 1,
    };
    choose(screen, (screen.chosen + by) % runs);
}

/// The next pane that there is, or the next column.
fn focus(screen: &mut Screen, step: usize, picture: &Picture) {
    let Some(place) = screen.open else {
        let direction = match step {
            1 => Direction::Forwards,
            _ => Direction::Backwards,
        };
        return choose_beside(screen, direction);
    };
    let Some(scene) = picture.scene(place) else { return };
    let presents = screen.presents();
    let reachable = |pane: &Pane| match pane {
        Pane::Code => true,
        Pane::Tasks => scene.has_tasks(),
        Pane::Sockets => !presents || !scene.has_tasks(),
        Pane::Hand => !presents && !scene.hand.is_empty(),
        _ => !presents,
    };
    let track = &mut screen.tracks[place];
    let mut steps = (1..=Pane::ALL.len()).map(|n| track.focus.step(n * step));
    track.focus = steps.find(reachable).unwrap_or(track.focus);
}

/// Leaves the nearest thing that can be left.
fn back(screen: &mut Screen) {
    if !matches!(screen.dialog, Dialog::None) {
        screen.dialog = Dialog::None;
        return;
    }
    let Some(place) = screen.open else {
        screen.first_socket = 0;
        return;
    };
    let several = screen.tracks.len() > 1;
    let Some(track) = screen.tracks.get_mut(place) else { return };
    if track.sockets.only {
        track.sockets.only = false;
    } else if track.sockets.selected.is_some() {
        track.sockets.selected = None;
    } else if several && track.is_at_rest() {
        screen.open = None;
    } else {
        track.scroll = PaneScroll::default();
    }
}

/// Opens a prompt for the client that is meant, or for one of each run.
fn type_line(screen: &mut Screen, newline: bool, picture: &Picture) {
    let message = Message::Type { newline };
    let clients = meant(screen, picture).into_iter().filter_map(|at| {
        let (track, scene) = (screen.tracks.get(at)?, picture.scene(at)?);
        let refused = refusals::of_client(message, track, scene).is_some();
        track.hand_client(scene).filter(|_| !refused)
    });
    let clients: Vec<_> = clients.collect();
    if let Some(first) = clients.first() {
        let client = screen.open.map(|_| *first);
        let purpose = Purpose::Say { client, newline };
        screen.dialog = Dialog::Prompt(Prompt::new(purpose));
    }
}

/// Where everything of the open run is, if there is one and room for it.
pub(super) fn track_regions(
    screen: &Screen,
    picture: &Picture,
) -> Option<TrackRegions> {
    let place = screen.open?;
    let scene = picture.scene(place)?;
    let area = screen.open_area(whole(screen.size));
    layout::regions(area, screen, screen.tracks.get(place)?, scene)
}

/// The whole terminal.
pub(super) fn whole(size: Size) -> Rect {
    Rect::from((Position::ORIGIN, size))
}

/// Chooses the pane or the column at this place.
fn click(screen: &mut Screen, at: Position, picture: &Picture) {
    if let Some(place) = screen.open {
        let regions = track_regions(screen, picture);
        let pane = regions.and_then(|it| it.pane_at(at));
        if let Some((track, pane)) = screen.tracks.get_mut(place).zip(pane) {
            track.focus = pane;
        }
        return;
    }
    let regions = columns::regions(screen, picture, whole(screen.size));
    if let Some(place) = regions.and_then(|it| it.track_at(at.x)) {
        choose(screen, place);
    }
}

/// Moves in the dialog, in the focused pane, or through the sockets of all
/// runs.
fn move_by(screen: &mut Screen, by: Move, picture: &Picture) {
    let page = page(screen, picture);
    let open = screen.open.zip(screen.open.and_then(|it| picture.scene(it)));
    let help_rows = panes::help::rows(screen, picture, screen.size.width);
    match (&mut screen.dialog, open) {
        (Dialog::Help(top), _) => *top = moved(*top, by, page, help_rows),
        (Dialog::Detail(_, from_end), Some((_, scene))) => {
            let entries = scene.history.len();
            *from_end = moved(*from_end, by.turned(), page, entries);
        }
        (Dialog::Prompt(_) | Dialog::Detail(..), _) => {}
        (Dialog::None, Some((place, scene))) => {
            move_in_pane(screen, place, by, page, scene);
        }
        (Dialog::None, None) => {
            let tracks = picture.tracks.iter().enumerate();
            let rows = tracks
                .map(|(place, it)| screen.view(place, &it.scene).sockets.len());
            let rows = rows.max().unwrap_or(0);
            screen.first_socket = moved(screen.first_socket, by, page, rows);
        }
    }
}

fn move_in_pane(
    screen: &mut Screen,
    place: usize,
    by: Move,
    page: usize,
    scene: &Scene,
) {
    let regions = screen.tracks.get(place).and_then(|track| {
        let area = screen.open_area(whole(screen.size));
        layout::regions(area, screen, track, scene)
    });
    let view = screen.view(place, scene);
    let track = &screen.tracks[place];
    let mut scroll = track.scroll;
    let mut sockets = track.sockets;
    let mut hand = track.hand;
    match track.focus {
        Pane::Code if by == Move::End => scroll.code = None,
        Pane::Code => {
            let lines = track.source(scene).text.lines().count();
            let from = scroll.code.unwrap_or(0);
            scroll.code = Some(moved(from, by, page, lines));
        }
        Pane::Sockets => {
            let order = track.order(view);
            let id = |at: &usize| view.sockets[*at].id;
            let chosen = sockets.selected;
            let row = order.iter().position(|at| Some(id(at)) == chosen);
            let row = row.map_or(0, |row| moved(row, by, page, order.len()));
            sockets.selected = order.get(row).map(id);
        }
        Pane::Tasks => {
            scroll.tasks = moved(scroll.tasks, by, page, view.tasks.len());
        }
        Pane::Turns => {}
        Pane::Events => {
            let events = view.events.iter().filter(|it| track.shows(it));
            let events = events.count();
            scroll.events = moved(scroll.events, by.turned(), page, events);
        }
        Pane::Findings => {
            let area = regions.and_then(|it| it.of(Pane::Findings));
            let width = area.map_or(0, |area| area.width.into());
            let rows = panes::findings::rows(&view.findings, width);
            scroll.findings = moved(scroll.findings, by, page, rows);
        }
        Pane::Hand => {
            let chosen = track.hand_client(scene);
            let mut ids = scene.hand.iter().map(|it| it.number);
            let row = ids.position(|id| Some(id) == chosen).unwrap_or(0);
            let row = moved(row, by, page, scene.hand.len());
            hand = scene.hand.get(row).map(|it| it.number);
            sockets.selected = None;
        }
    }
    let track = &mut screen.tracks[place];
    (track.scroll, track.sockets, track.hand) = (scroll, sockets, hand);
}

/// The number of rows in a page.
fn page(screen: &Screen, picture: &Picture) -> usize {
    let area = match (&screen.dialog, screen.open) {
        (Dialog::None, Some(place)) => {
            let focus = screen.tracks.get(place).map(|it| it.focus);
            let regions = track_regions(screen, picture);
            regions.zip(focus).and_then(|(it, focus)| it.of(focus))
        }
        (Dialog::None, None) => {
            let all = columns::regions(screen, picture, whole(screen.size));
            all.and_then(|it| it.sockets())
        }
        _ => Some(whole(screen.size)),
    };
    area.map_or(1, |area| area.height.saturating_sub(2).max(1).into())
}

/// A row of a list of this length, moved; it stays within.
fn moved(from: usize, by: Move, page: usize, length: usize) -> usize {
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

impl Move {
    /// The same move where places are counted from the end.
    const fn turned(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
            Self::PageUp => Self::PageDown,
            Self::PageDown => Self::PageUp,
            Self::Home => Self::End,
            Self::End => Self::Home,
        }
    }
}
