//! The mode's own source, and where its threads are.

use super::{source, step};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::Role;
use crate::tui::paint::{at_both_ends, width as width_of};
use crate::units::{show_clock, show_count, show_short};
use crate::view::log::{ASLEEP_AFTER, outcome_words};
use crate::view::{AwaitView, LineView, Outcome, Site, SourceText};
use itertools::Itertools as _;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::time::Duration;
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// Width of what precedes the text: calls, line number and symbols.
const GUTTER: usize = 12;

/// Greatest width of the text and its note, so that the note stays close to its
/// line: the longest line of a mode file, a thread and an outcome fit.
const MOST: usize = 112;

/// The width of most outcomes of a call.
const LAST: usize = 17;

/// From this width on, a column has calls before its lines and outcomes behind.
const ROOMY_COLUMN: usize = 48;

pub(super) fn title(run: &Track) -> Vec<String> {
    let path = &run.state.source(run.scene).path;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let scrolled = run.state.scroll.code.map(|_| "scrolled, end follows");
    vec![
        "code".into(),
        name.into(),
        "calls so far, line".into(),
        scrolled.unwrap_or("").into(),
    ]
}

/// The source for a pane, or the mode's own source for a narrow column. In
/// presenter mode there is a free row between lines.
pub(crate) fn lines<'a>(
    run: &Track<'a>,
    (width, height): (usize, usize),
    in_column: bool,
) -> Vec<Line<'a>> {
    let height = if run.presents { height.div_ceil(2) } else { height };
    let (state, current) = (run.state, step::current(run));
    let of_loop = state.shows_loop && !in_column;
    let own = &run.scene.facts.source;
    let source = if in_column { own } else { state.source(run.scene) };
    let SourceText { path, text } = source;
    let places = match state.scroll.code {
        Some(from) if !in_column => (from..from + height).collect(),
        _ if of_loop => step::places(text, height, current),
        _ => source::chosen(text, height),
    };
    let all: Vec<_> = text.lines().collect();
    let (mut rows, mut next) = (Vec::new(), usize::MAX);
    for at in places {
        let Some(code) = all.get(at) else { break };
        let gap = next < at;
        next = at + 1;
        let line = CodeLine::new(run, path, (at, gap, code));
        let in_step = of_loop && step::is_of(text, at, current);
        rows.push(if in_column {
            line.in_column(run, width)
        } else {
            line.in_pane(run, in_step, width)
        });
    }
    if run.presents { spaced(run.look.style(Role::Here), rows) } else { rows }
}

/// The rows with a free one between each two. Those beside a row of the style
/// `here` have it, too: it is as high as three.
fn spaced(here: Style, rows: Vec<Line>) -> Vec<Line> {
    let mut spaced: Vec<Line> = Vec::new();
    for row in rows {
        if let Some(above) = spaced.last() {
            let is_beside = above.style == here || row.style == here;
            let style = if is_beside { here } else { Style::new() };
            spaced.push(Line::default().style(style));
        }
        spaced.push(row);
    }
    spaced
}

/// Whether a site is in this file, whatever directory it was built in.
fn is_of(site: Site, file: &str) -> bool {
    let mut both = site.file.rsplit(['/', '\\']).zip(file.rsplit(['/', '\\']));
    both.all(|(one, other)| one == other)
}

/// The threads and tasks at a call right now.
#[derive(Clone, Copy, Default)]
struct Presence {
    /// Threads that are held, and make the call next.
    before: usize,
    /// Threads that are in the call, and the longest time of one of them.
    inside: (usize, Duration),
    /// Threads whose last call it was; they are not in another one.
    after: usize,
    /// Tasks that are paused at it, and the longest time of one of them.
    paused: Option<(u64, Duration)>,
}

impl Presence {
    fn new(run: &Track, is_here: impl Fn(Site) -> bool) -> Self {
        let (view, control) = (run.view, &run.scene.control);
        let is_call = !matches!(
            control.before(),
            Some(Before::Step(_) | Before::Task(_))
        );
        let mut presence = Self::default();
        for it in view.threads.iter().filter(|it| is_here(it.site)) {
            let Self { before, inside, after, .. } = &mut presence;
            if it.in_call {
                *inside = (inside.0 + 1, inside.1.max(it.since));
            } else if is_call && it.is_held {
                *before += 1;
            } else {
                *after += 1;
            }
        }
        let paused = view.awaits.iter().find(|it| is_here(it.site));
        let paused =
            paused.map(|AwaitView { tasks, longest, .. }| (*tasks, *longest));
        Self { paused, ..presence }
    }

