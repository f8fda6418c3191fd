//! One message, what it changes on the screen with several modes, and what
//! their programs are asked to do.

use super::super::app::{App, Arrangement, Dialog, Scroll};
use super::super::keys::{Group, Message, Move, Travel};
use super::super::look::Look;
use super::super::panes::help;
use super::super::prompt::{Prompt, Purpose};
use super::super::update::{Effect, moved, to_client, update};
use super::super::{travel, unheard};
use super::app::{CompareApp, CompareDialog};
use super::frame::regions;
use super::layout::Section;
use super::{Columns, lines, sockets};
use crate::view::Scene;
use crate::view::Seek;
use ratatui::layout::{Position, Rect};

/// Whose program is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// That of every mode.
    All,
    /// That of the mode in this column.
    Column(usize),
}

/// Takes a message in and says what the programs are asked to do.
pub fn update_columns(
    app: &mut CompareApp,
    message: Message,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    match message {
        Message::Resize(size) => app.resize(size),
        Message::Freeze => freeze(app, columns),
        Message::Column(place) => choose(app, place.into()),
        message if app.opened => return in_column(app, message, columns),
        message => {
            app.said = reason(app, message, columns);
            if app.replays && app.said.is_some() {
                return Vec::new();
            }
            return in_columns(app, message, columns);
        }
    }
    Vec::new()
}

/// Something for all modes.
fn in_columns(
    app: &mut CompareApp,
    message: Message,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let effect = match message {
        Message::PauseOrResume if is_paused(columns) => Effect::Resume,
        Message::PauseOrResume => Effect::Pause,
        Message::StepCall => Effect::StepCall,
        Message::StepIteration => Effect::StepIteration,
        Message::Slower => Effect::Slower,
        Message::Faster => Effect::Faster,
        Message::Quit => Effect::Quit,
        Message::Interrupt => Effect::Interrupt,
        Message::Connect => Effect::Connect,
        Message::StepLoop => return to_loops(&Effect::StepLoop, columns),
        Message::StepTask => return to_loops(&Effect::StepTask, columns),
        Message::Enter => return enter(app, columns),
        Message::Travel(asked) => return travelled(app, asked, columns),
        Message::Click(_) | Message::Wheel(..) if app.replays => {
            return pointed(app, message, columns);
        }
        Message::StopOrStartReading
        | Message::HalfClose
        | Message::Close
        | Message::Reset
        | Message::Boom => return to_clients(app, message, columns),
        looking => {
            look(app, looking, columns);
            return Vec::new();
        }
    };
    vec![(Target::All, effect)]
}

/// Something for the one mode that has the whole screen; time is everybody's.
fn in_column(
    app: &mut CompareApp,
    message: Message,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let (place, strip) = (app.chosen, app.strip());
    let own = app.apps.get_mut(place).zip(columns.scenes.get(place));
    let Some((own, scene)) = own else { return Vec::new() };
    if message == Message::Back && is_at_rest(own) {
        app.opened = false;
        return Vec::new();
    }
    let effects = update(own, moved_up(message, strip), scene);
    let look = own.look;
    paint(app, look);
    let target = |effect: &Effect| match effect {
        Effect::Pause
        | Effect::Resume
        | Effect::Slower
        | Effect::Faster
        | Effect::Quit
        | Effect::Interrupt => Target::All,
        Effect::Seek(seek) if !is_of_one(seek) => Target::All,
        _ => Target::Column(place),
    };
    effects.into_iter().map(|it| (target(&it), it)).collect()
}

/// Whether it is about what one of several recorded runs does; the others go
/// along.
const fn is_of_one(seek: &Seek) -> bool {
    matches!(
        seek,
        Seek::Step(..)
            | Seek::ToEvent(_)
            | Seek::OfSocket(..)
            | Seek::Finding(_)
            | Seek::Search(_)
            | Seek::SearchOn(_)
            | Seek::GiveUp
    )
}

/// What a key asks of all recorded runs.
fn travelled(
    app: &mut CompareApp,
    asked: Travel,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    if asked == Travel::GoTo {
        let prompt = Prompt::new(Purpose::GoTo);
        app.dialog = CompareDialog::Prompt(prompt);
        return Vec::new();
    }
    let place = app.chosen;
    let own = app.apps.get_mut(place).zip(columns.scenes.get(place));
    let effect = own.and_then(|(own, it)| travel::asked(own, asked, it));
    effect.map(|it| (Target::All, it)).into_iter().collect()
}

