//! Between the screen and the gate that holds the program's threads.

use super::stream::Stream;
use crate::probe::{Before, Gate, Held, Kind};
use crate::tui::Effect;
use crate::view::{Hold, Stride};

/// Has the gate do what is asked for. Gives back what does not concern it.
pub(super) fn steer(
    gate: &Gate,
    effect: Effect,
    loop_call: Kind,
) -> Option<Effect> {
    // A step that cannot be made shows: nothing moves.
    match effect {
        Effect::Pause => gate.pause(),
        Effect::Resume => gate.resume(),
        Effect::Step(stride) => {
            let _ = match stride {
                Stride::Event | Stride::Call => gate.step_call(),
                Stride::Iteration => gate.step_iteration(loop_call),
                Stride::LoopStep => gate.step_loop(),
                Stride::Task => gate.step_task(),
            };
        }
        Effect::Slower => gate.set_speed(gate.speed().slower()),
        Effect::Faster => gate.set_speed(gate.speed().faster()),
        other => return Some(other),
    }
    None
}

/// A thread that is held, for the view.
pub(super) fn hold(held: &Held, stream: &Stream) -> Hold {
    let Held { thread, before, since, earlier } = *held;
    let since = stream.time(since);
    let call = match before {
        Before::Call { kind, socket, site } => Some((kind, socket, site)),
        Before::Step(_) | Before::Task(_) => None,
    };
    Hold { thread, call, since, earlier }
}
