//! What the screen says of a run as a whole.

use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::system::machine;
use crate::view::Facts;

/// What the screen is told of a run before it starts.
pub(super) struct About<'a> {
    pub(super) mode: Mode,
    pub(super) settings: &'a ServerOptions,
    pub(super) scenario: String,
    pub(super) clients_apart: bool,
}

impl About<'_> {
    /// What stays the same on the screen.
    pub(super) fn facts(&self) -> Facts {
        let mode = self.mode;
        Facts {
            mode: mode.name().into(),
            file: mode.file().into(),
            source: mode.source().into(),
            loop_source: mode
                .loop_source()
                .map(|(path, text)| (path.into(), text.into())),
            mechanism: match mode {
                Mode::Serial | Mode::Blocking => "read(2)".into(),
                Mode::Nonblocking => "busy polling".into(),
                Mode::Selector | Mode::Tasks => machine::mechanism().into(),
            },
            address: self.settings.listen(),
            scenario: self.scenario.clone(),
            clients_apart: self.clients_apart,
        }
    }
}