/// A click or the wheel: on the bar of recorded runs, or elsewhere.
fn pointed(
    app: &mut CompareApp,
    message: Message,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let regions = regions(app, columns, app.size.into());
    let seek = columns.playback.zip(regions).and_then(|(playback, it)| {
        travel::on_bar(&app.look, playback, it.bar, message)
    });
    if let Some(seek) = seek {
        return vec![(Target::All, Effect::Seek(seek))];
    }
    look(app, message, columns);
    Vec::new()
}

fn paint(app: &mut CompareApp, look: Look) {
    app.look = look;
    app.apps.iter_mut().for_each(|it| it.look = look);
}

/// Whether there is nothing to leave but the whole screen.
fn is_at_rest(app: &App) -> bool {
    matches!(app.dialog, Dialog::None)
        && !app.sockets.only
        && app.sockets.selected.is_none()
        && app.scroll == Scroll::default()
}

/// The same place on a screen that begins so many rows further down.
fn moved_up(message: Message, rows: u16) -> Message {
    let up = |at: Position| Position { y: at.y.saturating_sub(rows), ..at };
    match message {
        Message::Click(at) => Message::Click(up(at)),
        Message::Wheel(at, by) => Message::Wheel(up(at), by),
        other => other,
    }
}

fn is_paused(columns: &Columns) -> bool {
    let mut running = columns.running();
    running.any(|at| columns.scenes[at].control.paused)
}

/// Those modes that run on an event loop.
fn to_loops(effect: &Effect, columns: &Columns) -> Vec<(Target, Effect)> {
    let loops = columns.running();
    let loops = loops.filter(|at| columns.scenes[*at].has_tasks());
    loops.map(|at| (Target::Column(at), effect.clone())).collect()
}

/// The client of each mode that the keys for clients mean.
fn to_clients(
    app: &CompareApp,
    message: Message,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let asked = columns.running().filter_map(|at| {
        let (own, scene) = (app.apps.get(at)?, &columns.scenes[at]);
        let hears = unheard::reason(message, own, scene).is_none();
        let effect = to_client(own, message, scene).filter(|_| hears)?;
        Some((Target::Column(at), effect))
    });
    asked.collect()
}

/// Has the client of each mode say what was typed, or opens a column.
fn enter(app: &mut CompareApp, columns: &Columns) -> Vec<(Target, Effect)> {
    match std::mem::take(&mut app.dialog) {
        CompareDialog::Help(_) => Vec::new(),
        CompareDialog::None => {
            app.opened = app.chosen < columns.scenes.len();
            Vec::new()
        }
        CompareDialog::Prompt(prompt) if prompt.purpose == Purpose::GoTo => {
            went(app, prompt, columns)
        }
        CompareDialog::Prompt(prompt) => said(app, &prompt, columns),
    }
}

/// Goes where the typed words say; they stay if that is nowhere.
fn went(
    app: &mut CompareApp,
    prompt: Prompt,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let Some(playback) = columns.playback else { return Vec::new() };
    let text = prompt.text().trim();
    if text.is_empty() {
        return Vec::new();
    }
    match travel::place(text, playback) {
        Ok(seek) => vec![(Target::All, Effect::Seek(seek))],
        Err(why) => {
            app.said = Some(why);
            app.dialog = CompareDialog::Prompt(prompt);
            Vec::new()
        }
    }
}

fn said(
    app: &CompareApp,
    prompt: &Prompt,
    columns: &Columns,
) -> Vec<(Target, Effect)> {
    let Purpose::Say { newline, .. } = prompt.purpose else {
        return Vec::new();
    };
    if prompt.text().is_empty() && !newline {
        return Vec::new();
    }
    let says = columns.running().filter_map(|at| {
        let (own, scene) = (app.apps.get(at)?, &columns.scenes[at]);
        let message = Message::Type { newline };
        let hears = unheard::reason(message, own, scene).is_none();
        let client = own.hand_client(scene).filter(|_| hears)?;
        let text = prompt.text().to_owned();
        Some((Target::Column(at), Effect::Say { client, text, newline }))
    });
    says.collect()
}

