//! The lines that concern all modes: header, tabs, heads, verdict, notice,
//! footer.

use super::super::look::Look;
use super::super::panes::{footer, notice};
use super::super::prompt::{Purpose, says};
use super::super::theme::Role;
use super::super::words::clock;
use super::app::{CompareApp, CompareDialog};
use super::banner::{Posture, waits};
use super::lines::{Block, Column, width_of};
use super::{ColumnState, Columns};
use crate::run::comparison::Comparison;
use crate::text::clean;
use crate::text::cut;
use crate::text::wrap;
use crate::view::Playback;
use crate::view::{HandClient, Scene};

use crate::units::show_count;
use crate::view::Phase;
use ratatui::text::{Line, Span};

/// What runs, since when, and in which state.
pub(super) fn header<'a>(
    app: &CompareApp,
    columns: &Columns,
    width: u16,
) -> Line<'a> {
    let look = &app.look;
    let moment = clock(columns.moment(app));
    let right =
        [look.say(Role::Text, format!("{moment}  ")), state(app, columns)];
    let scenario = columns.leading().map(|it| clean(&it.facts.scenario));
    let scenario = scenario.unwrap_or_default();
    let mut left = vec![
        look.say(Role::Focus, " sockscope "),
        look.say(Role::Here, " compare "),
        look.say(Role::Dim, format!("  {scenario}")),
        look.say(Role::Dim, format!("  {}", together(columns))),
    ];
    let room = usize::from(width).saturating_sub(width_of(&right) + 1);
    while width_of(&left) > room && left.len() > 1 {
        left.pop();
    }
    let free = room.saturating_sub(width_of(&left)) + 1;
    left.push(" ".repeat(free).into());
    left.extend(right);
    Line::from(left)
}

/// Whether they run at once, or whose turn it is; which are recorded.
fn together(columns: &Columns) -> String {
    let scenes = columns.scenes.iter();
    let recorded = scenes.filter(|it| it.playback.is_some()).count();
    let modes = columns.scenes.len();
    match (recorded, modes - recorded) {
        (0, _) => {}
        (_, 0) => return format!("{modes} recordings"),
        (1, live) => return format!("a recording and {live} live"),
        (_, live) => return format!("{recorded} recordings and {live} live"),
    }
    if !columns.in_turn {
        return format!("{modes} modes at once");
    }
    match columns.running().next() {
        Some(at) => {
            let name = columns.name(at);
            format!("in turn: {} of {modes}, {name}", at + 1)
        }
        None => format!("{modes} modes in turn"),
    }
}

fn state<'a>(app: &CompareApp, columns: &Columns) -> Span<'a> {
    let look = &app.look;
    let Some(leading) = columns.leading() else { return Span::default() };
    let control = leading.control;
    if columns.playback.is_some() {
        look.say(Role::Badge, " REPLAY ")
    } else if columns.all_over() {
        look.say(Role::Badge, " all over ")
    } else if plays_on(columns) {
        look.say(Role::Working, "plays on ")
    } else if control.paused {
        look.say(Role::Badge, " PAUSED ")
    } else if app.frozen.is_some() {
        look.say(Role::Badge, " FROZEN ")
    } else if leading.view.phase.0 != Phase::Running {
        look.say(Role::Badge, format!(" {} ", leading.view.phase.0.name()))
    } else if !control.speed.is_empty() {
        look.say(Role::Badge, " SLOW ")
    } else if are_done(columns) {
        look.say(Role::Badge, " clients done ")
    } else {
        look.say(Role::Working, "running ")
    }
}

/// Whether nothing but recordings goes on.
fn plays_on(columns: &Columns) -> bool {
    let goes_on = columns.states.contains(&ColumnState::Recorded);
    let waits = columns.states.contains(&ColumnState::Waiting);
    goes_on && !waits && columns.running().next().is_none()
}

/// Whether all clients are, of those that run.
fn are_done(columns: &Columns) -> bool {
    let mut running = columns.running();
    running.all(|at| columns.scenes[at].control.clients_done)
}

/// All modes in a row: which one is shown, and what each is doing.
pub(super) fn tabs<'a>(
    look: &Look,
    columns: &[Column],
    width: u16,
    hint: &'static str,
) -> Line<'a> {
    let marked = strip(look, columns, true);
    let mut spans = if width_of(&marked) > width.into() {
        strip(look, columns, false)
    } else {
        marked
    };
    let room = usize::from(width).saturating_sub(width_of(&spans));
    if hint.len() + 2 <= room {
        let free = " ".repeat(room - hint.len() - 1);
        spans.push(free.into());
        spans.push(look.say(Role::Dim, hint));
    }
    Line::from(spans)
}

fn strip<'a>(look: &Look, columns: &[Column], marks: bool) -> Vec<Span<'a>> {
    let tab = |column: &Column| {
        let name = format!(" {} {} ", column.place + 1, column.name);
        let role = if column.chosen { Role::Selected } else { Role::Text };
        let posture = Posture::of(column);
        let runs = column.state.goes_on();
        let waits = runs && waits(&column.shown).is_some();
        let waits = if waits { "!" } else { " " };
        let mark = if marks { posture.mark.clone() } else { String::new() };
        let mark = ratatui::text::Span::styled(mark, posture.style(look));
        let waits = look.say(Role::Bad, if marks { waits } else { "" });
        [look.say(role, name), mark, waits]
    };
    columns.iter().flat_map(tab).collect()
}

