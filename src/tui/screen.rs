//! What the screen remembers between two frames.

use super::look::Look;
use super::prompt::Prompt;
use super::stage::Picture;
use crate::probe::LISTENER;
use crate::run::comparison::Comparison;
use crate::view::{
    Facts, Kind, LogEntry, More, Outcome, Scene, SocketId, SourceText, TaskNow,
    View, What,
};
use ratatui::layout::{Rect, Size};

use super::layout::NEEDED;

/// What the screen remembers between two frames, of one run or of several.
#[derive(Clone, Debug)]
pub struct Screen {
    /// What it remembers of each run.
    pub tracks: Vec<TrackState>,
    /// The chosen run.
    pub chosen: usize,
    /// The run that has the whole screen; a single one always has.
    pub open: Option<usize>,
    /// Which panes there are.
    pub arrangement: Arrangement,
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
#[derive(Clone, Debug)]
pub struct TrackState {
    /// The pane that the arrows move in.
    pub focus: Pane,
    /// Which sockets are shown, and in which order.
    pub sockets: SocketChoice,
    /// How far each pane is scrolled.
    pub scroll: PaneScroll,
    /// Which source is shown.
    pub source: CodeSource,
    /// The chosen client driven by hand; the last one made, at first.
    pub hand: Option<u32>,
}

/// A picture that stands still.
#[derive(Clone, Debug)]
pub struct FrozenPicture {
    views: Vec<View>,
    comparison: Option<Comparison>,
}

/// A part of the screen that can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The mode's source.
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

/// Which source is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeSource {
    /// The mode's own.
    #[default]
    Mode,
    /// That of the event loop it runs on, if it does.
    Loop,
}

/// Which panes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// All that find room.
    Normal,
    /// Few and large, for the last row of a classroom.
    Presenter,
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

/// Which sockets are shown, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketChoice {
    /// The chosen one.
    pub selected: Option<SocketId>,
    /// Their order, after the listener.
    pub sort: SocketOrder,
    /// Whether only the chosen one's events are shown.
    pub only: bool,
}

/// The order of the sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocketOrder {
    /// By number.
    #[default]
    Number,
    /// The last one that did something first.
    Activity,
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
    #[must_use]
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

impl Screen {
    /// A screen of this size for this many runs, as it is at first. A single
    /// run is open and stays so.
    #[must_use]
    pub fn new(look: Look, size: Size, runs: usize) -> Self {
        Self {
            tracks: vec![TrackState::default(); runs],
            chosen: 0,
            open: (runs == 1).then_some(0),
            arrangement: Arrangement::Normal,
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
    #[must_use]
    pub fn detail(&self) -> Option<(usize, SocketId)> {
        match self.dialog {
            Dialog::Detail(socket, _) => Some((self.open?, socket)),
            _ => None,
        }
    }

    /// Whether there are few and large panes.
    pub(super) const fn presents(&self) -> bool {
        matches!(self.arrangement, Arrangement::Presenter)
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

    /// What differs: at present, or when the picture froze.
    pub(super) fn comparison<'a>(
        &'a self,
        picture: &Picture<'a>,
    ) -> Option<&'a Comparison> {
        match &self.frozen {
            Some(frozen) => frozen.comparison.as_ref(),
            None => picture.comparison,
        }
    }

    /// Holds the picture, or lets it follow again.
    pub(super) fn freeze(&mut self, picture: &Picture) {
        let views = picture.tracks.iter().map(|it| it.scene.view.clone());
        self.frozen = match self.frozen {
            Some(_) => None,
            None => Some(FrozenPicture {
                views: views.collect(),
                comparison: picture.comparison.cloned(),
            }),
        };
    }

    /// The row above an open run that lists all runs, if there are several
    /// and it can be spared.
    pub(super) fn strip(&self, area: Rect) -> Rect {
        let has_room = area.height > NEEDED.height && self.tracks.len() > 1;
        Rect { height: has_room.into(), ..area }
    }

    /// The part of the terminal that an open run has.
    pub(super) fn open_area(&self, area: Rect) -> Rect {
        let strip = self.strip(area).height;
        Rect { y: area.y + strip, height: area.height - strip, ..area }
    }
}

impl Default for TrackState {
    fn default() -> Self {
        Self {
            focus: Pane::Code,
            sockets: SocketChoice::default(),
            scroll: PaneScroll::default(),
            source: CodeSource::Mode,
            hand: None,
        }
    }
}

impl TrackState {
    /// The path and the text of the source that is shown.
    pub(super) fn source<'a>(&self, scene: &'a Scene) -> &'a SourceText {
        let Facts { source, loop_source, .. } = &scene.facts;
        match self.source {
            CodeSource::Mode => source,
            CodeSource::Loop => loop_source.as_ref().unwrap_or(source),
        }
    }

    /// The client that the keys for clients mean: the one behind the chosen
    /// socket, else the chosen one, else the last.
    #[must_use]
    pub fn hand_client(&self, scene: &Scene) -> Option<u32> {
        let behind = self.sockets.selected.and_then(|it| scene.hand_behind(it));
        let known = |id: &u32| scene.hand.iter().any(|it| it.number == *id);
        let chosen = self.hand.filter(known);
        let pointed = match self.focus {
            Pane::Hand => chosen.or(behind),
            _ => behind.or(chosen),
        };
        pointed.or_else(|| scene.hand.last().map(|client| client.number))
    }

    /// Whether the entry is shown.
    pub(super) fn shows(&self, entry: &LogEntry) -> bool {
        match self.sockets {
            SocketChoice { only: true, selected: Some(socket), .. } => {
                concerns(&entry.what, socket)
            }
            _ => true,
        }
    }

    /// Whether nothing can be left but the whole screen.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.sockets.only
            && self.sockets.selected.is_none()
            && self.scroll == PaneScroll::default()
    }

    /// The sockets in the order in which they are shown, as places in the
    /// view: the listener first.
    pub(super) fn order(&self, view: &View) -> Vec<usize> {
        let mut order: Vec<_> = (0..view.sockets.len()).collect();
        if self.sockets.sort == SocketOrder::Activity {
            order.sort_by_key(|&at| {
                let row = &view.sockets[at];
                let connection = row.peer.is_some();
                (connection, std::cmp::Reverse(row.active_at), row.id)
            });
        }
        order
    }
}

/// Whether what happened concerns this socket.
fn concerns(what: &What, id: SocketId) -> bool {
    match what {
        What::Made(made) => match (&made.more, made.outcome) {
            (More::Ready(ready), _) => ready.iter().any(|(it, _)| *it == id),
            (_, Outcome::Accepted(new)) => new == id || made.socket == id,
            _ => made.socket == id && made.kind != Kind::Wait,
        },
        What::Asleep { kind, socket, .. } => {
            *socket == id && *kind != Kind::Wait
        }
        What::Opened { socket, .. }
        | What::Closed { socket, .. }
        | What::Handled { socket, .. }
        | What::Ready { socket, .. }
        | What::Watched { socket, .. }
        | What::Task { now: TaskNow::Paused { socket, .. }, .. } => {
            *socket == id
        }
        What::Listening | What::Paused(_) => id == LISTENER,
        What::NeverRetrieved { socket, .. } => *socket == Some(id),
        What::FoundNothing(_)
        | What::Phase(_)
        | What::Task { .. }
        | What::LongRun { .. }
        | What::NotShown { .. } => false,
    }
}
