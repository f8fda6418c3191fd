//! The log of events, and the findings.

use super::code::outcome_role;
use super::table::counted;
use crate::probe::{Event, Note};
use crate::text::{clean, cut, padded, wrap};
use crate::tui::context::Track;
use crate::tui::look::{Look, Role};
use crate::tui::paint::{TextRows, fitting_rows};
use crate::view::Finding;
use crate::view::LogEntry;
use crate::view::log::LogWords;
use ratatui::text::Line;

/// Below this width the file's name is left out.
const NARROW: usize = 56;

pub(super) fn title(run: &Track) -> Vec<String> {
    let sockets = &run.state.sockets;
    let only = sockets.selected.filter(|_| sockets.only);
    let only = only.map_or(String::new(), |it| format!("only {it}"));
    let later = (run.state.scroll.events as u64, "later");
    let counts = counted([later, (run.view.events_lost, "not kept")]);
    vec!["events".into(), only, counts]
}

pub(super) fn lines(run: &Track, width: usize, height: usize) -> TextRows {
    let kept = run.view.events.iter().filter(|it| run.state.shows(it));
    let entries: Vec<_> = kept.collect();
    let below = run.state.scroll.events.min(entries.len().saturating_sub(1));
    let end = entries.len() - below;
    let visible = &entries[end.saturating_sub(height)..end];
    if visible.is_empty() {
        return vec![run.look.line(Role::Dim, "nothing so far")];
    }
    visible.iter().map(|entry| row(run, entry, width)).collect()
}

/// A row of the log: time, socket, call, detail and source line.
pub(super) fn row(run: &Track, it: &LogEntry, width: usize) -> Line<'static> {
    let LogWords { socket, call, detail, site } = LogWords::new(it);
    let (secs, ms) = (it.at().as_secs(), it.at().subsec_millis());
    let socket = socket.map_or(String::new(), |id| id.to_string());
    let (id, name, site) = match site {
        Some(site) if width < NARROW => (4, 7, format!(":{}", site.line)),
        None if width < NARROW => (4, 7, String::new()),
        site => (5, 8, site.map_or(String::new(), |it| it.to_string())),
    };
    let id = id.max(socket.len() + 1);
    let name = if call.is_empty() { 0 } else { name };
    let room = width.saturating_sub(9 + id + name + site.len() + 1);
    let detail = cut(&detail, room, run.look.glyphs.more);
    let role = match it.event {
        Event::Exit { outcome, .. } => outcome_role(outcome),
        Event::Enter { .. } => Role::Asleep,
        Event::Idle { .. } => Role::Spinning,
        Event::Note { note: Note::Ready { .. }, .. } => Role::Ready,
        Event::Note {
            note:
                Note::Paused(_)
                | Note::LeftWaiting { .. }
                | Note::Stopped { .. }
                | Note::CallFailed { .. },
            ..
        } => Role::Bad,
        Event::Note { .. } => Role::Text,
    };
    Line::from(vec![
        run.say(Role::Dim, format!("{secs:>4}.{ms:03} ")),
        run.say(Role::Text, padded(&socket, id) + &padded(call, name)),
        run.say(role, format!("{detail:<room$} ")),
        run.say(Role::Dim, site),
    ])
}

/// The rows of the findings, from the one that the pane is scrolled to.
pub(super) fn findings(run: &Track, width: usize, height: usize) -> TextRows {
    let mut lines = all_findings(run, width);
    if run.view.findings.is_empty() {
        let watch = what_to_watch(run, width);
        let none = match (run.has_ended(), watch.is_empty()) {
            (true, _) => "no findings",
            (false, true) => "no findings yet",
            (false, false) => "no findings yet; what to look for:",
        };
        lines.push(run.look.line(Role::Dim, none));
        lines.extend(watch);
    }
    let first = run.state.scroll.findings;
    let shown = lines.split_off(first.min(lines.len().saturating_sub(height)));
    fitting_rows(run.look, shown, (width, height))
}

/// The scenario's title, and what to watch in this mode.
fn what_to_watch(run: &Track, width: usize) -> TextRows {
    let Some(scenario) = &run.scene.facts.scenario else { return Vec::new() };
    let sentences = [&scenario.title].into_iter().chain(&scenario.watch);
    let rows = sentences.flat_map(|it| wrap(&clean(it), width));
    rows.map(|it| run.look.line(Role::Text, it)).collect()
}

/// All findings, each with its advice.
pub(crate) fn all_findings(run: &Track, width: usize) -> TextRows {
    let rows = run.view.findings.iter().flat_map(|finding| {
        let advice = wrap(&finding.advice, width.saturating_sub(2)).into_iter();
        let advice =
            advice.map(|it| run.look.line(Role::Dim, format!("  {it}")));
        seen(run.look, finding, width).into_iter().chain(advice)
    });
    rows.collect()
}

/// The observation of a finding, wrapped into rows.
pub(crate) fn seen(look: &Look, finding: &Finding, width: usize) -> TextRows {
    let rows = wrap(&finding.observation, width.saturating_sub(2)).into_iter();
    let mark = look.say(Role::Spinning, look.glyphs.tell);
    let text = |it| look.say(Role::Text, format!(" {it}"));
    rows.map(|it| Line::from(vec![mark.clone(), text(it)])).collect()
}
