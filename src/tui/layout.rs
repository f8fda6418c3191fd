//! Which pane is where.
//!
//! ```text
//! 110x32 and more                       80x20 and more
//! ┌──────────────────────────────────┐  ┌──────────────────────────┐
//! │header                            │  │header                    │
//! ├─ code ──────────────┬─ loop ─────┤  ├─ code ───────────────────┤
//! │                     │            │  │                          │
//! ├─ sockets ───────────┴────────────┤  ├─ sockets ────────────────┤
//! │                                  │  │                          │
//! ├─ events ─────────┬─ findings ────┤  ├─ loop ─────┬─ events * ──┤
//! │                  ├─ by hand ─────┤  │            │             │
//! │notice                            │  │notice                    │
//! │footer                            │  │footer                    │
//! └──────────────────────────────────┘  └──────────────────────────┘
//!
//! 60x15 and more                        presenter
//! ┌──────────────────────┐              ┌──────────────────────────┐
//! │header                │              │header                    │
//! ├─ code ───────────────┤              ├─ code ───────────────────┤
//! │                      │              │                          │
//! ├─ sockets ** ─────────┤              ├─ sockets ────────────────┤
//! │notice                │              │notice                    │
//! │footer                │              │footer                    │
//! └──────────────────────┘              └──────────────────────────┘
//! ```
//! With tasks, theirs is a pane between code and sockets where both find room,
//! and in the place of the sockets elsewhere, unless those have the focus.
//!
//! A recorded run has its bar above the notice, in one to three rows.
//!
//! `*` findings or clients by hand instead, while one of them has the focus;
//! `**` whichever pane has the focus, if it is not the code. At 160 columns
//! the findings move below the loop's figures.

use super::panes::scrubber;
use super::screen::{Arrangement, Pane, Screen, TrackState};
use crate::view::Scene;
use ratatui::layout::{Constraint, Layout, Position, Rect, Size};

/// The least that is usable; on less, the screen says so.
pub const NEEDED: Size = Size { width: 60, height: 15 };

/// What surrounds the panes, or the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chrome {
    /// The state of the run.
    pub(super) header: Rect,
    /// All between the header and the bar.
    pub(super) body: Rect,
    /// Where a recording stands; no rows otherwise.
    pub(super) scrubber: Rect,
    /// What the user should know, or is typing.
    pub(super) notice: Rect,
    /// The keys.
    pub(super) footer: Rect,
}

impl Chrome {
    /// `None` if there is too little room.
    pub(super) fn new(
        area: Rect,
        screen: &Screen,
        is_recorded: bool,
    ) -> Option<Self> {
        if area.width < NEEDED.width || area.height < NEEDED.height {
            return None;
        }
        let bar = if is_recorded {
            scrubber::rows(area.height, screen.presents())
        } else {
            0
        };
        let (one, bar) = (Constraint::Length(1), Constraint::Length(bar));
        let rows = [one, Constraint::Fill(1), bar, one, one];
        let [header, body, scrubber, notice, footer] =
            Layout::vertical(rows).areas(area);
        Some(Self { header, body, scrubber, notice, footer })
    }
}

/// Where everything of an open run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrackRegions {
    /// The panes that find room, each with its title in its first row.
    pub(super) panes: Vec<(Pane, Rect)>,
    /// Between panes that are side by side.
    pub(super) walls: Vec<Rect>,
    /// Where a recording stands; no rows otherwise.
    pub(super) scrubber: Rect,
}

impl TrackRegions {
    /// Where this pane is, if it found room.
    pub(super) fn of(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(it, _)| *it == pane).map(|(_, area)| *area)
    }

    /// The pane at this place.
    pub(super) fn pane_at(&self, at: Position) -> Option<Pane> {
        let mut panes = self.panes.iter();
        panes.find(|(_, area)| area.contains(at)).map(|(pane, _)| *pane)
    }

    fn put(&mut self, pane: Pane, area: Rect) {
        self.panes.push((pane, area));
    }

    /// Two areas side by side, with a wall between them.
    fn beside(&mut self, area: Rect, left: Constraint) -> [Rect; 2] {
        let wall = Constraint::Length(3);
        let parts = [left, wall, Constraint::Fill(1)];
        let [left, wall, right] = Layout::horizontal(parts).areas(area);
        self.walls.push(wall);
        [left, right]
    }
}

