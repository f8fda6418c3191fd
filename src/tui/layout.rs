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

use super::app::{App, Arrangement, Pane};
use super::panes::scrubber;
use crate::view::Scene;
use ratatui::layout::{Constraint, Layout, Rect, Size};

/// The least that is usable; on less, the screen says so.
pub const NEEDED: Size = Size { width: 60, height: 15 };

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    /// Clients driven by hand.
    hands: usize,
    /// The mode runs on an event loop.
    tasks: bool,
    /// It is a recorded run.
    replays: bool,
}

impl Present {
    pub(super) const fn of(scene: &Scene) -> Self {
        Self {
            hands: scene.hand.len(),
            tasks: scene.has_tasks(),
            replays: scene.playback.is_some(),
        }
    }

    /// What there is most to see of beside the code.
    const fn main(self) -> Pane {
        if self.tasks { Pane::Tasks } else { Pane::Sockets }
    }
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Regions {
    /// The state of the run.
    pub(super) header: Rect,
    /// The panes that find room, each with its title in its first row.
    pub(super) panes: Vec<(Pane, Rect)>,
    /// Between panes that are side by side.
    pub(super) walls: Vec<Rect>,
    /// Where a recorded run stands; no rows otherwise.
    pub(super) scrubber: Rect,
    /// What must be told, or is being typed.
    pub(super) notice: Rect,
    /// The keys.
    pub(super) footer: Rect,
}

impl Regions {
    /// Where this pane is, if it found room.
    pub(super) fn of(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(it, _)| *it == pane).map(|(_, area)| *area)
    }

    /// All of it.
    pub(super) fn whole(&self) -> Rect {
        self.header.union(self.footer)
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

/// Where everything is; `None` if there is too little room.
pub(super) fn regions(
    area: Rect,
    app: &App,
    present: Present,
) -> Option<Regions> {
    if area.width < NEEDED.width || area.height < NEEDED.height {
        return None;
    }
    let one = Constraint::Length(1);
    let presents = app.arrangement == Arrangement::Presenter;
    let scrubber =
        if present.replays { scrubber::rows(area.height, presents) } else { 0 };
    let scrubber = Constraint::Length(scrubber);
    let rows = [one, Constraint::Fill(1), scrubber, one, one];
    let [header, body, scrubber, notice, footer] =
        Layout::vertical(rows).areas(area);
    let (panes, walls) = (Vec::new(), Vec::new());
    let mut regions =
        Regions { header, panes, walls, scrubber, notice, footer };
    let room = (area.width, area.height);
    match app.arrangement {
        Arrangement::Presenter => {
            presenter(&mut regions, body, present.main());
        }
        Arrangement::Normal if room.0 < 80 || room.1 < 20 => {
            small(&mut regions, body, app.focus, present.main());
        }
        Arrangement::Normal if room.0 < 110 || room.1 < 32 => {
            medium(&mut regions, body, app.focus, present.main());
        }
        Arrangement::Normal => large(&mut regions, body, present),
    }
    Some(regions)
}

fn presenter(regions: &mut Regions, body: Rect, main: Pane) {
    let rows = [Constraint::Fill(3), Constraint::Fill(2)];
    let [code, lower] = Layout::vertical(rows).areas(body);
    regions.put(Pane::Code, code);
    regions.put(main, lower);
}

fn small(regions: &mut Regions, body: Rect, focus: Pane, main: Pane) {
    let pane = if focus == Pane::Code { main } else { focus };
    let half = body.height.div_ceil(2);
    let half = if pane == Pane::Tasks { half + 1 } else { half - 1 };
    let rows = [Constraint::Fill(1), Constraint::Length(half)];
    let [code, lower] = Layout::vertical(rows).areas(body);
    regions.put(Pane::Code, code);
    regions.put(pane, lower);
}

fn medium(regions: &mut Regions, body: Rect, focus: Pane, main: Pane) {
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

fn large(regions: &mut Regions, body: Rect, present: Present) {
    let wide = body.width >= 160;
    let Present { hands, tasks, replays } = present;
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
        if replays && hands == 0 {
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