    /// Whether a thread is at the call: its line is the one to look at.
    const fn is_marked(&self) -> bool {
        self.before > 0 || self.inside.0 > 0
    }

    fn mark(&self, glyphs: &Glyphs) -> (Role, &'static str) {
        match self {
            Self { before: 1.., .. } => (Role::Key, glyphs.before),
            Self { inside: (1.., _), .. } => (Role::Key, glyphs.inside),
            Self { paused: Some(_), .. } => (Role::Asleep, glyphs.awaits),
            Self { after: 1.., .. } => (Role::Key, glyphs.after),
            _ => (Role::Key, " "),
        }
    }

    /// The same in words, in short or in full.
    fn words(&self, run: &Track, in_full: bool) -> Vec<Span<'static>> {
        let several = |count: usize| match count {
            1 => String::new(),
            n => format!("{} ", show_count(n as u64)),
        };
        let (inside, longest) = self.inside;
        let mut words = Vec::new();
        if self.before > 0 {
            let text = format!(" {}before ", several(self.before));
            words.push(run.say(Role::Badge, text));
        }
        if inside > 0 {
            let (is_asleep, count) = (longest >= ASLEEP_AFTER, several(inside));
            let time = show_clock(longest);
            let text = match (is_asleep, in_full) {
                (false, _) => format!("{count}inside"),
                (true, false) => format!("{count}asleep {time}"),
                (true, true) => format!("{count}inside, asleep {time}"),
            };
            let role = if is_asleep { Role::Asleep } else { Role::Text };
            words.push(run.say(role, text));
        }
        if let Some((tasks, longest)) = self.paused {
            let (count, time) = (show_count(tasks), show_clock(longest));
            let s = if tasks == 1 { "" } else { "s" };
            let what =
                if in_full { format!(" task{s}") } else { String::new() };
            let text = format!("{count}{what} paused {time}");
            words.push(run.say(Role::Asleep, text));
        }
        if words.is_empty() && self.after > 0 {
            let text = format!("{}after", several(self.after));
            words.push(run.say(Role::Text, text));
        }
        itertools::intersperse_with(words, || " ".into()).collect()
    }
}

/// A line of source, and what is known about it.
struct CodeLine<'a> {
    /// Index of the line in the text, from 0.
    at: usize,
    code: &'a str,
    /// The symbol for lines left out above this one, or a space.
    gap: &'static str,
    counted: Option<&'a LineView>,
    now: Presence,
}

