//! What the kernel holds for a server: bytes that have arrived and not been
//! read, bytes that have been written and not been received, and clients that
//! are connected and not accepted yet. The server itself cannot know them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The queues of one connection of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct KernelQueue {
    /// Bytes that have arrived and that the server has not read (`rx_queue`).
    pub received_bytes: u32,
    /// Bytes that the server has written and that the client's kernel has not
    /// acknowledged (`tx_queue`): they pile up when the client does not read.
    pub unsent_bytes: u32,
    /// Whether the server has accepted the connection.
    pub is_accepted: bool,
}

/// The queues of a server's connections by the addresses of their clients.
pub type KernelQueues = BTreeMap<SocketAddr, KernelQueue>;
