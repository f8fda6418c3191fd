//! What the runs of a session have in common.

use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::probe::{Gate, Speed};
use crate::scenario::Plan;
use crate::view::{Facts, ScenarioText, ScopeSettings, SourceText, Unhandled};
use std::sync::Arc;
use std::time::Duration;

/// The setup of every run of a session. The default has no clients of ours and
/// no gate, and starts all runs at once.
#[derive(Clone, Debug, Default)]
pub struct RunSetup {
    pub settings: ServerOptions,
    /// When a run ends by itself; `None` without a time limit.
    pub duration: Option<Duration>,
    /// What our clients do; `None` without clients of ours.
    pub plan: Option<Plan>,
    /// Whether the clients run in a process of their own.
    pub apart: bool,
    /// The initial state of the gate; `None` without a gate: the run cannot be
    /// paused, and its calls skip the gate's checks.
    pub gate: Option<GateSetup>,
    /// Whether a server continues when our clients have ended.
    pub stay: bool,
    /// Whether each run waits until the one before it is over.
    pub in_turn: bool,
}

/// The state of a gate when its run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateSetup {
    /// Threads make their calls at this speed.
    At(Speed),
    /// Threads are held at their first call.
    Paused,
}

impl GateSetup {
    /// Creates a gate in this state.
    pub fn gate(self) -> Arc<Gate> {
        match self {
            Self::At(speed) => Arc::new(Gate::new(speed)),
            Self::Paused => {
                let gate = Gate::default();
                gate.pause();
                Arc::new(gate)
            }
        }
    }
}

impl RunSetup {
    /// What the screen shows of a run of this mode and does not change.
    pub fn facts(&self, mode: Mode) -> Facts {
        let text = |(path, text): (&str, &str)| SourceText {
            path: path.into(),
            text: text.into(),
        };
        Facts {
            mode: mode.name().into(),
            source: text((mode.file(), mode.source())),
            loop_source: mode.loop_source().map(text),
            mechanism: mode.mechanism().into(),
            address: self.settings.listen(),
            scenario: self.plan.as_ref().map(|plan| ScenarioText {
                name: plan.name.clone(),
                title: plan.title.clone(),
                watch: plan.watch_in(mode).map(str::to_owned).collect(),
                text: Some(plan.text.clone()),
            }),
            clients_apart: self.apart,
        }
    }

    /// How the events of a run of this mode are turned into views.
    pub fn scope(&self, mode: Mode) -> ScopeSettings {
        ScopeSettings {
            loop_call: mode.loop_call(),
            polls: mode.polls(),
            options: self.settings,
            unhandled: unhandled(mode, self.settings.errors()),
        }
    }
}

/// What happens to an error that leaves a client's handler; `None` if it is
/// handled there.
pub fn unhandled(mode: Mode, errors: Errors) -> Option<Unhandled> {
    match errors {
        Errors::Handled => None,
        _ if !mode.has_handles() => Some(Unhandled::EndsServer),
        Errors::Dropped if mode == Mode::Tasks => Some(Unhandled::Reported),
        Errors::Dropped => Some(Unhandled::Dropped),
        Errors::Kept => Some(Unhandled::Kept),
    }
}
