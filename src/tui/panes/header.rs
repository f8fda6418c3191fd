//! What runs, where, since when, and in which state.

use crate::text::{clean, cut};
use crate::tui::frame::TrackView;
use crate::tui::screen::Screen;
use crate::tui::stage::Picture;
use crate::tui::theme::Role;
use crate::units::show_clock;
use crate::view::{Phase, View, phase_status};
use ratatui::text::{Line, Span};

/// A longer name of a recording is cut.
const LONGEST_NAME: usize = 32;

/// Words of the header: the higher the rank, the sooner they are left out
/// where not all find room.
type Ranked<'a> = (u8, Span<'a>);

/// The line: of the open run, or of all.
pub(in crate::tui) fn line<'a>(
    screen: &Screen,
    picture: &Picture,
    width: u16,
) -> Line<'a> {
    let open = screen.open.and_then(|it| TrackView::new(screen, it, picture));
    let (mut left, right) = match &open {
        Some(shown) => (words(shown), state_of_run(shown)),
        None => (all_words(screen, picture), state_of_all(screen, picture)),
    };
    let taken: usize = right.iter().map(Span::width).sum();
    let room = usize::from(width).saturating_sub(taken + 1);
    let width = |left: &[Ranked]| -> usize {
        left.iter().map(|(_, span)| span.width()).sum()
    };
    while width(&left) > room
        && let Some(last) = (0..left.len()).max_by_key(|at| left[*at].0)
    {
        left.remove(last);
    }
    let free = room.saturating_sub(width(&left)) + 1;
    let left = left.into_iter().map(|(_, span)| span);
    left.chain([Span::raw(" ".repeat(free))]).chain(right).collect()
}

fn words<'a>(shown: &TrackView) -> Vec<Ranked<'a>> {
    let facts = &shown.scene.facts;
    let dim = |word: &str| shown.say(Role::Dim, format!("  {}", clean(word)));
    let place = match &shown.scene.playback {
        Some(it) => {
            cut(&clean(&it.name), LONGEST_NAME, shown.look().glyphs.more)
        }
        None => facts.address.to_string(),
    };
    vec![
        (4, shown.say(Role::Focus, " sockscope ")),
        (0, shown.say(Role::Here, format!(" {} ", facts.mode))),
        (3, dim(&facts.mechanism)),
        (1, dim(&place)),
        (2, dim(facts.scenario_name())),
    ]
}

fn all_words<'a>(screen: &Screen, picture: &Picture) -> Vec<Ranked<'a>> {
    let look = &screen.look;
    let scenario = picture.leading().map(|it| clean(it.facts.scenario_name()));
    let scenario = scenario.unwrap_or_default();
    vec![
        (0, look.say(Role::Focus, " sockscope ")),
        (1, look.say(Role::Here, " compare ")),
        (2, look.say(Role::Dim, format!("  {scenario}"))),
        (3, look.say(Role::Dim, format!("  {}", together(picture)))),
    ]
}

/// Whether the runs take place at once, or whose turn it is.
fn together(picture: &Picture) -> String {
    let runs = picture.tracks.len();
    if picture.playback.is_some() {
        return format!("{runs} recordings");
    }
    if !picture.in_turn {
        return format!("{runs} modes at once");
    }
    match picture.running().next() {
        Some(at) => {
            let name = picture.tracks[at].name;
            format!("in turn: {} of {runs}, {name}", at + 1)
        }
        None => format!("{runs} modes in turn"),
    }
}

/// The moment and the state, the most pressing one.
fn state_of_run<'a>(shown: &TrackView) -> Vec<Span<'a>> {
    if shown.scene.playback.is_some() {
        return vec![was(shown), shown.say(Role::Badge, " REPLAY ")];
    }
    let moment = format!("{}  ", show_clock(shown.view.at));
    let control = &shown.scene.control;
    let (phase, _) = shown.view.phase;
    let words = match phase {
        _ if control.paused => "PAUSED".into(),
        _ if shown.screen.frozen.is_some() => "FROZEN".into(),
        Phase::Running if control.is_slow() => "SLOW".into(),
        Phase::Running if shown.scene.measured.clients_done => {
            "clients done".into()
        }
        Phase::Running => {
            let name = format!("{} ", phase.name());
            let state = shown.say(Role::Working, name);
            return vec![shown.say(Role::Text, moment), state];
        }
        _ => stopping(shown.view),
    };
    let state = shown.say(Role::Badge, format!(" {words} "));
    vec![shown.say(Role::Text, moment), state]
}

fn state_of_all<'a>(screen: &Screen, picture: &Picture) -> Vec<Span<'a>> {
    let look = &screen.look;
    let Some(leading) = picture.leading() else { return Vec::new() };
    let moment = format!("{}  ", show_clock(picture.moment(screen)));
    let moment = look.say(Role::Text, moment);
    let control = &leading.control;
    let phase = leading.view.phase.0;
    let words = match () {
        () if picture.playback.is_some() => "REPLAY",
        () if picture.all_over() => "all over",
        () if control.paused => "PAUSED",
        () if screen.frozen.is_some() => "FROZEN",
        () if phase != Phase::Running => phase.name(),
        () if control.is_slow() => "SLOW",
        () if are_done(picture) => "clients done",
        () => return vec![moment, look.say(Role::Working, "running ")],
    };
    vec![moment, look.say(Role::Badge, format!(" {words} "))]
}

/// Whether the clients of all runs that go on are done.
pub(super) fn are_done(picture: &Picture) -> bool {
    let mut running = picture.running();
    running.all(|at| picture.tracks[at].scene.measured.clients_done)
}

/// The state that a recorded run was in, if it did not just run.
fn was<'a>(shown: &TrackView) -> Span<'a> {
    let control = &shown.scene.control;
    let words = match shown.view.phase.0 {
        _ if control.paused => "was paused".into(),
        Phase::Running if control.is_slow() => "was slow".into(),
        Phase::Running if shown.scene.measured.clients_done => {
            "clients done".into()
        }
        Phase::Running => return Span::default(),
        _ => stopping(shown.view),
    };
    shown.say(Role::Ready, format!("{words} "))
}

/// The clients that are left, and the one deadline for all of them.
fn stopping(view: &View) -> String {
    let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
    phase_status(view.phase.0, view.figures.open(), left_in)
}
