//! A row for each run, readable from a distance: what it is doing, who waits
//! for whom, the timeline of its loop, and the figures that clients and owners
//! of a machine notice. All runs have their row at every size of the screen.
//!
//! ```text
//!                 right now, and who waits      longest echo  in vain  CPU
//!  1 serial       !! asleep in read of silent   none yet      none     0 %
//!    read(2)      talker waits: not accepted    ▐────────────────────────
//! ```

use crate::run::comparison::Comparison;
use crate::text::{cut, padded, wrap};
use crate::tui::context::{ScreenContext, Track};
use crate::tui::look::{Look, Role};
use crate::tui::paint::{at_both_ends, put};
use crate::tui::panes::lane::Axis;
use crate::tui::panes::moment::{LONG_WAIT_NS, MomentWords};
use crate::tui::panes::table::RoleWords;
use crate::tui::panes::turns;
use crate::tui::stage::TrackPhase;
use crate::units::{show_short, show_time_ns};
use itertools::Itertools as _;
use ratatui::prelude::{Buffer, Constraint, Layout, Line, Rect, Span, Style};

/// Width of the name of a run.
const NAME: u16 = 14;

/// Width of the gap after the name and after the band.
const GAP: u16 = 1;

/// The least and the greatest width of the band that says what a run is doing.
const BAND: (u16, u16) = (28, 76);

/// From this height on, a row ends in an empty line.
const WITH_GAP: u16 = 3;

/// A thread that uses more of a core than this does not sleep.
const BUSY: f32 = 0.5;

/// A figure of the row: its name, its width, and its value.
type RowFigure = (&'static str, usize, fn(&Track, &Comparison) -> RoleWords);

/// The most important first: those that do not fit are left out.
const FIGURES: [RowFigure; 3] = [
    ("longest echo", 14, longest_echo),
    ("in vain", 9, in_vain),
    ("CPU", 7, cpu),
];

/// The names in [`FIGURES`] of the comparison's figures that the rows have.
pub(super) const SHOWN: [&str; 3] =
    ["longest_echo_ns", "would_blocks", "core_share"];

/// The areas of all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowRegions {
    /// The names of the figures; of height 0 if there is no room for them.
    heading: Rect,
    /// The area of each run, in their order.
    runs: Vec<Rect>,
}

impl RowRegions {
    /// The height of one row if this number of `runs` has to fit into `height`
    /// together with a verdict. Rows have one line only if nothing higher
    /// fits.
    pub(super) fn height_of_one(
        (runs, height): (u16, u16),
        presents: bool,
        verdict: u16,
    ) -> u16 {
        let tall = match height {
            _ if presents => (height * 4 / 5 / runs.max(1)).clamp(2, 4),
            50.. => 3,
            _ => 2,
        };
        let fits = |it: &u16| runs * it + verdict.min(height) <= height;
        [tall, 2, 1].into_iter().find(fits).unwrap_or(1)
    }

    /// Rows of the same height, below a heading if one line is left for it.
    pub(super) fn new(area: Rect, runs: u16, height: u16) -> Self {
        let heading = (runs * height < area.height).into();
        let parts = [Constraint::Length(heading), Constraint::Fill(1)];
        let [heading, rest] = Layout::vertical(parts).areas(area);
        let row = |at| {
            let row = Rect { y: rest.y + at * height, height, ..rest };
            row.intersection(rest)
        };
        Self { heading, runs: (0..runs).map(row).collect() }
    }

    /// Index of the run whose row contains this line of the terminal.
    pub(super) fn run_at(&self, y: u16) -> Option<usize> {
        self.runs.iter().position(|it| (it.y..it.bottom()).contains(&y))
    }

