//! The timeline as an SVG image for slides, of bounded size: the same bytes for
//! the same recording.

use super::timeline::{
    Bounds, Gathered, MarkKind, Owner, Timeline, TimelineLane, TimelineMark,
    float, gather,
};
use super::{ExportFailure, ExportSubject, Out, clipped, state_at_end};
use crate::probe::Phase;
use crate::report::{Anchor, Area, Svg};
use crate::units::{plural, show_count, show_time_ns};
use itertools::Itertools as _;

/// Limits on what is drawn: about one SVG element per mark.
const BOUNDS: Bounds =
    Bounds { marks: 3_000, threads: 8, sockets: 12, detailed: false };

/// Colours for a light and a dark background. A mark's class is the name of its
/// kind.
const CSS: &str = include_str!("svg.css");

const WIDTH: f64 = 1_280.0;
const HEIGHT: f64 = 720.0;

/// Where text begins, and where the axis begins and ends.
const MARGIN: f64 = 28.0;
const LEFT: f64 = 172.0;
const RIGHT: f64 = 1_252.0;

/// Where the lanes begin, and the largest height of one.
const TOP: f64 = 104.0;
const LANE: f64 = 108.0;

/// Room for the axis, the legend and the small print.
const BELOW: f64 = 118.0;

/// Limits on the characters of a title, a large title and a name.
const TITLE: usize = 96;
const LARGE_TITLE: usize = 72;
const NAME: usize = 15;

/// The approximate width of a character.
const CHARACTER: f64 = 8.8;

/// Writes the image. What happened too often to be drawn one by one is drawn
/// together, and the image says so.
///
/// # Errors
/// See [`ExportFailure`]. If the recording cannot be read to its end, the
/// image shows what comes before, and says so.
pub fn svg(subject: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let Gathered { timeline, error, .. } = gather(subject, BOUNDS);
    let header = subject.recording.header();
    let scenario = header.facts.scenario.as_ref();
    let title = scenario.map_or("all clients are served", |it| &it.title);
    let title = clipped(&format!("{}: {title}", header.facts.mode), TITLE);
    let names = &state_at_end(subject.recording).names;
    let drawn = drawn_part(&timeline);

    let mut picture = SvgPicture::new(&timeline);
    picture.head(subject, &title, error.is_some());
    picture.axis();
    for (at, (owner, lane)) in timeline.lanes.iter().enumerate() {
        let y = TOP + picture.lane * (float(at as u64) + 0.5);
        let name = clipped(&timeline.title(*owner, names), NAME);
        picture.text("name", y + 5.0, &name);
        for mark in lane.marks.values().flatten() {
            picture.mark(*owner, mark, y);
        }
    }
    let begun = timeline.phases.iter().filter(|it| it.1 != Phase::Running);
    for (at, _) in begun {
        let (x, bottom) = (picture.x(*at), picture.bottom());
        picture.svg.path("phase", [(x, TOP - 4.0), (x, bottom)]);
    }
    picture.legend(header.settings.polls);
    picture.text("facts", HEIGHT - 14.0, &drawn);
    let whole = picture.svg.finish(HEIGHT, (&title, &drawn), CSS);
    out.write_all(whole.as_bytes())?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

/// How much of the recording is drawn, in words.
fn drawn_part(timeline: &Timeline) -> String {
    let (events, marks) =
        (show_count(timeline.events), show_count(timeline.marks as u64));
    let step = show_time_ns(timeline.step);
    let drawn = match timeline.step {
        0 => "events, each drawn on its own.".into(),
        _ => format!(
            "events drawn as {marks} marks: one for what is of one kind and \
             within {step} on a lane."
        ),
    };
    let (threads, sockets) = timeline.without_lanes();
    let without = [(threads, "thread"), (sockets, "socket")].into_iter();
    let without = without
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| plural(count as u64, what))
        .join(", ");
    let without = match &*without {
        "" => String::new(),
        without => format!(" Without a lane: {without}."),
    };
    format!("{events} {drawn}{without}")
}

struct SvgPicture<'a> {
    svg: Svg,
    timeline: &'a Timeline,
    /// The height of a lane.
    lane: f64,
}

