//! What the screen remembers between two frames.

use super::keys::{Binding, keys_of};
use super::look::Look;
use super::prompt::Prompt;
use crate::view::View;
use crate::view::{Entry, SocketId, What};
use crate::view::{HandId, Scene};
use ratatui::layout::Size;

/// What the screen remembers between two frames.
#[derive(Clone, Debug)]
pub struct App {
    /// The pane that the arrows move in.
    pub focus: Pane,
    /// Which panes there are.
    pub arrangement: Arrangement,
    /// How it looks.
    pub look: Look,
    /// What stands in front of the panes.
    pub dialog: Dialog,
    /// Which sockets are shown, and how.
    pub sockets: Sockets,
    /// How far each pane is scrolled.
    pub scroll: Scroll,
    /// Which source is shown.
    pub source: Source,
    /// The chosen client driven by hand; the last one made, at first.
    pub hand: Option<HandId>,
    /// Why the last key did nothing.
    pub said: Option<String>,
    /// It shows a recorded run: the keys are those of one.
    pub replays: bool,
    /// What was last searched for in a recorded run; empty at first.
    pub searched: String,
    /// The picture that stands still, while the program goes on.
    pub frozen: Option<Box<View>>,
    /// How large the terminal is.
    pub size: Size,
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
    /// What is worth telling.
    Findings,
    /// The clients driven by hand.
    Hand,
}

/// Which source is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
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
    /// All about one socket, so many entries before the last.
    Detail(SocketId, usize),
    /// A line that is being typed.
    Prompt(Prompt),
}

/// Which sockets are shown, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sockets {
    /// The chosen one.
    pub selected: Option<SocketId>,
    /// Their order, after the listener.
    pub sort: Sort,
    /// Whether only the chosen one's events are shown.
    pub only: bool,
}

/// The order of the sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By number.
    #[default]
    Number,
    /// The last one that did something first.
    Activity,
}

/// How far each pane is scrolled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
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

    /// The pane so many steps on, around the end.
    #[must_use]
    pub fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

impl App {
    /// A screen of this size, as it is at first.
    #[must_use]
    pub fn new(look: Look, size: Size) -> Self {
        Self {
            focus: Pane::Code,
            arrangement: Arrangement::Normal,
            look,
            dialog: Dialog::None,
            sockets: Sockets::default(),
            scroll: Scroll::default(),
            source: Source::Mode,
            hand: None,
            said: None,
            replays: false,
            searched: String::new(),
            frozen: None,
            size,
        }
    }

    /// The same for a recorded run.
    #[must_use]
    pub fn of_recording(look: Look, size: Size) -> Self {
        Self { replays: true, ..Self::new(look, size) }
    }

    /// The keys, which are others in a recorded run.
    #[must_use]
    pub const fn keys(&self) -> &'static [Binding] {
        keys_of(self.replays)
    }

    /// What is shown: the present, or the picture that stands still.
    #[must_use]
    pub fn shown<'a>(&'a self, scene: &Scene<'a>) -> &'a View {
        self.frozen.as_deref().unwrap_or(scene.view)
    }

    /// The path and the text of the source that is shown.
    #[must_use]
    pub fn source<'a>(&self, scene: &Scene<'a>) -> (&'a str, &'a str) {
        let facts = scene.facts;
        let own = (&*facts.file, &*facts.source);
        match self.source {
            Source::Mode => own,
            Source::Loop => facts
                .loop_source
                .as_ref()
                .map_or(own, |(path, text)| (path, text)),
        }
    }

    /// The socket whose whole history and last bytes a scene must bring.
    #[must_use]
    pub const fn detail(&self) -> Option<SocketId> {
        match self.dialog {
            Dialog::Detail(socket, _) => Some(socket),
            _ => None,
        }
    }

    /// The client that the keys for clients mean: the one behind the chosen
    /// socket, else the chosen one, else the last.
    #[must_use]
    pub fn hand_client(&self, scene: &Scene) -> Option<HandId> {
        let behind = self.sockets.selected.and_then(|it| scene.hand_behind(it));
        let known = |id: &HandId| scene.hand.iter().any(|it| it.id == *id);
        let chosen = self.hand.filter(known);
        let pointed = match self.focus {
            Pane::Hand => chosen.or(behind),
            _ => behind.or(chosen),
        };
        pointed.or_else(|| scene.hand.last().map(|client| client.id))
    }

    /// Whether the entry is shown.
    pub(super) fn shows(&self, entry: &Entry) -> bool {
        match self.sockets {
            Sockets { only: true, selected: Some(socket), .. } => {
                concerns(&entry.what, socket)
            }
            _ => true,
        }
    }
}

/// Whether what happened concerns this socket.
pub(super) fn concerns(what: &What, id: SocketId) -> bool {
    use crate::view::{Kind, More, Outcome, TaskNow};
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
        What::Listening | What::Paused(_) => id == crate::probe::LISTENER,
        What::NeverRetrieved { socket, .. } => *socket == Some(id),
        What::FoundNothing(_)
        | What::Phase(_)
        | What::Task { .. }
        | What::LongRun { .. }
        | What::NotShown { .. } => false,
    }
}

/// The sockets in the order in which they are shown, as places in the view:
/// the listener first.
pub(super) fn order(view: &View, sort: Sort) -> Vec<usize> {
    let mut order: Vec<_> = (0..view.sockets.len()).collect();
    if sort == Sort::Activity {
        order.sort_by_key(|&at| {
            let row = &view.sockets[at];
            let connection = row.peer.is_some();
            (connection, std::cmp::Reverse(row.active_at), row.id)
        });
    }
    order
}
