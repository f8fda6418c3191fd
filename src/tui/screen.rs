//! What the screen remembers between two frames.

use super::look::Look;
use crate::load::HandClient;
use crate::run::comparison::Comparison;
use crate::view::{LogEntry, Scene, SocketId, SourceText, View};
use ratatui::layout::Size;
use tui_input::Input;

/// What the screen remembers between two frames, of one run or of several.
#[derive(Clone, Debug)]
pub struct Screen {
    /// What it remembers of each run.
    pub tracks: Vec<TrackState>,
    /// The chosen run.
    pub chosen: usize,
    /// The run that has the whole screen; a single one always has.
    pub open: Option<usize>,
    /// Whether there are few and large panes, for the last row of a
    /// classroom.
    pub presents: bool,
    /// Theme, colours and marks.
    pub look: Look,
    /// What stands in front of the panes.
    pub dialog: Dialog,
    /// How many sockets are scrolled out of sight while all runs are shown.
    pub first_socket: usize,
    /// Why the last key did nothing.
    pub said: Option<String>,
    /// What was last searched for in a recording; empty at first.
    pub searched: String,
    /// The picture that stands still, while the programs go on: what is shown
    /// of each run, and what differs.
    pub frozen: Option<(Vec<View>, Option<Comparison>)>,
    /// The size of the terminal.
    pub size: Size,
}

/// What the screen remembers of one run.
#[derive(Clone, Debug, Default)]
pub struct TrackState {
    /// The pane that the arrows move in.
    pub focus: Pane,
    /// Which sockets are shown, and in which order.
    pub sockets: SocketChoice,
    /// How far each pane is scrolled.
    pub scroll: PaneScroll,
    /// Whether the source of the event loop is shown, not the mode's own.
    pub shows_loop: bool,
    /// The chosen client driven by hand; the last one made, at first.
    pub hand: Option<u32>,
}

/// A part of the screen that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::VariantArray)]
pub enum Pane {
    /// The mode's source.
    #[default]
    Code,
    /// The sockets.
    Sockets,
    /// The tasks of the event loop, and its turn.
    Tasks,
    /// The loop's figures.
    Turns,
    /// The last events.
    Events,
    /// What deserves attention.
    Findings,
    /// The clients driven by hand.
    Hand,
}

/// What stands in front of the panes.
#[derive(Clone, Debug, Default)]
pub enum Dialog {
    /// Nothing.
    #[default]
    None,
    /// All keys, from this row on.
    Help(usize),
    /// All about one socket of the open run, without this many of its last
    /// entries.
    Detail(SocketId, usize),
    /// A line that is being typed.
    Prompt(Purpose, Input),
}

/// What a line that is being typed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A client driven by hand will say it (`None`: one of each run), with
    /// the end of the line or without.
    Say { client: Option<u32>, newline: bool },
    /// A place in a recorded run.
    GoTo,
    /// A text to look for in a recorded run.
    Search,
}

/// Which sockets are shown, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketChoice {
    /// The chosen one.
    pub selected: Option<SocketId>,
    /// Whether the last one that did something comes first, after the
    /// listener; else they are in the order of their numbers.
    pub by_activity: bool,
    /// Whether only the chosen one's events are shown.
    pub only: bool,
}

/// How far each pane is scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaneScroll {
    /// The first line of source; `None` follows the threads.
    pub code: Option<usize>,
    /// Events below the last one shown; 0 follows.
    pub events: usize,
    /// The first row of the tasks.
    pub tasks: usize,
    /// The first row of the findings.
    pub findings: usize,
}

impl Screen {
    /// A screen of this size for this many runs, as it is at first. A single
    /// run is open and stays so.
    pub fn new(look: Look, size: Size, runs: usize) -> Self {
        Self {
            tracks: vec![TrackState::default(); runs],
            chosen: 0,
            open: (runs == 1).then_some(0),
            presents: false,
            look,
            dialog: Dialog::None,
            first_socket: 0,
            said: None,
            searched: String::new(),
            frozen: None,
            size,
        }
    }

    /// The run and the socket whose history the picture must have.
    pub fn detail(&self) -> Option<(usize, SocketId)> {
        let Dialog::Detail(socket, _) = self.dialog else { return None };
        Some((self.open?, socket))
    }

    /// What is remembered of the open run.
    pub(super) fn open_track(&mut self) -> Option<&mut TrackState> {
        self.tracks.get_mut(self.open?)
    }

    /// Opens an empty line to be typed.
    pub(super) fn prompt(&mut self, purpose: Purpose) {
        self.dialog = Dialog::Prompt(purpose, Input::default());
    }
}

impl TrackState {
    /// The source that is shown.
    pub(super) fn source<'a>(&self, scene: &'a Scene) -> &'a SourceText {
        let of_loop = scene.facts.loop_source.as_ref();
        of_loop.filter(|_| self.shows_loop).unwrap_or(&scene.facts.source)
    }

    /// The client that the keys for clients mean: the one behind the chosen
    /// socket, else the chosen one, else the last.
    pub(super) fn hand_client<'a>(
        &self,
        scene: &'a Scene,
    ) -> Option<&'a HandClient> {
        let named = |number| scene.hand.iter().find(|it| it.number == number);
        let behind = || named(scene.hand_behind(self.sockets.selected?)?);
        let chosen = self.hand.and_then(named);
        let first = chosen.filter(|_| self.focus == Pane::Hand);
        first.or_else(behind).or(chosen).or(scene.hand.last())
    }

    /// Whether the entry is shown.
    pub(super) fn shows(&self, entry: &LogEntry) -> bool {
        let only = self.sockets.selected.filter(|_| self.sockets.only);
        only.is_none_or(|socket| entry.sockets().contains(&socket))
    }

    /// The sockets in the order in which they are shown, as places in the
    /// view: the listener first.
    pub(super) fn order(&self, view: &View) -> Vec<usize> {
        let mut order: Vec<_> = (0..view.sockets.len()).collect();
        if self.sockets.by_activity {
            order.sort_by_cached_key(|&at| {
                let row = &view.sockets[at];
                let connection = row.count.peer.is_some();
                (connection, std::cmp::Reverse(row.active_at), row.count.id)
            });
        }
        order
    }
}
