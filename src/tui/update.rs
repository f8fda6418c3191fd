//! One message, what it changes, and what the program is asked to do.

use super::app::{App, Arrangement, Dialog, Pane, Sort, Source, order};
use super::keys::{Message, Move, keys_of};
use super::layout::{self, Present, Regions};
use super::panes;
use super::prompt::{Prompt, Purpose};
use super::{travel, unheard};
use crate::probe::LISTENER;
use crate::view::Seek;
use crate::view::{HandId, Scene};
use ratatui::layout::Position;

/// What the program, or a recorded run, is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hold every thread at its next call.
    Pause,
    /// Let them go on.
    Resume,
    /// Let one call happen.
    StepCall,
    /// Let the loop turn once.
    StepIteration,
    /// Let the event loop make one step.
    StepLoop,
    /// Let the event loop run one task.
    StepTask,
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
        client: HandId,
        /// What.
        text: String,
        /// Whether the end of the line follows.
        newline: bool,
    },
    /// Read no more for now.
    StopReading(HandId),
    /// Read again.
    StartReading(HandId),
    /// End the client's side.
    HalfClose(HandId),
    /// Close.
    Close(HandId),
    /// Close with a reset.
    Reset(HandId),
    /// Say `boom`.
    Boom(HandId),
    /// A recorded run is to stand elsewhere, or to play.
    Seek(Seek),
}

/// Takes a message in and says what the program is asked to do.
pub fn update(app: &mut App, message: Message, scene: &Scene) -> Vec<Effect> {
    let reason = unheard::reason(message, app, scene);
    // What a recording has a reason for, it does not do.
    let refused = scene.playback.is_some() && reason.is_some();
    if !matches!(message, Message::Resize(_)) {
        app.said = reason;
    }
    let pointed = travel::pointed(app, message, scene);
    let effect = match message {
        _ if refused => None,
        of_loop if unheard::is_of_loop(of_loop) && !scene.has_tasks() => None,
        Message::Travel(asked) => travel::asked(app, asked, scene),
        Message::Back if travel::is_busy(app, scene) => {
            Some(Effect::Seek(Seek::GiveUp))
        }
        _ if pointed.is_some() => pointed,
        Message::PauseOrResume if scene.control.paused => Some(Effect::Resume),
        Message::PauseOrResume => Some(Effect::Pause),
        Message::StepCall => Some(Effect::StepCall),
        Message::StepIteration => Some(Effect::StepIteration),
        Message::StepLoop => Some(Effect::StepLoop),
        Message::StepTask => Some(Effect::StepTask),
        Message::Slower => Some(Effect::Slower),
        Message::Faster => Some(Effect::Faster),
        Message::Quit => Some(Effect::Quit),
        Message::Interrupt => Some(Effect::Interrupt),
        Message::Connect => {
            app.hand = None;
            app.sockets.selected = None;
            if app.arrangement == Arrangement::Normal {
                app.focus = Pane::Hand;
            }
            Some(Effect::Connect)
        }
        Message::Enter => enter(app, scene),
        Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => to_client(app, message, scene),
        looking => {
            look(app, looking, scene);
            None
        }
    };
    effect.into_iter().collect()
}

/// What concerns a client driven by hand; nothing without one.
pub(super) fn to_client(
    app: &App,
    message: Message,
    scene: &Scene,
) -> Option<Effect> {
    let client = app.hand_client(scene)?;
    let known = scene.hand.iter().find(|it| it.id == client)?;
    if !known.is_here() {
        return None;
    }
    let reads = known.reads;
    match message {
        Message::StopOrStartReading if reads => {
            Some(Effect::StopReading(client))
        }
        Message::StopOrStartReading => Some(Effect::StartReading(client)),
        Message::HalfClose => Some(Effect::HalfClose(client)),
        Message::Close => Some(Effect::Close(client)),
        Message::Reset => Some(Effect::Reset(client)),
        Message::Boom => Some(Effect::Boom(client)),
        _ => None,
    }
}

