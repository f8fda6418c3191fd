//! What a mode is doing right now, to be read from the last row: asleep,
//! spinning or at work, and who waits behind whom.

use super::{ColumnRows, RunColumn};
use crate::text::clean;
use crate::text::cut;
use crate::tui::frame::TrackView;
use crate::tui::look::Look;
use crate::tui::panes::{sockets, step, turns};
use crate::tui::stage::TrackPhase;
use crate::tui::theme::{Depth, Role};
use crate::view::log::ASLEEP_AFTER;
use crate::view::{SocketState, ThreadView};

use crate::units::{show_clock, show_count, show_short, show_size};
use crate::view::{Kind, Phase, phase_status};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

/// What a mode is doing.
pub(super) struct Posture {
    pub(super) role: Role,
    /// Two cells that say it without words.
    pub(super) mark: String,
    words: String,
}

impl Posture {
    /// What this mode is doing.
    pub(super) fn of(column: &RunColumn) -> Self {
        let shown = &column.shown;
        let at = show_clock(shown.view.at);
        let dots = shown.look().glyphs.dot.repeat(2);
        match column.phase {
            TrackPhase::Waiting => {
                Self::new(Role::Dim, dots, "waits for its turn")
            }
            TrackPhase::Over => {
                Self::new(Role::Dim, dots, format!("over after {at}"))
            }
            TrackPhase::Failed(why) => {
                let words = format!("failed: {}", clean(why));
                Self::new(Role::Bad, "!!", words)
            }
            TrackPhase::Running | TrackPhase::Recorded => running(shown),
        }
    }

    fn new(
        role: Role,
        mark: impl Into<String>,
        words: impl Into<String>,
    ) -> Self {
        Self { role, mark: mark.into(), words: words.into() }
    }

    /// How it looks as a band across a column.
    pub(super) fn style(&self, look: &Look) -> Style {
        let style = look.style(self.role);
        let plain = look.depth == Depth::None || self.role == Role::Badge;
        if plain { style } else { style.add_modifier(Modifier::REVERSED) }
    }
}

fn running(shown: &TrackView) -> Posture {
    let (control, view) = (&shown.scene.control, shown.view);
    let glyphs = shown.look().glyphs;
    if view.phase.0 != Phase::Running {
        let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
        let words = phase_status(view.phase.0, view.figures.open(), left_in);
        return Posture::new(Role::Badge, glyphs.dot.repeat(2), words);
    }
    if let Some(before) = control.before().filter(|_| control.paused) {
        let mark = glyphs.paused.repeat(2);
        return Posture::new(
            Role::Badge,
            mark,
            format!("held before {before}"),
        );
    }
    let lately = lately(shown);
    let sleeps = |it: &ThreadView| {
        let long = it.since >= ASLEEP_AFTER || it.kind == Kind::Wait;
        it.in_call && long
    };
    let asleep = view.threads.iter().all(sleeps) && !view.threads.is_empty();
    let is_so = lately.role == Role::Asleep || control.paused;
    if asleep && is_so && lately.role != Role::Spinning {
        return Posture::new(Role::Asleep, "zZ", asleep_in(shown));
    }
    lately
}

/// What it did most in the last second.
fn lately(shown: &TrackView) -> Posture {
    let (view, glyphs) = (shown.view, shown.look().glyphs);
    let Some(most) = turns::most(&view.turns.shares) else {
        return Posture::new(Role::Dim, glyphs.dot.repeat(2), "begins");
    };
    let in_vain = view.rates.would_blocks;
    let words = match most.role {
        Role::Spinning if in_vain > 0 => {
            format!("spinning: {}/s in vain", show_short(in_vain))
        }
        _ => most.words(),
    };
    let mark = match most.role {
        Role::Asleep => "zZ".to_owned(),
        Role::Spinning => glyphs.lane.would_block[2].repeat(2),
        Role::Badge => glyphs.paused.repeat(2),
        _ => glyphs.lane.working.repeat(2),
    };
    Posture::new(most.role, mark, words)
}

