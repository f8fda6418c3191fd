//! The timeline as a picture for slides: the same bytes for the same
//! recording, of a size that is bounded.

use super::timeline::{
    Bounds, Gathered, MarkKind, Owner, Timeline, TimelineLane, TimelineMark,
    gather,
};
use super::{ExportFailure, ExportSubject, Out, state_at_end};
use crate::probe::{LISTENER, Phase};
use crate::recording::Header;
use crate::report::{Anchor, Area, Svg};
use crate::units::{show_count, show_time_ns};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// How much is drawn: about an element a mark.
const BOUNDS: Bounds =
    Bounds { marks: 3_000, threads: 8, sockets: 12, detailed: false };

const WIDTH: f64 = 1_280.0;
const HEIGHT: f64 = 720.0;
const LEFT: f64 = 172.0;
const RIGHT: f64 = 1_252.0;

/// Where the lanes begin, and the most that one is high.
const TOP: f64 = 104.0;
const LANE: f64 = 108.0;

/// Room for the axis, the legend and the small print.
const BELOW: f64 = 118.0;

/// Limits on the characters of a title, a large title and a name.
const TITLE: usize = 96;
const LARGE_TITLE: usize = 72;
const NAME: usize = 15;

/// Writes the picture. What happened too often to be drawn one by one is
/// drawn together, and the picture says so.
///
/// # Errors
/// See [`ExportFailure`]. Of a recording that cannot be read to its end, the
/// picture shows what comes before, and says so.
pub fn svg(subject: &ExportSubject, out: Out) -> Result<(), ExportFailure> {
    let Gathered { timeline, error, .. } = gather(subject, BOUNDS);
    let header = subject.recording.header();
    let mut picture = SvgPicture::new(&timeline);
    picture.head(subject, error.is_some());
    picture.axis();
    let state = state_at_end(subject.recording);
    let names = &state.names;
    for (at, (owner, lane)) in timeline.lanes.iter().enumerate() {
        picture.lane(at, *owner, lane, names);
    }
    picture.phases();
    let y = picture.bottom() + 60.0;
    legend(&mut picture.svg, &timeline, header.settings.polls, y);
    picture.small_print();
    let title = title(header);
    let drawn = drawn_part(&timeline);
    let whole = picture.svg.finish(HEIGHT, (&title, &drawn), &css());
    out.write_all(whole.as_bytes())?;
    error.map_or(Ok(()), |error| Err(error.into()))
}

fn title(header: &Header) -> String {
    let scenario = header.facts.scenario.as_ref();
    let title = scenario.map_or("whoever connects is served", |it| &it.title);
    clipped(&format!("{}: {title}", header.facts.mode), TITLE)
}

fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    let cut: String = text.chars().take(most - 1).collect();
    cut + "…"
}

/// How much of the recording is drawn.
fn drawn_part(timeline: &Timeline) -> String {
    let (events, marks) =
        (show_count(timeline.events), show_count(timeline.marks as u64));
    let mut text = if timeline.step == 0 {
        format!("{events} events, each drawn on its own.")
    } else {
        let step = show_time_ns(timeline.step);
        format!(
            "{events} events drawn as {marks} marks: one for what is of one \
             kind and within {step} on a lane."
        )
    };
    let (threads, sockets) = timeline.without_lanes();
    if threads + sockets > 0 {
        let named = [(threads, "thread"), (sockets, "socket")];
        let named = named.into_iter().filter(|(count, _)| *count > 0);
        let counted = named.map(|(count, what)| {
            let end = if count == 1 { "" } else { "s" };
            format!("{} {what}{end}", show_count(count as u64))
        });
        let counted: Vec<_> = counted.collect();
        let _ = write!(text, " Without a lane: {}.", counted.join(", "));
    }
    text
}

struct SvgPicture<'a> {
    svg: Svg,
    timeline: &'a Timeline,
    lane: f64,
}

impl<'a> SvgPicture<'a> {
    fn new(timeline: &'a Timeline) -> Self {
        let lanes = timeline.lanes.len().max(1);
        let lane = ((HEIGHT - TOP - BELOW) / number(lanes)).min(LANE);
        Self { svg: Svg::new(WIDTH), timeline, lane }
    }

    fn bottom(&self) -> f64 {
        TOP + self.lane * number(self.timeline.lanes.len())
    }

    fn x(&self, at: u64) -> f64 {
        let Timeline { from, until, .. } = self.timeline;
        let time = until.saturating_sub(*from).max(1);
        let at = at.clamp(*from, *until) - from;
        LEFT + (RIGHT - LEFT) * (float(at) / float(time))
    }

