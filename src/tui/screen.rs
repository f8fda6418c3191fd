//! What the screen remembers between two frames.

use super::look::Look;
use super::stage::Picture;
use crate::run::comparison::Comparison;
use crate::view::{LogEntry, Scene, SocketId, SourceText, View};
use ratatui::layout::Size;
use tui_input::{Input, InputRequest};

/// The longest line that can be typed, in characters.
const LONGEST_LINE: usize = 1_024;

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
    /// The picture that stands still, while the programs go on.
    pub frozen: Option<FrozenPicture>,
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

/// A picture that stands still.
#[derive(Clone, Debug)]
pub struct FrozenPicture {
    views: Vec<View>,
    pub(super) comparison: Option<Comparison>,
}

/// A part of the screen that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    Prompt(Prompt),
}

/// A line that is being typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub(super) input: Input,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a line that is being typed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A client driven by hand will say it.
    Say {
        /// Which one; `None` for one of each run.
        client: Option<u32>,
        /// Whether the end of the line is sent, too.
        newline: bool,
    },
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

impl Pane {
    /// Every pane, in the order of the tabulator.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::Sockets,
        Self::Tasks,
        Self::Turns,
        Self::Events,
        Self::Findings,
        Self::Hand,
    ];

    /// The pane this many steps on, around the end.
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
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
        match self.dialog {
            Dialog::Detail(socket, _) => Some((self.open?, socket)),
            _ => None,
        }
    }

    /// What is shown of a run: the present, or the picture that stands still.
    pub(super) fn view<'a>(
        &'a self,
        place: usize,
        scene: &'a Scene,
    ) -> &'a View {
        let frozen = self.frozen.as_ref();
        frozen.and_then(|it| it.views.get(place)).unwrap_or(&scene.view)
    }

    /// Holds the picture, or lets it follow again.
    pub(super) fn freeze(&mut self, picture: &Picture) {
        let views = picture.tracks.iter().map(|it| it.scene.view.clone());
        let comparison = picture.comparison.cloned();
        self.frozen = match self.frozen {
            Some(_) => None,
            None => Some(FrozenPicture { views: views.collect(), comparison }),
        };
    }

    /// Opens an empty line to be typed.
    pub(super) fn prompt(&mut self, purpose: Purpose) {
        let input = Input::default();
        self.dialog = Dialog::Prompt(Prompt { input, purpose });
    }
}

impl Prompt {
    /// Edits the line; a full one takes no more.
    pub(super) fn edit(&mut self, request: InputRequest) {
        let inserts = matches!(request, InputRequest::InsertChar(_));
        if !inserts || self.input.value().chars().count() < LONGEST_LINE {
            self.input.handle(request);
        }
    }
}

impl TrackState {
    /// The source that is shown.
    pub(super) fn source<'a>(&self, scene: &'a Scene) -> &'a SourceText {
        let of_loop = scene.facts.loop_source.as_ref();
        let of_loop = of_loop.filter(|_| self.shows_loop);
        of_loop.unwrap_or(&scene.facts.source)
    }

    /// The client that the keys for clients mean: the one behind the chosen
    /// socket, else the chosen one, else the last.
    pub fn hand_client(&self, scene: &Scene) -> Option<u32> {
        let behind = self.sockets.selected.and_then(|it| scene.hand_behind(it));
        let known = |id: &u32| scene.hand.iter().any(|it| it.number == *id);
        let chosen = self.hand.filter(known);
        let in_pane = chosen.filter(|_| self.focus == Pane::Hand);
        let last = scene.hand.last().map(|it| it.number);
        in_pane.or(behind).or(chosen).or(last)
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