/// Why a key does nothing in any mode; `None` if it does something in one.
fn reason(
    app: &CompareApp,
    message: Message,
    columns: &Columns,
) -> Option<String> {
    if app.replays {
        let is_for_loops = unheard::is_of_loop(message);
        let has_loop = columns.scenes.iter().any(Scene::has_tasks);
        let why = "this key is for the mode tasks: none has an event loop";
        return (is_for_loops && !has_loop).then(|| why.into());
    }
    if columns.all_over() && is_for_programs(app, message) {
        return Some("all are over: q leaves, enter opens a column".into());
    }
    let of_loop = unheard::is_of_loop(message);
    let has_loop = |at: &usize| columns.scenes[*at].has_tasks();
    let any = columns.running().any(|at| has_loop(&at));
    let asked = columns.running().filter(|at| !of_loop || !any || has_loop(at));
    let reasons = asked.map(|at| {
        let (own, scene) = (app.apps.get(at)?, &columns.scenes[at]);
        let why = unheard::reason(message, own, scene)?;
        Some((columns.name(at), why))
    });
    let reasons: Option<Vec<_>> = reasons.collect();
    let reasons = reasons?;
    let (mode, why) = reasons.first()?;
    let same = reasons.iter().all(|(_, it)| it == why) || of_loop;
    Some(if same { why.clone() } else { format!("{mode}: {why}") })
}

/// Whether it asks something of what runs.
fn is_for_programs(app: &CompareApp, message: Message) -> bool {
    let mut keys = app.keys().iter().filter(|it| it.message == message);
    keys.any(|it| matches!(it.group, Group::Time | Group::Clients))
}

fn freeze(app: &mut CompareApp, columns: &Columns) {
    let frozen = app.frozen.take().is_some();
    for (own, scene) in app.apps.iter_mut().zip(&columns.scenes) {
        let view = || Box::new(scene.view.clone());
        own.frozen = (!frozen).then(view);
    }
    app.frozen = (!frozen).then(|| columns.comparison.clone());
}

fn choose(app: &mut CompareApp, place: usize) {
    if place < app.apps.len() {
        app.chosen = place;
    }
}

/// What changes the screen alone.
fn look(app: &mut CompareApp, message: Message, columns: &Columns) {
    let modes = app.apps.len().max(1);
    match message {
        Message::NextPane => choose(app, (app.chosen + 1) % modes),
        Message::PreviousPane => {
            choose(app, (app.chosen + modes - 1) % modes);
        }
        Message::Move(by) => scroll(app, by, columns),
        Message::Back => match app.dialog {
            CompareDialog::None => app.first_socket = 0,
            _ => app.dialog = CompareDialog::None,
        },
        Message::Type { newline } => type_line(app, newline, columns),
        Message::Edit(request) => {
            if let CompareDialog::Prompt(prompt) = &mut app.dialog {
                prompt.edit(request);
            }
        }
        Message::Presenter => {
            app.arrangement = match app.arrangement {
                Arrangement::Normal => Arrangement::Presenter,
                Arrangement::Presenter => Arrangement::Normal,
            }
        }
        Message::Theme => {
            let theme = app.look.theme.next();
            let look = Look { theme, ..app.look };
            paint(app, look);
        }
        Message::Help => app.dialog = CompareDialog::Help(0),
        Message::Click(at) => click(app, at, columns),
        Message::Wheel(_, rows) => {
            let by = if rows < 0 { Move::Up } else { Move::Down };
            (0..rows.unsigned_abs()).for_each(|_| scroll(app, by, columns));
        }
        _ => {}
    }
}

/// For whichever mode has a client that can say something.
fn type_line(app: &mut CompareApp, newline: bool, columns: &Columns) {
    let client = columns.running().find_map(|at| {
        let (own, scene) = (app.apps.get(at)?, &columns.scenes[at]);
        own.hand_client(scene)
    });
    if let Some(client) = client.filter(|_| app.said.is_none()) {
        let purpose = Purpose::Say { client, newline };
        app.dialog = CompareDialog::Prompt(Prompt::new(purpose));
    }
}

fn click(app: &mut CompareApp, at: Position, columns: &Columns) {
    let area: Rect = app.size.into();
    let regions = regions(app, columns, area);
    if let Some(mode) = regions.and_then(|it| it.mode_at(at.x)) {
        choose(app, mode);
    }
}

/// Moves in the help, or through the sockets.
fn scroll(app: &mut CompareApp, by: Move, columns: &Columns) {
    let area: Rect = app.size.into();
    let Some(regions) = regions(app, columns, area) else { return };
    let rows = |area: Rect| area.height.saturating_sub(2).max(1).into();
    let sockets = regions.of(Section::Sockets);
    if let CompareDialog::Help(top) = app.dialog {
        let all = help::rows(app.keys(), app.size.width);
        let top = moved(top, by, rows(regions.body()), all);
        app.dialog = CompareDialog::Help(top);
    } else if matches!(app.dialog, CompareDialog::None) {
        let all = lines::columns(app, columns);
        let of = sockets::count(&all);
        let page = sockets.map_or(1, rows);
        app.first_socket = moved(app.first_socket, by, page, of);
    }
}
