//! The mode's own source, and where its threads are.

use super::{source, step};
use crate::probe::Before;
use crate::tui::context::Track;
use crate::tui::look::Role;
use crate::tui::paint::{at_both_ends, width as width_of};
use crate::units::{show_clock, show_count, show_short};
use crate::view::log::{ASLEEP_AFTER, outcome_words};
use crate::view::{AwaitView, Outcome, Site, SourceText};
use ratatui::text::{Line, Span};
use std::time::Duration;
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// Hits, heat, mark and number before the text.
const GUTTER: usize = 13;

/// The text and what is noted behind it take no more, lest the eye lose the
/// row: the longest line of a mode file, who is in it, an outcome.
const MOST: usize = 104;

/// From this width on, a column has hits before its lines and outcomes behind.
const ROOMY_COLUMN: usize = 48;

pub(super) fn title(run: &Track) -> String {
    let path = &run.state.source(run.scene).path;
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let dot = run.look.glyphs.dot;
    let scrolled = match run.state.scroll.code {
        Some(_) => format!(" {dot} scrolled, end follows"),
        None => String::new(),
    };
    let what = match step::whereabouts(run) {
        Some(place) => format!("thread {place}"),
        None => "hits, line, last outcome".into(),
    };
    format!("code {dot} {name} {dot} {what}{scrolled}")
}

/// The source in a pane.
pub(super) fn lines<'a>(
    run: &Track<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let source = run.state.source(run.scene);
    let text = &source.text;
    let of_loop = run.state.shows_loop;
    let current = step::current(run);
    let places = match run.state.scroll.code {
        Some(from) => (from..from + height).collect(),
        None if of_loop => step::places(text, height, current),
        None => chosen(run, text, height),
    };
    rows(run, source, places, |line| {
        let in_step = of_loop && step::is_of(text, line.at, current);
        line.in_pane(run, in_step, width)
    })
}

/// The mode's own source in a narrow column.
pub(crate) fn column_lines<'a>(
    run: &Track<'a>,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let source = &run.scene.facts.source;
    let places = chosen(run, &source.text, height);
    rows(run, source, places, |line| line.in_column(run, width))
}

fn rows<'a>(
    run: &Track<'a>,
    SourceText { path, text }: &'a SourceText,
    places: Vec<usize>,
    row: impl Fn(&CodeLine<'a>) -> Line<'a>,
) -> Vec<Line<'a>> {
    let all: Vec<_> = text.lines().collect();
    let mut rows = Vec::new();
    let mut next = None;
    for at in places {
        let Some(code) = all.get(at) else { break };
        let gap = next.is_some_and(|next| next < at);
        next = Some(at + 1);
        if gap && run.presents {
            rows.push(Line::default());
        }
        rows.push(row(&CodeLine::new(run, path, (at, gap, code))));
    }
    rows
}

/// As many lines as fit; in presenter mode with an empty one at every gap.
fn chosen(run: &Track, text: &str, height: usize) -> Vec<usize> {
    let fits = |places: &Vec<usize>| {
        let gaps = places.windows(2).filter(|it| it[0] + 1 < it[1]).count();
        !run.presents || places.len() + gaps <= height
    };
    let ranked = source::ranked(text);
    let mut fewer = (0..=height).rev().map(|n| source::chosen(&ranked, n));
    fewer.find(fits).unwrap_or_default()
}

/// Whether a line is of this file, wherever the program was built.
fn is_of(site: Site, file: &str) -> bool {
    let mut both = site.file.rsplit(['/', '\\']).zip(file.rsplit(['/', '\\']));
    both.all(|(one, other)| one == other)
}

/// A line, and what is known of it.
struct CodeLine<'a> {
    /// Its place in the text, from 0.
    at: usize,
    code: &'a str,
    /// Lines above it are left out.
    gap: bool,
    hits: String,
    heat: f32,
    /// A thread is in its call.
    inside: bool,
    /// Whether a thread is in it, is held at its call, or was last in it.
    mark: (Role, &'static str),
    /// Who is in it, and for how long.
    who: Option<Span<'static>>,
    last: Option<Span<'static>>,
}

impl<'a> CodeLine<'a> {
    fn new(
        run: &Track,
        file: &str,
        (at, gap, code): (usize, bool, &'a str),
    ) -> Self {
        let is_here =
            |site: Site| site.line as usize == at + 1 && is_of(site, file);
        let (view, control) = (run.view, &run.scene.control);
        let threads = view.threads.iter().filter(|it| is_here(it.site));
        let threads: Vec<_> = threads.collect();
        let at_call = !matches!(
            control.before(),
            Some(Before::Step(_) | Before::Task(_))
        );
        let held = threads.iter().filter(|it| control.holds(it.thread));
        let held = if at_call { held.count() } else { 0 };
        let counted = view.lines.iter().find(|line| is_here(line.site));
        let (count, longest) = counted
            .map_or((0, Duration::ZERO), |line| (line.threads, line.longest));
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
        let last = counted.and_then(|line| line.last).map(|outcome| {
            let words = format!("{:<11}", outcome_words(outcome));
            run.say(outcome_role(outcome), words)
        });
        Self {
            at,
            code,
            gap,
            hits: counted.map_or(String::new(), |line| show_short(line.hits)),
            heat: counted.map_or(0.0, |line| line.heat),
            inside,
            mark: match () {
                () if inside || held > 0 => (Role::Key, glyphs.mark),
                () if paused.is_some() => (Role::Asleep, glyphs.paused),
                () if !threads.is_empty() => (Role::Key, glyphs.past),
                () => (Role::Key, " "),
            },
            who: who.map(|(role, words)| run.say(role, words)),
            last,
        }
    }

    /// Who is in the line, and its last outcome; what does not fit is left
    /// out, the outcome first.
    fn note(&self, room: usize) -> Vec<Span<'static>> {
        let both = [self.who.clone(), self.last.clone()];
        let mut note: Vec<_> = both.into_iter().flatten().collect();
        if note.len() == 2 {
            // A badge brings a space of its own.
            let is_badge = note[0].content.ends_with(' ');
            note.insert(1, if is_badge { " " } else { "  " }.into());
        }
        if width_of(&note) > room {
            note.truncate(1);
            note.retain(|it| it.width() <= room);
        }
        note
    }

