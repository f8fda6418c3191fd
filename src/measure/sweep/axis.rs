//! What differs from point to point.

use crate::measure::Workload;
use crate::units::{show_count, show_size_exactly};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What differs from point to point.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// How many clients talk.
    Clients,
    /// How long a message is, in bytes.
    Size,
    /// How many clients are connected and say nothing.
    Idle,
}

impl Axis {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clients, Self::Size, Self::Idle];

    /// Its option on the command line, without the dashes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Size => "size",
            Self::Idle => "idle",
        }
    }

    /// What stands at a chart's axis.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Size => "message size",
            Self::Idle => "idle clients",
        }
    }

    /// The smallest and the largest value that may be asked for.
    #[must_use]
    pub const fn limits(self) -> (u32, u32) {
        match self {
            Self::Clients => (1, 20_000),
            Self::Size => (1, 16 << 20),
            Self::Idle => (0, 20_000),
        }
    }

    /// A value alone: `1,000`, `64 KiB`.
    #[must_use]
    pub fn show(self, value: u32) -> String {
        match self {
            Self::Size => show_size_exactly(value.into()),
            _ => show_count(value.into()),
        }
    }

    /// A value in a sentence: `1,000 clients`, `a size of 64 KiB`.
    #[must_use]
    pub fn say(self, value: u32) -> String {
        let shown = self.show(value);
        let many = if value == 1 { "" } else { "s" };
        match self {
            Self::Clients => format!("{shown} client{many}"),
            Self::Size => shown,
            Self::Idle => format!("{shown} idle client{many}"),
        }
    }

    /// The workload at a value of this axis.
    #[must_use]
    pub fn at(self, value: u32, workload: &Workload) -> Workload {
        let mut workload = workload.clone();
        match self {
            Self::Clients => workload.clients = value,
            Self::Size => workload.size_bytes = value,
            Self::Idle => workload.idle = value,
        }
        workload
    }

    /// What a value of this axis is, for messages about wrong ones.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Clients => "number of clients",
            Self::Size => "size",
            Self::Idle => "number of idle clients",
        }
    }

    /// How a range of it is written.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Clients => "`100`, `1,10,100` or `1..10000`",
            Self::Size => "`128`, `128,4KiB` or `16..64KiB`",
            Self::Idle => "`1000`, `0,100,1000` or `0..10000`",
        }
    }
}
