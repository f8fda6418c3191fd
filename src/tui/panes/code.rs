//! The mode's own source, and where its threads are.

use super::{source, step};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{at_both_ends, filled, width as width_of};
use crate::units::{show_clock, show_count, show_short};
use crate::view::log::{ASLEEP_AFTER, outcome_words};
use crate::view::{AwaitView, LineView, Outcome, Site, SourceText};
use ratatui::text::{Line, Span};
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// Width of what precedes the text: hits, heat, line number and symbols.
const GUTTER: usize = 13;

/// Greatest width of the text and the note behind it, so that the eye keeps to
/// the row: the longest line of a mode file, a thread and an outcome fit.
const MOST: usize = 104;

/// From this width on, a column has hits before its lines and outcomes behind.
const ROOMY_COLUMN: usize = 48;

pub(super) fn title(run: &Track) -> Vec<String> {
    let path = &run.state.source(run.scene).path;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let place = step::whereabouts(run).map(|it| format!("thread {it}"));
    let place = place.unwrap_or("hits, line, last outcome".into());
    let scrolled = run.state.scroll.code.map(|_| "scrolled, end follows");
    vec!["code".into(), name.into(), place, scrolled.unwrap_or("").into()]
}

/// The source for a pane, or the mode's own source for a narrow column.
pub(crate) fn lines<'a>(
    run: &Track<'a>,
    (width, height): (usize, usize),
    in_column: bool,
) -> Vec<Line<'a>> {
    let (state, current) = (run.state, step::current(run));
    let of_loop = state.shows_loop && !in_column;
    let own = &run.scene.facts.source;
    let source = if in_column { own } else { state.source(run.scene) };
    let SourceText { path, text } = source;
    let places = match state.scroll.code {
        Some(from) if !in_column => (from..from + height).collect(),
        _ if of_loop => step::places(text, height, current),
        _ => source::chosen(text, height, run.presents),
    };
    let all: Vec<_> = text.lines().collect();
    let (mut rows, mut next) = (Vec::new(), usize::MAX);
    for at in places {
        let Some(code) = all.get(at) else { break };
        let gap = next < at;
        next = at + 1;
        rows.extend((gap && run.presents).then(Line::default));
        let line = CodeLine::new(run, path, (at, gap, code));
        let in_step = of_loop && step::is_of(text, at, current);
        rows.push(if in_column {
            line.in_column(run, width)
        } else {
            line.in_pane(run, in_step, width)
        });
    }
    rows
}

/// Whether a site is in this file, whatever directory it was built in.
fn is_of(site: Site, file: &str) -> bool {
    let mut both = site.file.rsplit(['/', '\\']).zip(file.rsplit(['/', '\\']));
    both.all(|(one, other)| one == other)
}

/// A line of source, and what is known about it.
struct CodeLine<'a> {
    /// Index of the line in the text, from 0.
    at: usize,
    code: &'a str,
    /// The symbol for lines left out above this one, or a space.
    gap: &'static str,
    counted: Option<&'a LineView>,
    /// Whether a thread is in a call of this line.
    inside: bool,
    /// Shows if a thread is in it, held at it or past it, or tasks are paused.
    mark: (Role, &'static str),
    /// The threads or tasks in the line, and for how long.
    who: Option<Span<'static>>,
}

