//! All that a frame is made from, beside what the screen itself remembers.

use super::Playback;
use super::View;
use crate::text::clean;

use crate::probe::{Before, ThreadId};
use crate::view::{LogEntry, Phase, SocketId};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The program under study at one moment, and who plays with it.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What never changes during a run.
    pub facts: &'a Facts,
    /// What the program does.
    pub view: &'a View,
    /// How the user controls the program.
    pub control: &'a Control,
    /// What is measured beside the probe.
    pub measured: &'a MeasuredView,
    /// The clients driven by hand, in the order in which they were made.
    pub hand: &'a [HandClientView],
    /// All that is known of the socket whose detail is open, oldest first.
    pub history: &'a [LogEntry],
    /// The end of what that socket's last read brought; shown escaped.
    pub preview: &'a [u8],
    /// Where a recorded run stands; `None` of one that goes on.
    pub playback: Option<&'a Playback>,
}

/// What never changes during a run.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The mode's name.
    pub mode: Cow<'static, str>,
    /// The path of the mode's source file; its end is compared with sites.
    pub file: Cow<'static, str>,
    /// The text of that file.
    pub source: Cow<'static, str>,
    /// The path and the text of the file with the event loop that the mode
    /// runs on; `None` if its loop is its own.
    pub loop_source: Option<(Cow<'static, str>, Cow<'static, str>)>,
    /// What the mode waits with: `epoll`, `read(2)`, `nothing`.
    pub mechanism: String,
    /// Where the server listens.
    pub address: SocketAddr,
    /// The scenario's name.
    pub scenario: String,
    /// Its clients are in a process of their own, which tells nothing before
    /// its end.
    pub clients_apart: bool,
}

/// How the user controls the program under study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Its threads stop at their next call.
    pub paused: bool,
    /// The pace in words, `one call in 0.5 s`; empty at full speed.
    pub speed: String,
    /// The threads that are held right now.
    pub held: BTreeSet<ThreadId>,
    /// Before what the one that has been held longest is.
    pub before: Option<Before>,
    /// It stands still, and so do its clocks and timelines.
    pub stands: bool,
    /// The clients of the scenario have ended; the server goes on.
    pub clients_done: bool,
}

/// What is measured beside the probe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasuredView {
    /// Processor time a second of run, from 0 to the number of cores;
    /// `None` if the system cannot tell.
    pub cpu: Option<f32>,
    /// How many of a scenario's clients have had their connection; `None` if
    /// that is not known, as of clients in a process of their own.
    pub connected: Option<u64>,
    /// How many clients wait in the listener's backlog; `None` if the system
    /// does not tell.
    pub waiting: Option<u64>,
    /// The scenario's clients by their addresses, as far as they are known.
    pub names: Arc<HashMap<SocketAddr, String>>,
    /// How long echoes took; `None` if there were none or it is not known.
    pub echo: Option<EchoTimesView>,
}

/// How long echoes took, as the clients saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EchoTimesView {
    /// Half of them took no longer.
    pub p50: Duration,
    /// 99 in a hundred took no longer.
    pub p99: Duration,
    /// How many took how long, in classes from the shortest on.
    pub histogram: Vec<u64>,
}

/// The number of a client driven by hand, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandId(pub u32);

/// A client driven by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandClientView {
    /// Its number.
    pub id: HandId,
    /// Its own address, which the server sees as the peer.
    pub address: Option<SocketAddr>,
    /// How it is.
    pub state: HandClientState,
    /// Whether it reads what comes back.
    pub reads: bool,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
    /// The last bytes that came back; they are shown escaped.
    pub heard: Vec<u8>,
}

/// How a client driven by hand is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandClientState {
    /// It connects; a backlog may hold it.
    Connecting,
    /// It is connected.
    Open,
    /// It has ended its side.
    HalfClosed,
    /// The server has ended the connection.
    EndedByServer,
    /// The connection is over.
    Closed,
    /// The connection is over by a reset, its own or the server's.
    Reset,
    /// It failed.
    Failed(String),
}

impl HandClientView {
    /// Whether it is connected or about to be, and may still say or hear
    /// something.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        matches!(
            self.state,
            HandClientState::Connecting
                | HandClientState::Open
                | HandClientState::HalfClosed
        )
    }

    fn is_connected(&self) -> bool {
        self.address.is_some() && self.state != HandClientState::Connecting
    }
}

impl Scene<'_> {
    /// The client driven by hand at the other end of a socket.
    #[must_use]
    pub fn hand_behind(&self, socket: SocketId) -> Option<HandId> {
        let row = self.view.sockets.iter().find(|row| row.id == socket)?;
        self.hand_at(row.peer?)
    }

    /// How many clients have their connection although the server has not
    /// accepted it: they wait in the backlog, and it cannot know. Where the
    /// system does not tell, as many as are ours. None do once the listener
    /// is closed: the kernel resets them.
    #[must_use]
    pub fn in_backlog(&self) -> u64 {
        if self.view.phase.0 != Phase::Running {
            return 0;
        }
        if let Some(waiting) = self.measured.waiting {
            return waiting;
        }
        let accepted = self.view.figures.connections;
        let by_hand = self.hand.iter().filter(|it| it.is_connected());
        let connected = self.measured.connected.unwrap_or(0);
        (connected + by_hand.count() as u64).saturating_sub(accepted)
    }

    /// Whether the mode runs on an event loop, with tasks.
    #[must_use]
    pub const fn has_tasks(&self) -> bool {
        self.facts.loop_source.is_some()
    }

    /// What the client at this address is called, if it is one of ours.
    #[must_use]
    pub fn name_of(&self, peer: SocketAddr) -> Option<String> {
        let by_hand = self.hand_at(peer).map(|id| format!("by hand {}", id.0));
        by_hand.or_else(|| self.measured.names.get(&peer).map(|it| clean(it)))
    }

    /// The client driven by hand with this address.
    #[must_use]
    pub fn hand_at(&self, peer: SocketAddr) -> Option<HandId> {
        let same = |client: &&HandClientView| client.address == Some(peer);
        self.hand.iter().find(same).map(|client| client.id)
    }
}