    /// Room for the note, at the cost of the text: for who is in the line,
    /// and for the outcome if the name of the call stays in sight.
    fn reserved(&self, code: &str, room: usize) -> usize {
        let Some(who) = &self.who else { return 0 };
        let all = width_of(&self.note(room)) + 1;
        let call = code.rfind('(').unwrap_or(code.len());
        let named = code[..call].width() + 1;
        if named + all <= room { all } else { who.width() + 1 }
    }

    fn in_pane(&self, run: &Track, in_step: bool, width: usize) -> Line<'a> {
        let glyphs = run.look.glyphs;
        let level = level(self.heat);
        let hot = if level > 5 { Role::Spinning } else { Role::Ready };
        let plain = if self.inside { Role::Text } else { Role::Dim };
        let (role, gap) = if in_step {
            (Role::Key, glyphs.tell)
        } else {
            (plain, if self.gap { glyphs.gap } else { " " })
        };
        let mut line = vec![
            run.say(plain, format!("{:>5}", self.hits)),
            run.say(hot, glyphs.levels[level]),
            run.say(plain, format!(" {:>3}", self.at + 1)),
            run.say(role, gap),
            run.say(self.mark.0, self.mark.1),
            " ".into(),
        ];
        let end = width.min(GUTTER + MOST);
        let code = indented(self.code, width);
        let room = end.saturating_sub(GUTTER);
        let room = room.saturating_sub(self.reserved(code, room));
        line.extend(painted(run, code, room));
        let note = self.note(end.saturating_sub(width_of(&line) + 1));
        let role = if self.inside { Role::Here } else { Role::Text };
        at_both_ends(line, note, end).style(run.look.style(role))
    }

    /// The call before everything else.
    fn in_column(&self, run: &Track, width: usize) -> Line<'a> {
        let glyphs = run.look.glyphs;
        let goes_on = run.phase.goes_on();
        let is_roomy = width >= ROOMY_COLUMN;
        let mut line = Vec::new();
        if is_roomy {
            line.push(run.say(Role::Dim, format!("{:>5} ", self.hits)));
        }
        let (role, mark) = if goes_on { self.mark } else { (Role::Dim, " ") };
        let gap = if self.gap { glyphs.gap } else { " " };
        line.push(run.say(role, mark));
        line.push(run.say(Role::Dim, format!("{:>2}{gap}", self.at + 1)));
        let room = width.saturating_sub(width_of(&line));
        let note = match (goes_on, &self.who) {
            (true, _) if is_roomy => self.note(room / 2),
            (true, Some(who)) => {
                // A single thread needs no number.
                let words = who.content.strip_prefix("1 ");
                let words = words.unwrap_or(&who.content).to_owned();
                vec![Span::styled(words, who.style)]
            }
            _ => Vec::new(),
        };
        let taken = width_of(&note);
        let room = room.saturating_sub(taken + usize::from(taken > 0));
        let (is_cut, code) = from_call(indented(self.code, width), room);
        if is_cut {
            line.push(run.say(Role::Dim, glyphs.more));
        }
        line.extend(painted(run, code, room - usize::from(is_cut)));
        let is_here = self.inside && goes_on;
        let role = if is_here { Role::Here } else { Role::Text };
        at_both_ends(line, note, width).style(run.look.style(role))
    }
}

/// The text, without what stands before its call if that would be cut off:
/// `let x = a.accept()` as `a.accept()`.
fn from_call(text: &str, room: usize) -> (bool, &str) {
    const CALLS: [&str; 4] = ["accept(", "read(", "write(", "wait("];
    let ends = CALLS.iter().filter_map(|it| Some(text.find(it)? + it.len()));
    let is_cut = ends.max().is_some_and(|end| end > room) && room > 1;
    match text.split_once("= ").filter(|_| is_cut) {
        Some((_, call)) => (true, call),
        None => (false, text),
    }
}

/// The text in colours; what is cut shows.
fn painted<'a>(run: &Track, code: &'a str, room: usize) -> Vec<Span<'a>> {
    if code.width() <= room {
        return source::painted(run.look, code);
    }
    let (kept, _) = code.unicode_truncate(room.saturating_sub(1));
    let mut spans = source::painted(run.look, kept);
    spans.push(run.say(Role::Dim, run.look.glyphs.more));
    spans
}

/// With half of the indentation, or a quarter, where there is little room.
fn indented(code: &str, width: usize) -> &str {
    let indent = code.len() - code.trim_start().len();
    match width {
        90.. => code,
        70.. => &code[indent / 2..],
        _ => &code[indent * 3 / 4..],
    }
}

/// Heat in eighths; what is hit at all shows.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of eight"
)]
fn level(heat: f32) -> usize {
    if heat <= 0.0 { 0 } else { ((heat * 8.0).ceil() as usize).clamp(1, 8) }
}

/// How the outcome of a call is coloured.
pub(super) const fn outcome_role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::WouldBlock => Role::Spinning,
        Outcome::Failed(_) => Role::Bad,
        Outcome::Bytes(_) | Outcome::Accepted(_) => Role::Working,
        Outcome::Ready(_) => Role::Ready,
        _ => Role::Dim,
    }
}
