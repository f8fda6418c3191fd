//! What each mode is doing right now, readable from a distance: asleep,
//! spinning or working, and what waits for what.

use crate::text::{clean, cut};
use crate::tui::context::Track;
use crate::tui::look::{Depth, Look, Role};
use crate::tui::paint::TextRows;
use crate::tui::panes::{header, sockets, step, turns};
use crate::tui::stage::TrackPhase;
use crate::units::{show_clock, show_count, show_short, show_size};
use crate::view::log::ASLEEP_AFTER;
use crate::view::{Kind, Phase, SocketState, ThreadView};
use ratatui::prelude::{Line, Style};

/// What a mode is doing: the style of the band across its column, a symbol of
/// two cells, and a description.
pub(super) fn posture(run: &Track) -> (Style, String, String) {
    let (role, mark, words) = doing(run);
    let style = run.look.style(role);
    let plain = run.look.depth == Depth::None || role == Role::Badge;
    let style = if plain { style } else { style.reversed() };
    let mark = if role == Role::Asleep { "zZ".into() } else { mark.repeat(2) };
    (style, mark, words)
}

fn doing(run: &Track) -> (Role, &'static str, String) {
    let (control, view) = (&run.scene.control, run.view);
    let (glyphs, at) = (run.look.glyphs, show_clock(view.at));
    let dim = |words: String| (Role::Dim, glyphs.dot, words);
    match run.phase {
        TrackPhase::Waiting => return dim("waits for its turn".into()),
        TrackPhase::Over => return dim(format!("over after {at}")),
        TrackPhase::Failed(why) => {
            return (Role::Bad, "!", format!("failed: {}", clean(why)));
        }
        TrackPhase::Running => {}
    }
    if view.phase.0 != Phase::Running {
        return (Role::Badge, glyphs.dot, header::stopping(view));
    }
    if let Some(before) = control.before().filter(|_| control.paused) {
        return (Role::Badge, glyphs.paused, format!("held before {before}"));
    }
    // The state with the largest share of the last second.
    let begins = || (Role::Dim, "begins".into());
    let (role, words) = turns::greatest(run).next().unwrap_or_else(begins);
    let sleeps = |it: &ThreadView| {
        it.in_call && (it.since >= ASLEEP_AFTER || it.kind == Kind::Wait)
    };
    let all_sleep = view.threads.iter().all(sleeps) && !view.threads.is_empty();
    let vain = view.rates.would_blocks;
    let spins = glyphs.lane.would_block[2];
    match role {
        Role::Spinning if vain > 0 => {
            (role, spins, format!("spinning: {}/s in vain", show_short(vain)))
        }
        Role::Spinning => (role, spins, words),
        _ if all_sleep && (role == Role::Asleep || control.paused) => {
            (Role::Asleep, "", asleep_in(run))
        }
        Role::Dim => dim(words),
        _ => (role, glyphs.lane.working, words),
    }
}

/// The call that the mode is asleep in, and the socket.
fn asleep_in(run: &Track) -> String {
    match run.view.threads.as_slice() {
        [it] => match it.kind {
            _ if step::whereabouts(run).is_some() => "asleep in select".into(),
            Kind::Wait => "asleep in wait".into(),
            Kind::Accept => "asleep in accept".into(),
            kind => format!("asleep in {} of {}", kind.name(), it.socket),
        },
        all => format!("{} threads asleep", show_count(all.len() as u64)),
    }
}

/// What waits, and for what: clients, a thread or bytes; `None` if nothing.
pub(super) fn waits(run: &Track) -> Option<String> {
    let (view, waiting) = (run.view, run.scene.in_backlog());
    if waiting > 0 {
        let whom = match view.threads.first().map(|it| (it.kind, it.socket)) {
            None | Some((Kind::Wait | Kind::Accept | Kind::Watch, _)) => {
                "to be accepted".into()
            }
            Some((_, socket)) => format!("behind {socket}"),
        };
        return Some(format!("{} {whom}", sockets::wait(waiting)));
    }
    let is_stuck = |state| state == SocketState::AsleepInWrite;
    if let Some(socket) = view.sockets.iter().find(|it| is_stuck(it.state)) {
        return Some(format!("a thread, until {} reads", socket.count.id));
    }
    let pending = view.sockets.iter().map(|it| &it.count);
    let most = pending.max_by_key(|it| it.pending_bytes)?;
    let size = show_size(most.pending_bytes.into());
    match most.pending_bytes {
        0 => None,
        _ if run.scene.control.paused => {
            Some(format!("{size} wait until all goes on"))
        }
        _ => Some(format!("{size} wait until {} reads", most.id)),
    }
}

/// The names of the rows of [`lines`].
pub(super) fn names(look: &Look, height: usize) -> TextRows {
    let names = ["", "right now", "", "who waits"].into_iter();
    let names = names.filter(|it| height > 3 || !it.is_empty());
    names.map(|it| look.line(Role::Dim, it)).collect()
}

/// The band, three rows high if there is room, and below it what waits.
pub(super) fn lines(run: &Track, width: usize, height: usize) -> TextRows {
    let (more, (style, mark, words)) = (run.look.glyphs.more, posture(run));
    let text = cut(&format!(" {mark} {words}"), width, more);
    let waits = match waits(run).filter(|_| run.phase.goes_on()) {
        Some(words) => {
            let text = cut(&format!(" {words}"), width.saturating_sub(1), more);
            let mark = run.say(Role::Bad, run.look.glyphs.tell);
            Line::from(vec![mark, run.say(Role::Bad, text)])
        }
        None if run.phase.goes_on() => run.look.line(Role::Dim, " nobody"),
        None => Line::default(),
    };
    let band = |text: String| Line::styled(text, style);
    let empty = || band(String::new());
    match height {
        ..4 => vec![band(text), waits],
        _ => vec![empty(), band(format!("{text:^width$}")), empty(), waits],
    }
}
