//! The narration: what is happening now, who waits for whom, and what comes
//! next, in full sentences. One function for the screen, the log, a replay and
//! each mode of a comparison.

use super::Scene;

/// A moment of a run in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narration {
    /// What the program is doing: `The only thread sleeps in read of silent.`
    pub now: String,
    /// The same in a few words, for a row of a table: `asleep in read of
    /// silent`.
    pub now_short: String,
    /// Who waits for whom, by name; `None` if no client waits.
    pub waits: Option<String>,
    /// The same in a few words: `talker waits to be accepted`.
    pub waits_short: Option<String>,
    /// What the next call will be, while the program is held.
    pub next: Option<String>,
    /// How it goes, for a colour beside the words.
    pub tone: Tone,
}

/// How a moment is to be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do: asleep while no client waits.
    #[default]
    Idle,
    /// Work is being done for a client.
    Busy,
    /// Calls are made in vain.
    Spinning,
    /// Asleep or busy with one client while others wait.
    Starving,
    /// Held by the user: paused, stepped or in slow motion.
    Held,
    /// It is over, or has not begun.
    Over,
    /// It failed.
    Failed,
}

impl Scene {
    /// The narration of this moment.
    pub fn narrate(&self) -> Narration {
        Narration::default()
    }
}