impl<'a> CodeLine<'a> {
    fn new(run: &Track<'a>, file: &str, line: (usize, bool, &'a str)) -> Self {
        let (at, gap, code) = line;
        let is_here =
            |site: Site| site.line as usize == at + 1 && is_of(site, file);
        let (view, control) = (run.view, &run.scene.control);
        let threads = view.threads.iter().filter(|it| is_here(it.site));
        let threads: Vec<_> = threads.collect();
        let held = match control.before() {
            Some(Before::Step(_) | Before::Task(_)) => 0,
            _ => threads.iter().filter(|it| control.holds(it.thread)).count(),
        };
        let counted = view.lines.iter().find(|line| is_here(line.site));
        let in_it = counted.map(|line| (line.threads, line.longest));
        let (count, longest) = in_it.unwrap_or_default();
        let inside = count > 0 || threads.iter().any(|it| it.in_call);
        let paused = view.awaits.iter().find(|it| is_here(it.site));
        let glyphs = run.look.glyphs;
        let who = match paused {
            _ if held > 0 => Some((Role::Badge, format!(" {held} held "))),
            _ if count > 0 && longest >= ASLEEP_AFTER => {
                let since = show_clock(longest);
                Some((Role::Asleep, format!("{count} zZ {since}")))
            }
            _ if count > 1 => Some((Role::Working, format!("{count} threads"))),
            Some(AwaitView { tasks, longest, .. }) => {
                let (tasks, time) = (show_count(*tasks), show_clock(*longest));
                Some((Role::Asleep, format!("{tasks} paused {time}")))
            }
            None => None,
        };
        let mark = if inside || held > 0 {
            (Role::Key, glyphs.mark)
        } else if paused.is_some() {
            (Role::Asleep, glyphs.paused)
        } else if !threads.is_empty() {
            (Role::Key, glyphs.past)
        } else {
            (Role::Key, " ")
        };
        let gap = if gap { glyphs.gap } else { " " };
        let who = who.map(|(role, words)| run.say(role, words));
        Self { at, code, gap, counted, inside, mark, who }
    }

    fn hits(&self) -> String {
        self.counted.map_or(String::new(), |it| show_short(it.hits))
    }

    /// The threads or tasks in the line, and its last outcome, which is left
    /// out first if there is too little room.
    fn note(&self, run: &Track, room: usize) -> Vec<Span<'static>> {
        let last = self.counted.and_then(|it| it.last).map(|outcome| {
            let words = format!("{:<11}", outcome_words(outcome));
            run.say(outcome_role(outcome), words)
        });
        let mut note: Vec<_> = self.who.iter().cloned().chain(last).collect();
        if let [who, _] = &note[..] {
            // A badge already ends in a space.
            let gap = if who.content.ends_with(' ') { " " } else { "  " };
            note.insert(1, gap.into());
        }
        if width_of(&note) > room {
            note.truncate(1);
            note.retain(|it| it.width() <= room);
        }
        note
    }

    /// Width to keep free for the note: for the threads in the line, and for
    /// the outcome if the name of the call remains visible.
    fn reserved(&self, run: &Track, code: &str, room: usize) -> usize {
        let Some(who) = &self.who else { return 0 };
        let all = width_of(&self.note(run, room)) + 1;
        let call = code.rfind('(').unwrap_or(code.len());
        let named = code[..call].width() + 1;
        if named + all <= room { all } else { who.width() + 1 }
    }

    fn in_pane(&self, run: &Track, in_step: bool, width: usize) -> Line<'a> {
        // Rounded up, so that any hit is visible.
        let heat = self.counted.map_or(0.0, |it| it.heat);
        let level = if heat > 0.0 { filled(heat + 0.06, 8).max(1) } else { 0 };
        let hot = if level > 5 { Role::Spinning } else { Role::Ready };
        let plain = if self.inside { Role::Text } else { Role::Dim };
        let tell = (Role::Key, run.look.glyphs.tell);
        let (role, gap) = if in_step { tell } else { (plain, self.gap) };
        let mut line = vec![
            run.say(plain, format!("{:>5}", self.hits())),
            run.say(hot, run.look.glyphs.levels[level]),
            run.say(plain, format!(" {:>3}", self.at + 1)),
            run.say(role, gap),
            run.say(self.mark.0, self.mark.1),
            " ".into(),
        ];
        let end = width.min(GUTTER + MOST);
        let code = indented(self.code, width);
        let room = end.saturating_sub(GUTTER);
        let room = room.saturating_sub(self.reserved(run, code, room));
        line.extend(painted(run, code, room));
        let note = self.note(run, end.saturating_sub(width_of(&line) + 1));
        let role = if self.inside { Role::Here } else { Role::Text };
        at_both_ends(line, note, end).style(run.look.style(role))
    }

    /// A line for a narrow column, where the call is shown at any cost.
    fn in_column(&self, run: &Track, width: usize) -> Line<'a> {
        let goes_on = run.phase.goes_on();
        let is_roomy = width >= ROOMY_COLUMN;
        let hits = format!("{:>5} ", self.hits());
        let hits = if is_roomy { hits } else { String::new() };
        let (role, mark) = if goes_on { self.mark } else { (Role::Dim, " ") };
        let mut line = vec![
            run.say(Role::Dim, hits),
            run.say(role, mark),
            run.say(Role::Dim, format!("{:>2}{}", self.at + 1, self.gap)),
        ];
        let room = width.saturating_sub(width_of(&line));
        let note = match &self.who {
            _ if goes_on && is_roomy => self.note(run, room / 2),
            // A single thread needs no number.
            Some(who) if goes_on => {
                let words = who.content.trim_start_matches("1 ").to_owned();
                vec![Span::styled(words, who.style)]
            }
            _ => Vec::new(),
        };
        let taken = width_of(&note) + usize::from(!note.is_empty());
        let room = room.saturating_sub(taken);
        let (is_cut, code) = from_call(indented(self.code, width), room);
        line.extend(is_cut.then(|| run.say(Role::Dim, run.look.glyphs.more)));
        line.extend(painted(run, code, room - usize::from(is_cut)));
        let is_here = self.inside && goes_on;
        let role = if is_here { Role::Here } else { Role::Text };
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
