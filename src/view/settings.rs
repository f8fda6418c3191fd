//! What a fold must know of the run.

use super::sockets::WaitMethod;
use crate::net::ServerOptions;
use crate::view::{Kind, Unhandled};
use serde::{Deserialize, Serialize};

/// How many connections a screen has a row for.
pub const ROWS_KEPT: usize = 2_000;

/// What a fold must know of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeSettings {
    /// The first call of the mode's loop.
    pub loop_call: Kind,
    /// Whether that loop is a busy one, asking each socket in each turn.
    pub polls: bool,
    /// The options of the server.
    pub options: ServerOptions,
    /// What becomes of an error that leaves a handler; `None`: none does.
    pub unhandled: Option<Unhandled>,
    /// How many connections have a row at most.
    #[serde(skip, default = "rows_kept")]
    pub rows_kept: usize,
}

const fn rows_kept() -> usize {
    ROWS_KEPT
}

impl ScopeSettings {
    pub(super) const fn way(&self) -> WaitMethod {
        match (self.polls, self.loop_call) {
            (true, _) => WaitMethod::Polls,
            (false, Kind::Wait) => WaitMethod::Selects,
            (false, _) => WaitMethod::Sleeps,
        }
    }

    /// Whether this call puts its thread to sleep in this mode.
    pub(super) fn sleeps(&self, kind: Kind) -> bool {
        match kind {
            Kind::Wait | Kind::Poll | Kind::Select => true,
            Kind::Watch | Kind::Handle | Kind::Close | Kind::Shutdown => false,
            Kind::Accept | Kind::Read | Kind::Write | Kind::Connect => {
                self.way() == WaitMethod::Sleeps
            }
        }
    }
}