/// The names of the modes and how they wait, and how far they are.
pub(super) fn heads<'a>(
    look: &Look,
    columns: &[(Column<'a>, u16)],
) -> Block<'a> {
    let heads =
        columns.iter().map(|(it, width)| head(look, it, (*width).into()));
    let mut block = Block::default();
    block.row(Line::default(), heads.collect());
    block
}

fn head<'a>(look: &Look, column: &Column<'a>, width: usize) -> Line<'a> {
    let facts = column.shown.scene.facts;
    let role = if column.chosen { Role::Selected } else { Role::Here };
    let name = format!(" {} {} ", column.place + 1, column.name);
    let name = look.say(role, name);
    let state = look.say(Role::Dim, phase(column));
    let free = width.saturating_sub(name.width() + state.width());
    let waits = format!(" {}", clean(&facts.mechanism));
    let waits = cut(&waits, free.saturating_sub(1), look.glyphs.more);
    let waits = look.say(Role::Dim, waits);
    let free = " ".repeat(free.saturating_sub(waits.width()));
    Line::from(vec![name, waits, free.into(), state])
}

fn phase(column: &Column) -> &'static str {
    let view = column.shown.view;
    match column.state {
        ColumnState::Waiting => "waits",
        ColumnState::Over => "over",
        ColumnState::Failed(_) => "failed",
        _ if column.shown.scene.control.clients_done => "clients done",
        ColumnState::Running | ColumnState::Recorded => view.phase.0.name(),
    }
}

/// The verdict in rows, below its title.
pub(super) fn verdict<'a>(
    look: &Look,
    comparison: &Comparison,
    width: u16,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for sentence in &comparison.verdict {
        let rows = wrap(sentence, usize::from(width).saturating_sub(2));
        for (at, text) in rows.into_iter().enumerate() {
            let mark = if at == 0 { look.glyphs.tell } else { " " };
            lines.push(Line::from(vec![
                look.say(Role::Ready, mark),
                look.say(Role::Text, format!(" {text}")),
            ]));
        }
    }
    lines
}

/// What is being typed, what the last key could not do, or what stands still;
/// and where the cursor stands.
pub(super) fn notice<'a>(
    app: &CompareApp,
    columns: &Columns,
    width: u16,
) -> (Line<'a>, Option<u16>) {
    let look = &app.look;
    if let CompareDialog::Prompt(prompt) = &app.dialog {
        let label = match prompt.purpose {
            Purpose::Say { newline, .. } => {
                format!(" the client of each mode {}: ", says(newline))
            }
            to => {
                let why = app.said.as_ref();
                let why = why.map(|why| format!(" {why};"));
                why.unwrap_or_default() + &to.label()
            }
        };
        let (line, x) = notice::typed(look, label, prompt, width.into());
        return (line, Some(x));
    }
    if let Some(said) = &app.said {
        return (look.say(Role::Badge, format!(" {said} ")).into(), None);
    }
    if let Some(line) = columns.playback.and_then(|it| recorded(look, it)) {
        return (line, None);
    }
    let line = match stretched(app, columns) {
        Some(words) => look.say(Role::Ready, format!(" {words}")).into(),
        None => notice::explained(look, width.into()),
    };
    (line, None)
}

/// What recorded runs are asked, or how that went.
fn recorded<'a>(look: &Look, playback: &Playback) -> Option<Line<'a>> {
    let (role, words) = match (&playback.busy, &playback.said) {
        (Some(busy), _) => (Role::Ready, format!(" {busy}")),
        (None, said) => (Role::Badge, format!(" {} ", said.as_ref()?)),
    };
    Some(look.say(role, clean(&words)).into())
}

fn stretched(app: &CompareApp, columns: &Columns) -> Option<String> {
    let control = columns.leading()?.control;
    if columns.playback.is_some() {
        return None;
    }
    if columns.all_over() {
        return Some(match columns.ends_in_s {
            Some(s) => format!("all are over: it ends in {s} s; any key stays"),
            None => "all are over: q leaves".into(),
        });
    }
    if plays_on(columns) {
        return Some("what ran is over; recordings play on".into());
    }
    if control.paused {
        let held = columns.running();
        let held = held.map(|at| columns.scenes[at].control.held.len());
        let held = show_count(held.sum::<usize>() as u64);
        return Some(format!(
            "all programs paused ({held} held): . a call, n an iteration; \
             clients go on"
        ));
    }
    if app.frozen.is_some() {
        return Some("the picture is frozen; the programs go on".into());
    }
    if !control.speed.is_empty() {
        let speed = &control.speed;
        return Some(format!("slow motion of all, {speed}: echo times grow"));
    }
    (are_done(columns) && are_held(columns)).then(|| {
        "the clients are done, yours are not: x closes yours, q ends all".into()
    })
}

/// Whether clients by hand keep servers up.
fn are_held(columns: &Columns) -> bool {
    let mut hand = columns.running().flat_map(|at| columns.scenes[at].hand);
    hand.any(HandClient::is_here)
}

/// The keys, as many as find room.
pub(super) fn footer<'a>(
    app: &CompareApp,
    columns: &Columns,
    width: u16,
) -> Line<'a> {
    let has_tasks = columns.scenes.iter().any(Scene::has_tasks);
    let known = app.keys().iter().filter(|it| has_tasks || !it.of_loop);
    let table = known.filter_map(|it| Some((it.shown, it.footer?)));
    let keys = match app.dialog {
        CompareDialog::Prompt(ref prompt) => {
            footer::typing(prompt.purpose).to_vec()
        }
        CompareDialog::Help(_) => footer::READING.to_vec(),
        CompareDialog::None => table.collect(),
    };
    footer::keys(&app.look, &keys, width)
}