/// In what it is asleep, and on whom.
fn asleep_in(shown: &TrackView) -> String {
    let threads = &shown.view.threads;
    let [only] = threads.as_slice() else {
        return format!("{} threads asleep", show_count(threads.len() as u64));
    };
    if shown.scene.has_tasks() && step::whereabouts(shown).is_some() {
        return "asleep in select".into();
    }
    format!("asleep in {}", on(only))
}

fn on(thread: &ThreadView) -> String {
    match thread.kind {
        Kind::Wait => "wait".into(),
        Kind::Accept => "accept".into(),
        kind => format!("{} of {}", kind.name(), thread.socket),
    }
}

/// The clients that wait, and behind whom; `None` if there are none.
pub(super) fn waits(shown: &TrackView) -> Option<String> {
    let view = shown.view;
    let stuck = |state| view.sockets.iter().find(|it| it.state == state);
    let waiting = shown.scene.in_backlog();
    if waiting > 0 {
        let serves = |it: &&ThreadView| {
            !matches!(it.kind, Kind::Wait | Kind::Accept | Kind::Watch)
        };
        let behind = view.threads.first().filter(serves);
        let whom = behind.map(|it| format!(" behind {}", it.socket));
        let whom = whom.unwrap_or_else(|| " to be accepted".into());
        return Some(format!("{}{whom}", sockets::wait(waiting)));
    }
    if let Some(socket) = stuck(SocketState::AsleepInWrite) {
        return Some(format!("a thread, until {} reads", socket.id));
    }
    let pending = view.sockets.iter().filter(|it| it.pending > 0);
    let most = pending.max_by_key(|it| it.pending)?;
    let size = show_size(most.pending.into());
    if shown.scene.control.paused {
        return Some(format!("{size} wait until all goes on"));
    }
    Some(format!("{size} wait until #{} reads", most.id.0))
}

/// The bands, and below them who waits.
pub(super) fn block<'a>(
    look: &Look,
    columns: &[RunColumn<'a>],
    height: u16,
) -> ColumnRows<'a> {
    let mut block = ColumnRows::default();
    let tall = height > 3;
    let bands = columns
        .iter()
        .map(|column| (Posture::of(column), usize::from(column.width)));
    let bands: Vec<_> = bands.collect();
    let empty = |(posture, width): &(Posture, usize)| {
        Line::styled(" ".repeat(*width), posture.style(look))
    };
    let empty: Vec<_> = bands.iter().map(empty).collect();
    if tall {
        block.row(Line::default(), empty.clone());
    }
    let words = bands.iter().map(|it| band(look, it, tall)).collect();
    block.row(look.say(Role::Dim, "right now").into(), words);
    if tall {
        block.row(Line::default(), empty);
    }
    let waits =
        columns.iter().map(|column| waiting(column).unwrap_or_default());
    let waits = waits.collect();
    block.row(look.say(Role::Dim, "who waits").into(), waits);
    block
}

fn band<'a>(
    look: &Look,
    (posture, width): &(Posture, usize),
    centred: bool,
) -> Line<'a> {
    let text = format!(" {} {}", posture.mark, posture.words);
    let text = cut(&text, *width, look.glyphs.more);
    let text = if centred {
        format!("{text:^width$}")
    } else {
        format!("{text:<width$}")
    };
    Line::styled(text, posture.style(look))
}

fn waiting<'a>(column: &RunColumn<'a>) -> Option<Line<'a>> {
    let width = usize::from(column.width);
    let (shown, look) = (&column.shown, column.shown.look());
    let runs = column.phase.goes_on();
    let words = waits(shown).filter(|_| runs);
    let Some(words) = words else {
        return runs.then(|| look.say(Role::Dim, " nobody").into());
    };
    let text = format!(" {words}");
    let text = cut(&text, width.saturating_sub(1), look.glyphs.more);
    let mark = look.say(Role::Bad, look.glyphs.tell);
    Some(Line::from(vec![mark, look.say(Role::Bad, text)]))
}
