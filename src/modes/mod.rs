//! The textbook: one file a mode, read them side by side.

/// An I/O model as implemented here: how a server waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// One thread, one client at a time, asleep in `read`.
    Serial,
    /// One thread a connection, all asleep.
    Blocking,
    /// One thread, never asleep.
    Nonblocking,
    /// One thread, asleep on all of them.
    Selector,
}

impl Mode {
    /// Every mode, in the order in which a lesson meets them.
    pub const ALL: [Self; 4] =
        [Self::Serial, Self::Blocking, Self::Nonblocking, Self::Selector];

    /// Its name on the command line and in every report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serial => "serial",
            Self::Blocking => "blocking",
            Self::Nonblocking => "nonblocking",
            Self::Selector => "selector",
        }
    }
}
