//! What the clients do: groups of clients, each following the same steps, as
//! scenario files name them.

use crate::net::buffer_size;
use crate::units::{Size, Time, above_zero};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::json;

/// A number of clients that behave alike.
// [`check`](super::check) refuses what makes no sense.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "Clients")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub struct Group {
    /// What the group is called in reports and expectations.
    #[schemars(
        regex(pattern = "^[A-Za-z0-9_-]{1,32}$"),
        extend("not" = { "const": "total" }),
    )]
    pub name: String,
    /// How many clients there are.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = Group::MOST))]
    pub count: usize,
    /// When the first of them starts, from the start of the run.
    #[serde(default)]
    pub start: Time,
    /// How long after one client the next one starts.
    #[serde(default)]
    pub stagger: Time,
    /// The send buffer (`SO_SNDBUF`) of each of them, which the kernel
    /// doubles; see socket(7). [default: the kernel chooses and adapts it]
    #[serde(rename = "sndbuf")]
    #[schemars(transform = buffer_size)]
    pub send_buffer: Option<Size>,
    /// The receive buffer (`SO_RCVBUF`) of each of them, in the same way.
    #[serde(rename = "rcvbuf")]
    #[schemars(transform = buffer_size)]
    pub receive_buffer: Option<Size>,
    /// What each of them does, in order; "connect" is the first. A client
    /// that has done everything closes; one that has half-closed first waits
    /// for the server's end of file.
    #[schemars(length(min = 1))]
    pub steps: Vec<Step>,
}

impl Group {
    /// The most clients that a group may have.
    pub const MOST: usize = 100_000;
}

fn one() -> usize {
    1
}

/// One step of a client. A step that queues output does not wait for it.
/// Meanwhile the client reads what arrives and compares it. Whatever the
/// step: the server's end of file or a reset ends the script, and so does
/// the first byte that is not the next one of an echo.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub enum Step {
    /// Connects, and waits until the connection is established.
    Connect,
    /// Queues this text as one message and goes on. Each message's echo is
    /// compared byte for byte and timed, from the moment the message was
    /// queued, or in an open loop from the moment its turn made it due.
    // A client has at most `MAX_OUTSTANDING` messages whose echo is not back;
    // the step after the one that reaches the limit waits for an echo.
    Say(#[schemars(length(min = 1))] String),
    /// Queues this many bytes of a fixed pseudo-random pattern as one message
    /// and goes on.
    // The pattern is never kept in memory as a whole.
    Send(#[schemars(transform = above_zero)] Size),
    /// Sends one message in pieces, with a pause between two of them; its
    /// echo is timed from the moment the last piece was due.
    SayInPieces {
        /// The pieces, in order.
        #[schemars(length(min = 1), inner(length(min = 1)))]
        pieces: Vec<String>,
        /// The pause between two of them; it is never shorter.
        gap: Time,
    },
    /// Waits until everything said has come back. Inside an open-loop
    /// repetition it does not wait: there a turn begins when it is due.
    AwaitEcho,
    /// Waits until the server ends the connection.
    AwaitEnd,
    /// Does nothing for this time; what arrives is still read and compared.
    /// It is never shorter, even if an open loop is late.
    Pause(Time),
    /// Does some steps again and again.
    Repeat(Repeat),
    /// How the client reads from here on: "eager" (whatever arrives, at
    /// once), "stopped" (not at all), or slowly.
    Reading(Reading),
    /// Shuts down the sending side once everything queued is sent.
    HalfClose,
    /// Closes once everything queued is sent; echoes still missing are
    /// counted as such.
    // If some of them have arrived and are not read yet, the kernel makes
    // this a reset; see RFC 2525, 2.17.
    Close,
    /// Closes with a reset (`SO_LINGER` of zero), at once.
    Reset,
}

/// Steps to be repeated, either `times` or `for` a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(extend(
    "oneOf" = [{ "required": ["times"] }, { "required": ["for"] }],
))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub struct Repeat {
    /// The number of turns.
    #[schemars(range(min = 1))]
    pub times: Option<u64>,
    /// The time, from the start of the repetition, in which turns begin, or in
    /// an open loop are due; a turn that has begun is completed.
    #[serde(rename = "for")]
    #[schemars(transform = above_zero)]
    pub lasting: Option<Time>,
    /// Open loop: a turn is due at this interval, however late the server
    /// is; echo times count from then, so that a stall shows ("coordinated
    /// omission" is avoided). Without it (closed loop) a turn begins when the
    /// one before is done.
    // Turns of one client do not overlap: if the pauses of a turn last longer
    // than the interval the next one begins late, and is still timed from
    // when it was due. After the last turn the script goes on at once; an
    // `AwaitEcho` after the repetition waits for what is missing.
    #[schemars(transform = above_zero)]
    pub every: Option<Time>,
    /// What one turn does; no `connect`, no `repeat`, nothing that ends the
    /// connection.
    #[schemars(length(min = 1), transform = repeatable)]
    pub steps: Vec<Step>,
}

/// Makes the schema of a list of steps refuse those that cannot be repeated.
fn repeatable(schema: &mut Schema) {
    let once = ["connect", "await-end", "half-close", "close", "reset"];
    let step = schema.remove("items");
    let items = json!({
        "allOf": [step],
        "not": { "anyOf": [{ "enum": once }, { "type": "object", "required": ["repeat"] }] },
    });
    schema.insert("items".to_owned(), items);
}

/// How a client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "this is no way to read; write \"eager\", \"stopped\" or \
                 { bytes = \"1 KiB\", every = \"10 ms\" }"
)]
pub enum Reading {
    /// Reads whatever arrives, at once.
    Eager,
    /// Reads nothing.
    // Such a client does not see an end of file either, unless it has
    // half-closed and waits for nothing else; it does see a reset.
    Stopped,
    /// Reads at most `bytes` in each interval `every`.
    #[serde(untagged)]
    Slow {
        /// How much one read takes, at most.
        #[schemars(transform = above_zero)]
        bytes: Size,
        /// The time between two reads.
        #[schemars(transform = above_zero)]
        every: Time,
    },
}
