//! Everything that a frame is drawn from, except the screen's own state.

use super::{Control, LogEntry, Measured, Playback, View};
use crate::load::{HandClient, HandState, Names};
use crate::probe::{Before, Kind, Phase, Site, SocketId};
use crate::text::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The program under study at one moment, and what controls it.
#[derive(Clone, Debug)]
pub struct Scene {
    pub facts: Facts,
    pub view: View,
    pub control: Control,
    pub measured: Measured,
    /// The scenario's clients by their addresses, as far as they are known.
    pub names: Names,
    /// The clients driven by hand, in the order in which they were made.
    pub hand: Vec<HandClient>,
    /// The log entries of the socket whose detail is open, oldest first.
    pub history: Vec<LogEntry>,
    /// The last bytes that were received from that socket, shown escaped; of a
    /// recording, the last ones that are in it.
    pub preview: Vec<u8>,
    /// The position in a recorded run; `None` in a live one.
    pub playback: Option<Playback>,
    /// Why the recording of a live run has ended already, in words.
    pub recording_incomplete: Option<String>,
}

/// What never changes during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// The mode's name, such as `selector`.
    pub mode: String,
    /// The mode's source text as it runs.
    pub source: SourceText,
    /// The source text of the event loop that the mode runs on; `None` if the
    /// loop is the mode's own.
    pub loop_source: Option<SourceText>,
    /// What the mode waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: String,
    /// The address that the server listens on.
    pub address: SocketAddr,
    /// The scenario; `None` if the run has none.
    pub scenario: Option<ScenarioText>,
    /// Whether the clients are in a process of their own, so that nothing is
    /// known of them before their end.
    pub clients_apart: bool,
}

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SourceText {
    /// Its path, as call sites name it.
    pub path: String,
    /// The text of the whole file.
    pub text: String,
}

/// The scenario of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ScenarioText {
    /// A built-in scenario's name, or the file's without its extension.
    pub name: String,
    /// One sentence that says what is to be seen.
    pub title: String,
    /// Sentences that say what to watch in the mode that runs.
    pub watch: Vec<String>,
    /// The text of its file, as it was run; `None` if it is not known.
    pub text: Option<String>,
}

impl Facts {
    /// The text of a line of the source.
    pub fn source_line(&self, site: Site) -> Option<String> {
        let mut sources = [&self.source].into_iter().chain(&self.loop_source);
        let source = sources.find(|it| it.path == site.file)?;
        let index = (site.line as usize).checked_sub(1)?;
        source.text.lines().nth(index).map(|it| it.trim().to_owned())
    }

    /// The name of the scenario, or `none`.
    pub fn scenario_name(&self) -> &str {
        self.scenario.as_ref().map_or("none", |scenario| &scenario.name)
    }
}

impl Scene {
    /// The scene of a run of which nothing has been observed yet.
    pub fn new(facts: Facts) -> Self {
        Self {
            facts,
            view: View::default(),
            control: Control::default(),
            measured: Measured::default(),
            names: Names::default(),
            hand: Vec::new(),
            history: Vec::new(),
            preview: Vec::new(),
            playback: None,
            recording_incomplete: None,
        }
    }

    /// What the thread that has been held longest is about to do, as its line
    /// of source has it: `try_read of #2 (talker)`; `None` if none is held.
    pub fn next_call(&self) -> Option<String> {
        let before = self.control.before()?;
        let Before::Call { kind, socket, site } = before else {
            return Some(before.to_string());
        };
        let is_tried = self.call_name(kind, site).starts_with("try_");
        let call = if is_tried { "try_" } else { "" };
        let peer = self.view.figures.socket(socket).and_then(|it| it.peer);
        let client = peer.and_then(|peer| self.name_of(peer));
        let client = client.map_or(String::new(), |it| format!(" ({it})"));
        Some(format!("{call}{before}{client}"))
    }

    /// The name of a call as its line of source has it: `try_read` or `read`.
    pub(super) fn call_name(&self, kind: Kind, site: Site) -> String {
        let tried = format!("try_{}", kind.name());
        let line = self.facts.source_line(site);
        let is_tried = line.is_some_and(|line| line.contains(&tried));
        if is_tried { tried } else { kind.name().into() }
    }

    /// The number of the client driven by hand at the other end of a socket.
    pub fn hand_behind(&self, socket: SocketId) -> Option<u32> {
        self.hand_at(self.view.figures.socket(socket)?.peer?)
    }

    /// The number of the client driven by hand with this address.
    pub fn hand_at(&self, peer: SocketAddr) -> Option<u32> {
        let same = |client: &&HandClient| client.local_addr == Some(peer);
        self.hand.iter().find(same).map(|client| client.number)
    }

    /// How many clients wait in the backlog.
    pub fn in_backlog(&self) -> u64 {
        in_backlog(&self.view, &self.measured, &self.hand)
    }

    /// Whether the mode runs on an event loop, with tasks.
    pub const fn has_tasks(&self) -> bool {
        self.facts.loop_source.is_some()
    }

    /// The name of the client at this address, if it is one of ours.
    pub fn name_of(&self, peer: SocketAddr) -> Option<String> {
        let by_hand = self.hand_at(peer).map(|it| format!("by hand {it}"));
        by_hand.or_else(|| self.names.get(&peer).map(|it| clean(it)))
    }
}

/// How many clients are connected although the server has not accepted them:
/// they wait in the backlog. If the system does not provide the number, it is
/// that of our own clients. It is zero once the server is asked to stop, as the
/// kernel resets them when the listener is closed.
pub(super) fn in_backlog(
    view: &View,
    measured: &Measured,
    hand: &[HandClient],
) -> u64 {
    if view.phase.0 != Phase::Running {
        return 0;
    }
    view.in_backlog.or(measured.waiting).unwrap_or_else(|| {
        let connected = measured.load.as_ref().map_or(0, |it| it.connected);
        let by_hand = hand.iter().filter(|it| {
            it.local_addr.is_some() && it.state != HandState::Connecting
        });
        let connected = connected + by_hand.count() as u64;
        connected.saturating_sub(view.figures.connections)
    })
}
