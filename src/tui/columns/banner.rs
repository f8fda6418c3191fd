//! What a mode is doing right now, to be read from the last row: asleep,
//! spinning or at work, and who waits behind whom.

use super::layout::ColumnRows;
use crate::text::{clean, cut};
use crate::tui::context::Track;
use crate::tui::look::{Depth, Look, Role};
use crate::tui::panes::{header, sockets, step, turns};
use crate::tui::stage::TrackPhase;
use crate::units::{show_clock, show_count, show_short, show_size};
use crate::view::log::ASLEEP_AFTER;
use crate::view::{Kind, Phase, SocketState, ThreadView};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

/// What a mode is doing.
pub(super) struct Posture {
    role: Role,
    /// Two cells that say it without words.
    pub(super) mark: String,
    words: String,
}

impl Posture {
    /// Its mark is a single cell, twice.
    fn new(role: Role, mark: &str, words: impl Into<String>) -> Self {
        Self { role, mark: mark.repeat(2), words: words.into() }
    }

    fn asleep(words: String) -> Self {
        Self { role: Role::Asleep, mark: "zZ".into(), words }
    }

    /// What this mode is doing.
    pub(super) fn of(run: &Track) -> Self {
        let (dot, at) = (run.look.glyphs.dot, show_clock(run.view.at));
        match run.phase {
            TrackPhase::Waiting => {
                Self::new(Role::Dim, dot, "waits for its turn")
            }
            TrackPhase::Over => {
                Self::new(Role::Dim, dot, format!("over after {at}"))
            }
            TrackPhase::Failed(why) => {
                Self::new(Role::Bad, "!", format!("failed: {}", clean(why)))
            }
            TrackPhase::Running | TrackPhase::Recorded => Self::now(run),
        }
    }

    fn now(run: &Track) -> Self {
        let (control, view) = (&run.scene.control, run.view);
        let glyphs = run.look.glyphs;
        if view.phase.0 != Phase::Running {
            return Self::new(Role::Badge, glyphs.dot, header::stopping(view));
        }
        if let Some(before) = control.before().filter(|_| control.paused) {
            let words = format!("held before {before}");
            return Self::new(Role::Badge, glyphs.paused, words);
        }
        let sleeps = |it: &ThreadView| {
            let long = it.since >= ASLEEP_AFTER || it.kind == Kind::Wait;
            it.in_call && long
        };
        let all_sleep =
            view.threads.iter().all(sleeps) && !view.threads.is_empty();
        let lately = turns::most(run);
        let role = lately.map_or(Role::Dim, |it| it.role);
        let is_so = role == Role::Asleep || control.paused;
        if all_sleep && is_so && role != Role::Spinning {
            return Self::asleep(asleep_in(run));
        }
        // What it did most in the last second.
        let Some(most) = lately else {
            return Self::new(Role::Dim, glyphs.dot, "begins");
        };
        let in_vain = view.rates.would_blocks;
        let words = match role {
            Role::Spinning if in_vain > 0 => {
                format!("spinning: {}/s in vain", show_short(in_vain))
            }
            _ => most.words(),
        };
        let mark = match role {
            Role::Asleep => return Self::asleep(words),
            Role::Spinning => glyphs.lane.would_block[2],
            _ => glyphs.lane.working,
        };
        Self::new(role, mark, words)
    }

    /// How it looks as a band across a column.
    pub(super) fn style(&self, look: &Look) -> Style {
        let style = look.style(self.role);
        let plain = look.depth == Depth::None || self.role == Role::Badge;
        if plain { style } else { style.add_modifier(Modifier::REVERSED) }
    }
}

/// In what it is asleep, and on whom.
fn asleep_in(run: &Track) -> String {
    let [only] = run.view.threads.as_slice() else {
        let threads = run.view.threads.len() as u64;
        return format!("{} threads asleep", show_count(threads));
    };
    match only.kind {
        _ if step::whereabouts(run).is_some() => "asleep in select".into(),
        Kind::Wait => "asleep in wait".into(),
        Kind::Accept => "asleep in accept".into(),
        kind => format!("asleep in {} of {}", kind.name(), only.socket),
    }
}

/// The clients that wait, and behind whom; `None` if there are none.
pub(super) fn waits(run: &Track) -> Option<String> {
    let view = run.view;
    let waiting = run.scene.in_backlog();
    if waiting > 0 {
        let serves = |it: &&ThreadView| {
            !matches!(it.kind, Kind::Wait | Kind::Accept | Kind::Watch)
        };
        let behind = view.threads.first().filter(serves);
        let whom = behind.map_or("to be accepted".into(), |it| {
            format!("behind {}", it.socket)
        });
        return Some(format!("{} {whom}", sockets::wait(waiting)));
    }
    let is_stuck = |state| state == SocketState::AsleepInWrite;
    if let Some(socket) = view.sockets.iter().find(|it| is_stuck(it.state)) {
        return Some(format!("a thread, until {} reads", socket.count.id));
    }
    let pending = view.sockets.iter().filter(|it| it.count.pending_bytes > 0);
    let most = pending.max_by_key(|it| it.count.pending_bytes)?;
    let size = show_size(most.count.pending_bytes.into());
    Some(if run.scene.control.paused {
        format!("{size} wait until all goes on")
    } else {
        format!("{size} wait until {} reads", most.count.id)
    })
}

/// The bands, and below them who waits.
pub(super) fn rows(
    look: &Look,
    columns: &[Track],
    width: usize,
    height: usize,
) -> ColumnRows<'static> {
    let tall = height > 3;
    let empty = tall.then(Line::default);
    let names = [
        empty.clone(),
        Some(look.line(Role::Dim, "right now")),
        empty,
        Some(look.line(Role::Dim, "who waits")),
    ];
    let parts = columns.iter().map(|run| {
        let posture = Posture::of(run);
        let style = posture.style(look);
        let text = format!(" {} {}", posture.mark, posture.words);
        let text = cut(&text, width, look.glyphs.more);
        let text = if tall {
            format!("{text:^width$}")
        } else {
            format!("{text:<width$}")
        };
        let empty = tall.then(|| Line::styled(" ".repeat(width), style));
        let band = Some(Line::styled(text, style));
        let waits = Some(waiting(run, width));
        [empty.clone(), band, empty, waits].into_iter().flatten().collect()
    });
    ColumnRows {
        names: names.into_iter().flatten().collect(),
        parts: parts.collect(),
    }
}

fn waiting(run: &Track, width: usize) -> Line<'static> {
    if !run.phase.goes_on() {
        return Line::default();
    }
    let Some(words) = waits(run) else {
        return run.look.line(Role::Dim, " nobody");
    };
    let more = run.look.glyphs.more;
    let text = cut(&format!(" {words}"), width.saturating_sub(1), more);
    let mark = run.say(Role::Bad, run.look.glyphs.tell);
    Line::from(vec![mark, run.say(Role::Bad, text)])
}
