//! The state of the screen.

use super::keymap::KeyMap;
use super::look::Look;
use crate::load::HandClient;
use crate::run::comparison::Comparison;
use crate::view::{LogEntry, Scene, SocketId, SourceText, View};
use ratatui::layout::Size;
use tui_input::Input;

/// What the screen keeps between two frames, for one run or for several.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The state for each run, in the order of the columns.
    pub tracks: Vec<TrackState>,
    /// Index of the selected run.
    pub chosen: usize,
    /// Index of the run that fills the screen; `None`: all are side by side.
    pub open: Option<usize>,
    /// Presenter mode: large letters and few panes, for the back of a
    /// classroom.
    pub presents: bool,
    /// Theme, number of colours and symbols.
    pub look: Look,
    /// The user's own keys.
    pub keys: KeyMap,
    /// The dialog in front of the panes.
    pub dialog: Dialog,
    /// Index of the first socket shown while all runs are side by side.
    pub first_socket: usize,
    /// Why the last key had no effect, or not yet; `None` if it had.
    pub said: Option<String>,
    /// What was last searched for in a recording; empty at first.
    pub searched: String,
    /// The frozen picture: the view of each run, and their comparison. `None`
    /// while the picture follows the programs.
    pub frozen: Option<(Vec<View>, Option<Comparison>)>,
    pub size: Size,
}

/// What the screen keeps for one run.
#[derive(Clone, Debug, Default)]
pub struct TrackState {
    /// The pane that the arrows move in.
    pub focus: Pane,
    pub sockets: SocketChoice,
    pub scroll: PaneScroll,
    /// Whether the source of the event loop is shown, not the mode's own.
    pub shows_loop: bool,
    /// Number of the selected client by hand; `None` means the last one made.
    pub hand: Option<u32>,
}

/// A part of the screen that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::VariantArray)]
pub enum Pane {
    /// The source of the mode, or of its event loop.
    #[default]
    Code,
    Sockets,
    /// The tasks of the event loop, and the steps of its turn.
    Tasks,
    /// Figures of the server's loop, such as iterations and wake-ups.
    Turns,
    /// The log of events, the latest at the end.
    Events,
    /// What was noticed in the run, with advice.
    Findings,
    /// The clients driven by hand.
    Hand,
}

/// A dialog in front of the panes.
#[derive(Clone, Debug, Default)]
pub enum Dialog {
    #[default]
    None,
    /// All keys and signs, scrolled to this row.
    Help(usize),
    /// What the words mean, scrolled to this row.
    Glossary(usize),
    /// Details of one socket of the open run; its history is scrolled back by
    /// this number of entries.
    Detail(SocketId, usize),
    /// A line that is being typed.
    Prompt(Purpose, Input),
}

/// The purpose of a line that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Text that a client driven by hand sends, with or without a newline.
    /// `client` is its number; `None` means one client of each run.
    Say { client: Option<u32>, newline: bool },
    /// A place in a recording to go to.
    GoTo,
    /// A text to search for in a recording.
    Search,
}

/// Which sockets are shown, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketChoice {
    pub selected: Option<SocketId>,
    /// Whether the most recently active socket comes first, after the
    /// listener; otherwise sockets are sorted by number.
    pub by_activity: bool,
    /// Whether only the events of the selected socket are shown.
    pub only: bool,
}

/// How far each pane is scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaneScroll {
    /// First line of the source; `None` if it was not scrolled.
    pub code: Option<usize>,
    /// Number of events below the last one shown; 0 follows new events.
    pub events: usize,
    /// First row of the tasks; 0 follows the running task.
    pub tasks: usize,
    /// First row of the findings.
    pub findings: usize,
}

/// The largest size that is drawn. A terminal may claim to have 65,535 columns
/// and as many rows, whose cells no memory can hold.
const MOST: Size = Size::new(1_000, 500);

/// The part of a terminal of this size that is drawn.
pub(super) fn drawable(size: Size) -> Size {
    Size::new(size.width.min(MOST.width), size.height.min(MOST.height))
}

impl Screen {
    /// The initial screen for this size and number of runs. A single run is
    /// open and stays open.
    pub fn new(look: Look, size: Size, runs: usize) -> Self {
        Self {
            tracks: vec![TrackState::default(); runs],
            chosen: 0,
            open: (runs == 1).then_some(0),
            presents: false,
            look,
            keys: KeyMap::default(),
            dialog: Dialog::None,
            first_socket: 0,
            said: None,
            searched: String::new(),
            frozen: None,
            size: drawable(size),
        }
    }

    /// The run and the socket whose details are open.
    pub fn detail(&self) -> Option<(usize, SocketId)> {
        let Dialog::Detail(socket, _) = self.dialog else { return None };
        Some((self.open?, socket))
    }

    /// The state for the open run.
    pub(super) fn open_track(&mut self) -> Option<&mut TrackState> {
        self.tracks.get_mut(self.open?)
    }

    /// Opens an empty prompt.
    pub(super) fn prompt(&mut self, purpose: Purpose) {
        self.dialog = Dialog::Prompt(purpose, Input::default());
    }
}

impl TrackState {
    /// The source that the code pane shows.
    pub(super) fn source<'a>(&self, scene: &'a Scene) -> &'a SourceText {
        let of_loop = scene.facts.loop_source.as_ref();
        of_loop.filter(|_| self.shows_loop).unwrap_or(&scene.facts.source)
    }

    /// The client that keys for clients act on: if the pane of clients has the
    /// focus, the selected one; else the one behind the selected socket, else
    /// the selected one, else the last one made.
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

    /// Whether the filter lets this entry of the log through.
    pub(super) fn shows(&self, entry: &LogEntry) -> bool {
        let only = self.sockets.selected.filter(|_| self.sockets.only);
        only.is_none_or(|socket| entry.sockets().contains(&socket))
    }

    /// Indices into the view's sockets, in the order in which they are shown:
    /// the listener first. If they need more than `rows`, those that are over
    /// come last.
    pub(super) fn order(&self, view: &View, rows: usize) -> Vec<usize> {
        let mut order: Vec<_> = (0..view.sockets.len()).collect();
        let needed = order.len() + view.backlog.len();
        if self.sockets.by_activity {
            order.sort_by_cached_key(|&at| {
                let row = &view.sockets[at];
                let connection = row.count.peer.is_some();
                (connection, std::cmp::Reverse(row.active_at), row.count.id)
            });
        } else if needed > rows || view.sockets_not_shown > 0 {
            order.sort_by_key(|&at| {
                let row = &view.sockets[at];
                row.count.peer.is_some() && row.state.is_over()
            });
        }
        order
    }
}
