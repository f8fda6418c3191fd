//! The mode's own source, and where its threads are.

use super::{source, step};
use crate::probe::Before;
use crate::tui::frame::TrackView;
use crate::tui::screen::CodeSource;
use crate::tui::theme::Role;
use crate::units::{show_clock, show_count, show_short};
use crate::view::log::ASLEEP_AFTER;
use crate::view::log::outcome_words;
use crate::view::{AwaitView, LineView, SourceText};
use crate::view::{Outcome, Site};
use ratatui::text::{Line, Span};
use unicode_truncate::UnicodeTruncateStr as _;
use unicode_width::UnicodeWidthStr as _;

/// Hits, heat, mark and number before the text.
const GUTTER: usize = 13;

/// The text and what is noted behind it take no more, lest the eye lose the
/// row: the longest line of a mode file, who is in it, an outcome.
const MOST: usize = 104;

/// From this width on, a column has hits before its lines and outcomes behind.
const ROOMY_COLUMN: usize = 48;

/// Below this width, indentation is halved.
const ROOMY: usize = 90;

/// Below this one, halved again.
const NARROW: usize = 70;

/// Where a source is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum CodePlace {
    /// In a pane.
    Pane,
    /// In a narrow column of a run that is over, or goes on.
    Column {
        /// It does something at the moment that is shown.
        goes_on: bool,
    },
}

/// What is known of one line.
struct Known<'a> {
    counted: Option<&'a LineView>,
    /// A thread is in it, or was last.
    here: bool,
    /// A thread is in the call.
    inside: bool,
    /// Threads that are held at its call.
    held: usize,
    /// Tasks that are paused in it.
    paused: Option<&'a AwaitView>,
    /// It is of the step that the event loop's turn is in.
    in_step: bool,
}

pub(super) fn title(shown: &TrackView) -> String {
    let name = file_name(&shown.track.source(shown.scene).path);
    let dot = shown.look().glyphs.dot;
    let scrolled = match shown.track.scroll.code {
        Some(_) => format!(" {dot} scrolled, end follows"),
        None => String::new(),
    };
    let what = match step::whereabouts(shown) {
        Some(place) => format!("thread {place}"),
        None => "hits, line, last outcome".into(),
    };
    format!("code {dot} {name} {dot} {what}{scrolled}")
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a line is of this file, wherever the program was built.
fn is_of(site: Site, file: &str) -> bool {
    let parts = |path: &'static str| path.rsplit(['/', '\\']);
    let mut both = parts(site.file).zip(file.rsplit(['/', '\\']));
    both.all(|(one, other)| one == other)
}

pub(in crate::tui) fn lines<'a>(
    shown: &TrackView<'a>,
    place: CodePlace,
    width: usize,
    height: usize,
) -> Vec<Line<'a>> {
    let SourceText { path, text } = match place {
        CodePlace::Pane => shown.track.source(shown.scene),
        CodePlace::Column { .. } => &shown.scene.facts.source,
    };
    let is_pane = place == CodePlace::Pane;
    let of_loop = shown.track.source == CodeSource::Loop;
    let places = match shown.track.scroll.code.filter(|_| is_pane) {
        Some(from) => (from..from + height).collect(),
        None if is_pane && of_loop => {
            step::places(text, height, step::current(shown))
        }
        None if shown.presents() => spaced(text, height),
        None => source::chosen(text, height),
    };
    let all: Vec<_> = text.lines().collect();
    let mut rows = Vec::with_capacity(height);
    let mut before = None;
    for at in places {
        let Some(code) = all.get(at) else { break };
        let gap = before.is_some_and(|before: usize| before + 1 < at);
        before = Some(at);
        if gap && shown.presents() {
            rows.push(Line::default());
        }
        let mut known = known(shown, path, at);
        known.in_step =
            is_pane && of_loop && step::is_of(text, at, step::current(shown));
        let line = (at + 1, gap, *code);
        rows.push(match place {
            CodePlace::Pane => row(shown, &known, line, width),
            CodePlace::Column { goes_on } => {
                column_row(shown, &known, line, goes_on, width)
            }
        });
    }
    rows
}

/// As many lines as fit with an empty one at every gap.
fn spaced(text: &str, height: usize) -> Vec<usize> {
    let fits = |places: &Vec<usize>| {
        let gaps = places.windows(2).filter(|it| it[0] + 1 < it[1]).count();
        places.len() + gaps <= height
    };
    let mut fewer = (1..=height).rev().map(|n| source::chosen(text, n));
    fewer.find(fits).unwrap_or_default()
}