impl<'a> CodeLine<'a> {
    fn new(run: &Track<'a>, file: &str, line: (usize, bool, &'a str)) -> Self {
        let (at, gap, code) = line;
        let is_here =
            |site: Site| site.line as usize == at + 1 && is_of(site, file);
        let counted = run.view.lines.iter().find(|line| is_here(line.site));
        let gap = if gap { run.look.glyphs.gap } else { " " };
        Self { at, code, gap, counted, now: Presence::new(run, is_here) }
    }

    fn calls(&self) -> String {
        self.counted.map_or(String::new(), |it| show_short(it.hits))
    }

    /// What the threads and tasks do now and, dimmed, the outcome before: the
    /// longest form that fits.
    fn note(&self, run: &Track, room: usize) -> Vec<Span<'static>> {
        let last = self.counted.and_then(|it| it.last);
        let last = last.map(|it| format!("last: {}", outcome_words(it)));
        let forms =
            [(true, true), (false, true), (true, false), (false, false)];
        let mut forms = forms.into_iter().map(|(in_full, has_last)| {
            let now = self.now.words(run, in_full);
            let last = last.as_ref().filter(|_| has_last).map(|last| {
                // Without anything before it, it begins at the same column.
                let is_alone = now.is_empty();
                let width = if is_alone { LAST } else { 0 };
                let gap = if is_alone { "" } else { "  " };
                run.say(Role::Dim, format!("{gap}{last:<width$}"))
            });
            now.into_iter().chain(last).collect_vec()
        });
        forms.find(|it| width_of(it) <= room).unwrap_or_default()
    }

    /// Width to keep free for the note on what is there now. The arguments of
    /// the call are cut off before that note is.
    fn reserved(&self, run: &Track, code: &str, room: usize) -> usize {
        let least = width_of(&self.now.words(run, false));
        if least == 0 {
            return 0;
        }
        let named = code.rfind('(').map_or(0, |call| code[..call].width() + 2);
        let note =
            |code| width_of(&self.note(run, room.saturating_sub(code + 1)));
        let mut widths = [code.width(), named].into_iter().map(note);
        widths.find(|it| *it > 0).unwrap_or(least) + 1
    }

    fn in_pane(&self, run: &Track, in_step: bool, width: usize) -> Line<'a> {
        let is_marked = self.now.is_marked();
        let plain = if is_marked { Role::Text } else { Role::Dim };
        let mark = self.now.mark(run.look.glyphs);
        let tell = (Role::Key, run.look.glyphs.tell);
        let (role, gap) = if in_step { tell } else { (plain, self.gap) };
        let mut line = vec![
            run.say(plain, format!("{:>5} {:>3}", self.calls(), self.at + 1)),
            run.say(role, gap),
            run.say(mark.0, mark.1),
            " ".into(),
        ];
        let end = width.min(GUTTER + MOST);
        let code = indented(self.code, width);
        let room = end.saturating_sub(GUTTER);
        let room = room.saturating_sub(self.reserved(run, code, room));
        line.extend(painted(run, code, room));
        let note = self.note(run, end.saturating_sub(width_of(&line) + 1));
        let role = if is_marked { Role::Here } else { Role::Text };
        at_both_ends(line, note, end).style(run.look.style(role))
    }

    /// A line for a narrow column, where the call is shown at any cost.
    fn in_column(&self, run: &Track, width: usize) -> Line<'a> {
        let goes_on = run.phase.goes_on();
        let is_roomy = width >= ROOMY_COLUMN;
        let calls = format!("{:>5} ", self.calls());
        let calls = if is_roomy { calls } else { String::new() };
        let now = if goes_on { self.now } else { Presence::default() };
        let (role, mark) = now.mark(run.look.glyphs);
        let mut line = vec![
            run.say(Role::Dim, calls),
            run.say(role, mark),
            run.say(Role::Dim, format!("{:>2}{}", self.at + 1, self.gap)),
        ];
        let room = width.saturating_sub(width_of(&line));
        let note = if is_roomy && goes_on {
            self.note(run, room / 2)
        } else {
            now.words(run, false)
        };
        let taken = width_of(&note) + usize::from(!note.is_empty());
        let room = room.saturating_sub(taken);
        let (is_cut, code) = from_call(indented(self.code, width), room);
        line.extend(is_cut.then(|| run.say(Role::Dim, run.look.glyphs.more)));
        line.extend(painted(run, code, room - usize::from(is_cut)));
        let role = if now.is_marked() { Role::Here } else { Role::Text };
        at_both_ends(line, note, width).style(run.look.style(role))
    }
}

/// Leaves out what precedes the call if the call would be cut off: `a.accept()`
/// for `let x = a.accept()`. Also returns whether it did.
fn from_call(text: &str, room: usize) -> (bool, &str) {
    let end = |call: &&str| Some(text.find(call)? + call.len());
    let end = source::CALLS.iter().filter_map(end).max().unwrap_or(0);
    match text.split_once("= ").filter(|_| end > room && room > 1) {
        Some((_, call)) => (true, call),
        None => (false, text),
    }
}

/// The text with syntax colours; a symbol marks where it was cut.
fn painted<'a>(run: &Track, code: &'a str, room: usize) -> Vec<Span<'a>> {
    if code.width() <= room {
        return source::painted(run.look, code);
    }
    let (kept, _) = code.unicode_truncate(room.saturating_sub(1));
    let mut spans = source::painted(run.look, kept);
    spans.push(run.say(Role::Dim, run.look.glyphs.more));
    spans
}

/// Reduces the indentation to a half or a quarter if there is little room.
fn indented(code: &str, width: usize) -> &str {
    let indent = code.len() - code.trim_start().len();
    match width {
        90.. => code,
        70.. => &code[indent / 2..],
        _ => &code[indent * 3 / 4..],
    }
}

/// The role of a call's outcome, which determines its colour.
pub(super) const fn outcome_role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::WouldBlock => Role::Spinning,
        Outcome::Failed(_) => Role::Bad,
        Outcome::Bytes(_) | Outcome::Accepted(_) => Role::Working,
        Outcome::Ready(_) => Role::Ready,
        _ => Role::Dim,
    }
}