/// Where everything of an open run is; `None` if there is too little room.
pub(super) fn regions(
    area: Rect,
    screen: &Screen,
    track: &TrackState,
    scene: &Scene,
) -> Option<TrackRegions> {
    let chrome = Chrome::new(area, screen, scene.playback.is_some())?;
    let Chrome { body, scrubber, .. } = chrome;
    let (panes, walls) = (Vec::new(), Vec::new());
    let mut regions = TrackRegions { panes, walls, scrubber };
    // There is most to see of these beside the code.
    let main = if scene.has_tasks() { Pane::Tasks } else { Pane::Sockets };
    match (screen.arrangement, area.width, area.height) {
        (Arrangement::Presenter, ..) => presenter(&mut regions, body, main),
        (_, ..80, _) | (_, _, ..20) => {
            small(&mut regions, body, track.focus, main);
        }
        (_, ..110, _) | (_, _, ..32) => {
            medium(&mut regions, body, track.focus, main);
        }
        _ => large(&mut regions, body, scene),
    }
    Some(regions)
}

fn presenter(regions: &mut TrackRegions, body: Rect, main: Pane) {
    let rows = [Constraint::Fill(3), Constraint::Fill(2)];
    let [code, lower] = Layout::vertical(rows).areas(body);
    regions.put(Pane::Code, code);
    regions.put(main, lower);
}

fn small(regions: &mut TrackRegions, body: Rect, focus: Pane, main: Pane) {
    let pane = if focus == Pane::Code { main } else { focus };
    let half = body.height.div_ceil(2);
    let half = if pane == Pane::Tasks { half + 1 } else { half - 1 };
    let rows = [Constraint::Fill(1), Constraint::Length(half)];
    let [code, lower] = Layout::vertical(rows).areas(body);
    regions.put(Pane::Code, code);
    regions.put(pane, lower);
}

fn medium(regions: &mut TrackRegions, body: Rect, focus: Pane, main: Pane) {
    let rows = Constraint::from_fills([8, 7, 6]);
    let [code, middle, low] = Layout::vertical(rows).areas(body);
    regions.put(Pane::Code, code);
    let pane = if focus == Pane::Sockets { focus } else { main };
    regions.put(pane, middle);
    let left = Constraint::Length(low.width / 2 - 3);
    let [turns, side] = regions.beside(low, left);
    regions.put(Pane::Turns, turns);
    let pane = match focus {
        Pane::Findings | Pane::Hand => focus,
        _ => Pane::Events,
    };
    regions.put(pane, side);
}

fn large(regions: &mut TrackRegions, body: Rect, scene: &Scene) {
    let wide = body.width >= 160;
    let (hands, tasks) = (scene.hand.len(), scene.has_tasks());
    let rows = match (tasks, wide) {
        (false, _) => [18, 0, 10, 9],
        (true, false) => [13, 10, 7, 7],
        (true, true) => [24, 12, 10, 11],
    };
    let rows = Constraint::from_fills(rows);
    let [top, middle, sockets, low] = Layout::vertical(rows).areas(body);
    if tasks {
        regions.put(Pane::Tasks, middle);
    }
    let figures = if wide { body.width * 2 / 5 } else { 38 };
    let code = Constraint::Length(body.width - figures - 3);
    let [code, right] = regions.beside(top, code);
    regions.put(Pane::Code, code);
    regions.put(Pane::Sockets, sockets);
    let half = Constraint::Length(low.width * 11 / 20);
    let by_hand = u16::try_from(hands.min(4)).unwrap_or(4) + 2;
    if wide {
        let rows = [Constraint::Length(15), Constraint::Fill(1)];
        let [turns, findings] = Layout::vertical(rows).areas(right);
        regions.put(Pane::Turns, turns);
        regions.put(Pane::Findings, findings);
        if scene.playback.is_some() && hands == 0 {
            // None can ever come.
            regions.put(Pane::Events, low);
        } else {
            let [events, hand] = regions.beside(low, half);
            regions.put(Pane::Events, events);
            regions.put(Pane::Hand, hand);
        }
    } else {
        regions.put(Pane::Turns, right);
        let [events, right] = regions.beside(low, half);
        regions.put(Pane::Events, events);
        let by_hand = if hands == 0 { 0 } else { by_hand };
        let rows = [Constraint::Fill(1), Constraint::Length(by_hand)];
        let [findings, hand] = Layout::vertical(rows).areas(right);
        regions.put(Pane::Findings, findings);
        if hands > 0 {
            regions.put(Pane::Hand, hand);
        }
    }
}