fn row<'a>(
    shown: &TrackView<'a>,
    known: &Known,
    (number, gap, code): (usize, bool, &'a str),
    width: usize,
) -> Line<'a> {
    let mut line = Line::from(gutter(shown, number, gap, known));
    let end = width.min(GUTTER + MOST);
    let code = indented(code, width);
    let room = end.saturating_sub(GUTTER);
    let room = room.saturating_sub(reserved(shown, known, code, room));
    line.spans.extend(text(shown, code, room));
    let note = note(shown, known, end.saturating_sub(line.width() + 1));
    noted(&mut line, note, end);
    if known.inside { line.style(shown.look().style(Role::Here)) } else { line }
}

/// The same in a narrow column: the call before everything else.
fn column_row<'a>(
    shown: &TrackView<'a>,
    known: &Known,
    (number, gap, code): (usize, bool, &'a str),
    goes_on: bool,
    width: usize,
) -> Line<'a> {
    let glyphs = shown.look().glyphs;
    let mut line = Line::default();
    let is_roomy = width >= ROOMY_COLUMN;
    if is_roomy {
        let hits = known.counted.map(|line| show_short(line.hits));
        let hits = format!("{:>5} ", hits.unwrap_or_default());
        line.push_span(shown.say(Role::Dim, hits));
    }
    let (role, mark) =
        if goes_on { mark(shown, known) } else { (Role::Dim, " ") };
    let gap = if gap { glyphs.gap } else { " " };
    line.push_span(shown.say(role, mark));
    line.push_span(shown.say(Role::Dim, format!("{number:>2}{gap}")));
    let room = width.saturating_sub(line.width());
    let note = match goes_on {
        false => Vec::new(),
        true if is_roomy => note(shown, known, room / 2),
        true => threads(shown, known).map(without_one).into_iter().collect(),
    };
    let taken = width_of(&note);
    let room = room.saturating_sub(taken + usize::from(taken > 0));
    let (is_cut, code) = from_call(indented(code, width), room);
    if is_cut {
        line.push_span(shown.say(Role::Dim, glyphs.more));
    }
    line.spans.extend(text(shown, code, room - usize::from(is_cut)));
    noted(&mut line, note, width);
    let here = known.inside && goes_on;
    if here { line.style(shown.look().style(Role::Here)) } else { line }
}

/// The note at the end of the row.
fn noted<'a>(line: &mut Line<'a>, note: Vec<Span<'a>>, end: usize) {
    let length = width_of(&note);
    if length > 0 {
        let free = end.saturating_sub(line.width() + length);
        line.push_span(" ".repeat(free));
        line.spans.extend(note);
    }
}

/// A single thread needs no number.
fn without_one(mut span: Span) -> Span {
    if let Some(one) = span.content.strip_prefix("1 ") {
        span.content = one.to_owned().into();
    }
    span
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

/// Room for what is noted, at the cost of the text: who is in the line, and
/// what came of it before if the name of the call stays in sight.
fn reserved(
    shown: &TrackView,
    known: &Known,
    code: &str,
    room: usize,
) -> usize {
    let Some(threads) = threads(shown, known) else { return 0 };
    let all = width_of(&note(shown, known, room)) + 1;
    let call = code.rfind('(').unwrap_or(code.len());
    let named = code[..call].width() + 1;
    if named + all <= room { all } else { threads.width() + 1 }
}

fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// The text in colours; what is cut shows.
fn text<'a>(
    shown: &TrackView<'a>,
    code: &'a str,
    room: usize,
) -> Vec<Span<'a>> {
    if code.width() <= room {
        return source::painted(shown.look(), code);
    }
    let (kept, _) = code.unicode_truncate(room.saturating_sub(1));
    let mut spans = source::painted(shown.look(), kept);
    spans.push(shown.say(Role::Dim, shown.look().glyphs.more));
    spans
}

/// With half of the indentation, or a quarter, where there is little room.
fn indented(code: &str, width: usize) -> &str {
    let indent = code.len() - code.trim_start().len();
    match width {
        ROOMY.. => code,
        NARROW..ROOMY => &code[indent / 2..],
        _ => &code[indent * 3 / 4..],
    }
}

