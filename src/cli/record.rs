//! The options of everything that can be recorded.

use super::parse::payload;
use clap::Args;
use std::path::PathBuf;

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
    #[arg(long, value_name = "N", value_parser = payload, requires = "record",
          default_value = "0")]
    pub payload: usize,
}
