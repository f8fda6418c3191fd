//! What runs, where, since when, and in which state.

use crate::text::{clean, cut};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::Role;
use crate::tui::paint::{at_both_ends, width as width_of};
use crate::tui::stage::{TrackPhase, TrackScene};
use crate::units::show_clock;
use crate::view::{Phase, View, phase_status};
use ratatui::text::{Line, Span};

/// A longer name of a recording is cut.
const LONGEST_NAME: usize = 32;

/// Words of the header: the higher the rank, the sooner they are left out
/// where not all find room.
type Ranked = (u8, Span<'static>);

/// The line: of the open run, or of all.
pub(crate) fn line(cx: &ScreenContext, width: usize) -> Line<'static> {
    let (mut left, right) = match cx.open() {
        Some(run) => (words(&run), state_of_run(&run)),
        None => (all_words(cx), state_of_all(cx)),
    };
    let room = width.saturating_sub(width_of(&right) + 1);
    while left.iter().map(|(_, it)| it.width()).sum::<usize>() > room
        && let Some(last) = (0..left.len()).max_by_key(|at| left[*at].0)
    {
        left.remove(last);
    }
    let left = left.into_iter().map(|(_, span)| span).collect();
    at_both_ends(left, right, width)
}

fn words(run: &Track) -> Vec<Ranked> {
    let facts = &run.scene.facts;
    let dim = |word: &str| run.say(Role::Dim, format!("  {}", clean(word)));
    let place = match &run.scene.playback {
        Some(it) => cut(&clean(&it.name), LONGEST_NAME, run.look.glyphs.more),
        None => facts.address.to_string(),
    };
    vec![
        (4, run.say(Role::Focus, " sockscope ")),
        (0, run.say(Role::Here, format!(" {} ", facts.mode))),
        (3, dim(&facts.mechanism)),
        (1, dim(&place)),
        (2, dim(facts.scenario_name())),
    ]
}

fn all_words(cx: &ScreenContext) -> Vec<Ranked> {
    let (look, picture) = (cx.look(), cx.picture);
    let dim = |words: &str| look.say(Role::Dim, format!("  {words}"));
    let scenario = picture.leading().map(|it| clean(it.facts.scenario_name()));
    let runs = picture.tracks.len();
    let is_running = |it: &TrackScene| it.phase == TrackPhase::Running;
    let together = match picture.tracks.iter().position(is_running) {
        _ if picture.playback.is_some() => format!("{runs} recordings"),
        _ if !picture.in_turn => format!("{runs} modes at once"),
        Some(at) => {
            let name = picture.tracks[at].name;
            format!("in turn: {} of {runs}, {name}", at + 1)
        }
        None => format!("{runs} modes in turn"),
    };
    vec![
        (0, look.say(Role::Focus, " sockscope ")),
        (1, look.say(Role::Here, " compare ")),
        (2, dim(&scenario.unwrap_or_default())),
        (3, dim(&together)),
    ]
}

/// The moment and the state, the most pressing one; of a recorded run the
/// state that it was in, if it did not just run.
fn state_of_run(run: &Track) -> Vec<Span<'static>> {
    let (control, phase) = (&run.scene.control, run.view.phase.0);
    let is_recorded = run.scene.playback.is_some();
    let running = phase == Phase::Running;
    let words = match () {
        () if control.paused && is_recorded => "was paused".into(),
        () if control.paused => "PAUSED".into(),
        () if run.is_frozen && !is_recorded => "FROZEN".into(),
        () if !running => stopping(run.view),
        () if control.is_slow() && is_recorded => "was slow".into(),
        () if control.is_slow() => "SLOW".into(),
        () if run.scene.measured.clients_done => "clients done".into(),
        () => String::new(),
    };
    if is_recorded {
        let words = if words.is_empty() { words } else { words + " " };
        let badge = run.say(Role::Badge, " REPLAY ");
        return vec![run.say(Role::Ready, words), badge];
    }
    let state = if words.is_empty() {
        run.say(Role::Working, format!("{} ", phase.name()))
    } else {
        run.say(Role::Badge, format!(" {words} "))
    };
    let moment = format!("{}  ", show_clock(run.view.at));
    vec![run.say(Role::Text, moment), state]
}

fn state_of_all(cx: &ScreenContext) -> Vec<Span<'static>> {
    let (look, picture) = (cx.look(), cx.picture);
    let Some(leading) = picture.leading() else { return Vec::new() };
    let moment = format!("{}  ", show_clock(cx.moment()));
    let moment = look.say(Role::Text, moment);
    let (control, phase) = (&leading.control, leading.view.phase.0);
    let words = match () {
        () if picture.playback.is_some() => "REPLAY",
        () if picture.all_over() => "all over",
        () if control.paused => "PAUSED",
        () if cx.screen.frozen.is_some() => "FROZEN",
        () if phase != Phase::Running => phase.name(),
        () if control.is_slow() => "SLOW",
        () if picture.are_clients_done() => "clients done",
        () => return vec![moment, look.say(Role::Working, "running ")],
    };
    vec![moment, look.say(Role::Badge, format!(" {words} "))]
}

/// The clients that are left, and the one deadline for all of them.
pub(crate) fn stopping(view: &View) -> String {
    let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
    phase_status(view.phase.0, view.figures.open(), left_in)
}
