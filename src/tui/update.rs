//! One message, what it changes, and what the programs are asked to do.

use super::columns::ColumnRegions;
use super::context::{ScreenContext, Track};
use super::keys::{Message, Move};
use super::layout::{TrackRegions, whole};
use super::screen::{Dialog, Pane, PaneScroll, Purpose, Screen, TrackState};
use super::stage::{Effect, Picture, Target};
use super::{panes, refusals, travel};
use crate::load::ClientOrder;
use crate::probe::LISTENER;
use crate::view::{Direction, Seek, Stride};
use ratatui::layout::Position;

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
    let cx = ScreenContext::new(screen, picture);
    let refused = refusals::unavailable(message, &cx);
    if refused.is_some() {
        screen.said = refused;
        return Vec::new();
    }
    let hint = refusals::hint(message, &cx);
    let pointed = travel::pointed(&cx, message);
    let is_busy = cx.is_busy();
    screen.said = hint;
    if let Some(seek) = pointed {
        return travel::go(screen, seek);
    }
    let recorded = |seek| picture.playback.map(|_| seek);
    let all = |effect| vec![(Target::All, effect)];
    let (seek, effect) = match message {
        Message::PauseOrPlay if picture.is_paused() => {
            (recorded(Seek::PlayOrPause), Effect::Resume)
        }
        Message::PauseOrPlay => (recorded(Seek::PlayOrPause), Effect::Pause),
        Message::Slower => (recorded(Seek::Slower), Effect::Slower),
        Message::Faster => (recorded(Seek::Faster), Effect::Faster),
        Message::Quit => (None, Effect::Quit),
        Message::Interrupt => (None, Effect::Interrupt),
        Message::Step(stride, direction) => {
            return step(screen, (stride, direction), picture);
        }
        Message::Seek(Seek::SearchOn(_)) if screen.searched.is_empty() => {
            return Vec::new();
        }
        Message::Seek(seek) => return travel::go(screen, seek),
        Message::Back if is_busy => return travel::go(screen, Seek::GiveUp),
        Message::Connect => return connect(screen),
        Message::Enter => return enter(screen, picture),
        Message::OfSocket(direction) => {
            let open = screen.open.and_then(|it| screen.tracks.get(it));
            let socket = open.and_then(|it| it.sockets.selected);
            let Some(socket) = socket else { return Vec::new() };
            return travel::go(screen, Seek::OfSocket(socket, direction));
        }
        Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => return to_clients(screen, message, "", picture),
        looking => {
            look(screen, looking, picture);
            return Vec::new();
        }
    };
    match seek {
        Some(seek) => travel::go(screen, seek),
        None => all(effect),
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
    let cx = ScreenContext::new(screen, picture);
    let loops = cx.meant().filter(|it| it.scene.has_tasks());
    let step = |it: Track| (Target::Track(it.place), Effect::Step(stride));
    loops.map(step).collect()
}

fn connect(screen: &mut Screen) -> Vec<(Target, Effect)> {
    let target = screen.open.map_or(Target::All, Target::Track);
    let open = screen.open.and_then(|it| screen.tracks.get_mut(it));
    if let Some(track) = open {
        track.hand = None;
        track.sockets.selected = None;
        if !screen.presents {
            track.focus = Pane::Hand;
        }
    }
    vec![(target, Effect::Connect)]
}

/// What the client of each run that is meant is asked to do, if it can.
fn to_clients(
    screen: &Screen,
    message: Message,
    text: &str,
    picture: &Picture,
) -> Vec<(Target, Effect)> {
    let order = |run: Track| {
        let id = refusals::client(message, &run)?.ok()?;
        let client = run.scene.hand.iter().find(|it| it.number == id)?;
        let order = match message {
            Message::StopOrStartReading => ClientOrder::Read(!client.reading),
            Message::HalfClose => ClientOrder::HalfClose,
            Message::Close => ClientOrder::Close,
            Message::Reset => ClientOrder::Reset,
            Message::Boom => ClientOrder::Say("boom\n".into()),
            Message::Type { newline } => {
                let end = if newline { "\n" } else { "" };
                ClientOrder::Say(format!("{text}{end}"))
            }
            _ => return None,
        };
        Some((Target::Track(run.place), Effect::Client(id, order)))
    };
    let cx = ScreenContext::new(screen, picture);
    cx.meant().filter_map(order).collect()
}