fn known<'a>(shown: &TrackView<'a>, file: &str, at: usize) -> Known<'a> {
    let is_here =
        |site: Site| site.line as usize == at + 1 && is_of(site, file);
    let (view, control) = (shown.view, &shown.scene.control);
    let mut threads = view.threads.iter().filter(|it| is_here(it.site));
    let at_call =
        !matches!(control.before(), Some(Before::Step(_) | Before::Task(_)));
    let counted = view.lines.iter().find(|line| is_here(line.site));
    Known {
        counted,
        held: threads
            .clone()
            .filter(|it| at_call && control.holds(it.thread))
            .count(),
        paused: view.awaits.iter().find(|it| is_here(it.site)),
        in_step: false,
        inside: counted.is_some_and(|line| line.threads > 0)
            || threads.clone().any(|it| it.in_call),
        here: threads.next().is_some(),
    }
}

fn gutter<'a>(
    shown: &TrackView<'a>,
    number: usize,
    gap: bool,
    known: &Known,
) -> Vec<Span<'a>> {
    let glyphs = shown.look().glyphs;
    let (hits, heat) = match known.counted {
        Some(line) => (show_short(line.hits), line.heat),
        None => (String::new(), 0.0),
    };
    let level = level(heat);
    let hot = if level > 5 { Role::Spinning } else { Role::Ready };
    let (marked, mark) = mark(shown, known);
    let plain = if known.inside { Role::Text } else { Role::Dim };
    let (role, gap) = match known {
        Known { in_step: true, .. } => (Role::Key, glyphs.tell),
        _ => (plain, if gap { glyphs.gap } else { " " }),
    };
    vec![
        shown.say(plain, format!("{hits:>5}")),
        shown.say(hot, glyphs.levels[level]),
        shown.say(plain, format!(" {number:>3}")),
        shown.say(role, gap),
        shown.say(marked, mark),
        " ".into(),
    ]
}

/// Who is in the line.
fn mark(shown: &TrackView, known: &Known) -> (Role, &'static str) {
    let glyphs = shown.look().glyphs;
    match known {
        Known { inside: true, .. } | Known { held: 1.., .. } => {
            (Role::Key, glyphs.mark)
        }
        Known { paused: Some(_), .. } => (Role::Asleep, glyphs.paused),
        Known { here: true, .. } => (Role::Key, glyphs.past),
        _ => (Role::Key, " "),
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

/// Who is in the line and for how long, and the last outcome; what does not
/// fit is left out, the outcome first.
fn note<'a>(
    shown: &TrackView<'a>,
    known: &Known,
    room: usize,
) -> Vec<Span<'a>> {
    let threads = threads(shown, known);
    let last = known.counted.and_then(|line| line.last);
    let outcome = last.map(|it| outcome(shown, it));
    let both = match (threads, outcome) {
        (Some(threads), Some(outcome)) => {
            // A badge brings a space of its own.
            let gap = if known.held > 0 { " " } else { "  " };
            vec![threads, gap.into(), outcome]
        }
        (threads, outcome) => threads.into_iter().chain(outcome).collect(),
    };
    if width_of(&both) <= room {
        return both;
    }
    both.into_iter().take(1).filter(|it| it.width() <= room).collect()
}

fn threads<'a>(shown: &TrackView<'a>, known: &Known) -> Option<Span<'a>> {
    if known.held > 0 {
        let words = format!(" {} held ", known.held);
        return Some(shown.say(Role::Badge, words));
    }
    inside(shown, known).or_else(|| paused(shown, known))
}

/// How many tasks are paused in the line, and the longest for how long.
fn paused<'a>(shown: &TrackView<'a>, known: &Known) -> Option<Span<'a>> {
    let AwaitView { tasks, longest, .. } = *known.paused?;
    let words = format!("{} paused {}", show_count(tasks), show_clock(longest));
    Some(shown.say(Role::Asleep, words))
}

fn inside<'a>(shown: &TrackView<'a>, known: &Known) -> Option<Span<'a>> {
    let line = known.counted?;
    let inside = line.threads;
    let since = show_clock(line.longest);
    if inside > 0 && line.longest >= ASLEEP_AFTER {
        Some(shown.say(Role::Asleep, format!("{inside} zZ {since}")))
    } else if inside > 1 {
        Some(shown.say(Role::Working, format!("{inside} threads")))
    } else {
        None
    }
}

fn outcome<'a>(shown: &TrackView<'a>, outcome: Outcome) -> Span<'a> {
    let words = outcome_words(outcome);
    shown.say(outcome_role(outcome), format!("{words:<11}"))
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