/// Sends what was typed, or opens the chosen socket's detail.
fn enter(app: &mut App, scene: &Scene) -> Option<Effect> {
    match std::mem::take(&mut app.dialog) {
        Dialog::Prompt(prompt) => match prompt.purpose {
            Purpose::Say { client, newline } => {
                let text = prompt.text().to_owned();
                let empty = text.is_empty() && !newline;
                (!empty).then_some(Effect::Say { client, text, newline })
            }
            Purpose::GoTo => travel::go_to(app, prompt, scene),
            Purpose::Search => travel::search(app, &prompt),
        },
        Dialog::Help(_) | Dialog::Detail(..) => None,
        Dialog::None => {
            let socket = app.sockets.selected.unwrap_or(LISTENER);
            let mut shown = app.shown(scene).sockets.iter();
            let known = shown.any(|it| it.id == socket);
            if known {
                app.sockets.selected = Some(socket);
                app.dialog = Dialog::Detail(socket, 0);
            }
            None
        }
    }
}

/// What changes the screen alone.
fn look(app: &mut App, message: Message, scene: &Scene) {
    match message {
        Message::Freeze => {
            app.frozen = match app.frozen {
                Some(_) => None,
                None => Some(Box::new(scene.view.clone())),
            }
        }
        Message::NextPane => focus(app, 1, scene),
        Message::PreviousPane => focus(app, Pane::ALL.len() - 1, scene),
        Message::Move(by) => move_by(app, by, scene),
        Message::Back => back(app),
        Message::Sort => {
            app.sockets.sort = match app.sockets.sort {
                Sort::Number => Sort::Activity,
                Sort::Activity => Sort::Number,
            }
        }
        Message::Filter => {
            app.sockets.only = !app.sockets.only;
            app.sockets.selected = app.sockets.selected.or(Some(LISTENER));
            app.scroll.events = 0;
        }
        Message::Source => {
            app.scroll.code = None;
            app.source = match app.source {
                Source::Mode => Source::Loop,
                Source::Loop => Source::Mode,
            }
        }
        Message::Type { newline } => {
            let can = app.said.is_none();
            if let Some(client) = app.hand_client(scene).filter(|_| can) {
                let purpose = Purpose::Say { client, newline };
                app.dialog = Dialog::Prompt(Prompt::new(purpose));
            }
        }
        Message::Edit(request) => {
            if let Dialog::Prompt(prompt) = &mut app.dialog {
                prompt.edit(request);
            }
        }
        Message::Presenter => {
            app.arrangement = match app.arrangement {
                Arrangement::Normal => Arrangement::Presenter,
                Arrangement::Presenter => Arrangement::Normal,
            }
        }
        Message::Theme => app.look.theme = app.look.theme.next(),
        Message::Help => app.dialog = Dialog::Help(0),
        Message::Resize(size) => app.size = size,
        Message::Click(at) => {
            app.focus = pane_at(app, scene, at).unwrap_or(app.focus);
        }
        Message::Wheel(at, rows) => wheel(app, at, rows, scene),
        _ => {}
    }
}

/// The next pane that there is.
fn focus(app: &mut App, step: usize, scene: &Scene) {
    let steps = (1..=Pane::ALL.len()).map(|n| app.focus.step(n * step));
    let reachable = |pane: &Pane| match app.arrangement {
        Arrangement::Presenter => match pane {
            Pane::Code => true,
            Pane::Tasks => scene.has_tasks(),
            Pane::Sockets => !scene.has_tasks(),
            _ => false,
        },
        Arrangement::Normal => match pane {
            Pane::Hand => !scene.hand.is_empty(),
            Pane::Tasks => scene.has_tasks(),
            _ => true,
        },
    };
    app.focus = steps.into_iter().find(reachable).unwrap_or(app.focus);
}

/// The nearest thing that can be left.
fn back(app: &mut App) {
    match app.dialog {
        Dialog::None if app.sockets.only => app.sockets.only = false,
        Dialog::None if app.sockets.selected.is_some() => {
            app.sockets.selected = None;
        }
        Dialog::None => app.scroll = super::app::Scroll::default(),
        _ => app.dialog = Dialog::None,
    }
}