impl<'a> SvgPicture<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let lanes = float(timeline.lanes.len().max(1) as u64);
        let lane = ((HEIGHT - TOP - BELOW) / lanes).min(LANE);
        Self { svg: Svg::new(WIDTH), timeline, lane }
    }

    fn bottom(&self) -> f64 {
        TOP + self.lane * float(self.timeline.lanes.len() as u64)
    }

    fn x(&self, at: u64) -> f64 {
        let Timeline { from, until, .. } = self.timeline;
        let time = until.saturating_sub(*from).max(1);
        let at = at.clamp(*from, *until) - from;
        LEFT + (RIGHT - LEFT) * (float(at) / float(time))
    }

    fn text(&mut self, class: &str, y: f64, words: &str) {
        self.svg.text(class, Anchor::Start, (MARGIN, y), words);
    }

    fn head(&mut self, subject: &ExportSubject, title: &str, damaged: bool) {
        let recording = subject.recording;
        let header = recording.header();
        let is_long = title.chars().count() > LARGE_TITLE;
        let class = if is_long { "title long" } else { "title" };
        self.text(class, 40.0, title);
        let lost = match recording.lost() {
            0 => "none".into(),
            lost => show_count(lost),
        };
        let waits = format!("waits with {}", header.facts.mechanism);
        let started = header.started_at.split('.').next().unwrap_or_default();
        let facts = [
            clipped(&waits, 40),
            clipped(&started.replace('T', " "), 30),
            format!("{} events", show_count(recording.events())),
            format!("{lost} lost"),
            clipped(subject.name, 40),
        ];
        self.text("facts", 66.0, &facts.join(" · "));
        if damaged || !recording.is_whole() {
            let words = format!("Not whole: {}", recording.ending());
            self.text("alert", 88.0, &clipped(&words, 150));
        }
    }

    /// Draws the axis, with ticks at round times.
    fn axis(&mut self) {
        let Timeline { from, until, .. } = *self.timeline;
        let step = tick_step(until.saturating_sub(from));
        let bottom = self.bottom();
        let is_enough =
            |places: &u32| step.is_multiple_of(10_u64.pow(9 - *places));
        let places = (0..=9).find(is_enough).unwrap_or(0) as usize;
        let first = from.div_ceil(step).saturating_mul(step);
        let ticks = (0..).map(|n| first.saturating_add(step.saturating_mul(n)));
        for at in ticks.take(32).take_while(|at| *at <= until) {
            let x = self.x(at);
            self.svg.path("grid", [(x, TOP), (x, bottom + 5.0)]);
            let words = format!("{:.places$} s", float(at) / 1e9);
            let place = (x, bottom + 22.0);
            self.svg.text("tick", Anchor::Middle, place, &words);
        }
    }

    fn mark(&mut self, owner: Owner, mark: &TimelineMark, y: f64) {
        let what = mark.what;
        let (from, to) = (self.x(mark.start), self.x(mark.end));
        let half = (self.lane / 2.0 - 3.0).min(26.0);
        let is_thread = matches!(owner, Owner::Thread(_));
        let height = match what {
            MarkKind::Work | MarkKind::Spin => 2.0 * half,
            MarkKind::Sleep if is_thread => {
                let time = mark.end.saturating_sub(mark.start).max(1);
                let share = float(mark.taken) / float(time);
                (2.0 * half * share.min(1.0)).max(2.0)
            }
            MarkKind::Sleep => 8.0,
            MarkKind::Open => 4.0,
            MarkKind::Task | MarkKind::Call | MarkKind::Interest => return,
            _ => {
                let scale = (half / 13.0).min(1.7);
                return self.point(mark, (from, to), y, scale);
            }
        };
        let top = if is_thread { half } else { height / 2.0 };
        let width = (to - from).max(0.6);
        let area = Area { x: from, y: y - top, width, height };
        self.svg.rect(what.into(), area);
    }

    /// Draws a mark without duration as a symbol, or, if it stands for several,
    /// as a bar from the first to the last.
    fn point(
        &mut self,
        mark: &TimelineMark,
        (from, to): (f64, f64),
        y: f64,
        scale: f64,
    ) {
        let width = to - from;
        if mark.count > 1 && width > 6.0 {
            let (top, height) = match mark.what {
                MarkKind::Ready => (-13.0, 6.0),
                MarkKind::Block => (7.0, 6.0),
                _ => (-5.0, 10.0),
            };
            let (y, height) = (y + top * scale, height * scale);
            let area = Area { x: from, y, width, height };
            self.svg.rect(mark.what.into(), area);
        } else {
            let place = (f64::midpoint(from, to), y);
            shape(&mut self.svg, mark.what, place, scale);
        }
    }

    /// Explains the kinds of marks that are in the image.
    fn legend(&mut self, polls: bool) {
        let (mut x, y) = (MARGIN, self.bottom() + 60.0);
        let has = |what| {
            let mut lanes = self.timeline.lanes.values();
            lanes.any(|it: &TimelineLane| it.marks.contains_key(&what))
        };
        for (what, words, _) in KINDS {
            let also = what == MarkKind::Reset && has(MarkKind::Fail);
            if !has(what) && !also {
                continue;
            }
            let spins = what == MarkKind::Spin && polls;
            let words = if spins { "spinning" } else { words };
            let height = if what == MarkKind::Open { 4.0 } else { 14.0 };
            let middle = match what {
                MarkKind::Ready => y + 4.0,
                MarkKind::Block => y - 14.0,
                _ => y - 5.0,
            };
            if what <= MarkKind::Open {
                let y = middle - height / 2.0;
                let area = Area { x, y, width: 16.0, height };
                self.svg.rect(what.into(), area);
            } else {
                shape(&mut self.svg, what, (x + 8.0, middle), 1.0);
            }
            self.svg.text("", Anchor::Start, (x + 22.0, y), words);
            x += 44.0 + float(words.len() as u64) * CHARACTER;
        }
    }
}