    fn head(&mut self, subject: &ExportSubject, is_damaged: bool) {
        let recording = subject.recording;
        let header = recording.header();
        let place = (28.0, 40.0);
        let title = title(header);
        let is_long = title.chars().count() > LARGE_TITLE;
        let class = if is_long { "title long" } else { "title" };
        self.svg.text(class, Anchor::Start, place, &title);
        let lost = match recording.lost() {
            0 => "none lost".into(),
            lost => format!("{} lost", show_count(lost)),
        };
        let waits = format!("waits with {}", header.facts.mechanism);
        let started = header.started_at.split('.').next().unwrap_or_default();
        let events = format!("{} events", show_count(recording.events()));
        let facts = [
            clipped(&waits, 40),
            clipped(&started.replace('T', " "), 30),
            events,
            lost,
            clipped(subject.name, 40),
        ];
        self.svg.text("facts", Anchor::Start, (28.0, 66.0), &facts.join(" · "));
        if is_damaged || recording.closing().is_none() {
            let words = format!("Not whole: {}", recording.ending());
            let words = clipped(&words, 150);
            self.svg.text("alert", Anchor::Start, (28.0, 88.0), &words);
        }
    }

    /// Ticks at round times.
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
            let seconds = float(at) / 1e9;
            let words = format!("{seconds:.places$} s");
            let place = (x, bottom + 22.0);
            self.svg.text("tick", Anchor::Middle, place, &words);
        }
    }

    fn lane(
        &mut self,
        at: usize,
        owner: Owner,
        lane: &TimelineLane,
        names: &HashMap<SocketAddr, String>,
    ) {
        let y = TOP + self.lane * (number(at) + 0.5);
        let name = match (owner, lane.peer.and_then(|it| names.get(&it))) {
            (Owner::Socket(LISTENER), _) => format!("{LISTENER} listener"),
            (Owner::Socket(socket), Some(name)) => format!("{socket} {name}"),
            (Owner::Socket(socket), None) => socket.to_string(),
            (Owner::Thread(thread), _) => format!("thread {}", thread.0),
            (Owner::Task(_) | Owner::Held(_) | Owner::Run, _) => return,
        };
        let name = clipped(&name, NAME);
        self.svg.text("name", Anchor::Start, (28.0, y + 5.0), &name);
        for mark in lane.marks.values().flatten() {
            self.mark(owner, mark, y);
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
            shape => {
                let is_wide = mark.count > 1 && to - from > 6.0;
                let scale = (half / 13.0).min(1.7);
                if is_wide {
                    let area = band(shape, (from, to), y, scale);
                    self.svg.rect(look(shape).0, area);
                } else {
                    let x = f64::midpoint(from, to);
                    point(&mut self.svg, shape, (x, y), scale);
                }
                return;
            }
        };
        let top = if is_thread { half } else { height / 2.0 };
        let width = (to - from).max(0.6);
        let area = Area { x: from, y: y - top, width, height };
        self.svg.rect(look(what).0, area);
    }

    fn phases(&mut self) {
        let bottom = self.bottom();
        for (at, phase) in &self.timeline.phases {
            if *phase == Phase::Running {
                continue;
            }
            let x = self.x(*at);
            self.svg.path("phase", [(x, TOP - 4.0), (x, bottom)]);
        }
    }

    fn small_print(&mut self) {
        let words = drawn_part(self.timeline);
        let place = (28.0, HEIGHT - 14.0);
        self.svg.text("facts", Anchor::Start, place, &words);
    }
}

fn number(n: usize) -> f64 {
    float(n as u64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "places in a picture need far fewer than 53 bits"
)]
fn float(n: u64) -> f64 {
    n as f64
}

/// The distance of ticks: 1, 2 or 5 times a power of ten, in nanoseconds, so
/// that there are at most twelve.
fn tick_step(time: u64) -> u64 {
    let powers = (0..19).map(|power| 10_u64.pow(power));
    let mut steps = powers.flat_map(|power| [power, power * 2, power * 5]);
    steps.find(|step| time / step <= 12).unwrap_or(u64::MAX)
}

type Corners = &'static [(f64, f64)];

/// What is drawn, in the order of the legend: its words, its class, and the
/// corners of a point.
const KINDS: [(MarkKind, &str, &str, Corners); 12] = [
    (MarkKind::Work, "working", "work", &[]),
    (MarkKind::Sleep, "asleep", "sleep", &[]),
    (MarkKind::Spin, "calls in vain", "spin", &[]),
    (MarkKind::Open, "open", "open", &[]),
    (MarkKind::Ready, "ready", "ready", &[(0., -4.), (6., -13.), (-6., -13.)]),
    (MarkKind::Accept, "accept", "accept", &[(-5., -6.), (7., 0.), (-5., 6.)]),
    (
        MarkKind::Read,
        "read",
        "read",
        &[(-1.5, -9.), (1.5, -9.), (1.5, 9.), (-1.5, 9.)],
    ),
    (MarkKind::Write, "write", "write", &[(0., -7.), (6., 5.), (-6., 5.)]),
    (
        MarkKind::Echo,
        "echo complete",
        "echo",
        &[(0., -7.), (6.5, 0.), (0., 7.), (-6.5, 0.)],
    ),
    (MarkKind::Block, "would block", "spin", &[]),
    (
        MarkKind::Closed,
        "closed",
        "closed",
        &[(-1.5, -11.), (1.5, -11.), (1.5, 11.), (-1.5, 11.)],
    ),
    (MarkKind::Reset, "reset, failed", "closed", &[]),
];