pub(super) fn regions(app: &App, scene: &Scene) -> Option<Regions> {
    layout::regions(app.size.into(), app, Present::of(scene))
}

fn pane_at(app: &App, scene: &Scene, at: Position) -> Option<Pane> {
    let regions = regions(app, scene)?;
    let mut panes = regions.panes.iter();
    panes.find(|(_, area)| area.contains(at)).map(|(pane, _)| *pane)
}

fn wheel(app: &mut App, at: Position, rows: i8, scene: &Scene) {
    if matches!(app.dialog, Dialog::None) {
        app.focus = pane_at(app, scene, at).unwrap_or(app.focus);
    }
    let by = if rows < 0 { Move::Up } else { Move::Down };
    for _ in 0..rows.unsigned_abs() {
        move_by(app, by, scene);
    }
}

/// Moves in the dialog, or in the focused pane.
fn move_by(app: &mut App, by: Move, scene: &Scene) {
    let page = page(app, scene);
    match &mut app.dialog {
        Dialog::Help(top) => {
            let keys = keys_of(app.replays);
            let rows = panes::help::rows(keys, app.size.width);
            *top = moved(*top, by, page, rows);
        }
        Dialog::Detail(_, from_end) => {
            let entries = scene.history.len();
            *from_end = moved(*from_end, by.turned(), page, entries);
        }
        Dialog::Prompt(_) => {}
        Dialog::None => move_in_pane(app, by, page, scene),
    }
}

fn move_in_pane(app: &mut App, by: Move, page: usize, scene: &Scene) {
    let view = app.shown(scene);
    match app.focus {
        Pane::Code if by == Move::End => app.scroll.code = None,
        Pane::Code => {
            let lines = app.source(scene).1.lines().count();
            let from = app.scroll.code.unwrap_or(0);
            app.scroll.code = Some(moved(from, by, page, lines));
        }
        Pane::Sockets => {
            let order = order(view, app.sockets.sort);
            let id = |at: &usize| view.sockets[*at].id;
            let chosen = app.sockets.selected;
            let place = order.iter().position(|at| Some(id(at)) == chosen);
            let place = match place {
                Some(place) => moved(place, by, page, order.len()),
                None => 0,
            };
            app.sockets.selected = order.get(place).map(id);
        }
        Pane::Tasks => {
            let rows = view.tasks.len();
            app.scroll.tasks = moved(app.scroll.tasks, by, page, rows);
        }
        Pane::Turns => {}
        Pane::Events => {
            let events = view.events.iter().filter(|it| app.shows(it)).count();
            app.scroll.events =
                moved(app.scroll.events, by.turned(), page, events);
        }
        Pane::Findings => {
            let area = regions(app, scene).and_then(|it| it.of(app.focus));
            let width = area.map_or(0, |area| area.width.into());
            let rows = panes::findings::rows(&view.findings, width);
            app.scroll.findings = moved(app.scroll.findings, by, page, rows);
        }
        Pane::Hand => {
            let chosen = app.hand_client(scene);
            let mut ids = scene.hand.iter().map(|it| it.id);
            let place = ids.position(|id| Some(id) == chosen).unwrap_or(0);
            let place = moved(place, by, page, scene.hand.len());
            app.hand = scene.hand.get(place).map(|it| it.id);
            app.sockets.selected = None;
        }
    }
}

/// How many rows a page is.
fn page(app: &App, scene: &Scene) -> usize {
    let regions = regions(app, scene);
    let area = regions.and_then(|it| match app.dialog {
        Dialog::None => it.of(app.focus),
        _ => Some(it.whole()),
    });
    area.map_or(1, |area| area.height.saturating_sub(2).max(1).into())
}

/// A place among so many, moved; it stays among them.
pub(super) fn moved(from: usize, by: Move, page: usize, of: usize) -> usize {
    let to = match by {
        Move::Up => from.saturating_sub(1),
        Move::Down => from + 1,
        Move::PageUp => from.saturating_sub(page),
        Move::PageDown => from + page,
        Move::Home => 0,
        Move::End => usize::MAX,
    };
    to.min(of.saturating_sub(1))
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