/// The distance of ticks: 1, 2 or 5 times a power of ten, in nanoseconds, so
/// that there are at most twelve.
fn tick_step(time: u64) -> u64 {
    let powers = (0..19).map(|power| 10_u64.pow(power));
    let mut steps = powers.flat_map(|power| [power, power * 2, power * 5]);
    steps.find(|step| time / step <= 12).unwrap_or(u64::MAX)
}

/// The corners of a symbol, relative to its place.
type Corners = &'static [(f64, f64)];

/// The kinds in the order of the legend, with their text and symbol.
const KINDS: [(MarkKind, &str, Corners); 12] = [
    (MarkKind::Work, "working", &[]),
    (MarkKind::Sleep, "asleep", &[]),
    (MarkKind::Spin, "calls in vain", &[]),
    (MarkKind::Open, "open", &[]),
    (MarkKind::Ready, "ready", &[(0., -4.), (6., -13.), (-6., -13.)]),
    (MarkKind::Accept, "accept", &[(-5., -6.), (7., 0.), (-5., 6.)]),
    (MarkKind::Read, "read", &upright(9.)),
    (MarkKind::Write, "write", &[(0., -7.), (6., 5.), (-6., 5.)]),
    (
        MarkKind::Echo,
        "echo complete",
        &[(0., -7.), (6.5, 0.), (0., 7.), (-6.5, 0.)],
    ),
    (MarkKind::Block, "would block", &[]),
    (MarkKind::Closed, "closed", &upright(11.)),
    (MarkKind::Reset, "reset, failed", &[]),
];

const fn upright(half: f64) -> [(f64, f64); 4] {
    [(-1.5, -half), (1.5, -half), (1.5, half), (-1.5, half)]
}

/// Draws the symbol of a kind: a ring where a call would have blocked, a cross
/// for a kind without corners (a failure), or else a polygon.
fn shape(svg: &mut Svg, what: MarkKind, (x, y): (f64, f64), scale: f64) {
    let corners =
        KINDS.iter().find(|it| it.0 == what).map_or(&[][..], |it| it.2);
    let half = 6.0 * scale;
    if what == MarkKind::Block {
        svg.circle("ring", (x, y + 9.0 * scale), 3.5 * scale, "");
    } else if corners.is_empty() {
        svg.path("cross", [(x - half, y - half), (x + half, y + half)]);
        svg.path("cross", [(x - half, y + half), (x + half, y - half)]);
    } else {
        let corner = |it: &(f64, f64)| (x + it.0 * scale, y + it.1 * scale);
        svg.path(what.into(), corners.iter().map(corner));
    }
}

#[cfg(test)]
mod tests {
    use super::tick_step;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(tick_step(0), 1);
        assert_eq!(tick_step(2_026_000_000), 200_000_000);
        assert_eq!(tick_step(60_000_000_000), 5_000_000_000);
        assert!(u64::MAX / tick_step(u64::MAX) <= 12);
    }
}
