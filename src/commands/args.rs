//! Arguments that several commands share.

use crate::error::Error;
use crate::net::ServerOptions;
use crate::probe::Speed;
use crate::recording::LARGEST_PAYLOAD;
use crate::run::setup::GateSetup;
use crate::scenario::{self, Plan};
use crate::units::{parse_size, parse_time};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal as _, stdin, stdout};
use std::path::PathBuf;
use std::time::Duration;

/// The options of every mode.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// What the clients do: a built-in scenario, a file, or `none` (no
    /// clients of ours; serve every client that connects) [default:
    /// two-clients]
    #[arg(long, value_name = "NAME|FILE|none")]
    pub scenario: Option<String>,
    /// End the run after this time: our clients are cut off, others have
    /// the grace period. Without it, a scenario ends when its clients have,
    /// and `none` runs until a signal.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub duration: Option<Duration>,
    /// What to show while it runs.
    /// [default: `screen` on a terminal, else `log`]
    #[arg(long, value_enum)]
    pub ui: Option<Ui>,
    /// Slow motion: each thread of the server makes at most FACTOR × 1000
    /// calls a second, as it waits 1 ms / FACTOR before each; 1 is full
    /// speed, 0.0005 one call in 2 s. `step`: begin paused. The run's own
    /// clock stands while a thread is held, for the scenario's clients and
    /// for every time-out and limit, so that a scenario tells the same story
    /// at every speed.
    #[arg(long, value_name = "FACTOR|step", value_parser = parse_speed)]
    pub speed: Option<GateSetup>,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whether the run is recorded.
    #[command(flatten)]
    pub recording: RecordArgs,
    /// How the server treats what it receives, and its limits.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Where and in which form results are written.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// The form of the summary.
    #[arg(long, value_enum, default_value_t)]
    pub report: ReportForm,
    /// Write the summary to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What to show while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ui {
    /// The live screen: code, sockets, loop and events as they happen.
    Screen,
    /// One line per event, and one line of counters per second.
    Log,
    /// Only the summary at the end.
    None,
}

impl Ui {
    /// The screen if a person sees the output and has a keyboard.
    pub(super) fn suited() -> Self {
        let is_seen = stdout().is_terminal() && stdin().is_terminal();
        if is_seen { Self::Screen } else { Self::Log }
    }
}

/// The form of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For people.
    #[default]
    Text,
    /// For programs; its schema has a version.
    Json,
    /// For documents.
    Markdown,
    /// For spreadsheets: one row per figure.
    Csv,
}

/// Whether a run is recorded, and what of it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Recording")]
pub struct RecordArgs {
    /// Record the run into this file: every event, the exact counters, the
    /// scenario, the options and the mode's source text
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Record the first N bytes of each read and each write, too, at most
    /// 16 KiB; 0 stores nothing that a client said
    #[arg(long, value_name = "N", value_parser = parse_payload, requires = "record",
          default_value = "0")]
    pub payload: usize,
}

pub(super) fn parse_payload(text: &str) -> Result<usize, String> {
    match parse_size(text) {
        Ok(size) if size > LARGEST_PAYLOAD => {
            Err("wanted at most 16 KiB".to_owned())
        }
        Ok(size) => Ok(size),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn parse_speed(text: &str) -> Result<GateSetup, String> {
    if text == "step" {
        return Ok(GateSetup::Paused);
    }
    let speed = text.parse().ok().and_then(Speed::of_factor);
    speed.map(GateSetup::At).ok_or_else(|| {
        format!(
            "wanted a number from {} (one call in 2 s) to 1 (full speed), or \
             `step`",
            Speed::SMALLEST_FACTOR
        )
    })
}

pub(super) fn parse_at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("wanted a whole number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// The plan of a built-in scenario or a file.
pub(super) fn load_plan(name: &str) -> Result<Plan, Error> {
    scenario::load(name).map_err(|error| Error::Scenario(error.to_string()))
}
