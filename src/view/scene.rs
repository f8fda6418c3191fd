//! All that a frame is made from, beside what the screen itself remembers.

use super::{Control, LogEntry, Measured, Playback, View};
use crate::load::{HandClient, HandState, Names};
use crate::probe::{Phase, Site, SocketId};
use crate::text::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// The program under study at one moment, and who plays with it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What never changes during a run.
    pub facts: Facts,
    /// What the program does.
    pub view: View,
    /// How the user controls the program.
    pub control: Control,
    /// What is measured beside the probe.
    pub measured: Measured,
    /// The scenario's clients by their addresses, as far as they are known.
    pub names: Names,
    /// The clients driven by hand, in the order in which they were made.
    pub hand: Vec<HandClient>,
    /// All that is known of the socket whose detail is open, oldest first.
    pub history: Vec<LogEntry>,
    /// The end of what that socket's last read brought; shown escaped.
    pub preview: Vec<u8>,
    /// Where a recorded run stands; `None` of one that goes on.
    pub playback: Option<Playback>,
}

/// What never changes during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Facts {
    /// The mode's name, such as `selector`.
    pub mode: String,
    /// The mode's source text as it runs.
    pub source: SourceText,
    /// That of the event loop that the mode runs on; `None` if the loop is
    /// the mode's own.
    pub loop_source: Option<SourceText>,
    /// What the mode waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: String,
    /// Where the server listens.
    pub address: SocketAddr,
    /// The scenario; `None` if there are no clients of ours.
    pub scenario: Option<ScenarioText>,
    /// Whether the clients are in a process of their own, so that nothing is
    /// known of them before their end.
    pub clients_apart: bool,
}

/// A file of source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct SourceText {
    /// Its path, as call sites name it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ScenarioText {
    /// Its name.
    pub name: String,
    /// One sentence that says what is to be seen.
    pub title: String,
    /// Its file, as it was run; `None` if it cannot be read again.
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
    /// A run of which nothing has been observed yet.
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
        }
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
        let View { phase, figures, .. } = &self.view;
        in_backlog(phase.0, figures.connections, &self.measured, &self.hand)
    }

    /// Whether the mode runs on an event loop, with tasks.
    pub const fn has_tasks(&self) -> bool {
        self.facts.loop_source.is_some()
    }

    /// What the client at this address is called, if it is one of ours.
    pub fn name_of(&self, peer: SocketAddr) -> Option<String> {
        let by_hand = self.hand_at(peer).map(|it| format!("by hand {it}"));
        by_hand.or_else(|| self.names.get(&peer).map(|it| clean(it)))
    }
}

/// How many clients have their connection although the server has not
/// accepted it: they wait in the backlog, and it cannot know. Where the
/// system does not tell, as many as are ours. None do once the listener
/// is closed: the kernel resets them.
pub(super) fn in_backlog(
    phase: Phase,
    accepted: u64,
    measured: &Measured,
    hand: &[HandClient],
) -> u64 {
    if phase != Phase::Running {
        return 0;
    }
    measured.waiting.unwrap_or_else(|| {
        let connected = measured.load.as_ref().map_or(0, |it| it.connected);
        let by_hand = hand.iter().filter(|it| {
            it.local_addr.is_some() && it.state != HandState::Connecting
        });
        (connected + by_hand.count() as u64).saturating_sub(accepted)
    })
}
