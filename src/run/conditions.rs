//! Under what conditions a run took place.

use crate::net::ServerOptions;
use crate::scenario::Plan;
use crate::system::machine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// Under what conditions a run took place. What is not known, or does not
/// apply, is missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Conditions {
    /// The version of sockscope.
    pub sockscope_version: String,
    /// The operating system.
    pub os: String,
    /// The version of its kernel.
    pub kernel: Option<String>,
    /// The processor's architecture.
    pub architecture: String,
    /// How many processors there are to run on.
    pub cores: Option<u64>,
    /// What the selector is built on: epoll, kqueue, IOCP.
    pub mechanism: Option<String>,
    /// The I/O model; missing if the server is not ours.
    pub mode: Option<String>,
    /// The server's options with all defaults, but for where it listens;
    /// missing if it is not ours.
    pub server: Option<ServerOptions>,
    /// Where the server listened, or which server the clients called.
    pub address: Option<String>,
    /// The scenario's name; missing without one.
    pub scenario: Option<String>,
    /// The scenario's title: a sentence.
    pub scenario_title: Option<String>,
    /// The CRC-32 of the scenario's text: the same text has the same one.
    pub scenario_crc32: Option<u32>,
    /// When the run was to end by itself.
    pub duration_ns: Option<u64>,
    /// Whether the clients ran in a process of their own.
    pub clients_apart: bool,
    /// The modes that ran at the same time in the same process, this one
    /// among them; none if it ran alone.
    pub beside: Vec<String>,
    /// The options on the command line.
    pub options: Vec<String>,
    /// When the run began, as RFC 3339 has it.
    pub started_at: String,
}

impl Conditions {
    /// Those of this machine and of this process, which runs a command, with
    /// clients that follow a scenario, if there are any.
    pub fn here(
        command: &str,
        started_at: SystemTime,
        plan: Option<&Plan>,
    ) -> Self {
        let started_at = humantime::format_rfc3339_seconds(started_at);
        Self {
            sockscope_version: env!("CARGO_PKG_VERSION").into(),
            os: std::env::consts::OS.into(),
            kernel: machine::kernel(),
            architecture: std::env::consts::ARCH.into(),
            cores: machine::cores().map(|cores| cores as u64),
            scenario: plan.map(|plan| plan.name.clone()),
            scenario_title: plan.map(|plan| plan.title.clone()),
            scenario_crc32: plan.map(|plan| plan.crc32),
            options: command_line_options(command),
            started_at: started_at.to_string(),
            ..Self::default()
        }
    }
}

/// The words of the command line but for the command, which may come after
/// options that every command has.
fn command_line_options(command: &str) -> Vec<String> {
    let words = std::env::args_os().skip(1);
    let mut words: Vec<String> =
        words.map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(place) = words.iter().position(|word| word == command) {
        words.remove(place);
    }
    words
}
