//! What the runs of a session have in common.

use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::probe::{Gate, Speed};
use crate::scenario::Plan;
use crate::view::{Facts, ScenarioText, ScopeSettings, SourceText, Unhandled};
use std::sync::Arc;
use std::time::Duration;

/// How every run of a session is made. By default: without clients of ours,
/// without a gate, all at once.
#[derive(Clone, Debug, Default)]
pub struct RunSetup {
    /// The server's options.
    pub settings: ServerOptions,
    /// When a run ends by itself.
    pub duration: Option<Duration>,
    /// What our clients do; `None` without clients of ours.
    pub plan: Option<Plan>,
    /// If our clients run in a process of their own: the scenario's name or
    /// file, which that process gets as an argument.
    pub apart: Option<String>,
    /// How the gate stands at the start. `None` runs without a gate: the run
    /// cannot be paused, and its calls skip the gate's checks.
    pub gate: Option<GateSetup>,
    /// Whether a server goes on when our clients are done.
    pub stay: bool,
    /// Whether each run waits until the one before it is over.
    pub in_turn: bool,
}

/// How a gate stands when its run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateSetup {
    /// Threads make their calls at this speed.
    At(Speed),
    /// Threads are held at their first call.
    Paused,
}

impl GateSetup {
    /// A new gate that stands like this.
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
    /// What the screen shows of a run of this mode from its start to its end.
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
                text: Some(plan.text.clone()),
            }),
            clients_apart: self.apart.is_some(),
        }
    }

    /// How events of a run of this mode are folded into views.
    pub fn scope(&self, mode: Mode) -> ScopeSettings {
        ScopeSettings {
            loop_call: mode.loop_call(),
            polls: mode.polls(),
            options: self.settings,
            unhandled: unhandled(mode, self.settings.errors()),
        }
    }
}

/// What happens to an error that leaves a handler.
pub fn unhandled(mode: Mode, errors: Errors) -> Option<Unhandled> {
    match errors {
        Errors::Handled => None,
        _ if !mode.has_handles() => Some(Unhandled::EndsServer),
        Errors::Dropped if mode == Mode::Tasks => Some(Unhandled::Reported),
        Errors::Dropped => Some(Unhandled::Dropped),
        Errors::Kept => Some(Unhandled::Kept),
    }
}
