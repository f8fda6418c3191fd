//! The header: what runs, at which address, for how long, in which state.

use crate::probe::Speed;
use crate::text::{clean, cut};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::Role;
use crate::tui::paint::{at_both_ends, width as width_of};
use crate::tui::stage::{TrackPhase, TrackScene};
use crate::units::show_clock;
use crate::view::{Phase, Scene, View, phase_status};
use ratatui::text::{Line, Span};

/// Longer names of recordings are cut.
const LONGEST_NAME: usize = 32;

/// Text with a rank: that with the highest rank is left out first if not all of
/// it fits.
type Ranked = (u8, Word);
type Word = Span<'static>;

/// The header of the open run, or of all runs.
pub(crate) fn line(cx: &ScreenContext, width: usize) -> Line<'static> {
    let leading = cx.open().map(|it| it.scene).or_else(|| cx.picture.leading());
    let Some(scene) = leading else { return Line::default() };
    let right = state(cx, scene);
    let room = width.saturating_sub(width_of(&right) + 1);
    at_both_ends(ranked(words(cx, scene), room), right, width)
}

/// The words that fit into `room`, without those of the highest ranks.
pub(super) fn ranked(mut words: Vec<Ranked>, room: usize) -> Vec<Word> {
    while words.iter().map(|(_, it)| it.width()).sum::<usize>() > room
        && let Some(last) = (0..words.len()).max_by_key(|at| words[*at].0)
    {
        words.remove(last);
    }
    words.into_iter().map(|(_, span)| span).collect()
}

fn words(cx: &ScreenContext, scene: &Scene) -> Vec<Ranked> {
    let (look, picture) = (cx.look(), cx.picture);
    let here = |name: &str| look.say(Role::Here, format!(" {name} "));
    let dim = |word: &str| look.say(Role::Dim, format!("  {word}"));
    let Scene { facts, playback, control, .. } = scene;
    // Clients in a process of their own are not paused with the program.
    let apart = if facts.clients_apart { "clients keep wall time" } else { "" };
    let follows = !control.paused && !control.is_slow();
    let rank = if follows { 5 } else { 1 };
    let name = look.say(Role::Focus, " sockscope ");
    if cx.open().is_some() {
        let place = match playback {
            Some(it) => cut(&clean(&it.name), LONGEST_NAME, look.glyphs.more),
            None => facts.address.to_string(),
        };
        return vec![
            (4, name),
            (0, here(&facts.mode)),
            (3, dim(&facts.mechanism)),
            (1, dim(&place)),
            (2, dim(facts.scenario_name())),
            (rank, dim(apart)),
        ];
    }
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
        (0, name),
        (1, here("compare")),
        (2, dim(facts.scenario_name())),
        (3, dim(&together)),
        (rank, dim(apart)),
    ]
}

/// The time and the most important state. A recording shows the state that the
/// run was in, unless it was simply running.
fn state(cx: &ScreenContext, scene: &Scene) -> Vec<Word> {
    let (look, picture, open) = (cx.look(), cx.picture, cx.open());
    let Scene { control, view, measured, .. } = scene;
    let is_recorded = cx.playback().is_some();
    let (at, view, done) = match open {
        Some(run) => (run.view.at, run.view, measured.clients_done),
        None => (cx.moment(), view, picture.are_clients_done()),
    };
    let words = match view.phase.0 {
        _ if open.is_none() && is_recorded => String::new(),
        _ if open.is_none() && picture.all_over() => "all over".into(),
        _ if open.is_some_and(|it| it.has_ended()) => match open {
            Some(Track { phase: TrackPhase::Over, .. }) => "OVER".into(),
            _ => "FAILED".into(),
        },
        _ if control.paused && is_recorded => "was paused".into(),
        _ if control.paused && control.stands => "PAUSED, clock stopped".into(),
        _ if control.paused => "PAUSED, step in progress".into(),
        _ if cx.screen.frozen.is_some() && !is_recorded => "FROZEN".into(),
        Phase::Running if control.is_slow() && is_recorded => "was slow".into(),
        Phase::Running if control.is_slow() => slow_motion(control.speed),
        Phase::Running if done => "clients done".into(),
        Phase::Running => String::new(),
        _ if open.is_some() => stopping(view),
        phase => phase.name().into(),
    };
    let moment = look.say(Role::Text, format!("{}  ", show_clock(at)));
    if is_recorded {
        let was = look.say(Role::Ready, words + " ");
        let before = if open.is_some() { was } else { moment };
        return vec![before, look.say(Role::Badge, " REPLAY ")];
    }
    let state = match &*words {
        "" => look.say(Role::Working, "running "),
        words => look.say(Role::Badge, format!(" {words} ")),
    };
    vec![moment, state]
}

/// The clock stops before each call: the factor is that of `--speed`.
fn slow_motion(speed: Speed) -> String {
    let factor = format!("{:.4}", speed.factor());
    format!("SLOW MOTION {}x", factor.trim_end_matches('0'))
}

/// The end of the run in words: connections left, time to the deadline.
pub(crate) fn stopping(view: &View) -> String {
    let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
    phase_status(view.phase.0, view.figures.open(), left_in)
}