/// Does what was typed, opens the chosen run or the chosen socket's detail.
fn enter(screen: &mut Screen, picture: &Picture) -> Vec<(Target, Effect)> {
    let prompt = match std::mem::take(&mut screen.dialog) {
        Dialog::Prompt(prompt) => prompt,
        Dialog::Help(_) | Dialog::Detail(..) => return Vec::new(),
        Dialog::None => {
            open(screen, picture);
            return Vec::new();
        }
    };
    let text = prompt.input.value();
    match prompt.purpose {
        Purpose::Say { newline: false, .. } if text.is_empty() => Vec::new(),
        Purpose::Say { newline, .. } => {
            to_clients(screen, Message::Type { newline }, text, picture)
        }
        Purpose::GoTo => travel::go_to(screen, prompt, picture),
        Purpose::Search => travel::search(screen, text),
    }
}

/// Opens the chosen run, or the detail of its chosen socket.
fn open(screen: &mut Screen, picture: &Picture) {
    let Some(place) = screen.open else {
        let is_shown = screen.chosen < picture.tracks.len();
        screen.open = is_shown.then_some(screen.chosen);
        return;
    };
    let Some(scene) = picture.scene(place) else { return };
    let selected = screen.tracks[place].sockets.selected;
    let socket = selected.unwrap_or(LISTENER);
    let mut known = screen.view(place, scene).sockets.iter();
    if known.any(|it| it.count.id == socket) {
        screen.tracks[place].sockets.selected = Some(socket);
        screen.dialog = Dialog::Detail(socket, 0);
    }
}