    pub(super) fn draw(
        &self,
        cx: &ScreenContext,
        comparison: &Comparison,
        buffer: &mut Buffer,
    ) {
        let (look, all) = (cx.look(), cx.tracks().collect::<Vec<_>>());
        let [_, band, right] = parts(self.heading);
        let axis = Axis::of(&all, right.width.into());
        let words = if all.iter().all(Track::has_ended) {
            "how it ended, and who waited"
        } else {
            "right now, and who waits"
        };
        put(buffer, band, look.line(Role::Dim, words));
        put(buffer, right, heading(look, &axis, right.width.into()));
        for (area, run) in self.runs.iter().zip(&all) {
            draw_row(run, comparison, &axis, *area, buffer);
        }
    }

    /// The labels of the timelines' axis and their area in this line of the
    /// screen; `None` if they are in the heading, or there are no timelines.
    pub(super) fn axis(
        &self,
        cx: &ScreenContext,
        line: Rect,
    ) -> Option<(Rect, String)> {
        let all: Vec<_> = cx.tracks().collect();
        let [.., right] = parts(line);
        let axis = Axis::of(&all, right.width.into());
        let in_heading =
            !self.heading.is_empty() && has_room_for(&axis, right.width.into());
        let has_lanes = self.runs.iter().any(|it| it.height > 1);
        (has_lanes && !in_heading).then(|| (right, axis.heading()))
    }
}

/// The areas for the name, for the band, and for figures and the timeline.
fn parts(area: Rect) -> [Rect; 3] {
    let rest = area.width.saturating_sub(NAME + 2 * GAP);
    let band = (rest * 27 / 50).clamp(BAND.0, BAND.1);
    let [name, band] = [NAME, band].map(Constraint::Length);
    Layout::horizontal([name, band, Constraint::Fill(1)])
        .spacing(GAP)
        .areas(area)
}

/// The figures that fit into this width.
fn figures(width: usize) -> impl Iterator<Item = &'static RowFigure> {
    let mut taken = 0;
    FIGURES.iter().take_while(move |it| {
        taken += it.1;
        taken <= width
    })
}

/// The axis as `2.4 s ago … now`.
fn span_of(axis: &Axis) -> String {
    let heading = axis.heading();
    heading.split("  ").filter(|it| !it.is_empty()).map(str::trim).join(" … ")
}

fn has_room_for(axis: &Axis, width: usize) -> bool {
    let figures: usize = figures(width).map(|it| it.1).sum();
    figures + span_of(axis).chars().count() + 1 < width
}

fn heading(look: &Look, axis: &Axis, width: usize) -> Line<'static> {
    let names = figures(width).map(|(name, width, _)| padded(name, *width));
    let names = look.say(Role::Dim, names.collect::<String>());
    let span = has_room_for(axis, width).then(|| span_of(axis));
    let span = span.map(|it| look.say(Role::Dim, it));
    at_both_ends(vec![names], Vec::from_iter(span), width)
}

fn draw_row(
    run: &Track,
    comparison: &Comparison,
    axis: &Axis,
    area: Rect,
    buffer: &mut Buffer,
) {
    let gap = u16::from(area.height >= WITH_GAP);
    let area = Rect { height: area.height - gap, ..area };
    let [left, band, right] = parts(area);
    let mechanism = format!("  {}", run.scene.facts.mechanism);
    put(
        buffer,
        left,
        vec![
            Line::from(name(run, Role::Text)),
            run.look.line(Role::Dim, mechanism),
        ],
    );
    let (style, lines) = band_lines(run, band);
    buffer.set_style(band, style);
    put(buffer, band, lines);
    if *run.phase == TrackPhase::Waiting {
        return;
    }
    let figures = figures(right.width.into()).map(|(_, width, figure)| {
        let (role, words) = figure(run, comparison);
        run.say(role, padded(&words, *width))
    });
    put(buffer, right, figures.collect::<Line>());
    // Several lines of it are a thick timeline.
    let lane = Line::from(axis.drawn(run.look, &run.view.turns.lane));
    let lines = usize::from(right.height.saturating_sub(1));
    let below = Rect { y: right.y + 1, ..right }.intersection(right);
    put(buffer, below, vec![lane; lines]);
}

