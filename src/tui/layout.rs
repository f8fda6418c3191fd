//! The positions of the panes.
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
//! A run with tasks has a pane for them between code and sockets if both fit;
//! otherwise it replaces the sockets, unless those have the focus.
//!
//! A recorded run has its bar above the notice, in two or three rows.
//!
//! `*`: findings or clients by hand instead, while they have the focus; `**`:
//! the pane that has the focus, unless that is the code. From 160 columns on,
//! the findings are below the loop's figures.

use super::context::ScreenContext;
use super::panes::large;
use super::screen::Pane;
use crate::view::Scene;
use ratatui::layout::{Constraint, Layout, Rect, Size};

/// The smallest usable terminal; on a smaller one, the screen says so.
pub const NEEDED: Size = Size { width: 60, height: 15 };

/// Splits the screen into rows, from top to bottom: the list of runs (if one of
/// several is open and the height allows it), the header, the narration (of
/// height 0 unless a run is open), the panes or columns, the bar of a recording
/// (else of height 0), the notice, and the footer. `None` if the terminal is
/// too small.
pub(super) fn chrome(whole: Rect, cx: &ScreenContext) -> Option<[Rect; 7]> {
    if whole.width < NEEDED.width || whole.height < NEEDED.height {
        return None;
    }
    let is_one_of_several =
        cx.screen.open.is_some() && cx.screen.tracks.len() > 1;
    let strip = (is_one_of_several && whole.height > NEEDED.height).into();
    let bar = match whole.height - strip {
        _ if cx.playback().is_none() => 0,
        ..32 if !cx.screen.presents => 2,
        _ => 3,
    };
    let narration = match whole.height - strip {
        _ if cx.open().is_none() => 0,
        height if cx.screen.presents => {
            large::height(cx.look(), (whole.width, height))
        }
        ..20 => 1,
        20..32 => 2,
        32.. => 3,
    };
    let [strip, one, narration, bar] =
        [strip, 1, narration, bar].map(Constraint::Length);
    let rows = [strip, one, narration, Constraint::Fill(1), bar, one, one];
    Some(Layout::vertical(rows).areas(whole))
}

/// The regions of the open run's panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrackRegions {
    /// The panes that fit, each with its title in its first row.
    pub(super) panes: Vec<(Pane, Rect)>,
    /// The strips between panes that are side by side.
    pub(super) walls: Vec<Rect>,
}

impl TrackRegions {
    /// The regions of the open run; `None` if no run is open, or the terminal
    /// is too small.
    pub(super) fn new(whole: Rect, cx: &ScreenContext) -> Option<Self> {
        let open = cx.open()?;
        let [strip, _, _, body, ..] = chrome(whole, cx)?;
        let mut it = Self { panes: Vec::new(), walls: Vec::new() };
        // Besides the code, this pane shows the most.
        let has_tasks = open.scene.has_tasks();
        let main = if has_tasks { Pane::Tasks } else { Pane::Sockets };
        let focus = open.state.focus;
        match (whole.width, whole.height - strip.height) {
            _ if open.presents => {
                let is_sockets = focus == Pane::Sockets;
                let lower = if is_sockets { focus } else { main };
                it.two(body, lower, Constraint::from_fills([4, 3]));
            }
            (..80, _) | (_, ..20) => {
                let lower = if focus == Pane::Code { main } else { focus };
                let half = body.height.div_ceil(2) - 1;
                let more = if lower == Pane::Tasks { half + 2 } else { half };
                let rows = vec![Constraint::Fill(1), Constraint::Length(more)];
                it.two(body, lower, rows);
            }
            (..110, _) | (_, ..32) => it.medium(body, focus, main),
            _ => it.large(body, open.scene),
        }
        Some(it)
    }

    /// The area of this pane, if it is shown.
    pub(super) fn of(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(it, _)| *it == pane).map(|(_, area)| *area)
    }

    /// Splits an area in two, side by side, with a wall between them.
    fn beside(&mut self, area: Rect, left: u16) -> [Rect; 2] {
        let [left, wall] = [left, 3].map(Constraint::Length);
        let parts = [left, wall, Constraint::Fill(1)];
        let [left, wall, right] = Layout::horizontal(parts).areas(area);
        self.walls.push(wall);
        [left, right]
    }

    /// Places the code above one other pane.
    fn two(&mut self, body: Rect, pane: Pane, rows: Vec<Constraint>) {
        let [code, lower] = Layout::vertical(rows).areas(body);
        self.panes = vec![(Pane::Code, code), (pane, lower)];
    }

    fn medium(&mut self, body: Rect, focus: Pane, main: Pane) {
        let rows = Constraint::from_fills([8, 7, 6]);
        let [code, middle, low] = Layout::vertical(rows).areas(body);
        let [turns, side] = self.beside(low, low.width / 2 - 3);
        let is_sockets = focus == Pane::Sockets;
        let of_side = matches!(focus, Pane::Findings | Pane::Hand);
        self.panes = vec![
            (Pane::Code, code),
            (if is_sockets { focus } else { main }, middle),
            (Pane::Turns, turns),
            (if of_side { focus } else { Pane::Events }, side),
        ];
    }

    fn large(&mut self, body: Rect, scene: &Scene) {
        let wide = body.width >= 160;
        let (hands, has_tasks) = (scene.hand.len(), scene.has_tasks());
        let rows = Constraint::from_fills(match (has_tasks, wide) {
            (false, _) => [18, 0, 10, 9],
            (true, false) => [13, 10, 7, 7],
            (true, true) => [24, 12, 10, 11],
        });
        let [top, middle, sockets, low] = Layout::vertical(rows).areas(body);
        let figures = if wide { body.width * 2 / 5 } else { 38 };
        let [code, right] = self.beside(top, body.width - figures - 3);
        // A recorded run gets no new clients by hand: omit their pane.
        let is_without = wide && scene.playback.is_some() && hands == 0;
        let [events, side] = if is_without {
            [low, Rect::ZERO]
        } else {
            self.beside(low, low.width * 11 / 20)
        };
        let by_hand = [0, 3, 4, 5, 6][hands.min(4)];
        let (shared, rows) = if wide {
            (right, [Constraint::Length(15), Constraint::Fill(1)])
        } else {
            (side, [Constraint::Fill(1), Constraint::Length(by_hand)])
        };
        let [upper, lower] = Layout::vertical(rows).areas(shared);
        let [turns, findings, hand] =
            if wide { [upper, lower, side] } else { [right, upper, lower] };
        self.panes = vec![
            (Pane::Code, code),
            (Pane::Sockets, sockets),
            (Pane::Tasks, middle),
            (Pane::Turns, turns),
            (Pane::Events, events),
            (Pane::Findings, findings),
            (Pane::Hand, hand),
        ];
        self.panes.retain(|(_, area)| !area.is_empty());
    }
}