/// What changes the screen alone.
fn look(screen: &mut Screen, message: Message, picture: &Picture) {
    match message {
        Message::Freeze => screen.freeze(picture),
        Message::NextPane => focus(screen, Direction::Forwards, picture),
        Message::PreviousPane => focus(screen, Direction::Backwards, picture),
        Message::NextTrack(direction) => choose_beside(screen, direction),
        Message::Track(place) => choose(screen, place.into()),
        Message::Move(by) => move_by(screen, by, picture),
        Message::Back => back(screen),
        Message::GoTo => screen.prompt(Purpose::GoTo),
        Message::Search => screen.prompt(Purpose::Search),
        Message::Type { newline } => type_line(screen, newline, picture),
        Message::Edit(request) => {
            if let Dialog::Prompt(prompt) = &mut screen.dialog {
                prompt.edit(request);
            }
        }
        Message::Presenter => screen.presents = !screen.presents,
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
        Message::Sort | Message::Filter | Message::Source => {
            let open = screen.open.and_then(|it| screen.tracks.get_mut(it));
            let Some(TrackState { sockets, scroll, shows_loop, .. }) = open
            else {
                return;
            };
            match message {
                Message::Sort => sockets.by_activity = !sockets.by_activity,
                Message::Filter => {
                    sockets.only = !sockets.only;
                    sockets.selected = sockets.selected.or(Some(LISTENER));
                    scroll.events = 0;
                }
                _ => {
                    scroll.code = None;
                    *shows_loop = !*shows_loop;
                }
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
    choose(screen, beside(screen.chosen, direction, runs));
}

/// The place beside this one of this many, around the end.
fn beside(place: usize, direction: Direction, places: usize) -> usize {
    match direction {
        Direction::Forwards => (place + 1) % places,
        Direction::Backwards => (place + places - 1) % places,
    }
}

/// The next pane that there is, or the next column.
fn focus(screen: &mut Screen, direction: Direction, picture: &Picture) {
    let Some(run) = ScreenContext::new(screen, picture).open() else {
        return choose_beside(screen, direction);
    };
    let is_reachable = |pane| match pane {
        Pane::Code => true,
        Pane::Tasks => run.scene.has_tasks(),
        Pane::Sockets => !run.presents || !run.scene.has_tasks(),
        Pane::Hand => !run.presents && !run.scene.hand.is_empty(),
        _ => !run.presents,
    };
    let (place, mut focus) = (run.place, run.state.focus);
    loop {
        let at = beside(focus as usize, direction, Pane::ALL.len());
        focus = Pane::ALL[at];
        if is_reachable(focus) {
            break;
        }
    }
    screen.tracks[place].focus = focus;
}

/// Leaves the nearest thing that can be left.
fn back(screen: &mut Screen) {
    if !matches!(screen.dialog, Dialog::None) {
        screen.dialog = Dialog::None;
        return;
    }
    let several = screen.tracks.len() > 1;
    let open = screen.open.and_then(|it| screen.tracks.get_mut(it));
    let Some(track) = open else {
        screen.first_socket = 0;
        return;
    };
    if track.sockets.only {
        track.sockets.only = false;
    } else if track.sockets.selected.is_some() {
        track.sockets.selected = None;
    } else if several && track.scroll == PaneScroll::default() {
        screen.open = None;
    } else {
        track.scroll = PaneScroll::default();
    }
}

/// Opens a prompt for the client that is meant, or for one of each run.
fn type_line(screen: &mut Screen, newline: bool, picture: &Picture) {
    let message = Message::Type { newline };
    let client = |it: Track| refusals::client(message, &it)?.ok();
    let cx = ScreenContext::new(screen, picture);
    let first = cx.meant().find_map(client);
    if let Some(first) = first {
        let client = screen.open.map(|_| first);
        screen.prompt(Purpose::Say { client, newline });
    }
}

/// Chooses the pane or the column at this place.
fn click(screen: &mut Screen, at: Position, picture: &Picture) {
    let cx = ScreenContext::new(screen, picture);
    let area = whole(screen);
    if let Some(place) = screen.open {
        let pane = TrackRegions::new(area, &cx).and_then(|it| it.pane_at(at));
        if let Some((track, pane)) = screen.tracks.get_mut(place).zip(pane) {
            track.focus = pane;
        }
        return;
    }
    let regions = ColumnRegions::new(&cx, area);
    if let Some(place) = regions.and_then(|it| it.track_at(at.x)) {
        choose(screen, place);
    }
}

/// Moves in the dialog, in the focused pane, or through the sockets of all
/// runs.
fn move_by(screen: &mut Screen, by: Move, picture: &Picture) {
    let cx = ScreenContext::new(screen, picture);
    let page = page(&cx);
    match (&screen.dialog, cx.open()) {
        (Dialog::Help(top), _) => {
            let rows = panes::help::all(&cx, screen.size.width).len();
            screen.dialog = Dialog::Help(moved(*top, by, page, rows));
        }
        (Dialog::Detail(socket, from_end), Some(run)) => {
            let entries = run.scene.history.len();
            let from_end = moved(*from_end, by.turned(), page, entries);
            screen.dialog = Dialog::Detail(*socket, from_end);
        }
        (Dialog::Prompt(_) | Dialog::Detail(..), _) => {}
        (Dialog::None, Some(run)) => {
            let track = move_in_pane(&cx, &run, by, page);
            let place = run.place;
            screen.tracks[place] = track;
        }
        (Dialog::None, None) => {
            let rows = cx.tracks().map(|it| it.view.sockets.len());
            let rows = rows.max().unwrap_or(0);
            screen.first_socket = moved(screen.first_socket, by, page, rows);
        }
    }
}

fn move_in_pane(
    cx: &ScreenContext,
    run: &Track,
    by: Move,
    page: usize,
) -> TrackState {
    let (mut track, view) = (run.state.clone(), run.view);
    let TrackState { scroll, sockets, .. } = &mut track;
    match run.state.focus {
        Pane::Code if by == Move::End => scroll.code = None,
        Pane::Code => {
            let lines = run.state.source(run.scene).text.lines().count();
            let from = scroll.code.unwrap_or(0);
            scroll.code = Some(moved(from, by, page, lines));
        }
        Pane::Sockets => {
            let order = run.state.order(view);
            let id = |at: &usize| view.sockets[*at].count.id;
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
            let events = view.events.iter().filter(|it| run.state.shows(it));
            let events = events.count();
            scroll.events = moved(scroll.events, by.turned(), page, events);
        }
        Pane::Findings => {
            let regions = TrackRegions::new(whole(cx.screen), cx);
            let area = regions.and_then(|it| it.of(Pane::Findings));
            let width = area.map_or(0, |area| area.width.into());
            let rows = panes::events::all_findings(run, width).len();
            scroll.findings = moved(scroll.findings, by, page, rows);
        }
        Pane::Hand => {
            let chosen = run.state.hand_client(run.scene);
            let mut ids = run.scene.hand.iter().map(|it| it.number);
            let row = ids.position(|id| Some(id) == chosen).unwrap_or(0);
            let row = moved(row, by, page, run.scene.hand.len());
            sockets.selected = None;
            track.hand = run.scene.hand.get(row).map(|it| it.number);
        }
    }
    track
}

/// The number of rows in a page.
fn page(cx: &ScreenContext) -> usize {
    let whole = whole(cx.screen);
    let area = match (&cx.screen.dialog, cx.open()) {
        (Dialog::None, Some(run)) => TrackRegions::new(whole, cx)
            .and_then(|regions| regions.of(run.state.focus)),
        (Dialog::None, None) => {
            ColumnRegions::new(cx, whole).and_then(|it| it.sockets())
        }
        _ => Some(whole),
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