/// The class of what is filled and the corners of a point; a failure looks as
/// a reset does.
fn look(what: MarkKind) -> (&'static str, Corners) {
    let known = KINDS.iter().find(|it| it.0 == what);
    known.map_or(("closed", &[]), |it| (it.2, it.3))
}

/// About so wide is a character.
const CHARACTER: f64 = 8.8;

/// Draws what there is in the picture.
fn legend(svg: &mut Svg, timeline: &Timeline, polls: bool, y: f64) {
    let has =
        |what| timeline.lanes.values().any(|it| it.marks.contains_key(&what));
    let mut x = 28.0;
    for (what, words, class, _) in KINDS {
        let is_there =
            has(what) || what == MarkKind::Reset && has(MarkKind::Fail);
        if !is_there {
            continue;
        }
        let words =
            if what == MarkKind::Spin && polls { "spinning" } else { words };
        match what {
            MarkKind::Work
            | MarkKind::Sleep
            | MarkKind::Spin
            | MarkKind::Open => {
                let height = if what == MarkKind::Open { 4.0 } else { 14.0 };
                let y = y - 5.0 - height / 2.0;
                let area = Area { x, y, width: 16.0, height };
                svg.rect(class, area);
            }
            MarkKind::Ready => point(svg, what, (x + 8.0, y + 4.0), 1.0),
            MarkKind::Block => point(svg, what, (x + 8.0, y - 14.0), 1.0),
            _ => point(svg, what, (x + 8.0, y - 5.0), 1.0),
        }
        svg.text("", Anchor::Start, (x + 22.0, y), words);
        let letters = u32::try_from(words.len()).unwrap_or(0);
        x += 44.0 + f64::from(letters) * CHARACTER;
    }
}

/// Classes with their colours on a light ground and on a dark one.
const COLOURS: [(&str, &str, &str); 10] = [
    ("work", "#0072b2", "#3d9bd6"),
    ("sleep", "#cfd5df", "#3c4659"),
    ("spin", "#d55e00", "#ff8a3d"),
    ("open", "#a9b3c1", "#667286"),
    ("ready", "#b87800", "#f0b429"),
    ("accept", "#00795a", "#2fc79b"),
    ("read", "#009e73", "#2fc79b"),
    ("write", "#aa4499", "#e08fc6"),
    ("echo", "#0072b2", "#4aa8e0"),
    ("closed", "#1b2027", "#e8ecf3"),
];

const FONTS: &str = "system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,\
                     'DejaVu Sans',sans-serif";

/// The style sheet.
fn css() -> String {
    let mut css = format!(
        "text{{font-family:{FONTS};font-size:17px;fill:#1b2027}}\n\
         .title{{font-size:25px;font-weight:600}}.long{{font-size:19px}}\n\
         .facts,.tick{{font-size:15px;fill:#545d6b}}\n\
         .alert{{font-size:15px;font-weight:600;fill:#b03a00}}\n\
         .ground{{fill:#ffffff}}.grid{{stroke:#e0e4ea}}\n\
         .phase{{stroke:#545d6b;stroke-dasharray:5 4}}\n\
         .block{{fill:none;stroke:#d55e00;stroke-width:2}}\n\
         .cross{{stroke:#c1121f;stroke-width:3}}\n"
    );
    for (class, light, _) in COLOURS {
        let _ = write!(css, ".{class}{{fill:{light}}}");
    }
    css.push_str(
        "\n@media (prefers-color-scheme:dark){\n\
         text{fill:#e8ecf3}.facts,.tick{fill:#aab3c2}.alert{fill:#ff8a3d}\n\
         .ground{fill:#12151c}.grid{stroke:#2b323f}.phase{stroke:#aab3c2}\n\
         .block{stroke:#ff8a3d}.cross{stroke:#ff6b6b}\n",
    );
    for (class, _, dark) in COLOURS {
        let _ = write!(css, ".{class}{{fill:{dark}}}");
    }
    css.push_str("}\n");
    css
}

/// Where several points that are one mark are drawn.
fn band(what: MarkKind, (from, to): (f64, f64), y: f64, scale: f64) -> Area {
    let (top, height) = match what {
        MarkKind::Ready => (-13.0, 6.0),
        MarkKind::Block => (7.0, 6.0),
        _ => (-5.0, 10.0),
    };
    let width = to - from;
    Area { x: from, y: y + top * scale, width, height: height * scale }
}

/// One point, or several in one place.
fn point(svg: &mut Svg, what: MarkKind, (x, y): (f64, f64), scale: f64) {
    let (class, corners) = look(what);
    let half = 6.0 * scale;
    match what {
        MarkKind::Block => {
            svg.circle("block", (x, y + 9.0 * scale), 3.5 * scale, "");
        }
        _ if corners.is_empty() => {
            svg.path("cross", [(x - half, y - half), (x + half, y + half)]);
            svg.path("cross", [(x - half, y + half), (x + half, y - half)]);
        }
        _ => {
            let corner = |it: &(f64, f64)| (x + it.0 * scale, y + it.1 * scale);
            svg.path(class, corners.iter().map(corner));
        }
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