/// The number and the name of a run, in this role if it is not selected.
pub(super) fn name(run: &Track, role: Role) -> Span<'static> {
    let role = if run.is_chosen { Role::Selected } else { role };
    let name = format!(" {} {}", run.place + 1, run.name);
    run.say(role, cut(&name, NAME.into(), run.look.glyphs.more))
}

/// The sign of a run's state, two cells wide, and its style.
pub(super) fn sign(run: &Track) -> Span<'static> {
    let it = MomentWords::new(run);
    Span::styled(it.sign, run.look.filled(it.role))
}

/// What the run is doing and who waits for whom, in as many lines as the band
/// has, and the style of the band.
fn band_lines(run: &Track, band: Rect) -> (Style, Vec<Line<'static>>) {
    let MomentWords { role, sign, now, waits } = MomentWords::new(run);
    let style = run.look.filled(role);
    let (height, more) = (usize::from(band.height), run.look.glyphs.more);
    let width = usize::from(band.width).saturating_sub(4);
    if height < 2 {
        // How it went says that it is over, too.
        let now =
            (*run.phase != TrackPhase::Over || waits.is_none()).then_some(now);
        let words = now.into_iter().chain(waits).join("; ");
        let line = format!(" {sign} {}", cut(&words, width, more));
        return (style, vec![Line::styled(line, style)]);
    }
    // Words that need several lines get them where the row has those.
    let wrapped = |words: &str, lines: usize| {
        let mut rows = wrap(words, width);
        let rest = rows.split_off(lines.min(rows.len()));
        if let (Some(last), false) = (rows.last_mut(), rest.is_empty()) {
            *last = cut(&format!("{last} {}", rest.join(" ")), width, more);
        }
        rows
    };
    let now = wrapped(&now, height - 1);
    let waits = waits.map(|it| wrapped(&it, height - now.len()));
    let signed = |at: usize, words: String| {
        let sign = if at == 0 { &sign } else { "  " };
        Line::styled(format!(" {sign} {words}"), style)
    };
    let lines = now.into_iter().chain(waits.into_iter().flatten());
    (style, lines.enumerate().map(|(at, it)| signed(at, it)).collect())
}

fn longest_echo(run: &Track, _: &Comparison) -> RoleWords {
    match run.scene.measured.echoes().map(|it| it.echo_time.max_ns) {
        Some(ns @ LONG_WAIT_NS..) => (Role::Bad, show_time_ns(ns)),
        Some(ns) => (Role::Text, show_time_ns(ns)),
        None if run.scene.facts.clients_apart => {
            (Role::Dim, "not known".into())
        }
        None => (Role::Text, "none yet".into()),
    }
}

fn in_vain(run: &Track, _: &Comparison) -> RoleWords {
    let figures = &run.view.figures;
    let spins = run.view.findings.iter().any(|it| it.kind == "spinning");
    match figures.would_blocks() {
        0 => (Role::Text, "none".into()),
        calls if spins => (Role::Spinning, show_short(calls)),
        calls => (Role::Text, show_short(calls)),
    }
}

/// The share of a core: in the last second or, of a run that is over, of all
/// its time.
fn cpu(run: &Track, comparison: &Comparison) -> RoleWords {
    let value = || {
        let mut all = comparison.figures.iter();
        let share = all.find(|it| it.name == "core_share")?;
        share.values.get(run.place).cloned()
    };
    let whole = (!run.phase.goes_on()).then(value).flatten();
    let (share, words) = match whole {
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        Some(it) => (it.value.map(|it| it as f32), it.words),
        None => (run.scene.measured.cpu, turns::cpu(run)),
    };
    let is_busy = share.is_some_and(|it| it > BUSY);
    (if is_busy { Role::Spinning } else { Role::Text }, words)
}
